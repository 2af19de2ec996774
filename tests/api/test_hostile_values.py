"""Whatever stands anywhere in a request, the answer says what is wrong with it, and is never that we are at fault."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from api.settings import Settings
from tests.api.every_write import READS, WRITES, operations, whole_body_of
from tests.api.organisation import House, copied, running
from tests.api.work import start

ASKING = (
    "finance-director",
    "process-owner",
    "auditor",
    "register-keeper",
    "budget-owner-1",
    "change-reviewer",
    "accounts-payable-clerk",
)
ONE_IN = 9  # of the values at each place; every one in the long run
IN_BODIES = (
    "null", "true", "0", "-1", "1.5", "1e400", "NaN", "9007199254740993", "-9223372036854775809", "1" + "0" * 300,
    '""', '" "', r'"\u0000"', r'"\ud800"', r'"\u202e"', r'"\ufeffa"', '"%00"', '"../../etc"', f'"{"x" * 5000}"',
    "[]", "[null]", "{}", '{"":1}', '{"a":{"b":[1,{"c":null}]}}', "[" * 200 + "]" * 200,
    '{"$decimal":"NaN"}', '{"$commitment":"x"}', '"person:"', '"pi_01m8m62pzhe14tc0mj86x7dr7m.99999999999999999999"',
    '"2026-13-40T99:99:99.000000Z"', '"0001-01-01T00:00:00.000000Z"', '"9999-12-31T23:59:59.999999Z"',
)  # fmt: skip  # JSON, or what is nearly that
IN_QUERIES = (
    "", "0", "-1", "9" * 23, "1e9", "NaN", "null", "true", "%00", "%F0%9F%98%80", "%ED%A0%80", "x" * 3000, "..%2F..",
    "'%20OR%201=1--", "pi_x.", "%5B%5D", "2026-13-40T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z",
    "9999-12-31T23:59:59.999999Z",
)  # fmt: skip  # as they stand in an address
IN_PATHS = ("%00", "-1", "9" * 30, "%E2%80%AE", "..", "a" * 2000)
STREAMS = ("/v1/live", "/v1/feeds/events")  # answered for as long as somebody listens
_HERE = "the place of the value"
_NUMBERS = count()


@pytest.fixture(scope="module")
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(copied(founded, tmp_path_factory.mktemp("hostile") / "data")) as house:
        yield house


@pytest.mark.parametrize("part", [0, *[pytest.param(part, marks=pytest.mark.long) for part in range(1, ONE_IN)]])
def test_a_value_of_a_body(house: House, part: int) -> None:
    known = start(house)
    places, asked = count(), 0
    for operation in operations(*WRITES):
        if operation.body is None or operation.path.startswith("/v1/me/sessions"):
            continue
        is_task = "/tasks/" in operation.path
        text = f"{known}.1" if is_task else known
        for body in without_one_value(whole_body_of(operation, text)):
            for value in chosen(IN_BODIES, part + next(places)):
                content = json.dumps(body).replace(json.dumps(_HERE), value).encode()
                ask(house, operation.method, operation.filled(text), content)
                asked += 1
    assert asked > 900


@pytest.mark.parametrize("part", [0, *[pytest.param(part, marks=pytest.mark.long) for part in range(1, ONE_IN)]])
def test_a_value_of_an_address(house: House, part: int) -> None:
    known = start(house)
    places, asked = count(), 0
    for operation in operations(*READS):
        if operation.path in STREAMS:
            continue
        path = operation.filled(f"{known}.1" if "task" in operation.path else known)
        for name in operation.query:
            for value in chosen(IN_QUERIES, part + next(places)):
                ask(house, "GET", f"{path}?{name}={value}")
                asked += 1
        for value in chosen(IN_PATHS, part + next(places)) if "{" in operation.path else ():
            ask(house, "GET", operation.filled(value))
            asked += 1
    assert asked > 350


def ask(house: House, method: str, path: str, content: bytes | None = None) -> None:
    number = next(_NUMBERS)
    who = ASKING[number % len(ASKING)]
    headers = {"Authorization": f"Bearer {house.token(who)}", "Idempotency-Key": f"hostile-{number}"}
    if content is not None:
        headers["Content-Type"] = "application/json"
    answer = house.client.request(method, path, headers=headers, content=content)
    said = f"{method} {path[:200]} {(content or b'')[:300]!r} by {who}: {answer.status_code} {answer.text[:200]}"
    assert answer.status_code < 500, said
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json"), said
        assert answer.json()["reason"], said


def chosen(values: tuple[str, ...], part: int) -> tuple[str, ...]:
    """One in so many of the values, others at the next place; all parts together are all of them at every place."""
    return values[part % ONE_IN :: ONE_IN]


def without_one_value(body: Any) -> Iterator[Any]:
    """The body as often as there are values in it, with another of them left open each time; first all of it."""
    yield _HERE
    members = body.items() if type(body) is dict else enumerate(body) if type(body) is list else ()
    for name, value in members:
        for inner in without_one_value(value):
            changed: Any = dict(body) if type(body) is dict else list(body)
            changed[name] = inner
            yield changed
