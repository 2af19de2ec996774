"""What a path reads: properties of objects, of money, of ranges and of temporal values."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.temporal import MICROSECOND, FineTime, clock_of, day_of, like, plain_clock
from governance.rules.values import kind_of
from governance.rules.zones import zone_of


def property_of(value: Any, name: str) -> Any:
    """A property; null where the value has none such. Of a list, the list of what its items have."""
    if value is None:
        return None
    if type(value) is dict:
        return value.get(name)
    kind = kind_of(value)
    if kind == "list":
        limits.bounded_list(len(value))
        try:
            return tuple([property_of(item, name) for item in value])
        except RecursionError:
            raise LimitBreached("expected lists that are nested less deep") from None
    read = PROPERTIES.get(kind, {}).get(name)
    return None if read is None else read(value)


def _signed(value: int, unit: int, wrap: int | None = None) -> Decimal:
    """A component of a duration, with the sign of the whole."""
    whole = abs(value) // unit
    whole = whole % wrap if wrap else whole
    return Decimal(-whole if value < 0 else whole)


def _second(clock: Any) -> Decimal:
    """Whole seconds; what is after the point the standard leaves open."""
    plain = plain_clock(clock)
    if plain.microsecond or type(clock) is FineTime:
        raise Unanswerable("expected a time in whole seconds to read its second")
    return Decimal(plain.second)


def _seconds(value: timedelta) -> Decimal:
    if value % timedelta(seconds=1):
        raise Unanswerable("expected a duration in whole seconds to read its seconds")
    return _signed(value // MICROSECOND, 1_000_000, 60)


def _offset_of_clock(clock: Any) -> timedelta | None:
    plain = plain_clock(clock)
    offset = plain.utcoffset()
    if offset is None and plain.tzinfo is not None:
        raise Unanswerable("expected a day beside a time of day to know the offset of its zone")
    return offset


def _offset(moment: Any) -> timedelta | None:
    if type(moment) is datetime:
        return moment.utcoffset()
    clock = plain_clock(clock_of(moment))
    if zone_of(clock.tzinfo) is not None:
        return datetime.combine(like(day_of(moment)), clock).utcoffset()
    return clock.utcoffset()


_DAY_PARTS: dict[str, Callable[[Any], Any]] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(like(value).isoweekday()),
}
_CLOCK_PARTS: dict[str, Callable[[Any], Any]] = {
    "hour": lambda clock: Decimal(plain_clock(clock).hour),
    "minute": lambda clock: Decimal(plain_clock(clock).minute),
    "second": _second,
    "timezone": lambda clock: zone_of(plain_clock(clock).tzinfo),
}


def _of(part: Callable[[Any], Any], read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda moment: read(part(moment))


PROPERTIES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "date": _DAY_PARTS,
    "time": _CLOCK_PARTS | {"time offset": _offset_of_clock},
    "date and time": {name: _of(day_of, read) for name, read in _DAY_PARTS.items()}
    | {name: _of(clock_of, read) for name, read in _CLOCK_PARTS.items()}
    | {"time offset": _offset},
    "days and time duration": {
        "days": lambda value: _signed(value // MICROSECOND, 86_400_000_000),
        "hours": lambda value: _signed(value // MICROSECOND, 3_600_000_000, 24),
        "minutes": lambda value: _signed(value // MICROSECOND, 60_000_000, 60),
        "seconds": _seconds,
    },
    "years and months duration": {
        "years": lambda value: _signed(value.months, 12),
        "months": lambda value: _signed(value.months, 1, 12),
    },
    "range": {
        "start": lambda span: span.low,
        "end": lambda span: span.high,
        "start included": lambda span: span.low is not None and span.low_closed,
        "end included": lambda span: span.high is not None and span.high_closed,
    },
    "money": {"amount": lambda value: value.amount, "currency": lambda value: value.currency},
}
