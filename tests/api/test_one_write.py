"""What one turn of the loop writes on a connection goes out together, in order, and nothing is held for long."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from api.one_write import HELD_BYTES_MAX, Held


class Wire:
    """A transport that remembers what was done with it."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.closing = False

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close(self) -> None:
        self.done.append("closed")
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.done.append("paused")

    def resume_reading(self) -> None:
        self.done.append("resumed")

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


@pytest.fixture
def drive() -> Callable[[Callable[[Held, Wire], None]], list[Any]]:
    """Runs a turn with a held transport, then the next one; what the wire saw."""

    def run(turn: Callable[[Held, Wire], None]) -> list[Any]:
        wire = Wire()

        async def both() -> None:
            turn(Held(wire, asyncio.get_running_loop()), wire)  # type: ignore[arg-type]
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        asyncio.run(both())
        return wire.done

    return run


Drive = Callable[[Callable[[Held, Wire], None]], list[Any]]


def test_writes_of_a_turn_are_one(drive: Drive) -> None:
    def turn(held: Held, wire: Wire) -> None:
        held.write(b"head ")
        held.write(b"body")
        assert wire.done == []

    assert drive(turn) == [b"head body"]


def test_closing_comes_after_what_was_written(drive: Drive) -> None:
    def turn(held: Held, _: Wire) -> None:
        held.write(b"head ")
        held.write(b"body")
        held.close()

    assert drive(turn) == [b"head body", "closed"]


def test_much_is_not_held(drive: Drive) -> None:
    most = b"x" * HELD_BYTES_MAX

    def turn(held: Held, wire: Wire) -> None:
        held.write(most)
        assert wire.done == []
        held.write(b"y")
        assert wire.done == [most + b"y"]
        held.write(b"z")

    assert drive(turn) == [most + b"y", b"z"]


def test_a_connection_that_went_away_takes_nothing(drive: Drive) -> None:
    def turn(held: Held, wire: Wire) -> None:
        held.write(b"late")
        wire.closing = True

    assert drive(turn) == []


def test_the_rest_is_the_transports_own(drive: Drive) -> None:
    def turn(held: Held, wire: Wire) -> None:
        held.pause_reading()
        held.resume_reading()
        assert held.get_extra_info("peername") == "the peername"
        assert not held.is_closing()
        held.close()
        assert held.is_closing()

    assert drive(turn) == ["paused", "resumed", "closed"]
