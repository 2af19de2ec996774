"""Occurrences of schedules: against a naive oracle over twenty years in several zones, and at changes of the clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from governance.rules.zones import zone_named
from ledger.wording import Wording
from versioning.business_time import DAY, MINUTE, WEEKDAYS, Calendar
from versioning.occurrence_words import occurrence_words
from versioning.schedule import (
    ALL_MAX,
    IN_TIME,
    Decided,
    Occurrence,
    clockwork,
    decide,
    following,
    key_of,
    occurrences,
)
from versioning.schedule_words import schedule_words
from versioning.starts import Schedule

# Changes at different hours, by half an hour, over midnight, across the date line, and none at all.
ZONES = (
    "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "Asia/Kolkata",
    "Africa/Casablanca",
)  # fmt: skip
FIRST, LAST = 2009, 2029
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def calendar(zone: str = "Europe/London", last: int = LAST) -> Calendar:
    years = range(FIRST, last + 1)
    value: dict[str, Any] = {
        "name": "office",
        "title": "Office",
        "zone": zone,
        "day_minutes": 480,
        "hours": {name: ["09:00-17:00"] for name in WEEKDAYS[:5]},
        "holidays": {
            "years": [FIRST, last],
            "days": {f"{year}-{day}": "A holiday" for year in years for day in ("01-01", "12-25", "05-31")},
        },
        "closed": {"2026-03-31": "The office moves"},
        "open": {"2026-08-30": {"name": "Stock is taken", "hours": ["10:00-12:00"]}},
    }
    return Calendar(value)


def at(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def shown(zone: str, instant: int) -> str:
    return (EPOCH + timedelta(microseconds=instant)).astimezone(zone_named(zone)).strftime("%Y-%m-%dT%H:%M")


def naive_instant(zone: str, local: str) -> int:
    """The first minute at which the clocks there show this time or a later one, by looking at every minute."""
    minute = at(datetime.fromisoformat(local).replace(tzinfo=UTC)) - 26 * 60 * MINUTE
    while shown(zone, minute) < local:
        minute += MINUTE
    return minute


def days_of_change(zone: str) -> list[date]:
    on, found = date(FIRST, 1, 1), []
    while on.year < LAST:
        offsets = [datetime(on.year, on.month, on.day, 12, tzinfo=zone_named(zone)).utcoffset()]
        on += timedelta(days=1)
        offsets.append(datetime(on.year, on.month, on.day, 12, tzinfo=zone_named(zone)).utcoffset())
        if offsets[0] != offsets[1]:
            found += [on - timedelta(days=1), on]
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_on_which_clocks_change_in_twenty_years(zone: str) -> None:
    times = ("00:00", "00:30", "01:30", "02:15", "03:00", "23:45")
    of = clockwork(Schedule(("day",), times, "none", zone=zone), None)
    days = days_of_change(zone)
    assert days or zone == "Asia/Kolkata"
    for on in days:
        before = Occurrence(naive_instant(zone, f"{on.isoformat()}T00:00") - 2 * DAY, "")
        found = {one.local: one.at for one in islice(occurrences(of, before), 5 * len(times))}
        for text in times:
            local = f"{on.isoformat()}T{text}"
            assert found[local] == naive_instant(zone, local), local


def naive_days(schedule: Schedule, of: Calendar) -> list[date]:
    """The days of a schedule month by month, by the words of the rule."""
    days = [
        date(FIRST, 1, 1) + timedelta(days=number)
        for number in range((date(LAST, 12, 31) - date(FIRST, 1, 1)).days + 1)
    ]
    if schedule.every == ("day",):
        return days
    if schedule.every == ("business day",):
        return [day for day in days if of.hours(day)]
    if schedule.every != ("month",):
        return [day for day in days if WEEKDAYS[day.weekday()] in schedule.every]
    months: dict[tuple[int, int], list[date]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(day)
    kind, _, number = schedule.on.rpartition(" ")
    chosen = []
    for month in months.values():
        among = [day for day in month if "business" not in schedule.on or of.hours(day)]
        place = -1 if kind.startswith("last") or not number.isdecimal() else int(number) - 1
        chosen.append(among[place])
    return chosen


SCHEDULES = (
    (("day",), ""),
    (("business day",), ""),
    (("monday", "thursday"), ""),
    (("sunday",), ""),
    (("month",), "day 28"),
    (("month",), "last day"),
    (("month",), "business day 1"),
    (("month",), "business day 15"),
    (("month",), "last business day"),
)


@pytest.mark.parametrize("zone", ["Europe/London", "Pacific/Apia", "America/Santiago"])
@pytest.mark.parametrize(("every", "on"), SCHEDULES)
def test_the_days_of_twenty_years(every: tuple[str, ...], on: str, zone: str) -> None:
    of = calendar(zone)
    schedule = Schedule(every, ("09:00",), "latest", on)
    expected = [day.isoformat() for day in naive_days(schedule, of)]
    begin = Occurrence(at(datetime(FIRST, 1, 1, 12, tzinfo=UTC)) - 2 * DAY, f"{FIRST}-01-01T00:00")
    found = [*islice(occurrences(clockwork(schedule, of), begin), len(expected) + 2)]
    days = [one.local[:10] for one in found if f"{FIRST}-01-01" <= one.local[:10] <= f"{LAST}-12-31"]
    assert days == expected
    assert found == sorted(found)


@given(zone=some.sampled_from(ZONES), days=some.integers(0, 7_000), minutes=some.integers(0, 1_439), rest=some.data())
def test_the_next_one_is_the_earliest_after(zone: str, days: int, minutes: int, rest: some.DataObject) -> None:
    """Going on from one occurrence to the next misses none and repeats none, from wherever one begins."""
    every, on = rest.draw(some.sampled_from(SCHEDULES))
    times = rest.draw(some.lists(some.sampled_from(("00:15", "01:30", "02:30", "09:00")), min_size=1, unique=True))
    of = clockwork(Schedule(every, tuple(sorted(times)), "all", on), calendar(zone))
    start = at(datetime(FIRST, 1, 5, tzinfo=UTC)) + days * DAY + minutes * MINUTE
    ahead = [*islice(occurrences(of, Occurrence(start, "")), 6)]
    assert all(one.at >= start for one in ahead)
    one = Occurrence(start, "")
    for expected in ahead:
        following_one = following(of, one)
        assert following_one == expected
        assert following_one is not None
        assert following_one > one
        one = following_one
    assert len({key_of(of.schedule, one) for one in ahead}) == len(ahead)


def test_a_time_that_is_skipped_and_one_that_comes_twice() -> None:
    of = clockwork(Schedule(("day",), ("01:30",), "none", zone="Europe/London"), None)

    def told(on: str) -> list[str]:
        begin = Occurrence(at(datetime.fromisoformat(f"{on}T00:00+00:00")) - 2 * 60 * MINUTE, "")
        return [
            (EPOCH + timedelta(microseconds=one.at)).strftime("%m-%dT%H:%M")
            for one in islice(occurrences(of, begin), 2)
        ]

    assert told("2026-03-29") == ["03-29T01:00", "03-30T00:30"]  # put forward at 01:00 UTC
    assert told("2026-10-25") == ["10-25T00:30", "10-26T01:30"]  # 01:30 a second time an hour later


def test_a_calendar_that_ends_has_no_next_business_day() -> None:
    of = clockwork(Schedule(("business day",), ("09:00",), "none"), calendar(last=2026))
    evening = Occurrence(at(datetime(2026, 12, 30, 20, tzinfo=UTC)), "")
    last = following(of, evening)
    assert last is not None
    assert last.local == "2026-12-31T09:00"
    assert following(of, last) is None
    weekly = clockwork(Schedule(("friday",), ("09:00",), "none"), calendar(last=2026))
    assert following(weekly, last) is not None  # what asks for no business day asks the calendar for its clock alone


def missed(count: int, since: int = 0, gap: int = DAY) -> tuple[Occurrence, ...]:
    return tuple([Occurrence(since + number * gap, f"{number:05}") for number in range(count)])


@pytest.mark.parametrize("catch_up", ["none", "latest", "all"])
def test_what_is_in_time_is_started_under_every_rule(catch_up: str) -> None:
    due = missed(2, gap=MINUTE)
    assert decide(catch_up, due, due[1].at + MINUTE) == Decided(due[0], ())
    assert decide(catch_up, due[:1], IN_TIME) == Decided(due[0], ())


def test_what_was_missed_is_started_by_the_rule() -> None:
    due = missed(3)
    now = due[-1].at + IN_TIME + 1
    assert decide("none", due, now) == Decided(None, due)
    assert decide("latest", due, now) == Decided(due[2], due[:2])
    assert decide("all", due, now) == Decided(due[0], ())
    assert decide("latest", due, due[-1].at) == Decided(due[2], due[:2])
    assert decide("none", due, due[-1].at) == Decided(due[2], due[:2])


def test_all_is_bounded() -> None:
    due = missed(ALL_MAX + 3)
    assert decide("all", due, due[-1].at + DAY) == Decided(due[3], due[:3])


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (
            Schedule(("business day",), ("09:00",), "latest"),
            "every business day at 09:00 by the calendar london banking",
        ),
        (
            Schedule(("monday", "friday"), ("09:00", "17:30"), "latest", zone="Asia/Tokyo"),
            "every Monday and Friday at 09:00 and 17:30 by the clock of Asia/Tokyo",
        ),
        (
            Schedule(("month",), ("06:00",), "latest", "last business day"),
            "every month on its last business day at 06:00 by the calendar london banking",
        ),
        (
            Schedule(("month",), ("06:00",), "latest", "business day 3", calendar="paris"),
            "every month on business day 3 at 06:00 by the calendar paris",
        ),
    ],
)
def test_words(schedule: Schedule, words: str) -> None:
    missed_words = "of the occurrences that were missed the latest is started later"
    assert schedule_words(schedule, "london-banking") == f"{words}; {missed_words}"


def told(schedule: Schedule, day: str, since: str) -> Wording:
    of = clockwork(schedule, None if schedule.zone else calendar())
    start = Occurrence(at(datetime.fromisoformat(f"{since}T12:00+00:00")), "")
    found = next(one for one in occurrences(of, start) if one.local.startswith(day))
    return occurrence_words(of, found, start.at)


def test_an_occurrence_is_explained() -> None:
    nine = Schedule(("business day",), ("09:00",), "none")
    assert told(nine, "2026-12-28", "2026-12-24") == (
        "Monday 28 December 2026, 09:00 (Europe/London); 25 December is a holiday (A holiday)"
    )
    assert told(nine, "2026-04-01", "2026-03-30") == (
        "Wednesday 1 April 2026, 09:00 (Europe/London); 31 March is closed (The office moves)"
    )
    assert told(nine, "2026-08-30", "2026-08-28").endswith("; 30 August is open (Stock is taken)")
    assert told(nine, "2026-08-31", "2026-08-30") == "Monday 31 August 2026, 09:00 (Europe/London)"  # it was before
    last = Schedule(("month",), ("09:00",), "none", "last business day")
    assert told(last, "2026-03-30", "2026-02-28") == (
        "Monday 30 March 2026, 09:00 (Europe/London); 31 March is closed (The office moves)"
    )
    second = Schedule(("month",), ("09:00",), "none", "business day 2")
    assert told(second, "2027-01-05", "2026-12-24") == (
        "Tuesday 5 January 2027, 09:00 (Europe/London); 1 January is a holiday (A holiday)"
    )
    early = Schedule(("day",), ("01:30",), "none", zone="Europe/London")
    assert told(early, "2026-03-29", "2026-03-28") == (
        "Sunday 29 March 2026, 02:00 (Europe/London); the clocks are put forward over 01:30"
    )
    assert told(early, "2026-10-25", "2026-10-24") == (
        "Sunday 25 October 2026, 01:30 (Europe/London); the clocks show 01:30 twice, and this is the first time"
    )
    assert told(early, "2026-12-25", "2026-12-24") == "Friday 25 December 2026, 01:30 (Europe/London)"
