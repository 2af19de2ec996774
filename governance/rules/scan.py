"""Source to tokens. Names may hold spaces and some marks: the longest known name that fits wins, as the standard asks.

Known are the declared names and those the source itself gives (`local_names`). Types and the parameters of a function
are one token each, read by `type_text` and `parse`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from governance.rules.errors import BrokenExpression, Finding
from governance.rules.expression_texts import say
from governance.rules.local_names import local_names
from governance.rules.signatures import PARAMETERS, STANDARD
from governance.rules.type_text import scan_type
from governance.rules.types import Type
from ledger.errors import BrokenInput
from ledger.wording import as_it_is

KEYWORDS = {
    "if": "IF", "then": "THEN", "else": "ELSE", "and": "AND", "or": "OR", "between": "BETWEEN", "in": "IN",
    "true": "TRUE", "false": "FALSE", "null": "NULL", "for": "FOR", "return": "RETURN", "some": "SOME",
    "every": "EVERY", "satisfies": "SATISFIES", "function": "FUNCTION",
}  # fmt: skip
_OPERATING = frozenset((*KEYWORDS, "instance"))
REFUSED = {"external": "an external function"}
_PUNCTUATION = {
    "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", ",": "COMMA", "..": "DOTS", ".": "DOT", "**": "POWER",
    "*": "TIMES", "/": "DIVIDE", "+": "PLUS", "-": "MINUS", "<": "COMPARE", "<=": "COMPARE", ">": "COMPARE",
    ">=": "COMPARE", "=": "COMPARE", "!=": "COMPARE", "{": "LBRACE", "}": "RBRACE", "?": "QUESTION", ":": "COLON",
}  # fmt: skip
_PROPERTIES = ("time offset", "start included", "end included")
_LETTER = r"(?:[^\W\d]|[\U00010000-\U000effff])"  # the standard's names may hold what Unicode counts as no letter
_WORD = rf"{_LETTER}(?:\w|[\U00010000-\U000effff])*"
_WHOLE_WORD = re.compile(_WORD)
_TOKEN = re.compile(
    rf"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<temporal>@\s*"(?:[^"\\\n]|\\.)*")
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<word>{_WORD})
      | (?P<mark>\*\*|\.\.|<=|>=|!=|/(?!\*)|[()\[\],.*+\-<>={{}}?:])""",
    re.VERBOSE | re.DOTALL,
)
_INSTANCE_OF = re.compile(r"instance\s+of(?!\w)\s*")
_PARAMETERS = re.compile(r"\s*\(")
_ENDS_OPERAND = frozenset(
    {"NUMBER", "STRING", "TEMPORAL", "TRUE", "FALSE", "NULL", "NAME", "RPAR", "RSQB", "RBRACE", "QUESTION", "TYPE"}
)
_AFTER_RANGE = re.compile(
    r"\s*(?:$|[),\]}=!]|\.(?![0-9])|(?P<word>(?:and|or|then|else|in|between|return|satisfies|instance)\b))"
)


class Token(NamedTuple):
    """`kind` is a terminal of the grammar, `text` as written (names with single spaces), `at` its offset."""

    kind: str
    text: str
    at: int


def is_word(name: str) -> bool:
    """Whether a name is one word, which needs no declaration to be read."""
    return _WHOLE_WORD.fullmatch(name) is not None


def may_operate(name: str) -> bool:
    """Whether a name, where it is not known, may be read as an operation or a condition: `a-b`, `profit and loss`."""
    return not is_word(name) and (
        re.search(r"[^\w\s']", name) is not None or not _OPERATING.isdisjoint(re.split(r"\W+", name))
    )


@lru_cache(maxsize=512)
def _names(declared: frozenset[str]) -> re.Pattern[str]:
    """Matches any known name that is more than one word, longest first; functions only before a parenthesis, and names
    of their parameters before a colon."""
    spaced = {name for name in (*declared, *_PROPERTIES) if not is_word(name)}
    choices = [(name, r"(?!\w)" if re.search(r"\w$", name) else "") for name in spaced if name.strip()]
    choices += [(name, r"(?=\s*\()") for name in STANDARD if " " in name]
    choices += [(name, r"(?=\s*:)") for name in PARAMETERS if " " in name]
    choices.sort(key=lambda choice: (-len(choice[0]), choice[0]))
    return re.compile("|".join(r"\s+".join(re.escape(word) for word in name.split()) + end for name, end in choices))


def scan(
    source: str, declared: frozenset[str], tests: bool = False, types: Mapping[str, Type] | None = None
) -> list[Token]:
    """The tokens of a source; `BrokenExpression` for what is no token and for what is not supported."""
    tokens: list[Token] = []
    names = _names(declared | local_names(source))
    for token in _Scanner(source, names, types or {}).run():
        tokens.append(_bracket(token, tokens, source, names))
    if tests:
        _mark_negated_tests(tokens)
    return tokens


class _Scanner:
    def __init__(self, source: str, names: re.Pattern[str], types: Mapping[str, Type]) -> None:
        self._source = source
        self._names = names
        self._types = types

    def run(self) -> Iterator[Token]:
        source = self._source
        at, after_dot = 0, False
        while at < len(source):
            spaced = self._names.match(source, at) if _LETTER_AT(source, at) else None
            if spaced and " ".join(spaced[0].split()) not in KEYWORDS:
                yield Token("NAME", " ".join(spaced[0].split()), at)
                at, after_dot = spaced.end(), False
                continue
            instance = None if after_dot else _INSTANCE_OF.match(source, at)
            if instance is not None:
                yield Token("INSTANCE", "instance of", at)
                at = self._type_end(instance.end())
                yield Token("TYPE", source[instance.end() : at], instance.end())
                continue
            found = _TOKEN.match(source, at)
            if found is None:
                raise broken(_unreadable(source, at), at, source)
            text, kind = found[0], found.lastgroup
            at, start = found.end(), at
            if kind == "space":
                continue
            token = self._token(text, str(kind), start, after_dot)
            yield token
            after_dot = text == "."
            if token.kind == "FUNCTION":
                opened = _PARAMETERS.match(source, at)
                if opened is None:
                    raise broken("expected `(` after `function`", at, source)
                start, at = opened.end() - 1, self._parameters_end(opened.end())
                yield Token("PARAMETERS", source[start:at], start)

    def _token(self, text: str, kind: str, at: int, after_dot: bool) -> Token:
        if kind == "word":
            if after_dot:
                return Token("NAME", text, at)
            if text in REFUSED:
                raise broken(f"{REFUSED[text]} is not supported", at, self._source)
            return Token(KEYWORDS.get(text, "NAME"), text, at)
        if kind == "mark":
            return Token(_PUNCTUATION[text], text, at)
        return Token(kind.upper(), text, at)

    def _type_end(self, at: int) -> int:
        try:
            return scan_type(self._source, at, self._types)[1]
        except BrokenInput as error:
            raise broken(error.message, at, self._source) from None

    def _parameters_end(self, at: int) -> int:
        """Parameters hold names and types, in which brackets other than the round ones stand in pairs."""
        end = self._source.find(")", at)
        if end < 0:
            raise broken("expected `)` after the parameters", at, self._source)
        return end + 1


_LETTER_AT = re.compile(_LETTER).match


def _bracket(token: Token, before: list[Token], source: str, names: re.Pattern[str]) -> Token:
    """Ranges may be written with brackets turned outward: `]1..5[` is `(1..5)`. Before what can only follow a range,
    not begin a filter, a bracket ends one."""
    previous = before[-1].kind if before else ""
    if token.text == "]" and previous not in _ENDS_OPERAND and previous != "LSQB":
        return token._replace(kind="LPAR")
    if token.text == "[" and previous in _ENDS_OPERAND:
        after = _AFTER_RANGE.match(source, token.at + 1)
        if after is not None and not (after["word"] and names.match(source, after.start("word"))):
            return token._replace(kind="RPAR")
    return token


def _mark_negated_tests(tokens: list[Token]) -> None:
    """A cell that is wholly `not(...)` negates its tests; elsewhere `not` is the function."""
    if len(tokens) < 3 or tokens[0].text != "not" or tokens[1].kind != "LPAR":
        return
    if len(tokens) > 3 and tokens[3].kind == "COLON":  # an argument by name
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
        return say("double-quotes")
    if source.startswith("/*", at):
        return "expected the comment to end with */"
    return say("unreadable", character=as_it_is(source[at]))


def broken(message: str, at: int, source: str) -> BrokenExpression:
    """The error for one finding."""
    return BrokenExpression((Finding(message, at),), source)
