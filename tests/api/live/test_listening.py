"""Listeners without a server: nothing queues, a stuck reader is given up, a busy log is read within bounds."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from api import problems
from api.aborting import ABORT
from api.live import answering, watching
from api.live.answering import Stream
from api.live.watching import (
    LISTENERS_MAX,
    LISTENERS_OF_ONE_MAX,
    SCANNED_MAX,
    Everything,
    Listener,
    Watch,
    Watches,
    between,
)  # fmt: skip

KEY = ("main", "person:one")


def listener(*topics: str) -> Listener:
    return Listener(KEY, "s1", frozenset(topics), lambda _: None, 7)


def test_what_is_not_read_is_kept_as_one_set_of_topics() -> None:
    async def run() -> list[bytes | None]:
        one = listener("inbox", "ledger")
        for size in range(8, 50_000):
            one.tell(frozenset(("inbox", "ledger", "overview")), size)
        one.tell(frozenset(("overview",)), 50_000)
        told = [await one.next()]
        one.end("session")
        return [*told, await one.next(), await one.next()]

    assert asyncio.run(run()) == [
        b'id: 50000\nevent: changed\ndata: {"size":50000,"topics":["inbox","ledger"]}\n\n',
        b'id: 50000\nevent: ended\ndata: {"reason":"session"}\n\n',
        None,
    ]


def test_who_may_no_longer_is_told_nothing_that_waited() -> None:
    async def run() -> list[bytes | None]:
        one = listener("inbox")
        one.tell(Everything, 8)
        one.end("access")
        return [await one.next(), await one.next()]

    assert asyncio.run(run()) == [b'id: 8\nevent: ended\ndata: {"reason":"access"}\n\n', None]


def test_silence_is_broken_by_a_heartbeat_that_moves_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEAT_SECONDS", 0.01)

    async def run() -> bytes | None:
        one = listener("inbox")
        one.tell(frozenset(("ledger",)), 9)
        return await one.next()

    assert asyncio.run(run()) == b": beat\nid: 9\n\n"


class Counted:
    """A view of a log of 10 entries of somebody's instance, that counts what is read."""

    read = 0

    def entries(self, start: int, end: int) -> list[Any]:
        self.read += end - start
        return [SimpleNamespace(bytes=b'{"kind":"task.claimed","subject":"pi_1"}')] * (end - start)


class Growing(Counted):
    """Its reader as well: a log of so many entries."""

    register_epoch = 0

    def __init__(self) -> None:
        self.head = SimpleNamespace(size=7)

    @contextmanager
    def view(self) -> Iterator["Growing"]:
        yield self


def test_a_log_that_grew_by_more_than_is_read_at_once_is_not_read() -> None:
    view: Any = Counted()
    assert between(view, 0, SCANNED_MAX) == frozenset(("instance:pi_1", "inbox", "overview", "ledger"))
    assert view.read == SCANNED_MAX
    assert between(view, 0, SCANNED_MAX + 1) is Everything
    assert between(view, 5, 4) is Everything  # another log in the place of this one
    assert view.read == SCANNED_MAX


def test_who_came_while_it_was_looked_for_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(watching, "in_force", lambda _, sessions: set(sessions))
    log: Any = Growing()

    async def run() -> list[bytes | None]:
        early, late = listener("ledger"), listener("ledger")
        with ThreadPoolExecutor(1) as pool, log.view() as view:
            watch = Watch(log, SimpleNamespace(), pool)
            watch.join(early, view)
            log.head.size = late.size = 12  # the one who comes now has read it already
            watch.join(late, view)
            told = [await early.next()]
            log.head.size = 13
            told.append(await late.next())
            watch.leave(early)
            watch.leave(late)
        return told

    assert asyncio.run(run()) == [
        b'id: 12\nevent: changed\ndata: {"size":12,"topics":["ledger"]}\n\n',
        b'id: 13\nevent: changed\ndata: {"size":13,"topics":["ledger"]}\n\n',
    ]


def test_so_many_listen_and_no_more_by_person_and_in_all() -> None:
    watches = Watches(SimpleNamespace())
    for _ in range(LISTENERS_OF_ONE_MAX):
        watches.enter(KEY)
    with pytest.raises(problems.Refused) as raised:
        watches.enter(KEY)
    assert raised.value.response.status_code == 429
    people = [("main", f"person:{number}") for number in range(LISTENERS_MAX - LISTENERS_OF_ONE_MAX)]
    for one in people:
        watches.enter(one)
    with pytest.raises(problems.Refused):
        watches.enter(("main", "person:other"))
    for one in (*people, *[KEY] * LISTENERS_OF_ONE_MAX):
        watches.leave(one)
    assert watches.count() == 0


def test_a_reader_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection is aborted, since closing it would wait for the same reader, and it is counted out."""
    monkeypatch.setattr(answering, "SEND_SECONDS", 0.05)
    given_up: list[str] = []
    left: list[str] = []

    async def run() -> None:
        gone = asyncio.Event()

        async def send(message: Any) -> None:
            await gone.wait()

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        def abort() -> None:
            given_up.append("aborted")
            gone.set()

        scope: Any = {"type": "http", "asgi": {"spec_version": "2.3"}, "method": "GET", ABORT: abort}
        stream = Stream(listener("inbox"), None, lambda: left.append("left"))
        async with asyncio.timeout(5):
            await stream(scope, receive, send)

    asyncio.run(run())
    assert (given_up, left) == (["aborted"], ["left"])


def test_a_stream_that_never_began_is_counted_out() -> None:
    left: list[str] = []

    async def gone(*_: Any) -> Any:
        raise OSError

    scope: Any = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET"}
    with pytest.raises(ClientDisconnect):
        asyncio.run(Stream(listener("inbox"), None, lambda: left.append("left"))(scope, gone, gone))
    assert left == ["left"]
