"""`muniment calendar`: write a business calendar with the public holidays of a country, and explain a due time by one.

The holidays come from the package `holidays`, asked here alone: its version and every date stand in the file that is
written, so that what is approved and what counts is what a reviewer has read.
"""

import argparse
import json
import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from api.cli_given import file_text
from governance.rules.zones import zone_named
from ledger.clock import instant_text
from ledger.errors import BrokenInput
from versioning.business_time import Calendar
from versioning.business_words import explain
from versioning.kinds.calendar import read_calendar
from versioning.reader import business_duration

_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")
_WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:  # noqa: ARG001 - one signature
    """`make` or `explain`; 0 done, 1 not known by this calendar, 2 unreadable or wrong usage."""
    acts = parser.add_subparsers(dest="act", required=True)
    make = acts.add_parser("make", help="write a calendar with the public holidays of a country")
    make.add_argument("--country", required=True, help="two capitals (ISO 3166-1), such as GB")
    make.add_argument("--subdivision", default="", help="a part of it (ISO 3166-2 without the country), such as ENG")
    make.add_argument("--years", required=True, help="which years are stated, such as 2026-2030")
    make.add_argument("--zone", required=True, help="the time zone, such as Europe/London")
    make.add_argument("--name", default="", help="the name of the calendar; the country's unless said")
    make.add_argument("--title", default="", help="what people call it")
    make.add_argument("--hours", default="09:00-17:00", help="of Monday to Friday, several parted by commas")
    make.add_argument("--day", default="8 hours", help="what one business day counts")
    told = acts.add_parser("explain", help="when a duration is over by a calendar, and why")
    told.add_argument("file", type=Path)
    told.add_argument("duration", help="such as `2 business days`")
    told.add_argument("--from", dest="start", required=True, metavar="TIME", help="with offset, or local to the zone")
    told.add_argument("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(arguments)
    return _make(options) if options.act == "make" else _explain(options)


def _make(options: argparse.Namespace) -> int:
    years = _YEARS.fullmatch(options.years)
    if years is None:
        raise BrokenInput("expected years such as 2026-2030", "--years")
    zone_named(options.zone)
    source, days = public_holidays(options.country, options.subdivision, int(years[1]), int(years[2] or years[1]))
    place = f"{options.country}-{options.subdivision}" if options.subdivision else options.country
    lines = [
        f"calendar: {options.name or place.lower()}",
        f"title: {json.dumps(options.title or f'Working days in {place}', ensure_ascii=False)}",
        f"zone: {options.zone}",
        f"day: {options.day}   # what one business day counts",
        "hours:",
        *[f"  {day}: [{', '.join(part.strip() for part in options.hours.split(','))}]" for day in _WORKING_DAYS],
        "holidays:",
        f"  source: {source}",
        f"  country: {json.dumps(options.country)}",  # quoted: the country NO is no boolean
        *([f"  subdivision: {json.dumps(options.subdivision)}"] if options.subdivision else []),
        f"  years: {options.years}   # outside of these nothing is known",
        "  days:" if days else "  days: {}",
        *[f"    {on}: {json.dumps(days[on], ensure_ascii=False)}" for on in sorted(days)],
        "closed: {}   # further days without work, as `2026-12-24: The office is closed`",
        "open: {}     # days with work all the same, as `2026-12-19: {name: Year end, hours: [10:00-14:00]}`",
    ]
    text = "\n".join(lines) + "\n"
    read_calendar(text)
    print(text, end="")
    return 0


def public_holidays(country: str, subdivision: str, first: int, last: int) -> tuple[str, dict[str, str]]:
    """The package with its version, and the public holidays by date, in English where there are English names."""
    from importlib.metadata import version

    import holidays

    if not first <= last <= first + 29:
        raise BrokenInput("expected at most 30 years, the first before the last", "--years")
    try:
        found: Any = holidays.country_holidays(country, subdiv=subdivision or None, years=range(first, last + 1))
        if "en_US" in found.supported_languages:
            found = holidays.country_holidays(
                country, subdiv=subdivision or None, years=range(first, last + 1), language="en_US"
            )
    except NotImplementedError as error:
        raise BrokenInput("expected a country and subdivision whose holidays are known", "--country") from error
    named = {on.isoformat(): str(words) for on, words in found.items() if first <= on.year <= last}
    return f"holidays {version('holidays')}", named


def _explain(options: argparse.Namespace) -> int:
    calendar = Calendar(read_calendar(file_text(options.file)))
    duration = business_duration(options.duration)
    if duration is None:
        raise BrokenInput("expected a duration such as `2 business days` or `4 business hours`")
    explained = explain(calendar, duration, _instant(options.start, calendar))
    if options.json:
        due = None if explained.due_at is None else instant_text(explained.due_at)  # type: ignore[arg-type]
        print(json.dumps({**asdict(explained), "due": due}))
    else:
        print(explained.words)
    return 0 if explained.due_at is not None else 1


def _instant(text: str, calendar: Calendar) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BrokenInput("expected a time such as 2026-12-23T15:00 or 2026-12-23T15:00Z", "--from") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=calendar.zone)
    return round(moment.timestamp()) * 1_000_000
