"""Source to tree: the scanner's tokens through the grammar, with every error placed."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import lark
from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from governance.rules import limits
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.scan import Token, broken, scan
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
    children,
)
from governance.rules.temporal import parse_date, parse_date_time, parse_duration, parse_time
from governance.rules.values import parse_number
from ledger.errors import BrokenInput


class _NoLexer(Lexer):
    """Tokens are fed by hand; lark wants a lexer class nonetheless."""

    def __init__(self, _conf: Any) -> None:
        super().__init__()

    def lex(self, *_args: Any) -> Iterator[lark.Token]:
        return iter(())


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    """Built at the first expression: the command line reads none most of the time."""
    return Lark(
        (FilePath(__file__).parent / "grammar.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer=_NoLexer,
        start=["expression_only", "tests_only"],
        maybe_placeholders=False,
    )


_WORDS = {
    "NUMBER": "a number", "STRING": "a text", "TEMPORAL": "a date or duration", "NAME": "a name", "$END": "the end",
    "COMPARE": "a comparison", "RPAR": "`)`", "RSQB": "`]`", "COMMA": "`,`", "THEN": "`then`", "ELSE": "`else`",
    "AND": "`and`", "DOTS": "`..`", "LPAR": "`(`", "DOT": "`.`",
}  # fmt: skip
_OPERAND = {"NUMBER", "STRING", "NAME", "LPAR"}


def parse(source: str, names: Iterable[str] = ()) -> Expr:
    """The tree of an expression. `names` are the declared names, properties too; only spaced ones need to be there.

    `BrokenExpression` with line, column and caret; `LimitBreached` over a limit.
    """
    tree = _parse(source, frozenset(names), "expression_only")
    assert not isinstance(tree, Cell)
    return tree


def parse_tests(source: str, names: Iterable[str] = ()) -> Cell:
    """The tree of a rule table's cell: unary tests with commas, `-`, or `not(...)`. Errors as for `parse`."""
    tree = _parse(source, frozenset(names), "tests_only")
    assert isinstance(tree, Cell)
    return tree


def _parse(source: str, names: frozenset[str], start: str) -> Expr | Cell:
    if len(source) > limits.SOURCE_CHARS_MAX:
        raise LimitBreached(f"expected an expression of at most {limits.SOURCE_CHARS_MAX} characters")
    tokens = scan(source, names, tests=start == "tests_only")
    if not tokens:
        raise broken("expected an expression, found nothing", 0, source)
    machine = _grammar().parse_interactive("", start=start)
    fed = [lark.Token(token.kind, token.text, start_pos=token.at) for token in tokens]
    try:
        for token in fed:
            machine.feed_token(token)
        tree = machine.feed_eof(fed[-1])  # type: ignore[no-untyped-call] # lark leaves it untyped
    except UnexpectedToken as error:
        at = len(source.rstrip()) if error.token.type == "$END" else int(error.token.start_pos or 0)
        raise broken(_unexpected(error, tokens, names), at, source) from None
    result: Expr | Cell = _Builder(source).build(tree)
    _check_size(result)
    return result


def _unexpected(error: UnexpectedToken, tokens: list[Token], names: frozenset[str]) -> str:
    kind, text = error.token.type, str(error.token)
    before = [token for token in tokens if token.at < (error.token.start_pos or 0)] if kind != "$END" else tokens
    last = before[-1] if before else None
    if kind == "NAME" and last is not None and last.kind == "NAME":
        return unknown_name(f"{last.text} {text}", names)
    if kind == "POWER":
        return "expected parentheses, for instance `(-2) ** 2` or `(2 ** 3) ** 2`"
    if kind == "COMPARE" and last is not None:
        return "expected one comparison, found a second one; join comparisons with `and`"
    wanted = set(error.accepts or error.expected)
    found = "the end" if kind == "$END" else f"`{text}`"
    if wanted >= _OPERAND:
        return f"expected a value, found {found}"
    known = [_WORDS[name] for name in _WORDS if name in wanted]
    few = f" or {' or '.join(known)}" if len(known) <= 3 else ""
    return f"expected an operator{few}, found {found}"


def unknown_name(name: str, names: Iterable[str]) -> str:
    """The message for a name that is not declared."""
    near = get_close_matches(name, sorted(names), n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(f'`{match}`' for match in near)}?" if near else ""
    return f"expected a declared name, found `{name}`{hint or '; a text needs double quotes'}"


def _check_size(tree: Expr | Cell) -> None:
    """Depth and number of nodes; done without recursion, before anything recursive sees the tree."""
    level: list[Any] = [tree]
    depth = nodes = 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > limits.DEPTH_MAX:
            raise LimitBreached(f"expected an expression at most {limits.DEPTH_MAX} levels deep")
        level = [child for node in level for child in children(node)]
    if nodes > limits.STEPS_MAX:
        raise LimitBreached(f"expected an expression of at most {limits.STEPS_MAX} parts")


class _Builder:
    """lark's tree to ours, bottom up and without recursion."""

    def __init__(self, source: str) -> None:
        self.source = source

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
        raise broken("a filter `[...]` is not supported", parts[1].start_pos, self.source)

    def call(self, parts: list[Any]) -> Expr:
        return Call(str(parts[0]), tuple(parts[2:-1:2]), at=parts[0].start_pos)

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
            if mark not in _ESCAPES:
                raise broken(f"expected an escape such as \\n or \\u00e9, found `\\{mark}`", at, source)
            out.append(_ESCAPES[mark])
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
