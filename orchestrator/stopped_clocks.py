"""Which tasks are told a time that does not pass, for doors: since when, why, and whether they are due later for it.

The clock of a deadline around what waits for the customer stands still, and what lies in it is due later by as long as
that lasts. In a suspended instance nothing fires, but a due time stays what it is (ADR 50).
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.deadlines import DEADLINE, lapse
from orchestrator.fold_rows import instance_of
from orchestrator.instance import Activation, Instance
from orchestrator.plan import Plan, plan_of
from orchestrator.ports import BusinessCalendars
from versioning.blueprint import BlueprintVersion

Why = Literal["customer", "suspended", "parent"]
_SUSPENDED: dict[str, Why] = {"itself": "suspended", "parent": "parent"}


class StoppedClock(NamedTuple):
    """Since when (microseconds) the clock of a task stands still and why; `step` is whose deadline that is.

    `why`: something that deadline lies around waits for the `customer`; the instance is `suspended`, by an act on it or
    on its `parent`. `moves`: the due time moves on by as long as it lasts, and is told anew when the clock goes on.
    `step` is empty where the whole instance stands still.
    """

    since: int
    why: Why
    step: str
    moves: bool


class TaskClock(NamedTuple):
    """Whose clock is asked for: a task, and what its instance may come past."""

    instance: str
    number: int
    due_at: int | None
    plan: Plan


def clock_of(row: tables.TaskRow, version: BlueprintVersion) -> TaskClock:
    """The clock of a task."""
    return TaskClock(row.instance, row.number, row.due_at, plan_of(version))


def stopped_clocks(
    rows: UnitOfWork, calendars: BusinessCalendars, asked: Iterable[TaskClock]
) -> dict[tuple[str, int], StoppedClock]:
    """By (instance, number), of these open tasks those whose clock stands still: two statements, however many."""
    wanted = list(asked)
    keys = sorted({one.instance for one in wanted})
    rows.prefetch([(tables.INSTANCE, (key,)) for key in keys])
    found: dict[tuple[str, int], StoppedClock] = {}
    for one in wanted:
        row = rows.get(tables.INSTANCE, one.instance)
        if row is None:
            continue
        stopped = _of_the_customer(rows, calendars, one, row) if one.plan.stands_still else None
        if stopped is None and row.suspended and row.suspended_at is not None:
            stopped = StoppedClock(row.suspended_at, _SUSPENDED[row.suspended], "", False)
        if stopped is not None:
            found[one.instance, one.number] = stopped
    return found


def _of_the_customer(
    rows: UnitOfWork, calendars: BusinessCalendars, one: TaskClock, row: tables.InstanceRow
) -> StoppedClock | None:
    """Where the deadline it is due by stands still: of those it lies in, that which is over when the task is due."""
    instance = instance_of(row)
    live = instance.activation(one.number)
    while live is not None and one.due_at is not None:
        live = _around(instance, live)
        timer = None if live is None else live.timer(DEADLINE)
        if live is None or timer is None or not timer.paused_at:
            continue
        dated = calendars.released(rows, timer.calendar) if timer.calendar else None
        within = one.plan.courses[live.step].within
        over = lapse(timer.since or live.entered_at, within, None if dated is None else dated.calendar)
        if over == one.due_at:
            return StoppedClock(timer.paused_at, "customer", live.step, True)
    return None


def _around(instance: Instance, live: Activation) -> Activation | None:
    return instance.activation(live.scope) if live.scope else None
