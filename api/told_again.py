"""A sentence on record in other languages: an entry keeps its English text alone, and the tables of texts tell which
code it came out of. Pure.

Nothing is guessed: a sentence has a wording when a text of a table with arguments in its places *is* this sentence,
to the letter. One that no table makes any more, or never made, stays as it was written, told in English.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from api.refusal_texts import why as api_why
from governance.refusal_texts import why as governance_why
from governance.rules.expression_texts import say as expression_say
from ledger.refusal_texts import why as ledger_why
from ledger.wording import ENGLISH, Argument, Texts, Wording, as_it_is, in_english, joined, worded
from orchestrator.refusal_texts import why as orchestrator_why
from rbac.refusal_texts import why as rbac_why
from versioning.refusal_texts import why as versioning_why

LENGTH_MIN = 6  # of a text beside its places: a shorter one would take any sentence for its own
DEPTH_MAX = 3  # a reason within a sentence within a sentence
_PLACE = re.compile(r"\{(\w+)\}")
_QUOTED = re.compile(r"`[^`]*`")
_PROSE = re.compile(r"(?<![\w.:/-])[a-z]{2,} [a-z]{2,}(?![\w.:/-])")
_LISTS = (("list.semicolon", "; "), ("list.then", ", then "), ("list.comma", ", "), ("list.or", " or "))

REFUSALS = (ledger_why, rbac_why, governance_why, versioning_why, orchestrator_why, api_why)
PARTS = (*REFUSALS, expression_say)


class _Pattern(NamedTuple):
    code: str
    text: str
    pieces: tuple[str, ...]  # of the text, between its places
    source: str

    @property
    def length(self) -> int:
        return len("".join(self.pieces))

    def match(self, text: str) -> re.Match[str] | None:
        # Nearly every text is told apart by its pieces: no pattern is compiled for those.
        if not all(piece in text for piece in self.pieces):
            return None
        return re.fullmatch(self.source, text, re.DOTALL)


def _pattern(code: str, text: str) -> _Pattern:
    parts, seen = _PLACE.split(text), set[str]()
    source = ""
    for at, part in enumerate(parts):
        if at % 2 == 0:
            source += re.escape(part)
        else:
            source += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
    return _Pattern(code, text, tuple(parts[::2]), source)


def _patterns(tables: Iterable[Texts]) -> tuple[_Pattern, ...]:
    """Those that say most themselves come first; of several with one text the first by code is taken."""
    texts = {code: text for table in tables for code, text in table.by_code.items()}
    made = [_pattern(code, text) for code, text in texts.items()]
    return tuple(sorted((one for one in made if one.length >= LENGTH_MIN), key=lambda one: (-one.length, one.code)))


_REFUSALS, _PARTS = _patterns(REFUSALS), _patterns(PARTS)


@lru_cache(maxsize=1024)
def told_again(text: str) -> Wording:
    """The sentence of a refusal on record."""
    return _told(text, _REFUSALS, 1) or in_english(text)


def _told(text: str, patterns: tuple[_Pattern, ...], depth: int) -> Wording | None:
    """The first that leaves nothing in English, else the first of all."""
    first = None
    for one in patterns:
        match = one.match(text)
        if match is None:
            continue
        arguments: dict[str, Argument] = {name: _part(value, depth) for name, value in match.groupdict().items()}
        made = worded(one.code, one.text, **arguments)
        if not has_english(made):
            return made
        first = first or made
    return first


def has_english(wording: Wording) -> bool:
    """Whether some part of it is told in English alone."""
    parts = [part for _, part in wording.arguments if isinstance(part, Wording)]
    return wording.code == ENGLISH or any(map(has_english, parts))


def _part(text: str, depth: int) -> Wording:
    """An argument: a sentence of its own, several of them, what reads the same everywhere, else English."""
    if depth < DEPTH_MAX and (found := _told(text, _PARTS, depth + 1)) is not None:
        return found
    if not _PROSE.search(_QUOTED.sub("`", text)):
        return as_it_is(text)
    for code, between in _LISTS:
        pieces = text.split(between)
        if depth < DEPTH_MAX and len(pieces) > 1:
            told = [_part(piece, depth + 1) for piece in pieces]
            if not any(map(has_english, told)):
                return joined(told, code, between)
    return in_english(text)
