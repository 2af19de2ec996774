"""Standard functions that make a value of another kind (DMN 1.5, section 10.3.4.1)."""

import re
from collections.abc import Callable
from datetime import UTC, time, timedelta
from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules.calling import Arguments, Run, whole
from governance.rules.env import Env
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.operations import make_range, ordered, range_ends
from governance.rules.parse import parse
from governance.rules.syntax import Call, Constant, Expr, Negation
from governance.rules.temporal import (
    FineTime,
    YearsMonths,
    at,
    clock_of,
    day_of,
    make_date,
    months_between,
    offset_zone,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from governance.rules.values import Money, Range, kind_of, number_text, parse_number, text_of
from ledger.errors import BrokenInput

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)", re.ASCII)
_OTHER_NUMBER = re.compile(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*", re.ASCII)
_PLAIN_KEY = re.compile(r"\w+(?: \w+)*")
_RANGE = re.compile(r"\s*([\[\](])(.*)([\])\[])\s*", re.DOTALL)
_ENDS = re.compile(r'((?:[^".]|"(?:[^"\\]|\\.)*"|\.(?!\.))*)\.\.((?:[^".]|"(?:[^"\\]|\\.)*"|\.(?!\.))*)', re.DOTALL)
_READ_STEPS = 200  # of reading an end of a range


def _null_where_broken(run: Run) -> Run:
    """Text that is no date is null."""

    def guarded(arguments: Arguments, env: Env) -> Any:
        try:
            return run(arguments, env)
        except BrokenInput as error:
            if isinstance(error, LimitBreached):
                raise
            return None

    return guarded


def _date(arguments: Arguments, _env: Env) -> Any:
    value = arguments[0]
    if len(arguments) == 3:
        if not all(abs(number) < 10**10 for number in arguments):
            return None
        return make_date(*(whole(number, "a part of a date") for number in arguments))
    if type(value) is str:
        return parse_date(value)
    return day_of(value) if kind_of(value) == "date and time" else value


def _time(arguments: Arguments, _env: Env) -> Any:
    value = arguments[0]
    if len(arguments) == 1:
        if type(value) is str:
            return parse_time(value)
        if kind_of(value) == "date":  # as a date and time it is midnight in UTC (section 10.3.2.9.4)
            return time(tzinfo=UTC)
        return clock_of(value) if kind_of(value) == "date and time" else value
    seconds = Decimal(arguments[2])
    if not (0 <= value < 24 and 0 <= arguments[1] < 60 and 0 <= seconds < 60):
        return None
    hour, minute = whole(value, "the hour"), whole(arguments[1], "the minute")
    offset: timedelta | None = arguments[3] if len(arguments) == 4 else None
    zone = None if offset is None else offset_zone(offset)
    digits = f"{seconds % 1:f}".partition(".")[2].rstrip("0")
    clock = time(hour, minute, int(seconds), int(digits[:6].ljust(6, "0")) if digits else 0, zone)
    return FineTime(clock, digits[6:]) if len(digits) > 6 else clock


def _date_and_time(arguments: Arguments, _env: Env) -> Any:
    value = arguments[0]
    if len(arguments) == 2:
        return at(day_of(value) if kind_of(value) == "date and time" else value, arguments[1])
    if type(value) is not str:
        raise Unanswerable("expected a text, or a date and a time, in `date and time`")
    return parse_date_time(value)


def _duration(arguments: Arguments, _env: Env) -> Any:
    return parse_duration(arguments[0])


def _months(arguments: Arguments, _env: Env) -> YearsMonths:
    """Whole months between; refused where the time of day would decide, which the standard does not settle."""
    first, last = arguments
    days = [day_of(one) if kind_of(one) == "date and time" else one for one in arguments]
    months = months_between(*days)
    if kind_of(first) == kind_of(last) == "date and time" and days[0].day == days[1].day and months:
        clocks = [clock_of(one) for one in arguments]
        one, other = (_wall(clock) for clock in clocks)
        if (one > other) if months > 0 else (one < other):
            raise Unanswerable("expected a last month that does not end within its last day")
    return YearsMonths(months)


def _wall(clock: Any) -> tuple[time, str]:
    plain = clock.clock if type(clock) is FineTime else clock
    return plain.replace(tzinfo=None), clock.finer if type(clock) is FineTime else ""


def _number(arguments: Arguments, _env: Env) -> Decimal | None:
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
    if not _NUMBER.fullmatch(text):
        if _OTHER_NUMBER.fullmatch(text):
            raise Unanswerable("expected a number in plain digits")
        return None
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole_part, dot, fraction = digits.partition(".")
    return parse_number(sign + (whole_part.lstrip("0") or "0") + dot + fraction)


def _string(arguments: Arguments, env: Env) -> str | None:
    value = arguments[0]
    if value is None:
        return None
    if type(value) is str:
        return limits.bounded_text(value)
    try:
        return limits.bounded_text("".join(_pieces(value, env)))
    except RecursionError:
        raise LimitBreached("expected a value that is nested less deep to write as text") from None


def _pieces(value: Any, env: Env, inside: bool = False) -> list[str]:
    """The text of a value in pieces; inside of another value texts stand in quotes."""
    env.budget.spend(1)
    if value is None or value is True or value is False:
        return ["null" if value is None else str(value).lower()]
    if type(value) in (tuple, list):
        return ["[", *_joined([_pieces(item, env, inside=True) for item in value]), "]"]
    if type(value) is dict:
        entries = [[_key(name), ": ", *_pieces(item, env, inside=True)] for name, item in value.items()]
        return ["{", *_joined(entries), "}"]
    if type(value) is Range:
        return _range_pieces(value, env)
    if type(value) is Money:
        return [f"{number_text(value.amount)} {value.currency}"]
    kind = kind_of(value)
    if kind == "function":
        raise Unanswerable("expected a value to write as text, found a function")
    text = text_of(value)[1]
    return [_quoted(text) if inside and kind == "string" else text]


def _joined(parts: list[list[str]]) -> list[str]:
    pieces: list[str] = []
    for part in parts:
        pieces += [", ", *part] if pieces else part
    return pieces


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _range_pieces(span: Range, env: Env) -> list[str]:
    if span.low is None or span.high is None or kind_of(span.low) not in ("number", "string"):
        raise Unanswerable("expected a range between two numbers or texts to write as text")
    closed = range_ends(span)
    low, high = (_pieces(end, env, inside=True) for end in (span.low, span.high))
    return ["[" if closed[0] else "(", *low, "..", *high, "]" if closed[1] else ")"]


def _range(arguments: Arguments, env: Env) -> Range | None:
    """The range a text writes down: ends are literals, or a date, time or duration of a literal. An open end may be
    left out."""
    found = _RANGE.fullmatch(arguments[0])
    ends = None if found is None else _ENDS.fullmatch(found[2])
    if found is None or ends is None:
        return None
    closed = found[1] == "[", found[3] == "]"
    texts = ends[1].strip(), ends[2].strip()
    if not any(texts) or any(not text and shut for text, shut in zip(texts, closed, strict=True)):
        return None
    known = [_literal(text, env) if text else None for text in texts]
    if any(text and value is None for text, value in zip(texts, known, strict=True)):
        return None
    low, high = known
    if low is None or high is None:
        end = high if low is None else low
        return None if ordered(end, end, env.currency) is None else Range(low, high, *closed)
    made = make_range(low, high, closed, env.currency)
    pair = None if made is None else ordered(low, high, env.currency)
    if pair is not None and pair[0] > pair[1]:
        raise Unanswerable("expected the lower end of a range first")
    return made


def _literal(text: str, env: Env) -> Any:
    env.budget.spend(_READ_STEPS)
    return _value(parse(text, ()), env)


def _value(expr: Expr, env: Env) -> Any:
    if isinstance(expr, Constant):
        return expr.value
    if isinstance(expr, Negation) and isinstance(expr.operand, Constant) and kind_of(expr.operand.value) == "number":
        return -Decimal(expr.operand.value)
    if isinstance(expr, Call) and expr.function in _MAKES and len(expr.arguments) == 1 and not expr.names:
        argument = expr.arguments[0]
        if isinstance(argument, Constant) and type(argument.value) is str:
            return FUNCTIONS[expr.function]([argument.value], env)
    return None


_MAKES = frozenset({"date", "time", "date and time", "duration"})
_READING: dict[str, Callable[[Arguments, Env], Any]] = {
    "date": _date,
    "time": _time,
    "date and time": _date_and_time,
    "duration": _duration,
    "range": _range,
}
FUNCTIONS: dict[str, Run] = {
    **{name: _null_where_broken(run) for name, run in _READING.items()},
    "years and months duration": _months,
    "number": _number,
    "string": _string,
}
