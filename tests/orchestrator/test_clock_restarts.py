"""Deadlines by working time on the real write path, on both databases; and processes killed between two escalations."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.clock import Instant
from ledger.database import Database
from ledger.entry import parse_entry
from ledger.tables import ENTRY
from ledger.work import Request
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.calendars import ReleasedCalendars
from orchestrator.due_words import instance_explained, stopped_since, task_explained
from orchestrator.runner import Runner
from tests.conftest import SetClock
from tests.orchestrator import toy
from tests.orchestrator.house import ANN, BOB, WORKER, House
from tests.orchestrator.test_real_log import RealLog
from tests.orchestrator.toy import HERE, HOUR, end, task
from versioning import blueprint as b
from versioning.starts import Start

ALWAYS: dict[str, Any] = {  # round the clock in UTC, but for Christmas Day; a business day counts eight hours
    "name": "always",
    "title": "Always",
    "zone": "Etc/UTC",
    "day_minutes": 480,
    "hours": {
        day: ["00:00-24:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    },
    "holidays": {"source": "own", "country": "", "subdivision": "", "years": [2020, 2040], "days": {}},
    "closed": {},
    "open": {},
}
LATE = (
    b.Late("PT0H", tell="leads", urgency=40),
    b.Late("business PT1H", warn=True, every="business PT1H", times=3, urgency=30),
    b.Late("PT90M", reassign="owners"),
)


class Shelf:
    """Released calendars as the versioning room gives them."""

    def __init__(self) -> None:
        self.found = SimpleNamespace(kind="calendar", digest="digest-1", retired=False, value=ALWAYS)

    def current(self, uow: Any, kind: str, name: str) -> Any:
        return self.found if (kind, name) == ("calendar", "always") else None

    def by_digest(self, uow: Any, digest: str) -> Any:
        return self.found if digest == "digest-1" else None


def blueprint() -> b.BlueprintVersion:
    steps = (
        task("f", "ask", deadline=b.Deadline("business P1D", None, LATE)),
        b.WaitStep("ask", HERE, message="m", key="number", next="g", for_customer=True),
        task("g", "done"),
        end(),
    )
    start = Start("api", "role starters", "number")
    whole = b.Deadline("business P3D", late=(b.Late("PT0H", tell="leads", urgency=50),))
    value = b.Blueprint(
        "slow", "Slow", "Try", "role owners", "GBP", toy.FIELDS, start, "f", steps, calendar="always", deadline=whole
    )
    return b.BlueprintVersion(value, 1, "slow-digest", ("person:author",), ("person:approver",), "", 0)


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    house = House(calendars=ReleasedCalendars(Shelf()))
    house.release(blueprint())
    made = RealLog(database, tmp_path / "keys", clock, house)
    yield made
    made.connection.close()


def started(log: RealLog) -> str:
    return str(log.one(ANN, c.StartInstance("slow", "A-1", {})).result["instance"])


def runner(log: RealLog, clock: SetClock) -> Runner:
    """The shell that finds what is due, over this log."""

    def submit(requests: list[Request]) -> Any:
        return Batch(log.workings, log.connection).run(requests)

    def query(statement: str, values: Any) -> list[tuple[Any, ...]]:
        return log.connection.query(log.workings.log.log_id, statement, values)

    return Runner("one", submit, query, None, clock)  # type: ignore[arg-type]


def escalations(log: RealLog) -> list[tuple[int, int, str]]:
    """(activation, reaction, act) of every escalation on record, in order."""
    (size,) = log.ask("SELECT COUNT(*) FROM entry")[0]
    found = []
    for row in sorted(log.connection.load(log.workings.log.log_id, ENTRY, [(n,) for n in range(size)])):
        for one in parse_entry(row.bytes).payload.get("transitions", ()):
            if one["t"] == "deadline.escalated":
                found.append((one["activation"], one["reaction"], one["act"]))
    return found


def hours(log: RealLog, clock: SetClock, count: int, act: Callable[[], Any]) -> None:
    """Let time pass, half an hour at once, and the runner look after each."""
    for _ in range(count * 2):
        clock.pass_time(HOUR // 2)
        act()


EXPECTED = [
    (1, 1, "late"), (1, 2, "told"), (1, 3, "holder warned"), (1, 6, "reassigned"),
    (1, 4, "holder warned"), (1, 5, "holder warned"),
    (0, 1, "late"), (0, 2, "told"),
]  # fmt: skip


def test_every_escalation_is_on_record_once_and_rows_are_the_fold(log: RealLog, clock: SetClock) -> None:
    instance = started(log)
    hours(log, clock, 25, runner(log, clock).fire_timers)
    assert escalations(log) == EXPECTED
    row = log.rows(tables.TASK)[instance, 1]
    assert (row.role, row.urgency, row.due_at) == ("owners", 100, row.opened_at + 8 * HOUR)  # 40 + 3 x 30, at most 100
    whole = log.rows(tables.INSTANCE)[instance,]
    assert (whole.urgency, whole.late_at) == (50, whole.started_at + 24 * HOUR)
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_between_two_escalations_neither_doubles_nor_loses_one(
    log: RealLog, clock: SetClock, database: Database, when: str
) -> None:
    """Killed within the transaction of an escalation, or right after it and before anybody was told, each time."""
    started(log)
    steady = runner(log, clock)

    def look() -> None:
        due = store.due_timers(steady.query, clock.wall(), 10)
        if due:
            _killed(log, database, [c.FireTimer(one.timer_id, Instant(one.due)) for one in due], when)
            left = store.due_timers(steady.query, clock.wall(), 10)
            assert left == (due if when == "before" else [])
            for one in due:  # the next runner may still know of what the first one had found
                steady.submit([Request(SYSTEM, c.FireTimer(one.timer_id, Instant(one.due)))])
        steady.fire_timers()

    hours(log, clock, 25, look)
    assert escalations(log) == EXPECTED
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name


def _killed(log: RealLog, database: Database, commands: list[Any], when: str) -> None:
    """A process of its own carries the commands out and dies without a word."""
    child = os.fork()
    if child == 0:
        try:
            workings = log.workings
            if when == "before":
                folds = {**workings.folds, ("timer.fired", 1): lambda *_: os.kill(os.getpid(), signal.SIGKILL)}
                workings = replace(workings, folds=folds)
            Batch(workings, database.connect()).run([Request(SYSTEM, command) for command in commands])
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_completion_stops_everything(log: RealLog, clock: SetClock) -> None:
    instance = started(log)
    log.run((BOB, c.ClaimTask(f"{instance}.1")), (BOB, c.CompleteTask(f"{instance}.1")))
    log.one(WORKER, c.Correlate("m", "A-1"))
    log.run((BOB, c.ClaimTask(f"{instance}.3")), (BOB, c.CompleteTask(f"{instance}.3")))
    assert log.rows(tables.INSTANCE)[instance,].status == "ended"
    assert {row.state for row in log.rows(tables.TIMER).values()} == {"cancelled"}
    hours(log, clock, 30, runner(log, clock).fire_timers)
    assert escalations(log) == []


def test_the_clock_of_an_instance_stands_still_in_rows_too(log: RealLog, clock: SetClock) -> None:
    instance, began = started(log), clock.at
    clock.pass_time(HOUR)
    log.run((BOB, c.ClaimTask(f"{instance}.1")), (BOB, c.CompleteTask(f"{instance}.1")))
    whole = log.rows(tables.TIMER)[instance, 0, "deadline"]
    assert (whole.state, whole.due_at, whole.calendar) == ("paused", began + 24 * HOUR, "digest-1")
    assert stopped_since(log.rows(tables.INSTANCE)[instance,]) == clock.at
    hours(log, clock, 40, runner(log, clock).fire_timers)
    assert escalations(log) == []
    log.one(WORKER, c.Correlate("m", "A-1"))
    whole = log.rows(tables.TIMER)[instance, 0, "deadline"]
    assert (whole.state, whole.due_at, whole.since) == ("set", began + 64 * HOUR, began + 40 * HOUR)
    assert log.rows(tables.INSTANCE)[instance,].late_at == began + 64 * HOUR
    hours(log, clock, 24, runner(log, clock).fire_timers)
    assert escalations(log) == [(0, 1, "late"), (0, 2, "told")]
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name


def test_due_times_are_explained_by_the_calendar_that_counted(log: RealLog, clock: SetClock) -> None:
    instance = started(log)
    view = _View(log)
    calendars, version = log.house.calendars, blueprint()
    row = log.rows(tables.TASK)[instance, 1]
    told = task_explained(view, calendars, version, row)  # type: ignore[arg-type]
    assert told is not None
    assert told["words"].startswith("1 business day of 8 hours from ")
    assert (told["due_at"], told["calendar"], told["calendar_digest"]) == (row.due_at, "always", "digest-1")
    assert task_explained(view, calendars, version, row._replace(due_at=row.due_at + 1)) is None  # type: ignore[arg-type]
    whole = log.rows(tables.INSTANCE)[instance,]
    said = instance_explained(view, calendars, version, whole)  # type: ignore[arg-type]
    assert said is not None
    assert (said["due_at"], said["has_stood_still"]) == (whole.late_at, False)
    log.run((BOB, c.ClaimTask(f"{instance}.1")), (BOB, c.CompleteTask(f"{instance}.1")))
    clock.pass_time(HOUR)
    log.one(WORKER, c.Correlate("m", "A-1"))
    said = instance_explained(view, calendars, version, log.rows(tables.INSTANCE)[instance,])  # type: ignore[arg-type]
    assert said is not None
    assert said["has_stood_still"]
    assert said["words"].endswith("since the clock stood still while something waited for the customer")


class _View:
    def __init__(self, log: RealLog) -> None:
        self._log = log

    def get(self, table: Any, *key: Any) -> Any:
        return self._log.rows(table).get(key)
