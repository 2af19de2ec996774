"""A copy of the product's database, open to an attacker who owns the file: no trigger stands in the way."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlalchemy import Table as SqlTable

from api.rederivers import rederivers
from api.settings import Settings
from api.wiring import TABLES, folds
from ledger.database import SqliteDatabase
from ledger.keys import LogSecrets, load_keys
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Finding
from migrations.env_tables import metadata
from orchestrator.figure_tables import FIGURE

EVIDENCE: tuple[SqlTable, ...] = tuple(
    table for one in metadata() for table in one.sorted_tables if table.info["class"] != "operational"
)
STEERING = {
    ("published", "published_at"),
    ("published_line", "made_at"),
    ("reached", "what"),
    ("reached", "size"),
    ("reached", "at"),
}
"""What proves nothing: instants of the operator's own clock, which steer thinning, and where contributors go on.
The one row of `reached` that counts is tried in tests/ledger/test_published_rows.py."""
OPERATIONAL: tuple[SqlTable, ...] = tuple(
    table for one in metadata() for table in one.sorted_tables if table.info["class"] == "operational"
)

Other = Callable[[Column[Any], Any], Any]
"""Another value for a column, made from the one that is there."""


@dataclass(frozen=True)
class Attacked:
    """`sound` is the untouched database without triggers; `path` the copy that is changed and verified."""

    settings: Settings
    secrets: LogSecrets
    sound: Path
    path: Path

    def restore(self) -> sqlite3.Connection:
        """The copy as it was; a connection that may do anything."""
        for tail in ("", "-wal", "-shm"):
            Path(f"{self.path}{tail}").unlink(missing_ok=True)
        shutil.copy(self.sound, self.path)
        return sqlite3.connect(self.path)

    def finding(self) -> Finding | None:
        """What a verification of the copy finds, as the command runs it."""
        vault = replace(self.secrets.vault, _ciphers={})  # no data key is remembered from the run before
        database = SqliteDatabase(self.path)
        subject = Subject(database, self.settings.log, self.settings.origin, TABLES, folds(), vault, rederivers)
        report, _ = verify_database(subject, Manner((self.secrets.signer.vkey,)))
        assert report.is_sound == (report.finding is None)
        return report.finding


def attacked(settings: Settings, folder: Path) -> Attacked:
    """A copy in this folder."""
    source = settings.database()
    assert isinstance(source, SqliteDatabase)
    made = Attacked(
        settings,
        load_keys(settings.key_folder, settings.origin, settings.secret()),
        folder / "sound.sqlite",
        folder / "ledger.sqlite",
    )
    shutil.copy(source.path, made.sound)
    connection = sqlite3.connect(made.sound)
    connection.execute("PRAGMA journal_mode=DELETE")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.commit()
    connection.close()
    return made


def keys_of(table: SqlTable) -> list[str]:
    """The key's columns, `log_id` first."""
    return [column.name for column in table.primary_key]


def rows_of(connection: sqlite3.Connection, table: SqlTable) -> list[dict[str, Any]]:
    """All rows in key order; of sums those that say something, since 0 is as good as no row."""
    names = [column.name for column in table.columns]
    order = ", ".join(keys_of(table))
    said = "WHERE total <> 0" if table.name == FIGURE.name else ""
    rows = connection.execute(f"SELECT {', '.join(names)} FROM {table.name} {said} ORDER BY {order}")
    return [dict(zip(names, row, strict=True)) for row in rows]


def from_the_middle(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every row, the middle one first."""
    yield from rows[len(rows) // 2 :]
    yield from rows[: len(rows) // 2]


def set_cell(connection: sqlite3.Connection, table: SqlTable, row: dict[str, Any], column: str, value: Any) -> bool:
    """Change one value; False where the schema itself refuses it."""
    keys = keys_of(table)
    where = " AND ".join(f"{key} = ?" for key in keys)
    try:
        change = f"UPDATE {table.name} SET {column} = ? WHERE {where}"
        done = connection.execute(change, (value, *[row[key] for key in keys]))
    except sqlite3.IntegrityError:
        return False
    connection.commit()
    return done.rowcount == 1


def insert(connection: sqlite3.Connection, table: SqlTable, row: dict[str, Any]) -> None:
    """Add a row."""
    connection.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    connection.commit()


def delete(connection: sqlite3.Connection, table: SqlTable, row: dict[str, Any]) -> None:
    """Take a row away."""
    keys = keys_of(table)
    where = " AND ".join(f"{key} = ?" for key in keys)
    connection.execute(f"DELETE FROM {table.name} WHERE {where}", [row[key] for key in keys])
    connection.commit()


def slightly(column: Column[Any], value: Any) -> Any:
    """A value of the same type that differs as little as it can."""
    if isinstance(column.type, BigInteger):
        return 0 if value is None else value + 1
    if isinstance(column.type, LargeBinary):
        return b"\0" if not value else bytes([value[0] ^ 1]) + value[1:]
    return "a" if value is None else value + " "


def of_another_type(column: Column[Any], value: Any) -> Any:
    """What SQLite stores although the column says otherwise."""
    if isinstance(column.type, BigInteger):
        return f"{value} or so"
    if isinstance(column.type, LargeBinary):
        return (value or b"").hex()
    return (value or "").encode()


def to_nothing(column: Column[Any], value: Any) -> Any:
    """NULL, zero or nothing where there was something."""
    if column.nullable and value is not None:
        return None
    return 0 if isinstance(column.type, BigInteger) else b"" if isinstance(column.type, LargeBinary) else ""
