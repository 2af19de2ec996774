"""What a step brings home from the blueprint it runs: whether that gives it, and whether it stays as closed. Pure."""

from collections.abc import Sequence
from typing import get_args

from versioning.blueprint import Blueprint, DataClass, DataField
from versioning.data_paths import find

_RANK = {name: rank for rank, name in enumerate(get_args(DataClass))}

NOT_GIVEN, TOO_OPEN = "NOT_GIVEN", "CLASS_TOO_OPEN"


def fault(giving: Blueprint, given: str, data: Sequence[DataField], path: str) -> str:
    """Why what lies at `given` there may not be put at `path` of this data; empty where it may."""
    if given not in giving.gives:
        return NOT_GIVEN
    return TOO_OPEN if is_more_open(giving.data, given, data, path) else ""


def is_more_open(theirs: Sequence[DataField], given: str, data: Sequence[DataField], path: str) -> bool:
    """Whether anything of a given datum would have a more open class here than it has there."""
    there, here = find(theirs, given), find(data, path)
    if there is None or here is None:
        return True
    return _opens(there.field, _around(theirs, given), here.field, _around(data, path))


def _around(data: Sequence[DataField], path: str) -> int:
    """The strictest class on the way to a path, itself included."""
    rank, fields = 0, data
    for name in path.split("."):
        field = next((one for one in fields if one.name == name), None)
        if field is None:
            break
        rank, fields = max(rank, _RANK[field.data_class]), field.properties
    return rank


def _opens(there: DataField, theirs: int, here: DataField, ours: int) -> bool:
    theirs, ours = max(theirs, _RANK[there.data_class]), max(ours, _RANK[here.data_class])
    if there.items is not None and here.items is not None:
        return theirs > ours or _opens(there.items, theirs, here.items, ours)
    if there.properties and here.properties:
        known = {member.name: member for member in here.properties}
        return any(
            member.name not in known or _opens(member, theirs, known[member.name], ours) for member in there.properties
        )
    return max(theirs, _strictest(there)) > ours


def _strictest(field: DataField) -> int:
    inner = (*field.properties, *(() if field.items is None else (field.items,)))
    return max(_RANK[field.data_class], *map(_strictest, inner), 0)
