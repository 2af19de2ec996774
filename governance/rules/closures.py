"""One closure for each node of a tree. Fast where the kinds are plain, through `operations` everywhere else.

The fast ways ask `type(x) is`, so that a boolean is never taken for a number nor a date and time for a date. A node
that reads no data is computed once, when compiled, unless it has no answer.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from governance.rules import binders
from governance.rules import operations as ops
from governance.rules.env import BUDGET, INPUT, MOMENT, Env, budget_in, inner, walk_paid
from governance.rules.errors import RuleError
from governance.rules.functions import invoke
from governance.rules.limits import CONTAINERS, Budget, cost_of, cost_of_call, cost_of_result
from governance.rules.signatures import MOMENTS, arranged, way_named
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
    Path,
    Quantified,
    RangeOf,
    UnaryTest,
    children,
)
from governance.rules.syntax import Part as Node
from governance.rules.values import NUMBER_TYPES, Range

Run = Callable[[Mapping[str, Any]], Any]
RunTest = Callable[[Mapping[str, Any], Any], Any]
Currency = str | None


class Part(NamedTuple):
    """A compiled node; `value` is known beforehand when `constant`."""

    run: Run
    constant: bool = False
    value: Any = None


Parts = tuple[Part, ...]


def closure_of(expr: Expr, currency: Currency) -> Run:
    """The closure that evaluates an expression over a mapping of names to values."""
    run = _part(expr, currency).run
    if not repeats(expr):
        return run
    return lambda context: run(context if BUDGET in context else {**context, BUDGET: Budget()})


def repeats(node: Node | Cell) -> bool:
    """Whether something may be evaluated more than once, or a value made stand in several places. What does neither is
    bounded by the number of nodes and the size of the data."""
    return isinstance(node, _PAYING) or any(map(repeats, children(node)))


def closure_of_tests(tests: Cell, currency: Currency) -> RunTest:
    """The closure of a cell: True when the value passes. No tests at all pass everything."""
    if not tests.tests:
        return lambda _context, _value: True
    holds = _any_of([_test(test, _part(test.operand, currency), currency) for test in tests.tests])
    if repeats(tests):
        holds = _metered(holds)
    if not tests.negated:
        return holds

    def negated(context: Mapping[str, Any], value: Any) -> Any:
        found = holds(context, value)
        return None if found is None else not found

    return negated


def _metered(holds: RunTest) -> RunTest:
    return lambda context, value: holds(context if BUDGET in context else {**context, BUDGET: Budget()}, value)


def _part(node: Node, currency: Currency) -> Part:
    if isinstance(node, UnaryTest):
        return _part(node.operand, currency)
    parts = tuple(_part(child, currency) for child in children(node))
    bind = _BIND.get(type(node))
    if bind is not None:
        return Part(bind(node, [part.run for part in parts], currency))
    run = _BUILD[type(node)](node, parts, currency)
    if isinstance(node, Name) or not all(part.constant for part in parts):
        return Part(run)
    try:
        value = run({})
    except RuleError:
        return Part(run)  # raises again whenever it is evaluated, and only then
    return Part(lambda _context: value, constant=True, value=value)


def _constant(expr: Constant, _parts: Parts, _currency: Currency) -> Run:
    value = expr.value
    return lambda _context: value


def _name(expr: Name, _parts: Parts, _currency: Currency) -> Run:
    name = expr.name
    return lambda context: context.get(name)


def _path(expr: Path, parts: Parts, _currency: Currency) -> Run:
    name, base = expr.name, parts[0].run
    property_of = ops.property_of
    if isinstance(expr.base, Name):
        root = expr.base.name

        def of_root(context: Mapping[str, Any]) -> Any:
            value = context.get(root)
            return value.get(name) if type(value) is dict else property_of(value, name)

        return of_root

    def of_value(context: Mapping[str, Any]) -> Any:
        value = base(context)
        return value.get(name) if type(value) is dict else property_of(value, name)

    return of_value


def _negation(_expr: Negation, parts: Parts, _currency: Currency) -> Run:
    operand, negate = parts[0].run, ops.negate
    return lambda context: negate(operand(context))


def _arithmetic(expr: Arithmetic, parts: Parts, currency: Currency) -> Run:
    op, numeric, slow = expr.op, ops.NUMERIC[expr.op], ops.arithmetic
    left, right = parts[0].run, parts[1].run

    def run(context: Mapping[str, Any]) -> Any:
        a, b = left(context), right(context)
        if type(a) in NUMBER_TYPES and type(b) in NUMBER_TYPES:
            try:
                return numeric(a, b)
            except ArithmeticError:
                pass  # the slow way says which: null or a limit
        found = slow(op, a, b, currency)
        if type(found) is str and BUDGET in context:
            context[BUDGET].spend(cost_of(found))
        return found

    return run


def _compare(expr: Compare, parts: Parts, currency: Currency) -> Run:
    op, plain, slow = expr.op, ops.COMPARISONS[expr.op], ops.compare
    left, right = parts
    get, other = left.run, right.run
    if right.constant and (type(right.value) in NUMBER_TYPES or type(right.value) is str):
        known = right.value
        kinds = frozenset((str,)) if type(known) is str else NUMBER_TYPES
        if isinstance(expr.left, Name):
            name = expr.left.name

            def name_with_constant(context: Mapping[str, Any]) -> Any:
                a = context.get(name)
                return plain(a, known) if type(a) in kinds else slow(op, a, known, currency)

            return name_with_constant

        def with_constant(context: Mapping[str, Any]) -> Any:
            a = get(context)
            return plain(a, known) if type(a) in kinds else slow(op, a, known, currency)

        return with_constant

    def run(context: Mapping[str, Any]) -> Any:
        a, b = get(context), other(context)
        if type(a) in NUMBER_TYPES and type(b) in NUMBER_TYPES:
            return plain(a, b)
        if type(a) in CONTAINERS and type(b) in CONTAINERS:
            walk_paid(context, a, b)
        return slow(op, a, b, currency)

    return run


def _logic(expr: Logic, parts: Parts, _currency: Currency) -> Run:
    """Left to right; the first operand that decides ends it, so that a later one is not evaluated."""
    runs = tuple(part.run for part in parts)
    decides, otherwise = (False, True) if expr.op == "and" else (True, False)
    as_boolean = ops.as_boolean

    def run(context: Mapping[str, Any]) -> Any:
        result: bool | None = otherwise
        for operand in runs:
            value = operand(context)
            if value is decides:
                return decides
            if value is not otherwise:
                as_boolean(value)
                result = None
        return result

    return run


def _between(_expr: Between, parts: Parts, currency: Currency) -> Run:
    value, low, high = (part.run for part in parts)
    compare, conjunction = ops.compare, ops.conjunction

    def run(context: Mapping[str, Any]) -> Any:
        given, least, most = value(context), low(context), high(context)
        if type(given) in NUMBER_TYPES and type(least) in NUMBER_TYPES and type(most) in NUMBER_TYPES:
            return least <= given <= most
        return conjunction([compare(">=", given, least, currency), compare("<=", given, most, currency)])

    return run


def _membership(expr: Membership, parts: Parts, currency: Currency) -> Run:
    value = parts[0].run
    made = [_test(test, part, currency) for test, part in zip(expr.tests, parts[1:], strict=True)]
    holds = _any_of(made)
    return lambda context: holds(context, value(context))


def _any_of(tests: list[RunTest]) -> RunTest:
    if len(tests) == 1:
        return tests[0]
    several = tuple(tests)

    def run(context: Mapping[str, Any], value: Any) -> Any:
        result: bool | None = False
        for test in several:
            found = test(context, value)
            if found is True:
                return True
            if found is None:
                result = None
        return result

    return run


def _test(test: UnaryTest, part: Part, currency: Currency) -> RunTest:
    """One unary test; the operands people write are literals, so those are prepared."""
    op, operand, satisfies = test.op, part.run, ops.satisfies
    if op == "holds":
        return lambda context, value: ops.as_boolean(operand(inner(context, {INPUT: value}, budget_in(context))))
    if not part.constant:

        def against(context: Mapping[str, Any], value: Any) -> Any:
            found = operand(context)
            if type(found) in CONTAINERS:
                walk_paid(context, found, value)
            return satisfies(op, value, _present(op, found), currency)

        return against
    known = part.value if isinstance(test.operand, Constant) else _present(op, part.value)
    if type(known) in NUMBER_TYPES or type(known) is str:
        return _against_literal(op, known, currency)
    if op == "in" and type(known) is Range:
        return _against_range(known, currency)
    if op == "in" and type(known) is tuple and known and all(type(member) is str for member in known):
        members = frozenset(known)

        def one_of(_context: Mapping[str, Any], value: Any) -> Any:
            return value in members if type(value) is str else satisfies("in", value, known, currency)

        return one_of
    return lambda _context, value: satisfies(op, value, known, currency)


def _present(op: str, operand: Any) -> Any:
    """A list or range that turns out null holds nothing and is not the test `null` (only that one, written, is)."""
    return ops.NOT_KNOWN if operand is None and op == "in" else operand


def _against_literal(op: str, known: Any, currency: Currency) -> RunTest:
    plain, satisfies = ops.COMPARISONS["=" if op == "in" else op], ops.satisfies
    kinds = frozenset((str,)) if type(known) is str else NUMBER_TYPES

    def run(_context: Mapping[str, Any], value: Any) -> Any:
        return plain(value, known) if type(value) in kinds else satisfies(op, value, known, currency)

    return run


def _against_range(span: Range, currency: Currency) -> RunTest:
    low, high, in_range = span.low, span.high, ops.in_range
    if type(low) not in NUMBER_TYPES or type(high) not in NUMBER_TYPES:
        return lambda _context, value: in_range(value, span, currency)
    above, below = ops.COMPARISONS[">=" if span.low_closed else ">"], ops.COMPARISONS["<=" if span.high_closed else "<"]

    def run(_context: Mapping[str, Any], value: Any) -> Any:
        if type(value) in NUMBER_TYPES:
            return above(value, low) and below(value, high)
        return in_range(value, span, currency)

    return run


def _range(expr: RangeOf, parts: Parts, currency: Currency) -> Run:
    closed = expr.low_closed, expr.high_closed
    make, half = ops.make_range, ops.half_range
    if expr.low is not None and expr.high is not None:
        low, high = parts[0].run, parts[1].run
        return lambda context: make(low(context), high(context), closed, currency)
    end, upper = parts[0].run, expr.low is None
    return lambda context: half(end(context), upper, closed, currency)


def _list(_expr: ListOf, parts: Parts, _currency: Currency) -> Run:
    runs = tuple(part.run for part in parts)
    return lambda context: tuple([run(context) for run in runs])


def _if(_expr: If, parts: Parts, _currency: Currency) -> Run:
    condition, then, otherwise = (part.run for part in parts)
    as_boolean = ops.as_boolean
    return lambda context: then(context) if as_boolean(condition(context)) is True else otherwise(context)


def _call(expr: Call, parts: Parts, currency: Currency) -> Run:
    name, runs = expr.function, tuple(part.run for part in parts)
    if expr.names:
        order = arranged(name, expr.names)
        if order is None:
            return lambda _context: None  # names that the function does not have: the standard's null
        runs = tuple(_null if number is None else runs[number] for number in order)
    way = way_named(name, expr.names) if expr.names else None
    if name in MOMENTS:
        return lambda context: invoke(name, [run(context) for run in runs], Env(currency, moment=context.get(MOMENT)))

    def run(context: Mapping[str, Any]) -> Any:
        arguments = [argument(context) for argument in runs]
        budget: Budget | None = context.get(BUDGET)
        if budget is None:
            return invoke(name, arguments, Env(currency), way)
        budget.spend(cost_of_call(name, arguments))
        found = invoke(name, arguments, Env(currency, budget), way)
        budget.spend(cost_of_result(name, found))
        return found

    return run


def _null(_context: Mapping[str, Any]) -> None:
    return None


_PAYING = (Invoke, Filter, For, Quantified, FunctionOf, ContextOf)

_BUILD: dict[type, Callable[..., Run]] = {
    Constant: _constant,
    Name: _name,
    Path: _path,
    Negation: _negation,
    Arithmetic: _arithmetic,
    Compare: _compare,
    Logic: _logic,
    Between: _between,
    Membership: _membership,
    RangeOf: _range,
    ListOf: _list,
    If: _if,
    Call: _call,
}
_BIND: dict[type, Callable[..., Run]] = {
    Invoke: binders.invoke_of,
    InputValue: binders.input_value,
    Filter: binders.filter_of,
    Iteration: binders.iteration_of,
    For: binders.for_loop,
    Quantified: binders.quantified,
    InstanceOf: binders.instance_of,
    FunctionOf: binders.function_of,
    ContextOf: binders.context_of,
}
