"""Where a log's rows live: one SQLite file per log, or one PostgreSQL database for many."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from ledger.connection import Connection
from ledger.errors import BrokenInput
from ledger.tables import HeadRow

_OPEN_LOG = "INSERT INTO log (log_id, name, origin) VALUES (?, ?, ?)"
_OPEN_HEAD = (
    "INSERT INTO head (log_id, size, frontier, chain_hash, recorded_at, register_epoch, checkpoint) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
GENESIS_HEAD = HeadRow(0, b"", bytes(32), 0, 0, "")


class Database(Protocol):
    """A database that holds one or more logs."""

    @property
    def url(self) -> str:
        """SQLAlchemy's URL, for migrations and for reading."""
        ...

    @property
    def place(self) -> str:
        """What two processes of one machine have in common that use this very database, and no copy of it; empty
        where that cannot be told."""
        ...

    def connect(self, *, read_only: bool = False) -> Connection:
        """A new connection; the caller closes it."""
        ...

    def create_log(self, name: str, origin: str) -> int:
        """The number of a new, empty log; `BrokenInput` when the name is taken."""
        ...

    def find_log(self, name: str | None = None) -> tuple[int, str, str]:
        """(number, name, origin) of a log, the only one when no name is given; `BrokenInput` when there is none."""
        ...

    def logs(self) -> list[tuple[int, str, str]]:
        """(number, name, origin) of every log."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """A file; on SQLite each log has its own."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    @property
    def place(self) -> str:
        found = self.path.stat()
        return f"{found.st_dev}:{found.st_ino}"

    def connect(self, *, read_only: bool = False) -> Connection:
        from ledger.sqlite import SqliteConnection

        if not self.path.exists():
            raise BrokenInput("expected a database, found none", str(self.path))
        return SqliteConnection(self.path, read_only=read_only)

    def create_log(self, name: str, origin: str) -> int:
        from ledger.sqlite import connect

        connection = connect(self.path)
        try:
            if connection.execute("SELECT 1 FROM log").fetchone() is not None:
                raise BrokenInput("expected a file without a log, found one", str(self.path))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_OPEN_LOG, (1, name, origin))
            connection.execute(_OPEN_HEAD, (1, *GENESIS_HEAD))
            connection.execute("COMMIT")
        finally:
            connection.close()
        return 1

    def find_log(self, name: str | None = None) -> tuple[int, str, str]:
        return _find(self, name)

    def logs(self) -> list[tuple[int, str, str]]:
        return _logs(self)


@dataclass(frozen=True, slots=True)
class PostgresqlDatabase:
    """A PostgreSQL database, by libpq URL (`postgresql://...`)."""

    dsn: str

    @property
    def url(self) -> str:
        return self.dsn.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def place(self) -> str:
        address = urlsplit(self.dsn)
        host = address.hostname or parse_qs(address.query).get("host", [""])[0]
        return f"{host}:{address.port}{address.path}" if host and address.path else ""

    def connect(self, *, read_only: bool = False) -> Connection:
        from ledger.postgresql import PostgresqlConnection

        return PostgresqlConnection(self.dsn, read_only=read_only)

    def create_log(self, name: str, origin: str) -> int:
        import psycopg

        # As the owner: the service role may not make logs.
        with psycopg.connect(self.dsn) as connection:
            connection.execute("LOCK TABLE log IN EXCLUSIVE MODE")
            row = connection.execute("SELECT coalesce(max(log_id), 0) + 1 FROM log").fetchone()
            assert row is not None
            log_id: int = row[0]
            if connection.execute("SELECT 1 FROM log WHERE name = %s", (name,)).fetchone() is not None:
                raise BrokenInput(f"expected a new name, found log `{name}`")
            connection.execute(_OPEN_LOG.replace("?", "%s"), (log_id, name, origin))
            connection.execute(_OPEN_HEAD.replace("?", "%s"), (log_id, *GENESIS_HEAD))
        return log_id

    def find_log(self, name: str | None = None) -> tuple[int, str, str]:
        return _find(self, name)

    def logs(self) -> list[tuple[int, str, str]]:
        return _logs(self)


def _logs(database: Database) -> list[tuple[int, str, str]]:
    connection = database.connect(read_only=True)
    try:
        rows = connection.query(0, "SELECT log_id, name, origin FROM log ORDER BY log_id", ())
    finally:
        connection.close()
    return [(row[0], row[1], row[2]) for row in rows]


def _find(database: Database, name: str | None) -> tuple[int, str, str]:
    found = [row for row in _logs(database) if name is None or row[1] == name]
    if len(found) != 1:
        raise BrokenInput(f"expected one log{'' if name is None else f' `{name}`'}, found {len(found)}")
    return found[0]
