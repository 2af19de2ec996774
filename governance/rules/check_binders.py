"""Static types of the nodes that bind names: contexts, loops, filters, functions. See `check`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from governance.rules import types
from governance.rules.expression_texts import say
from governance.rules.scope import ITEM, PARTIAL
from governance.rules.syntax import (
    ContextOf,
    Expr,
    Filter,
    For,
    FunctionOf,
    InputValue,
    InstanceOf,
    Invoke,
    Iteration,
    Name,
    Quantified,
)
from governance.rules.types import ANY, BOOLEAN, NUMBER, Type, kind
from ledger.wording import Wording, as_it_is


class Checker(Protocol):
    """What is asked of the checker of a scope, see `check.Checker`."""

    @property
    def scope(self) -> Mapping[str, Type]: ...
    @property
    def tested(self) -> Type | None: ...
    @property
    def converts(self) -> bool: ...
    @property
    def is_open(self) -> bool: ...
    def find(self, message: str, at: int) -> Type: ...
    def type_of(self, expr: Expr) -> Type: ...
    def fits(self, wanted: Type, given: Type) -> bool: ...
    def boolean(self, expr: Expr, where: Wording) -> None: ...
    def inside(self, names: Mapping[str, Type], is_open: bool = False) -> "Checker": ...
    def unknown_function(self, name: str, at: int) -> Type: ...


def _input(checker: Checker, node: InputValue) -> Type:
    if checker.tested is None:
        return checker.find("`?` stands for a value only in a test of it", node.at)
    return checker.tested


def _context(checker: Checker, node: ContextOf) -> Type:
    fields: dict[str, Type] = {}
    for name, value in zip(node.names, node.values, strict=True):
        fields[name] = checker.inside(fields).type_of(value)
    return types.object_of(fields)


def _filter(checker: Checker, node: Filter) -> Type:
    base = checker.type_of(node.base)
    item = (base.item or ANY) if base.name == "list" else base
    inner = checker.inside({ITEM: item, **dict(item.fields or ())}, item.name in ("any", "object") and not item.fields)
    found = inner.type_of(node.condition)
    if kind(found) == "number":
        return item
    if found.name not in ("boolean", "any", "null"):
        return checker.find(say("filter", found=named(found)), node.condition.at)
    return ANY if found.name == "any" else types.list_of(item)


def _loop(checker: Checker, iterations: Iterable[Iteration]) -> Checker:
    """The checker inside a loop."""
    for iteration in iterations:
        checker = checker.inside({iteration.name: _variable(checker, iteration)})
    return checker


def _variable(checker: Checker, node: Iteration) -> Type:
    source = checker.type_of(node.source)
    if node.last is None:
        if source.name in ("list", "range"):
            return source.item or ANY
        if source.name in ("any", "null"):
            return ANY
        if checker.converts:
            return source
        return checker.find(say("list-wanted", found=named(source)), node.source.at)
    kinds = {kind(source), kind(checker.type_of(node.last))} - {"any"}
    if not kinds <= {"number"} and not kinds <= {"date"}:
        return checker.find("expected two numbers or two dates to loop between", node.source.at)
    return source if "date" in kinds else NUMBER if kinds else ANY


def _for(checker: Checker, node: For) -> Type:
    inner = _loop(checker, node.iterations).inside({PARTIAL: types.list_of()})
    return types.list_of(inner.type_of(node.body))


def _quantified(checker: Checker, node: Quantified) -> Type:
    _loop(checker, node.iterations).boolean(node.condition, as_it_is(f"`{node.op} ... satisfies`"))
    return BOOLEAN


def _instance_of(checker: Checker, node: InstanceOf) -> Type:
    checker.type_of(node.value)
    return BOOLEAN


def _function(checker: Checker, node: FunctionOf) -> Type:
    inner = checker.inside({one.name: one.type for one in node.parameters})
    return types.function_of([one.type for one in node.parameters], inner.type_of(node.body))


def _invoke(checker: Checker, node: Invoke) -> Type:
    found = [checker.type_of(argument) for argument in node.arguments]
    callee = node.callee
    if isinstance(callee, Name) and callee.name not in checker.scope and not checker.is_open:
        return checker.unknown_function(callee.name, callee.at)
    function = checker.type_of(callee)
    if function.name not in ("function", "any"):
        return checker.find(say("function-wanted", found=named(function)), callee.at)
    wanted = function.parameters
    if wanted is None:
        return function.item or ANY
    if len(wanted) != len(found):
        return checker.find(say("arguments-counted", wanted=len(wanted), found=len(found)), node.at)
    if not node.names:  # by name: nobody knows here which is which
        for argument, one, kind_wanted in zip(node.arguments, found, wanted, strict=True):
            if not checker.fits(kind_wanted, one):
                checker.find(say("argument-of-wrong-type", wanted=named(kind_wanted), found=named(one)), argument.at)
    return function.item or ANY


BINDERS: Mapping[type, Callable[[Checker, Any], Type]] = {
    InputValue: _input,
    ContextOf: _context,
    Filter: _filter,
    For: _for,
    Quantified: _quantified,
    InstanceOf: _instance_of,
    FunctionOf: _function,
    Invoke: _invoke,
}


def named(found: object) -> Wording:
    """A type, as the language names it."""
    return as_it_is(str(found))
