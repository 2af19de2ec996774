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
            actors[one.step] = (*actors.get(one.step, ()), one.by)
    version = subject.plan.version
    return DutyFacts(subject.row.initiator, tuple(actors.items()), version.authors, version.approvers)
