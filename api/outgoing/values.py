"""Values between our names and types and those of the other side. Pure.

Out: each argument is checked against its type, null is absent, a decimal becomes a number of JSON. In: what comes is
checked the same way; members the type does not name are left out, and a decimal becomes its text, as our data has it.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from ledger.canonical import SAFE_INTEGER
from orchestrator.validation import is_date, is_moment

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?\Z")
_DURATION = re.compile(r"-?P(?=.)[0-9YMWDTHS.]+\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")


class Misfit(Exception):
    """A value that is not what was declared: `place` and `wanted` hold nothing of the value."""

    def __init__(self, place: str, wanted: str) -> None:
        super().__init__(f"expected {wanted} at {place}")
        self.place = place
        self.wanted = wanted


def to_wire(made: dict[str, Any], value: Any, place: str) -> Any:
    """A value of ours in the form and the names of the other side; `Misfit` where it is not of its type."""
    kind = made["type"]
    if kind == "object" and "properties" in made:
        if type(value) is not dict:
            raise Misfit(place, "an object")
        unknown = next((name for name in value if name not in made["properties"]), None)
        if unknown is not None:
            raise Misfit(place, "no member but those that are declared")
        out = {}
        for name, inner in made["properties"].items():
            if value.get(name) is not None:
                out[inner.get("name", name)] = to_wire(inner, value[name], f"{place}.{name}")
            elif inner.get("required"):
                raise Misfit(f"{place}.{name}", "a value")
        return out
    if kind == "list":
        if type(value) is not list:
            raise Misfit(place, "a list")
        inner = made.get("items")
        return [
            _free(item) if inner is None else to_wire(inner, item, f"{place}.{n}") for n, item in enumerate(value, 1)
        ]
    if kind == "number":
        return _number(value, place)
    _check(made, value, place)
    return _free(value)


def from_wire(made: dict[str, Any], value: Any, place: str = "answer") -> Any:
    """A value of the other side, as `api.body.parse_json` gives it, in our form and names; `Misfit` else."""
    kind = made["type"]
    if kind == "object" and "properties" in made:
        if type(value) is not dict:
            raise Misfit(place, "an object")
        taken = {}
        for name, inner in made["properties"].items():
            item = value.get(inner.get("name", name))
            if item is not None:
                taken[name] = from_wire(inner, item, f"{place}.{name}")
            elif inner.get("required"):
                raise Misfit(f"{place}.{name}", "a value")
        return taken
    if kind == "list":
        if type(value) is not list:
            raise Misfit(place, "a list")
        inner = made.get("items")
        return value if inner is None else [from_wire(inner, item, f"{place}.{n}") for n, item in enumerate(value, 1)]
    if kind == "number":
        text = _decimal_text(value)
        if text is None:
            raise Misfit(place, "a number")
        return value if type(value) is int else text
    _check(made, value, place)
    return value


def holds(value: Any, text: str) -> bool:
    """Whether a text stands in a value, or in the name of a member: however JSON wrote it."""
    if type(value) is str:
        return text in value
    if type(value) is dict:
        return any(text in name or holds(item, text) for name, item in value.items())
    return type(value) is list and any(holds(item, text) for item in value)


def as_text(value: Any) -> str:
    """A plain value as a path, a query or a header carries it."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() == {"$decimal"}:
        return str(value["$decimal"])
    return orjson.dumps(value).decode()


def _check(made: dict[str, Any], value: Any, place: str) -> None:
    kind = made["type"]
    fits = _CHECKS.get(kind)
    if fits is not None and not fits(value):
        raise Misfit(place, f"a value of type {kind}")
    if "one_of" in made and value not in made["one_of"]:
        raise Misfit(place, "one of the declared values")


def _number(value: Any, place: str) -> Any:
    text = _decimal_text(value)
    if text is None:
        raise Misfit(place, "a number")
    return value if type(value) is int else orjson.Fragment(text)


def _decimal_text(value: Any) -> str | None:
    """A number in any form of ours as text; None for anything else."""
    if isinstance(value, dict) and value.keys() == {"$decimal"}:
        value = value["$decimal"]
    if type(value) is int:
        return str(value)
    return value if type(value) is str and _DECIMAL.match(value) else None


def _free(value: Any) -> Any:
    """Undeclared data: a decimal becomes a number, all else stays."""
    if type(value) is dict:
        if value.keys() == {"$decimal"} and (text := _decimal_text(value)) is not None:
            return orjson.Fragment(text)
        return {name: _free(item) for name, item in value.items()}
    return [_free(item) for item in value] if type(value) is list else value


def _is_money(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"amount", "currency"} or type(value["amount"]) is int:
        return False
    is_coin = type(value["currency"]) is str and _CURRENCY.match(value["currency"]) is not None
    return is_coin and _decimal_text(value["amount"]) is not None


_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: type(value) is str,
    "integer": lambda value: type(value) is int and -SAFE_INTEGER <= value <= SAFE_INTEGER,
    "boolean": lambda value: type(value) is bool,
    "date": is_date,
    "date and time": is_moment,
    "duration": lambda value: type(value) is str and _DURATION.match(value) is not None,
    "money": _is_money,
    "object": lambda value: type(value) is dict,
}
