"""Questions to a database: one fixed SELECT with bound arguments, in a read-only transaction, within limits.

The address of the database is a credential: `sqlite:////path/file` or `postgresql://user:password@host:port/name`. A
host is resolved once, checked as every other (EGRESS_ALLOW), and connected to by number; a socket of this machine has
to be named there by its folder. Give the database a role that may read what is asked and nothing else.
"""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection
from sqlalchemy.pool import NullPool

from api.egress import Called, CallFault, address_of
from api.outgoing.arguments import checked, request_digest
from api.outgoing.credentials import credential
from api.outgoing.values import Misfit, from_wire
from ledger.canonical import SAFE_INTEGER, digest
from ledger.clock import Clock
from ledger.errors import BrokenInput

STEPS_BETWEEN_LOOKS = 10_000  # of SQLite's machine: some milliseconds
PORT: Final = 5432


class Queries:
    """Asks databases. `secrets` is the folder of credentials, `allowed` the named hosts of EGRESS_ALLOW."""

    def __init__(self, secrets: Path | None, allowed: frozenset[str], clock: Clock) -> None:
        self._secrets = secrets
        self._allowed = allowed
        self._clock = clock

    def call(
        self, connector: Mapping[str, Any], spec: Mapping[str, Any], arguments: Mapping[str, Any], _: str
    ) -> Called | CallFault:
        """Ask once: {rows: [{column: value}]}, or the fault."""
        try:
            given = checked(spec, arguments)
            asked = {name: _bound(given.get(name)) for name in spec["takes"]}
        except Misfit as misfit:
            return CallFault("ARGUMENT_INVALID", str(misfit), False)
        request = request_digest(spec, given)
        try:
            engine = self._engine(credential(self._secrets, connector["credential"]), spec["time_out_ms"])
        except BrokenInput as error:
            return CallFault("NO_CREDENTIAL", error.message, False, request)
        if isinstance(engine, CallFault):
            return engine
        try:
            with engine.connect() as connection:
                rows = self._rows(connection, spec, asked)
        except sa.exc.SQLAlchemyError as error:
            code, said, can_retry = _fault(error)
            return CallFault(code, said, can_retry, request)
        finally:
            engine.dispose()
        return _judged(spec, rows, request)

    def _engine(self, address: str, time_out_ms: int) -> sa.Engine | CallFault:
        try:
            url = sa.make_url(address)
        except sa.exc.ArgumentError as error:
            raise BrokenInput("expected the address of a database in the credential") from error
        if url.drivername == "sqlite":
            path = Path(url.database or "")
            if not path.is_absolute():
                raise BrokenInput("expected the whole path of a SQLite file in the credential")
            return sa.create_engine("sqlite://", creator=_reading(path), poolclass=NullPool)
        if url.drivername not in ("postgresql", "postgres"):
            raise BrokenInput("expected sqlite: or postgresql: in the credential")
        return self._postgresql(url, time_out_ms)

    def _postgresql(self, url: URL, time_out_ms: int) -> sa.Engine | CallFault:
        host, port = str(url.query.get("host", url.host or "")), int(str(url.query.get("port", url.port or PORT)))
        seconds = str(max(2, time_out_ms // 1000))
        options = {"connect_timeout": seconds, "options": f"-c statement_timeout={time_out_ms}"}
        if host.startswith("/"):
            if f"{host}:{port}".lower() not in self._allowed:
                return CallFault("NOT_ALLOWED", "a socket of this machine that EGRESS_ALLOW does not name", False)
        else:
            number = address_of(host, port, self._allowed)
            if isinstance(number, CallFault):
                return number
            options["hostaddr"] = number
        plain = url.set(drivername="postgresql+psycopg").difference_update_query(("options", "hostaddr", "service"))
        return sa.create_engine(plain, connect_args=options, poolclass=NullPool)

    def _rows(self, connection: Connection, spec: Mapping[str, Any], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET TRANSACTION READ ONLY"))
        else:
            self._bounded(connection, spec["time_out_ms"])
        found = connection.execute(sa.text(spec["statement"]), asked)
        return [dict(row._mapping) for row in found.fetchmany(spec["rows_max"] + 1)]

    def _bounded(self, connection: Connection, time_out_ms: int) -> None:
        """Interrupt a question of SQLite when its time is over."""
        until = self._clock.monotonic() + time_out_ms * 1_000
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(lambda: int(self._clock.monotonic() > until), STEPS_BETWEEN_LOOKS)


def _reading(path: Path) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)

    return connect


def _fault(error: sa.exc.SQLAlchemyError) -> tuple[str, str, bool]:
    """(code, words, whether to try again); what the driver says may hold data and is not repeated."""
    driver = getattr(error, "orig", None)
    name = str(getattr(driver, "sqlite_errorname", ""))
    if name == "SQLITE_INTERRUPT" or isinstance(driver, psycopg.errors.QueryCanceled):
        return "TIME_OUT", "the database did not answer in time", True
    if isinstance(error, sa.exc.OperationalError) and not name.startswith(("SQLITE_ERROR", "SQLITE_READONLY")):
        return "UNREACHABLE", "the database cannot be reached", True
    return "QUERY_REFUSED", f"the database refused: {type(error).__name__}", False


def _judged(spec: Mapping[str, Any], rows: list[dict[str, Any]], request: str) -> Called | CallFault:
    if len(rows) > spec["rows_max"]:
        return CallFault("TOO_LARGE", f"expected at most {spec['rows_max']} rows", False, request)
    try:
        value = {"rows": [{name: _value(item) for name, item in row.items()} for row in rows]}
        if len(orjson.dumps(value)) > spec["response_bytes_max"]:
            return CallFault("TOO_LARGE", f"expected at most {spec['response_bytes_max']} bytes", False, request)
        answer = digest(value)
        return Called(from_wire(spec["answer"], value) if "answer" in spec else value, request, answer)
    except Misfit as misfit:
        return CallFault("ANSWER_INVALID", str(misfit), False, request)
    except BrokenInput as error:
        return CallFault("BAD_ANSWER", error.message, False, request)


def _bound(value: Any) -> Any:
    """An argument as a driver takes it."""
    if isinstance(value, dict):
        return Decimal(value["$decimal"]) if value.keys() == {"$decimal"} else orjson.dumps(value).decode()
    return value


def _value(item: Any) -> Any:
    """A value of a row as canonical data."""
    if item is None or isinstance(item, bool | str):
        return item
    if isinstance(item, int) and -SAFE_INTEGER <= item <= SAFE_INTEGER:
        return item
    if isinstance(item, int | Decimal | float):
        number = Decimal(repr(item)) if isinstance(item, float) else Decimal(item)
        if not number.is_finite():
            raise Misfit("answer.rows", "finite numbers")
        return {"$decimal": format(number, "f")}
    if isinstance(item, datetime | date):
        return item.isoformat()
    if isinstance(item, UUID):
        return str(item)
    raise Misfit("answer.rows", "texts, numbers, truths and dates")
