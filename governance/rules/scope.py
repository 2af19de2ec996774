"""What each name of a tree means: a variable the source binds, a value from outside, or a standard function.

Nodes that bind names, and where they are in force (DMN 1.5, sections 10.3.2.11 and 10.3.4):

    context     an entry, in the entries after it
    for, some, every    a variable, in the iterations after it and in the body; `partial` in the body of `for`
    function    the parameters, in the body
    filter      `item` and the names of what is filtered, in the condition

A function that is named is a variable before it is a standard one. A name of several words outside of where it is in
force is refused: it may have been meant as an operation. So is a property of such a name that nothing declares, for
`x.a-b` reads another way where `x` has no `a-b`.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from governance.rules.scan import broken, is_word, may_operate
from governance.rules.signatures import MOMENTS, STANDARD
from governance.rules.syntax import (
    Call,
    Cell,
    ContextOf,
    Expr,
    Filter,
    For,
    FunctionOf,
    InputValue,
    Invoke,
    Membership,
    Name,
    Part,
    Path,
    Quantified,
    UnaryTest,
    children,
)
from governance.rules.walk import with_children

T = TypeVar("T", bound=Part | Cell)
Bound = frozenset[str]

ITEM, PARTIAL = "item", "partial"


def resolve(tree: T, source: str, declared: Bound, functions: Bound) -> T:
    """The tree with every call resolved and every test told apart; `BrokenExpression` for a name out of force."""
    return _Resolver(source, declared, functions).node(tree, frozenset(), False)


class _Resolver:
    def __init__(self, source: str, declared: Bound, functions: Bound) -> None:
        self._source = source
        self._declared = declared
        self._functions = functions

    def node(self, node: T, bound: Bound, is_open: bool) -> T:
        """`is_open`: names that are not known may be those of an item that is filtered."""
        if isinstance(node, Name):
            is_item = is_open and not may_operate(node.name)
            if not (is_word(node.name) or is_item or node.name in bound or node.name in self._declared):
                raise broken(f"expected a name in force here, found `{node.name}`", node.at, self._source)
            return node
        if isinstance(node, Path) and not self._is_property(node):
            raise broken(f"expected a property that is declared, found `{node.name}`", node.at, self._source)
        kids = tuple(self.node(child, inner, is_open or opens) for child, inner, opens in _scopes(node, bound))
        made = node if all(map(_is, kids, children(node))) else with_children(node, kids)
        if isinstance(made, Call) and (
            made.function in bound or made.function in self._functions or made.function not in STANDARD
        ):
            callee = self.node(Name(made.function, at=made.at), bound, is_open)
            return Invoke(callee, made.arguments, made.names, at=made.at)  # type: ignore[return-value] # an expression
        if isinstance(made, UnaryTest) and made.op == "in" and reads_input(made.operand):
            return replace(made, op="holds")
        return made

    def _is_property(self, node: Path) -> bool:
        if not may_operate(node.name) or node.name in self._declared:
            return True
        return isinstance(node.base, ContextOf) and node.name in node.base.names


def _is(one: object, other: object) -> bool:
    return one is other


def _scopes(node: Part | Cell, bound: Bound) -> Iterator[tuple[Part, Bound, bool]]:
    """The children with the names in force for each, and whether names of an item are in force as well."""
    match node:
        case ContextOf(names=names, values=values):
            for number, value in enumerate(values):
                yield value, bound.union(names[:number]), False
        case FunctionOf(parameters=parameters, body=body):
            yield body, bound.union(one.name for one in parameters), False
        case Filter(base=base, condition=condition):
            yield base, bound, False
            yield condition, bound | {ITEM}, True
        case For(iterations=iterations, body=body) | Quantified(iterations=iterations, condition=body):
            for iteration in iterations:
                yield iteration, bound, False
                bound |= {iteration.name}
            yield body, bound | {PARTIAL} if isinstance(node, For) else bound, False
        case _:
            for child in children(node):
                yield child, bound, False


def reads_input(node: Part | Cell) -> bool:
    """Whether `?` of the tests around stands in it; that of tests further in is another."""
    if isinstance(node, InputValue):
        return True
    if isinstance(node, Membership):
        return reads_input(node.value)
    return any(map(reads_input, children(node)))


def asks_moment(node: Part | Cell) -> bool:
    """Whether `now` or `today` stands in it."""
    return (isinstance(node, Call) and node.function in MOMENTS) or any(map(asks_moment, children(node)))


def reads_of(node: Part | Cell) -> frozenset[str]:
    """The paths into what is outside that a tree may read, each as deep as it is written."""
    return frozenset(_reads(node, frozenset()))


def _reads(node: Part | Cell, bound: Bound) -> Iterator[str]:
    if isinstance(node, Name | Path):
        dotted = _dotted(node)
        if dotted is not None:
            root, path = dotted
            if root not in bound:
                yield path
            return
    is_named = isinstance(node, Invoke) and isinstance(node.callee, Name)
    for child, inner, _ in islice(_scopes(node, bound), is_named, None):  # the name of a function is no data
        yield from _reads(child, inner)


def _dotted(node: Expr) -> tuple[str, str] | None:
    """(first name, whole path) of names joined by dots."""
    names: list[str] = []
    while isinstance(node, Path):
        names.append(node.name)
        node = node.base
    if not isinstance(node, Name):
        return None
    return node.name, ".".join((node.name, *reversed(names)))


def scopes_in(node: Part | Cell, bound: Bound) -> Iterator[tuple[Part, Bound, bool]]:
    """The children of a node, the names the source binds for each, and whether names of an item are in force too."""
    return _scopes(node, bound)
