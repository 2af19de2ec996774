"""Source to tree: the scanner's tokens through the grammar, with every error placed."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import lark
from lark import Lark, UnexpectedToken
from lark.lexer import Lexer

from governance.rules import limits
from governance.rules.build import Builder
from governance.rules.errors import LimitBreached
from governance.rules.expression_texts import say
from governance.rules.scan import Token, broken, scan
from governance.rules.scope import resolve
from governance.rules.syntax import Cell, Expr, children
from governance.rules.types import Type
from ledger.wording import NOTHING, Wording, as_it_is, joined


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


_MARKS = {
    "RPAR": ")", "RSQB": "]", "COMMA": ",", "THEN": "then", "ELSE": "else", "AND": "and", "DOTS": "..", "LPAR": "(",
    "DOT": ".",
}  # fmt: skip
_WORDS = {
    "NUMBER": say("a-number"),
    "STRING": say("a-text"),
    "TEMPORAL": say("a-date-or-duration"),
    "NAME": say("a-name"),
    "$END": say("end"),
    "COMPARE": say("a-comparison"),
    **{kind: as_it_is(f"`{mark}`") for kind, mark in _MARKS.items()},
}
_OPERAND = {"NUMBER", "STRING", "NAME", "LPAR"}


def parse(
    source: str, names: Iterable[str] = (), functions: Iterable[str] = (), types: Mapping[str, Type] | None = None
) -> Expr:
    """The tree of an expression.

    `names` are the declared names, properties too; only spaced ones need to be there. `functions` are those of them
    that stand before a standard function of the same name. `types` are named types beside the standard's.
    `BrokenExpression` with line, column and caret; `LimitBreached` over a limit.
    """
    tree = _parse(source, frozenset(names), frozenset(functions), types, "expression_only")
    assert not isinstance(tree, Cell)
    return tree


def parse_tests(
    source: str, names: Iterable[str] = (), functions: Iterable[str] = (), types: Mapping[str, Type] | None = None
) -> Cell:
    """The tree of a rule table's cell: unary tests with commas, `-`, or `not(...)`. Arguments and errors of `parse`."""
    tree = _parse(source, frozenset(names), frozenset(functions), types, "tests_only")
    assert isinstance(tree, Cell)
    return tree


def _parse(
    source: str, names: frozenset[str], functions: frozenset[str], types: Mapping[str, Type] | None, start: str
) -> Expr | Cell:
    if len(source) > limits.SOURCE_CHARS_MAX:
        raise LimitBreached(f"expected an expression of at most {limits.SOURCE_CHARS_MAX} characters")
    tokens = scan(source, names | functions, tests=start == "tests_only", types=types)
    if not tokens:
        raise broken(say("expression-missing"), 0, source)
    machine = _grammar().parse_interactive("", start=start)
    fed = [lark.Token(token.kind, token.text, start_pos=token.at) for token in tokens]
    try:
        for token in fed:
            machine.feed_token(token)
        tree = machine.feed_eof(fed[-1])  # type: ignore[no-untyped-call] # lark leaves it untyped
    except UnexpectedToken as error:
        at = len(source.rstrip()) if error.token.type == "$END" else int(error.token.start_pos or 0)
        raise broken(_unexpected(error, tokens, names), at, source) from None
    result: Expr | Cell = Builder(source, types or {}).build(tree)
    _check_size(result)
    return resolve(result, source, names | functions, functions)


def _unexpected(error: UnexpectedToken, tokens: list[Token], names: frozenset[str]) -> Wording:
    kind, text = error.token.type, str(error.token)
    before = [token for token in tokens if token.at < (error.token.start_pos or 0)] if kind != "$END" else tokens
    last = before[-1] if before else None
    if kind == "NAME" and last is not None and last.kind == "NAME":
        return unknown_name(f"{last.text} {text}", names)
    if kind == "POWER":
        return say("parentheses")
    if kind == "COMPARE" and last is not None:
        return say("one-comparison")
    wanted = set(error.accepts or error.expected)
    found = say("end") if kind == "$END" else as_it_is(f"`{text}`")
    if wanted >= _OPERAND:
        return say("value-wanted", found=found)
    known = [_WORDS[name] for name in _WORDS if name in wanted]
    few = joined(known, "list.or", " or ") if len(known) <= 3 else NOTHING
    return say("operator-wanted", known=say("or-names", names=few) if few else NOTHING, found=found)


def unknown_name(name: str, names: Iterable[str]) -> Wording:
    """The message for a name that is not declared."""
    near = get_close_matches(name, sorted(names), n=3, cutoff=0.6)
    matches = [as_it_is(f"`{match}`") for match in near]
    hint = say("did-you-mean", names=joined(matches, "list.or", " or ")) if near else say("text-needs-quotes")
    return say("undeclared-name", name=as_it_is(name), hint=hint)


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
    if nodes > limits.NODES_MAX:
        raise LimitBreached(f"expected an expression of at most {limits.NODES_MAX} parts")
