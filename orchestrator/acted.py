"""Who has done what in an instance, with what the command under way has done: duties are judged by it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from governance.duties import BY_UNIT, DutyFacts, DutyRule, check_duties, compared_by_unit
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.ports import Deps
from orchestrator.subject import Subject
from orchestrator.transitions import TaskCompleted


def facts_of(uow: UnitOfWork, subject: Subject) -> DutyFacts:
    """What duties are judged by."""
    actors: dict[str, tuple[str, ...]] = {}
    for row in uow.group(tables.STEP_ACTOR, subject.row.id):
        actors[row.step] = (*actors.get(row.step, ()), row.person)
    for one in subject.sealed:  # this command may have completed a step before the next is asked about
        if isinstance(one, TaskCompleted):
            actors[one.step] = (*actors.get(one.step, ()), *who_completed(uow, subject.row.id, one))
    plan, version = subject.plan, subject.plan.version
    return DutyFacts(subject.row.initiator, tuple(actors.items()), version.authors, version.approvers, voted=plan.voted)


def with_units(
    deps: Deps, uow: UnitOfWork, duties: Iterable[DutyRule], persons: Sequence[str], facts: DutyFacts
) -> DutyFacts:
    """The facts with the units at this instant of who acts and of those they are compared with, where a duty asks."""
    asked = [duty for duty in duties if duty.kind in BY_UNIT]
    if not asked:
        return facts
    units = []
    for person in dict.fromkeys((*persons, *compared_by_unit(asked, facts))):
        has = deps.attributes.of(uow, uow.now, person)
        units.append((person, tuple([value for name, value in has if name == "unit"])))
    return replace(facts, units=tuple(units))


def broken_duty(
    deps: Deps, uow: UnitOfWork, duties: Sequence[DutyRule], persons: Sequence[str], facts: DutyFacts
) -> Refusal | None:
    """Which duty these persons would break; None when they keep all."""
    return check_duties(duties, persons, with_units(deps, uow, duties, persons, facts))


def who_completed(uow: UnitOfWork, instance: str, completed: TaskCompleted) -> tuple[str, ...]:
    """Who has acted by completing a task in the command under way: they, and whom they took it for."""
    row = uow.get(tables.TASK, instance, completed.activation)
    return tuple(filter(None, (completed.by, "" if row is None else row.stands_in_for)))
