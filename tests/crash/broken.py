"""Connections that break at one statement: refused, lost before it was sent, or lost after it took effect."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg

from ledger.connection import Connection
from ledger.database import Database, SqliteDatabase


class Break(StrEnum):
    """How a statement goes wrong."""

    REFUSED = "refused"  # the database raises, the connection stands
    LOST_BEFORE = "lost before"
    LOST_AFTER = "lost after"  # it took effect, and nobody hears of it


@dataclass(slots=True)
class Plan:
    """Break at the statements `at`, counted over all connections. `count` is what was sent."""

    how: Break
    at: tuple[int, ...]
    count: int = 0


class Broken:
    """A driver's connection, or a pipeline, that breaks as planned; everything else is its own."""

    def __init__(self, inner: Any, plan: Plan, cut: Callable[[], None]) -> None:
        self._inner = inner
        self._plan = plan
        self._cut = cut

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def execute(self, *arguments: Any) -> Any:
        """A statement."""
        return self._send(self._inner.execute, arguments)

    def executemany(self, *arguments: Any) -> Any:
        """A statement for many rows."""
        return self._send(self._inner.executemany, arguments)

    def send(self, *arguments: Any) -> Any:
        """A statement into a pipeline."""
        return self._send(self._inner.send, arguments)

    def _send(self, send: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        plan = self._plan
        plan.count += 1
        if plan.count not in plan.at:
            return send(*arguments)
        if plan.how is Break.LOST_AFTER:
            send(*arguments)
        if plan.how is not Break.REFUSED:
            self._cut()
        if send == getattr(self._inner, "send", None):
            return send(b"SELECT nothing FROM nowhere")
        return self._inner.execute("SELECT nothing FROM nowhere")


def broken(database: Database, plan: Plan) -> Callable[[], Connection]:
    """Connects as the database does, to connections that break as planned."""

    def connect() -> Connection:
        connection: Any = database.connect()
        driver = connection._connection
        if isinstance(database, SqliteDatabase):
            connection._connection = Broken(driver, plan, driver.close)
            connection._execute = connection._connection.execute
        else:
            pipeline = connection._pipeline

            def cut() -> None:
                _terminate(driver, pipeline, database)

            connection._connection = Broken(driver, plan, cut)
            connection._pipeline = Broken(pipeline, plan, cut)
        made: Connection = connection
        return made

    return connect


def _terminate(driver: Any, pipeline: Any, database: Any) -> None:
    """End the server's side of a connection, after what it was sent has been carried out."""
    if driver.broken or driver.closed:
        return
    if driver.pgconn.pipeline_status:
        pipeline.settle()
    process = driver.info.backend_pid
    with psycopg.connect(database.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))
