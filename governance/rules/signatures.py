"""The standard functions: how they are called and what they give. `functions.py` computes them.

A way to call one is written `name: kinds, other name?: kinds`; `?` may be left out, `...` repeats the last. Kinds are
type names, `any` takes everything, null included. What no way takes is null.
"""

from collections.abc import Sequence
from typing import NamedTuple

from governance.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DURATION,
    MONTHS,
    NUMBER,
    OBJECT,
    STRING,
    TIME,
    Type,
    list_of,
    object_of,
    range_of,
)

Kinds = tuple[str, ...]


class Way(NamedTuple):
    """One way to call a function: the names of its parameters and the kinds each takes. `required` of them must be
    given; `more` repeats the last."""

    names: tuple[str, ...]
    takes: tuple[Kinds, ...]
    required: int
    more: bool

    def fits(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return count >= self.required and (self.more or count <= len(self.takes))


class Signature(NamedTuple):
    """`ways` are all ways to call a function; the rest says of them together: `takes` for each parameter the kinds it
    accepts, `required` how many must be given, `more` that the last repeats, `names` the names of each way."""

    takes: tuple[Kinds, ...]
    required: int
    result: Type
    more: bool
    names: tuple[tuple[str, ...], ...]
    ways: tuple[Way, ...]

    def fits(self, count: int) -> bool:
        """Whether some way takes so many arguments."""
        return any(way.fits(count) for way in self.ways)


def _way(text: str) -> Way:
    if not text:
        return Way((), (), 0, False)
    more = text.endswith("...")
    parts = [part.partition(": ") for part in text.removesuffix("...").split(", ")]
    optional = [name.endswith("?") for name, _, _ in parts]
    return Way(
        tuple(name.removesuffix("?") for name, _, _ in parts),
        tuple(tuple(kinds.split("|")) for _, _, kinds in parts),
        optional.count(False),
        more,
    )


def _function(result: Type, *texts: str) -> Signature:
    ways = tuple(_way(text) for text in texts)
    takes = []
    for place in range(max(len(way.takes) for way in ways)):
        kinds = dict.fromkeys(kind for way in ways if place < len(way.takes) for kind in way.takes[place])
        takes.append(("any",) if "any" in kinds else tuple(kinds))
    return Signature(
        tuple(takes),
        min(way.required for way in ways),
        result,
        any(way.more for way in ways),
        tuple(way.names for way in ways),
        ways,
    )


_SPANS = "days and time duration|years and months duration"
_DAY = "date: date|date and time"
_POINT = "number|string|date|time|date and time|money|" + _SPANS
_POINTS, _RANGES = f"point1: {_POINT}, point2: {_POINT}", "range1: range, range2: range"
_POINT_RANGE, _RANGE_POINT = f"point: {_POINT}, range: range", f"range: range, point: {_POINT}"
_ENTRY = object_of({"key": STRING, "value": ANY})

STANDARD: dict[str, Signature] = {
    # conversion
    "date": _function(DATE, "from: string|date|date and time", "year: number, month: number, day: number"),
    "time": _function(
        TIME,
        "from: string|time|date and time|date",
        "hour: number, minute: number, second: number, offset?: days and time duration|null",
    ),
    "date and time": _function(DATE_TIME, "from: string|date|date and time", "date: date|date and time, time: time"),
    "number": _function(
        NUMBER, "from: string", "from: string, grouping separator: string|null, decimal separator: string|null"
    ),
    "string": _function(STRING, "from: any"),
    "duration": _function(DURATION, "from: string"),
    "years and months duration": _function(MONTHS, "from: date|date and time, to: date|date and time"),
    "range": _function(range_of(), "from: string"),
    # boolean
    "not": _function(BOOLEAN, "negand: any"),
    "is": _function(BOOLEAN, "value1: any, value2: any"),
    # text
    "substring": _function(STRING, "string: string, start position: number, length?: number"),
    "string length": _function(NUMBER, "string: string"),
    "upper case": _function(STRING, "string: string"),
    "lower case": _function(STRING, "string: string"),
    "substring before": _function(STRING, "string: string, match: string"),
    "substring after": _function(STRING, "string: string, match: string"),
    "contains": _function(BOOLEAN, "string: string, match: string"),
    "starts with": _function(BOOLEAN, "string: string, match: string"),
    "ends with": _function(BOOLEAN, "string: string, match: string"),
    "matches": _function(BOOLEAN, "input: string, pattern: string, flags?: string|null"),
    "replace": _function(STRING, "input: string, pattern: string, replacement: string, flags?: string|null"),
    "split": _function(list_of(STRING), "string: string, delimiter: string"),
    "string join": _function(STRING, "list: list, delimiter?: string|null"),
    # lists
    "list contains": _function(BOOLEAN, "list: list, element: any"),
    "list replace": _function(
        list_of(), "list: list, position: number, newItem: any", "list: list, match: function, newItem: any"
    ),
    "count": _function(NUMBER, "list: list"),
    "min": _function(ANY, "list: any..."),
    "max": _function(ANY, "list: any..."),
    "sum": _function(ANY, "list: any..."),
    "mean": _function(ANY, "list: any..."),
    "median": _function(ANY, "list: any..."),
    "product": _function(NUMBER, "list: any..."),
    "stddev": _function(NUMBER, "list: any..."),
    "mode": _function(list_of(NUMBER), "list: any..."),
    "all": _function(BOOLEAN, "list: any..."),
    "any": _function(BOOLEAN, "list: any..."),
    "sublist": _function(list_of(), "list: list, start position: number, length?: number"),
    "append": _function(list_of(), "list: list, item: any..."),
    "concatenate": _function(list_of(), "list: list..."),
    "insert before": _function(list_of(), "list: list, position: number, newItem: any"),
    "remove": _function(list_of(), "list: list, position: number"),
    "reverse": _function(list_of(), "list: list"),
    "index of": _function(list_of(NUMBER), "list: list, match: any"),
    "union": _function(list_of(), "list: list..."),
    "distinct values": _function(list_of(), "list: list"),
    "flatten": _function(list_of(), "list: list"),
    "sort": _function(list_of(), "list: list, precedes: function"),
    # numbers
    "decimal": _function(NUMBER, "n: number, scale: number"),
    "floor": _function(NUMBER, "n: number, scale?: number"),
    "ceiling": _function(NUMBER, "n: number, scale?: number"),
    "round up": _function(NUMBER, "n: number, scale: number"),
    "round down": _function(NUMBER, "n: number, scale: number"),
    "round half up": _function(NUMBER, "n: number, scale: number"),
    "round half down": _function(NUMBER, "n: number, scale: number"),
    "abs": _function(ANY, f"n: number|money|{_SPANS}"),
    "modulo": _function(NUMBER, "dividend: number, divisor: number"),
    "sqrt": _function(NUMBER, "number: number"),
    "log": _function(NUMBER, "number: number"),
    "exp": _function(NUMBER, "number: number"),
    "odd": _function(BOOLEAN, "number: number"),
    "even": _function(BOOLEAN, "number: number"),
    # days
    "day of year": _function(NUMBER, _DAY),
    "day of week": _function(STRING, _DAY),
    "month of year": _function(STRING, _DAY),
    "week of year": _function(NUMBER, _DAY),
    # ranges
    "before": _function(BOOLEAN, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    "after": _function(BOOLEAN, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    "meets": _function(BOOLEAN, _RANGES),
    "met by": _function(BOOLEAN, _RANGES),
    "overlaps": _function(BOOLEAN, _RANGES),
    "overlaps before": _function(BOOLEAN, _RANGES),
    "overlaps after": _function(BOOLEAN, _RANGES),
    "finishes": _function(BOOLEAN, _POINT_RANGE, _RANGES),
    "finished by": _function(BOOLEAN, _RANGE_POINT, _RANGES),
    "includes": _function(BOOLEAN, _RANGE_POINT, _RANGES),
    "during": _function(BOOLEAN, _POINT_RANGE, _RANGES),
    "starts": _function(BOOLEAN, _POINT_RANGE, _RANGES),
    "started by": _function(BOOLEAN, _RANGE_POINT, _RANGES),
    "coincides": _function(BOOLEAN, _POINTS, _RANGES),
    "now": _function(DATE_TIME, ""),
    "today": _function(DATE, ""),
    # contexts
    "get value": _function(ANY, "m: object, key: string"),
    "get entries": _function(list_of(_ENTRY), "m: object"),
    "context": _function(OBJECT, "entries: list"),
    "context put": _function(
        OBJECT, "context: object, key: string, value: any", "context: object, keys: list, value: any"
    ),
    "context merge": _function(OBJECT, "contexts: list"),
}

MOMENTS = frozenset(("now", "today"))
"""Functions that ask for the moment of the decision: of the record, never of the machine that judges it again."""

PARAMETERS = frozenset(name for signature in STANDARD.values() for names in signature.names for name in names)


def way_named(function: str, given: Sequence[str]) -> int | None:
    """The number of the way that a function is called in by these names; None when there is none such. Where ways
    differ in order only (`before(point, range)`, `before(range, point)`), the order written tells them apart."""
    found = [
        number
        for number, way in enumerate(STANDARD[function].ways)
        if set(given) <= set(way.names) and set(way.names[: way.required]) <= set(given)
    ]
    written = [number for number in found if STANDARD[function].ways[number].names[: len(given)] == tuple(given)]
    return next(iter(written or found), None)


def arranged(function: str, given: Sequence[str]) -> tuple[int | None, ...] | None:
    """For each parameter which of the arguments given by name it takes, None where it was left out; None as a whole
    when the function is not called by these names."""
    number = way_named(function, given)
    if number is None:
        return None
    places = [given.index(name) if name in given else None for name in STANDARD[function].ways[number].names]
    while places and places[-1] is None:
        places.pop()
    return tuple(places)
