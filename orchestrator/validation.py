"""Whether data is what a blueprint declares. A fault is a value: where and what was expected, never the value found.

JSON forms: a number is an integer or text such as `"1.50"`, a date `2026-11-22`, a date and time RFC 3339 with zone,
a duration ISO 8601, money `{"amount": "84000.00", "currency": "GBP"}`. Null stands for a value not given.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from ledger.canonical import SAFE_INTEGER
from ledger.wording import Wording, as_it_is
from orchestrator.refusal_texts import why
from versioning.blueprint import DataField

_DURATION = re.compile(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBER_TEXT_MAX = 36  # 34 digits (decimal128, the numbers of FEEL), a sign and a point
_TEXT_MAX = 20_000  # characters of one string; larger documents are attachments


_WRAPPERS = frozenset(("$decimal", "$date", "$time", "$date_and_time", "$duration"))  # of typed text in free data


class Fault(NamedTuple):
    """What is wrong with data from outside, and where."""

    path: str
    expected: Wording

    @property
    def message(self) -> Wording:
        return why("expected-at", expected=self.expected, path=as_it_is(self.path))


def fault_in(fields: Iterable[DataField], data: Mapping[str, Any], prefix: str = "") -> Fault | None:
    """The first fault of an object against its declared members: unknown, missing, or of another type."""
    declared = {field.name: field for field in fields}
    for name in data:
        if name not in declared:
            # The name is the client's text: only a short one is worth repeating.
            return Fault(f"{prefix}{name[:60]}", why("no-such-field"))
    for field in declared.values():
        value = data.get(field.name)
        if value is None:
            if field.required:
                return Fault(f"{prefix}{field.name}", why("a-value"))
            continue
        fault = value_fault(field, value, f"{prefix}{field.name}")
        if fault is not None:
            return fault
    return None


def value_fault(field: DataField, value: Any, path: str) -> Fault | None:
    """The first fault of one value against its field; null is always in order here."""
    if value is None:
        return None
    if field.type == "object":
        if type(value) is not dict:
            return Fault(path, why("an-object"))
        return fault_in(field.properties, value, f"{path}.") if field.properties else free_fault(value, path)
    if field.type == "list":
        if type(value) is not list:
            return Fault(path, why("a-list"))
        return free_fault(value, path) if field.items is None else _items_fault(field.items, value, path)
    return None if _CHECKS[field.type](value) else Fault(path, _NAMES[field.type])


def _items_fault(items: DataField, values: list[Any], path: str) -> Fault | None:
    for place, item in enumerate(values, 1):
        fault = value_fault(items, item, f"{path}.{place}")
        if fault is not None:
            return fault
    return None


def free_fault(value: Any, path: str) -> Fault | None:
    """The first member in undeclared data whose name is ours: it would be taken for a commitment."""
    if type(value) is dict:
        for name, member in value.items():
            if type(name) is not str or (name[:1] == "$" and not (name in _WRAPPERS and len(value) == 1)):
                return Fault(path, why("no-name-of-ours"))
            fault = free_fault(member, path)
            if fault is not None:
                return fault
    elif type(value) is list:
        for item in value:
            fault = free_fault(item, path)
            if fault is not None:
                return fault
    return None


def _is_text(value: Any) -> bool:
    return type(value) is str and len(value) <= _TEXT_MAX


def _is_integer(value: Any) -> bool:
    return type(value) is int and -SAFE_INTEGER <= value <= SAFE_INTEGER


def _is_decimal_text(value: Any) -> bool:
    return type(value) is str and len(value) <= _NUMBER_TEXT_MAX and _DECIMAL.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    return _is_integer(value) or _is_decimal_text(value)


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


def is_date(value: Any) -> bool:
    """Whether a value is a date as our text has it: `2026-11-28`."""
    try:
        return type(value) is str and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_moment(value: Any) -> bool:
    """Whether a value is a date and time with an offset, as text."""
    try:
        return type(value) is str and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_duration(value: Any) -> bool:
    return type(value) is str and len(value) > 2 and _DURATION.fullmatch(value) is not None


def _is_money(value: Any) -> bool:
    return (
        type(value) is dict
        and value.keys() == {"amount", "currency"}
        and _is_decimal_text(value["amount"])
        and type(value["currency"]) is str
        and _CURRENCY.fullmatch(value["currency"]) is not None
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "string": _is_text,
    "integer": _is_integer,
    "number": _is_number,
    "boolean": _is_boolean,
    "date": is_date,
    "date and time": is_moment,
    "duration": _is_duration,
    "money": _is_money,
}
_NAMES: dict[str, Wording] = {
    "string": why("text-of-length", most=_TEXT_MAX),
    "integer": why("whole-number"),
    "number": why("number"),
    "boolean": why("true-or-false"),
    "date": why("date"),
    "date and time": why("moment"),
    "duration": why("duration"),
    "money": why("amount"),
}
