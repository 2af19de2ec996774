"""An older copy from before a rotation of keys: its mark is signed by a key that this copy does not know."""

from pathlib import Path

from ledger.database import Database, SqliteDatabase
from ledger.high_water import high_water
from ledger.marks import LogIdentity, MarkFolder, first_key_of
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Fault, Report
from tests.conftest import SetClock
from tests.ledger.keeping import LOG, ORIGIN, Keeper, open_keeper
from tests.ledger.toy import COUNTER
from tests.migrated import migrated_sqlite


def marked(keeper: Keeper, marks: MarkFolder) -> None:
    with keeper.reader.view() as view:
        first = view.entry(0)
        assert first is not None
        marks.keep(LogIdentity(LOG, ORIGIN, first_key_of(first.bytes)), high_water(view.head))


def verified(database: Database, marks: MarkFolder, vkeys: tuple[str, ...]) -> Report:
    return verify_database(Subject(database, LOG, ORIGIN, (COUNTER,), marks=marks), Manner(vkeys))[0]


def test_a_copy_from_before_a_rotation_does_not_pass(tmp_path: Path, clock: SetClock) -> None:
    path = tmp_path / "ledger.sqlite"
    migrated_sqlite(path)
    keeper = open_keeper(SqliteDatabase(path), tmp_path / "keys", clock)
    marks = MarkFolder(tmp_path / "marks")
    keeper.bump(2)
    older = tmp_path / "older.sqlite"
    connection = keeper.database.connect()
    connection.query(0, "VACUUM INTO ?", (str(older),))
    connection.close()
    keeper.rotate()
    keeper.bump(2)
    marked(keeper, marks)
    vkeys = tuple(keeper.vkeys.values())
    sound = verified(keeper.database, marks, vkeys)
    assert (sound.is_sound, sound.anchors) == (True, ("the high-water mark",))
    found = verified(SqliteDatabase(older), marks, vkeys).finding
    assert found is not None
    assert (found.check, found.fault) == (6, Fault.ROLLED_BACK)
    keeper.close()
