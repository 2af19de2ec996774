"""The business calendar as a governed artefact: read, refused, released, ended; and told of when its holidays end."""

from datetime import date, timedelta

import pytest

from ledger import canonical
from ledger.errors import BrokenInput
from tests.versioning.change.memory import Log
from tests.versioning.change.world import ANNA, BEN, CARA, OpenAccess, done, reviewed
from versioning import fold, service, tables
from versioning.business_time import Calendar
from versioning.commands import ProposeChange, ReleaseChange, RetireArtefact
from versioning.control import Deps
from versioning.kinds.calendar import CalendarKind, ending, read_calendar

KIND = "calendar"
SOURCE = """\
calendar: london
title: Working days in London
zone: Europe/London
day: 7 hours 30 minutes
hours:
  monday: [13:30-17:00, 09:00-12:30]
  saturday: [22:00-24:00]
  sunday: []
holidays:
  source: holidays 0.109
  country: GB
  subdivision: ENG
  years: 2026-2030
  days: {2026-12-28: Boxing Day (substitute day), 2026-12-25: Christmas Day}
closed: {2026-12-24: The office is closed}
open: {2026-12-19: {name: Year end, hours: [10:00-14:00]}}
"""


def _log() -> Log:
    deps = Deps({KIND: CalendarKind()}, OpenAccess(), "organisation")
    return Log(fold.folds(), service.commands(deps), tables.TABLES)


def test_a_calendar_is_read_into_its_canonical_value() -> None:
    value = read_calendar(SOURCE)
    assert value == {
        "name": "london",
        "title": "Working days in London",
        "zone": "Europe/London",
        "day_minutes": 450,
        "hours": {"monday": ["09:00-12:30", "13:30-17:00"], "saturday": ["22:00-24:00"]},
        "holidays": {
            "source": "holidays 0.109",
            "country": "GB",
            "subdivision": "ENG",
            "years": [2026, 2030],
            "days": {"2026-12-25": "Christmas Day", "2026-12-28": "Boxing Day (substitute day)"},
        },
        "closed": {"2026-12-24": "The office is closed"},
        "open": {"2026-12-19": {"name": "Year end", "hours": ["10:00-14:00"]}},
    }
    canonical.encode(value)
    assert Calendar(canonical.decode(canonical.encode(value))).week[0] == ((540, 750), (810, 1020))


@pytest.mark.parametrize(
    ("before", "after", "location", "message"),
    [
        ("london\n", "London\n", "1:11", "the name of a calendar"),
        ("Europe/London", "Europe/Londinium", "3:7", "a time zone"),
        ("Europe/London", "../../etc/passwd", "3:7", "a time zone"),
        ("7 hours 30 minutes", "25 hours", "4:6", "at most 24 hours"),
        ("7 hours 30 minutes", "24 hours 1 minute", "4:6", "at most 24 hours"),
        ("7 hours 30 minutes", "0 hours", "4:6", "what one business day counts"),
        ("monday:", "funday:", "6:3", "the key `funday`"),
        ("13:30-17:00", "12:00-17:00", "6:25", "do not overlap"),
        ("13:30-17:00", "17:00-13:30", "6:12", "the end after the start"),
        ("13:30-17:00", "13:30-13:30", "6:12", "the end after the start"),
        ("22:00-24:00", "22:00-24:30", "7:14", "at most 24:00"),
        ("13:30-17:00", "1:30pm", "6:12", "such as 09:00-17:00"),
        ("source: holidays 0.109", "source: ''", "10:11", "where the dates come from"),
        ("years: 2026-2030", "years: soon", "13:10", "the years it states"),
        ("years: 2026-2030", "years: 2030-2026", "13:10", "the first before the last"),
        ("years: 2026-2030", "years: 2011-2030", "13:10", "from 2012 on"),
        ("years: 2026-2030", "years: 2026-2056", "13:10", "at most 30 years"),
        ("2026-12-25: Chr", "2026-02-30: Chr", "14:51", "a date such as"),
        ("2026-12-25: Chr", "25 December: Chr", "14:51", "a date such as"),
        ("2026-12-25: Chr", "2031-12-25: Chr", "14:51", "the years 2026 to 2030"),
        ("2026-12-24: The", "2025-12-24: The", "15:10", "the years 2026 to 2030"),
        ("2026-12-24: The", "2026-12-19: The", "16:7", "closed or open, found both"),
        ("hours: [10:00-14:00]}", "hours: []}", "16:20", "hours of an open day"),
        ("title:", "titel:", "2:1", "the key `titel`"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_said_at_its_place(
    before: str, after: str, location: str, message: str
) -> None:
    assert before in SOURCE
    with pytest.raises(BrokenInput) as fault:
        read_calendar(SOURCE.replace(before, after, 1))
    assert fault.value.location == location
    assert message in fault.value.message


def test_a_calendar_without_working_hours_is_refused() -> None:
    empty = SOURCE.replace("[13:30-17:00, 09:00-12:30]", "[]").replace("[22:00-24:00]", "[]")
    with pytest.raises(BrokenInput, match="nothing would ever be due"):
        read_calendar(empty)


def _closing(source: str, left: frozenset[str] = frozenset()) -> str:
    """The source of one year with every day of it closed but these."""
    days = [date(2026, 1, 1) + timedelta(days) for days in range(365)]
    closed = ", ".join(f"{on.isoformat()}: Closed" for on in days if on.isoformat() not in left)
    one = source.replace("2026-2030", "2026").replace("2026-12-24: The office is closed", closed)
    return "\n".join(line for line in one.split("\n") if not line.startswith("open:"))


def test_a_calendar_whose_working_days_are_all_closed_is_refused() -> None:
    with pytest.raises(BrokenInput, match="all of them closed"):
        read_calendar(_closing(SOURCE))
    with pytest.raises(BrokenInput, match="all of them closed"):  # a Sunday, on which nobody works
        read_calendar(_closing(SOURCE, frozenset(("2026-06-07",))))
    assert read_calendar(_closing(SOURCE, frozenset(("2026-06-08",))))["closed"]


def test_holidays_that_end_within_a_year_are_told_of() -> None:
    value = read_calendar(SOURCE)
    day = 86_400_000_000
    eve = 20_819 * day  # 1 January 2027
    assert ending(value, eve) == ()
    assert ending(value, eve + 3 * 365 * day - day) == ()
    (found,) = ending(value, eve + 3 * 365 * day + 2 * day)
    assert (found.rule, found.severity) == ("calendar.ends", "warning")
    assert "2030" in found.message


def test_a_calendar_is_released_and_ended_through_change_requests() -> None:
    log, versions = _log(), service.Versions()
    made = done(log.run(ANNA, ProposeChange(KIND, SOURCE, None, "t", "r")))
    done(reviewed(log, BEN, dict(made.result)))
    done(log.run(CARA, ReleaseChange(made.result["change_request"])))
    first = versions.current(log.uow(ANNA), KIND, "london")
    assert first is not None
    assert first.value == read_calendar(SOURCE)
    assert log.rows.get(tables.LISTING, KIND, "london").title == "Working days in London"
    assert canonical.decode(log.entries[-1])["kind"] == "calendar.released"

    made = done(log.run(ANNA, RetireArtefact(KIND, "london", 1, "t", "r")))
    done(reviewed(log, BEN, dict(made.result)))
    done(log.run(CARA, ReleaseChange(made.result["change_request"])))
    assert versions.current(log.uow(ANNA), KIND, "london") is None
    assert log.rows.get(tables.LISTING, KIND, "london").retired == 1
