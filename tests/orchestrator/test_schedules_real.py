"""Starts by the clock on the real write path, on both databases: a killed process, two runners, rows that are the
fold."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.clock import Instant
from ledger.database import Database
from ledger.refusal import Reason, Refusal
from ledger.work import Answer, Done, Request
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.runner import Runner
from orchestrator.schedules import Planned, planned, to_plan
from tests.conftest import SetClock
from tests.orchestrator.test_real_log import RealLog
from tests.orchestrator.test_schedules import NumberedHouse, Shelf, daily
from tests.orchestrator.toy import DAY
from versioning.starts import Schedule

HOURLY = Schedule(("day",), tuple([f"{hour:02}:00" for hour in range(24)]), "all", zone="Etc/UTC")


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    house = NumberedHouse(calendars=Shelf())
    house.release(daily(HOURLY, released_at=clock.at))
    made = RealLog(database, tmp_path / "keys", clock, house)
    yield made
    made.connection.close()


def query(log: RealLog) -> store.Query:
    return lambda text, values: log.connection.query(log.workings.log.log_id, text, values)


def due(log: RealLog, clock: SetClock) -> c.StartByClock:
    (found,) = store.due_starts(query(log), clock.at, 9)
    return c.StartByClock(found.blueprint, Instant(found.due), found.local)


def keys(log: RealLog) -> list[str]:
    return sorted(row.business_key.strip('"') for row in log.rows(tables.INSTANCE).values())


def check(log: RealLog) -> None:
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name


def test_two_runners_in_one_batch_start_it_once(log: RealLog, clock: SetClock) -> None:
    log.one(SYSTEM, c.PlanStarts("daily"))
    clock.pass_time(DAY // 24)
    command = due(log, clock)
    first, second = log.run((SYSTEM, command), (SYSTEM, command))
    assert isinstance(first.outcome, Done)
    assert isinstance(second.outcome, Refusal)
    assert second.outcome.reason is Reason.WRONG_STATE
    assert keys(log) == [command.local]
    check(log)


def test_planned_twice_in_one_batch_is_planned_once(log: RealLog) -> None:
    first, second = log.run((SYSTEM, c.PlanStarts("daily")), (SYSTEM, c.PlanStarts("daily")))
    assert isinstance(first.outcome, Done)
    assert isinstance(second.outcome, Refusal)
    check(log)


def test_a_batch_that_dies_before_its_commit_leaves_the_occurrence_due(log: RealLog, clock: SetClock) -> None:
    log.one(SYSTEM, c.PlanStarts("daily"))
    clock.pass_time(DAY // 24)
    command = due(log, clock)
    request = Request(SYSTEM, command, "start")
    dying = Batch(log.workings, log.connection)
    dying.open([request])
    dying.carry_out(request)
    log.connection.rollback()
    assert due(log, clock) == command
    assert keys(log) == []
    for _ in range(2):  # the second is the answer to a repeat, whose first answer was lost
        (answer,) = Batch(log.workings, log.connection).run([request])
        assert isinstance(answer, Answer)
        assert isinstance(answer.outcome, Done)
    assert keys(log) == [command.local]
    check(log)


def runner(log: RealLog, clock: SetClock, kill_after: int = 0) -> Runner:
    """The shell over this log; with `kill_after` it dies by the hand of the system before that many commands are in."""
    sent = 0

    def submit(requests: list[Request]) -> Any:
        nonlocal sent
        answers = []
        for request in requests:
            sent += 1
            batch = Batch(log.workings, log.connection)
            if sent == kill_after:
                batch.open([request])
                batch.carry_out(request)
                os.kill(os.getpid(), signal.SIGKILL)
            answers += batch.run([request])
        return answers

    def plans() -> list[c.PlanStarts]:
        return to_plan(planned(query(log)), [Planned("daily", 1, "")])

    return Runner("one", submit, query(log), None, clock, plans=plans)  # type: ignore[arg-type]


@pytest.mark.parametrize("kill_after", [1, 2, 5])
def test_a_process_killed_between_occurrence_and_start_loses_none_and_repeats_none(
    log: RealLog, clock: SetClock, database: Database, kill_after: int
) -> None:
    child = os.fork()
    if child == 0:  # never comes back: it is killed in the middle of a command
        try:
            log.connection = database.connect()
            mine = runner(log, clock, kill_after)
            mine.round()
            clock.pass_time(DAY // 4)
            while mine.round():
                pass
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    clock.pass_time(DAY // 4)
    heir = runner(log, clock)
    heir.round()
    while heir.round():
        pass
    assert len(keys(log)) == len(set(keys(log))) == 6
    check(log)
