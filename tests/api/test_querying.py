"""A read takes the query parameters its route says, and names any other; what names nothing is told so."""

from collections.abc import Iterator

import pytest

from api.settings import Settings
from tests.api.organisation import House, running
from tests.api.work import FINANCE, intake, invoice

STREAMS = ("/v1/live", "/v1/feeds/events")  # answered for as long as somebody listens


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/tasks?instance=pi_x", "instance"),
        ("/v1/tasks?limit=1&foo=bar", "foo"),
        ("/v1/process-instances?statuss=active", "statuss"),
        ("/v1/decisions?Instance=pi_x", "Instance"),
        ("/v1/incidents?stepp=x", "stepp"),
        ("/v1/overview?blueprints=x", "blueprints"),
        (f"/v1/agents?{'x' * 300}=1", "x" * 60),
        ("/v1/tasks?=1", ""),
    ],
)
def test_a_parameter_that_is_not_read_is_refused_by_its_name(house: House, path: str, name: str) -> None:
    problem = house.refused(house.get(path, "auditor"), 422, "INVALID_DATA")
    assert problem["location"] == f"query.{name}"


def test_a_parameter_that_is_given_twice_is_refused_by_its_name(house: House) -> None:
    """One of the two would count and the other be dropped unseen: which, a reader cannot know."""
    problem = house.refused(house.get("/v1/tasks?limit=1&step=a&step=b", "auditor"), 422, "INVALID_DATA")
    assert problem["location"] == "query.step"
    house.refused(house.get("/v1/tasks?limit=1&limit=1", "auditor"), 422, "INVALID_DATA")


def test_who_is_not_signed_in_learns_nothing_of_parameters(house: House) -> None:
    assert house.get("/v1/tasks?foo=bar").status_code == 401


def test_every_parameter_a_read_describes_is_taken_by_it(house: House) -> None:
    """Whatever is made of a value, it is not the name that is refused; `log` says which organisation is meant."""
    paths = house.client.app.openapi()["paths"]
    reads = [
        (path, one["name"])
        for path, acts in paths.items()
        for one in [*acts.get("get", {}).get("parameters", ()), {"name": "log", "in": "query"}]
        if "get" in acts and one["in"] == "query" and "{" not in path and path not in STREAMS
    ]
    assert len(reads) > 60
    log = house.settings.log
    refused = []
    for path, name in reads:
        answer = house.get(f"{path}?{name}={log if name == 'log' else ''}", "auditor")
        if answer.status_code == 422 and answer.json().get("location") == f"query.{name}":
            refused.append((path, name))
    assert refused == []


def test_figures_of_a_blueprint_that_was_never_released_are_none_and_not_zero(house: House) -> None:
    house.refused(house.get("/v1/overview?blueprint=nope", "auditor"), 404, "NOT_FOUND")
    assert house.get("/v1/overview?blueprint=invoice-approval", "auditor").status_code == 200


@pytest.fixture(scope="module")
def either(on_either: Settings) -> Iterator[House]:
    """On each engine: PostgreSQL takes no NUL in a text, and SQLite any."""
    with running(on_either) as house:
        yield house


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "documents\0"},
        {"name": "documents\n"},
        {"key": "A-1\0"},
        {"key": "A-1\x7f"},
        {"message_id": "m\0"},
        {"key": None},
    ],
)
def test_a_message_is_named_in_characters_that_show(either: House, fields: dict[str, str | None]) -> None:
    sender = either.key("svc:loan-portal", "loan-intake", domain="lending")
    body = {"name": "documents", "key": "A-1", "domain": "lending", "keep_for": "P1D", "message_id": "m-1"}
    assert either.post("/v1/messages", sender, {**body, "message_id": "m-0"}).status_code == 200
    either.refused(either.post("/v1/messages", sender, {**body, **fields}), 422, "INVALID_DATA")


@pytest.mark.parametrize("key", ["A\0B", "A\tB", "A\u202eB", "A\u2066B", "\x85"])
def test_a_business_key_shows_as_what_it_is(either: House, key: str) -> None:
    body = {"blueprint": "invoice-approval", "business_key": key, "data": invoice(either), "domain": FINANCE}
    problem = either.refused(either.post("/v1/process-instances", intake(either), body), 422, "INVALID_DATA")
    assert "expected a business key without control characters" in problem["detail"]
