"""Which statements of a history go wrong. They are counted over all processes, so that any two are told apart."""

import sqlite3
from collections.abc import Callable
from enum import StrEnum
from random import Random
from typing import Any

import psycopg

from ledger.database import Database, SqliteDatabase

WRITING, LOOKING = 400, 300  # statements of a history, about: faults are put among the first so many


class Crash(BaseException):
    """The process dies here. No code of the product may go on after it, so it is no `Exception`."""


class How(StrEnum):
    """How a statement goes wrong. After: it took effect, and nobody hears of it."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    REFUSED = "refused"
    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"


_WEIGHED = (How.CRASH_BEFORE,) * 3 + (How.CRASH_AFTER,) * 3 + (How.REFUSED, How.LOST_BEFORE, How.LOST_AFTER)
_NUMBERS = (0, 1, 1, 2, 3, 5)


class Faults:
    """The plan of one history: faults by the number of the statement, apart for those that write and those that look.

    Most are put where something is written: a look that fails is looked again.
    """

    def __init__(self, random: Random, at_most: int | None = None) -> None:
        drawn = [(random.randrange(1, WRITING), random.choice(_WEIGHED)) for _ in range(random.choice(_NUMBERS))]
        looked = [(random.randrange(1, LOOKING), random.choice(_WEIGHED))] if random.random() < 0.2 else []
        self._writing, self._looking = dict(drawn[:at_most]), dict(looked[:at_most])
        self.sent, self.looked = 0, 0

    def __len__(self) -> int:
        return len(self._writing) + len(self._looking)

    def __str__(self) -> str:
        told = [f"{how} at {at}" for at, how in sorted(self._writing.items())]
        told += [f"{how} at look {at}" for at, how in self._looking.items()]
        return ", ".join(told) or "none"

    def next(self, is_look: bool) -> How | None:
        """What happens to the statement that is sent now."""
        if is_look:
            self.looked += 1
            return self._looking.get(self.looked)
        self.sent += 1
        return self._writing.get(self.sent)


class Wire:
    """A driver's connection, or a pipeline, whose statements go wrong as planned; everything else is its own.

    A statement that is refused is replaced by one that means nothing, so the error is the database's own. `is_dead`
    says whether the process behind it has died: then nothing is sent any more.
    """

    def __init__(
        self, inner: Any, next_: Callable[[], How | None], is_dead: Callable[[], bool], cut: Callable[[], None]
    ) -> None:
        self._inner = inner
        self._next = next_
        self._is_dead = is_dead
        self._cut = cut

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def execute(self, *arguments: Any) -> Any:
        """A statement."""
        return self._sent(self._inner.execute, arguments)

    def executemany(self, *arguments: Any) -> Any:
        """A statement for many rows."""
        return self._sent(self._inner.executemany, arguments)

    def send(self, *arguments: Any) -> Any:
        """A statement into a pipeline."""
        return self._sent(self._inner.send, arguments)

    def _sent(self, send: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if self._is_dead():
            raise Crash
        how = self._next()
        if how is None:
            return send(*arguments)
        if how in (How.CRASH_AFTER, How.LOST_AFTER):
            send(*arguments)
        if how in (How.CRASH_BEFORE, How.CRASH_AFTER):
            raise Crash
        if how is not How.REFUSED:
            self._cut()
        if send == getattr(self._inner, "send", None):
            return send(b"SELECT nothing FROM nowhere")
        return self._inner.execute("SELECT nothing FROM nowhere")


def wired(database: Database, faults: Faults, is_dead: Callable[[], bool], *, read_only: bool = False) -> Any:
    """A connection to this database whose statements go wrong as planned, and what cuts it off."""
    connection: Any = database.connect(read_only=read_only)
    driver = connection._connection

    def next_() -> How | None:
        return faults.next(read_only)

    if isinstance(database, SqliteDatabase):
        connection._connection = Wire(driver, next_, is_dead, driver.close)
        connection._execute = connection._connection.execute
        return connection, driver.close
    pipeline = connection._pipeline

    def cut() -> None:
        if not driver.closed and driver.pgconn.pipeline_status:
            pipeline.settle()  # what was sent has been carried out, or the server would still be at it
        driver.close()

    connection._connection = Wire(driver, next_, is_dead, cut)
    connection._pipeline = Wire(pipeline, next_, is_dead, cut)
    return connection, cut


DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)
