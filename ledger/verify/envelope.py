"""The envelope of an entry, checked as `ledger.entry` checks it, on the standard library and fast.

The members of an entry in canonical order and their types are its *shape*. A log has a handful of shapes, so each is
judged once and remembered with what it does not say: the objects whose members must be text.
"""

from collections.abc import Mapping
from typing import Any

from ledger.errors import BrokenInput

ENVELOPE = 1
ENTRY_BYTES_MAX = 60 * 1024
SHAPES_MAX = 1_000  # optional members allow 128 shapes; a table beyond that would come from broken entries

Shape = tuple[tuple[str, ...], tuple[type, ...]]

_TYPES: Mapping[str, type] = {
    "v": int,
    "origin": str,
    "index": int,
    "prev": str,
    "recorded_at": str,
    "kind": str,
    "schema": int,
    "subject": str,
    "subject_index": int,
    "actor": dict,
    "payload": dict,
    "occurred_at": str,
    "part": list,
    "refs": dict,
    "basis": dict,
    "command_id": str,
    "command": dict,
    "correlation_id": str,
}
_OPTIONAL = frozenset(("occurred_at", "part", "refs", "basis", "command_id", "command", "correlation_id"))
_OF_TEXTS = ("actor", "refs", "command")


def shape_of(value: Mapping[str, Any]) -> Shape:
    """Names and types of the members, in order."""
    return tuple(value), tuple(map(type, value.values()))


def check_shape(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The objects of text members in entries of this shape; `BrokenInput` unless it is one an entry may have."""
    if missing := _TYPES.keys() - _OPTIONAL - value.keys():
        raise BrokenInput(f"expected member `{min(missing)}`")
    for name, member in value.items():
        if name not in _TYPES:
            raise BrokenInput(f"found unknown member `{name[:32]}`")
        if type(member) is not _TYPES[name]:
            raise BrokenInput(f"expected {name} of type {_TYPES[name].__name__}, found {type(member).__name__}")
    return tuple(name for name in _OF_TEXTS if name in value)


def check_rest(value: Mapping[str, Any], objects: tuple[str, ...]) -> None:
    """What the shape does not say; `BrokenInput` when it is not as it must be."""
    try:
        for name in objects:
            "".join(value[name].values())
    except TypeError as error:
        raise BrokenInput(f"expected text members in {name}") from error
    if "" in value.values():
        raise BrokenInput("expected no empty text in the envelope")
    if value["v"] != ENVELOPE:
        raise BrokenInput(f"expected envelope {ENVELOPE}, found {value['v']}")
    if value["schema"] < 0 or value["subject_index"] < 0:
        raise BrokenInput("expected counts, found a negative number")


def part_of(part: list[Any]) -> tuple[int, int]:
    """(k, n) of the member `part`; `BrokenInput` unless 1 <= k <= n."""
    if len(part) != 2 or type(part[0]) is not int or type(part[1]) is not int or not 1 <= part[0] <= part[1]:
        raise BrokenInput("expected [k, n] with 1 <= k <= n in part")
    return part[0], part[1]
