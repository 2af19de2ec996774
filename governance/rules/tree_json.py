"""The canonical JSON form of a tree: what evidence packs carry, and what a verifier evaluates without a parser.

    {"op": ..., what belongs to the operator, "args": [...]}

Operators are `syntax.OPERATORS`, which only ever grows. Positions are left out.
"""

from typing import Any

from governance.rules.syntax import (
    Arithmetic,
    Between,
    Call,
    Cell,
    Compare,
    Constant,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    InputValue,
    InstanceOf,
    Invoke,
    Iteration,
    ListOf,
    Logic,
    Membership,
    Name,
    Negation,
    Part,
    Path,
    Quantified,
    RangeOf,
    UnaryTest,
    children,
)
from governance.rules.type_text import type_text
from governance.rules.values import text_of


def to_tree_json(node: Part | Cell) -> dict[str, Any]:
    """The canonical JSON form of a node and all below it."""
    told = _own(node)
    below = children(node)
    if below or not isinstance(node, Constant | Name | InputValue):
        told["args"] = [to_tree_json(child) for child in below]
    return told


def _own(node: Part | Cell) -> dict[str, Any]:
    match node:
        case Constant(value=value):
            return {"op": "literal", **_literal(value)}
        case Name(name=name):
            return {"op": "name", "name": name}
        case Path(name=name):
            return {"op": "path", "name": name}
        case Negation():
            return {"op": "negate"}
        case Arithmetic(op=op) | Compare(op=op) | Logic(op=op) | Quantified(op=op):
            return {"op": op}
        case Between():
            return {"op": "between"}
        case Membership():
            return {"op": "in"}
        case UnaryTest(op=op):
            return {"op": "test", "test": op}
        case Cell(negated=negated):
            return {"op": "tests", "negated": negated}
        case RangeOf(low=low, high=high):
            return {
                "op": "range", "low": low is not None, "high": high is not None,
                "low_closed": node.low_closed, "high_closed": node.high_closed,
            }  # fmt: skip
        case ListOf():
            return {"op": "list"}
        case If():
            return {"op": "if"}
        case Call(function=function, names=names):
            return {"op": "call", "function": function, **_named(names)}
        case _:
            return _own_of_binders(node)


def _own_of_binders(node: Part | Cell) -> dict[str, Any]:
    match node:
        case Invoke(names=names):
            return {"op": "invoke", **_named(names)}
        case InputValue():
            return {"op": "input"}
        case Filter():
            return {"op": "filter"}
        case Iteration(name=name):
            return {"op": "each", "name": name}
        case For():
            return {"op": "for"}
        case InstanceOf(type=kind):
            return {"op": "instance of", "type": type_text(kind)}
        case FunctionOf(parameters=parameters):
            return {"op": "function", "parameters": [{"name": p.name, "type": type_text(p.type)} for p in parameters]}
        case ContextOf(names=names):
            return {"op": "context", "names": list(names)}
    raise AssertionError(node)


def _named(names: tuple[str, ...]) -> dict[str, Any]:
    return {"names": list(names)} if names else {}


def _literal(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, bool):
        return {"type": "null" if value is None else "boolean", "value": value}
    kind, text = text_of(value)
    return {"type": kind, "value": text}
