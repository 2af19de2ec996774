"""What an overlay shows and what it writes, on a log of the database: rows as they are within one batch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.commands import OpenLog
from ledger.connection import Connection, Write
from ledger.database import Database
from ledger.overlay import Overlay
from ledger.tables import COMMAND, OPENING, SUBJECT, CommandRow, OpeningRow, SubjectRow
from ledger.work import Request
from ledger.writer import Desk
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, CounterRow, open_workings

KNOWN, NEW = ("toy_1",), ("toy_2",)


@pytest.fixture
def connection(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[Connection]:
    workings = open_workings(database, tmp_path / "keys", clock)
    signer = workings.log.secrets.signer
    desk = Desk(workings, database.connect)
    desk.run([Request(PERSON, OpenLog("acme", ((signer.key_id, signer.vkey, "commit"),)))])
    desk.run([Request(PERSON, Bump("toy_1"), "c1")])
    desk.close()
    made = database.connect()
    yield made
    made.rollback()
    made.close()


def begun(connection: Connection) -> Overlay:
    overlay = Overlay(connection, 1, set())
    overlay.begin([(SUBJECT, KNOWN)])
    return overlay


def subject(name: str, size: int) -> SubjectRow:
    return SubjectRow(name, size, 9, bytes(32))


def written(overlay: Overlay) -> dict[str, Write]:
    return {write.table.name: write for write in overlay.take_writes()}


def test_a_row_is_written_beside_what_the_database_has_under_its_key(connection: Connection) -> None:
    overlay = begun(connection)
    stored = overlay.row(SUBJECT, KNOWN)
    assert stored is not None
    overlay.put({SUBJECT: {KNOWN: subject("toy_1", 7)}})
    overlay.put({SUBJECT: {KNOWN: subject("toy_1", 8), NEW: subject("toy_2", 1)}})
    write = written(overlay)["subject"]
    assert write.rows == [subject("toy_1", 8), subject("toy_2", 1)]
    assert write.before == [stored, None]


def test_what_was_written_is_what_the_database_has_for_the_next(connection: Connection) -> None:
    overlay = begun(connection)
    overlay.put({SUBJECT: {KNOWN: subject("toy_1", 7)}})
    connection.write(1, overlay.take_writes())
    assert overlay.row(SUBJECT, KNOWN) == subject("toy_1", 7)
    assert overlay.take_writes() == []
    overlay.put({SUBJECT: {KNOWN: subject("toy_1", 8)}})
    assert written(overlay)["subject"].before == [subject("toy_1", 7)]


def test_a_row_is_seen_as_soon_as_it_is_put(connection: Connection) -> None:
    overlay = begun(connection)
    assert overlay.row(SUBJECT, NEW) is None
    overlay.put({SUBJECT: {NEW: subject("toy_2", 1)}, COUNTER: {("toy_1", "m"): CounterRow("toy_1", "m", 5)}})
    assert overlay.row(SUBJECT, NEW) == subject("toy_2", 1)
    assert overlay.rows(SUBJECT, NEW) == {NEW: subject("toy_2", 1)}
    assert overlay.row(COUNTER, ("toy_1", "m")) == CounterRow("toy_1", "m", 5)
    assert set(overlay.rows(COUNTER, KNOWN)) == {("toy_1", "m"), ("toy_1", "n")}


def test_a_row_that_is_destroyed_is_gone_whether_it_was_put_or_stored(connection: Connection) -> None:
    overlay = begun(connection)
    row = OpeningRow(5, 0, "", "personal", b"sealed")
    overlay.put({OPENING: {(5, 0): row}})
    overlay.destroy(OPENING, [(5, 0)])
    assert overlay.row(OPENING, (5, 0)) is None
    overlay.destroy(SUBJECT, [KNOWN])
    assert overlay.row(SUBJECT, KNOWN) is None
    assert [(write.table.name, list(write.rows), list(write.gone)) for write in overlay.take_writes()] == [
        ("opening", [], [(5, 0)]),
        ("subject", [], [KNOWN]),
    ]


def test_a_row_made_again_after_it_was_destroyed_is_a_new_one(connection: Connection) -> None:
    overlay = begun(connection)
    overlay.destroy(SUBJECT, [KNOWN])
    overlay.put({SUBJECT: {KNOWN: subject("toy_1", 1)}})
    *gone, again = overlay.take_writes()
    assert [list(write.gone) for write in gone] == [[KNOWN]]
    assert (again.rows, again.before) == ([subject("toy_1", 1)], [None])


def test_rows_of_command_ids_are_not_kept_for_later_batches(connection: Connection) -> None:
    overlay = begun(connection)
    overlay.put({COMMAND: {("c2", "person"): CommandRow("c2", "person", "mac", 2, "bumped")}})
    assert not COMMAND.is_kept
    assert SUBJECT.is_kept
    assert overlay.row(COMMAND, ("c2", "person")) == CommandRow("c2", "person", "mac", 2, "bumped")
