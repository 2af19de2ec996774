"""Closures of the nodes that bind names: contexts, loops, filters, functions. See `closures`.

A context inside is a copy with the names laid over it, made once for each source of a loop: only where a function is
written inside, which keeps what it sees, every iteration has a copy of its own. What is evaluated again pays for the
nodes it has and the names that are copied.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules import operations as ops
from governance.rules.conform import converted, is_instance
from governance.rules.env import INPUT, Context, budget_in, inner, walk_paid
from governance.rules.errors import Unanswerable
from governance.rules.limits import CONTAINERS, Budget, weight_of
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
from governance.rules.walk import levels_of, nodes_of

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
        budget = budget_in(context)
        budget.spend(1 + len(context) // 16)
        inside = inner(context, {}, budget)
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
    """Items for which the condition is true, or the one item of a number (DMN 1.5, section 10.3.2.5). The entries of an
    item stand before `item`, one of that name too."""
    base, condition = runs
    keeps = _is_kept(node.condition)
    cost = _cost_of(node.condition)

    def run(context: Context) -> Any:
        given = base(context)
        if given is None:
            return None
        items = given if kind_of(given) == "list" else (given,)
        budget = budget_in(context)
        copied = cost + len(context) // 16
        kept = []
        for number, item in enumerate(items):
            budget.spend(copied + limits.cost_of(item) if type(item) is dict else copied)
            inside = inner(context, {ITEM: item, **item} if type(item) is dict else {ITEM: item}, budget)
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
    cost = _cost_of(node.body)
    keeps, wants_partial = _holds_function(node.body), _reads_any(frozenset((PARTIAL,)))(node.body)

    def run(context: Context) -> Any:
        budget = budget_in(context)
        results: list[Any] = []
        for inside in _combinations(inner(context, {}, budget), names, sources, cost):
            here = _copied(inside, budget) if keeps else inside
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
    cost, keeps = _cost_of(node.condition), _holds_function(node.condition)

    def run(context: Context) -> Any:
        budget = budget_in(context)
        result: bool | None = not decides
        for inside in _combinations(inner(context, {}, budget), names, sources, cost):
            found = condition(_copied(inside, budget) if keeps else inside)
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


def _items(value: Any) -> Iterable[Any]:
    if value is None:
        raise _NoList
    kind = kind_of(value)
    if kind == "list":
        items: Sequence[Any] = value
        return items
    if kind == "range":
        return _of_range(value)
    return (value,)


def _of_range(span: Range) -> Iterable[Any]:
    if span.low is None or span.high is None or not (span.low_closed and span.high_closed):
        raise Unanswerable("expected a range with both ends to loop over")
    return _span(span.low, span.high)


def _span(first: Any, last: Any) -> Iterable[Any]:
    """Whole numbers or days from one to the other, down where the first is greater; each made when it is its turn."""
    if type(first) in NUMBER_TYPES and type(last) in NUMBER_TYPES:
        if first != int(first) or last != int(last):
            raise Unanswerable("expected whole numbers to loop over")
        limits.bounded_list(abs(int(last) - int(first)) + 1)
        step = 1 if first <= last else -1
        return map(Decimal, range(int(first), int(last) + step, step))
    if type(first) is date and type(last) is date:
        days = (last - first).days
        limits.bounded_list(abs(days) + 1)
        return (first + timedelta(number if days >= 0 else -number) for number in range(abs(days) + 1))
    if kind_of(first) == kind_of(last) == "date":
        raise Unanswerable("expected years from 1 to 9999 to loop over days")
    raise _NoList


def _combinations(
    outside: dict[str, Any], names: Sequence[str], sources: Sequence[Run], cost: int
) -> Iterator[dict[str, Any]]:
    """The context of every combination, the last variable fastest; a later source sees earlier variables, an earlier
    one nothing of later. The same context is laid over again where only the last variable changes."""
    budget, last = budget_in(outside), len(names) - 1
    running = [(iter(sources[0](outside)), outside)]
    while running:
        at = len(running) - 1
        values, inside = running[at]
        for value in values:
            budget.spend(cost)
            inside[names[at]] = value
            if at == last:
                yield inside
                continue
            running.append((iter(sources[at + 1](inside)), _copied(inside, budget)))
            break
        else:
            running.pop()


def _copied(context: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    budget.spend(1 + len(context) // 2)
    return dict(context)


def _cost_of(repeated: Part) -> int:
    """The steps of evaluating a part once more."""
    return 2 + nodes_of(repeated) // 3


def _holds_function(node: Part) -> bool:
    return isinstance(node, FunctionOf) or any(map(_holds_function, children(node)))


def instance_of(node: InstanceOf, runs: Sequence[Run], _currency: str | None) -> Run:
    """Whether the value is of the type."""
    value, kind = runs[0], node.type

    def run(context: Context) -> Any:
        given = value(context)
        if type(given) in CONTAINERS:
            walk_paid(context, given)
        return is_instance(given, kind)

    return run


def function_of(node: FunctionOf, runs: Sequence[Run], _currency: str | None) -> Run:
    """A function that sees what stands around it."""
    names = tuple(one.name for one in node.parameters)
    types = tuple(one.type for one in node.parameters)
    body, cost, levels = runs[0], 6 + _cost_of(node.body), levels_of(node.body)

    def run(context: Context) -> Any:
        around = _copied(context, budget_in(context))
        copied = cost + len(around) // 16

        def called(arguments: Sequence[Any], budget: Budget) -> Any:
            budget.spend(copied)
            budget.enter(levels)
            try:
                return body(inner(around, dict(zip(names, arguments, strict=True)), budget))
            finally:
                budget.leave(levels)

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
    for value, kind in zip(given, function.types, strict=True):
        if type(value) in CONTAINERS and kind.name != "any":
            budget.spend(weight_of(value))
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
