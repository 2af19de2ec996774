"""A slow direct interpreter: walks the tree, prepares nothing, pays for nothing, has no fast ways. The oracle of the
compiler, and written apart from it: its loops are recursion, its names lie in one context for each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from governance.rules import limits
from governance.rules import operations as ops
from governance.rules.conform import converted, is_instance
from governance.rules.env import INPUT, Env
from governance.rules.errors import Unanswerable
from governance.rules.functions import invoke
from governance.rules.signatures import arranged, way_named
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
    children,
)
from governance.rules.values import Function, Range, kind_of

Context = Mapping[Any, Any]


def evaluate(expr: Expr, context: Context, currency: str | None) -> Any:
    def value(node: Expr) -> Any:
        return evaluate(node, context, currency)

    match expr:
        case Constant(value=known):
            return known
        case Name(name=name):
            return context.get(name)
        case Path(base=base, name=name):
            return ops.property_of(value(base), name)
        case Negation(operand=operand):
            return ops.negate(value(operand))
        case Arithmetic(op=op, left=left, right=right):
            return ops.arithmetic(op, value(left), value(right), currency)
        case Compare(op=op, left=left, right=right):
            return ops.compare(op, value(left), value(right), currency)
        case Logic(op=op, operands=operands):
            return logic(op, [lambda node=node: value(node) for node in operands])
        case Between(value=asked, low=low, high=high):
            given, least, most = value(asked), value(low), value(high)
            above = ops.compare(">=", given, least, currency)
            return kleene("and", above, ops.compare("<=", given, most, currency))
        case Membership(value=asked, tests=tests):
            return passes(Cell(tests), value(asked), context, currency)
        case RangeOf(low=low_end, high=high_end):
            closed = expr.low_closed, expr.high_closed
            if low_end is not None and high_end is not None:
                return ops.make_range(value(low_end), value(high_end), closed, currency)
            end = low_end if low_end is not None else high_end
            assert end is not None
            return ops.half_range(value(end), low_end is None, closed, currency)
        case ListOf(items=items):
            return tuple(value(item) for item in items)
        case If(condition=condition, then=then, otherwise=otherwise):
            return value(then if ops.as_boolean(value(condition)) is True else otherwise)
        case Call(function=function, arguments=arguments, names=names):
            if not names:
                return invoke(function, [value(argument) for argument in arguments], Env(currency))
            order = arranged(function, names)
            if order is None:
                return None
            given = [None if at is None else value(arguments[at]) for at in order]
            return invoke(function, given, Env(currency), way_named(function, names))
        case _:
            return binding(expr, context, currency)


def binding(expr: Expr, context: Context, currency: str | None) -> Any:
    def value(node: Expr, **names: Any) -> Any:
        return evaluate(node, {**context, **names}, currency)

    match expr:
        case InputValue():
            return context.get(INPUT)
        case ContextOf(names=names, values=values):
            made: dict[str, Any] = {}
            for name, entry in zip(names, values, strict=True):
                made[name] = evaluate(entry, {**context, **made}, currency)
            return made
        case InstanceOf(value=asked, type=kind):
            return is_instance(value(asked), kind)
        case FunctionOf(parameters=parameters, body=body):
            names = tuple(one.name for one in parameters)

            def run(arguments: Sequence[Any], _budget: Any) -> Any:
                return evaluate(body, {**context, **dict(zip(names, arguments, strict=True))}, currency)

            return Function(names, tuple(one.type for one in parameters), run)
        case Invoke():
            return invoked(expr, context, currency)
        case Filter(base=base, condition=condition):
            return filtered(value(base), condition, context, currency)
        case For(iterations=iterations, body=body):
            results: list[Any] = []

            def collect(inside: Context) -> bool:
                results.append(evaluate(body, {**inside, "partial": tuple(results)}, currency))
                return False

            return None if each(iterations, context, currency, collect) is None else tuple(results)
        case Quantified(op=op, iterations=iterations, condition=condition):
            found: list[bool | None] = []

            def decide(inside: Context) -> bool:
                found.append(ops.as_boolean(evaluate(condition, inside, currency)))
                return found[-1] is (op == "some")

            if each(iterations, context, currency, decide) is None:
                return None
            return logic("or" if op == "some" else "and", [lambda one=one: one for one in found])
    raise AssertionError(expr)


def each(
    iterations: Sequence[Iteration], context: Context, currency: str | None, visit: Callable[[Context], bool]
) -> bool | None:
    """Every combination until a visit says that it is the last. None: something was no list."""
    if not iterations:
        return visit(context)
    first = iterations[0]
    source = evaluate(first.source, context, currency)
    if first.last is not None:
        source = Range(source, evaluate(first.last, context, currency), True, True)
    members = spread(source)
    if members is None:
        return None
    for member in members:
        done = each(iterations[1:], {**context, first.name: member}, currency, visit)
        if done is not False:
            return done
    return False


def spread(source: Any) -> list[Any] | None:
    if source is None:
        return None
    if type(source) is not Range:
        return list(source) if kind_of(source) == "list" else [source]
    low, high = source.low, source.high
    if not (source.low_closed and source.high_closed):
        raise Unanswerable("a range without an end")
    kinds = kind_of(low), kind_of(high)
    if kinds == ("date", "date"):
        return [date.fromordinal(day) for day in between(low.toordinal(), high.toordinal())]
    if kinds != ("number", "number"):
        return None
    if low % 1 or high % 1:
        raise Unanswerable("no whole numbers")
    return [Decimal(number) for number in between(int(low), int(high))]


def between(first: int, last: int) -> list[int]:
    limits.bounded_list(abs(last - first) + 1)
    return list(range(first, last + 1)) if first <= last else list(reversed(range(last, first + 1)))


def filtered(given: Any, condition: Expr, context: Context, currency: str | None) -> Any:
    if given is None:
        return None
    items = list(given) if kind_of(given) == "list" else [given]
    if not items:
        test = isinstance(condition, Compare | Logic | Between | Membership | Quantified | InstanceOf)
        found = None if test else evaluate(condition, {**context, "item": None}, currency)
        return None if found is not None and kind_of(found) == "number" else ()
    kept = []
    for number, item in enumerate(items):
        names = item if kind_of(item) == "object" else {}
        found = evaluate(condition, {**context, "item": item, **names}, currency)
        if number == 0 and kind_of(found) == "number":
            place = found if found > 0 else len(items) + 1 + found
            return items[int(place) - 1] if place % 1 == 0 and 1 <= place <= len(items) else None
        kept += [item] if found is True else []
    return tuple(kept)


def reads(node: Any, name: str) -> bool:
    return (
        getattr(node, "name", "") == name
        or isinstance(node, FunctionOf)
        or any(reads(child, name) for child in children(node))
    )


def invoked(expr: Invoke, context: Context, currency: str | None) -> Any:
    function = evaluate(expr.callee, context, currency)
    given = [evaluate(argument, context, currency) for argument in expr.arguments]
    if kind_of(function) != "function" or len(given) != len(function.parameters):
        return None
    if expr.names:
        if sorted(expr.names) != sorted(function.parameters):
            return None
        named = dict(zip(expr.names, given, strict=True))
        given = [named[name] for name in function.parameters]
    fitting = [converted(one, kind) for one, kind in zip(given, function.types, strict=True)]
    if any(fit is None and one is not None for fit, one in zip(fitting, given, strict=True)):
        return None
    return function.run(fitting, limits.Budget())


def passes(tests: Cell, given: Any, context: Context, currency: str | None) -> bool | None:
    result: bool | None = False
    if not tests.tests:
        return True
    for test in tests.tests:
        if result is True:
            break
        if test.op == "holds":
            result = kleene("or", result, ops.as_boolean(evaluate(test.operand, {**context, INPUT: given}, currency)))
            continue
        operand = evaluate(test.operand, context, currency)
        if operand is None and test.op == "in" and not isinstance(test.operand, Constant):
            result = kleene("or", result, None)
            continue
        result = kleene("or", result, ops.satisfies(test.op, given, operand, currency))
    return (None if result is None else not result) if tests.negated else result


def logic(op: str, operands: list[Any]) -> bool | None:
    """Left to right, until decided."""
    result: bool | None = op == "and"
    for operand in operands:
        result = kleene(op, result, ops.as_boolean(operand()))
        if result is (op == "or"):
            break
    return result


def kleene(op: str, left: bool | None, right: bool | None) -> bool | None:
    decides = op == "or"
    if left is decides or right is decides:
        return decides
    return None if left is None or right is None else not decides
