"""Closures of the nodes that bind names: contexts, loops, filters, functions. See `closures`.

A context inside is a copy with the names laid over it, made once for a loop: only where a function is written inside,
which keeps what it sees, every iteration has a copy of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules import operations as ops
from governance.rules.conform import converted, is_instance
from governance.rules.env import INPUT, Context, budget_in, inner
from governance.rules.errors import Unanswerable
from governance.rules.limits import Budget
from governance.rules.scope import ITEM, PARTIAL
from governance.rules.syntax import (
    ContextOf,
    Filter,
    For,
    FunctionOf,
    InputValue,
    InstanceOf,
    Invoke,
    Iteration,
    Part,
    Quantified,
    children,
)
from governance.rules.values import NUMBER_TYPES, Function, Range, kind_of

Run = Callable[[Mapping[str, Any]], Any]


def input_value(_node: InputValue, _runs: Sequence[Run], _currency: str | None) -> Run:
    """The value a test is asked about."""
    return lambda context: context.get(INPUT)


def context_of(node: ContextOf, runs: Sequence[Run], _currency: str | None) -> Run:
    """Entries in order, each seeing those before it."""
    entries = tuple(zip(node.names, runs, strict=True))
    is_plain = not any(map(_reads_any(frozenset(node.names)), node.values))

    def plain(context: Context) -> Any:
        return {name: run(context) for name, run in entries}

    def run(context: Context) -> Any:
        inside = inner(context, {}, budget_in(context))
        value: dict[str, Any] = {}
        for name, entry in entries:
            inside[name] = value[name] = entry(inside)
        return value

    return plain if is_plain else run


def _reads_any(names: frozenset[str]) -> Callable[[Part], bool]:
    def reads(node: Part) -> bool:
        return getattr(node, "name", None) in names or isinstance(node, FunctionOf) or any(map(reads, children(node)))

    return reads


def filter_of(node: Filter, runs: Sequence[Run], _currency: str | None) -> Run:
    """Items for which the condition is true, or the one item of a number (DMN 1.5, section 10.3.2.5)."""
    base, condition = runs
    keeps = _is_kept(node.condition)

    def run(context: Context) -> Any:
        given = base(context)
        if given is None:
            return None
        items = given if kind_of(given) == "list" else (given,)
        budget = budget_in(context)
        kept = []
        for number, item in enumerate(items):
            inside = inner(context, {**item, ITEM: item} if type(item) is dict else {ITEM: item}, budget)
            budget.spend(2)
            found = condition(inside)
            if number == 0 and type(found) in NUMBER_TYPES:
                return _item_at(items, found)
            if found is True:
                kept.append(item)
        if not items and not keeps:
            return _item_at((), 1) if type(condition(inner(context, {ITEM: None}, budget))) in NUMBER_TYPES else ()
        return tuple(kept)

    return run


def _is_kept(condition: Part) -> bool:
    """Whether a condition is a test by its form, whatever it reads."""
    return type(condition).__name__ in ("Compare", "Logic", "Between", "Membership", "Quantified", "InstanceOf")


def _item_at(items: Sequence[Any], number: Any) -> Any:
    if number != int(number):
        return None
    at = int(number)
    if at == 0 or abs(at) > len(items):
        return None
    return items[at - 1 if at > 0 else at]


def for_loop(node: For, runs: Sequence[Run], _currency: str | None) -> Run:
    """The results of the body, in a list."""
    sources, body = runs[:-1], runs[-1]
    names = tuple(iteration.name for iteration in node.iterations)
    keeps, wants_partial = _holds_function(node.body), _reads_any(frozenset((PARTIAL,)))(node.body)

    def run(context: Context) -> Any:
        budget = budget_in(context)
        inside = inner(context, {}, budget)
        results: list[Any] = []
        for _ in _combinations(inside, names, sources, budget):
            here = dict(inside) if keeps else inside
            if wants_partial:
                here[PARTIAL] = tuple(results)
                budget.spend(len(results))
            found = body(here)
            budget.spend(limits.cost_of(found))
            results.append(found)
            limits.bounded_list(len(results))
        return tuple(results)

    return _null_where_no_list(run)


def quantified(node: Quantified, runs: Sequence[Run], _currency: str | None) -> Run:
    """`some`: true when one is; `every`: false when one is. Else null when one is neither."""
    sources, condition = runs[:-1], runs[-1]
    names = tuple(iteration.name for iteration in node.iterations)
    decides = node.op == "some"
    keeps = _holds_function(node.condition)

    def run(context: Context) -> Any:
        budget = budget_in(context)
        inside = inner(context, {}, budget)
        result: bool | None = not decides
        for _ in _combinations(inside, names, sources, budget):
            found = condition(dict(inside) if keeps else inside)
            if found is decides:
                return decides
            if found is not (not decides):
                ops.as_boolean(found)
                result = None
        return result

    return _null_where_no_list(run)


class _NoList(Exception):
    """A loop over something that is no list and no range: null."""


def _null_where_no_list(run: Run) -> Run:
    def guarded(context: Context) -> Any:
        try:
            return run(context)
        except _NoList:
            return None

    return guarded


def iteration_of(node: Iteration, runs: Sequence[Run], _currency: str | None) -> Run:
    """What a variable runs over."""
    if node.last is None:
        source = runs[0]
        return lambda context: _items(source(context))
    first, last = runs
    return lambda context: _span(first(context), last(context))


def _items(value: Any) -> Sequence[Any]:
    if value is None:
        raise _NoList
    kind = kind_of(value)
    if kind == "list":
        items: Sequence[Any] = value
        return items
    if kind == "range":
        return _of_range(value)
    return (value,)


def _of_range(span: Range) -> Sequence[Any]:
    if span.low is None or span.high is None or not (span.low_closed and span.high_closed):
        raise Unanswerable("expected a range with both ends to loop over")
    return _span(span.low, span.high)


def _span(first: Any, last: Any) -> Sequence[Any]:
    """Whole numbers or days from one to the other, down where the first is greater."""
    if type(first) in NUMBER_TYPES and type(last) in NUMBER_TYPES:
        if first != int(first) or last != int(last):
            raise Unanswerable("expected whole numbers to loop over")
        limits.bounded_list(abs(int(last) - int(first)) + 1)
        step = 1 if first <= last else -1
        return [Decimal(number) for number in range(int(first), int(last) + step, step)]
    if type(first) is date and type(last) is date:
        days = (last - first).days
        limits.bounded_list(abs(days) + 1)
        return [first + timedelta(number if days >= 0 else -number) for number in range(abs(days) + 1)]
    raise _NoList


def _combinations(
    inside: dict[str, Any], names: Sequence[str], sources: Sequence[Run], budget: Budget
) -> Iterator[None]:
    """Lays every combination over `inside`, the last variable fastest; a later source sees earlier variables."""
    if not names:
        yield
        return
    for value in sources[0](inside):
        budget.spend(2)
        inside[names[0]] = value
        yield from _combinations(inside, names[1:], sources[1:], budget)


def _holds_function(node: Part) -> bool:
    return isinstance(node, FunctionOf) or any(map(_holds_function, children(node)))


def instance_of(node: InstanceOf, runs: Sequence[Run], _currency: str | None) -> Run:
    """Whether the value is of the type."""
    value, kind = runs[0], node.type
    return lambda context: is_instance(value(context), kind)


def function_of(node: FunctionOf, runs: Sequence[Run], _currency: str | None) -> Run:
    """A function that sees what stands around it."""
    names = tuple(one.name for one in node.parameters)
    types = tuple(one.type for one in node.parameters)
    body = runs[0]

    def run(context: Context) -> Any:
        around = dict(context)

        def called(arguments: Sequence[Any], budget: Budget) -> Any:
            budget.spend(4)
            budget.enter()
            try:
                return body(inner(around, dict(zip(names, arguments, strict=True)), budget))
            finally:
                budget.leave()

        return Function(names, types, called)

    return run


def invoke_of(node: Invoke, runs: Sequence[Run], _currency: str | None) -> Run:
    """A call of a function that is a value; null where it is none, or where the arguments do not fit."""
    callee, arguments, names = runs[0], tuple(runs[1:]), node.names

    def run(context: Context) -> Any:
        function = callee(context)
        given = [argument(context) for argument in arguments]
        if type(function) is Function:
            return called(function, given, names, budget_in(context))
        if function is not None:
            kind_of(function)
        return None

    return run


def called(function: Function, given: Sequence[Any], names: Sequence[str], budget: Budget) -> Any:
    """A function with arguments, given in order or by name, each converted to its parameter's type."""
    if len(given) != len(function.parameters):
        return None
    if names:
        if set(names) != set(function.parameters):
            return None
        by_name = dict(zip(names, given, strict=True))
        given = [by_name[name] for name in function.parameters]
    fitting = [converted(value, kind) for value, kind in zip(given, function.types, strict=True)]
    if any(fit is None and value is not None for fit, value in zip(fitting, given, strict=True)):
        return None  # an argument that does not conform: the function is not called
    return function.run(fitting, budget)


def items_of(value: Any) -> Iterable[Any] | None:
    """What a loop over a value runs over; None where it is nothing to loop over."""
    try:
        return _items(value)
    except _NoList:
        return None
