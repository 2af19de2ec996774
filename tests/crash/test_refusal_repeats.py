"""Refusals: the first of its kind is recorded at once, its repeats within the minute are answered with its receipt and
recorded together when the minute is over. A crash loses repeats of the running minute at most."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.clock import SECOND
from ledger.commands import REPEATED, REPEATS_MAX
from ledger.database import Database
from ledger.entry import Entry
from ledger.refusal import Reason, Refusal
from ledger.tables import COMMAND, REFUSAL_REPEAT
from ledger.work import Answer, Request
from ledger.workings import Workings
from ledger.writer import REST_SECONDS, Desk, Writer
from tests.conftest import SetClock
from tests.crash.checks import Acknowledged, Checked
from tests.ledger.toy import COUNTER, PERSON, Bump, folds, open_workings


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    return open_workings(database, tmp_path / "keys", clock)


def refused(n: int, subject: str = "toy_1") -> Request:
    """A command over its limit; each says its own limit, so that no two refusals say the same."""
    return Request(PERSON, Bump(subject, by=1000 + n, limit=n), f"r{n}")


def run(desk: Desk, *requests: Request) -> list[Answer]:
    results = desk.run(requests)
    assert all(isinstance(one, Answer) for one in results), results
    return [one for one in results if isinstance(one, Answer)]


def read(workings: Workings, database: Database) -> Checked:
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, workings.log)
        checked.is_whole()
        checked.is_fold(folds(), (COUNTER, COMMAND))
        return checked
    finally:
        connection.close()


def entries_of(workings: Workings, database: Database) -> list[Entry]:
    """The entries of one instant, while a writer may be at work."""
    connection = database.connect(read_only=True)
    try:
        return Checked(connection, workings.log).entries
    finally:
        connection.close()


def repeats(entries: list[Entry]) -> list[list[str]]:
    """The command ids of each entry of repeats."""
    return [[one[0] for one in entry.payload["repeats"]] for entry in entries if entry.kind == REPEATED]


def test_the_first_at_once_and_its_repeats_after_the_minute(
    workings: Workings, database: Database, clock: SetClock
) -> None:
    clock.at -= clock.at % (60 * SECOND)
    desk = Desk(workings, database.connect)
    answers = run(desk, *[refused(n) for n in range(4)])
    assert [one.receipt.index for one in answers if one.receipt is not None] == [0, 0, 0, 0]
    assert [one.repeated for one in answers] == [False, True, True, True]
    said = [one.outcome.details for one in answers if isinstance(one.outcome, Refusal)]
    assert said == [(("limit", str(n)),) for n in range(4)]

    clock.pass_time(59 * SECOND)
    assert not desk.rest()  # there is something left to do
    answers += run(desk, refused(4))
    assert len(read(workings, database).entries) == 1

    clock.pass_time(SECOND)
    assert desk.rest()
    checked = read(workings, database)
    assert repeats(checked.entries) == [["r1", "r2", "r3", "r4"]]
    assert [entry.subject for entry in checked.entries] == ["toy_1", PERSON.id]

    again = run(desk, *[refused(n) for n in range(5)])
    assert [one.outcome for one in again] == [one.outcome for one in answers]
    assert [one.receipt.index for one in again if one.receipt is not None] == [0] * 5
    (after,) = run(desk, refused(5))
    assert after.receipt is not None
    assert after.receipt.index == 2  # the first of another minute
    desk.close()


def test_another_subject_or_command_id_is_another_refusal(workings: Workings, database: Database) -> None:
    desk = Desk(workings, database.connect)
    one, other, repeat = run(desk, refused(1), refused(2, "toy_2"), refused(3))
    indexes = [answer.receipt.index for answer in (one, other, repeat) if answer.receipt is not None]
    assert indexes == [0, 1, 0]
    (reused,) = run(desk, Request(PERSON, Bump("toy_1", by=1), "r3"))
    assert isinstance(reused.outcome, Refusal)
    assert reused.outcome.reason is Reason.COMMAND_ID_REUSED
    desk.close()


def test_at_most_five_hundred_in_one_entry(workings: Workings, database: Database, clock: SetClock) -> None:
    desk = Desk(workings, database.connect)
    count = 2 * REPEATS_MAX + 3
    answers = run(desk, *[refused(n) for n in range(count)])
    clock.pass_time(60 * SECOND)
    assert [desk.rest() for _ in range(3)] == [False, False, True]
    desk.close()
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, workings.log)
        told = repeats(checked.entries)
        assert sum(map(len, told)) == count - 1
        assert max(map(len, told)) <= REPEATS_MAX
        checked.has_each_once(Acknowledged(PERSON.id, f"r{n}", one) for n, one in enumerate(answers))
    finally:
        connection.close()


def test_a_log_that_is_never_at_rest_writes_them_too(workings: Workings, database: Database, clock: SetClock) -> None:
    desk = Desk(workings, database.connect)
    run(desk, *[refused(n) for n in range(3)])
    clock.pass_time(60 * SECOND)
    run(desk, Request(PERSON, Bump("toy_2", by=1), "b1"))  # the batch after the minute, with no rest before it
    assert repeats(read(workings, database).entries) == [["r1", "r2"]]
    desk.close()


def test_repeats_with_long_ids_fit_into_entries(workings: Workings, database: Database, clock: SetClock) -> None:
    desk = Desk(workings, database.connect)
    run(desk, *[replace(refused(n), command_id=f"{n:0500d}") for n in range(400)])
    clock.pass_time(60 * SECOND)
    assert desk.rest()
    assert sum(map(len, repeats(read(workings, database).entries))) == 399
    desk.close()


def test_a_crash_loses_repeats_alone(workings: Workings, database: Database, clock: SetClock) -> None:
    desk = Desk(workings, database.connect)
    answers = run(desk, *[refused(n) for n in range(3)])
    connection = database.connect()
    connection.begin(workings.log.log_id, [])  # the rows of repeats are operational: take them all away
    table = REFUSAL_REPEAT.name
    connection.query(workings.log.log_id, f"DELETE FROM {table} WHERE log_id = {{log}} AND 1 = 1 RETURNING 1", ())
    connection.finish(workings.log.log_id, [], None)
    connection.close()
    again = run(desk, *[refused(n) for n in range(3)])
    assert [one.outcome for one in again] == [one.outcome for one in answers]
    clock.pass_time(60 * SECOND)
    assert desk.rest()
    assert repeats(read(workings, database).entries) == [["r1", "r2"]]
    desk.close()


def test_a_writer_at_rest_writes_what_another_left(workings: Workings, database: Database, clock: SetClock) -> None:
    desk = Desk(workings, database.connect)
    run(desk, refused(1), refused(2))
    clock.pass_time(61 * SECOND)
    writer = Writer(workings, database.connect)  # started again after a crash; nobody sends it anything
    deadline = time.monotonic() + 20 * REST_SECONDS
    while not repeats(entries_of(workings, database)):
        assert time.monotonic() < deadline, "the repeats were never written"
        time.sleep(0.05)
    writer.close()
    desk.close()
    assert repeats(read(workings, database).entries) == [["r2"]]
