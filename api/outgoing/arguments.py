"""Arguments of operations that do not speak HTTP: checked by their types, and put into texts. Pure."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from api.outgoing.values import Misfit, to_wire
from ledger.canonical import digest

_BRACED = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def checked(spec: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that were given, each of its type; `Misfit` else."""
    takes = spec["takes"]
    unknown = next((name for name in arguments if name not in takes), None)
    if unknown is not None:
        raise Misfit("the arguments", f"no argument `{unknown}`")
    given = {}
    for name, made in takes.items():
        value = arguments.get(name)
        if value is not None:
            to_wire(made, value, name)
            given[name] = value
        elif made.get("required"):
            raise Misfit(name, "a value")
    return given


def filled(template: str, given: Mapping[str, Any]) -> str:
    """A text with its arguments put in, once: what an argument holds is not looked through again."""
    return _BRACED.sub(lambda found: _text(given.get(found[1])), template)


def request_digest(spec: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The digest of what was asked: the operation as it stood and its arguments."""
    told = {name: spec[name] for name in ("to", "subject", "text", "file", "statement") if name in spec}
    return digest([told, dict(given)])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and value.keys() == {"$decimal"}:
        return str(value["$decimal"])
    return value if isinstance(value, str) else orjson.dumps(value).decode()
