"""Occurrences of schedules at year ends, on leap days and where clocks change, against walking minute by minute; and
the days that are told of one are those without which it would be another."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile

from hypothesis import given, settings
from hypothesis import strategies as some

from tests.versioning.test_schedule import SCHEDULES
from tests.versioning.walked import (
    DAY_MINUTES,
    HOURS,
    WINDOWS,
    Office,
    Walk,
    Window,
    calendar_of,
    cause_of,
    is_day,
    walk,
)
from versioning.occurrence_words import occurrence_words
from versioning.schedule import Clockwork, Occurrence, clockwork, occurrences
from versioning.starts import Schedule

TIMES = ("00:00", "00:15", "00:30", "01:30", "02:15", "03:00", "09:00", "23:30")
times = some.lists(some.sampled_from(TIMES), min_size=1, max_size=3, unique=True).map(sorted).map(tuple)
windows = some.tuples(some.sampled_from(WINDOWS), some.sampled_from(sorted(HOURS)), some.booleans())
# A month whose end or beginning the windows hold, so that counted days and last days come up in them.
kinds = some.sampled_from((*SCHEDULES, (("month",), "business day 2"), (("month",), "day 1"), (("month",), "day 27")))


def walked(of: Walk, schedule: Schedule, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Every day and time of the schedule, at the first minute at which the clocks show it or have passed over it."""
    reached = max(of.text(minute) for minute in range(start))
    first, last = of.shown(0).date(), of.shown(end).date() + timedelta(days=1)
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    days = [day for day in days if is_day(of.office, schedule.every, schedule.on, day)]
    meant = [text for day in days for time in schedule.at if (text := f"{day}T{time}") > reached]
    for minute in range(start, end):
        while meant and meant[0] <= of.text(minute):
            yield of.at(minute), meant.pop(0)


@settings(max_examples=60)
@given(windows, kinds, times, some.data())
def test_the_next_ones_are_what_walking_finds(
    place: tuple[Window, str, bool], kind: tuple[tuple[str, ...], str], at: tuple[str, ...], rest: some.DataObject
) -> None:
    of, end = walk(*place), place[0].days * DAY_MINUTES
    start = rest.draw(some.sampled_from(of.edges(end)) | some.integers(1, end))
    schedule = Schedule(kind[0], at, "all", kind[1])
    ready = clockwork(schedule, calendar_of(of.office))
    found = takewhile(lambda one: one.at < of.at(end), occurrences(ready, Occurrence(of.at(start), "")))
    assert [tuple(one) for one in found] == [*walked(of, schedule, start, end)]


def days(office: Office, kind: tuple[tuple[str, ...], str], since: date) -> date:
    """The first day of the schedule after a day."""
    day = since + timedelta(days=1)
    while not is_day(office, *kind, day):
        day += timedelta(days=1)
    return day


def told(of: Clockwork, day: date, since: int) -> str:
    found = next(one for one in occurrences(of, Occurrence(since + 1, "")) if one.local.startswith(day.isoformat()))
    return occurrence_words(of, found, since)


@settings(max_examples=80)
@given(
    windows,
    some.sampled_from([one for one in SCHEDULES if "business day" in (*one[0], *one[1].split(" ", 1)) or one[1]]),
    some.integers(0, 40),
)
def test_the_days_that_are_told_are_those_without_which_it_would_be_another(
    place: tuple[Window, str, bool], kind: tuple[tuple[str, ...], str], ago: int
) -> None:
    """Each after the one before, or in its month, were a day as its weekday."""
    office = walk(*place).office
    before = days(office, kind, place[0].first - timedelta(days=ago))
    on = days(office, kind, before)
    of = clockwork(Schedule(kind[0], ("09:00",), "none", kind[1]), calendar_of(office))
    since = next(one for one in occurrences(of, Occurrence(0, "")) if one.local.startswith(before.isoformat())).at
    words = told(of, on, since)
    around = [date.fromordinal(number) for number in range(before.toordinal() - 31, on.toordinal() + 32)]
    special = [day for day in around if cause_of(office, day)]
    counted = on.replace(day=1) - timedelta(days=1) if kind[1] else before
    matter = [day for day in special if days(office._replace(usual=(*office.usual, day)), kind, counted) != on]
    assert words.count(" is a holiday ") == sum(cause_of(office, day) == "holiday" for day in matter), words
    assert words.count(" is closed ") == sum(cause_of(office, day) == "closed" for day in matter), words
    assert words.count(" is open ") == sum(cause_of(office, day) == "open" for day in matter), words
    for day in matter:
        assert f"; {day.day} {day:%B} is " in words
