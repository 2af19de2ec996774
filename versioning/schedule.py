"""The occurrences of a schedule: on which days, at which instants, in order. Pure.

A day is a local day of the schedule's zone. A local time that the clocks skip is taken at the moment they are put
forward; one that they show twice is taken the first time. So each day and time is one occurrence, and they come in the
order of their local times. A business day is a day with working hours; where the calendar states nothing, nothing is
known, and there is no next occurrence.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from governance.rules.zones import zone_named
from ledger.clock import moment_of
from versioning.business_time import MINUTE, WEEKDAYS, Calendar, offset_change
from versioning.starts import Schedule

IN_TIME = 10 * MINUTE  # what starts within it has not been missed: a restart of the service takes less
ALL_MAX = 100  # missed occurrences that are started later; older ones are passed over

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted from it as if their zone were UTC
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_SEARCHED_DAYS = 800  # from one occurrence to the next where no calendar bounds the search: no schedule is rarer


class Occurrence(NamedTuple):
    """An instant, and the local day and time that it is for: `2026-03-02T09:00`."""

    at: int
    local: str


class Clockwork(NamedTuple):
    """A schedule with what it goes by. Without a calendar there are no business days."""

    schedule: Schedule
    zone: ZoneInfo
    calendar: Calendar | None = None


def calendar_of(schedule: Schedule, of_blueprint: str | None) -> str | None:
    """The name of the calendar a schedule goes by; None where it states a zone instead."""
    return schedule.calendar or (None if schedule.zone is not None else of_blueprint)


def clockwork(schedule: Schedule, calendar: Calendar | None) -> Clockwork:
    """A schedule made ready; `BrokenInput` for a zone that does not exist."""
    return Clockwork(schedule, zone_named(schedule.zone or "UTC") if calendar is None else calendar.zone, calendar)


def asks_business_days(schedule: Schedule) -> bool:
    """Whether a calendar has to say on which days it occurs."""
    return "business day" in schedule.every or "business day" in schedule.on


def occurrences(of: Clockwork, after: Occurrence) -> Iterator[Occurrence]:
    """The occurrences after one, or after an instant (with an empty local time: that instant included)."""
    first = _local_day(of.zone, after.at) - _DAY
    for on in _days(of, first):
        for text in of.schedule.at:
            found = Occurrence(instant_on(of.zone, on, text), f"{on.isoformat()}T{text}")
            if found > after:
                yield found


def following(of: Clockwork, after: Occurrence) -> Occurrence | None:
    """The next occurrence; None where there is none, or the calendar does not reach so far."""
    return next(occurrences(of, after), None)


def key_of(schedule: Schedule, occurrence: Occurrence) -> str:
    """The business key of the instance of an occurrence: its day, with the time where a day has several."""
    return occurrence.local[:10] if len(schedule.at) == 1 else occurrence.local


class Decided(NamedTuple):
    """Which of the due occurrences is started next, and those before it that are passed over."""

    start: Occurrence | None
    passed: tuple[Occurrence, ...]


def decide(catch_up: str, due: tuple[Occurrence, ...], now: int) -> Decided:
    """What the rule says of the occurrences that are due, oldest first. One is missed that is not started in time."""
    in_time = [one for one in due if now - one.at <= IN_TIME]
    wanted = {"none": in_time, "latest": in_time or [*due[-1:]], "all": [*due[-ALL_MAX:]]}[catch_up]
    if not wanted:
        return Decided(None, due)
    return Decided(wanted[0], due[: due.index(wanted[0])])


def _days(of: Clockwork, first: date) -> Iterator[date]:
    if asks_business_days(of.schedule):
        if of.calendar is None:
            return
        first, last = max(first, of.calendar.first), of.calendar.last
    else:
        last = min(first, date.max - _SEARCHED_DAYS * _DAY) + _SEARCHED_DAYS * _DAY
    on = first
    while on <= last:
        if _is_day(of, on):
            yield on
            if not asks_business_days(of.schedule):
                last = min(on, date.max - _SEARCHED_DAYS * _DAY) + _SEARCHED_DAYS * _DAY
        on += _DAY


def _is_day(of: Clockwork, on: date) -> bool:
    every = of.schedule.every
    if every == ("day",):
        return True
    if every == ("business day",):
        return _is_open(of, on)
    if every != ("month",):
        return WEEKDAYS[on.weekday()] in every
    if of.schedule.on == "last day":
        return (on + _DAY).day == 1
    if of.schedule.on == "last business day":
        return _is_open(of, on) and not any(_is_open(of, later) for later in _rest_of_month(on))
    kind, _, number = of.schedule.on.rpartition(" ")
    if kind == "day":
        return on.day == int(number)
    return _is_open(of, on) and sum(_is_open(of, on.replace(day=day)) for day in range(1, on.day + 1)) == int(number)


def _rest_of_month(on: date) -> Iterator[date]:
    later = on + _DAY
    while later.month == on.month:
        yield later
        later += _DAY


def _is_open(of: Clockwork, on: date) -> bool:
    return of.calendar is not None and bool(of.calendar.hours(on))


def _local_day(zone: ZoneInfo, instant: int) -> date:
    return moment_of(instant).astimezone(zone).date()


def instant_on(zone: ZoneInfo, on: date, text: str) -> int:
    """The first instant at which clocks there show this time of this day, or pass over it."""
    local = datetime.fromisoformat(f"{on.isoformat()}T{text}").replace(tzinfo=zone)
    first, second = _offset(local), _offset(local.replace(fold=1))
    as_utc = (local.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    if first >= second:
        return as_utc - first
    return offset_change(zone, as_utc - second, as_utc - first)  # clocks are put forward over it


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    assert offset is not None
    return offset // _MICROSECOND
