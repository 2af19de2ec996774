"""Refusals that many commands share: of who acts, and of what is found in another state."""

from ledger.actor import ActorKind
from ledger.refusal import Reason, Refusal
from ledger.wording import Wording
from ledger.work import UnitOfWork
from orchestrator.refusal_texts import why

NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))


def not_the_system(uow: UnitOfWork) -> Refusal | None:
    """Timers and calls are moved by the runner alone."""
    if uow.actor.kind is ActorKind.SYSTEM:
        return None
    return Refusal(Reason.DENIED, why("not-the-runner"))


def wrong_state(message: Wording) -> Refusal:
    """The refusal of a command whose activation does not wait for it."""
    return Refusal(Reason.WRONG_STATE, message)
