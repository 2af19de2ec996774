"""Trees from their canonical JSON form (`tree_json`), strictly: what no source could have given is refused.

`from_tree_json(to_tree_json(tree)) == tree` for every tree that was parsed; named types come back as they are written
out. `BrokenInput` for an operator that is not known or a node of another shape, `LimitBreached` for a tree too large.
"""

from collections.abc import Callable, Sequence
from typing import Any

from governance.rules import limits
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.scope import reads_input
from governance.rules.signatures import STANDARD
from governance.rules.syntax import (
    Arithmetic,
    Between,
    Call,
    Cell,
    Compare,
    Constant,
    ContextOf,
    Expr,
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
    Parameter,
    Path,
    Quantified,
    RangeOf,
    UnaryTest,
)
from governance.rules.temporal import parse_date, parse_date_time, parse_duration, parse_time
from governance.rules.type_text import read_type, type_text
from governance.rules.types import Type
from governance.rules.values import parse_number, text_of
from ledger.errors import BrokenInput

Json = dict[str, Any]
_Tree = Expr | UnaryTest | Iteration | Cell


def from_tree_json(value: Any) -> Expr | Cell:
    """The tree of a canonical JSON value: an expression or a cell."""
    _check_size(value)
    tree = _node(value)
    if isinstance(tree, UnaryTest | Iteration):
        raise BrokenInput(f"expected an expression or a cell, found `{value['op']}`")
    return tree


def _check_size(value: Any) -> None:
    level, nodes = [value], 0
    for _ in range(limits.DEPTH_MAX):
        nodes += len(level)
        if nodes > limits.NODES_MAX:
            raise LimitBreached(f"expected an expression of at most {limits.NODES_MAX} parts")
        level = [child for node in level if isinstance(node, dict) for child in _list(node.get("args", []))]
        if not level:
            return
    raise LimitBreached(f"expected an expression at most {limits.DEPTH_MAX} levels deep")


def _node(value: Any) -> _Tree:
    if not isinstance(value, dict) or not isinstance(value.get("op"), str):
        raise BrokenInput("expected a node with an operator")
    read = _READ.get(value["op"])
    if read is None:
        raise BrokenInput(f"expected a known operator, found `{value['op'][:40]}`")
    return read(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BrokenInput("expected a list in a node")
    return value


def _keys(node: Json, *keys: str, maybe: tuple[str, ...] = ()) -> None:
    if node.keys() - maybe != {"op", *keys}:
        raise BrokenInput(f"expected a node `{node['op']}` of {', '.join(keys) or 'nothing else'}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BrokenInput("expected a text in a node")
    return limits.bounded_text(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BrokenInput("expected true or false in a node")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    texts = tuple(_text(one) for one in _list(value))
    if len(set(texts)) < len(texts):
        raise BrokenInput("expected each name of a node once")
    return texts


def _below(node: Json, least: int, most: int | None = None) -> list[_Tree]:
    """The nodes below, as many as there must be: `least`, or up to `most` (0: any number)."""
    below = _list(node.get("args"))
    most = least if most is None else most
    if len(below) < least or (most and len(below) > most):
        raise BrokenInput(f"expected {least} parts of `{node['op']}`, found {len(below)}")
    return [_node(one) for one in below]


def _expr(tree: _Tree) -> Expr:
    if isinstance(tree, UnaryTest | Iteration | Cell):
        raise BrokenInput("expected an expression in a node")
    return tree


def _exprs(node: Json, least: int, most: int | None = None) -> tuple[Expr, ...]:
    return tuple(_expr(one) for one in _below(node, least, most))


def _literal(node: Json) -> Constant:
    _keys(node, "type", "value")
    kind, value = node["type"], node["value"]
    if kind == "null" and value is None:
        return Constant(None)
    if kind == "boolean":
        return Constant(_flag(value))
    if kind == "string":
        return Constant(_text(value))
    read = _LITERALS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise BrokenInput("expected a literal of a simple type")
    try:
        found = read(_text(value))
    except Unanswerable as error:
        raise BrokenInput(str(error)) from None
    if text_of(found) != (kind, value) or (kind == "number" and found.is_signed()):
        raise BrokenInput(f"expected a {kind} as a literal is written, without a sign")
    return Constant(found)


_LITERALS: dict[str, Callable[[str], Any]] = {
    "number": parse_number,
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


def _name(node: Json) -> Name:
    _keys(node, "name")
    return Name(_text(node["name"]))


def _path(node: Json) -> Path:
    _keys(node, "name", "args")
    return Path(_exprs(node, 1)[0], _text(node["name"]))


def _pair(kind: type[Arithmetic] | type[Compare]) -> Callable[[Json], Expr]:
    def read(node: Json) -> Expr:
        _keys(node, "args")
        left, right = _exprs(node, 2)
        return kind(node["op"], left, right)

    return read


def _plain(kind: Callable[..., Expr], count: int) -> Callable[[Json], Expr]:
    """Nodes that are nothing but their parts."""

    def read(node: Json) -> Expr:
        _keys(node, "args")
        return kind(*_exprs(node, count))

    return read


def _logic(node: Json) -> Logic:
    _keys(node, "args")
    return Logic(node["op"], _exprs(node, 2, 0))


def _membership(node: Json) -> Membership:
    _keys(node, "args")
    value, *tests = _below(node, 2, 0)
    return Membership(_expr(value), _tests(tests))


def _tests(trees: Sequence[_Tree]) -> tuple[UnaryTest, ...]:
    tests = tuple(one for one in trees if isinstance(one, UnaryTest))
    if len(tests) < len(trees):
        raise BrokenInput("expected tests in a node")
    return tests


def _test(node: Json) -> UnaryTest:
    _keys(node, "test", "args")
    op, operand = node["test"], _exprs(node, 1)[0]
    if op not in ("in", "holds", "=", "!=", "<", "<=", ">", ">="):
        raise BrokenInput("expected a known test")
    if op in ("in", "holds") and reads_input(operand) != (op == "holds"):
        raise BrokenInput("expected the test `holds` where the input value is read, and only there")
    return UnaryTest(op, operand)


def _cell(node: Json) -> Cell:
    _keys(node, "negated", "args")
    negated = _flag(node["negated"])
    return Cell(_tests(_below(node, int(negated), 0)), negated)


def _range(node: Json) -> RangeOf:
    _keys(node, "low", "high", "low_closed", "high_closed", "args")
    low, high, low_closed, high_closed = (
        _flag(node[key]) for key in ("low", "high", "low_closed", "high_closed")
    )  # fmt: skip
    if not (low or high) or (low_closed and not low) or (high_closed and not high):
        raise BrokenInput("expected an end of a range, and none closed that is not there")
    ends = _exprs(node, low + high)
    return RangeOf(ends[0] if low else None, ends[-1] if high else None, low_closed, high_closed)


def _list_of(node: Json) -> ListOf:
    _keys(node, "args")
    return ListOf(_exprs(node, 0, 0))


def _argument_names(node: Json, count: int) -> tuple[str, ...]:
    names = _texts(node.get("names", []))
    if "names" in node and (not names or len(names) != count):
        raise BrokenInput("expected as many names as arguments")
    return names


def _call(node: Json) -> Call:
    _keys(node, "function", "args", maybe=("names",))
    function, arguments = _text(node["function"]), _exprs(node, 0, 0)
    if function not in STANDARD:
        raise BrokenInput(f"expected a standard function, found `{function[:40]}`")
    return Call(function, arguments, _argument_names(node, len(arguments)))


def _invoke(node: Json) -> Invoke:
    _keys(node, "args", maybe=("names",))
    callee, *arguments = _exprs(node, 1, 0)
    return Invoke(callee, tuple(arguments), _argument_names(node, len(arguments)))


def _input(node: Json) -> InputValue:
    _keys(node)
    return InputValue()


def _each(node: Json) -> Iteration:
    _keys(node, "name", "args")
    source, *last = _exprs(node, 1, 2)
    return Iteration(_text(node["name"]), source, last[0] if last else None)


def _loop(node: Json) -> Expr:
    _keys(node, "args")
    *iterations, body = _below(node, 2, 0)
    each = tuple(one for one in iterations if isinstance(one, Iteration))
    if len(each) < len(iterations):
        raise BrokenInput(f"expected variables in `{node['op']}`")
    if node["op"] == "for":
        return For(each, _expr(body))
    return Quantified(node["op"], each, _expr(body))


def _instance_of(node: Json) -> InstanceOf:
    _keys(node, "type", "args")
    return InstanceOf(_exprs(node, 1)[0], _type(node["type"]))


def _type(value: Any) -> Type:
    kind = read_type(_text(value))
    if type_text(kind) != value:
        raise BrokenInput(f"expected a type as it is written, `{type_text(kind)}`")
    return kind


def _function(node: Json) -> FunctionOf:
    _keys(node, "parameters", "args")
    parameters = []
    for one in _list(node["parameters"]):
        if not isinstance(one, dict) or one.keys() != {"name", "type"}:
            raise BrokenInput("expected parameters of a name and a type")
        parameters.append(Parameter(_text(one["name"]), _type(one["type"])))
    _texts([one.name for one in parameters])
    return FunctionOf(tuple(parameters), _exprs(node, 1)[0])


def _context(node: Json) -> ContextOf:
    _keys(node, "names", "args")
    names, values = _texts(node["names"]), _exprs(node, 0, 0)
    if len(names) != len(values):
        raise BrokenInput("expected as many names as entries")
    return ContextOf(names, values)


_READ: dict[str, Callable[[Json], _Tree]] = {
    "literal": _literal,
    "name": _name,
    "path": _path,
    "negate": _plain(Negation, 1),
    **dict.fromkeys(("+", "-", "*", "/", "**"), _pair(Arithmetic)),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), _pair(Compare)),
    "and": _logic,
    "or": _logic,
    "between": _plain(Between, 3),
    "in": _membership,
    "range": _range,
    "list": _list_of,
    "if": _plain(If, 3),
    "call": _call,
    "test": _test,
    "tests": _cell,
    "invoke": _invoke,
    "input": _input,
    "filter": _plain(Filter, 2),
    "for": _loop,
    "some": _loop,
    "every": _loop,
    "each": _each,
    "instance of": _instance_of,
    "function": _function,
    "context": _context,
}
