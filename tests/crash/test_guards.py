"""What the database itself refuses, whoever asks: the ledger grows and never changes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.batch import Batch
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.postgresql import SERVICE_ROLE
from ledger.work import Request
from ledger.workings import Workings
from tests.conftest import SetClock
from tests.ledger.toy import PERSON, Bump, open_workings

CHANGES = (
    "UPDATE entry SET bytes = bytes",
    "UPDATE entry SET leaf_hash = leaf_hash WHERE idx = 1",
    "UPDATE entry SET idx = 9 WHERE idx = 1",
    "DELETE FROM entry",
    "DELETE FROM entry WHERE idx = 1",
    "UPDATE checkpoint SET note = note",
    "DELETE FROM checkpoint",
    "DELETE FROM head",
    "UPDATE head SET size = size - 1",
    "UPDATE head SET checkpoint = ''",
    "UPDATE head SET log_id = 77",
    "UPDATE head SET size = size + 1, recorded_at = recorded_at - 1",
    "UPDATE head SET size = 0, frontier = '', recorded_at = 0",
)
_ENTRY = "(log_id, idx, previous, leaf_hash, bytes)"
_HEAD = "(log_id, size, frontier, chain_hash, recorded_at, register_epoch, checkpoint)"
REPLACES = (
    f"INSERT OR REPLACE INTO entry {_ENTRY} SELECT log_id, idx, previous, leaf_hash, x'00' FROM entry",
    f"REPLACE INTO entry {_ENTRY} VALUES (1, 1, NULL, x'00', x'00')",
    f"INSERT INTO entry {_ENTRY} VALUES (1, 1, NULL, x'00', x'00') "
    "ON CONFLICT (log_id, idx) DO UPDATE SET bytes = x'00'",
    # The number of a row may be named as well: this takes the place of the first entry under another index.
    "INSERT OR REPLACE INTO entry (rowid, log_id, idx, previous, leaf_hash, bytes) "
    "SELECT min(rowid), 1, 99, NULL, x'00', x'00' FROM entry",
    "INSERT OR REPLACE INTO checkpoint (log_id, size, note) SELECT log_id, size, '' FROM checkpoint",
    "INSERT OR REPLACE INTO checkpoint (rowid, log_id, size, note) SELECT min(rowid), 1, 99, '' FROM checkpoint",
    f"INSERT OR REPLACE INTO head {_HEAD} VALUES (1, 0, x'', x'', 0, 0, '')",
    f"INSERT OR REPLACE INTO head (rowid, {_HEAD[1:]} SELECT rowid, 77, 0, x'', x'', 0, 0, '' FROM head",
    "UPDATE OR REPLACE entry SET idx = 1 WHERE idx = 2",
)
TRUNCATES = ("TRUNCATE entry", "TRUNCATE checkpoint", "TRUNCATE head", "TRUNCATE entry, checkpoint, head CASCADE")


@pytest.fixture
def written(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    """A log with a few entries and two kept checkpoints."""
    workings = open_workings(database, tmp_path / "keys", clock)
    connection = database.connect()
    for n in range(3):
        Batch(workings, connection).run([Request(PERSON, Bump(f"toy_{n}"), f"c{n}")])
        clock.pass_time(1_000_000)
    connection.close()
    return workings


@pytest.fixture
def owner(database: Database) -> Iterator[Any]:
    """A connection with all rights, past the service's own."""
    connection: Any
    if isinstance(database, SqliteDatabase):
        connection = sqlite3.connect(database.path, isolation_level=None)
    else:
        assert isinstance(database, PostgresqlDatabase)
        connection = psycopg.connect(database.dsn, autocommit=True)
    yield connection
    connection.close()


def ledger(owner: Any) -> list[Any]:
    return [
        owner.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("entry", "checkpoint", "head")
    ]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_ledger_cannot_be_changed(written: Workings, owner: Any, statement: str) -> None:
    before = ledger(owner)
    assert len(before[0]) == 3
    assert len(before[1]) == 3
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match=r"append-only|forward only"):
        owner.execute(statement)
    assert ledger(owner) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", REPLACES)
def test_nothing_takes_the_place_of_a_row(written: Workings, owner: Any, statement: str) -> None:
    before = ledger(owner)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|forward only"):
        owner.execute(statement)
    assert ledger(owner) == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", TRUNCATES)
def test_nothing_is_truncated(written: Workings, owner: Any, statement: str) -> None:
    before = ledger(owner)
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        owner.execute(statement)
    assert ledger(owner) == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_service_role_owns_nothing_and_changes_no_entry(written: Workings, owner: Any) -> None:
    owned = owner.execute("SELECT tablename FROM pg_tables WHERE tableowner = %s", (SERVICE_ROLE,)).fetchall()
    assert owned == []
    expected = {
        "entry": ["SELECT", "INSERT"],
        "checkpoint": ["SELECT", "INSERT"],
        "head": ["SELECT", "UPDATE"],
        "log": ["SELECT"],
        "subject": ["SELECT", "INSERT", "UPDATE"],
    }
    for table, rights in expected.items():
        held = [
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
            if owner.execute("SELECT has_table_privilege(%s, %s, %s)", (SERVICE_ROLE, table, right)).fetchone()[0]
        ]
        assert held == rights, table
    owner.execute(f"SET ROLE {SERVICE_ROLE}")
    for statement in (
        "UPDATE entry SET bytes = bytes",
        "DELETE FROM entry",
        "DELETE FROM head",
        "TRUNCATE entry",
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entry_no_change ON entry",
        "DROP TABLE entry",
        "UPDATE log SET origin = 'other'",
        "INSERT INTO log (log_id, name, origin) VALUES (9, 'x', 'y')",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(statement)
