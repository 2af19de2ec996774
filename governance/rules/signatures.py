"""The standard functions: what they take and what they give. `functions.py` computes them.

Parameter kinds are type names; `any` takes everything, null included. A function given null where it asks for a kind
is null. `LATER` are functions of the standard that are refused by name.
"""

from collections.abc import Sequence
from typing import NamedTuple

from governance.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DURATION,
    NUMBER,
    STRING,
    TIME,
    Type,
    list_of,
)


class Signature(NamedTuple):
    """`takes`: for each parameter the kinds it accepts. `required` of them must be given; `more` repeats the last.
    `names`: the names of the parameters, for each way to call it."""

    takes: tuple[tuple[str, ...], ...]
    required: int
    result: Type
    more: bool = False
    names: tuple[tuple[str, ...], ...] = ()


def _takes(*kinds: str, result: Type, required: int | None = None, more: bool = False) -> Signature:
    takes = tuple(tuple(kind.split("|")) for kind in kinds)
    return Signature(takes, len(takes) if required is None else required, result, more)


_DURATIONS = "days and time duration|years and months duration"

STANDARD: dict[str, Signature] = {
    "not": _takes("any", result=BOOLEAN),
    "count": _takes("list", result=NUMBER),
    "sum": _takes("any", result=ANY, more=True),
    "min": _takes("any", result=ANY, more=True),
    "max": _takes("any", result=ANY, more=True),
    "all": _takes("any", result=BOOLEAN, more=True),
    "any": _takes("any", result=BOOLEAN, more=True),
    "contains": _takes("string", "string", result=BOOLEAN),
    "starts with": _takes("string", "string", result=BOOLEAN),
    "ends with": _takes("string", "string", result=BOOLEAN),
    "string length": _takes("string", result=NUMBER),
    "upper case": _takes("string", result=STRING),
    "lower case": _takes("string", result=STRING),
    "substring": _takes("string", "number", "number", result=STRING, required=2),
    "number": _takes("string", "string|null", "string|null", result=NUMBER, required=1),
    "string": _takes("any", result=STRING),
    "date": _takes("string|date|date and time|number", "number", "number", result=DATE, required=1),
    "time": _takes(
        "string|time|date and time|number", "number", "number", "days and time duration|null", result=TIME, required=1
    ),
    "date and time": _takes("string|date|date and time", "time", result=DATE_TIME, required=1),
    "duration": _takes("string", result=DURATION),
    "abs": _takes("number|money|" + _DURATIONS, result=ANY),
    "floor": _takes("number", "number", result=NUMBER, required=1),
    "ceiling": _takes("number", "number", result=NUMBER, required=1),
    "decimal": _takes("number", "number", result=NUMBER),
    "list contains": _takes("list", "any", result=BOOLEAN),
    "append": _takes("list", "any", result=list_of(), more=True),
    "concatenate": _takes("list", result=list_of(), more=True),
}

LATER = frozenset(
    """substring before|substring after|replace|matches|split|string join|insert before|remove|reverse|index of|union
    |distinct values|flatten|product|mean|median|stddev|mode|modulo|sqrt|log|exp|odd|even|round up|round down
    |round half up|round half down|years and months duration|is|before|after|meets|met by|overlaps|overlaps before
    |overlaps after|finishes|finished by|includes|during|starts|started by|coincides|get value|get entries|context
    |context put|context merge|sort|sublist|now|today|day of week|day of year|month of year|week of year|range
    |list replace""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)

PARAMETERS = frozenset(name for signature in STANDARD.values() for names in signature.names for name in names)


def arranged(function: str, given: Sequence[str]) -> tuple[int | None, ...] | None:
    """For each parameter which of the arguments given by name it takes, None where it was left out; None as a whole
    when the function is not called by these names."""
    signature = STANDARD[function]
    for names in signature.names:
        if set(given) <= set(names) and set(names[: signature.required]) <= set(given):
            places = [given.index(name) if name in given else None for name in names]
            while places and places[-1] is None:
                places.pop()
            return tuple(places)
    return None
