"""Time walked minute by minute: what clocks show and whether somebody is at work, from zones and public holidays alone.

Simple and slow, and made of nothing that counts working time in the product: tests hold its answers against these.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import holidays

from api.cli_calendar import public_holidays
from governance.rules.zones import zone_named
from versioning.business_time import MINUTE, WEEKDAYS, Calendar

YEARS = (2011, 2030)
DAY_MINUTES = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

HOURS: dict[str, dict[str, list[str]]] = {
    "office": {day: ["09:00-12:30", "13:30-17:00"] for day in WEEKDAYS[:5]},
    "round the clock": {day: ["00:00-24:00"] for day in WEEKDAYS if day != "friday"},
    "at night": {day: ["00:00-06:00", "22:00-24:00"] for day in WEEKDAYS},
    "around midnight": {
        "monday": ["09:00-17:00"],
        "thursday": ["22:15-24:00"],
        "friday": ["00:00-00:30", "22:00-23:30"],
        "saturday": ["23:30-24:00"],
        "sunday": ["00:30-01:30", "01:45-03:15"],
    },
}


class Office(NamedTuple):
    """Who is at work when; `closed` are days without work and `opened` days with work from ten to twelve."""

    zone: str
    country: str
    subdivision: str
    hours: str
    closed: tuple[date, ...] = ()
    opened: tuple[date, ...] = ()
    usual: tuple[date, ...] = ()  # as their weekday, whatever else is said of them


class Window(NamedTuple):
    """Some days somewhere."""

    zone: str
    country: str
    subdivision: str
    first: date
    days: int


def _window(zone: str, place: str, first: str, days: int) -> Window:
    country, _, subdivision = place.partition("-")
    return Window(zone, country, subdivision, date.fromisoformat(first), days)


WINDOWS = (
    _window("Europe/London", "GB-ENG", "2027-12-22", 16),  # Christmas and the new year on a week-end, with substitutes
    _window("America/New_York", "US", "2027-12-28", 9),  # the new year is kept on the last day of the old one
    _window("Pacific/Auckland", "NZ", "2026-12-23", 14),  # two substitutes
    _window("Europe/Berlin", "DE-BY", "2028-02-25", 8),  # a leap day
    _window("Asia/Tokyo", "JP", "2026-04-27", 12),  # five days off in a row, one of them a substitute
    _window("Europe/London", "GB-ENG", "2026-03-26", 9),  # put forward, before Easter
    _window("Europe/London", "GB-ENG", "2026-10-22", 8),  # put back
    _window("America/New_York", "US", "2026-03-05", 8),
    _window("America/New_York", "US", "2026-10-29", 8),
    _window("Pacific/Auckland", "NZ", "2026-04-01", 9),  # the other hemisphere: back in April, forward in September
    _window("Pacific/Auckland", "NZ", "2026-09-24", 8),
    _window("Australia/Lord_Howe", "AU-NSW", "2026-04-02", 8),  # by half an hour
    _window("Australia/Lord_Howe", "AU-NSW", "2026-10-01", 8),
    _window("America/Sao_Paulo", "BR-SP", "2018-02-15", 8),  # at midnight, back into the day before
    _window("America/Sao_Paulo", "BR-SP", "2018-11-01", 8),  # over midnight
    _window("Africa/Cairo", "EG", "2024-04-23", 8),  # over the midnight of a Friday
    _window("Africa/Cairo", "EG", "2024-10-29", 8),
    _window("America/Havana", "CU", "2024-03-07", 8),
    _window("America/Havana", "CU", "2024-10-31", 8),  # midnight comes twice
    _window("Asia/Beirut", "LB", "2026-10-22", 8),
    _window("Africa/Casablanca", "MA", "2026-02-12", 8),  # back for a month
    _window("Antarctica/Troll", "NO", "2026-03-26", 8),  # by two hours
    _window("Pacific/Apia", "WS", "2011-12-27", 9),  # without the 30th
)


@cache
def _public(country: str, subdivision: str) -> frozenset[date]:
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=range(YEARS[0], YEARS[1] + 1))
    return frozenset(on for on in found if YEARS[0] <= on.year <= YEARS[1])


def cause_of(office: Office, on: date) -> str:
    """Why a day is not as its weekday; empty where it is."""
    if on in office.usual:
        return ""
    if on in office.opened:
        return "open"
    if on in office.closed:
        return "closed"
    return "holiday" if on in _public(office.country, office.subdivision) else ""


def hours_on(office: Office, on: date) -> list[str]:
    """The hours of a day."""
    usual = HOURS[office.hours].get(WEEKDAYS[on.weekday()], [])
    return {"": usual, "open": ["10:00-12:00"], "closed": [], "holiday": []}[cause_of(office, on)]


def is_within(shown: datetime, hours: list[str]) -> bool:
    """Whether what the clocks show lies in some hours."""
    time = shown.isoformat()[11:16]
    return any(one[:5] <= time < one[6:] for one in hours)


@cache
def calendar_of(office: Office) -> Calendar:
    """The office as the product has it, with holidays as `muniment calendar make` finds them."""
    source, days = public_holidays(office.country, office.subdivision, *YEARS)
    value: dict[str, Any] = {
        "name": "walked",
        "title": "Walked",
        "zone": office.zone,
        "day_minutes": 480,
        "hours": HOURS[office.hours],
        "holidays": {"source": source, "years": list(YEARS), "days": days},
        "closed": {on.isoformat(): "Closed" for on in office.closed},
        "open": {on.isoformat(): {"name": "Open", "hours": ["10:00-12:00"]} for on in office.opened},
    }
    return Calendar(value)


class Walk:
    """The minutes from a midnight in UTC on, as many as are asked for; a minute is told by its number."""

    def __init__(self, office: Office, first: date) -> None:
        self.office = office
        self._zone = zone_named(office.zone)
        self._begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
        self._shown: list[datetime] = []
        self._worked: list[bool] = []
        self._edges: list[int] = []

    def at(self, minute: int) -> int:
        """A minute as an instant of the product."""
        return (self._begins - _EPOCH) // timedelta(microseconds=1) + minute * MINUTE

    def shown(self, minute: int) -> datetime:
        """What the clocks show then."""
        while minute >= len(self._shown):
            shown = (self._begins + timedelta(minutes=len(self._shown))).astimezone(self._zone)
            self._shown.append(shown)
            self._worked.append(is_within(shown, hours_on(self.office, shown.date())))
        return self._shown[minute]

    def text(self, minute: int) -> str:
        """The same as a day and a time: `2026-03-02T09:00`."""
        return self.shown(minute).isoformat()[:16]

    def is_worked(self, minute: int) -> bool:
        """Whether somebody is at work then."""
        self.shown(minute)
        return self._worked[minute]

    def after(self, start: int, working: int, stopped: range = range(0)) -> int:
        """The first minute at which so many minutes were worked, those left out for which the clock stood still.

        Closing time belongs to the day that closes.
        """
        minute = start
        while True:
            if working == 0 and (self.is_worked(minute) or (minute > 0 and self.is_worked(minute - 1))):
                return minute
            working -= working > 0 and minute not in stopped and self.is_worked(minute)
            minute += 1

    def between(self, start: int, end: int) -> int:
        """How many minutes are worked from one to another."""
        return sum(self.is_worked(minute) for minute in range(start, end))

    def edges(self, minutes: int) -> list[int]:
        """The minutes at which work begins or ends, a day begins, or the clocks change; asked for one length alone."""
        if not self._edges:
            self._edges += [minute for minute in range(1, minutes) if self._is_edge(minute)]
        return self._edges

    def _is_edge(self, minute: int) -> bool:
        before, now = self.shown(minute - 1), self.shown(minute)
        is_same = before.date() == now.date() and before.utcoffset() == now.utcoffset()
        return not is_same or self.is_worked(minute) != self.is_worked(minute - 1)

    def changes(self, start: int, end: int) -> Iterator[date]:
        """The days that the clocks make longer or shorter between two minutes."""
        for minute in range(start + 1, end):
            before, now = self.shown(minute - 1), self.shown(minute)
            forward, back = before.utcoffset(), now.utcoffset()
            assert forward is not None
            assert back is not None
            if forward < back:
                yield (before.replace(tzinfo=None) + timedelta(minutes=1)).date()  # the first that they do not show
            elif forward > back:
                yield now.date()  # the first that they show again


@cache
def walk(window: Window, hours: str, with_own_days: bool) -> Walk:
    """The walk through a window; `with_own_days`: its second day is closed, and its fourth open."""
    closed = (window.first + timedelta(days=1),) if with_own_days else ()
    opened = (window.first + timedelta(days=3),) if with_own_days else ()
    return Walk(Office(window.zone, window.country, window.subdivision, hours, closed, opened), window.first)


def is_day(office: Office, every: tuple[str, ...], on: str, day: date) -> bool:
    """Whether a schedule has something on a day, by the words of the rule."""
    if every == ("day",):
        return True
    if every == ("business day",):
        return bool(hours_on(office, day))
    if every != ("month",):
        return WEEKDAYS[day.weekday()] in every
    among = [day.replace(day=number + 1) for number in range(monthrange(day.year, day.month)[1])]
    if "business" in on:
        among = [one for one in among if hours_on(office, one)]
    number = on.rpartition(" ")[2]
    return among[int(number) - 1 if number.isdecimal() else -1 :][:1] == [day]
