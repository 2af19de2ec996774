"""The tree of an expression: frozen nodes that know where they stand, and their canonical JSON form.

`at` is the character offset in the source; it takes no part in equality, so that a printed and re-read tree is equal.
The JSON form is what evidence packs carry: `{"op": ..., ...}` with operators from `OPERATORS`, which only ever grows.
"""

from dataclasses import dataclass, field
from typing import Any

from governance.rules.types import Type
from ledger.errors import Misuse


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
    """One unary test: `op` with an operand. `in` is a value, a list or a range written bare; `holds` an operand that
    reads `?` and must be true."""

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
    """A standard function. `names` are the names of the arguments where they are given by name, else empty."""

    function: str
    arguments: "tuple[Expr, ...]"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invoke(Node):
    """A function that is a value: of the scope, of a context, or written on the spot."""

    callee: "Expr"
    arguments: "tuple[Expr, ...]"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InputValue(Node):
    """`?`: the value that a unary test is asked about."""


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`list[condition]`, or `list[2]` for one item. The condition sees `item` and what is in it."""

    base: "Expr"
    condition: "Expr"


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`name in source`, or the whole numbers or days of `name in source..last`."""

    name: str
    source: "Expr"
    last: "Expr | None" = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """The body for every combination; the last iteration runs fastest. The body sees `partial`, the results so far."""

    iterations: tuple[Iteration, ...]
    body: "Expr"


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some` or `every`."""

    op: str
    iterations: tuple[Iteration, ...]
    condition: "Expr"


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """Whether a value is of a type."""

    value: "Expr"
    type: Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function; `any` where no type is written."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class FunctionOf(Node):
    """`function(a: number, b) a + b`."""

    parameters: tuple[Parameter, ...]
    body: "Expr"


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """`{name: expression, ...}`; an entry sees those before it. A name stands once."""

    names: tuple[str, ...]
    values: "tuple[Expr, ...]"


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
    | Invoke
    | InputValue
    | Filter
    | For
    | Quantified
    | InstanceOf
    | FunctionOf
    | ContextOf
)
Part = Expr | UnaryTest | Iteration
"""What may stand below a node."""


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """A cell of a rule table: tests of which one must hold, or none if `negated`. No tests at all is `-`: any value."""

    tests: tuple[UnaryTest, ...]
    negated: bool = False


OPERATORS = (
    "literal", "name", "path", "negate", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=",
    "and", "or", "between", "in", "range", "list", "if", "call", "test", "tests",
    "invoke", "input", "filter", "for", "some", "every", "each", "instance of", "function", "context",
)  # fmt: skip


def children(node: Part | Cell) -> tuple[Part, ...]:
    """The nodes directly below, in source order."""
    match node:
        case Constant() | Name() | InputValue():
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
        case _:
            return _children_of_binders(node)


def _children_of_binders(node: Part | Cell) -> tuple[Part, ...]:
    match node:
        case Invoke(callee=callee, arguments=arguments):
            return (callee, *arguments)
        case Filter(base=base, condition=condition):
            return (base, condition)
        case Iteration(source=source, last=last):
            return (source,) if last is None else (source, last)
        case For(iterations=iterations, body=body) | Quantified(iterations=iterations, condition=body):
            return (*iterations, body)
        case InstanceOf(value=value):
            return (value,)
        case FunctionOf(body=body):
            return (body,)
        case ContextOf(values=values):
            return values
    raise Misuse(f"expected a node, found a {type(node).__name__}")
