"""What the operators mean on values: null in, null out; two kinds that do not meet are null; never a wrong answer."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from governance.rules import limits, properties
from governance.rules.errors import LimitBreached, Unanswerable, UnlikeCurrencies
from governance.rules.moments import date_key, distance, equal_moments, moved, ordered_moments
from governance.rules.temporal import MICROSECOND, FarDate, WideDateTime, YearsMonths, add_months
from governance.rules.values import DECIMAL128, NUMBER_TYPES, Money, Range, kind_of

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_DAYS, _MONTHS = "days and time duration", "years and months duration"
NOT_KNOWN = object()  # in place of an operand of `in` that came out null
property_of = properties.property_of
_PLAIN = frozenset({"number", "string", _DAYS, _MONTHS})
_MOMENTS = frozenset({"date", "time", "date and time"})
_CLOCKS = frozenset({"time", "date and time"})


def compare(op: str, left: Any, right: Any, currency: str | None) -> bool | None:
    """`= != < <= > >=` as the standard has them; money meets numbers in `currency`."""
    if op == "=":
        return equal(left, right, currency)
    if op == "!=":
        same = equal(left, right, currency)
        return None if same is None else not same
    pair = ordered(left, right, currency)
    return None if pair is None else COMPARISONS[op](*pair)


def equal(left: Any, right: Any, currency: str | None) -> bool | None:
    """Null equals only null; unlike kinds are null; lists and objects member by member."""
    if left is None or right is None:
        return left is right
    kinds = kind_of(left), kind_of(right)
    if kinds[0] == kinds[1]:
        if kinds[0] == "boolean":
            return bool(left == right)
        if kinds[0] in _CLOCKS:
            return equal_moments(left, right)
        if kinds[0] in ("list", "object", "range"):
            try:
                return _equal_parts(left, right, kinds[0], currency)
            except RecursionError:
                raise LimitBreached("expected values that are nested less deep to compare") from None
        if kinds[0] == "function":
            raise Unanswerable("expected values to compare, found two functions")
    pair = ordered(left, right, currency)
    return None if pair is None else bool(pair[0] == pair[1])


def _equal_parts(left: Any, right: Any, kind: str, currency: str | None) -> bool | None:
    if kind == "list":
        if len(left) != len(right):
            return False
        return conjunction([equal(a, b, currency) for a, b in zip(left, right, strict=True)])
    if kind == "object":
        if left.keys() != right.keys():
            return False
        return conjunction([equal(left[name], right[name], currency) for name in left])
    if range_ends(left) != range_ends(right):
        return False
    return conjunction([equal(left.low, right.low, currency), equal(left.high, right.high, currency)])


def range_ends(span: Range) -> tuple[bool, bool]:
    """Which of the ends belong to a range; an end that does not bound belongs to none."""
    return span.low is not None and span.low_closed, span.high is not None and span.high_closed


def conjunction(values: list[bool | None]) -> bool | None:
    """Three-valued and."""
    if False in values:
        return False
    return None if None in values else True


def ordered(left: Any, right: Any, currency: str | None) -> tuple[Any, Any] | None:
    """The two as Python values that order as they do; None when they are of unlike kinds or without order."""
    left_kind, right_kind = kind_of(left), kind_of(right)
    if "money" in (left_kind, right_kind):
        if {left_kind, right_kind} <= {"money", "number"}:
            return in_one_currency(left, right, currency)
        return None
    if left_kind != right_kind:
        if {left_kind, right_kind} == {"date", "date and time"}:
            raise Unanswerable("expected two dates or two dates with time, found one of each")
        if "list" in (left_kind, right_kind) and len(left if left_kind == "list" else right) == 1:
            raise Unanswerable("expected a value, found a list of one")
        return None
    if left_kind in _PLAIN:
        return left, right
    if left_kind == "date":
        plain = type(left) is date and type(right) is date
        return (left, right) if plain else (date_key(left), date_key(right))
    return ordered_moments(left, right) if left_kind in _CLOCKS else None


def in_one_currency(left: Any, right: Any, currency: str | None) -> tuple[Any, Any]:
    """The amounts of two moneys, or of money and a number, in one currency; `UnlikeCurrencies` otherwise."""
    left_currency = left.currency if type(left) is Money else currency
    right_currency = right.currency if type(right) is Money else currency
    if left_currency is None or left_currency != right_currency:
        raise UnlikeCurrencies(
            f"expected amounts in one currency, found {left_currency or 'none'} and {right_currency or 'none'}"
        )
    return (
        left.amount if type(left) is Money else left,
        right.amount if type(right) is Money else right,
    )


def in_range(value: Any, span: Range, currency: str | None) -> bool | None:
    """Whether a value lies between the ends."""
    low: bool | None = True
    high: bool | None = True
    if value is None:
        return None
    if span.low is not None:
        low = compare(">=" if span.low_closed else ">", value, span.low, currency)
    if span.high is not None:
        high = compare("<=" if span.high_closed else "<", value, span.high, currency)
    return conjunction([low, high])


def make_range(low: Any, high: Any, closed: tuple[bool, bool], currency: str | None) -> Range | None:
    """A range between two given ends; null when an end is null or the ends do not compare."""
    if low is None or high is None or ordered(low, high, currency) is None:
        return None
    return Range(low, high, *closed)


def half_range(end: Any, upper: bool, closed: tuple[bool, bool], currency: str | None) -> Range | None:
    """A range open to one side: below `end` when that is the `upper` one, else above."""
    if end is None or ordered(end, end, currency) is None:
        return None
    return Range(None, end, *closed) if upper else Range(end, None, *closed)


def satisfies(op: str, value: Any, operand: Any, currency: str | None) -> bool | None:
    """One unary test. `in`: equal to the operand, or one of a list, or in a range; else a comparison."""
    if op != "in":
        return compare(op, value, operand, currency)
    if operand is NOT_KNOWN:
        return None
    kind = kind_of(operand)
    if kind == "range":
        return in_range(value, operand, currency)
    if kind == "list":
        return in_list(value, operand, currency)
    return equal(value, operand, currency)


def in_list(value: Any, members: Any, currency: str | None) -> bool:
    """Whether a list holds a value, or a range that holds it, or is the very list asked for."""
    if kind_of(value) == "list" and equal(value, members, currency) is True:
        return True
    for member in members:
        if type(member) is Range and type(value) is not Range:
            if in_range(value, member, currency) is True:
                return True
        elif equal(value, member, currency) is True:
            return True
    return False


def arithmetic(op: str, left: Any, right: Any, currency: str | None) -> Any:
    """`+ - * / **`; null for null and for kinds that do not meet."""
    if left is None or right is None:
        return None
    kinds = kind_of(left), kind_of(right)
    try:
        if kinds == ("number", "number"):
            return NUMERIC[op](left, right)
        if "money" in kinds:
            return _with_money(op, left, right, kinds, currency)
        if op in "+-":
            return _shift(op, left, right, kinds)
        if op in "*/":
            return _scale(op, left, right, kinds)
    except (Overflow, OverflowError):
        raise LimitBreached("expected a result within the range of its kind") from None
    except DivisionByZero:
        return None
    except InvalidOperation:
        if op == "**" and not right:
            raise Unanswerable("zero to the power of zero") from None
        return None
    return None


NUMERIC: dict[str, Callable[[Any, Any], Decimal]] = {
    "+": DECIMAL128.add,
    "-": DECIMAL128.subtract,
    "*": DECIMAL128.multiply,
    "/": DECIMAL128.divide,
    "**": DECIMAL128.power,
}


def _with_money(op: str, left: Any, right: Any, kinds: tuple[str, str], currency: str | None) -> Any:
    if op in "+-" and set(kinds) <= {"money", "number"}:
        amounts = in_one_currency(left, right, currency)
        return Money(NUMERIC[op](*amounts), left.currency if type(left) is Money else right.currency)
    if op == "/" and kinds == ("money", "money"):
        return DECIMAL128.divide(*in_one_currency(left, right, currency))
    if op in "*/" and kinds == ("money", "number"):
        return Money(NUMERIC[op](left.amount, right), left.currency)
    if op == "*" and kinds == ("number", "money"):
        return Money(DECIMAL128.multiply(left, right.amount), right.currency)
    return None


def _shift(op: str, left: Any, right: Any, kinds: tuple[str, str]) -> Any:
    """Sums and differences of texts, dates, times and durations."""
    if kinds == ("string", "string") and op == "+":
        return limits.bounded_text(left + right)
    if kinds in ((_DAYS, _DAYS), (_MONTHS, _MONTHS)):
        if kinds[0] == _DAYS:
            return left + right if op == "+" else left - right
        return YearsMonths(left.months + right.months if op == "+" else left.months - right.months)
    if op == "+" and kinds[0] in (_DAYS, _MONTHS):
        left, right, kinds = right, left, (kinds[1], kinds[0])
    if kinds[0] in ("date", "date and time", "time") and kinds[1] in (_DAYS, _MONTHS):
        if kinds[1] == _MONTHS:
            if kinds[0] == "time":
                return None
            if type(left) in (FarDate, WideDateTime):
                raise Unanswerable("expected a year from 1 to 9999 to add months to")
            return add_months(left, right.months if op == "+" else -right.months)
        return moved(left, right if op == "+" else -right)
    if op == "-" and (kinds[0] == kinds[1] or set(kinds) == {"date", "date and time"}):
        return distance(left, right) if kinds[0] in _MOMENTS else None
    return None


def _scale(op: str, left: Any, right: Any, kinds: tuple[str, str]) -> Any:
    """Durations times and by numbers, and ratios of durations. Of months only whole ones are kept."""
    if kinds[0] == kinds[1] and kinds[0] in (_DAYS, _MONTHS) and op == "/":
        return DECIMAL128.divide(_units(left), _units(right))
    if kinds[0] == "number" and op == "*":
        left, right, kinds = right, left, (kinds[1], kinds[0])
    if kinds[0] not in (_DAYS, _MONTHS) or kinds[1] != "number":
        return None
    units = NUMERIC[op](_units(left), right)
    if kinds[0] == _DAYS and units != units.to_integral_value():
        raise Unanswerable("expected a whole number of microseconds as the duration")
    if abs(units) >= 10**20:
        raise LimitBreached("expected a result within the range of its kind")
    return timedelta(microseconds=int(units)) if kinds[0] == _DAYS else YearsMonths(int(units))


def _units(value: timedelta | YearsMonths) -> int:
    return value.months if type(value) is YearsMonths else value // MICROSECOND  # type: ignore[operator] # by type()


def negate(value: Any) -> Any:
    """Arithmetic minus."""
    if type(value) in NUMBER_TYPES:
        return DECIMAL128.minus(value)
    if type(value) is Money:
        return Money(DECIMAL128.minus(value.amount), value.currency)
    if type(value) is timedelta:
        return -value
    if type(value) is YearsMonths:
        return YearsMonths(-value.months)
    kind_of(value)
    return None


def as_boolean(value: Any) -> bool | None:
    """What `and`, `or` and `not` see: anything that is no boolean is null."""
    if value is True or value is False:
        return bool(value)
    if value is not None and kind_of(value) == "list" and len(value) == 1:
        raise Unanswerable("expected a boolean, found a list of one")
    return None
