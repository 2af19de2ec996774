"""What is due and not done yet: it grows where the runner stands still."""

from typing import NamedTuple

from ledger.clock import SECOND
from orchestrator import store


class Backlog(NamedTuple):
    """Seconds that the timer due longest has waited to be fired, and calls that are to be made or on their way."""

    late_seconds: float
    calls: int


def backlog(query: store.Query, now: int) -> Backlog:
    """How far the runner is behind; instances in test mode are left out of the calls, as of every figure."""
    due = store.next_due(query)
    return Backlog(0 if due is None else max(0, now - due) / SECOND, store.calls_asked(query))
