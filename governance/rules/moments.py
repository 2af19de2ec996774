"""Order, distance and sums of dates and times.

Date and times with an offset or a zone are compared as moments of the one time line, never by their clocks; local ones
by their clocks. Between a local one and one with an offset there is no order: the two are unequal, and which is
earlier is not known.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from governance.rules.errors import Unanswerable
from governance.rules.temporal import (
    MICROSECOND,
    FarDate,
    FineTime,
    WideDateTime,
    at,
    clock_of,
    day_of,
    like,
    plain_clock,
)
from governance.rules.zones import in_zone, zone_of

_MIDNIGHT = time(tzinfo=UTC)
_ANY_DAY = date(2000, 1, 1)  # times of day go round
_DAY = timedelta(days=1)
_MICROS_OF_A_DAY = 86_400_000_000


def date_key(day: date | FarDate) -> tuple[int, int, int]:
    """What orders days, far ones too."""
    return day.year, day.month, day.day


def has_offset(moment: Any) -> bool:
    """Whether a time or a date and time says where on earth it is."""
    return _zone(moment) is not None


def _zone(moment: Any) -> Any:
    clock = moment if type(moment) in (time, FineTime) else clock_of(moment)
    return plain_clock(clock).tzinfo


def ordered_moments(left: Any, right: Any) -> tuple[Any, Any]:
    """Two times, or two date and times, as values that order as they do. `Unanswerable` where they have no order."""
    if has_offset(left) != has_offset(right):
        raise Unanswerable("expected both times with an offset or both without")
    if type(left) in (time, FineTime):
        _same_offset(left, right)
        return _clock_key(left), _clock_key(right)
    return _moment_key(left), _moment_key(right)


def equal_moments(left: Any, right: Any) -> bool:
    """Whether two are equal: a local one equals none with an offset. Whether one moment named by an offset equals the
    same moment named by a zone the standard does not say."""
    if has_offset(left) != has_offset(right):
        return False
    pair = ordered_moments(left, right)
    if pair[0] == pair[1] and zone_of(_zone(left)) != zone_of(_zone(right)):
        raise Unanswerable("expected two times in the same zone, or both with an offset")
    return bool(pair[0] == pair[1])


def _same_offset(left: Any, right: Any) -> None:
    """Times of day at two offsets have no common order, nor have those of two zones: it depends on the day."""
    one, other = plain_clock(left), plain_clock(right)
    if zone_of(one.tzinfo) != zone_of(other.tzinfo) or one.utcoffset() != other.utcoffset():
        raise Unanswerable("expected times of day at the same offset")


def _clock_key(clock: Any) -> tuple[int, str]:
    plain = plain_clock(clock)
    seconds = plain.hour * 3600 + plain.minute * 60 + plain.second
    return seconds * 1_000_000 + plain.microsecond, clock.finer if type(clock) is FineTime else ""


def _moment_key(moment: Any) -> tuple[int, int, str]:
    """The days and microseconds on the time line, and the digits after."""
    day, clock = day_of(moment), clock_of(moment)
    micros, finer = _clock_key(clock)
    zone = plain_clock(clock).tzinfo
    if zone is not None:
        offset: Any = moment.utcoffset() if type(moment) is datetime else _offset_at(day, clock)
        micros -= offset // MICROSECOND
    return _day_number(day) + micros // _MICROS_OF_A_DAY, micros % _MICROS_OF_A_DAY, finer


def _offset_at(day: date | FarDate, clock: Any) -> Any:
    if type(day) is not date:
        if day.year < 1:
            raise Unanswerable("expected a year after 0 for a time with an offset")
        return plain_clock(clock).utcoffset()
    return datetime.combine(day, plain_clock(clock)).utcoffset()


def _day_number(day: date | FarDate) -> int:
    """Days since the year 1, in the calendar that repeats every 400 years."""
    if type(day) is date:
        return day.toordinal()
    if day.year < 1:  # only the order is asked for: as if every month had 31 days
        return ((day.year * 12) + day.month) * 31 + day.day - 10**6
    same = like(day)
    return same.toordinal() + (day.year - same.year) // 400 * 146_097


def moved(moment: Any, by: timedelta) -> Any:
    """A date, a time or a date and time, later by a duration. A time of day goes round."""
    if type(moment) is time:
        micros = by // MICROSECOND % _MICROS_OF_A_DAY
        later = datetime.combine(_ANY_DAY, moment.replace(tzinfo=None)) + timedelta(microseconds=micros)
        return later.time().replace(tzinfo=moment.tzinfo)
    if type(moment) is date:
        if by % _DAY:
            raise Unanswerable("expected whole days to add to a date")
        return moment + by
    if type(moment) is not datetime:
        raise _too_far()
    if zone_of(moment.tzinfo) is None:
        return moment + by
    return in_zone((moment.astimezone(UTC) + by).astimezone(moment.tzinfo))


def distance(left: Any, right: Any) -> timedelta | None:
    """How much later the first is than the second. Beside a date and time a date is its midnight in UTC; null between
    a local one and one with an offset."""
    if type(left) is date and type(right) is date:
        return left - right
    if type(left) in (datetime, WideDateTime) or type(right) in (datetime, WideDateTime):
        left, right = (at(one, _MIDNIGHT) if type(one) in (date, FarDate) else one for one in (left, right))
    if type(left) is not FarDate and type(right) is not FarDate and has_offset(left) != has_offset(right):
        return None
    if any(type(one) in (FarDate, FineTime, WideDateTime) for one in (left, right)):
        raise _too_far()
    one, other = ordered_moments(left, right)
    if type(left) is time:
        return timedelta(microseconds=one[0] - other[0])
    return timedelta(days=one[0] - other[0], microseconds=one[1] - other[1])


def _too_far() -> Unanswerable:
    return Unanswerable("expected years from 1 to 9999 and at most six digits of a second, to compute with")
