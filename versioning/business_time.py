"""Working time: when an organisation is at work, and what an amount of that time comes to. Pure.

A calendar states local hours for each weekday, the days that are otherwise, and the years it knows; an instant is
microseconds in UTC. An interval is the set of instants whose local time lies in it, so an hour the clocks skip is not
worked and one they show twice is worked twice: what counts is time that passed. A business day is an amount of
working time (`day`), never a date. Outside the stated years nothing is known: the answer is None, never a guess.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from governance.rules.zones import zone_named
from ledger.clock import SECOND, moment_of

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FIRST = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_BUSINESS = re.compile(r"business P(?=.)(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?", re.ASCII)

Interval = tuple[int, int]  # minutes of the local day, the end not included
Opening = tuple[int, int]  # instants, the end not included


class Special(NamedTuple):
    """A day that is not as its weekday: a holiday, or one the organisation closes or opens itself, with its name."""

    cause: Literal["holiday", "closed", "open"]
    name: str
    hours: tuple[Interval, ...] = ()


class Calendar:
    """A business calendar made ready; every answer follows from the value it was made of."""

    __slots__ = ("_openings", "day", "first", "last", "name", "special", "title", "week", "zone")

    def __init__(self, value: Mapping[str, Any]) -> None:
        """From the canonical value of `versioning.kinds.calendar`, which has checked it."""
        low, high = value["holidays"]["years"]
        self.name: str = value["name"]
        self.title: str = value["title"]
        self.zone: ZoneInfo = zone_named(value["zone"])
        self.day: int = value["day_minutes"] * MINUTE
        self.week = tuple([_hours(value["hours"].get(name, ())) for name in WEEKDAYS])
        self.first, self.last = date(low, 1, 1), date(high, 12, 31)
        self.special: dict[date, Special] = {
            **{date.fromisoformat(on): Special("holiday", name) for on, name in value["holidays"]["days"].items()},
            **{date.fromisoformat(on): Special("closed", name) for on, name in value["closed"].items()},
            **{
                date.fromisoformat(on): Special("open", said["name"], _hours(said["hours"]))
                for on, said in value["open"].items()
            },
        }
        self._openings: dict[date, tuple[Opening, ...]] = {}

    def hours(self, on: date) -> tuple[Interval, ...]:
        """The working hours of a local day, in minutes."""
        special = self.special.get(on)
        return self.week[on.weekday()] if special is None else special.hours

    def openings(self, on: date) -> tuple[Opening, ...]:
        """The same as instants, in order."""
        known = self._openings.get(on)
        if known is None:
            hours = self.hours(on)
            known = self._openings[on] = _instants(self.zone, on, hours) if hours else ()
        return known

    def usual_openings(self, on: date) -> tuple[Opening, ...]:
        """What they would be, were the day as its weekday."""
        return _instants(self.zone, on, self.week[on.weekday()])

    def local(self, instant: int) -> datetime:
        """An instant as people there read it."""
        return moment_of(instant).astimezone(self.zone)

    def is_stated(self, instant: int) -> bool:
        """Whether the calendar knows the day of an instant."""
        return self.first <= self.local(instant).date() <= self.last


def is_business(duration: str) -> bool:
    """Whether a duration of a blueprint is working time."""
    return duration.startswith("business ")


def amount(duration: str, day: int) -> int:
    """The working time of `business P2D` or `business PT4H`, in microseconds, where a day is `day` of it."""
    found = _BUSINESS.fullmatch(duration)
    assert found is not None  # the reader makes no other
    days, hours, minutes = [int(part or 0) for part in found.groups()]
    return days * day + hours * HOUR + minutes * MINUTE


def after(calendar: Calendar, instant: int, working: int) -> int | None:
    """The first instant at which this much working time has passed; None when the calendar does not reach so far.

    Of no time at all: the instant itself in working hours, else the next opening. The instant a day closes at is
    still one of its working hours, so what is due then is due that day.
    """
    if not calendar.is_stated(instant):
        return None
    for begins, ends in _from(calendar, instant):
        start = max(begins, instant)
        if start <= ends and working <= ends - start:
            return start + working
        working -= max(0, ends - start)
    return None


def between(calendar: Calendar, start: int, end: int) -> int | None:
    """The working time from `start` to `end`; None when the calendar does not know all of it."""
    if not calendar.is_stated(start) or not calendar.is_stated(end):
        return None
    passed = 0
    for begins, ends in _from(calendar, start):
        if begins >= end:
            break
        passed += max(0, min(ends, end) - max(begins, start))
    return passed


def before(calendar: Calendar, instant: int, working: int) -> int | None:
    """The latest instant from which this much working time passes until `instant`; None as with `after`."""
    if not calendar.is_stated(instant):
        return None
    if working == 0:
        return instant
    on = calendar.local(instant).date()
    while on >= calendar.first:
        for begins, ends in reversed(calendar.openings(on)):
            end = min(ends, instant)
            if end <= begins:
                continue
            if working <= end - begins:
                return end - working
            working -= end - begins
        on -= timedelta(days=1)
    return None


def _from(calendar: Calendar, instant: int) -> Iterator[Opening]:
    on = calendar.local(instant).date()
    if on > calendar.first:
        on -= timedelta(days=1)  # what closes at midnight closes at the first instant of the day after
    while on <= calendar.last:
        yield from calendar.openings(on)
        on += timedelta(days=1)


def _hours(said: Any) -> tuple[Interval, ...]:
    return tuple([(_minutes(text[:5]), _minutes(text[6:])) for text in said])


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _instants(zone: ZoneInfo, on: date, hours: tuple[Interval, ...]) -> tuple[Opening, ...]:
    """The instants whose local time on this day lies in the hours."""
    midnight = (on - _FIRST).days * DAY  # as if the zone were UTC
    found = []
    for begins, ends, offset in _stretches(zone, on, midnight):
        for start, end in hours:
            opens = max(midnight + start * MINUTE - offset, begins)
            closes = min(midnight + end * MINUTE - offset, ends)
            if opens < closes:
                found.append((opens, closes))
    return tuple(sorted(found))


def _stretches(zone: ZoneInfo, on: date, midnight: int) -> list[tuple[int, int, int]]:
    """(from, to, offset) over all instants that may be of this local day, cut where the offset changes."""
    first = _offset(datetime(on.year, on.month, on.day, tzinfo=zone))
    following = on + timedelta(days=1)
    last = _offset(datetime(following.year, following.month, following.day, tzinfo=zone, fold=1))
    low, high = midnight - DAY, midnight + 2 * DAY  # no offset is a day long
    if first == last:
        return [(low, high, first)]
    stretches, since, known = [], low, _offset_at(zone, low)
    for tick in range(low + HOUR, high + HOUR, HOUR):
        if _offset_at(zone, tick) != known:
            change = offset_change(zone, tick - HOUR, tick)
            stretches.append((since, change, known))
            since, known = change, _offset_at(zone, tick)
    return [*stretches, (since, high, known)]


def offset_change(zone: ZoneInfo, low: int, high: int) -> int:
    """The second at which the offset changes, between two instants that differ in it."""
    old = _offset_at(zone, low)
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        if _offset_at(zone, middle) == old:
            low = middle
        else:
            high = middle
    return high


def _offset_at(zone: ZoneInfo, instant: int) -> int:
    return _offset(moment_of(instant).astimezone(zone))


def _offset(moment: datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return offset // _MICROSECOND
