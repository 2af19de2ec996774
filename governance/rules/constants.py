"""What of a rule table is known before there is data: constant expressions, and where the answer of a cell can change.

A cell whose tests compare with constants only is a *plain* cell. Over values of one kind its answer changes at the
constants it names and nowhere else; `table_index` and `regions` build on that.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from governance.rules.closures import closure_of
from governance.rules.errors import RuleError
from governance.rules.syntax import Arithmetic, Call, Cell, Constant, Expr, ListOf, Negation, Part, RangeOf, children
from governance.rules.values import Range, kind_of

_MAKERS = frozenset({"date", "time", "date and time", "duration", "years and months duration", "number"})
_ORDERS = frozenset({"<", "<=", ">", ">="})
_SCALARS = frozenset(
    {
        "number", "string", "date", "time", "date and time", "days and time duration", "years and months duration",
        "boolean",
    }
)  # fmt: skip


class Known(NamedTuple):
    """The value of a constant expression."""

    value: Any


def constant_of(expr: Expr, currency: str | None) -> Known | None:
    """The value of an expression that reads nothing; None where there is none, or it is no answer."""
    if not _is_constant(expr):
        return None
    try:
        return Known(closure_of(expr, currency)({}))
    except RuleError:
        return None


def _is_constant(node: Part) -> bool:
    if isinstance(node, Call) and node.function not in _MAKERS:
        return False
    wanted = Constant | Negation | Arithmetic | ListOf | RangeOf | Call
    return isinstance(node, wanted) and all(map(_is_constant, children(node)))


class Plain(NamedTuple):
    """A plain cell: the simple values it names, null left out; whether it names null, so that null was thought of;
    whether it asks where a text stands among others, and not only which it is."""

    points: tuple[Any, ...]
    names_null: bool
    orders_text: bool


def plain_of(cell: Cell, currency: str | None) -> Plain | None:
    """What a plain cell names; None when the cell is not plain."""
    points: list[Any] = []
    names_null = orders_text = False
    for test in cell.tests:
        known = None if test.op == "holds" else constant_of(test.operand, currency)
        if known is None:
            return None
        found = list(_scalars(known.value))
        if None in found:
            return None
        points.extend(found)
        names_null = names_null or _names_null(known.value)
        orders_text = orders_text or (test.op in _ORDERS and type(known.value) is str) or _is_text_range(known.value)
    return Plain(tuple(points), names_null, orders_text)


def _is_text_range(value: Any) -> bool:
    if type(value) is tuple:
        return any(map(_is_text_range, value))
    return type(value) is Range and str in (type(value.low), type(value.high))


def _names_null(value: Any) -> bool:
    return value is None or (type(value) is tuple and any(map(_names_null, value)))


def _scalars(value: Any) -> Iterator[Any]:
    """The simple values in a constant; None for each that is of no simple kind."""
    if value is None:
        return
    if type(value) is Range:
        yield from (end for end in (value.low, value.high) if end is not None)
        return
    if type(value) is tuple:
        for item in value:
            yield from _scalars(item)
        return
    yield value if kind_of(value) in _SCALARS else None
