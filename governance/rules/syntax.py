"""The tree of an expression: frozen nodes that know where they stand, and their canonical JSON form.

`at` is the character offset in the source; it takes no part in equality, so that a printed and re-read tree is equal.
The JSON form is what evidence packs carry: `{"op": ..., ...}` with operators from `OPERATORS`, which only ever grows.
"""

from dataclasses import dataclass, field
from typing import Any

from governance.rules.values import text_of


@dataclass(frozen=True, slots=True)
class Node:
    """What every node has."""

    at: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """Null, a boolean, a number, a string, or a temporal value written `@"..."`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A value of the scope."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """A property of a value."""

    base: "Expr"
    name: str


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """Arithmetic minus."""

    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+ - * / **`."""

    op: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`= != < <= > >=`."""

    op: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` or `or` over two or more operands."""

    op: str
    operands: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class Between(Node):
    """Both ends included."""

    value: "Expr"
    low: "Expr"
    high: "Expr"


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """One unary test: `op` with an operand. The operator `in` is a value, a list or a range written bare."""

    op: str
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`value in tests`: true when any test holds."""

    value: "Expr"
    tests: tuple[UnaryTest, ...]


@dataclass(frozen=True, slots=True)
class RangeOf(Node):
    """A range; an end that is None is open to that side (`(> 5)`)."""

    low: "Expr | None"
    high: "Expr | None"
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`[a, b]`."""

    items: "tuple[Expr, ...]"


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if a then b else c`; anything but true takes the else."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A standard function with positional arguments."""

    function: str
    arguments: "tuple[Expr, ...]"


Expr = (
    Constant
    | Name
    | Path
    | Negation
    | Arithmetic
    | Compare
    | Logic
    | Between
    | Membership
    | RangeOf
    | ListOf
    | If
    | Call
)


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """A cell of a rule table: tests of which one must hold, or none if `negated`. No tests at all is `-`: any value."""

    tests: tuple[UnaryTest, ...]
    negated: bool = False


OPERATORS = (
    "literal", "name", "path", "negate", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=",
    "and", "or", "between", "in", "range", "list", "if", "call", "test", "tests",
)  # fmt: skip


def children(node: Expr | UnaryTest | Cell) -> "tuple[Expr | UnaryTest, ...]":
    """The nodes directly below, in source order."""
    match node:
        case Constant() | Name():
            return ()
        case Path(base=base):
            return (base,)
        case Negation(operand=operand) | UnaryTest(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right) | Compare(left=left, right=right):
            return (left, right)
        case Logic(operands=operands):
            return operands
        case Between(value=value, low=low, high=high):
            return (value, low, high)
        case Membership(value=value, tests=tests):
            return (value, *tests)
        case RangeOf(low=low_end, high=high_end):
            return tuple(end for end in (low_end, high_end) if end is not None)
        case ListOf(items=items):
            return items
        case If(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case Call(arguments=arguments):
            return arguments
        case Cell(tests=tests):
            return tests


def to_tree_json(node: Expr | UnaryTest | Cell) -> dict[str, Any]:
    """The canonical JSON form: `op`, what belongs to the operator, and `args`. Positions are left out."""
    args = [to_tree_json(child) for child in children(node)]
    match node:
        case Constant(value=value):
            return {"op": "literal", **_literal_json(value)}
        case Name(name=name):
            return {"op": "name", "name": name}
        case Path(name=name):
            return {"op": "path", "name": name, "args": args}
        case Negation():
            return {"op": "negate", "args": args}
        case Arithmetic(op=op) | Compare(op=op) | Logic(op=op):
            return {"op": op, "args": args}
        case Between():
            return {"op": "between", "args": args}
        case Membership():
            return {"op": "in", "args": args}
        case UnaryTest(op=op):
            return {"op": "test", "test": op, "args": args}
        case Cell(negated=negated):
            return {"op": "tests", "negated": negated, "args": args}
        case RangeOf(low=low, high=high):
            return {
                "op": "range", "low": low is not None, "high": high is not None,
                "low_closed": node.low_closed, "high_closed": node.high_closed, "args": args,
            }  # fmt: skip
        case ListOf():
            return {"op": "list", "args": args}
        case If():
            return {"op": "if", "args": args}
        case Call(function=function):
            return {"op": "call", "function": function, "args": args}


def _literal_json(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, bool):
        return {"type": "null" if value is None else "boolean", "value": value}
    kind, text = text_of(value)
    return {"type": kind, "value": text}
