"""Dates, times and durations as text, and calendar arithmetic on them.

Python's own values hold the years 1 to 9999 and microseconds. What the standard has beyond them is kept in values of
ours that can be read, written, compared and taken apart: `FarDate`, `FineTime`, `WideDateTime`. What would have to be
computed with them, and a duration finer than a microsecond, raises `Unanswerable`; text that is no date at all is
`BrokenInput`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from governance.rules.errors import Unanswerable
from governance.rules.zones import in_zone, zone_named, zone_of
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


@dataclass(frozen=True, slots=True, order=True)
class FarDate:
    """A day in a year before 1 or after 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class FineTime:
    """A time of day with a fraction finer than a microsecond: `finer` are the digits after the sixth, without zeros at
    the end."""

    clock: time
    finer: str


@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A date and time of which the day is far or the time fine."""

    day: date | FarDate
    clock: time | FineTime


Day = date | FarDate
Clock = time | FineTime
Moment = datetime | WideDateTime


def parse_date(text: str) -> Day:
    """`2026-01-31`."""
    found = _DATE.fullmatch(text)
    if not found:
        raise BrokenInput("expected a date such as 2026-01-31")
    sign, year, month, day = found.groups()
    return make_date(int(sign + year), int(month), int(day))


def make_date(year: int, month: int, day: int) -> Day:
    """A day of the calendar; `BrokenInput` when there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= 31 and abs(year) <= 999_999_999):
        raise BrokenInput("expected a day that exists")
    if 1 <= year <= 9999:
        if day > monthrange(year, month)[1]:
            raise BrokenInput("expected a day that exists")
        return date(year, month, day)
    if year == 0 or (year < 0 and (month, day) == (2, 29)):
        raise Unanswerable("expected a year other than 0, and no leap day before the year 1")
    if day > monthrange(2001 if year < 0 else _same_calendar(year), month)[1]:
        raise BrokenInput("expected a day that exists")
    return FarDate(year, month, day)


def _same_calendar(year: int) -> int:
    """A year Python knows whose days fall like those of another: the calendar repeats after 400 years."""
    return 2000 + year % 400


def like(day: Day) -> date:
    """A day that falls as this one does in its week and its year; `Unanswerable` before the year 1."""
    if type(day) is date:
        return day
    if day.year < 1:
        raise Unanswerable("expected a year after 0 to say where a day falls in its week")
    return date(_same_calendar(day.year), day.month, day.day)


def parse_time(text: str) -> Clock:
    """`09:30:00`, with an optional fraction and an offset (`Z`, `+01:00`) or a zone (`@Europe/Paris`). 24:00:00 is
    midnight."""
    return _clock(text)[0]


def _clock(text: str) -> tuple[Clock, bool]:
    """The time, and whether it is the midnight that ends a day."""
    found = _TIME.fullmatch(text)
    if not found:
        raise BrokenInput("expected a time such as 09:30:00 or 09:30:00+01:00")
    hour, minute, second, fraction, zone = found.groups()
    ends = (hour, minute, second, (fraction or "").strip("0")) == ("24", "00", "00", "")
    if (int(hour) > 23 and not ends) or int(minute) > 59 or int(second) > 59:
        raise BrokenInput("expected a time that exists")
    digits = (fraction or "").rstrip("0")
    micros = int(digits[:6].ljust(6, "0")) if digits else 0
    clock = time(0 if ends else int(hour), int(minute), int(second), micros, _zone(zone))
    return (FineTime(clock, digits[6:]) if len(digits) > 6 else clock), ends


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    if text.startswith("@"):
        return zone_named(text[1:])
    parts = [int(part) for part in text[1:].split(":")]
    if any(part > 59 for part in parts[1:]):
        raise BrokenInput("expected an offset such as +01:00")
    offset = timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0)
    return offset_zone(-offset if text[0] == "-" else offset)


def offset_zone(offset: timedelta) -> timezone:
    """The zone of an offset; `BrokenInput` beyond 18 hours, which no reading of the standard allows."""
    if abs(offset) > timedelta(hours=18):
        raise BrokenInput("expected an offset of at most 14 hours")
    if abs(offset) > timedelta(hours=14) or offset % timedelta(seconds=1):
        raise Unanswerable("expected an offset of at most 14 hours, in whole seconds")
    return timezone(offset) if offset else UTC


def parse_date_time(text: str) -> Moment:
    """`2026-01-31T09:30:00Z`; a date alone is its midnight."""
    day, mark, moment = text.partition("T")
    if not mark:
        return at(parse_date(day), time())
    clock, ends = _clock(moment)
    date_ = parse_date(day)
    if ends:
        if type(date_) is not date or date_ == date.max:
            raise Unanswerable("expected a time before 24:00:00")
        date_ += timedelta(days=1)
    return at(date_, clock)


def at(day: Day, clock: Clock) -> Moment:
    """A day at a time of day. `Unanswerable` for a local time that its zone skips or has twice."""
    if type(day) is date and type(clock) is time:
        return in_zone(datetime.combine(day, clock))
    if type(day) is date:
        in_zone(datetime.combine(day, plain_clock(clock)))
    elif zone_of(plain_clock(clock).tzinfo) is not None:
        raise Unanswerable("expected a year from 1 to 9999 in a named time zone")
    return WideDateTime(day, clock)


def plain_clock(clock: Clock) -> time:
    """The time without what is finer than a microsecond."""
    return clock.clock if isinstance(clock, FineTime) else clock


def day_of(moment: Moment) -> Day:
    """The day of a date and time."""
    return moment.day if type(moment) is WideDateTime else moment.date()  # type: ignore[union-attr] # by type()


def clock_of(moment: Moment) -> Clock:
    """The time of day of a date and time, with its offset or zone."""
    return moment.clock if type(moment) is WideDateTime else moment.timetz()  # type: ignore[union-attr] # by type()


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


def _microseconds(fraction: str | None) -> int:
    digits = (fraction or "").rstrip("0")
    if len(digits) > 6:
        raise Unanswerable("expected at most six digits of a second in a duration")
    return int((digits or "0").ljust(6, "0"))


def _whole(text: str | None) -> int:
    if text is None:
        return 0
    if len(text) > _DIGITS_MAX:
        raise Unanswerable("expected a duration below a thousand million days")
    return int(text)


def date_text(value: Day) -> str:
    """ISO 8601."""
    if type(value) is date:
        return value.isoformat()
    return f"{'-' if value.year < 0 else ''}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def time_text(value: Clock) -> str:
    """ISO 8601; no fraction where there is none, `Z` for no offset from UTC, `@` before the name of a zone."""
    clock, finer = (value.clock, value.finer) if type(value) is FineTime else (plain_clock(value), "")
    text = clock.replace(tzinfo=None, microsecond=0).isoformat()
    if clock.microsecond or finer:
        text += f".{clock.microsecond:06d}{finer}".rstrip("0")
    name = zone_of(clock.tzinfo)
    if name is not None:
        return f"{text}@{name}"
    offset = clock.utcoffset()
    if offset is None:
        return text
    if not offset:
        return text + "Z"
    minutes, seconds = divmod(abs(offset) // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    tail = f":{seconds:02d}" if seconds else ""
    return f"{text}{'-' if offset < timedelta() else '+'}{hours:02d}:{minutes:02d}{tail}"


def date_time_text(value: Moment) -> str:
    """ISO 8601, as the two parts."""
    return f"{date_text(day_of(value))}T{time_text(clock_of(value))}"


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
    moved = value.replace(year=year, month=month + 1, day=min(value.day, monthrange(year, month + 1)[1]))
    return in_zone(moved) if isinstance(moved, datetime) else moved


def months_between(first: Day, last: Day) -> int:
    """Whole months from one day to another, negative when it is earlier. Years are counted as numbers, through 0."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        return months - 1
    return months + 1 if months < 0 and last.day > first.day else months
