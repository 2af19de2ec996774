"""A client of the live stream at the level of the socket, and the served organisation it follows."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.api.feeds.served import Served, free_port
from tests.api.feeds.sink import PATIENCE
from tests.api.feeds.world import World


class Event(NamedTuple):
    """An event by its name (empty for a comment), its data, and when it came (monotonic seconds)."""

    name: str
    data: dict[str, Any]
    at: float


@dataclass
class Follower:
    """One stream. `headers` go beside the bearer token of `token`."""

    port: int
    token: str
    topics: str = "inbox,ledger"
    last: str | None = None
    connection: Any = None
    response: Any = None
    events: list[Event] = field(default_factory=list)

    def open(self, **headers: str) -> int:
        """Begin, or go on behind the last event; the status. The first event of a stream is read."""
        self.close()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.last is not None:
            sent["Last-Event-ID"] = self.last
        self.connection.request("GET", f"/v1/live?topics={self.topics}", headers={**sent, **headers})
        self.response = self.connection.getresponse()
        status = int(self.response.status)
        if status == 200:
            first = self.one()
            assert first is not None
            assert first.name == "open"
        else:
            self.close()
        return status

    def one(self) -> Event | None:
        """The next event; None at the end of the stream, however it ended."""
        name, data = "", ""
        while True:
            try:
                line = self.response.readline().decode()
            except (ConnectionError, http.client.HTTPException):
                return None
            if not line:
                return None
            if line == "\n":
                break
            part, _, value = line.rstrip("\n").partition(": ")
            if part == "id":
                self.last = value
            elif part == "event":
                name = value
            elif part == "data":
                data = value
        event = Event(name, json.loads(data) if data else {}, time.monotonic())
        self.events.append(event)
        return event

    def until(self, topic: str, size: int = 0) -> Event:
        """The first event that names this topic, at this size of the log or a larger one."""
        while True:
            event = self.one()
            assert event is not None, "the stream ended"
            if event.name == "changed" and topic in event.data["topics"] and event.data["size"] >= size:
                return event

    def ended(self) -> Event:
        """The event that ends the stream; nothing comes behind it."""
        begun = time.monotonic()
        while (event := self.one()) is not None:
            assert time.monotonic() - begun < PATIENCE, "the stream goes on"
            if event.name == "ended":
                assert self.one() is None
                return event
        raise AssertionError("the stream ended without a word")

    def cut(self) -> None:
        """Die: no good-bye."""
        if self.connection is not None and self.connection.sock is not None:
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.close()

    def close(self) -> None:
        """Give the connection up."""
        for one in (self.response, self.connection):
            if one is not None:
                one.close()
        self.response = self.connection = None


@contextmanager
def serving(world: World) -> Iterator[Served]:
    """The organisation, served by a process of its own."""
    served = Served(world, free_port())
    served.start()
    try:
        yield served
    finally:
        served.process.kill()
        served.process.wait()
