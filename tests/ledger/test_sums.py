"""A table of sums: folds add to its rows without reading them, and a replay comes to the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger.batch import Batch
from ledger.commands import OpenLog
from ledger.database import Database
from ledger.entry import Entry
from ledger.rows import FoldView
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Fault, Report
from ledger.work import Answer, Done, Request
from ledger.workings import Workings
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Create, Fail, Total, open_workings

SUM = replace(COUNTER, group=0, sums=True)


def _fold(view: FoldView, entry: Entry) -> None:
    for amount in (3, -1):
        view.add(SUM, {("all", entry.payload["name"]): amount})
    view.add(SUM, {("all", "both"): -1 if entry.payload["name"] == "b" else 1})


def summing(database: Database, folder: Path) -> Workings:
    workings = open_workings(database, folder / "keys", SetClock())
    return replace(workings, folds={**workings.folds, ("toy.bumped", 1): _fold})


def send(workings: Workings, database: Database, *commands: Any) -> list[Any]:
    connection = database.connect()
    try:
        return Batch(workings, connection).run([Request(PERSON, command) for command in commands])
    finally:
        connection.close()


def rows_of(database: Database) -> list[Any]:
    connection = database.connect(read_only=True)
    try:
        return connection.query(1, "SELECT id, name, total FROM toy_counter ORDER BY name", ())
    finally:
        connection.close()


def verify(workings: Workings, database: Database) -> Report:
    subject = Subject(database, "acme", workings.log.origin, (SUM,), workings.folds)
    return verify_database(subject, Manner((workings.log.secrets.signer.vkey,)))[0]


def write(database: Database, statement: str) -> None:
    connection = database.connect()
    connection.begin(1, [])
    connection.query(1, f"{statement} RETURNING 1", ())
    connection.finish(1, [], None)
    connection.close()


def test_what_commands_add_is_summed_once_each(database: Database, tmp_path: Path) -> None:
    workings = summing(database, tmp_path)
    signer = workings.log.secrets.signer
    send(workings, database, OpenLog("acme", ((signer.key_id, signer.vkey, "commit"),)))
    send(workings, database, Create("a"), Create("a"), Fail(after_staging=True), Create("b"))
    assert rows_of(database) == [("all", "a", 4), ("all", "b", 2), ("all", "both", 1)]
    found = send(
        workings, database, Create("a"), Total(), Create("a"), Create("b")
    )  # the question sends what was added
    assert isinstance(found[1], Answer)
    assert isinstance(found[1].outcome, Done)
    assert found[1].outcome.result == {"total": 4 + 2 + 1 + 2 + 1}
    assert rows_of(database) == [("all", "a", 8), ("all", "b", 4), ("all", "both", 2)]
    assert verify(workings, database).is_sound


def test_a_sum_that_differs_is_found_and_one_of_nothing_says_nothing(database: Database, tmp_path: Path) -> None:
    workings = summing(database, tmp_path)
    signer = workings.log.secrets.signer
    send(workings, database, OpenLog("acme", ((signer.key_id, signer.vkey, "commit"),)))
    send(workings, database, Create("a"), Create("b"))
    assert ("all", "both", 0) in rows_of(database)
    write(database, "UPDATE toy_counter SET name = 'none' WHERE name = 'both'")
    assert verify(workings, database).is_sound
    for changed in (
        "SET total = 3 WHERE name = 'a'",
        "SET total = 0 WHERE name = 'a'",
        "SET name = 'c' WHERE total = 2",
    ):
        write(database, f"UPDATE toy_counter {changed}")
        finding = verify(workings, database).finding
        assert finding is not None
        assert (finding.fault, finding.place and finding.place.table) == (Fault.STATE_DRIFT, "toy_counter")
