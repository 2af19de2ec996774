"""A node again with other children, and how large a tree is."""

from dataclasses import replace
from typing import Any, TypeVar

from governance.rules.syntax import (
    Arithmetic,
    Between,
    Call,
    Cell,
    Compare,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    InstanceOf,
    Invoke,
    Iteration,
    ListOf,
    Logic,
    Membership,
    Negation,
    Part,
    Path,
    Quantified,
    RangeOf,
    UnaryTest,
    children,
)
from ledger.errors import Misuse

T = TypeVar("T", bound=Part | Cell)


def with_children(node: T, kids: tuple[Any, ...]) -> T:
    """The node with these in the place of `syntax.children(node)`, as many and in the same order."""
    fields = _fields(node, kids)
    return replace(node, **fields)


def _fields(node: Part | Cell, kids: tuple[Any, ...]) -> dict[str, Any]:
    match node:
        case Path():
            return {"base": kids[0]}
        case Negation() | UnaryTest():
            return {"operand": kids[0]}
        case Arithmetic() | Compare():
            return {"left": kids[0], "right": kids[1]}
        case Logic():
            return {"operands": kids}
        case Between():
            return {"value": kids[0], "low": kids[1], "high": kids[2]}
        case Membership():
            return {"value": kids[0], "tests": kids[1:]}
        case RangeOf(low=low, high=high):
            return {"low": None if low is None else kids[0], "high": None if high is None else kids[-1]}
        case ListOf():
            return {"items": kids}
        case If():
            return {"condition": kids[0], "then": kids[1], "otherwise": kids[2]}
        case Call():
            return {"arguments": kids}
        case Cell():
            return {"tests": kids}
        case Invoke():
            return {"callee": kids[0], "arguments": kids[1:]}
        case Filter():
            return {"base": kids[0], "condition": kids[1]}
        case Iteration(last=last):
            return {"source": kids[0], "last": None if last is None else kids[1]}
        case For():
            return {"iterations": kids[:-1], "body": kids[-1]}
        case Quantified():
            return {"iterations": kids[:-1], "condition": kids[-1]}
        case InstanceOf():
            return {"value": kids[0]}
        case FunctionOf():
            return {"body": kids[0]}
        case ContextOf():
            return {"values": kids}
    raise Misuse(f"expected a node with children, found a {type(node).__name__}")


def nodes_of(node: Part | Cell) -> int:
    """How many nodes a tree has."""
    count, level = 0, [node]
    while level:
        count += len(level)
        level = [child for one in level for child in children(one)]
    return count


def levels_of(node: Part | Cell) -> int:
    """How many levels a tree has."""
    count, level = 0, [node]
    while level:
        count += 1
        level = [child for one in level for child in children(one)]
    return count
