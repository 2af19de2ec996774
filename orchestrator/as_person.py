"""The questions of a command asked about somebody else: may they do this task, before it is given to them."""

from typing import TYPE_CHECKING, Any, cast

from governance.above import Kind
from ledger.actor import Actor, person_acting
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator.measure import currency_of
from orchestrator.refusal_texts import why
from orchestrator.stating import FoundTask
from orchestrator.task_questions import may_claim, shut_out
from versioning.blueprint import DecideStep

if TYPE_CHECKING:
    from orchestrator.act import Act

CANDIDATES_MAX = 200


class _Asking:
    """A unit of work in which another person acts; for questions alone, since nothing is staged through it."""

    __slots__ = ("_uow", "actor")

    def __init__(self, uow: UnitOfWork, actor: Actor) -> None:
        self._uow = uow
        self.actor = actor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)


def asked_of(asking: "Act", person: str) -> "Act":
    """The act in which the questions of a command are asked of this person."""
    return asking.through(cast(UnitOfWork, _Asking(asking.uow, person_acting(person))))


def unable(asking: "Act", found: FoundTask, person: str) -> Refusal | None:
    """Why this person could not do an open task if they held it; None when nothing stands against it.

    The very questions that are asked of who claims and completes: access, the role it is offered to, duties, and for a
    decision an authority of their own that reaches it with one of its outcomes.
    """
    act = asked_of(asking, person)
    permit = may_claim(act, found)
    if isinstance(permit, Refusal):
        return _about_them(permit)
    refusal = shut_out(act, unheld(found))
    return None if refusal is None else _about_them(refusal)


def kind_of_decision(act: "Act", found: FoundTask, step: DecideStep) -> Kind:
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
