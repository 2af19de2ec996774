"""The standard functions, computed. Signatures stand in `signatures.py`; null for arguments of another kind."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from governance.rules import limits
from governance.rules.env import Env
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.operations import arithmetic, as_boolean, conjunction, in_list, ordered
from governance.rules.signatures import STANDARD
from governance.rules.temporal import (
    YearsMonths,
    make_date,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from governance.rules.values import DECIMAL128, Money, Range, kind_of, number_text, parse_number, text_of
from ledger.errors import BrokenInput

Arguments = Sequence[Any]
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)", re.ASCII)


def invoke(name: str, arguments: Arguments, env: Env) -> Any:
    """The value of a standard function; null for arguments it does not take."""
    signature = STANDARD[name]
    last = len(signature.takes) - 1
    if len(arguments) < signature.required or (len(arguments) > last + 1 and not signature.more):
        return None
    for number, argument in enumerate(arguments):
        takes = signature.takes[min(number, last)]
        if takes[0] == "any":
            continue
        kind = kind_of(argument)
        if kind in takes:
            continue
        if argument is not None and ("list" in takes or (kind == "list" and len(argument) == 1)):
            raise Unanswerable(f"expected {' or '.join(takes)} in `{name}`, found a {kind}")
        return None
    return RUN[name](arguments, env.currency)


def _items(arguments: Arguments) -> Arguments:
    """`sum([1, 2])` and `sum(1, 2)` are the same."""
    if len(arguments) == 1 and type(arguments[0]) in (tuple, list):
        items: Arguments = arguments[0]
        return items
    return arguments


def _not(arguments: Arguments, _: str | None) -> bool | None:
    value = as_boolean(arguments[0])
    return None if value is None else not value


def _count(arguments: Arguments, _: str | None) -> Decimal:
    return Decimal(len(arguments[0]))


def _sum(arguments: Arguments, currency: str | None) -> Any:
    items = _items(arguments)
    if not items:
        return None
    total: Any = items[0]
    kinds = {kind_of(item) for item in items}
    if kinds & {"days and time duration", "years and months duration", "list"}:
        raise Unanswerable("expected numbers or money in `sum`")
    if not kinds <= {"number", "money"}:
        return None
    for item in items[1:]:
        total = arithmetic("+", total, item, currency)
    return total


def _extreme(arguments: Arguments, currency: str | None, sign: int) -> Any:
    items = _items(arguments)
    if not items or any(item is None for item in items):
        return None
    best = items[0]
    if ordered(best, best, currency) is None:
        return None
    for item in items[1:]:
        pair = ordered(item, best, currency)
        if pair is None:
            return None
        if pair[0] != pair[1] and (pair[0] < pair[1]) == (sign < 0):
            best = item
    return best


def _min(arguments: Arguments, currency: str | None) -> Any:
    return _extreme(arguments, currency, -1)


def _max(arguments: Arguments, currency: str | None) -> Any:
    return _extreme(arguments, currency, 1)


def _all(arguments: Arguments, _: str | None) -> bool | None:
    return conjunction([as_boolean(item) for item in _items(arguments)])


def _any(arguments: Arguments, _: str | None) -> bool | None:
    values = [as_boolean(item) for item in _items(arguments)]
    if True in values:
        return True
    return None if None in values else False


def _substring(arguments: Arguments, _: str | None) -> str | None:
    text, start = arguments[0], int(arguments[1])
    if start == 0 or abs(start) > len(text):
        return None
    first = start - 1 if start > 0 else len(text) + start
    if len(arguments) == 2:
        return str(text[first:])
    size = int(arguments[2])
    return str(text[first : first + size]) if size >= 1 else None


def _number(arguments: Arguments, _: str | None) -> Decimal | None:
    text = arguments[0]
    if len(arguments) == 3:
        grouping, point = arguments[1], arguments[2]
        if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
            return None
        if grouping:
            text = text.replace(grouping, "")
        if point == ",":
            if "." in text:
                return None
            text = text.replace(",", ".")
    elif len(arguments) == 2:
        return None
    if not _NUMBER.fullmatch(text):
        if re.fullmatch(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*", text):
            raise Unanswerable("expected a number in plain digits")
        return None
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, fraction = digits.partition(".")
    return parse_number(sign + (whole.lstrip("0") or "0") + dot + fraction)


def _string(arguments: Arguments, _: str | None) -> str | None:
    value = arguments[0]
    if value is None:
        return None
    return limits.bounded_text(value if type(value) is str else _written(value))


def _written(value: Any, inside: bool = False) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is Money:
        return f"{number_text(value.amount)} {value.currency}"
    if type(value) in (tuple, list):
        return f"[{', '.join(_written(member, inside=True) for member in value)}]"
    if type(value) in (dict, Range):
        raise Unanswerable(f"expected a value to write as text, found a {kind_of(value)}")
    kind, text = text_of(value)
    if inside and kind == "string":
        if '"' in text or "\\" in text:
            raise Unanswerable("expected texts without quotes in a list to write as text")
        return f'"{text}"'
    return text


def _date(arguments: Arguments, _: str | None) -> date | None:
    value = arguments[0]
    try:
        if len(arguments) == 3:
            return make_date(*_whole(arguments)) if kind_of(value) == "number" else None
        if len(arguments) == 2:
            return None
        if type(value) is str:
            return parse_date(value)
    except BrokenInput:
        return None
    if type(value) is datetime:
        return value.date()
    return value if type(value) is date else None


def _time(arguments: Arguments, _: str | None) -> time | None:
    value = arguments[0]
    if len(arguments) == 1:
        if type(value) is str:
            try:
                return parse_time(value)
            except BrokenInput:
                return None
        if type(value) is datetime:
            return value.timetz()
        return value if type(value) is time else None
    if len(arguments) == 2 or kind_of(value) != "number":
        return None
    seconds = Decimal(arguments[2])
    if not 0 <= seconds < 60:
        return None
    micros = seconds % 1 * 1_000_000
    if micros != int(micros):
        raise Unanswerable("expected at most six digits of a second")
    try:
        hour, minute, second = _whole((value, arguments[1], int(seconds)))
    except BrokenInput:
        return None
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        return None
    offset: timedelta | None = arguments[3] if len(arguments) == 4 else None
    if offset is not None and abs(offset) > timedelta(hours=14):
        raise Unanswerable("expected an offset of at most 14 hours")
    return time(hour, minute, second, int(micros), None if offset is None else timezone(offset))


def _whole(numbers: Arguments) -> tuple[int, int, int]:
    if not all(-(10**10) < number < 10**10 for number in numbers):
        raise BrokenInput("expected a day that exists")
    if any(number != int(number) for number in numbers):
        raise Unanswerable("expected whole numbers for a date or time")
    first, second, third = (int(number) for number in numbers)
    return first, second, third


def _date_and_time(arguments: Arguments, _: str | None) -> datetime | None:
    value = arguments[0]
    if len(arguments) == 1:
        if type(value) is not str:
            raise Unanswerable("expected a text, or a date and a time, in `date and time`")
        try:
            return parse_date_time(value)
        except BrokenInput:
            return None
    if type(value) is str:
        return None
    return datetime.combine(value.date() if type(value) is datetime else value, arguments[1])


def _duration(arguments: Arguments, _: str | None) -> timedelta | YearsMonths | None:
    try:
        return parse_duration(arguments[0])
    except BrokenInput:
        return None


def _abs(arguments: Arguments, _: str | None) -> Any:
    value = arguments[0]
    if type(value) is Money:
        return Money(DECIMAL128.abs(value.amount), value.currency)
    if type(value) is YearsMonths:
        return YearsMonths(abs(value.months))
    return abs(value) if type(value) is timedelta else DECIMAL128.abs(Decimal(value))


def _rounded(arguments: Arguments, rounding: str) -> Decimal:
    value = Decimal(arguments[0])
    scale = int(arguments[1]) if len(arguments) == 2 else 0
    exponent = int(value.as_tuple().exponent)
    if abs(scale) > 6111:
        raise LimitBreached("expected a scale between -6111 and 6111")
    try:
        return value.quantize(Decimal((0, (1,), -scale)), rounding=rounding, context=DECIMAL128)
    except InvalidOperation:
        if exponent >= -scale:
            return value  # nothing to round, only zeros that 34 digits do not hold
        raise LimitBreached("expected a result of at most 34 digits") from None


def _floor(arguments: Arguments, _: str | None) -> Decimal:
    return _rounded(arguments, ROUND_FLOOR)


def _ceiling(arguments: Arguments, _: str | None) -> Decimal:
    return _rounded(arguments, ROUND_CEILING)


def _decimal(arguments: Arguments, _: str | None) -> Decimal:
    return _rounded(arguments, ROUND_HALF_EVEN)


def _append(arguments: Arguments, _: str | None) -> tuple[Any, ...]:
    limits.bounded_list(len(arguments[0]) + len(arguments) - 1)
    return (*arguments[0], *arguments[1:])


def _concatenate(arguments: Arguments, _: str | None) -> tuple[Any, ...]:
    limits.bounded_list(sum(len(argument) for argument in arguments))
    return tuple(member for argument in arguments for member in argument)


RUN: dict[str, Callable[[Arguments, str | None], Any]] = {
    "not": _not,
    "count": _count,
    "sum": _sum,
    "min": _min,
    "max": _max,
    "all": _all,
    "any": _any,
    "contains": lambda arguments, _: arguments[1] in arguments[0],
    "starts with": lambda arguments, _: arguments[0].startswith(arguments[1]),
    "ends with": lambda arguments, _: arguments[0].endswith(arguments[1]),
    "string length": lambda arguments, _: Decimal(len(arguments[0])),
    "upper case": lambda arguments, _: limits.bounded_text(arguments[0].upper()),
    "lower case": lambda arguments, _: limits.bounded_text(arguments[0].lower()),
    "substring": _substring,
    "number": _number,
    "string": _string,
    "date": _date,
    "time": _time,
    "date and time": _date_and_time,
    "duration": _duration,
    "abs": _abs,
    "floor": _floor,
    "ceiling": _ceiling,
    "decimal": _decimal,
    "list contains": lambda arguments, currency: in_list_only(arguments[0], arguments[1], currency),
    "append": _append,
    "concatenate": _concatenate,
}


def in_list_only(members: Any, value: Any, currency: str | None) -> bool:
    """`list contains`: equality with a member, nothing of ranges."""
    return any(in_list(value, (member,), currency) for member in members if type(member) is not Range)
