"""Handlers of starts by the clock: plan by the schedule in force, and start what is due. Sent by the runner alone.

Which occurrence is next stands in a row, and the command that starts it names it: so each is decided once, whatever
number of runners there are, and in the command in which its instance starts. Its day is the business key besides.
"""

from typing import Any

from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, tables
from orchestrator.act import Act
from orchestrator.on_instances import Begun, Way, begin, state_of
from orchestrator.paths import lay
from orchestrator.ports import Deps
from orchestrator.recording import Recording
from orchestrator.refusal_texts import why
from orchestrator.schedules import (
    ENDED,
    Plan,
    counted_from,
    due_of,
    is_planned,
    next_of,
    plan_in_force,
    plan_of_row,
    subject_of,
)
from orchestrator.turned_down import not_the_system, wrong_state
from orchestrator.unrecordable import unfit
from rbac.permission import WHOLE
from versioning.schedule import Decided, Occurrence, decide, key_of
from versioning.starts import start_by


def plan_starts(deps: Deps, uow: UnitOfWork, command: c.PlanStarts) -> Done | Refusal:
    """Plan by the schedule and calendar in force, or end what is planned where none is."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    row = uow.get(tables.SCHEDULE, command.blueprint)
    plan = plan_in_force(deps, uow, command.blueprint)
    if plan is None:
        return _end(uow, row)
    if is_planned(row, plan):
        return wrong_state(why("schedule-planned"))
    if row is not None and row.due_at is not None and row.due_at <= _decided_by(row, plan, uow.now):
        return wrong_state(why("no-occurrence-left"))
    after = counted_from(row, plan, uow.now)
    following = next_of(plan, after)
    result: dict[str, Any] = {"blueprint": command.blueprint, **following.value()}
    payload = {
        "number": plan.version.number,
        "version": plan.version.digest,
        "calendar": plan.calendar,
        "after": after._asdict(),
        **following.value(),
        "result": result,
    }
    basis = {"blueprint": plan.version.digest}
    uow.stage(EntryDraft(entries.SCHEDULE_SET, entries.SCHEMA, subject_of(command.blueprint), payload, {}, basis))
    return Done("planned", result)


def start_by_clock(deps: Deps, uow: UnitOfWork, command: c.StartByClock) -> Done | Refusal:
    """Decide the occurrences that are due by the rule for missed ones: start the next, pass over those before it."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    row = uow.get(tables.SCHEDULE, command.blueprint)
    due = Occurrence(command.due, command.local)
    if row is None or row.due_at is None or (row.due_at, row.due_local) != due or due.at > uow.now:
        return wrong_state(why("no-occurrence-due"))
    in_force = plan_in_force(deps, uow, command.blueprint)
    if in_force is None or due.at > _decided_by(row, in_force, uow.now):
        return wrong_state(why("other-schedule"))
    plan = plan_of_row(deps, uow, row)
    waiting = due_of(plan, due, _decided_by(row, in_force, uow.now))
    decided = decide(plan.schedule.catch_up, waiting, uow.now)
    last = decided.start or waiting[-1]
    following = next_of(plan, last)
    begun: Begun | Refusal | None = None
    if decided.start is not None:
        key = key_of(plan.schedule, decided.start)
        begun = unfit(command.unfit) if command.unfit else _begin(deps, uow, in_force, key)
    result: dict[str, Any] = {"blueprint": command.blueprint, **_told(decided, begun), **following.value()}
    if isinstance(begun, Begun):
        _record(begun, plan, last)
    payload = {**result, "after": last._asdict(), "result": result}
    uow.stage(EntryDraft(entries.SCHEDULE_OCCURRED, entries.SCHEMA, subject_of(command.blueprint), payload))
    return Done("started" if isinstance(begun, Begun) else "passed over", result)


def _decided_by(row: tables.ScheduleRow, in_force: Plan, now: int) -> int:
    """Up to which instant the plan of a row still says what is started: a new version counts from its release."""
    return now if row.number == in_force.version.number else min(now, in_force.version.released_at)


def _begin(deps: Deps, uow: UnitOfWork, plan: Plan, key: str) -> Begun | Refusal:
    """Begin an instance of the version in force; its day is all it is given."""
    start = start_by(plan.version.blueprint.starts, "schedule")
    assert start is not None  # it is planned by it
    root, _, rest = start.key.partition(".")
    return begin(Act(uow, deps), Way(plan.version, start), WHOLE, {root: lay(None, rest, key)})


def _record(begun: Begun, plan: Plan, occurrence: Occurrence) -> None:
    result = {"instance": begun.subject.row.id, **state_of(begun.subject)}
    told = {**occurrence._asdict(), "schedule": plan.version.number}
    recording = Recording(entries.INSTANCE_STARTED, "started")
    begun.act.record(begun.subject, recording, {"result": result, "occurrence": told})


def _told(decided: Decided, begun: Begun | Refusal | None) -> dict[str, Any]:
    """What became of the occurrences: the one that was to start, and those that were passed over as missed."""
    told: dict[str, Any] = {}
    if decided.start is not None:
        told["occurrence"] = decided.start._asdict()
    if isinstance(begun, Begun):
        told["instance"] = begun.subject.row.id
    elif begun is not None:
        told["refused"] = {"reason": begun.reason.value, "message": str(begun.message)}
    if decided.passed:
        first, last = decided.passed[0].local, decided.passed[-1].local
        told["missed"] = {"count": len(decided.passed), "first": first, "last": last}
    return told


def _end(uow: UnitOfWork, row: tables.ScheduleRow | None) -> Done | Refusal:
    if row is None or row.state == ENDED:
        return Refusal(Reason.NOT_FOUND, why("starts-by-no-schedule"))
    result = {"blueprint": row.blueprint}
    uow.stage(EntryDraft(entries.SCHEDULE_ENDED, entries.SCHEMA, subject_of(row.blueprint), {"result": result}))
    return Done("ended", result)
