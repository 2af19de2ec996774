"""A sealed log takes nothing more and its successor names it; a declared restore goes on and says what was lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger.actor import SYSTEM
from ledger.batch import Result
from ledger.canonical import b64url
from ledger.clock import SECOND
from ledger.commands import OpenLog, WriteRepeats
from ledger.database import Database, PostgresqlDatabase
from ledger.errors import BrokenInput
from ledger.high_water import HighWater, format_mark, high_water
from ledger.lifecycle import RestoreLog, SealLog, final_checkpoint
from ledger.log_state import LOG_STATE, LogStateRow
from ledger.refusal import Reason, Refusal
from ledger.verification import Manner, Subject, read_kept, verify_database
from ledger.verify.report import Fault
from ledger.work import Answer, CommandSpec, Done, Request, UnitOfWork
from tests.ledger.marked import ORIGIN, STRANGER, Log, refused
from tests.ledger.tampering import Copy
from tests.ledger.toy import COUNTER, PERSON, Bump, Total

TWO = ("person:a1", "person:b2")


@pytest.fixture
def log(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Log]:
    server = request.getfixturevalue("postgresql") if isinstance(database, PostgresqlDatabase) else None
    made = Log(database, tmp_path, server)
    yield made
    made.disconnect()


def outcome(result: Result) -> Done | Refusal:
    assert isinstance(result, Answer), result
    return result.outcome


def reason(result: Result) -> Reason:
    found = outcome(result)
    assert isinstance(found, Refusal), found
    return found.reason


def entry(log: Log, index: int) -> dict[str, Any]:
    connection = log.connect(read_only=True)
    ((data,),) = connection.query(log.workings.log.log_id, "SELECT bytes FROM entry WHERE idx = ?", (index,))
    connection.close()
    value: dict[str, Any] = orjson.loads(data)
    return value


def sealed(log: Log, **more: Any) -> int:
    """Seal the log; its final size."""
    desk = log.desk()
    done = outcome(log.send(desk, SealLog("acme", TWO, "the year is over", **more), SYSTEM))
    assert isinstance(done, Done), done
    desk.close()
    return int(done.result["final_size"])


# Sealing


def test_the_seal_states_the_final_size_and_is_the_last_entry(log: Log) -> None:
    log.written(3)
    before = high_water(log.head)
    size = sealed(log)
    assert (size, log.head.size) == (5, 5)
    payload = entry(log, 4)["payload"]
    assert payload["final_size"] == 5
    assert payload["before"] == {"size": 4, "root": b64url(before.root)}
    assert [person["person"] for person in payload["persons"]] == list(TWO)
    assert payload["open"] == {"instances": 0, "ids": []}
    assert "the year is over" not in str(payload)


@pytest.mark.parametrize("is_running", [True, False], ids=["in a running process", "in one that starts later"])
def test_nothing_is_appended_after_the_seal(log: Log, is_running: bool) -> None:
    desk = log.desk()
    log.bump(desk, 2)
    size = sealed(log)
    if not is_running:
        desk = log.desk()
    assert reason(log.bump(desk)) is Reason.LEDGER_SEALED
    assert reason(log.send(desk, Bump("toy_1", limit=0))) is Reason.LEDGER_SEALED, "no refusal is recorded either"
    assert reason(log.send(desk, SealLog("acme", TWO, "again"), SYSTEM)) is Reason.LEDGER_SEALED
    assert reason(log.send(desk, Total())) is Reason.LEDGER_SEALED, "nor is anything begun that could not be recorded"
    desk.run([Request(SYSTEM, WriteRepeats())])
    log.clock.pass_time(120 * SECOND)
    assert desk.rest(), "there is nothing left to do"
    desk.close()
    assert log.head.size == size
    report = log.verify()
    assert report.is_sound
    assert f"sealed by entry {size - 1}, at size {size}" in report.notes


def test_commands_behind_the_seal_in_one_batch(log: Log) -> None:
    desk = log.desk()
    log.clock.pass_time(SECOND)
    seal = Request(SYSTEM, SealLog("acme", TWO, "over"), "seal")
    done, late = desk.run([seal, Request(PERSON, Bump("toy_1"), "late")])
    assert outcome(done).outcome == "sealed"  # type: ignore[union-attr]
    assert reason(late) is Reason.LEDGER_SEALED
    assert log.head.size == 2


def test_a_seal_behind_other_commands_in_one_batch_is_no_seal(log: Log) -> None:
    seal = Request(SYSTEM, SealLog("acme", TWO, "over"), "seal")
    bumped, result = log.desk().run([Request(PERSON, Bump("toy_1"), "early"), seal])
    assert isinstance(outcome(bumped), Done)
    assert isinstance(result, Exception)
    assert log.head.size == 2


def test_a_known_command_is_answered_as_before(log: Log) -> None:
    desk = log.desk()
    request = Request(PERSON, Bump("toy_1"), "known")
    (first,) = desk.run([request])
    sealed(log)
    (again,) = desk.run([request])
    assert isinstance(again, Answer)
    assert again.repeated
    assert again.outcome == outcome(first)


def test_what_needs_no_entry_may_say_that_it_runs_after_the_seal(log: Log) -> None:
    def count(uow: UnitOfWork, command: Total) -> Done:
        return log.workings.commands[Total].handler(uow, command)  # type: ignore[return-value]

    def bump(uow: UnitOfWork, command: Bump) -> Done | Refusal:
        return log.workings.commands[Bump].handler(uow, command)

    sealed(log)
    after: dict[type, CommandSpec[Any]] = {
        Total: CommandSpec("Total", count, lambda _: "", after_seal=True),
        Bump: CommandSpec("Bump", bump, lambda c: c.id, after_seal=True),
    }
    from dataclasses import replace

    desk = log.desk(replace(log.workings, commands={**log.workings.commands, **after}))
    assert isinstance(outcome(log.send(desk, Total())), Done)
    assert reason(log.bump(desk)) is Reason.LEDGER_SEALED, "an entry is turned down all the same"
    assert reason(log.send(desk, Bump("toy_1", limit=0))) is Reason.LIMIT_PERIOD, "and a refusal is not recorded"
    assert log.head.size == 2


def test_repeated_refusals_are_written_before_the_seal(log: Log) -> None:
    desk = log.desk()
    for n in range(4):
        desk.run([Request(PERSON, Bump("toy_1", limit=0), f"refused-{n}")])
    assert log.head.size == 2, "the first is an entry, its repeats wait for the minute to end"
    assert sealed(log) == 4
    assert entry(log, 2)["kind"] == "refusal.repeated"
    assert len(entry(log, 2)["payload"]["repeats"]) == 3
    assert (entry(log, 2)["part"], entry(log, 3)["part"]) == ([1, 2], [2, 2])
    assert log.verify().is_sound


def test_running_instances_hold_the_seal_back_or_are_named_in_it(log: Log) -> None:
    log.open = ("pi_1", "pi_2")
    desk = log.desk()
    assert reason(log.send(desk, SealLog("acme", TWO, "over"), SYSTEM)) is Reason.WRONG_STATE
    size = sealed(log, with_open=True)
    assert entry(log, size - 1)["payload"]["open"] == {"instances": 2, "ids": ["pi_1", "pi_2"]}


def test_who_may_not_seal(log: Log) -> None:
    desk = log.desk()
    assert reason(log.send(desk, SealLog("acme", TWO, "over"))) is Reason.DENIED
    assert reason(log.send(desk, SealLog("acme", ("person:a1", STRANGER), "over"), SYSTEM)) is Reason.NO_RULE
    for command in (
        SealLog("acme", ("person:a1", "person:a1"), "over"),
        SealLog("acme", TWO, " "),
        SealLog("acme", TWO, "two\nlines"),
        SealLog("acme", TWO, "x" * 501),
        SealLog("globex", TWO, "over"),
    ):
        assert isinstance(log.send(desk, command, SYSTEM), BrokenInput)
    assert isinstance(log.bump(desk), Answer), "the log is open"


def test_an_append_after_the_seal_is_inserted(log: Log, tmp_path: Path) -> None:
    """Whoever holds the database and the keys takes the seal out of the state and goes on."""
    log.written(2)
    size = sealed(log)
    kept = log.marks.path(log.identity).read_text()
    log.disconnect()
    copy = Copy(log._live, log.workings)
    copy.run(("UPDATE log_state SET final_size = NULL WHERE log_id = ?", (log.workings.log.log_id,)))
    desk = log.desk()
    assert isinstance(log.bump(desk), Answer)
    desk.close()
    for finding in (log.verify().finding, log.verify(read_kept(kept)).finding):
        assert finding is not None
        assert (finding.fault, finding.index) == (Fault.INSERTED, size)
        assert finding.expected == f"no entry after the seal, entry {size - 1}"


def test_a_seal_taken_out_of_the_state_is_drift(log: Log) -> None:
    log.written(1)
    sealed(log)
    log.disconnect()
    Copy(log._live, log.workings).run(("UPDATE log_state SET final_size = NULL", ()))
    finding = log.verify().finding
    assert finding is not None
    assert (finding.fault, finding.place and finding.place.table) == (Fault.STATE_DRIFT, "log_state")


def test_a_successor_names_the_final_checkpoint(log: Log, tmp_path: Path) -> None:
    from tests.ledger.toy import open_workings
    from tests.migrated import migrated_sqlite

    size = sealed(log)
    final = final_checkpoint(log.head.checkpoint)
    assert (final.origin, final.size) == (ORIGIN, size)
    database = migrated_sqlite(tmp_path / "next.sqlite")
    workings = open_workings(database, tmp_path / "next", log.clock, "acme-2")
    from ledger.batch import Batch

    connection = database.connect()
    key = workings.log.secrets.signer
    keys = ((key.key_id, key.vkey, "commit"),)
    (result,) = Batch(workings, connection).run([Request(PERSON, OpenLog("acme-2", keys, forerunner=final), "o")])
    assert isinstance(result, Answer)
    row = connection.load(1, LOG_STATE, [("acme-2",)])
    connection.close()
    assert row == [LogStateRow("acme-2", ORIGIN, None)]
    subject = Subject(database, "acme-2", workings.log.origin, (COUNTER,), log.folds)
    report, _ = verify_database(subject, Manner((key.vkey,)))
    assert report.is_sound
    assert report.notes == (f"continues {ORIGIN}, sealed at size {size} with root {final.root}",)


# Restoring


def lost_log(log: Log) -> tuple[HighWater, str]:
    """The log at 3 entries, after 6 were marked: the mark, and what was kept at 5."""
    log.written(2)
    backup = log.backup()
    log.written(2)
    kept = log.marks.path(log.identity).read_text()
    log.written(1)
    mark = log.mark
    assert mark is not None
    log.put_in_place(backup)
    return mark, kept


def declare(log: Log, mark: HighWater, persons: tuple[str, str] = TWO, actor: Any = SYSTEM) -> Result:
    desk = log.desk()
    result = log.send(desk, RestoreLog("acme", persons, "the disk failed", final_checkpoint(mark.note)), actor)
    desk.close()
    return result


def test_a_declared_restore_goes_on(log: Log) -> None:
    mark, _ = lost_log(log)
    present = high_water(log.head)
    assert refused(log.bump(log.desk()), "LOG_ROLLED_BACK")
    assert outcome(declare(log, mark)) == Done("restored", {"lost_size": 6, "present_size": 3})
    payload = entry(log, 3)["payload"]
    assert payload["lost"] == {"size": 6, "root": b64url(mark.root), "note": mark.note}
    assert payload["present"] == {"size": 3, "root": b64url(present.root)}
    assert [person["person"] for person in payload["persons"]] == list(TWO)
    assert "the disk failed" not in str(payload)
    moved = log.mark
    assert moved is not None
    assert moved.size == 4, "the mark goes on from the declaration"
    assert isinstance(log.bump(log.desk()), Answer)
    aside = list(log.marks.folder.glob("*.lost-6"))
    assert [path.read_text() for path in aside] == [format_mark(mark)], "and the lost one is kept"


def test_verification_states_the_gap(log: Log) -> None:
    mark, kept = lost_log(log)
    declare(log, mark)
    report = log.verify()
    assert report.is_sound
    assert "entry 3 declares a restore: 6 entries were known, the log went on from 3" in report.notes
    finding = log.verify(read_kept(kept)).finding
    assert finding is not None
    assert (finding.fault, finding.declared_by) == (Fault.ROLLED_BACK, 3)
    assert str(finding).startswith("rolled back, declared by entry 3: ")
    log.written(4)
    finding = log.verify(read_kept(format_mark(mark))).finding
    assert finding is not None
    assert (finding.fault, finding.declared_by) == (Fault.FORKED, 3), "a log grown beyond it is another history"


def test_a_mark_elsewhere_within_the_gap_is_covered_and_one_beyond_is_not(log: Log) -> None:
    log.written(2)
    backup = log.backup()
    log.written(1)
    within = log.mark
    log.written(2)
    mark = log.mark
    log.written(1)
    beyond = log.mark
    assert within is not None
    assert mark is not None
    assert beyond is not None
    log.put_in_place(backup)
    log.marks.lower(log.identity, mark)  # what the machine that declares knew
    declare(log, mark)
    for known, goes_on in ((within, True), (beyond, False), (mark, True)):
        log.marks.lower(log.identity, known)
        result = log.bump(log.desk())
        assert isinstance(result, Answer) is goes_on, known.size
        if not goes_on:
            found = log.verify().finding
            assert found is not None
            assert found.declared_by is None


def test_a_second_history_is_declared_too(log: Log) -> None:
    mark, _ = lost_log(log)
    log.bump(log.elsewhere(), 5)
    assert refused(log.bump(log.desk()), "LOG_FORKED")
    assert isinstance(declare(log, mark), Answer)
    assert isinstance(log.bump(log.desk()), Answer)


def test_what_is_no_declaration_leaves_no_trace(log: Log) -> None:
    mark, _ = lost_log(log)
    own = high_water(log.head)
    size = log.head.size
    final = final_checkpoint(mark.note)
    other = final_checkpoint(mark.note.replace("ledger.example.com/acme", "ledger.example.com/globex"))
    for persons, lost, actor in (
        (TWO, final, PERSON),
        (("person:a1", STRANGER), final, SYSTEM),
        (("person:a1", "person:a1"), final, SYSTEM),
        (TWO, final_checkpoint(own.note), SYSTEM),
        (TWO, other, SYSTEM),
    ):
        desk = log.desk()
        assert isinstance(log.send(desk, RestoreLog("acme", persons, "why", lost), actor), BrokenInput)
        desk.close()
    desk = log.desk()
    restore = Request(SYSTEM, RestoreLog("acme", TWO, "why", final), "r")
    one, two = desk.run([restore, Request(PERSON, Bump("toy_1"), "beside")])
    assert refused(one, "LOG_ROLLED_BACK"), "a declaration stands alone"
    assert refused(two, "LOG_ROLLED_BACK")
    assert log.head.size == size


def test_a_process_that_saw_more_than_was_declared_has_to_start_anew(log: Log) -> None:
    running = log.desk()
    log.bump(running, 2)
    backup = log.backup()
    log.bump(running, 1)
    running.rest()
    mark = log.mark
    assert mark is not None
    log.bump(running, 2)  # seen by this process, in no mark yet
    log.put_in_place(backup)
    assert isinstance(declare(log, mark), Answer)
    assert refused(log.bump(running), "LOG_ROLLED_BACK")
    assert isinstance(log.bump(log.desk()), Answer)
