"""The business calendar as a governed artefact: when the organisation is at work.

    calendar: london-banking
    title: Banking days in London
    zone: Europe/London
    day: 8 hours                       # what one business day counts
    hours:
      monday: [09:00-12:30, 13:30-17:00]
      tuesday: [09:00-17:00]
    holidays:
      source: holidays 0.109           # where the dates come from
      country: GB
      subdivision: ENG
      years: 2026-2030                 # what is stated; outside of it nothing is known
      days: {2026-12-25: Christmas Day}
    closed: {2026-12-24: The office is closed}
    open: {2026-12-19: {name: Year end, hours: [10:00-14:00]}}

Every date stands in the source, so that a reviewer sees it and no library is asked when a due time is computed.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from governance.rules.zones import zone_named
from ledger.clock import moment_of
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.wording import Wording, as_it_is, as_told
from ledger.work import UnitOfWork
from versioning.artefact import RETIRED, Artefact, ArtefactLike, CheckFinding, Release
from versioning.business_time import WEEKDAYS
from versioning.entries import CALENDAR_RELEASED
from versioning.finding_texts import say
from versioning.kinds import located
from versioning.kinds.listing import listing_draft
from versioning.kinds.located import Located, Members
from versioning.kinds.reading_texts import tell
from versioning.shapes import NAME, NAME_CHARACTERS_MAX

YEAR_LEAST = 2012  # the last zone to set its clocks back into a day that was over did so in 2011
YEARS_MAX = 30  # nobody knows the holidays of a later generation
DAYS_MAX = 2_000  # dates of one list
INTERVALS_MAX = 12  # of one day
WORDS_LENGTH_MAX = 200  # characters of a title or the name of a day
KNOWN_DAYS_LEAST = 366  # a calendar that knows less of what is to come is told of at its proposal

_NAME = re.compile(rf"(?:{NAME})\Z")
_DAY = re.compile(r"([1-9][0-9]?) hours?(?: ([1-9]|[1-5][0-9]) minutes?)?\Z")
_INTERVAL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_YEARS = re.compile(r"([0-9]{4})-([0-9]{4})\Z")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class CalendarKind:
    """Owner of the kind `calendar`."""

    @property
    def kind(self) -> str:
        return "calendar"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> Artefact:
        """The calendar of the source; `BrokenInput` with `line:column`."""
        value = read_calendar(source)
        return Artefact(self.kind, value["name"], value)

    def check(self, uow: UnitOfWork, artefact: ArtefactLike) -> Sequence[CheckFinding]:
        """A calendar whose holidays end soon; nothing for a retirement."""
        return () if artefact.value == RETIRED else ending(artefact.value, uow.now)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`calendar.released`."""
        title = release.name if release.value == RETIRED else release.value["title"]
        return listing_draft(CALENDAR_RELEASED, release, title)


def ending(value: dict[str, Any], now: int) -> tuple[CheckFinding, ...]:
    """A warning when the stated holidays end within a year: beyond them no due time can be computed."""
    last = value["holidays"]["years"][1]
    if date(last, 12, 31) - moment_of(now).date() >= timedelta(days=KNOWN_DAYS_LEAST):
        return ()
    message = say("calendar-ends", last=last)
    return (CheckFinding("calendar.ends", "warning", message, ""),)


def read_calendar(source: str) -> dict[str, Any]:
    """Canonical value: {name, title, zone, day_minutes, hours: {weekday: [interval]}, holidays: {source, country,
    subdivision, years: [first, last], days: {date: name}}, closed: {date: name}, open: {date: {name, hours}}}."""
    root = Members(located.read(source), tell("what-a-calendar"))
    root.known(("calendar", "title", "zone", "day", "hours", "holidays", "closed", "open"))
    named = root.required("calendar")
    if not isinstance(named.value, str) or not _NAME.match(named.value) or len(named.value) > NAME_CHARACTERS_MAX:
        raise named.error(tell("calendar-name"))
    title = root.optional("title")
    holidays = _holidays(root.required("holidays"))
    years = (holidays["years"][0], holidays["years"][1])
    closed, opened = root.optional("closed"), root.optional("open")
    closed_days = {} if closed is None else _names(closed, tell("what-closed-days"), years)
    open_days = {} if opened is None else _open(opened, years)
    if opened is not None and closed_days.keys() & open_days:
        raise opened.error(tell("closed-and-open", on=as_it_is(min(closed_days.keys() & open_days))))
    hours = _hours(root.required("hours"))
    off = closed_days.keys() | holidays["days"].keys()
    if not any(days["hours"] for days in open_days.values()) and not _some_day(hours, off, years):
        place = root.required("hours") if closed is None else closed
        raise place.error(tell("no-working-day"))
    return {
        "name": named.value,
        "title": named.value if title is None else _line(title, tell("what-a-title")),
        "zone": _zone(root.required("zone")),
        "day_minutes": _day(root.required("day")),
        "hours": hours,
        "holidays": holidays,
        "closed": closed_days,
        "open": open_days,
    }


def _some_day(hours: dict[str, list[str]], off: Set[str], years: tuple[int, int]) -> bool:
    """Whether a day with hours is left in the years, beside the dates that are off."""
    first, last = date(years[0], 1, 1), date(years[1], 12, 31)
    days = map(first.__add__, map(timedelta, range((last - first).days + 1)))
    return any(WEEKDAYS[on.weekday()] in hours and on.isoformat() not in off for on in days)


def _zone(member: Located) -> str:
    name = located.text(member, tell("what-a-time-zone"))
    try:
        zone_named(name)
    except BrokenInput as error:
        raise member.error(as_told(error.message)) from error
    return name


def _day(member: Located) -> int:
    found = _DAY.match(member.value) if isinstance(member.value, str) else None
    minutes = 0 if found is None else int(found[1]) * 60 + int(found[2] or 0)
    if not 0 < minutes <= _DAY_MINUTES:
        raise member.error(tell("business-day"))
    return minutes


def _hours(member: Located) -> dict[str, list[str]]:
    if not isinstance(member.value, dict):
        raise member.error(tell("weekday-hours"))
    Members(member, tell("what-hours")).known(WEEKDAYS)
    hours = {day: _intervals(member.value[day]) for day in WEEKDAYS if day in member.value}
    if not any(hours.values()):
        raise member.error(tell("no-working-hours"))
    return {day: said for day, said in hours.items() if said}


def _intervals(member: Located) -> list[str]:
    if not isinstance(member.value, tuple) or len(member.value) > INTERVALS_MAX:
        raise member.error(tell("hours-list", most=INTERVALS_MAX))
    found: list[tuple[int, int, str]] = []
    for item in member.value:
        match = _INTERVAL.match(item.value) if isinstance(item.value, str) else None
        start, end = (0, 0) if match is None else (_minutes(match, 1), _minutes(match, 3))
        if match is None or not start < end <= _DAY_MINUTES:
            raise item.error(tell("hours"))
        for other_start, other_end, text in found:
            if start < other_end and other_start < end:
                raise item.error(tell("hours-overlap", first=as_it_is(match[0]), second=as_it_is(text)))
        found.append((start, end, match[0]))
    return [text for _, _, text in sorted(found)]


def _minutes(match: "re.Match[str]", group: int) -> int:
    return int(match[group]) * 60 + int(match[group + 1])


def _holidays(member: Located) -> dict[str, Any]:
    holidays = Members(member, tell("what-holidays"))
    holidays.known(("source", "country", "subdivision", "years", "days"))
    years = _years(holidays.required("years"))
    country, subdivision = holidays.optional("country"), holidays.optional("subdivision")
    return {
        "source": _line(holidays.required("source"), tell("what-where-the-dates-come-from")),
        "country": "" if country is None else _line(country, tell("what-a-country")),
        "subdivision": "" if subdivision is None else _line(subdivision, tell("what-a-subdivision")),
        "years": list(years),
        "days": _names(holidays.required("days"), tell("what-holidays"), years),
    }


def _years(member: Located) -> tuple[int, int]:
    match = _YEARS.match(str(member.value))
    if match is not None:
        first, last = int(match[1]), int(match[2])
    elif type(member.value) is int:
        first = last = member.value
    else:
        raise member.error(tell("years"))
    if not YEAR_LEAST <= first <= last <= 9998 or last - first >= YEARS_MAX:
        raise member.error(tell("years-counted", most=YEARS_MAX, least=YEAR_LEAST))
    return first, last


def _dates(member: Located, what: Wording, years: tuple[int, int]) -> dict[str, Located]:
    if not isinstance(member.value, dict) or len(member.value) > DAYS_MAX:
        raise member.error(tell("by-date", what=what, most=DAYS_MAX))
    for text, said in member.value.items():
        try:
            on = date.fromisoformat(text) if _DATE.match(text) else None
        except ValueError:
            on = None
        if on is None:
            raise BrokenInput(tell("date"), said.key_place)
        if not years[0] <= on.year <= years[1]:
            raise BrokenInput(tell("date-in-years", first=years[0], last=years[1], date=as_it_is(text)), said.key_place)
    return member.value


def _names(member: Located, what: Wording, years: tuple[int, int]) -> dict[str, str]:
    days = _dates(member, what, years)
    return {on: _line(days[on], tell("what-the-name-of-the-day")) for on in sorted(days)}


def _open(member: Located, years: tuple[int, int]) -> dict[str, dict[str, Any]]:
    days = _dates(member, tell("what-open-days"), years)
    opened: dict[str, dict[str, Any]] = {}
    for on in sorted(days):
        day = Members(days[on], tell("what-an-open-day"))
        day.known(("name", "hours"))
        hours = _intervals(day.required("hours"))
        if not hours:
            raise days[on].error(tell("open-hours"))
        opened[on] = {"name": _line(day.required("name"), tell("what-the-name-of-the-day")), "hours": hours}
    return opened


def _line(member: Located, what: Wording) -> str:
    text = located.text(member, what)
    if len(text) > WORDS_LENGTH_MAX or not text.isprintable():
        raise member.error(tell("on-line-printable", what=what, most=WORDS_LENGTH_MAX))
    return text
