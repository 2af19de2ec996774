"""Operational rows that are over are taken away, a bounded number at a time, and nothing is lost with them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger import sweeping
from ledger.batch import REFUSAL_WINDOW_LENGTH
from ledger.clock import SECOND
from ledger.connection import Connection, Write
from ledger.database import Database
from ledger.errors import Misuse
from ledger.refusal import Refusal
from ledger.sweeping import sweep
from ledger.tables import COMMAND, ENTRY, LEASE, REFUSAL_REPEAT, REFUSAL_WINDOW, LeaseRow
from ledger.work import Answer, Request
from ledger.workings import Workings
from ledger.writer import Desk
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, open_workings

MINUTE = 60 * SECOND


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    return open_workings(database, tmp_path / "keys", clock)


@pytest.fixture
def rows(workings: Workings, database: Database) -> Iterator[Connection]:
    connection = database.connect()
    yield connection
    connection.close()


def count(rows: Connection, workings: Workings, *tables: Any) -> list[int]:
    asked = [f"SELECT COUNT(*) FROM {table.name} WHERE log_id = {{log}}" for table in tables]
    return [rows.query(workings.log.log_id, one, ())[0][0] for one in asked]


def refused(n: int) -> Request:
    return Request(PERSON, Bump("toy_1", by=1_000_000, limit=n), f"r{n}")


def run(desk: Desk, *requests: Request) -> list[Answer]:
    return [one for one in desk.run(requests) if isinstance(one, Answer)]


def put_leases(rows: Connection, workings: Workings, *until: int) -> None:
    rows.begin(workings.log.log_id, [])
    rows.finish(workings.log.log_id, [Write(LEASE, [LeaseRow(f"l{n}", "me", at) for n, at in enumerate(until)])], None)


def test_a_long_lived_log_does_not_grow_by_them(
    workings: Workings, database: Database, rows: Connection, clock: SetClock
) -> None:
    desk = Desk(workings, database.connect)
    answers, sizes = [], []
    for hour in range(12):
        answers += run(desk, *[refused(10 * hour + n) for n in range(10)])
        clock.pass_time(60 * MINUTE)
        desk.rest()  # writes the repeats of the hour
        clock.pass_time(MINUTE)
        desk.rest()
        sizes.append(sum(count(rows, workings, REFUSAL_WINDOW, REFUSAL_REPEAT)))
    assert max(sizes) <= 1, sizes
    assert count(rows, workings, COMMAND) == [12 * 10]
    again = run(desk, *[refused(n) for n in range(120)])
    assert [one.outcome for one in again] == [one.outcome for one in answers]
    assert all(one.repeated and isinstance(one.outcome, Refusal) for one in again)
    firsts = [one.receipt.index for one in answers if one.receipt is not None]
    assert [one.receipt.index for one in again if one.receipt is not None] == firsts
    desk.close()


def test_what_is_still_needed_stays(workings: Workings, database: Database, rows: Connection, clock: SetClock) -> None:
    clock.at -= clock.at % MINUTE
    desk = Desk(workings, database.connect)
    run(desk, refused(1), refused(2))
    assert not sweep(rows, workings.log.log_id, workings.swept, clock.wall())
    assert count(rows, workings, REFUSAL_WINDOW, REFUSAL_REPEAT) == [1, 1]
    clock.pass_time(REFUSAL_WINDOW_LENGTH - 1)
    sweep(rows, workings.log.log_id, workings.swept, clock.wall())
    (within,) = run(desk, refused(3))
    assert within.repeated  # the window is open to its last instant
    clock.pass_time(3 * MINUTE)  # nobody has written the repeats yet, whatever the reason
    sweep(rows, workings.log.log_id, workings.swept, clock.wall())
    assert count(rows, workings, REFUSAL_WINDOW, REFUSAL_REPEAT) == [0, 2]
    desk.close()


def test_a_pass_is_bounded_and_the_next_one_follows(
    workings: Workings, database: Database, rows: Connection, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ROWS_MAX", 3)
    now = clock.wall()
    put_leases(rows, workings, *[now - 1] * 8, now, now + 1)
    assert [sweep(rows, workings.log.log_id, [LEASE], now) for _ in range(3)] == [True, True, False]
    assert count(rows, workings, LEASE) == [2]

    put_leases(rows, workings, *[now - 1] * 8, now, now + 1)
    desk = Desk(workings, database.connect)
    left = []
    for n in range(4):  # all within one minute: a full pass is followed by another with the next batch
        run(desk, Request(PERSON, Bump("toy_1"), f"b{n}"))
        left += count(rows, workings, LEASE)
    assert left == [7, 4, 2, 2]
    put_leases(rows, workings, *[now - 1] * 4)
    run(desk, Request(PERSON, Bump("toy_1"), "b9"))
    assert count(rows, workings, LEASE) == [6]  # it was not full: the next one comes in a minute
    clock.pass_time(MINUTE)
    assert [desk.rest() for _ in range(3)] == [False, False, True]
    assert count(rows, workings, LEASE) == [0]
    desk.close()


def test_no_other_table_is_swept(workings: Workings, rows: Connection, clock: SetClock) -> None:
    for table in (ENTRY, COMMAND, COUNTER):
        with pytest.raises(Misuse):
            sweep(rows, workings.log.log_id, [replace(table, expired="1 = 1 OR ? = 1")], clock.wall())
        rows.rollback()
    with pytest.raises(Misuse):
        sweep(rows, workings.log.log_id, [replace(LEASE, expired="")], clock.wall())
    rows.rollback()


def test_a_sweep_that_fails_costs_nobody_an_answer(
    workings: Workings, database: Database, rows: Connection, clock: SetClock
) -> None:
    broken = replace(LEASE, expired="no_such_column < ?")
    desk = Desk(replace(workings, swept=(broken,)), database.connect)
    (one,) = run(desk, Request(PERSON, Bump("toy_1"), "b1"))
    clock.pass_time(2 * MINUTE)
    (other,) = run(desk, Request(PERSON, Bump("toy_1"), "b2"))
    assert [one.outcome.result, other.outcome.result] == [{"total": 1}, {"total": 2}]  # type: ignore[union-attr]
    assert count(rows, workings, ENTRY) == [2]
    desk.close()
