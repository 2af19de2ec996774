"""Which approvals count, judged on the pure value alone."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.refusal import Reason
from ledger.work import Done
from tests.versioning.change.world import reason
from versioning.change import ChangeRequest, Review, Status, Verdict, fresh_approvals, refuse_release


def _request(*reviews: Review, authors: tuple[str, ...] = ("person:anna",)) -> ChangeRequest:
    return ChangeRequest(
        id="cr_1",
        kind="note",
        name="a",
        title="t",
        base_version=0,
        digest="d",
        edit=1,
        authors=authors,
        approvals_needed=2,
        status=Status.APPROVED,
        revision=3,
        retires=False,
        not_before=None,
        expires_at=10,
        reviews=reviews,
    )


def _approval(number: int, person: str, on_behalf_of: str = "", **more: Any) -> Review:
    return Review(number, more.get("verdict", Verdict.APPROVE), "d", 1, f"person:{person}", on_behalf_of)


@pytest.mark.parametrize(
    ("reviews", "counted"),
    [
        ((_approval(1, "ben"), _approval(2, "cara")), [1, 2]),
        ((_approval(1, "ben"), _approval(2, "ben")), [2]),
        ((_approval(1, "ben"), _approval(2, "cara", "person:ben")), [1]),
        ((_approval(1, "cara", "person:ben"), _approval(2, "ben")), [1]),
        ((_approval(1, "anna"), _approval(2, "cara")), [2]),
        ((_approval(1, "cara", "person:anna"),), []),
        ((_approval(1, "ben"), _approval(2, "ben", verdict=Verdict.REFUSE)), []),
        ((replace(_approval(1, "ben"), edit=2), replace(_approval(2, "cara"), digest="e")), []),
    ],
)
def test_approvals_that_count_are_counted_anew_at_the_release(reviews: tuple[Review, ...], counted: list[int]) -> None:
    change = _request(*reviews)
    assert [review.number for review in fresh_approvals(change)] == counted
    refusal = refuse_release(change, 0, 2, 1)
    assert (refusal is None) == (len(counted) >= 2)


def test_no_rule_asks_for_fewer_than_one_approval() -> None:
    change = replace(_request(), approvals_needed=0)
    assert reason(refuse_release(change, 0, 0, 1) or Done("released")) is Reason.NOT_APPROVED
