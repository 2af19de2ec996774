"""Values as a person reads them: plain trees that the templates draw. Pure.

A text is shown whole, and what it hides is made visible: control characters and marks that turn the reading direction
stand as their code point, so that nobody decides on a text that is not what it seems.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger.clock import Instant, instant_text

ROWS_MAX = 200  # of one table: what is longer is read over the interface
_MONEY = {"amount", "currency"}
_WRAPPERS = ("$decimal", "$date", "$time", "$date_and_time", "$duration")
_NUMBER = re.compile(r"(-?)(\d+)(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEPT = frozenset("\n\t\u200c\u200d")  # joiners are part of words in several scripts
_WHY = {
    "CLASS_NOT_READABLE": "Not shown: your roles do not read this class of data.",
    "ERASED": "Erased: the value was destroyed, its commitment stands.",
    "LOST": "Not shown: its opening is gone, and no certificate says that it was erased.",
}
_SHUT = "Not shown: a commitment stands in its place."


class Shown(NamedTuple):
    """One value to draw. `kind`: text, none, shut, rows, table or items; `value` is what that kind draws."""

    kind: str
    value: Any


class Grid(NamedTuple):
    """A list of like objects. `left` counts rows that are not drawn."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    left: int


def shown(value: Any) -> Shown:
    """A value of canonical JSON, made ready to draw."""
    if value is None or value == "":
        return Shown("none", "not given")
    if type(value) is bool:
        return Shown("text", "yes" if value else "no")
    if type(value) is int:
        return Shown("text", grouped(str(value)))
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list | tuple):
        return _list(value)
    return Shown("text", _day(visible(str(value))))


def label(path: str) -> str:
    """`risk.bureau.open_accounts` as `Risk: bureau: open accounts`."""
    words_ = visible(path).replace("_", " ").replace("-", " ").replace(".", ": ")
    return words_[:1].upper() + words_[1:]


def visible(text: str) -> str:
    """The text with what nobody could see in it written out, such as `[U+202E]`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([f"[U+{ord(char):04X}]" if _is_hidden(char) else char for char in text])


def _is_hidden(char: str) -> bool:
    if char in _KEPT:
        return False
    return char in _TURNING or unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") or char == "\u00ad"


def money(value: Mapping[str, Any]) -> str:
    """`84,000.00 GBP`."""
    return f"{grouped(str(value['amount']))} {visible(str(value['currency']))}"


def grouped(text: str) -> str:
    """Digits in groups of three; any other text as it is."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return visible(text)
    sign, whole, rest = match.groups()
    return f"{sign}{int(whole):,}{rest or ''}" if len(whole) < 40 else text


def moment(instant: int | None) -> str:
    """An instant for people, to the second: `22 Nov 2026, 14:03:09 UTC`."""
    if instant is None:
        return ""
    text = instant_text(Instant(instant))
    day = date.fromisoformat(text[:10])
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}, {text[11:19]} UTC"


def machine(instant: int) -> str:
    """An instant for machines, as entries hold it."""
    return instant_text(Instant(instant))


def span(seconds: int | None) -> str:
    """A length of time in its two largest units: `3 days 4 hours`."""
    if seconds is None:
        return "none"
    parts = []
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count:,} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "0 seconds"


def percent(rate: str | None) -> str:
    """A share such as `0.9250` as `92.5 %`."""
    if rate is None:
        return "none yet"
    scaled = f"{float(rate) * 100:.1f}"
    return f"{scaled.removesuffix('.0')} %"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(text: str) -> str:
    if _DAY.fullmatch(text) is None:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _object(value: Mapping[str, Any]) -> Shown:
    if "$commitment" in value:
        return Shown("shut", _why(value))
    if value.keys() == {"reason"} and value["reason"] in _WHY:
        return Shown("shut", _WHY[value["reason"]])
    if value.keys() == _MONEY:
        return Shown("text", money(value))
    if len(value) == 1 and next(iter(value)) in _WRAPPERS:
        return Shown("text", grouped(str(next(iter(value.values())))))
    return Shown("rows", tuple([(label(name), shown(member)) for name, member in value.items()]))


def _why(value: Mapping[str, Any]) -> str:
    if value.get("reason") == "ERASED" and "erased_at" in value:
        day = _day(str(value["erased_at"])[:10])
        return f"Erased on {day} under the certificate in entry {value['certificate']}; its commitment stands."
    return _WHY.get(str(value.get("reason")), _SHUT)


def _list(values: Sequence[Any]) -> Shown:
    if not values:
        return Shown("none", "none")
    objects = [one for one in values if isinstance(one, Mapping) and "$commitment" not in one]
    if len(objects) < len(values):
        return Shown("items", tuple([shown(one) for one in values[:ROWS_MAX]]))
    names = tuple({name: None for one in objects for name in one})
    rows = tuple([tuple([shown(one.get(name)) for name in names]) for one in objects[:ROWS_MAX]])
    return Shown("table", Grid(tuple(map(label, names)), rows, max(0, len(objects) - ROWS_MAX)))
