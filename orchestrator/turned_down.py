"""The refusal of a command that finds nothing in the state it asks for."""

from ledger.refusal import Reason, Refusal


def wrong_state(expected: str) -> Refusal:
    """The refusal of a command whose activation does not wait for it."""
    return Refusal(Reason.WRONG_STATE, f"expected {expected}, found none")
