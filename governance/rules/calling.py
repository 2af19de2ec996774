"""What the modules of standard functions share: how one is computed, and how its arguments are read."""

from collections.abc import Callable, Sequence
from typing import Any

from governance.rules.env import Env
from governance.rules.errors import Unanswerable

Arguments = Sequence[Any]
Run = Callable[[Arguments, Env], Any]


def whole(value: Any, what: str) -> int:
    """A number without a fraction; what the standard does with others is not told."""
    if value != int(value):
        raise Unanswerable(f"expected a whole number as {what}")
    return int(value)


def items_of(arguments: Arguments) -> Arguments:
    """`sum([1, 2])` and `sum(1, 2)` are the same."""
    if len(arguments) == 1 and type(arguments[0]) in (tuple, list):
        items: Arguments = arguments[0]
        return items
    return arguments


def index_in(items: Arguments, position: int) -> int | None:
    """The place, from 0, of a position from 1 (or from -1, the last); None outside."""
    if position == 0 or abs(position) > len(items):
        return None
    return position - 1 if position > 0 else len(items) + position
