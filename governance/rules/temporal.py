"""Dates, times and durations as text, and calendar arithmetic on them.

A year beyond 1..9999, a named time zone and a fraction finer than a microsecond are values of the standard that this
implementation does not represent: they raise `Unanswerable`, while text that is no date at all is `BrokenInput`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from governance.rules.errors import Unanswerable
from ledger.errors import BrokenInput

_DATE = re.compile(r"(-?)([1-9][0-9]{4,8}|[0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]+)?",
    re.ASCII,
)
_DAYS = re.compile(r"(-?)P(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]+))?S)?)?", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?", re.ASCII)

MICROSECOND = timedelta(microseconds=1)
_DIGITS_MAX = 12  # longer components overflow every value we represent


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration of whole months."""

    months: int

    def text(self) -> str:
        """ISO 8601, months below twelve."""
        years, months = divmod(abs(self.months), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months else "") or "0M"
        return f"{'-' if self.months < 0 else ''}P{body}"


def parse_date(text: str) -> date:
    """`2026-01-31`."""
    found = _DATE.fullmatch(text)
    if not found:
        raise BrokenInput("expected a date such as 2026-01-31")
    sign, year, month, day = found.groups()
    return make_date(int(sign + year), int(month), int(day))


def make_date(year: int, month: int, day: int) -> date:
    """A day of the calendar; `BrokenInput` when there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= 31 and abs(year) <= 999_999_999):
        raise BrokenInput("expected a day that exists")
    if not 1 <= year <= 9999:
        raise Unanswerable("expected a year from 1 to 9999")
    if day > monthrange(year, month)[1]:
        raise BrokenInput("expected a day that exists")
    return date(year, month, day)


def parse_time(text: str) -> time:
    """`09:30:00`, with an optional fraction and an offset (`Z`, `+01:00`)."""
    found = _TIME.fullmatch(text)
    if not found:
        raise BrokenInput("expected a time such as 09:30:00 or 09:30:00+01:00")
    hour, minute, second, fraction, zone = found.groups()
    if (hour, minute, second) == ("24", "00", "00"):
        raise Unanswerable("expected a time before 24:00:00")
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise BrokenInput("expected a time that exists")
    return time(int(hour), int(minute), int(second), _microseconds(fraction), _zone(zone))


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        raise Unanswerable("expected an offset such as +01:00, found a named time zone")
    parts = [int(part) for part in text[1:].split(":")]
    if any(part > 59 for part in parts[1:]):
        raise BrokenInput("expected an offset such as +01:00")
    offset = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)
    if offset > timedelta(hours=14):
        raise Unanswerable("expected an offset of at most 14 hours")
    return timezone(-offset if text[0] == "-" else offset)


def _microseconds(fraction: str | None) -> int:
    if not fraction:
        return 0
    digits = fraction.rstrip("0")
    if len(digits) > 6:
        raise Unanswerable("expected at most six digits of a second")
    return int((digits or "0").ljust(6, "0"))


def parse_date_time(text: str) -> datetime:
    """`2026-01-31T09:30:00Z`; a date alone is its midnight."""
    day, mark, moment = text.partition("T")
    if not mark:
        return datetime.combine(parse_date(day), time())
    return datetime.combine(parse_date(day), parse_time(moment))


def parse_duration(text: str) -> timedelta | YearsMonths:
    """`P2DT4H` or `P1Y6M`; the two do not mix."""
    found = _MONTHS.fullmatch(text)
    if found and (found[2] or found[3]):
        months = _whole(found[2]) * 12 + _whole(found[3])
        return YearsMonths(-months if found[1] else months)
    found = _DAYS.fullmatch(text)
    if not found or text.endswith("T") or not any(found.groups()[1:]):
        raise BrokenInput("expected a duration such as P2D, PT4H or P1Y6M")
    sign, days, hours, minutes, seconds, fraction = found.groups()
    try:
        value = timedelta(
            days=_whole(days),
            hours=_whole(hours),
            minutes=_whole(minutes),
            seconds=_whole(seconds),
            microseconds=_microseconds(fraction),
        )
        return -value if sign else value
    except OverflowError:
        raise Unanswerable("expected a duration below a thousand million days") from None


def _whole(text: str | None) -> int:
    if text is None:
        return 0
    if len(text) > _DIGITS_MAX:
        raise Unanswerable("expected a duration below a thousand million days")
    return int(text)


def date_text(value: date) -> str:
    """ISO 8601."""
    return value.isoformat()


def time_text(value: time) -> str:
    """ISO 8601; no fraction where there is none, `Z` for no offset from UTC."""
    text = value.replace(tzinfo=None, microsecond=0).isoformat()
    if value.microsecond:
        text += f".{value.microsecond:06d}".rstrip("0")
    offset = value.utcoffset()
    if offset is None:
        return text
    if not offset:
        return text + "Z"
    minutes, seconds = divmod(abs(offset) // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    tail = f":{seconds:02d}" if seconds else ""
    return f"{text}{'-' if offset < timedelta() else '+'}{hours:02d}:{minutes:02d}{tail}"


def date_time_text(value: datetime) -> str:
    """ISO 8601."""
    return f"{value.date().isoformat()}T{time_text(value.timetz())}"


def days_text(value: timedelta) -> str:
    """ISO 8601 with days, hours, minutes, seconds, each below its next; `PT0S` for none."""
    micros = abs(value) // MICROSECOND
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    tail = f"{seconds}.{micros:06d}".rstrip("0") if micros else str(seconds)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{tail}S" if seconds or micros else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "") or "T0S"
    return f"{'-' if value < timedelta() else ''}P{text}"


def add_months(value: date, months: int) -> date:
    """The same day of another month, or its last day where it is shorter. Keeps the time of a date and time."""
    total = value.year * 12 + value.month - 1 + months
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        raise Unanswerable("expected a year from 1 to 9999")
    return value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))
