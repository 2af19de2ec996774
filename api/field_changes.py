"""Which fields of two plain values differ. Pure."""

from collections.abc import Iterator
from typing import Any


def changed_fields(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """(path, before, after) of every leaf that differs; null where a side has none."""
    one, other = dict(_leaves(before, "")), dict(_leaves(after, ""))
    for place in sorted({**one, **other}):
        if one.get(place) != other.get(place):
            yield place, one.get(place), other.get(place)


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if type(value) is dict and value:
        for name, member in value.items():
            yield from _leaves(member, f"{place}.{name}" if place else name)
    elif type(value) is list and value:
        for number, member in enumerate(value):
            yield from _leaves(member, f"{place}[{number}]")
    elif value is not None:
        yield place, value
