"""The direct way answers as the application does, counts, and knows a caller again no longer than it may."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute, Match

from api.app import Application
from api.body import read_body
from api.identity import service as identity
from api.recognising import Recogniser
from api.serving import DIRECT, ROUTERS
from ledger.clock import Instant
from ledger.errors import BrokenState, Misuse, TooLarge
from tests.api.organisation import House
from tests.api.work import FINANCE, decide, intake, invoice, start, task_of

UNKNOWN = "pi_00000000000000000000000000.1"
RECORD = {"source": "legacy", "key": "K-1", "activity": "Received", "occurred_at": "2026-01-01T00:00:00.000000Z"}
STRANGE = [b"", b"{", b'{"a": 1, "a": 2}', b'{"unknown": 1}', b'{"outcome": 1}', b"[]", b" " * (4 * 1024 * 1024 + 1)]


def app_of(house: House) -> Application:
    app = house.client.app
    assert isinstance(app, Application)
    return app


def told(answer: Any) -> tuple[int, Any, dict[str, str]]:
    body = {name: value for name, value in answer.json().items() if name != "as_of"}  # when it was asked, not what
    return answer.status_code, body, dict(answer.headers)


def both(house: House, monkeypatch: pytest.MonkeyPatch, method: str, path: str, **more: Any) -> list[Any]:
    """What the direct way says, and what the application says without it."""
    direct = told(house.client.request(method, path, **more))
    with monkeypatch.context() as patched:
        patched.setattr(app_of(house), "direct", None)
        return [direct, told(house.client.request(method, path, **more))]


@pytest.mark.parametrize("path", DIRECT)
@pytest.mark.parametrize("who", ["", "budget-owner-1", "svc"])
def test_a_caller_sees_no_difference(house: House, monkeypatch: pytest.MonkeyPatch, path: str, who: str) -> None:
    address = path.replace("{id}", UNKNOWN)
    token = intake(house) if who == "svc" else house.token(who) if who else "nonsense"
    sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": "direct"}
    for body in STRANGE:
        direct, usual = both(house, monkeypatch, "POST", address, headers=sent, content=body)
        assert direct == usual
        assert direct[0] >= 400, body
        assert direct[2]["x-content-type-options"] == "nosniff"
    for less in ({}, {"Authorization": "Basic x"}, {**sent, "If-Match": "x"}, {**sent, "Idempotency-Key": "x" * 81}):
        direct, usual = both(house, monkeypatch, "POST", address, headers=less, content=b"{}")
        assert direct == usual
    for method in ("GET", "PUT", "DELETE"):
        direct, usual = both(house, monkeypatch, method, address, headers=sent)
        assert direct == usual


@pytest.mark.parametrize("path", DIRECT)
def test_what_is_sent_by_the_thousand_goes_the_direct_way(house: House, path: str) -> None:
    """Nobody would see it in an answer if none did: it would only take twice as long."""
    direct = app_of(house).direct
    assert direct is not None
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path.replace("{id}", "x-1")}
    way = direct.find(scope)
    assert way is not None
    assert (way.path, way.endpoint) == (path, DIRECT[path])
    assert scope["path_params"] == ({"id": "x-1"} if "{id}" in path else {})
    others = ({"method": "GET"}, {"type": "websocket"}, {"root_path": "/below"}, {"path": f"{path}/more"})
    for other in others:
        assert direct.find({**scope, **other}) is None, other


def test_other_addresses_go_to_the_application(house: House) -> None:
    key = intake(house)
    for path in ("/v1/tasks//claim", "/v1/tasks/a/b/claim", "/v1/records/", "/v2/tasks/x/claim"):
        house.refused(house.post(path, key, {}), 404, "NO_ROUTE")
    house.refused(house.post("/v1/tasks/claim", key, {}), 405, "NO_ROUTE")  # a task that is called `claim` can be read


def test_what_is_done_is_answered_alike(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key = intake(house)
    body = {"blueprint": "invoice-approval", "business_key": "D-alike", "data": invoice(house), "domain": FINANCE}
    sent = {"Authorization": f"Bearer {key}", "Idempotency-Key": "alike"}
    first, again = both(house, monkeypatch, "POST", "/v1/process-instances", headers=sent, json=body)
    assert again[2].pop("idempotent-replayed") == "true"
    assert first == again  # the second is the first one's answer by its command id
    assert first[0] == 200


def test_each_is_a_described_route_with_the_same_endpoint() -> None:
    routes: list[BaseRoute] = [route for router in ROUTERS for route in router.routes]
    for path, endpoint in DIRECT.items():
        scope = {
            "type": "http",
            "method": "POST",
            "path": path.replace("{id}", UNKNOWN),
            "root_path": "",
            "headers": [],
        }
        found = next(route for route in routes if route.matches(scope)[0] is Match.FULL)
        assert isinstance(found, APIRoute)
        assert (found.path, found.endpoint) == (path, endpoint)


def test_it_counts_by_route_and_status(house: House) -> None:
    counts = app_of(house).state.counts
    before = {key: sum(series.buckets) for key, series in counts.series.items()}
    house.post(f"/v1/tasks/{UNKNOWN}/claim", "budget-owner-1", {})
    house.post(f"/v1/tasks/{UNKNOWN}/claim", "nobody_1")
    after = {key: sum(series.buckets) for key, series in counts.series.items()}
    grown = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)}
    assert grown == {("", "POST", "/v1/tasks/{id}/claim", 404): 1, ("", "POST", "/v1/tasks/{id}/claim", 401): 1}


@pytest.mark.parametrize(
    ("path", "error"),  # the direct way, and through the framework
    [
        ("/v1/records", KeyError), ("/v1/records", BrokenState),
        ("/v1/messages", BrokenState), ("/v1/messages", Misuse), ("/v1/messages", KeyError),
    ],
)  # fmt: skip
def test_a_bug_is_told_by_its_type_alone(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
    error: type[Exception],
) -> None:
    def broken(_: Any) -> Any:
        raise error("a customer's value")

    key = intake(house)
    monkeypatch.setattr(house.service.writer, "submit", broken)
    body = RECORD if path == "/v1/records" else {"name": "m", "key": "k"}
    caplog.clear()
    house.refused(house.post(path, key, body), 500, "INTERNAL")
    assert [record.getMessage() for record in caplog.records] == [f"unexpected {error.__name__} at POST {path}"]


@pytest.mark.parametrize("pieces", [[b"abcd"], [b"ab", b"", b"cd"], [b"", b"abcd", b""], [b"a", b"b", b"c", b"d"]])
def test_a_body_in_pieces_is_one_body(pieces: list[bytes]) -> None:
    assert read(pieces, 4) == b"abcd"
    with pytest.raises(TooLarge):
        read(pieces, 3)


def test_no_more_is_taken_in_than_the_limit() -> None:
    taken: list[bytes] = []
    with pytest.raises(TooLarge):
        read([b"ab", b"cd", b"ef", b"gh"], 3, taken)
    assert taken == [b"ab", b"cd"]
    with pytest.raises(TooLarge):  # as it was declared
        read([b"ab"], 3, taken, [(b"content-length", b"4")])
    assert taken == [b"ab", b"cd"]


def test_a_caller_that_went_away_sends_no_body() -> None:
    with pytest.raises(ClientDisconnect):
        read([b"ab", None], 9)


def read(
    pieces: Sequence[bytes | None],
    limit: int,
    taken: list[bytes] | None = None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """What is read of these pieces; None is where the caller goes away. What was taken in is put into `taken`."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        piece = left.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        if taken is not None:
            taken.append(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return asyncio.run(read_body(Request({"type": "http", "headers": list(headers)}, receive), limit))


# Callers known again


def test_a_caller_is_known_again_without_a_view_and_no_longer_once_revoked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = house.key("svc:invoice-intake", "invoice-intake", domain=FINANCE)
    asked: list[str] = []
    usual = house.service.authenticate

    def authenticate(view: Any, token: str) -> Any:
        asked.append(token)
        return usual(view, token)

    monkeypatch.setattr(house.service, "authenticate", authenticate)

    def begin(name: str) -> Any:
        body = {"blueprint": "invoice-approval", "business_key": name, "data": invoice(house), "domain": FINANCE}
        return house.post("/v1/process-instances", key, body)

    assert begin("D-first").status_code == 200
    assert asked == [key]
    assert begin("D-second").status_code == 200
    assert asked == [key]
    house.run(identity.RevokeApiKey(key.split("_")[2]))
    house.refused(begin("D-third"), 401, "BAD_CREDENTIALS")
    assert asked == [key, key]


def test_a_session_that_was_ended_is_not_known_again(house: House) -> None:
    task = task_of(house, start(house), "budget-owner-2")
    token = house.tokens.pop("budget-owner-2")
    assert house.client.post("/v1/sign-out", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    house.refused(
        house.post(f"/v1/tasks/{task['id']}/completion", token, {"outcome": "approve"}), 401, "BAD_CREDENTIALS"
    )
    assert decide(house, task, "budget-owner-2").status_code == 200  # signed in afresh


class Log:
    """A register epoch that is raised, and an authenticator that says which one it was asked with."""

    def __init__(self) -> None:
        self.epoch = 7
        self.readings = 0

    def register_epoch(self) -> int:
        self.readings += 1
        return self.epoch

    def recognised(self, text: str, register_epoch: int, now: Instant) -> Any:
        return text, register_epoch, now

    def wall(self) -> Instant:
        return Instant(5)


def test_the_epoch_is_read_once_in_a_turn_and_again_in_the_next() -> None:
    log = Log()
    known: Any = Recogniser(log, log, log)  # type: ignore[arg-type]

    async def one(name: str) -> Any:
        return known.recognise(name)

    async def drive() -> None:
        assert list(await asyncio.gather(one("a"), one("b"))) == [("a", 7, 5), ("b", 7, 5)]
        assert log.readings == 1
        log.epoch = 8
        # What arrives now is begun by a task of a later turn: it must see what was raised before it.
        assert list(await asyncio.gather(one("c"), one("d"))) == [("c", 8, 5), ("d", 8, 5)]
        assert log.readings == 2

    asyncio.run(drive())
