"""One operation of an outside system, and whether it can take a body."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from examples.services.effects import Body


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the text fields and money fields it demands, and what it answers."""

    name: str
    texts: tuple[str, ...]
    money: tuple[str, ...]
    answer: Callable[[Body, int], Any]


def numbered(name: str, prefix: str, **fixed: str) -> Callable[[Body, int], Body]:
    """An answer that numbers the effects: `{name: prefix-1, ...}`."""
    return lambda _body, number: {name: f"{prefix}-{number}", **fixed}


def body_fault(operation: Operation, body: Any) -> str | None:
    """Why the operation cannot take this body; None when it can."""
    if not isinstance(body, dict):
        return "expected an object"
    unknown = sorted(set(body) - set(operation.texts) - set(operation.money))
    if unknown:
        return f"expected no field `{unknown[0][:40]}`"
    for name in operation.texts:
        if not isinstance(body.get(name), str) or not body[name]:
            return f"expected text at `{name}`"
    for name in operation.money:
        value = body.get(name)
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            return f"expected an amount and a currency at `{name}`"
        if not all(isinstance(part, str) for part in value.values()):
            return f"expected text in `{name}`"
    return None
