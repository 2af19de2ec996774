"""Approvals as commands, for who carries a whole history out in one process: the statement, then the signed review."""

from collections.abc import Mapping
from typing import Any

from governance.signature import Signed
from versioning.change import Verdict
from versioning.commands import ReviewChange, StateReview


def to_state(made: Mapping[str, Any], verdict: Verdict = Verdict.APPROVE, reason: str = "") -> StateReview:
    """Ask for the statement under a review of what was `made`: the result of a proposal or an edit."""
    return StateReview(str(made["change_request"]), verdict, reason, str(made["digest"]))


def signed(asked: StateReview, revision: int, nonce: str, signer: tuple[str | None, int]) -> ReviewChange:
    """The review that was stated, signed by password by this person at this instant (microseconds)."""
    person, now = signer
    proof = Signed("password", str(person), now)
    return ReviewChange(asked.id, asked.verdict, asked.digest, asked.reason, revision, nonce, proof)
