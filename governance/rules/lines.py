"""The kinds of values that stand on a line, cut into regions by the constants a column names. Pure.

A column of points p1 < p2 < ... has the regions: below p1, p1 itself, between p1 and p2, p2, ..., above the last. A
plain cell gives one answer for a whole region, so one sample of it tells the answer. A region without any value (no
day lies between two that follow each other) has no sample.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any

from governance.rules.limits import NUMBER_DIGITS_MAX
from governance.rules.temporal import YearsMonths

NOTHING = object()
"""In place of a sample where a region holds no value."""

_EXACT = Context(prec=80)  # more than the middle of two numbers of 34 digits needs, unless they lie far apart
_UNITS = tuple(timedelta(**{unit: 1}) for unit in ("days", "hours", "minutes", "seconds", "microseconds"))


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of ordered values. `inside(low, high)` gives a value strictly between, or `NOTHING`; None is no end."""

    name: str
    inside: Callable[[Any, Any], Any]
    has: Callable[[Any], bool] = lambda _value: True
    """Whether a point is itself a value: a half is none of the integers."""


def _number(low: Any, high: Any) -> Any:
    if low is None and high is None:
        return Decimal(0)
    if low is None or high is None:
        end = _EXACT.to_integral_value(high if low is None else low)
        step = _EXACT.subtract(end, 1) if low is None else _EXACT.add(end, 1)
        return _digits(step, low, high)
    whole = _whole(low, high)
    if whole is not NOTHING:
        return whole
    middle = _EXACT.divide(_EXACT.add(low, high), 2)
    for digits in (*range(1, 8), NUMBER_DIGITS_MAX):  # the shortest reads best
        short = Context(prec=digits).plus(middle)
        if low < short < high:
            return short
    return NOTHING


def _digits(value: Decimal, low: Any, high: Any) -> Any:
    """A value that a decimal of 34 digits can be, still between the ends."""
    short = Context(prec=NUMBER_DIGITS_MAX).plus(value)
    is_inside = (low is None or low < short) and (high is None or short < high)
    if is_inside:
        return short
    far = Decimal(f"9E{NUMBER_DIGITS_MAX * 2}")  # an end so great that one beside it is the same number
    for candidate in (far, -far, Decimal("9E+6000"), Decimal("-9E+6000")):
        if (low is None or low < candidate) and (high is None or candidate < high):
            return candidate
    return NOTHING


def _whole(low: Any, high: Any) -> Any:
    """The least whole number strictly between, where there is one."""
    if low is None:
        above = _EXACT.subtract(_ceiling(high), 1)
        return _digits(above, low, high)
    least = _EXACT.add(_floor(low), 1)
    return _digits(least, low, high) if high is None or least < high else NOTHING


def _floor(value: Any) -> Decimal:
    return Decimal(value).to_integral_value("ROUND_FLOOR", _EXACT)


def _ceiling(value: Any) -> Decimal:
    return Decimal(value).to_integral_value("ROUND_CEILING", _EXACT)


def _integer(low: Any, high: Any) -> Any:
    return Decimal(0) if low is None and high is None else _whole(low, high)


def _text(low: Any, high: Any) -> Any:
    if low is None:
        return "" if high is None or high > "" else NOTHING
    for ending in ("a", " ", "\x00"):  # nothing lies between a text and the same with the least character after it
        if high is None or low + ending < high:
            return low + ending
    return NOTHING


def _day(low: Any, high: Any) -> Any:
    if low is None and high is None:
        return date(2000, 1, 1)
    if low is None:
        return high - timedelta(days=1) if high > date.min else NOTHING
    if high is None:
        return low + timedelta(days=1) if low < date.max else NOTHING
    return low + timedelta(days=1) if (high - low).days > 1 else NOTHING


def _moment(low: Any, high: Any) -> Any:
    return datetime(2000, 1, 1, tzinfo=UTC) if low is None and high is None else _stepped(low, high)


def _span(low: Any, high: Any) -> Any:
    return timedelta(days=1) if low is None and high is None else _stepped(low, high)


def _stepped(low: Any, high: Any) -> Any:
    """The greatest plain step from an end that stays inside; no step goes past what can be said."""
    for unit in _UNITS:
        try:
            found = high - unit if low is None else low + unit
        except OverflowError:
            continue
        if high is None or found < high:
            return found
    return NOTHING


def _clock(low: Any, high: Any) -> Any:
    offset = None if low is high is None else (low or high).tzinfo
    first, last = time.min.replace(tzinfo=offset), time.max.replace(tzinfo=offset)
    if low is None and high is None:
        return time(12)
    if low is None:
        return first if high > first else NOTHING
    if high is None:
        return last if low < last else NOTHING
    found = _stepped(datetime.combine(date.min, low), datetime.combine(date.min, high))
    return found if found is NOTHING else found.timetz()


def _months(low: Any, high: Any) -> Any:
    if low is None:
        return YearsMonths(0 if high is None else high.months - 1)
    if high is None or high.months - low.months > 1:
        return YearsMonths(low.months + 1)
    return NOTHING


LINES: dict[str, Line] = {
    "number": Line("number", _number),
    "integer": Line("integer", _integer, lambda value: bool(value == int(value))),
    "string": Line("string", _text),
    "date": Line("date", _day),
    "date and time": Line("date and time", _moment),
    "time": Line("time", _clock),
    "days and time duration": Line("days and time duration", _span),
    "years and months duration": Line("years and months duration", _months),
}


def in_order(points: Iterable[Any]) -> tuple[Any, ...] | None:
    """Points of one kind in rising order, each once; None where they have no common order (times with and without an
    offset)."""
    found = list(points)
    if found and isinstance(found[0], datetime | time):
        offsets = {point.utcoffset() for point in found}
        if (None in offsets and len(offsets) > 1) or (isinstance(found[0], time) and len(offsets) > 1):
            return None
    ordered: list[Any] = []
    for point in sorted(found):
        if not ordered or ordered[-1] != point:
            ordered.append(point)
    return tuple(ordered)


def samples_on(line: Line, points: Sequence[Any]) -> list[Any]:
    """A value of each region, `NOTHING` where there is none: 2 * len(points) + 1 of them."""
    samples: list[Any] = []
    low: Any = None
    for point in points:
        samples += [line.inside(low, point), point if line.has(point) else NOTHING]
        low = point
    return [*samples, line.inside(low, None)]


Runs = tuple[tuple[int, int], ...]
"""Regions by their place, first and last of each stretch."""


def runs_of(answer: Callable[[Any], Any], own: Sequence[int], samples: Sequence[Any]) -> Runs:
    """The regions in which a cell holds. `own`: the places among the points of those the cell itself names.

    Between two of its own points the answer is the same, so one sample answers for the stretch.
    """
    runs: list[tuple[int, int]] = []
    start = 0
    for place in (*own, None):
        end = len(samples) if place is None else 2 * place + 1
        sample = next((samples[region] for region in range(start, end) if samples[region] is not NOTHING), NOTHING)
        if sample is not NOTHING and answer(sample) is True:
            _extend(runs, start, end - 1)
        if place is not None and samples[end] is not NOTHING and answer(samples[end]) is True:
            _extend(runs, end, end)
        start = end + 1
    return tuple(runs)


def _extend(runs: list[tuple[int, int]], first: int, last: int) -> None:
    if runs and runs[-1][1] == first - 1:
        runs[-1] = (runs[-1][0], last)
    else:
        runs.append((first, last))
