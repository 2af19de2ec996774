"""Literals in words: numbers with thousands, dates with the month's name, durations with units, texts in quotes. Pure.

Numbers and dates are written otherwise in other languages, so each has a code of its own: `value.number` of the number
without marks, `value.date` of the date in ISO 8601.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from governance.rules.table_texts import tell
from governance.rules.temporal import YearsMonths
from governance.rules.values import number_text, text_of
from ledger.wording import Wording, as_it_is, joined

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def value_in_words(value: Any) -> Wording:
    """A literal as a sentence names it."""
    if value is None:
        return tell("not-known")
    if value is True or value is False:
        return as_it_is("true" if value else "false")
    if isinstance(value, str):
        return as_it_is(f"“{value}”")
    if isinstance(value, Decimal):
        return number_in_words(number_text(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        text = f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
        return Wording(text, "value.date", (("on", as_it_is(value.isoformat())),))
    if isinstance(value, YearsMonths):
        years, months = divmod(abs(value.months), 12)
        return _signed(value.months < 0, [(years, "year"), (months, "month")])
    if isinstance(value, timedelta) and not value.microseconds:
        seconds = abs(value) // timedelta(seconds=1)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return _signed(value < timedelta(), [(days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second")])
    return as_it_is(text_of(value)[1])


def number_in_words(text: str) -> Wording:
    """A number in decimal digits with marks between the thousands; one with an exponent as it is."""
    if "E" in text:
        return as_it_is(text)
    whole, dot, fraction = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)  # of -0.5 the whole part is no -0
    return Wording(f"{sign}{int(digits):,}{dot}{fraction}", "value.number", (("number", as_it_is(text)),))


def all_of(parts: Sequence[Wording]) -> Wording:
    """`a, b and c`."""
    return tell("and", first=joined(parts[:-1]), last=parts[-1]) if len(parts) > 1 else joined(parts)


def any_of(parts: Sequence[Wording]) -> Wording:
    """`a, b or c`."""
    return tell("or", first=joined(parts[:-1]), last=parts[-1]) if len(parts) > 1 else joined(parts)


def _signed(negative: bool, parts: list[tuple[int, str]]) -> Wording:
    named = [(count, unit) for count, unit in parts if count] or [(0, parts[-1][1])]
    told = all_of([tell(unit if count == 1 else f"{unit}s", count=count) for count, unit in named])
    return tell("minus", value=told) if negative else told
