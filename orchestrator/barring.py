"""What stands against a person at a task, asked before they type anything: over a view, with nothing staged.

The very questions that the commands ask. They promise nothing: what counts is asked again under the head lock.
"""

from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.act import Act
from orchestrator.as_person import CANDIDATES_MAX, kind_of_decision, unable
from orchestrator.ports import Deps
from orchestrator.resolving import may_resolve
from orchestrator.task_questions import allowed_to, find_task, may_claim, not_offered_to, shut_out
from versioning.blueprint import DecideStep


def may_complete(deps: Deps, uow: UnitOfWork, task_id: str, outcome: str = "") -> Refusal | None:
    """Why this actor would be refused this outcome now, before they type anything; None when nothing stands against it.

    The same questions as completion asks, over a view or a unit of work; nothing is staged. It promises nothing: what
    counts is asked again under the head lock.
    """
    found = find_task(Act(uow, deps), task_id)
    if isinstance(found, Refusal):
        return found
    allowed = allowed_to(Act(uow, deps), found, outcome)
    return allowed if isinstance(allowed, Refusal) else None


def barred(deps: Deps, uow: UnitOfWork, task_id: str) -> Refusal | None:
    """Why this actor could not do this task now, whatever they chose; None when nothing stands against it.

    A task nobody holds they must be able to take; then one outcome of a decision must be open to them. For lists: the
    task itself tells of each outcome.
    """
    act = Act(uow, deps)
    found = find_task(act, task_id)
    if isinstance(found, Refusal):
        return found
    if not found.activation.holder:
        claimed = may_claim(act, found)
        if isinstance(claimed, Refusal):
            return claimed
    return shut_out(act, found)


def incident_barred(deps: Deps, uow: UnitOfWork, domain: str, role: str) -> Refusal | None:
    """Why this actor could not resolve incidents of this domain that are held for this role; None when they could."""
    allowed = may_resolve(deps, uow, domain, role)
    return allowed if isinstance(allowed, Refusal) else None


def is_offered(deps: Deps, uow: UnitOfWork, task_id: str) -> bool:
    """Whether an open task that was passed on is offered to who asks, over a view or a unit of work."""
    act = Act(uow, deps)
    found = find_task(act, task_id)
    return not isinstance(found, Refusal) and not_offered_to(act, found) is None


def candidates(deps: Deps, uow: UnitOfWork, task_id: str) -> tuple[str, ...]:
    """The persons an open task may be given to, by id: of its role, or holders of its decision kind, those able to.

    A question for each of them; at most `CANDIDATES_MAX` are asked.
    """
    act = Act(uow, deps)
    found = find_task(act, task_id)
    if isinstance(found, Refusal):
        return ()
    domain, step = found.subject.row.domain, found.step
    row = uow.get(tables.TASK, found.subject.row.id, found.activation.number)
    if row is not None and row.role:
        asked = deps.access.holders(uow, uow.now, domain, row.role)
    elif isinstance(step, DecideStep):
        known = deps.authorities.heights(uow, kind_of_decision(act, found, step))
        asked = () if isinstance(known, Refusal) else tuple(sorted(known))
    else:
        asked = ()
    return tuple([one for one in asked[:CANDIDATES_MAX] if unable(Act(uow, deps), found, one) is None])
