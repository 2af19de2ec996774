"""Reading and laying values at paths such as `risk.bureau` in the data of an instance.

Data is canonical JSON by root name. A commitment (`{"$commitment": ..., "$at": ...}`) is one opaque
value: nothing is laid into it, and it is never merged with.
"""

from collections.abc import Mapping
from typing import Any

COMMITMENT = "$commitment"  # as `UnitOfWork.seal` spells it
_COMMITMENT_MEMBERS = frozenset((COMMITMENT, "$at"))


def is_commitment(value: Any) -> bool:
    """Whether the value is a commitment in place of a classed value."""
    return type(value) is dict and COMMITMENT in value and value.keys() <= _COMMITMENT_MEMBERS


def root_of(path: str) -> str:
    """The name of the variable a path lies in."""
    return path.partition(".")[0]


def value_at(value: Any, path: str) -> Any:
    """What lies at `path` inside `value`; None when a member is missing. An empty path is the value itself.

    A commitment on the way is returned as it stands: it is all that may be known of what lies below it.
    """
    if not path:
        return value
    for name in path.split("."):
        if is_commitment(value):
            return value
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def lay(old: Any, path: str, value: Any) -> Any:
    """`old` with `value` laid at `path`; an object onto an object sets the members it has and keeps the others."""
    if path:
        name, _, rest = path.partition(".")
        members = dict(old) if _plain(old) else {}
        members[name] = lay(members.get(name), rest, value)
        return members
    # Most of what is laid is no object: that is seen here, before it is asked what sort of object it is.
    if type(value) is dict and type(old) is dict and _plain(old) and _plain(value):
        return {**old, **value}
    return value


def _plain(value: Any) -> bool:
    return type(value) is dict and COMMITMENT not in value and "$decimal" not in value
