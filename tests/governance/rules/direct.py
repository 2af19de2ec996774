"""A slow direct interpreter: walks the tree, prepares nothing, has no fast ways. The oracle of the compiler."""

from collections.abc import Mapping
from typing import Any

from governance.rules import operations as ops
from governance.rules.env import Env
from governance.rules.functions import invoke
from governance.rules.syntax import (
    Arithmetic,
    Between,
    Call,
    Cell,
    Compare,
    Constant,
    Expr,
    If,
    ListOf,
    Logic,
    Membership,
    Name,
    Negation,
    Path,
    RangeOf,
)


def evaluate(expr: Expr, context: Mapping[str, Any], currency: str | None) -> Any:
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
        case Call(function=function, arguments=arguments):
            return invoke(function, [value(argument) for argument in arguments], Env(currency))


def passes(tests: Cell, given: Any, context: Mapping[str, Any], currency: str | None) -> bool | None:
    result: bool | None = False
    if not tests.tests:
        return True
    for test in tests.tests:
        if result is True:
            break
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
