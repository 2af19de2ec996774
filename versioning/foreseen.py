"""What a change request would refuse somebody now, told before anything is typed. Pure: the rules of `change` and of
the permissions, asked ahead. The handler judges anew under the head lock; what it says there is what counts."""

from collections.abc import Mapping
from typing import Final

from ledger.actor import Actor
from ledger.refusal import Refusal
from versioning import change as rules
from versioning.change import ChangeRequest, ReviewAsked, Verdict

ACTIONS: Final[Mapping[str, str]] = {
    "approve": "approve",
    "request_changes": "review",
    "refuse": "approve",
    "edit": "propose",
    "submit": "propose",
    "withdraw": "propose",
    "release": "release",
}
"""Everything that can be done to a change request, and the action of its permission."""

_VERDICTS: Final = {
    "approve": Verdict.APPROVE,
    "request_changes": Verdict.REQUEST_CHANGES,
    "refuse": Verdict.REFUSE,
}


def refused_review(change: ChangeRequest, actor: Actor, verdict: Verdict, now: int) -> Refusal | None:
    """Why this actor's verdict on the newest edit would be refused, a reason given; None when it would not."""
    asked = ReviewAsked(verdict, change.digest, "given", change.revision, change.approvals_needed)
    outcome = rules.review(change, actor, asked, now)
    return outcome if isinstance(outcome, Refusal) else None


def foreseen(change: ChangeRequest, actor: Actor, current: int, now: int) -> dict[str, Refusal | None]:
    """Each act of `ACTIONS` with its refusal, permissions aside. `current` is the number of the version in force."""
    found = {name: refused_review(change, actor, verdict, now) for name, verdict in _VERDICTS.items()}
    revision = change.revision
    return {
        **found,
        "edit": rules.refuse_edit(change, revision, now),
        "submit": rules.refuse_submit(change, revision, now),
        "withdraw": rules.refuse_withdraw(change, actor, revision),
        "release": rules.refuse_release(change, current, change.approvals_needed, now),
    }
