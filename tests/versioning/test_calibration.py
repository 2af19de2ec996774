"""A threshold that holds what it claims: intervals against published ones, and against what could have been seen."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from versioning.calibration import Outcome, reliability, threshold, told, wilson

OUTCOMES = st.lists(
    st.builds(Outcome, st.integers(0, 100).map(lambda cents: Decimal(cents) / 100), st.booleans()), max_size=120
)


@pytest.mark.parametrize(
    ("correct", "count", "low", "high"),
    [  # 81 of 263 and 15 of 148 with z = 1.96: R. G. Newcombe, Statistics in Medicine 17 (1998), table I
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_intervals_are_the_published_ones(correct: int, count: int, low: str, high: str) -> None:
    share = wilson(correct, count)
    assert abs(share.low - Decimal(low)) < Decimal("0.0001")
    assert abs(share.high - Decimal(high)) < Decimal("0.0001")


@given(OUTCOMES, st.sampled_from(["0.5", "0.8", "0.95"]))
def test_a_threshold_is_the_lowest_that_claims_what_was_wished(outcomes: list[Outcome], wished: str) -> None:
    precision = Decimal(wished)

    def share_from(confidence: Decimal) -> Decimal:
        above = [one.correct for one in outcomes if one.confidence >= confidence]
        return wilson(sum(above), len(above)).low

    claimed = {one.confidence for one in outcomes if share_from(one.confidence) >= precision}
    found = threshold(outcomes, precision)
    assert (None if found is None else found[0]) == min(claimed, default=None)
    if found is not None:
        assert found[1].low == share_from(found[0])


@given(OUTCOMES)
def test_every_outcome_stands_in_one_row(outcomes: list[Outcome]) -> None:
    rows = reliability(outcomes)
    assert sum(row["count"] for row in rows) == len(outcomes)
    assert sum(row["correct"] for row in rows) == sum(one.correct for one in outcomes)
    for row in rows:
        assert Decimal(row["low"]) <= Decimal(row["correct"]) / row["count"] <= Decimal(row["high"]) + Decimal("0.0001")


def test_a_lower_end_is_never_told_higher_than_it_is() -> None:
    assert told(Decimal("0.94999")) == "0.9499"
