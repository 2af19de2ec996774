"""The questions of a command asked about somebody else: may they do this task, before it is given to them."""

from typing import Any, cast

from governance.above import Kind
from ledger.actor import Actor, person_acting
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.act import Act
from orchestrator.measure import currency_of
from orchestrator.on_tasks import allowed_to, find_task, may_claim
from orchestrator.ports import Deps
from orchestrator.refusal_texts import why
from orchestrator.stating import FoundTask
from versioning.blueprint import DecideStep

CANDIDATES_MAX = 200


class _Asking:
    """A unit of work in which another person acts; for questions alone, since nothing is staged through it."""

    __slots__ = ("_uow", "actor")

    def __init__(self, uow: UnitOfWork, actor: Actor) -> None:
        self._uow = uow
        self.actor = actor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)


def unable(deps: Deps, uow: UnitOfWork, task_id: str, person: str) -> Refusal | None:
    """Why this person could not do an open task if they held it; None when nothing stands against it.

    The very questions that are asked of who claims and completes: access, the role it is offered to, duties, and for a
    decision an authority of their own that reaches it with one of its outcomes.
    """
    found = find_task(Act(uow, deps), task_id)
    return found if isinstance(found, Refusal) else unable_at(Act(uow, deps), found, person)


def unable_at(asking: Act, found: FoundTask, person: str) -> Refusal | None:
    """The same of a task that is at hand."""
    actor = person_acting(person)
    act = Act(cast(UnitOfWork, _Asking(asking.uow, actor)), asking.deps)
    act.allowance = asking.allowance  # however many are asked about, the log is held for no longer
    permit = may_claim(act, found)
    if isinstance(permit, Refusal):
        return _about_them(permit)
    free = unheld(found)
    outcomes = found.step.outcomes if isinstance(found.step, DecideStep) else ("",)
    first: Refusal | None = None
    for outcome in outcomes:
        allowed = allowed_to(act, free, outcome)
        if not isinstance(allowed, Refusal):
            return None
        first = first or allowed
    return None if first is None else _about_them(first)


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
    return tuple([one for one in asked[:CANDIDATES_MAX] if unable(deps, uow, task_id, one) is None])


def kind_of_decision(act: Act, found: FoundTask, step: DecideStep) -> Kind:
    """Which decisions an authority is needed for."""
    subject = found.subject
    measured = act.evaluating(subject)(step.measure, subject.context(step.measure)) if step.measure else None
    row = subject.row
    return Kind(row.domain, step.authority, row.blueprint, step.id, step.outcomes, currency_of(measured))


def unheld(found: FoundTask) -> FoundTask:
    """The task as if nobody held it: whether somebody may do it is asked apart from who does."""
    return found._replace(activation=found.activation._replace(holder="", delegate=""))


def _about_them(refusal: Refusal) -> Refusal:
    return Refusal(refusal.reason, why("may-not-do", why=refusal.message), refusal.details)
