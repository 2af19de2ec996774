"""What an evaluation has beside its data: the currency of bare numbers, what it may still spend, and its moment.

The budget travels in the context under `BUDGET`, the value that a test is asked about under `INPUT`, the moment of the
decision (a date and time with an offset), where the caller says it, under `MOMENT`; what several evaluations may spend
together comes to the doors of whoever bounds them under `ALLOWANCE`. The keys are no texts, so that no
name and no data can stand in their place. `closures` puts the budget there at the door of whatever
may repeat or grow; what does neither never asks for one.
"""

from collections.abc import Mapping
from typing import Any

from governance.rules.limits import Budget, weight_of


class _Key:
    """A key that equals no other."""

    __slots__ = ()


BUDGET: Any = _Key()
INPUT: Any = _Key()
MOMENT: Any = _Key()
ALLOWANCE: Any = _Key()

Context = Mapping[str, Any]


def budget_in(context: Context) -> Budget:
    """The budget of the evaluation, a new one where it begins."""
    budget: Budget | None = context.get(BUDGET)
    return Budget() if budget is None else budget


def inner(context: Context, names: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    """A context inside another: `names` stand before those outside."""
    return {**context, **names, BUDGET: budget}


def walk_paid(context: Context, *values: Any) -> None:
    """Pays for walking through values; where nothing repeats there is no budget and no need."""
    budget: Budget | None = context.get(BUDGET)
    if budget is not None:
        budget.spend(sum(map(weight_of, values)))


class Env:
    """What a standard function is given beside its arguments."""

    __slots__ = ("_budget", "currency", "moment")

    def __init__(self, currency: str | None, budget: Budget | None = None, moment: Any = None) -> None:
        self.currency = currency
        self.moment = moment
        self._budget = budget

    @property
    def budget(self) -> Budget:
        """What may still be spent."""
        if self._budget is None:
            self._budget = Budget()
        return self._budget
