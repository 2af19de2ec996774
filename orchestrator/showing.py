"""A task as it is put before somebody: what it shows, what they may do, and what reads otherwise than it did."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.agents import PROPOSAL as PROPOSED
from orchestrator.commands import split_id
from orchestrator.once_under import TASKS, version_with
from orchestrator.plan import Plan, plan_of
from orchestrator.ports import Versions
from orchestrator.reviews import Proposed, proposed, recorded_proposal
from orchestrator.sealing import opened
from orchestrator.shown import differences, shown_digest, view
from orchestrator.shown_before import view_of
from versioning.agent_steps import REVIEWS
from versioning.blueprint import AgentStep, DataClass, DecideStep, Step, TaskStep

KINDS: dict[type, str] = {TaskStep: "task", DecideStep: "decide", AgentStep: "review"}


class Before(NamedTuple):
    """A view that a caller had: its digest, and the payloads of the instance's entries, oldest first."""

    digest: str
    payloads: Iterable[Mapping[str, Any]]


class Shown(NamedTuple):
    """A task as it is put before somebody: `shown` with commitments in place of what this reader may not open."""

    row: tables.TaskRow
    kind: str  # `task`, `decide` or `review`
    title: str
    outcomes: tuple[str, ...]
    expects: tuple[str, ...]
    reason_required: bool
    reason_codes: str | None
    meaning: str
    factor: str  # how it is signed; empty where nothing is
    shown: dict[str, Any]
    shown_digest: str
    proposal: Proposed | None = None  # of a review


class ShownChange(NamedTuple):
    """One shown path that reads otherwise than it did: before and now, as far as this reader may see them."""

    field: str
    before: Any
    after: Any


class _Task(NamedTuple):
    """A task with its step, and what it shows as it is recorded now."""

    row: tables.TaskRow
    plan: Plan
    step: TaskStep | DecideStep | AgentStep
    shown: dict[str, Any]


def outcomes_of(step: Step) -> tuple[str, ...]:
    """What may come of a task of this step; nothing of a form."""
    if isinstance(step, AgentStep):
        return REVIEWS
    return step.outcomes if isinstance(step, DecideStep) else ()


def task(uow: UnitOfWork, versions: Versions, task_id: str, readable: frozenset[DataClass]) -> Shown | None:
    """A task with what it shows; None when there is none. `readable` are the classes the reader may open."""
    found = _find(uow, versions, task_id)
    if found is None:
        return None
    row, plan, step, shown = found
    place = (row.instance, row.number)
    opened_ = {path: _open_for(uow, plan, (row.instance, path), value, readable) for path, value in shown.items()}
    proposal = None
    if isinstance(step, AgentStep):
        proposal = proposed(uow, plan, place, step, readable)
        shown[PROPOSED] = recorded_proposal(uow, *place)
    sign = step.sign if isinstance(step, DecideStep) else None
    return Shown(
        row=row,
        kind=KINDS[type(step)],
        title=step.title,
        outcomes=outcomes_of(step),
        expects=step.expects if isinstance(step, TaskStep) else (),
        reason_required=isinstance(step, DecideStep) and step.reason_required,
        reason_codes=step.reason_codes if isinstance(step, DecideStep) else None,
        meaning="" if sign is None else sign.meaning,
        factor="" if sign is None else sign.factor,
        shown=opened_,
        shown_digest=shown_digest(shown),
        proposal=proposal,
    )


def shown_changes(
    uow: UnitOfWork, versions: Versions, task_id: str, readable: frozenset[DataClass], before: Before
) -> tuple[ShownChange, ...] | None:
    """What changed of what a task shows since the view of a digest; None when no such view is on record."""
    found = _find(uow, versions, task_id)
    earlier = None if found is None else view_of(before.payloads, found.step.shows, before.digest)
    if found is None or earlier is None:
        return None
    row, plan, _, now = found

    def told(path: str, value: Any) -> Any:
        return _open_for(uow, plan, (row.instance, path), value, readable)

    paths = differences(earlier, now)
    return tuple([ShownChange(path, told(path, earlier.get(path)), told(path, now.get(path))) for path in paths])


def _find(uow: UnitOfWork, versions: Versions, task_id: str) -> _Task | None:
    instance_id, number = split_id(task_id)
    row, instance = uow.get(tables.TASK, instance_id, number), uow.get(tables.INSTANCE, instance_id)
    version = None if instance is None else versions.version(uow, instance.blueprint, instance.number)
    if row is None or version is None:
        return None
    plan = plan_of(version_with(uow, versions, version, row.step, TASKS))
    step = plan.steps[row.step]
    assert isinstance(step, TaskStep | DecideStep | AgentStep)
    recorded = {one.name: orjson.loads(one.value) for one in uow.group(tables.VARIABLE, instance_id)}
    return _Task(row, plan, step, view(step.shows, recorded.get))


def _open_for(uow: UnitOfWork, plan: Plan, place: tuple[str, str], value: Any, readable: frozenset[DataClass]) -> Any:
    instance_id, path = place
    if plan.class_of(path) not in readable:
        return value
    sealed_at = plan.sealed_at(path)
    if sealed_at is None or sealed_at[0] == path:
        return opened(uow, instance_id, path, value)
    whole = opened(uow, instance_id, sealed_at[0], value)  # the shown path lies inside a value sealed whole
    for name in path[len(sealed_at[0]) + 1 :].split("."):
        whole = whole.get(name) if type(whole) is dict else None
    return whole
