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


def points_of(cell: Cell, currency: str | None) -> tuple[Any, ...] | None:
    """The simple values a plain cell names, null left out; None when the cell is not plain."""
    points: list[Any] = []
    for test in cell.tests:
        known = None if test.op == "holds" else constant_of(test.operand, currency)
        if known is None:
            return None
        found = list(_scalars(known.value))
        if None in found:
            return None
        points.extend(found)
    return tuple(points)


def tests_null(cell: Cell, currency: str | None) -> bool:
    """Whether a plain cell names null, so that it was thought of."""
    return any(_names_null(known.value) for test in cell.tests if (known := constant_of(test.operand, currency)))


def orders_text(cell: Cell, currency: str | None) -> bool:
    """Whether a plain cell asks where a text stands among others, and not only which it is."""
    known = [(test.op, found.value) for test in cell.tests if (found := constant_of(test.operand, currency))]
    return any(_is_text_range(value) or (op in _ORDERS and type(value) is str) for op, value in known)


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
