"""Working time at year ends, on leap days and where clocks change in every way they do, against walking minute by
minute; and what is explained of it names the days that made a difference, and no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.versioning.test_business_time import at, calendar
from tests.versioning.walked import (
    DAY_MINUTES,
    HOURS,
    WINDOWS,
    Walk,
    Window,
    calendar_of,
    cause_of,
    hours_on,
    is_within,
    walk,
)
from versioning.business_time import MINUTE, WEEKDAYS, after, before, between
from versioning.business_words import explain


@some.composite
def walks(draw: some.DrawFn) -> tuple[Walk, int]:
    """A walk, and a minute of it: any, or one at which something changes."""
    window: Window = draw(some.sampled_from(WINDOWS))
    of = walk(window, draw(some.sampled_from(sorted(HOURS))), draw(some.booleans()))
    minutes = window.days * DAY_MINUTES
    return of, draw(some.sampled_from(of.edges(minutes)) | some.integers(1, minutes))


amounts = some.integers(0, 16 * 60)  # of no time too


@settings(max_examples=80)
@given(walks(), amounts)
def test_what_is_due_is_what_walking_finds(begun: tuple[Walk, int], working: int) -> None:
    of, start = begun
    assert after(calendar_of(of.office), of.at(start), working * MINUTE) == of.at(of.after(start, working))


@settings(max_examples=40)
@given(walks(), some.integers(0, 6 * DAY_MINUTES))
def test_what_has_passed_is_what_walking_counts_and_is_gone_back_over(begun: tuple[Walk, int], minutes: int) -> None:
    of, start = begun
    one, end = calendar_of(of.office), of.at(start + minutes)
    passed = of.between(start, start + minutes)
    assert between(one, of.at(start), end) == passed * MINUTE
    back = before(one, end, passed * MINUTE)
    assert back is not None
    went = (back - of.at(0)) // MINUTE
    assert of.between(went, start + minutes) == passed
    assert went == start + minutes or of.is_worked(went)  # and so no later one would do


def named(of: Walk, start: int, due: int) -> set[tuple[str, str]]:
    """The days that a reader cannot tell from a week's hours, with the cause of each."""
    usual = HOURS[of.office.hours]
    found = set()
    for shown in (of.shown(minute) for minute in range(start, due)):
        hours = [*hours_on(of.office, shown.date()), *usual.get(WEEKDAYS[shown.weekday()], [])]
        if cause_of(of.office, shown.date()) and is_within(shown, hours):
            found.add((shown.date().isoformat(), cause_of(of.office, shown.date())))
    return found | {(on.isoformat(), "clock") for on in of.changes(start, due) if hours_on(of.office, on)}


@settings(max_examples=60)
@given(walks(), amounts)
def test_the_days_that_are_told_are_those_that_made_a_difference(begun: tuple[Walk, int], working: int) -> None:
    of, start = begun
    told = explain(calendar_of(of.office), f"business PT{working}M", of.at(start))
    expected = named(of, start, of.after(start, working))
    assert sorted((one.on, one.cause) for one in told.passed) == sorted(expected)
    if "holiday" not in {cause for _, cause in expected}:
        assert "is a holiday" not in told.words


def test_what_is_due_when_a_day_closes_at_midnight_is_due_that_day() -> None:
    """Of no more time too: what follows at once after a deadline does not wait for the next opening."""
    late = calendar(hours={"friday": ["16:00-24:00"], "monday": ["09:00-17:00"]})
    assert after(late, at("2026-06-05T20:00"), 4 * 60 * MINUTE) == at("2026-06-06T00:00")
    assert after(late, at("2026-06-06T00:00"), 0) == at("2026-06-06T00:00")
    assert after(late, at("2026-06-06T00:01"), 0) == at("2026-06-08T09:00")
    first = calendar(hours={"wednesday": ["16:00-24:00"], "thursday": ["09:00-17:00"]})
    assert after(first, at("2025-01-01T00:00"), 0) == at("2025-01-01T16:00")  # of the day before nothing is stated


@pytest.mark.parametrize(
    ("zone", "start", "day", "word"),
    [
        ("America/Sao_Paulo", "2018-11-03T10:00", "2018-11-04", "put forward"),  # Sunday has no midnight
        ("America/Sao_Paulo", "2018-02-17T10:00", "2018-02-17", "put back"),  # Saturday has its last hour twice
        ("America/Havana", "2024-11-02T10:00", "2024-11-03", "put back"),  # Sunday has its first hour twice
        ("Africa/Cairo", "2024-04-25T10:00", "2024-04-26", "put forward"),
        ("Europe/London", "2026-03-28T10:00", "2026-03-29", "put forward"),
    ],
)
def test_a_change_of_the_clocks_is_told_of_the_day_that_it_makes_longer_or_shorter(
    zone: str, start: str, day: str, word: str
) -> None:
    always = calendar(
        zone=zone, hours={day: ["00:00-24:00"] for day in WEEKDAYS}, holidays={"years": [2018, 2027], "days": {}}
    )
    told = explain(always, "business PT60H", at(start, zone))
    assert [(one.on, one.name) for one in told.passed] == [(day, word)]
    assert explain(always, "business PT1H", at(start, zone)).passed == ()  # over before they change


def test_a_holiday_that_nothing_rests_on_is_not_told() -> None:
    evening = explain(calendar(), "business PT1H", at("2026-12-25T17:00"))
    assert evening.passed == explain(calendar(), "business PT1H", at("2026-12-26T10:00")).passed
    midnight = calendar(hours={"thursday": ["16:00-24:00"], "friday": ["09:00-17:00"]})
    assert explain(midnight, "business PT8H", at("2026-12-24T10:00")).passed == ()  # due as Christmas begins
