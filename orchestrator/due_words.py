"""Why tasks and instances are due when they are, for doors: the arithmetic of their deadlines told again.

A due time was computed when its clock began and stands in the row; here it is computed once more, by the calendar that
stood in the transition, and explained only where it comes to the same.
"""

from dataclasses import asdict
from typing import Any, NamedTuple

from ledger.wording import Wording, as_it_is, wording_value
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.deadlines import DEADLINE, Course, lapse
from orchestrator.fold_rows import instance_of
from orchestrator.instance import Activation, Timer
from orchestrator.plan import plan_of
from orchestrator.ports import BusinessCalendars
from orchestrator.watching import DELAY
from versioning.blueprint import BlueprintVersion, Watch
from versioning.business_time import is_business
from versioning.business_words import Explained, elapsed, explain, in_turn
from versioning.time_texts import tell


class _Clock(NamedTuple):
    """A deadline as it stands: what it is, since when it counts, when that is over, and by which calendar (digest)."""

    course: Course
    since: int
    due: int
    calendar: str
    has_stood: bool


def task_explained(
    rows: UnitOfWork, calendars: BusinessCalendars, version: BlueprintVersion, row: tables.TaskRow
) -> dict[str, Any] | None:
    """Why a task is due when it is; None where it has no due time, or none that comes to the same again."""
    found = rows.get(tables.INSTANCE, row.instance)
    if row.due_at is None or found is None:
        return None
    instance, plan = instance_of(found), plan_of(version)
    live = instance.activation(row.number)
    place = (row.number, row.step, row.opened_at if live is None else live.entered_at)
    while True:  # by its own deadline, or by that of what it lies in
        number, step, entered_at = place
        if step in plan.courses:
            timer = rows.get(tables.TIMER, row.instance, number, DEADLINE)
            since = timer.since if timer is not None and timer.since else entered_at
            calendar, has_stood = ("", False) if timer is None else (timer.calendar, timer.since > 0)
            told = _told(rows, calendars, _Clock(plan.courses[step], since, row.due_at, calendar, has_stood))
            if told is not None:
                return told if number == row.number else {**told, **_in_words(_around(told["words"], step))}
        live = None if live is None or not live.scope else instance.activation(live.scope)
        if live is None:
            return None
        place = (live.number, live.step, live.entered_at)


def instance_explained(
    rows: UnitOfWork, calendars: BusinessCalendars, version: BlueprintVersion, row: tables.InstanceRow
) -> dict[str, Any] | None:
    """Why an instance is late when it is; None as of a task."""
    course = plan_of(version).course
    timer = rows.get(tables.TIMER, row.id, 0, DEADLINE)
    if course is None or row.late_at is None or timer is None:
        return None
    has_stood = timer.since != row.started_at
    return _told(rows, calendars, _Clock(course, timer.since, row.late_at, timer.calendar, has_stood))


def wait_explained(
    rows: UnitOfWork, calendars: BusinessCalendars, version: BlueprintVersion, waiting: tuple[Activation, Timer]
) -> dict[str, Any] | None:
    """Why a wait for working time ends when it does; None of any other timer."""
    activation, timer = waiting
    visited = plan_of(version).visited(activation.step, activation.branch)
    duration = visited.on if isinstance(visited, Watch) else getattr(visited, "delay", None)
    dated = calendars.released(rows, timer.calendar) if timer.name == DELAY and timer.calendar else None
    if dated is None or duration is None:
        return None
    explained = explain(dated.calendar, duration, timer.since)
    return _as_value(explained, timer.calendar, False) if explained.due_at == timer.due else None


def _told(rows: UnitOfWork, calendars: BusinessCalendars, clock: _Clock) -> dict[str, Any] | None:
    duration = clock.course.within.duration
    if is_business(duration):
        dated = calendars.released(rows, clock.calendar)
        explained = None if dated is None else explain(dated.calendar, duration, clock.since)
    else:
        explained = elapsed(duration, clock.since, lapse(clock.since, clock.course.within, None))
    if explained is None or explained.due_at != clock.due:
        return None
    return _as_value(explained, clock.calendar, clock.has_stood)


def _as_value(explained: Explained, calendar: str, has_stood: bool) -> dict[str, Any]:
    return {
        **asdict(explained),
        **_in_words(in_turn([explained.words, tell("stood")]) if has_stood else explained.words),
        "passed": [asdict(one) for one in explained.passed],
        "calendar_digest": calendar,
        "has_stood_still": has_stood,
    }


def _around(words: Wording, step: str) -> Wording:
    return tell("by-deadline-of", words=words, step=as_it_is(step))


def _in_words(words: Wording) -> dict[str, Any]:
    return {"words": words, "wording": wording_value(words)}


def stopped_since(row: tables.InstanceRow) -> int | None:
    """Since when the clock of an instance stands still; None where it runs or there is none."""
    clock = instance_of(row).clock
    return None if clock is None else clock.paused_at or None
