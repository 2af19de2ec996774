"""How far an agent's confidence can be trusted, from labelled outcomes: a reliability table and a threshold. Pure.

An outcome is what the agent was sure of (0 to 1) and whether it was right. The threshold for a wished precision is the
lowest confidence from which on the lower end of the interval of the precision is no less than what was wished: what is
claimed holds for what was not seen, at the stated level. Intervals are those of E. B. Wilson ("Probable Inference",
Journal of the American Statistical Association 22, 1927), worked out in decimals, so that every machine finds the same.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

BINS = 10  # of the reliability table, each a tenth wide
LEVELS = {"0.90": Decimal("1.6448536269514722"), "0.95": Decimal("1.9599639845400545"),
          "0.99": Decimal("2.5758293035489004")}  # fmt: skip
PLACES = Decimal("0.0001")  # to which shares are told
DIGITS = 40
OUTCOMES_MAX = 1_000_000  # of one calibration


class Outcome(NamedTuple):
    """One labelled outcome."""

    confidence: Decimal
    correct: bool


class Share(NamedTuple):
    """How many were right of how many, and the interval of that share."""

    total: int
    correct: int
    low: Decimal
    high: Decimal


def wilson(correct: int, count: int, level: str = "0.95") -> Share:
    """The interval of a share at a level; of nothing it is everything."""
    if not count:
        return Share(0, 0, Decimal(0), Decimal(1))
    with localcontext() as context:
        context.prec = DIGITS
        z, n, share = LEVELS[level], Decimal(count), Decimal(correct) / Decimal(count)
        spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
        middle, scale = share + z * z / (2 * n), 1 + z * z / n
        low, high = (middle - spread) / scale, (middle + spread) / scale
        return Share(count, correct, max(low, Decimal(0)), min(high, Decimal(1)))


def reliability(outcomes: Sequence[Outcome], level: str = "0.95") -> list[dict[str, Any]]:
    """For each tenth of confidence that has outcomes: how many, how many right, the mean confidence, the interval."""
    found = []
    for place in range(BINS):
        low, high = Decimal(place) / BINS, Decimal(place + 1) / BINS
        inside = [one for one in outcomes if low <= one.confidence < high or (one.confidence == high == 1)]
        if inside:
            share = wilson(sum(one.correct for one in inside), len(inside), level)
            mean = sum((one.confidence for one in inside), Decimal(0)) / len(inside)
            found.append({"from": str(low), "to": str(high), "confidence": told(mean), **share_value(share)})
    return found


def threshold(outcomes: Sequence[Outcome], precision: Decimal, level: str = "0.95") -> tuple[Decimal, Share] | None:
    """The lowest confidence from which on the wished precision is claimed, with the share from there; None if never."""
    found = None
    count = correct = 0
    ordered = sorted(outcomes, key=lambda one: one.confidence, reverse=True)
    for place, one in enumerate(ordered):
        count, correct = count + 1, correct + one.correct
        is_last = place + 1 == len(ordered) or ordered[place + 1].confidence != one.confidence
        # A share below what is wished has no interval above it, so none is worked out.
        is_last = is_last and correct >= precision * count
        if is_last and (share := wilson(correct, count, level)).low >= precision:
            found = (one.confidence, share)
    return found


def share_value(share: Share) -> dict[str, Any]:
    """For machines: counts and shares as decimal text."""
    return {"count": share.total, "correct": share.correct, "low": told(share.low), "high": told(share.high)}


def told(share: Decimal) -> str:
    """A share to four places; a lower end is never told higher than it is."""
    return format(share.quantize(PLACES, rounding="ROUND_FLOOR"), "f")
