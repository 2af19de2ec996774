"""Standard functions on contexts (DMN 1.5, section 10.3.4.10)."""

from typing import Any

from governance.rules import limits
from governance.rules.calling import Arguments, Run
from governance.rules.env import Env
from governance.rules.errors import Unanswerable

Context = dict[str, Any]


def _entries(arguments: Arguments, env: Env) -> tuple[Context, ...]:
    limits.bounded_list(len(arguments[0]))
    env.budget.spend(len(arguments[0]))
    return tuple({"key": key, "value": value} for key, value in arguments[0].items())


def _context(arguments: Arguments, env: Env) -> Context | None:
    """From entries of a key and a value each; null when a key is missing or there twice."""
    made: Context = {}
    env.budget.spend(len(arguments[0]))
    for entry in arguments[0]:
        if type(entry) is not dict or "value" not in entry or type(entry.get("key")) is not str:
            return None
        if entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


def _put(arguments: Arguments, env: Env) -> Context | None:
    context, where, value = arguments
    keys = [where] if type(where) is str else where
    if not keys or type(keys[0]) is not str:
        return None
    inside = [context]
    for place, key in enumerate(keys):
        here = inside[-1]
        if type(here) is not dict or type(key) is not str:
            raise Unanswerable("expected keys that lead from context to context")
        limits.bounded_list(len(here) + 1)
        env.budget.spend(1 + len(here))
        if place < len(keys) - 1:
            inside.append(here.get(key))
    made = value
    for here, key in zip(reversed(inside), reversed(keys), strict=True):
        made = {**here, key: made}
    return dict(made)


def _merge(arguments: Arguments, env: Env) -> Context | None:
    """All entries; of one that is there twice the last, in the place of the first."""
    made: Context = {}
    for context in arguments[0]:
        if type(context) is not dict:
            return None
        env.budget.spend(1 + len(context))
        made.update(context)
        limits.bounded_list(len(made))
    return made


FUNCTIONS: dict[str, Run] = {
    "get value": lambda arguments, _: arguments[0].get(arguments[1]),
    "get entries": _entries,
    "context": _context,
    "context put": _put,
    "context merge": _merge,
}
