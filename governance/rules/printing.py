"""An expression as source again: read back, it is the same tree."""

from typing import Any

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
    UnaryTest,
)
from governance.rules.values import kind_of, text_of


def source_of(node: Expr | Cell) -> str:
    """The source of a tree, with parentheses around every operand that is not a single thing."""
    match node:
        case Constant(value=value):
            return literal_source(value)
        case Name(name=name):
            return name
        case Path(base=base, name=name):
            return f"{_base(base)}.{name}"
        case Negation(operand=operand):
            return f"-{_one(operand)}"
        case Arithmetic(op=op, left=left, right=right) | Compare(op=op, left=left, right=right):
            return f"{_one(left)} {op} {_one(right)}"
        case Logic(op=op, operands=operands):
            return f" {op} ".join(_one(operand) for operand in operands)
        case Between(value=value, low=low, high=high):
            return f"{_one(value)} between {_one(low)} and {_one(high)}"
        case Membership(value=value, tests=tests):
            several = ", ".join(_test(test) for test in tests)
            return f"{_one(value)} in {several if len(tests) == 1 else f'({several})'}"
        case RangeOf():
            return _range(node)
        case ListOf(items=items):
            return f"[{', '.join(source_of(item) for item in items)}]"
        case If(condition=condition, then=then, otherwise=otherwise):
            return f"if {source_of(condition)} then {source_of(then)} else {source_of(otherwise)}"
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(source_of(argument) for argument in arguments)})"
        case Cell(tests=tests, negated=negated):
            several = ", ".join(_test(test) for test in tests)
            return f"not({several})" if negated else several or "-"


def literal_source(value: Any) -> str:
    """A simple value as it is written in source."""
    kind = kind_of(value)
    if kind in ("null", "boolean"):
        return "null" if value is None else str(value).lower()
    if kind == "number":
        return str(value)
    text = text_of(value)[1]
    if kind == "string":
        text = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    return f'@"{text}"'


def _one(node: Expr) -> str:
    source = source_of(node)
    return source if isinstance(node, Constant | Name | Path | Call | ListOf | RangeOf) else f"({source})"


def _base(node: Expr) -> str:
    source = source_of(node)
    return source if isinstance(node, Name | Path | Call) else f"({source})"


def _test(test: UnaryTest) -> str:
    return _one(test.operand) if test.op == "in" else f"{test.op} {_one(test.operand)}"


def _range(node: RangeOf) -> str:
    if node.low is None:
        assert node.high is not None
        return f"({'<=' if node.high_closed else '<'} {_one(node.high)})"
    if node.high is None:
        return f"({'>=' if node.low_closed else '>'} {_one(node.low)})"
    left, right = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return f"{left}{_one(node.low)}..{_one(node.high)}{right}"
