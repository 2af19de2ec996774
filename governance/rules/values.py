"""The values rules compute with, and their canonical JSON.

| value                      | Python                                   | JSON of a declared type             |
|----------------------------|------------------------------------------|-------------------------------------|
| null, boolean, string      | None, bool, str                          | the same                            |
| number                     | Decimal (34 digits), int where given so  | `"1.50"`; integers as JSON integers |
| money                      | Money                                    | `{"amount": "1.50", "currency": "GBP"}` |
| date, time, date and time  | date, time, datetime (offset, zone or none) | ISO 8601 text, `@` and the zone  |
| the same, far or fine      | FarDate, FineTime, WideDateTime          | the same                            |
| days and time duration     | timedelta                                | `"P2DT4H"`                          |
| years and months duration  | YearsMonths                              | `"P1Y6M"`                           |
| list, object               | tuple (list is read too), dict           | list, object                        |
| range                      | Range                                    | none                                |
| function                   | Function                                 | none                                |

Where nothing declares the type, what JSON cannot tell apart is wrapped: `{"$decimal": "1.5"}`, `{"$date": "..."}`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any, NamedTuple

from governance.rules import limits
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.temporal import (
    FarDate,
    FineTime,
    WideDateTime,
    YearsMonths,
    date_text,
    date_time_text,
    days_text,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    time_text,
)
from governance.rules.types import ANY, Type
from ledger.errors import BrokenInput, Misuse

# decimal128 (IEEE 754), the numbers of the standard
DECIMAL128 = Context(
    prec=limits.NUMBER_DIGITS_MAX,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
NUMBER_TYPES = frozenset((int, Decimal))  # `type(x) in` it: bool is a subclass of int and no number

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_PLAIN_DIGITS = 40  # zeros after the point before an exponent reads better
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class Money(NamedTuple):
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function written in an expression or given by a model. `run` takes one argument for each parameter and what
    the evaluation may still spend; arguments are converted before."""

    parameters: tuple[str, ...]
    types: tuple[Type, ...]
    run: Callable[[Sequence[Any], limits.Budget], Any]


@dataclass(frozen=True, slots=True)
class Range:
    """Values between two ends; an end that is None does not bound."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool


def kind_of(value: Any) -> str:
    """The kind of a value, as in `types.NAMES`; `Misuse` for anything that is no value (a float, for instance)."""
    kind = _KINDS.get(type(value))
    if kind is None:
        raise Misuse(f"expected a value of the rule language, found a Python {type(value).__name__}")
    return kind


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    Money: "money",
    date: "date",
    time: "time",
    datetime: "date and time",
    FarDate: "date",
    FineTime: "time",
    WideDateTime: "date and time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    tuple: "list",
    list: "list",
    dict: "object",
    Range: "range",
    Function: "function",
}


def number_text(value: int | Decimal) -> str:
    """Plain digits, trailing zeros stay, minus zero is zero; an exponent only far from one (`1E+40`)."""
    if type(value) is int:
        return str(value)
    assert isinstance(value, Decimal)
    text = format(value, "f") if -_PLAIN_DIGITS < value.adjusted() < limits.NUMBER_DIGITS_MAX else str(value)
    return text[1:] if value == 0 and text.startswith("-") else text


def parse_number(text: str) -> Decimal:
    """A decimal of at most 34 digits, written as in JSON."""
    if not _DECIMAL.fullmatch(text):
        raise BrokenInput("expected a decimal number such as 1250.00")
    number = Decimal(text)
    if len(number.as_tuple().digits) > limits.NUMBER_DIGITS_MAX:
        raise LimitBreached(f"expected a number of at most {limits.NUMBER_DIGITS_MAX} digits")
    if not -6143 <= number.adjusted() <= 6144 and number:
        raise LimitBreached("expected a number between 1E-6143 and 1E+6144")
    return number


def money(amount: str | int | Decimal, currency: str) -> Money:
    """Money from its parts; `BrokenInput` unless the amount is a decimal and the currency three capital letters."""
    if not _CURRENCY.fullmatch(currency):
        raise BrokenInput("expected a currency such as GBP")
    return Money(parse_number(amount) if isinstance(amount, str) else Decimal(amount), currency)


def text_of(value: Any) -> tuple[str, str]:
    """(kind, text) of a simple value: the text reads back to the same value."""
    kind = kind_of(value)
    match kind:
        case "string":
            return kind, str(value)
        case "number":
            return kind, number_text(value)
        case "date":
            return kind, date_text(value)
        case "time":
            return kind, time_text(value)
        case "date and time":
            return kind, date_time_text(value)
        case "days and time duration":
            return kind, days_text(value)
        case "years and months duration":
            return kind, value.text()
    raise Misuse(f"expected a simple value, found a {kind}")


_WRAPPED = {
    "$decimal": parse_number,
    "$date": parse_date,
    "$time": parse_time,
    "$date_and_time": parse_date_time,
    "$duration": parse_duration,
}
_WRAPPERS = {
    "number": "$decimal",
    "date": "$date",
    "time": "$time",
    "date and time": "$date_and_time",
    "days and time duration": "$duration",
    "years and months duration": "$duration",
}


def from_json(value: Any, type_: Type = ANY, depth: int = 0) -> Any:
    """The value of canonical JSON of a declared type; null is of every type. `BrokenInput` says expected and found."""
    if value is None:
        return None
    if depth > limits.DATA_DEPTH_MAX:
        raise LimitBreached(f"expected at most {limits.DATA_DEPTH_MAX} levels of data")
    match type_.name, value:
        case "any" | "boolean", bool():
            return value
        case "any" | "number" | "integer", int() if not isinstance(value, bool):
            if abs(value) >= 10**limits.NUMBER_DIGITS_MAX:
                raise LimitBreached(f"expected a number of at most {limits.NUMBER_DIGITS_MAX} digits")
            return value
        case "any" | "string", str():
            return limits.bounded_text(value)
        case "any" | "list", list() | tuple():
            limits.bounded_list(len(value))
            item = type_.item or ANY
            return tuple(from_json(member, item, depth + 1) for member in value)
        case "money", dict() if value.keys() == {"amount", "currency"}:
            amount, currency = value["amount"], value["currency"]
            if isinstance(amount, str) and isinstance(currency, str):
                given = money(amount, currency)
                if type_.currency in (None, currency):
                    return given
        case "any" | "object", dict():
            return _object_from_json(value, type_, depth)
        case _, str() if type_.name in _PARSERS:
            return _PARSERS[type_.name](value)
    expected = f"{type_}" if type_.currency else _EXPECTED.get(type_.name, f"a {type_}")
    raise BrokenInput(f"expected {expected}, found {_json_kind(value)}")


def _object_from_json(value: dict[str, Any], type_: Type, depth: int) -> Any:
    if type_.name == "any" and len(value) == 1:
        (name, member), *_ = value.items()
        if name in _WRAPPED and isinstance(member, str):
            return _WRAPPED[name](member)
        if name == "$money":
            return from_json(member, Type("money"), depth + 1)
    if type_.fields is not None:
        known = dict(type_.fields)
        for name in value:
            if name not in known:
                raise BrokenInput(f"expected one of {', '.join(known)}, found the property `{name}`")
        return {name: from_json(member, known[name], depth + 1) for name, member in value.items()}
    return {name: from_json(member, ANY, depth + 1) for name, member in value.items()}


def _days(text: str) -> timedelta:
    value = parse_duration(text)
    if not isinstance(value, timedelta):
        raise BrokenInput("expected a duration of days and time such as P2DT4H")
    return value


def _months(text: str) -> YearsMonths:
    value = parse_duration(text)
    if not isinstance(value, YearsMonths):
        raise BrokenInput("expected a duration of years and months such as P1Y6M")
    return value


_PARSERS = {
    "number": parse_number,
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
    "days and time duration": _days,
    "years and months duration": _months,
}
_EXPECTED = {
    "money": 'money such as {"amount": "84000.00", "currency": "GBP"}',
    "integer": "an integer",
    "object": "an object",
    "number": "a number as an integer or as decimal text",
    "date": "a date such as 2026-01-31",
}


def _json_kind(value: Any) -> str:
    names = {bool: "a boolean", int: "an integer", float: "a floating-point number", str: "a text", dict: "an object"}
    return names.get(type(value), "a list" if isinstance(value, list | tuple) else f"a {type(value).__name__}")


def to_json(value: Any, type_: Type = ANY) -> Any:
    """Canonical JSON of a value; with its declared type it reads back by `from_json` with that type.

    `Unanswerable` when the value is not of the declared type, so that a wrong type is never recorded.
    """
    kind = kind_of(value)
    if (kind in ("null", "boolean", "string") and type_.name in ("any", kind, "null")) or value is None:
        return value
    match type_.name, kind:
        case "integer", "number":
            if abs(value) < 10**limits.NUMBER_DIGITS_MAX and value == int(value):
                return int(value)
        case "number", "number":
            return number_text(value)
        case "any", "number" if type(value) is int:
            return value
        case "money", "money" if type_.currency in (None, value.currency):
            return {"amount": number_text(value.amount), "currency": value.currency}
        case "any", "money":
            return {"$money": to_json(value, Type("money"))}
        case "any" | "list", "list":
            return [to_json(member, type_.item or ANY) for member in value]
        case "any" | "object", "object":
            return _object_to_json(value, type_)
        case "any", _ if kind in _WRAPPERS:
            return {_WRAPPERS[kind]: text_of(value)[1]}
        case "duration", "days and time duration" | "years and months duration":
            return text_of(value)[1]
        case _, _ if kind == type_.name and kind in _PARSERS:
            return text_of(value)[1]
    raise Unanswerable(f"expected a value of type {type_}, found a {kind}")


_PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?", re.ASCII)  # an amount that prints as it is written
_MONEY_MEMBERS = frozenset(("amount", "currency"))


def printed_back(value: Any, type_: Type) -> Any:
    """`to_json(from_json(value, type_), type_)` of the plainest values of a declared type: a text, a truth value, money
    of some length without a sign. None where that cannot be told at once, or is null.

    What is read from data only to be given on is most often one of these, and need not become a value in between.
    """
    kind = type(value)
    if kind is dict and type_.name == "money" and value.keys() == _MONEY_MEMBERS:
        amount, currency = value["amount"], value["currency"]
        if type(amount) is str and _PLAIN.fullmatch(amount) and type(currency) is str and _CURRENCY.fullmatch(currency):
            return {"amount": amount, "currency": currency} if type_.currency in (None, currency) else None
    elif kind is str and type_.name == "string":
        return value if len(value) <= limits.STRING_CHARS_MAX else None
    elif kind is bool and type_.name == "boolean":
        return value
    return None


def _object_to_json(value: Mapping[str, Any], type_: Type) -> dict[str, Any]:
    result = {}
    for name, member in value.items():
        kind = type_.field(name)
        if kind is None:
            raise Unanswerable(f"expected a value of type {type_}, found the property `{name}`")
        result[name] = to_json(member, kind)
    return result
