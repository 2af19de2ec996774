"""Who has done what in an instance, with what the command under way has done: duties are judged by it."""

from governance.duties import DutyFacts
from ledger.work import UnitOfWork
from orchestrator import tables
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
    version = subject.plan.version
    return DutyFacts(subject.row.initiator, tuple(actors.items()), version.authors, version.approvers)


def who_completed(uow: UnitOfWork, instance: str, completed: TaskCompleted) -> tuple[str, ...]:
    """Who has acted by completing a task in the command under way: they, and whom they took it for."""
    row = uow.get(tables.TASK, instance, completed.activation)
    return tuple(filter(None, (completed.by, "" if row is None else row.stands_in_for)))
