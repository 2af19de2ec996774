"""Expressions in plain words: `amount > 250000` is told as "the amount is above 250,000".

For people who approve a change and never read source. Words and evaluation come from one tree and cannot disagree.
"""

from datetime import date, time
from decimal import Decimal

from governance.rules.literal_words import any_of, value_in_words
from governance.rules.printing import source_of
from governance.rules.signatures import MOMENTS, arranged
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
)
from governance.rules.table_texts import tell
from governance.rules.type_text import type_text
from ledger.wording import Wording, as_told, joined

_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "**": "to the power of"}
_CALLS = {
    "count": "the number of",
    "sum": "the sum of",
    "min": "the least of",
    "max": "the greatest of",
    "abs": "the size of",
    "string length": "the length of",
    "lower case": "the lower case of",
    "upper case": "the upper case of",
}
_HELD = (Name, Path, Filter, For, Invoke)  # a list or a range more often than a value
_TESTING_CALLS = {"contains": "contains", "starts with": "starts with", "ends with": "ends with"}


def condition_in_words(expr: Expr) -> str:
    """A condition as a clause: what must be so."""
    match expr:
        case Compare(op=op, left=left, right=right):
            return f"{in_words(left)} {_against(op, right, _is_moment(left))}"
        case Logic(op=op, operands=operands):
            return f" {op} ".join(
                f"({condition_in_words(one)})" if isinstance(one, Logic) else condition_in_words(one)
                for one in operands
            )
        case Between(value=value, low=low, high=high):
            return f"{in_words(value)} is from {in_words(low)} to {in_words(high)}"
        case Membership(value=value, tests=(UnaryTest(op="in", operand=operand),)) if isinstance(operand, _HELD):
            return f"{in_words(value)} is in {in_words(operand)}"
        case Membership(value=value, tests=tests):
            return f"{in_words(value)} {tests_in_words(Cell(tests))}"
        case Quantified(op=op, iterations=iterations, condition=condition):
            each = _joined([_variable(one, "a" if op == "some" else "every") for one in iterations], "and")
            told = condition_in_words(condition)
            return f"there is {each} for which {told}" if op == "some" else f"for {each} it is so that {told}"
        case InstanceOf(value=value, type=kind):
            return f"{in_words(value)} is of the type {type_text(kind)}"
        case Call(names=names) if names:
            ordered = _ordered(expr)
            return f"{source_of(expr)} is true" if ordered is None else condition_in_words(ordered)
        case Call(function="not", arguments=(inner,)):
            return f"it is not so that {condition_in_words(inner)}"
        case Call(function=function, arguments=(text, part)) if function in _TESTING_CALLS:
            return f"{in_words(text)} {_TESTING_CALLS[function]} {in_words(part)}"
        case Call(function="list contains", arguments=(members, member)):
            return f"{in_words(member)} is one of {in_words(members)}"
        case Constant(value=bool(known)):
            return "always" if known else "never"
        case Name() | Path():
            return f"{in_words(expr)} is true"
    return f"{in_words(expr)} is true"


def tests_in_words(tests: Cell) -> Wording:
    """A cell as a predicate: `>= 720` is told as "is at least 720"."""
    if not tests.tests:
        return tell("is-anything")
    values = [
        test.operand for test in tests.tests if test.op == "in" and not isinstance(test.operand, RangeOf | ListOf)
    ]
    if len(values) == len(tests.tests):
        if len(values) == 1:
            return _against("!=" if tests.negated else "=", values[0])
        listed = any_of([_noun(value) for value in values])
        return tell("is-none-of", values=listed) if tests.negated else tell("is-one-of", values=listed)
    told = joined([_test(test) for test in tests.tests], "list.or", " or ")
    return tell("is-none-of-this", tests=told) if tests.negated else told


def in_words(expr: Expr) -> str:
    """A value as a noun."""
    match expr:
        case Constant(value=value):
            return value_in_words(value)
        case InputValue():
            return "the value"
        case Path(base=base, name=name) if not isinstance(base, Name | Path):
            return f"the {name.replace('_', ' ')} of {_grouped(base)}"
        case Name() | Path():
            return f"the {source_of(expr).replace('.', ' ').replace('_', ' ')}"
        case Negation(operand=operand):
            return f"minus {_grouped(operand)}"
        case Arithmetic(op=op, left=left, right=right):
            return f"{_grouped(left)} {_ARITHMETIC[op]} {_grouped(right)}"
        case ListOf(items=items):
            return _joined([in_words(item) for item in items], "or") or "nothing"
        case If(condition=condition, then=then, otherwise=otherwise):
            return f"{in_words(then)} if {condition_in_words(condition)}, else {in_words(otherwise)}"
        case Call(names=names) if names:
            ordered = _ordered(expr)
            return source_of(expr) if ordered is None else in_words(ordered)
        case Call(function=function, arguments=()) if function in MOMENTS:
            return function
        case Call(function=function, arguments=arguments) if function in _CALLS:
            return f"{_CALLS[function]} {_joined([in_words(argument) for argument in arguments], 'and')}"
        case Filter(base=base, condition=condition):
            return _filtered(base, condition)
        case For(iterations=iterations, body=body):
            each = _joined([_variable(one, "each") for one in iterations], "and")
            return f"{_grouped(body)} for {each}"
        case ContextOf(names=names, values=values):
            told = [f"{name.replace('_', ' ')} {_grouped(value)}" for name, value in zip(names, values, strict=True)]
            return f"a record of {_joined(told, 'and') or 'nothing'}"
        case Invoke(callee=Name() as callee, arguments=arguments, names=()) if arguments:
            return f"{in_words(callee)} of {_joined([_grouped(argument) for argument in arguments], 'and')}"
    return source_of(expr)


def _variable(node: Iteration, article: str) -> str:
    if node.last is None:
        return f"{article} {node.name.replace('_', ' ')} in {_grouped(node.source)}"
    return f"{article} {node.name.replace('_', ' ')} from {_grouped(node.source)} to {_grouped(node.last)}"


def _filtered(base: Expr, condition: Expr) -> str:
    """`a[1]` is an item by its number, anything else a choice; `a[b]` may be either."""
    if isinstance(condition, Constant) and isinstance(condition.value, Decimal):
        return f"item {value_in_words(condition.value)} of {_grouped(base)}"
    if isinstance(condition, Negation) and condition.operand == Constant(Decimal(1)):
        return f"the last of {_grouped(base)}"
    if isinstance(condition, Compare | Logic | Between | Membership | Quantified | InstanceOf):
        return f"those of {_grouped(base)} for which {condition_in_words(condition)}"
    return source_of(Filter(base, condition))


def _ordered(call: Call) -> Call | None:
    """A call by name with its arguments in order; None where one in between is left out."""
    places = arranged(call.function, call.names)
    if places is None or None in places:
        return None
    return Call(call.function, tuple(call.arguments[place] for place in places if place is not None), at=call.at)


def _is_moment(operand: Expr) -> bool:
    if isinstance(operand, Call):
        return operand.function in MOMENTS
    return isinstance(operand, Constant) and isinstance(operand.value, date | time)


def _noun(expr: Expr) -> Wording:
    """A literal by its codes; what is reckoned is told in English alone."""
    return as_told(in_words(expr))


def _against(op: str, operand: Expr, is_moment: bool = False) -> Wording:
    if isinstance(operand, Constant) and operand.value is None and op in ("=", "!="):
        return tell("is-not-known") if op == "=" else tell("is-known")
    value, in_time = _noun(operand), is_moment or _is_moment(operand)
    match op:
        case "=":
            return tell("is", value=value)
        case "!=":
            return tell("is-not", value=value)
        case "<":
            return tell("is-before", value=value) if in_time else tell("is-below", value=value)
        case "<=":
            return tell("is-not-after", value=value) if in_time else tell("is-at-most", value=value)
        case ">":
            return tell("is-after", value=value) if in_time else tell("is-above", value=value)
    return tell("is-not-before", value=value) if in_time else tell("is-at-least", value=value)


def _test(test: UnaryTest) -> Wording:
    if test.op == "holds":
        return tell("is-such-that", condition=as_told(condition_in_words(test.operand)))
    if test.op != "in":
        return _against(test.op, test.operand)
    if isinstance(test.operand, RangeOf):
        return _range(test.operand)
    if isinstance(test.operand, ListOf):
        return tell("is-one-of", values=_noun(test.operand))
    return _against("=", test.operand)


def _range(span: RangeOf) -> Wording:
    low = None if span.low is None else _noun(span.low)
    high = None if span.high is None else _noun(span.high)
    if low is not None and high is not None and span.low_closed and span.high_closed:
        return tell("is-from-to", low=low, high=high)
    above = None if low is None else tell("is-at-least" if span.low_closed else "is-above", value=low)
    if high is None:
        return above or tell("is-anything")
    if above is None:
        return tell("is-at-most" if span.high_closed else "is-below", value=high)
    return tell("and", first=above, last=tell("at-most" if span.high_closed else "below", value=high))


def _grouped(expr: Expr) -> str:
    told = in_words(expr)
    return f"({told})" if isinstance(expr, Arithmetic | If | For | ContextOf) else told


def _joined(parts: list[str], word: str) -> str:
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
