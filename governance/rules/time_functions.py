"""Standard functions on days, and identity (DMN 1.5, sections 10.3.4.6 and 10.3.4.8)."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from governance.rules.calling import Arguments, Run
from governance.rules.env import Env
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.moments import date_key
from governance.rules.operations import range_ends
from governance.rules.temporal import FineTime, clock_of, day_of, like, plain_clock
from governance.rules.values import kind_of
from governance.rules.zones import zone_of

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _of_day(read: Callable[[date], Any]) -> Run:
    def run(arguments: Arguments, _env: Env) -> Any:
        value = arguments[0]
        return read(like(day_of(value) if kind_of(value) == "date and time" else value))

    return run


def _month(arguments: Arguments, _env: Env) -> str:
    value = arguments[0]
    return _MONTHS[(day_of(value) if kind_of(value) == "date and time" else value).month - 1]


def _is(arguments: Arguments, _env: Env) -> bool:
    try:
        return _same(*arguments)
    except RecursionError:
        raise LimitBreached("expected values that are nested less deep to compare") from None


def _same(one: Any, other: Any) -> bool:
    """Whether two are the same element of the same kind: 12:00Z is not 13:00+01:00, though both are one moment."""
    kind = kind_of(one)
    if kind != kind_of(other):
        return False
    match kind:
        case "list":
            return len(one) == len(other) and all(map(_same, one, other))
        case "object":
            return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
        case "range":
            return range_ends(one) == range_ends(other) and _same(one.low, other.low) and _same(one.high, other.high)
        case "date":
            return date_key(one) == date_key(other)
        case "time":
            return _same_clock(one, other)
        case "date and time":
            if date_key(day_of(one)) != date_key(day_of(other)):
                return False
            if type(one) is type(other) is datetime and one.tzinfo and other.tzinfo:
                return _wall(one.timetz()) == _wall(other.timetz()) and one.utcoffset() == other.utcoffset()
            return _same_clock(clock_of(one), clock_of(other))
        case "function":
            raise Unanswerable("expected values to compare, found two functions")
    return bool(one == other)


def _wall(clock: Any) -> tuple[Any, str]:
    return plain_clock(clock).replace(tzinfo=None), clock.finer if type(clock) is FineTime else ""


def _same_clock(one: Any, other: Any) -> bool:
    """Times in two zones may or may not be the same: it depends on the day."""
    zones = plain_clock(one).tzinfo, plain_clock(other).tzinfo
    if _wall(one) != _wall(other) or (zones[0] is None) != (zones[1] is None):
        return False
    offsets = plain_clock(one).utcoffset(), plain_clock(other).utcoffset()
    if zone_of(zones[0]) != zone_of(zones[1]) and None in offsets:
        raise Unanswerable("expected two times in the same zone")
    return offsets[0] == offsets[1]


def _moment(name: str, env: Env) -> Any:
    """The moment of the decision; the machine that evaluates has none of its own."""
    if env.moment is None:
        raise Unanswerable(f"expected the moment of the decision, which `{name}` asks for")
    return env.moment


FUNCTIONS: dict[str, Run] = {
    "now": lambda _, env: _moment("now", env),
    "today": lambda _, env: _moment("today", env).date(),
    "day of week": _of_day(lambda day: _DAYS[day.weekday()]),
    "day of year": _of_day(lambda day: Decimal(day.timetuple().tm_yday)),
    "week of year": _of_day(lambda day: Decimal(day.isocalendar().week)),
    "month of year": _month,
    "is": _is,
}
