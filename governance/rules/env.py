"""What an evaluation has beside its data: the currency of bare numbers, and what it may still spend.

The budget travels in the context under `BUDGET`, a key that is no text and so no name. An expression without
anything that repeats never asks for one, so it is made when it is first asked for.
"""

from collections.abc import Mapping
from typing import Any

from governance.rules.limits import Budget

BUDGET: Any = object()
INPUT = "?"

Context = Mapping[str, Any]


def budget_in(context: Context) -> Budget:
    """The budget of the evaluation, a new one where it begins."""
    budget: Budget | None = context.get(BUDGET)
    return Budget() if budget is None else budget


def inner(context: Context, names: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    """A context inside another: `names` stand before those outside."""
    return {**context, BUDGET: budget, **names}


class Env:
    """What a standard function is given beside its arguments."""

    __slots__ = ("_budget", "currency")

    def __init__(self, currency: str | None, budget: Budget | None = None) -> None:
        self.currency = currency
        self._budget = budget

    @property
    def budget(self) -> Budget:
        """What may still be spent."""
        if self._budget is None:
            self._budget = Budget()
        return self._budget
