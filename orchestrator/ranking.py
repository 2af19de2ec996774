"""Which job of a type is done first. Pure: the place of a job in the queue is worked out once, when it is created.

A job is put before others as if it had been there longer: a minute for each point of priority above the usual one, and
later by as much below it. Among jobs of one minute the highest comes first, and the oldest of one priority; and since
a lead is at most `LEAD` long, whatever waits is overtaken only by what came within that time after it, so none waits
for ever.
"""

from decimal import Decimal
from typing import Any

from orchestrator.measure import amount_of
from versioning.step_forms import PRIORITY_MAX

PRIORITY_USUAL = 50
POINT = 60 * 1_000_000  # microseconds of waiting that weigh as much as one point
LEAD = PRIORITY_MAX * POINT


def ranks_at(entered_at: int, priority: int) -> int:
    """The instant by which a job is ordered, the earliest first: when its step was entered, moved by its priority."""
    return entered_at - (priority - PRIORITY_USUAL) * POINT


def priority_of(value: Any) -> int | None:
    """A priority as an expression yields it; None for anything but a whole number within bounds."""
    number = amount_of(value)
    if not isinstance(number, Decimal) or not number.is_finite() or number != number.to_integral_value():
        return None
    return int(number) if 0 <= number <= PRIORITY_MAX else None
