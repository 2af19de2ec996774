"""An expression as source again: read back with the same names, it is the same tree.

A name of several words or with marks may read as an operation and the other way round (`a - b`, `profit and loss`). An
operand with which such a name begins is put into parentheses, so that the printed operation stays one.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from governance.rules.local_names import local_names
from governance.rules.scan import KEYWORDS, REFUSED, is_word, may_operate
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
    Part,
    Path,
    Quantified,
    RangeOf,
    UnaryTest,
    children,
)
from governance.rules.type_text import type_text
from governance.rules.types import ANY
from governance.rules.values import kind_of, text_of

_SINGLE = (Constant, Name, Path, Call, Invoke, ListOf, RangeOf, Filter, ContextOf, InputValue)
_BASES = (Name, Path, Call, Invoke, ListOf, Filter, ContextOf, InputValue)
_WORD = re.compile(r"[^\W\d]\w*")


def source_of(node: Expr | Cell, names: Iterable[str] = ()) -> str:
    """The source of a tree, with parentheses around every operand that is not a single thing.

    `names` are the declared names it will be read with; only those that may be taken for operations matter.
    """
    used = frozenset(_names_of(node))
    return _Printer(used, frozenset(_begin((*used, *names, *STANDARD)))).whole(node)


def literal_source(value: Any) -> str:
    """A simple value as it is written in source."""
    kind = kind_of(value)
    if kind in ("null", "boolean"):
        return "null" if value is None else str(value).lower()
    if kind == "number":
        return str(value)
    text = text_of(value)[1]
    return _quoted(text) if kind == "string" else f'@"{text}"'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _names_of(node: Part | Cell) -> Iterator[str]:
    """The names that a tree uses or binds otherwise than as entries of contexts."""
    pending: list[Part | Cell] = [node]
    while pending:
        one = pending.pop()
        match one:
            case Name(name=name) | Path(name=name) | Iteration(name=name):
                yield name
            case Call(names=names) | Invoke(names=names):
                yield from names
            case FunctionOf(parameters=parameters):
                yield from (parameter.name for parameter in parameters)
        pending.extend(children(one))


def _begin(names: Iterable[str]) -> Iterator[str]:
    """The first words of the names that hold what may be an operator."""
    for name in names:
        first = _WORD.match(name)
        if first and may_operate(name):
            yield first[0]


class _Printer:
    """`used`: names a context has to give bare. `begin`: words that operands in parentheses begin with."""

    def __init__(self, used: frozenset[str], begin: frozenset[str]) -> None:
        self._used = used
        self._begin = begin

    def whole(self, node: Expr | Cell) -> str:
        match node:
            case Constant(value=value):
                return literal_source(value)
            case Name(name=name):
                return name
            case Path(base=base, name=name):
                return f"{self._base(base)}.{name}"
            case Negation(operand=operand):
                return f"-{self._one(operand)}"
            case Arithmetic(op=op, left=left, right=right) | Compare(op=op, left=left, right=right):
                return f"{self._one(left)} {op} {self._one(right)}"
            case Logic(op=op, operands=operands):
                return f" {op} ".join(self._one(operand) for operand in operands)
            case Between(value=value, low=low, high=high):
                return f"{self._one(value)} between {self._one(low)} and {self._one(high)}"
            case Membership(value=value, tests=tests):
                several = ", ".join(self._test(test) for test in tests)
                return f"{self._one(value)} in {several if len(tests) == 1 else f'({several})'}"
            case RangeOf():
                return self._range(node)
            case ListOf(items=items):
                return f"[{self._several(items)}]"
            case If(condition=condition, then=then, otherwise=otherwise):
                return f"if {self.whole(condition)} then {self.whole(then)} else {self.whole(otherwise)}"
            case Cell(tests=tests, negated=negated):
                return self._cell(tests, negated)
            case _:
                return self._binder(node)

    def _binder(self, node: Expr) -> str:
        match node:
            case Call(function=function, arguments=arguments, names=names):
                return f"{function}({self._arguments(arguments, names)})"
            case Invoke(callee=callee, arguments=arguments, names=names):
                return f"{self._base(callee)}({self._arguments(arguments, names)})"
            case InputValue():
                return "?"
            case Filter(base=base, condition=condition):
                return f"{self._base(base)}[{self.whole(condition)}]"
            case For(iterations=iterations, body=body):
                return f"for {self._iterations(iterations)} return {self.whole(body)}"
            case Quantified(op=op, iterations=iterations, condition=condition):
                return f"{op} {self._iterations(iterations)} satisfies {self.whole(condition)}"
            case InstanceOf(value=value, type=kind):
                return f"{self._one(value)} instance of {type_text(kind)}"
            case FunctionOf(parameters=parameters, body=body):
                told = (one.name if one.type == ANY else f"{one.name}: {type_text(one.type)}" for one in parameters)
                return f"function({', '.join(told)}) {self.whole(body)}"
            case ContextOf(names=names, values=values):
                entries = (f"{self._key(name)}: {self.whole(one)}" for name, one in zip(names, values, strict=True))
                return f"{{{', '.join(entries)}}}"
        raise AssertionError(node)

    def _several(self, nodes: Iterable[Expr]) -> str:
        return ", ".join(self.whole(node) for node in nodes)

    def _arguments(self, arguments: tuple[Expr, ...], names: tuple[str, ...]) -> str:
        if not names:
            return self._several(arguments)
        return ", ".join(f"{name}: {self.whole(one)}" for name, one in zip(names, arguments, strict=True))

    def _iterations(self, iterations: tuple[Iteration, ...]) -> str:
        return ", ".join(self._iteration(iteration) for iteration in iterations)

    def _iteration(self, node: Iteration) -> str:
        source = self._one(node.source)
        if self._may_begin(node.name) and not source.startswith("("):
            source = f"({source})"
        return f"{node.name} in {source}" + ("" if node.last is None else f"..{self._one(node.last)}")

    def _key(self, name: str) -> str:
        """A name bare where it may be one; of several words only where it is read again, or else as a text."""
        if is_word(name) and name not in KEYWORDS and name not in REFUSED:
            return name
        is_name = name in self._used and name in local_names(f"{{{name}: 0}}")
        return name if is_name else _quoted(name)

    def _one(self, node: Expr) -> str:
        source = self.whole(node)
        last = node.name if isinstance(node, Name | Path) else source
        return source if isinstance(node, _SINGLE) and not self._may_begin(last) else f"({source})"

    def _base(self, node: Expr) -> str:
        source = self.whole(node)
        return source if isinstance(node, _BASES) and not self._may_begin(source) else f"({source})"

    def _may_begin(self, text: str) -> bool:
        word = _WORD.match(text)
        return word is not None and word[0] in self._begin

    def _cell(self, tests: tuple[UnaryTest, ...], negated: bool) -> str:
        several = ", ".join(self._test(test) for test in tests)
        if negated:
            return f"not({several})"
        is_call = len(tests) == 1 and isinstance(tests[0].operand, Call | Invoke) and several.startswith("not(")
        return f"({several})" if is_call else several or "-"

    def _test(self, test: UnaryTest) -> str:
        operand = self._one(test.operand)
        return operand if test.op in ("in", "holds") else f"{test.op} {operand}"

    def _range(self, node: RangeOf) -> str:
        if node.low is None:
            assert node.high is not None
            return f"({'<=' if node.high_closed else '<'} {self._one(node.high)})"
        if node.high is None:
            return f"({'>=' if node.low_closed else '>'} {self._one(node.low)})"
        left, right = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
        return f"{left}{self._one(node.low)}..{self._one(node.high)}{right}"
