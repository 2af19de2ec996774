"""What is told of a voting: the votes that are needed, and those that were cast, as the record has them."""

from typing import Any

from api.naming import Names
from ledger.service import View
from orchestrator.service import Shown
from orchestrator.vote_lists import votes_on
from versioning.blueprint import DecideStep


def voting(view: View, found: Shown, step: DecideStep, names: Names) -> dict[str, Any] | None:
    """The votes on a task, in the order in which they were cast; None where one person decides."""
    quorum, row = step.quorum, found.row
    if quorum is None:
        return None
    return {
        "committee": quorum.of or "",
        "need": quorum.need,
        "veto": quorum.veto or "",
        "tie": quorum.tied(step.outcomes) or "",
        "votes": [
            {
                "id": f"{one.instance}.{one.vote}",
                "by": one.person,
                "by_name": names.of(one.person, row.domain),
                "outcome": one.outcome,
                "in_chair": bool(one.in_chair),
                "voted_at": one.voted_at,
            }
            for one in votes_on(view, row.instance, row.number)
        ],
    }
