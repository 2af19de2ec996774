"""Source to tokens. Names may hold spaces: the longest declared name that fits wins, as the standard asks.

What the standard has and this implementation has not is refused here by its name, before anything is built on it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from governance.rules.errors import BrokenExpression, Finding
from governance.rules.signatures import LATER, STANDARD

KEYWORDS = {
    "if": "IF", "then": "THEN", "else": "ELSE", "and": "AND", "or": "OR", "between": "BETWEEN", "in": "IN",
    "true": "TRUE", "false": "FALSE", "null": "NULL",
}  # fmt: skip
REFUSED = {
    "for": "a `for` loop",
    "return": "a `for` loop",
    "some": "a `some ... satisfies` test",
    "every": "an `every ... satisfies` test",
    "satisfies": "a `satisfies` test",
    "function": "a function definition",
    "external": "an external function",
    "instance": "`instance of`",
    "{": "a context",
    "}": "a context",
    "?": "the input value `?`",
    ":": "a named argument",
    "->": "a function type",
}
_PUNCTUATION = {
    "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", ",": "COMMA", "..": "DOTS", ".": "DOT", "**": "POWER",
    "*": "TIMES", "/": "DIVIDE", "+": "PLUS", "-": "MINUS", "<": "COMPARE", "<=": "COMPARE", ">": "COMPARE",
    ">=": "COMPARE", "=": "COMPARE", "!=": "COMPARE",
}  # fmt: skip
_PROPERTIES = ("time offset", "start included", "end included")
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<temporal>@\s*"(?:[^"\\\n]|\\.)*")
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<word>[^\W\d]\w*)
      | (?P<mark>\*\*|\.\.|->|<=|>=|!=|/(?!\*)|[()\[\],.*+\-<>={}?:])""",
    re.VERBOSE | re.DOTALL,
)
_ENDS_OPERAND = frozenset({"NUMBER", "STRING", "TEMPORAL", "TRUE", "FALSE", "NULL", "NAME", "RPAR", "RSQB"})
_AFTER_RANGE = re.compile(r"\s*(?:$|[),\]=.]|(?:and|or|then|else|in|between)\b)")


class Token(NamedTuple):
    """`kind` is a terminal of the grammar, `text` as written (names with single spaces), `at` its offset."""

    kind: str
    text: str
    at: int


@lru_cache(maxsize=512)
def _names(declared: frozenset[str]) -> re.Pattern[str]:
    """Matches any name that is more than one word, longest first; functions only before a parenthesis."""
    spaced = {name for name in (*declared, *_PROPERTIES) if not re.fullmatch(r"[^\W\d]\w*", name)}
    choices = [(name, r"(?!\w)" if re.search(r"\w$", name) else "") for name in spaced]
    choices += [(name, r"(?=\s*\()") for name in (*STANDARD, *LATER) if " " in name]
    choices.sort(key=lambda choice: (-len(choice[0]), choice[0]))
    return re.compile("|".join(r"\s+".join(re.escape(word) for word in name.split()) + end for name, end in choices))


def scan(source: str, declared: frozenset[str], tests: bool = False) -> list[Token]:
    """The tokens of a source; `BrokenExpression` for what is no token and for what is not supported."""
    tokens: list[Token] = []
    for token in _scan(source, _names(declared)):
        tokens.append(_bracket(token, tokens, source))
    if tests:
        _mark_negated_tests(tokens)
    return tokens


def _scan(source: str, names: re.Pattern[str]) -> Iterator[Token]:
    at, after_dot = 0, False
    while at < len(source):
        spaced = names.match(source, at) if (source[at].isalpha() or source[at] == "_") else None
        if spaced and " ".join(spaced[0].split()) not in KEYWORDS:
            yield Token("NAME", " ".join(spaced[0].split()), at)
            at, after_dot = spaced.end(), False
            continue
        found = _TOKEN.match(source, at)
        if found is None:
            raise broken(_unreadable(source, at), at, source)
        text, kind = found[0], found.lastgroup
        if kind != "space":
            yield _token(text, str(kind), at, after_dot, source)
            after_dot = text == "."
        at = found.end()


def _token(text: str, kind: str, at: int, after_dot: bool, source: str) -> Token:
    if kind == "word":
        if after_dot:
            return Token("NAME", text, at)
        if text in REFUSED:
            raise broken(f"{REFUSED[text]} is not supported", at, source)
        return Token(KEYWORDS.get(text, "NAME"), text, at)
    if kind == "mark":
        if text in REFUSED:
            raise broken(f"{REFUSED[text]} is not supported", at, source)
        return Token(_PUNCTUATION[text], text, at)
    return Token(kind.upper(), text, at)


def _bracket(token: Token, before: list[Token], source: str) -> Token:
    """Ranges may be written with brackets turned outward: `]1..5[` is `(1..5)`."""
    previous = before[-1].kind if before else ""
    if token.text == "]" and previous not in _ENDS_OPERAND and previous != "LSQB":
        return token._replace(kind="LPAR")
    if token.text == "[" and previous in _ENDS_OPERAND and _AFTER_RANGE.match(source, token.at + 1):
        return token._replace(kind="RPAR")
    return token


def _mark_negated_tests(tokens: list[Token]) -> None:
    """A cell that is wholly `not(...)` negates its tests; elsewhere `not` is the function."""
    if len(tokens) < 3 or tokens[0].text != "not" or tokens[1].kind != "LPAR":
        return
    level = 0
    for number, token in enumerate(tokens[1:], start=1):
        level += (token.kind in ("LPAR", "LSQB")) - (token.kind in ("RPAR", "RSQB"))
        if level == 0:
            if number == len(tokens) - 1:
                tokens[0] = tokens[0]._replace(kind="NOT_TESTS")
            return


def _unreadable(source: str, at: int) -> str:
    if source[at] == '"':
        return "expected the text to end with a quote"
    if source[at] == "'":
        return "expected double quotes around a text"
    if source.startswith("/*", at):
        return "expected the comment to end with */"
    return f"expected an expression, found the character `{source[at]}`"


def broken(message: str, at: int, source: str) -> BrokenExpression:
    """The error for one finding."""
    return BrokenExpression((Finding(message, at),), source)
