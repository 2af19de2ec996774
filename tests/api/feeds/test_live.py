"""Server-sent events from the real service: clients die, the service dies, sessions end, and nothing is missed."""

import asyncio
import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.streams import STREAMS_OF_ONE_MAX, Piece, Streams, stream
from tests.api.feeds.conftest import Persons, opened
from tests.api.feeds.served import Served, free_port
from tests.api.feeds.sink import PATIENCE, listening
from tests.api.feeds.world import World, world
from tests.api.foundry import Foundry

FEED = """\
feed: live
title: Followed live
format: cloudevents
sink: {{pull: {{readers: [{reader}]}}}}
kinds: [record.written]
start: 0
"""


@dataclass
class Follower:
    """A client of the stream, at the level of the socket so that it can be cut off anywhere."""

    served: Served
    last: str | None = None
    got: list[dict[str, Any]] = field(default_factory=list)
    connection: Any = None
    response: Any = None

    def open(self) -> int:
        """Begin, or go on behind the last event; the status."""
        self.close()
        self.served.followers.append(self)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.served.token}"}
        if self.last is not None:
            headers["Last-Event-ID"] = self.last
        self.connection.request("GET", "/v1/feeds/live/live", headers=headers)
        self.response = self.connection.getresponse()
        return int(self.response.status)

    def until(self, index: int) -> None:
        """Read events until this index was told."""
        while not any(int(event["index"]) == index for event in self.got):
            assert self.one() is not None, "the stream ended"

    def one(self) -> str | None:
        """The name of the next event (empty for a heartbeat); None at the end of the stream."""
        name = data = ""
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            if line == "\n":
                break
            field_name, _, value = line.rstrip("\n").partition(": ")
            if field_name == "id":
                self.last = value
            elif field_name == "event":
                name = value
            elif field_name == "data":
                data = value
        if data and name != "ended":
            self.got.append(json.loads(data))
        return name

    def cut(self) -> None:
        """Die: no good-bye."""
        self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        for one in (self.response, self.connection):
            if one is not None:
                one.close()
        self.response = self.connection = None


@contextmanager
def live(world: World) -> Iterator[Served]:
    """The organisation served, with a feed to follow."""
    served = Served(world, free_port())
    served.start()
    try:
        served.sign_in()
        world.put_in_force(FEED.format(reader=world.persons["owner"]))
        yield served
    finally:
        for follower in served.followers:
            follower.close()
        served.process.kill()
        served.process.wait()


@pytest.fixture
def served(lone: World) -> Iterator[Served]:
    """For a test that ends the service or its feed, or counts its streams."""
    with live(lone) as served:
        yield served


@pytest.fixture(scope="module")
def lasting(foundry: Foundry[Persons], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("lasting") / "data"
    with listening() as sink, world(*opened(foundry, "sqlite", folder, sink)) as made, live(made) as served:
        yield served


@pytest.fixture
def shared(lasting: Served) -> Iterator[Served]:
    """The service of all other tests, with a session of one's own."""
    lasting.again()
    lasting.world.written.clear()
    yield lasting
    for follower in lasting.followers:
        follower.close()
    lasting.followers.clear()


def test_a_client_that_dies_comes_back_without_a_gap(shared: Served) -> None:
    world = shared.world
    follower = Follower(shared)
    assert follower.open() == 200
    assert follower.response.headers["content-type"].startswith("text/event-stream")
    follower.until(world.write("a", "b")[-1])
    for _ in range(3):
        follower.cut()
        world.write("c", "d", "e")
        last = world.write("a")[-1]
        assert follower.open() == 200
        follower.until(last)
    follower.cut()
    assert [int(one["index"]) for one in follower.got] == [index for command in world.written for index in command]


def test_a_client_that_died_inside_a_command_is_told_the_whole_command_again(shared: Served) -> None:
    world = shared.world
    written = world.write("a", "b", "c")
    follower = Follower(shared, last=str(written[0]))
    assert follower.open() == 200
    follower.until(written[-1])
    assert [int(one["index"]) for one in follower.got] == written
    follower.cut()


def test_the_service_dies_and_comes_back_and_the_client_with_it(served: Served) -> None:
    world = served.world
    follower = Follower(served)
    assert follower.open() == 200
    follower.until(world.write("a")[-1])
    served.process.kill()
    served.process.wait()
    last = world.write("b", "c")[-1]
    served.start()
    assert follower.open() == 200
    follower.until(last)
    assert [int(one["index"]) for one in follower.got] == [index for command in world.written for index in command]
    follower.cut()


def test_the_stream_ends_with_the_sign_in_session(shared: Served) -> None:
    follower = Follower(shared)
    assert follower.open() == 200
    follower.until(shared.world.write("a")[-1])
    shared.post("/v1/sign-out", {})
    begun = time.monotonic()
    names = []
    while (name := follower.one()) is not None:
        names.append(name)
    assert names[-1] == "ended"
    assert time.monotonic() - begun < PATIENCE / 2
    assert follower.open() == 401


def test_the_stream_ends_with_the_feed(served: Served) -> None:
    follower = Follower(served)
    assert follower.open() == 200
    follower.until(served.world.write("a")[-1])
    served.world.retire("live", 1)
    while (name := follower.one()) not in (None, "ended"):
        pass
    assert name == "ended"
    assert follower.open() == 404


def test_a_stream_tells_no_more_than_the_version_in_force(served: Served) -> None:
    """One that was opened under a version that told more does not go on by it."""
    world = served.world
    follower = Follower(served)
    assert follower.open() == 200
    follower.until(world.write("a")[-1])
    assert "payload" in follower.got[-1]["data"]
    source = FEED.format(reader=world.persons["owner"])
    world.put_in_force(f"{source}discloses: envelope\n", 1)
    follower.until(world.write("b")[-1])
    assert "payload" not in follower.got[-1]["data"]
    follower.cut()


def test_a_stream_that_never_began_is_given_back() -> None:
    """The client was gone before the first byte: then no generator runs, and still the stream is counted out."""
    streams = Streams()
    request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(streams=streams)))
    reader: Any = None

    async def gone(*_: Any) -> Any:
        raise OSError

    scope: Any = {"type": "http", "asgi": {"spec_version": "2.4"}, "method": "GET"}
    for _ in range(STREAMS_OF_ONE_MAX + 1):
        answer = stream(request, reader, lambda: "person:one", lambda start: Piece(b"", start), 0)
        with suppress(Exception):
            asyncio.run(answer(scope, gone, gone))
    assert streams.count() == 0


def test_one_caller_has_so_many_streams_and_gives_them_back(served: Served) -> None:
    followers = [Follower(served) for _ in range(STREAMS_OF_ONE_MAX)]
    assert [one.open() for one in followers] == [200] * STREAMS_OF_ONE_MAX
    assert Follower(served).open() == 429
    followers[0].cut()
    begun = time.monotonic()
    again = Follower(served)
    while again.open() != 200:
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.2)
    for one in (*followers[1:], again):
        one.cut()


def test_a_stop_as_asked_does_not_wait_for_streams(served: Served) -> None:
    follower = Follower(served)
    assert follower.open() == 200
    assert follower.one() is not None
    served.process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert served.process.wait(PATIENCE) == 0
    assert time.monotonic() - begun < 15  # the service itself would wait 20 s for a request
    while follower.one() is not None:
        pass


def test_a_last_event_id_that_is_no_index_is_refused(shared: Served) -> None:
    for last in ("-1", "x", "9" * 17):
        assert Follower(shared, last=last).open() == 400
