"""Working time against a slow oracle that walks minute by minute in the zone, and the traps toy engines fall into."""

from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.clock import moment_of
from versioning.business_time import HOUR, MINUTE, Calendar, after, amount, before, between
from versioning.business_words import explain
from versioning.words_parts import duration_words

OFFICE = ["09:00-12:30", "13:30-17:00"]
LONDON: dict[str, Any] = {
    "name": "london",
    "title": "London",
    "zone": "Europe/London",
    "day_minutes": 480,
    "hours": {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    "holidays": {
        "source": "holidays 0.109", "country": "GB", "subdivision": "ENG", "years": [2025, 2027],
        "days": {"2026-12-25": "Christmas Day", "2026-12-28": "Boxing Day (substitute day)", "2027-01-01": "New Year"},
    },
    "closed": {},
    "open": {},
}  # fmt: skip


def calendar(**changes: Any) -> Calendar:
    return Calendar({**LONDON, **changes})


def at(text: str, zone: str = "Europe/London") -> int:
    """An instant by its local time; `fold` is that of the first."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


def local(found: int | None, zone: str = "Europe/London") -> str:
    assert found is not None
    return moment_of(found).astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")[:16]


def due(one: Calendar, start: str, duration: str) -> str:
    return local(after(one, at(start, one.zone.key), amount(f"business {duration}", one.day)), one.zone.key)


# The oracle: one minute after the other, each asked whether it is worked.


def is_worked(one: Calendar, minute: int) -> bool:
    moment = moment_of(minute).astimezone(one.zone)
    of_day = moment.hour * 60 + moment.minute
    return any(start <= of_day < end for start, end in one.hours(moment.date()))


def slow_after(one: Calendar, start: int, working: int) -> int:
    left, minute = working // MINUTE, start
    while True:
        if left == 0 and (is_worked(one, minute) or is_worked(one, minute - MINUTE)):
            return minute
        left -= is_worked(one, minute) and left > 0
        minute += MINUTE


def slow_between(one: Calendar, start: int, end: int) -> int:
    return sum(MINUTE for minute in range(start, end, MINUTE) if is_worked(one, minute))


ODD = {  # shifts over the hours in which clocks change, up to midnight, and a day with a break
    "monday": OFFICE,
    "wednesday": ["00:00-01:30", "22:00-24:00"],
    "saturday": ["23:30-24:00"],
    "sunday": ["00:30-01:30", "01:45-03:15"],
}


@cache
def odd(zone: str) -> Calendar:
    opened = {"2026-03-27": {"name": "Stocktaking", "hours": ["10:00-11:00"]}}
    return calendar(zone=zone, hours=ODD, open=opened, closed={"2026-11-02": "Works outing"})


ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Beirut")
STARTS = ("2026-03-06T12:00", "2026-03-27T08:00", "2026-04-03T20:00", "2026-10-02T20:00", "2026-10-23T23:00")
minutes = st.integers(0, 5 * 24 * 60).map(lambda count: count * MINUTE)
amounts = st.integers(0, 11 * 60).map(lambda count: count * MINUTE)
starts = st.tuples(st.sampled_from(ZONES), st.sampled_from(STARTS), minutes)


@settings(max_examples=60, deadline=None)
@given(starts, amounts)
def test_working_time_is_what_walking_minute_by_minute_finds(start: tuple[str, str, int], working: int) -> None:
    one, begins = odd(start[0]), at(start[1], start[0]) + start[2]
    assert after(one, begins, working) == slow_after(one, begins, working)


@settings(max_examples=40, deadline=None)
@given(starts, minutes)
def test_the_working_time_between_two_instants_is_what_walking_finds(start: tuple[str, str, int], more: int) -> None:
    one, begins = odd(start[0]), at(start[1], start[0]) + start[2]
    assert between(one, begins, begins + more) == slow_between(one, begins, begins + more)


@given(starts, amounts, amounts)
def test_amounts_add_up_grow_and_are_undone(start: tuple[str, str, int], first: int, second: int) -> None:
    one, begins = odd(start[0]), at(start[1], start[0]) + start[2]
    half, whole = after(one, begins, first), after(one, begins, first + second)
    assert half is not None
    assert whole is not None
    assert after(one, half, second) == whole
    assert begins <= half <= whole
    assert between(one, begins, whole) == first + second
    back = before(one, whole, first + second)
    assert back is not None
    assert back >= begins or first + second == 0
    assert between(one, back, whole) == first + second


@given(starts, amounts)
def test_nothing_is_ever_due_outside_of_working_hours(start: tuple[str, str, int], working: int) -> None:
    one, begins = odd(start[0]), at(start[1], start[0]) + start[2]
    found = after(one, begins, working)
    assert found is not None
    assert any(
        opens <= found <= closes
        for day in (-1, 0, 1)
        for opens, closes in one.openings(date.fromordinal(one.local(found).date().toordinal() + day))
    )


# The traps


def test_a_business_day_is_not_24_hours() -> None:
    assert due(calendar(), "2026-06-01T10:00", "P1D") == "2026-06-02T10:00"
    assert due(calendar(), "2026-06-05T10:00", "P2D") == "2026-06-09T10:00"  # over a week end


def test_what_comes_before_opening_counts_from_opening() -> None:
    assert due(calendar(), "2026-06-01T06:00", "PT2H") == "2026-06-01T11:00"
    assert due(calendar(), "2026-06-01T20:00", "PT2H") == "2026-06-02T11:00"
    assert due(calendar(), "2026-06-06T12:00", "PT2H") == "2026-06-08T11:00"


def test_holidays_and_closed_days_do_not_count_and_open_days_do() -> None:
    assert due(calendar(), "2026-12-23T15:00", "P2D") == "2026-12-29T15:00"
    closed = calendar(closed={"2026-12-24": "The office is closed"})
    assert due(closed, "2026-12-23T15:00", "P2D") == "2026-12-30T15:00"
    opened = calendar(open={"2026-12-26": {"name": "Year end", "hours": ["10:00-14:00"]}})
    assert due(opened, "2026-12-23T15:00", "P2D") == "2026-12-29T11:00"
    holiday = calendar(open={"2026-12-25": {"name": "On duty", "hours": ["09:00-17:00"]}})
    assert due(holiday, "2026-12-24T15:00", "P1D") == "2026-12-25T15:00"  # the organisation's own word goes first


def test_what_is_due_at_closing_time_is_due_that_day() -> None:
    assert due(calendar(), "2026-06-01T09:00", "P1D") == "2026-06-01T17:00"
    assert due(calendar(), "2026-06-01T17:00", "PT1H") == "2026-06-02T10:00"


def test_a_break_is_not_worked() -> None:
    one = calendar(hours={"monday": OFFICE, "tuesday": OFFICE}, day_minutes=420)
    assert due(one, "2026-06-01T12:00", "PT1H") == "2026-06-01T14:00"
    assert due(one, "2026-06-01T12:00", "P1D") == "2026-06-02T12:00"


@pytest.mark.parametrize(
    ("zone", "start", "hours", "found"),
    [
        # The last Sunday of March and October in London, 01:00 UTC; round the clock, so elapsed time shows.
        ("Europe/London", "2026-03-28T22:00", 5, "2026-03-29T04:00"),
        ("Europe/London", "2026-10-24T22:00", 5, "2026-10-25T02:00"),
        # The second Sunday of March and the first of November in New York, at 2 o'clock local time.
        ("America/New_York", "2026-03-07T22:00", 6, "2026-03-08T05:00"),
        ("America/New_York", "2026-10-31T22:00", 6, "2026-11-01T03:00"),
    ],
)
def test_a_skipped_hour_is_not_worked_and_a_doubled_one_is_twice(zone: str, start: str, hours: int, found: str) -> None:
    always = {day: ["00:00-24:00"] for day in ("monday", "saturday", "sunday")}
    one = calendar(zone=zone, hours=always)
    assert due(one, start, f"PT{hours}H") == found
    begins, ends = at(start, zone), after(one, at(start, zone), hours * HOUR)
    assert ends == begins + hours * HOUR  # what counts is time that passed


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
@pytest.mark.parametrize("start", ["2026-03-06T15:00", "2026-03-27T15:00", "2026-10-23T15:00", "2026-10-30T15:00"])
def test_office_hours_stay_office_hours_when_the_clocks_change(zone: str, start: str) -> None:
    one = calendar(zone=zone)
    monday = date.fromisoformat(start[:10]).toordinal() + 3
    assert due(one, start, "P1D") == f"{date.fromordinal(monday)}T15:00"


def test_beyond_the_stated_years_there_is_no_answer() -> None:
    one = calendar()
    assert after(one, at("2027-12-30T10:00"), amount("business P1D", one.day)) == at("2027-12-31T10:00")
    assert after(one, at("2027-12-30T10:00"), amount("business P2D", one.day)) is None
    assert after(one, at("2024-12-31T10:00"), HOUR) is None
    assert after(one, at("2028-01-03T10:00"), 0) is None
    assert between(one, at("2027-12-30T10:00"), at("2028-01-03T10:00")) is None
    assert before(one, at("2025-01-01T10:00"), 30 * HOUR) is None
    assert before(one, at("2028-01-03T10:00"), HOUR) is None


def test_a_due_time_is_explained() -> None:
    said = explain(calendar(), "business P2D", at("2026-12-23T15:00"))
    assert said.words == (
        "2 business days of 8 hours from Wednesday 23 December 2026, 15:00 (Europe/London): "
        "due Tuesday 29 December 2026, 15:00; 25 December is a holiday (Christmas Day); "
        "28 December is a holiday (Boxing Day (substitute day))"
    )
    assert [(one.on, one.cause) for one in said.passed] == [("2026-12-25", "holiday"), ("2026-12-28", "holiday")]
    assert said.due_at == at("2026-12-29T15:00")
    beyond = explain(calendar(), "business P900D", at("2026-12-23T15:00"))
    assert beyond.due_at is None
    assert "states the days of 2025 to 2027 alone" in beyond.words
    always = calendar(hours={"saturday": ["00:00-24:00"], "sunday": ["00:00-24:00"]})
    forward = explain(always, "business PT5H", at("2026-03-28T22:00")).words
    assert forward.endswith("due Sunday 29 March 2026, 04:00; on 29 March the clocks are put forward")
    assert "put back" in explain(always, "business PT5H", at("2026-10-24T22:00")).words


def test_own_days_are_told_and_holidays_on_closed_weekdays_are_not() -> None:
    one = calendar(
        closed={"2026-06-02": "Works outing"},
        open={"2026-06-06": {"name": "Fair", "hours": ["09:00-10:00"]}},
        holidays={**LONDON["holidays"], "days": {"2026-06-07": "A Sunday"}},
    )
    said = explain(one, "business P5D", at("2026-06-01T09:00"))
    assert [(day.on, day.cause, day.name) for day in said.passed] == [
        ("2026-06-02", "closed", "Works outing"),
        ("2026-06-06", "open", "Fair"),
    ]
    assert "2 June is closed (Works outing); 6 June is open (Fair)" in said.words


def test_durations_are_printed_back_as_words() -> None:
    assert duration_words("business P2D") == "2 business days"
    assert duration_words("business PT4H") == "4 business hours"
    assert duration_words("business P1DT30M") == "1 business day and 30 business minutes"
    assert duration_words("P2D") == "2 days"
    assert duration_words("PT0H") == "no time"
