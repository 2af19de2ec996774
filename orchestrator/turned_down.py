"""The refusal of a command that finds nothing in the state it asks for."""

from ledger.refusal import Reason, Refusal
from ledger.wording import Wording


def wrong_state(message: Wording) -> Refusal:
    """The refusal of a command whose activation does not wait for it."""
    return Refusal(Reason.WRONG_STATE, message)
