"""lark's tree to ours, bottom up and without recursion. What cannot be built is broken, with its place."""

import re
from collections.abc import Mapping
from typing import Any

import lark

from governance.rules import limits
from governance.rules.errors import Unanswerable
from governance.rules.scan import KEYWORDS, broken
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
from governance.rules.type_text import read_type, scan_type
from governance.rules.types import ANY, Type
from governance.rules.values import parse_number
from ledger.errors import BrokenInput

_PARAMETER = re.compile(r"([^:,()]+)(?=[:,)])")
_NAME = re.compile(r"[^\W\d](?:[\w\s.'+-]|/(?![/*])|\*(?!/))*|[\U00010000-\U000effff]\w*")


class Builder:
    """Builds the tree of one source. `types` are named types beside the standard's."""

    def __init__(self, source: str, types: Mapping[str, Type]) -> None:
        self.source = source
        self.types = types

    def build(self, tree: Any) -> Any:
        done: dict[int, Any] = {}
        for node in tree.iter_subtrees():
            parts = [part if isinstance(part, lark.Token) else done[id(part)] for part in node.children]
            done[id(node)] = getattr(self, str(node.data))(parts)
        return done[id(tree)]

    def expression_only(self, parts: list[Any]) -> Expr:
        tree: Expr = parts[0]
        return tree

    def any_value(self, parts: list[Any]) -> Cell:
        return Cell((), at=parts[0].start_pos)

    def some_tests(self, parts: list[Any]) -> Cell:
        return Cell(parts[0], at=parts[0][0].at)

    def no_tests(self, parts: list[Any]) -> Cell:
        return Cell(parts[2], negated=True, at=parts[0].start_pos)

    def test_list(self, parts: list[Any]) -> tuple[UnaryTest, ...]:
        return tuple(part for part in parts if isinstance(part, UnaryTest))

    def value_test(self, parts: list[Any]) -> UnaryTest:
        return UnaryTest("in", parts[0], at=parts[0].at)

    def compare_test(self, parts: list[Any]) -> UnaryTest:
        return UnaryTest(str(parts[0]), parts[1], at=parts[0].start_pos)

    def conditional(self, parts: list[Any]) -> Expr:
        return If(parts[1], parts[3], parts[5], at=parts[0].start_pos)

    def logic(self, parts: list[Any]) -> Expr:
        return Logic(str(parts[1]), tuple(parts[::2]), at=parts[1].start_pos)

    def compare(self, parts: list[Any]) -> Expr:
        return Compare(str(parts[1]), parts[0], parts[2], at=parts[1].start_pos)

    def between(self, parts: list[Any]) -> Expr:
        return Between(parts[0], parts[2], parts[4], at=parts[1].start_pos)

    def in_value(self, parts: list[Any]) -> Expr:
        return Membership(parts[0], (UnaryTest("in", parts[2], at=parts[2].at),), at=parts[1].start_pos)

    def in_test(self, parts: list[Any]) -> Expr:
        test = UnaryTest(str(parts[2]), parts[3], at=parts[2].start_pos)
        return Membership(parts[0], (test,), at=parts[1].start_pos)

    def in_tests(self, parts: list[Any]) -> Expr:
        return Membership(parts[0], (parts[3], *parts[5]), at=parts[1].start_pos)

    def arithmetic(self, parts: list[Any]) -> Expr:
        return Arithmetic(str(parts[1]), parts[0], parts[2], at=parts[1].start_pos)

    def negate(self, parts: list[Any]) -> Expr:
        return Negation(parts[1], at=parts[0].start_pos)

    def path(self, parts: list[Any]) -> Expr:
        return Path(parts[0], str(parts[2]), at=parts[2].start_pos)

    def filter(self, parts: list[Any]) -> Expr:
        return Filter(parts[0], parts[2], at=parts[1].start_pos)

    def call(self, parts: list[Any]) -> Expr:
        return self._called(parts, tuple(parts[2:-1:2]), ())

    def named_call(self, parts: list[Any]) -> Expr:
        named: list[tuple[str, Expr]] = parts[2:-1:2]
        names = tuple(name for name, _ in named)
        if len(set(names)) < len(names):
            raise broken("expected each name of an argument once", parts[1].start_pos, self.source)
        return self._called(parts, tuple(value for _, value in named), names)

    def named(self, parts: list[Any]) -> tuple[str, Expr]:
        return str(parts[0]), parts[2]

    def _called(self, parts: list[Any], arguments: tuple[Expr, ...], names: tuple[str, ...]) -> Expr:
        callee: Expr = parts[0]
        if isinstance(callee, Name):  # `scope` says later whether it is a standard function
            return Call(callee.name, arguments, names, at=callee.at)
        return Invoke(callee, arguments, names, at=parts[1].start_pos)

    def for_loop(self, parts: list[Any]) -> Expr:
        return For(parts[1], parts[3], at=parts[0].start_pos)

    def quantified(self, parts: list[Any]) -> Expr:
        return Quantified(str(parts[0]), parts[1], parts[3], at=parts[0].start_pos)

    def iterations(self, parts: list[Any]) -> tuple[Iteration, ...]:
        return tuple(part for part in parts if isinstance(part, Iteration))

    def iteration(self, parts: list[Any]) -> Iteration:
        last = parts[4] if len(parts) > 3 else None
        return Iteration(str(parts[0]), parts[2], last, at=parts[0].start_pos)

    def function_of(self, parts: list[Any]) -> Expr:
        return FunctionOf(self._parameters(str(parts[1]), parts[1].start_pos), parts[2], at=parts[0].start_pos)

    def _parameters(self, text: str, at: int) -> tuple[Parameter, ...]:
        """`(a, b: number)`; the text is the whole token, parentheses too."""
        found: list[Parameter] = []
        place, end = 1, len(text) - 1
        while text[place:end].strip():
            name = _PARAMETER.match(text, place)
            if name is None or not _NAME.fullmatch(name[1].strip()) or name[1].strip() in KEYWORDS:
                raise broken("expected the name of a parameter", at + place, self.source)
            place, kind = name.end(), ANY
            try:
                if text[place] == ":":
                    place += len(text[place + 1 :]) - len(text[place + 1 :].lstrip())
                    kind, place = scan_type(text, place + 1, self.types)
            except BrokenInput as error:
                raise broken(error.message, at + place + 1, self.source) from None
            found.append(Parameter(" ".join(name[1].split()), kind))
            after = text[place:].lstrip()
            if after[:1] not in (",", ")") or (after[:1] == "," and not after[1:-1].strip()):
                raise broken("expected `,` or `)` after a parameter", at + place, self.source)
            place = len(text) - len(after) + 1
        if len({one.name for one in found}) < len(found):
            raise broken("expected each name of a parameter once", at, self.source)
        return tuple(found)

    def instance_of(self, parts: list[Any]) -> Expr:
        try:
            return InstanceOf(parts[0], read_type(str(parts[2]), self.types), at=parts[1].start_pos)
        except BrokenInput as error:
            raise broken(error.message, parts[2].start_pos, self.source) from None

    def input_value(self, parts: list[Any]) -> Expr:
        return InputValue(at=parts[0].start_pos)

    def context_of(self, parts: list[Any]) -> Expr:
        entries: list[tuple[str, Expr, int]] = parts[1:-1:2]
        seen: set[str] = set()
        for name, _, at in entries:
            if name in seen:
                raise broken(f"expected the entry `{name}` once", at, self.source)
            seen.add(name)
        limits.bounded_list(len(entries))
        return ContextOf(
            tuple(name for name, _, _ in entries), tuple(value for _, value, _ in entries), at=parts[0].start_pos
        )

    def entry(self, parts: list[Any]) -> tuple[str, Expr, int]:
        key, at = parts[0], int(parts[0].start_pos)
        name = _unescaped(str(key), at, self.source) if key.type == "STRING" else str(key)
        return name, parts[2], at

    def number(self, parts: list[Any]) -> Expr:
        text = str(parts[0]).lower()
        whole, mark, exponent = text.partition("e")
        head, dot, fraction = whole.partition(".")
        plain = (head.lstrip("0") or "0") + (f".{fraction}" if dot else "")
        try:
            return Constant(parse_number(plain + mark + exponent), at=parts[0].start_pos)
        except BrokenInput as error:
            raise broken(error.message, parts[0].start_pos, self.source) from None

    def string(self, parts: list[Any]) -> Expr:
        return Constant(_unescaped(str(parts[0]), parts[0].start_pos, self.source), at=parts[0].start_pos)

    def temporal(self, parts: list[Any]) -> Expr:
        at = parts[0].start_pos
        text = _unescaped(str(parts[0])[1:].lstrip(), at, self.source)
        for read in (parse_date, parse_time, parse_date_time, parse_duration):
            try:
                return Constant(read(text), at=at)
            except Unanswerable as error:
                raise broken(str(error), at, self.source) from None
            except BrokenInput:
                continue
        raise broken("expected a date, a time, a date and time or a duration", at, self.source)

    def true(self, parts: list[Any]) -> Expr:
        return Constant(True, at=parts[0].start_pos)

    def false(self, parts: list[Any]) -> Expr:
        return Constant(False, at=parts[0].start_pos)

    def null(self, parts: list[Any]) -> Expr:
        return Constant(None, at=parts[0].start_pos)

    def name(self, parts: list[Any]) -> Expr:
        return Name(str(parts[0]), at=parts[0].start_pos)

    def parenthesis(self, parts: list[Any]) -> Expr:
        self._round(parts)
        inner: Expr = parts[1]
        return inner

    def empty_list(self, parts: list[Any]) -> Expr:
        return ListOf((), at=parts[0].start_pos)

    def list_of(self, parts: list[Any]) -> Expr:
        return ListOf(tuple(parts[1:-1:2]), at=parts[0].start_pos)

    def half_range(self, parts: list[Any]) -> Expr:
        self._round(parts)
        op, end, at = str(parts[1]), parts[2], parts[0].start_pos
        if op == "!=":
            raise broken("`!=` does not make a range", parts[1].start_pos, self.source)
        if op == "=":
            return RangeOf(end, end, True, True, at=at)
        if op.startswith("<"):
            return RangeOf(None, end, False, op == "<=", at=at)
        return RangeOf(end, None, op == ">=", False, at=at)

    def range_of(self, parts: list[Any]) -> Expr:
        low_closed, high_closed = str(parts[0]) == "[", str(parts[4]) == "]"
        return RangeOf(parts[1], parts[3], low_closed, high_closed, at=parts[0].start_pos)

    def _round(self, parts: list[Any]) -> None:
        """Turned brackets belong to ranges; around anything else they are an error."""
        for part in (parts[0], parts[-1]):
            if part not in ("(", ")"):
                raise broken(f"unexpected `{part}`", part.start_pos, self.source)


_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t", "'": "'"}


def _unescaped(quoted: str, at: int, source: str) -> str:
    body, out, place = quoted[1:-1], [], 0
    while place < len(body):
        char = body[place]
        if char != "\\":
            out.append(char)
            place += 1
            continue
        mark = body[place + 1]
        size = {"u": 4, "U": 6}.get(mark)
        if size is None:
            out.append(_ESCAPES.get(mark, f"\\{mark}"))  # others are two characters, as in patterns
            place += 2
            continue
        digits = body[place + 2 : place + 2 + size]
        if len(digits) < size or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
            raise broken(f"expected {size} hexadecimal digits after \\{mark}", at, source)
        if int(digits, 16) > 0x10FFFF:
            raise broken("expected a character of Unicode", at, source)
        out.append(chr(int(digits, 16)))
        place += 2 + size
    # Two escapes may spell one character as a pair of surrogates; a lone one is no character.
    try:
        return "".join(out).encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise broken("expected a character of Unicode, found half of a pair", at, source) from None
