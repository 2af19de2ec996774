"""Sets of characters in regular expressions (XML Schema part 2, appendix F), as ranges of code points.

Categories are asked of RE2 itself, which is pinned, and not of Python, whose tables differ from release to release.
Blocks are those of the standard's own list; they never changed.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import re2

Ranges = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
GROUPS = ("L", "M", "N", "P", "S", "Z")  # and C, the rest
CATEGORIES = frozenset(
    (*("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe"),
     *("Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn"))
)  # fmt: skip
SPACE: Ranges = ((0x9, 0xA), (0xD, 0xD), (0x20, 0x20))
LINE_ENDS: Ranges = ((0xA, 0xA), (0xD, 0xD))
_INITIAL: Ranges = (
    (0x3A, 0x3A), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D),
    (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF), (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF),
)  # fmt: skip
_INSIDE: Ranges = ((0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))
BLOCKS: dict[str, tuple[int, int]] = {
    "BasicLatin": (0x0, 0x7F), "Latin-1Supplement": (0x80, 0xFF), "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F), "IPAExtensions": (0x250, 0x2AF), "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F), "Greek": (0x370, 0x3FF), "Cyrillic": (0x400, 0x4FF),
    "Armenian": (0x530, 0x58F), "Hebrew": (0x590, 0x5FF), "Arabic": (0x600, 0x6FF), "Devanagari": (0x900, 0x97F),
    "Bengali": (0x980, 0x9FF), "Thai": (0xE00, 0xE7F), "Georgian": (0x10A0, 0x10FF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF), "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F), "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF), "LetterlikeSymbols": (0x2100, 0x214F), "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF), "MathematicalOperators": (0x2200, 0x22FF), "BoxDrawing": (0x2500, 0x257F),
    "Hiragana": (0x3040, 0x309F), "Katakana": (0x30A0, 0x30FF), "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3),
}  # fmt: skip


def union(sets: Iterable[Ranges]) -> Ranges:
    """All that is in one of them, as sorted ranges that do not touch."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(one for ranges in sets for one in ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """All characters that are not in it."""
    left, found = 0, []
    for low, high in union([ranges, (_SURROGATES,)]):
        if left < low:
            found.append((left, low - 1))
        left = high + 1
    return tuple(found) if left > LAST else (*found, (left, LAST))


def without(ranges: Ranges, taken: Ranges) -> Ranges:
    """What is in the first and not in the second."""
    return complement(union([complement(ranges), taken]))


@lru_cache(maxsize=256)
def category(name: str) -> Ranges:
    """The characters of a general category. Those that are not assigned are in no group but C."""
    if name == "Cn":
        return complement(union([*map(category, GROUPS), _matched(r"\p{C}")]))
    if name == "C":
        return complement(union(map(category, GROUPS)))
    return _matched(rf"\p{{{name}}}")


@lru_cache(maxsize=1024)
def any_case(ranges: Ranges) -> Ranges:
    """The characters, and those that differ from one of them in case only."""
    return union([ranges, _matched(f"(?i:[{written(ranges)}])")])


def multiple(letter: str) -> Ranges:
    r"""The characters of `\d`, `\s`, `\w`, `\i`, `\c`, or in capitals of all others."""
    if letter.isupper():
        return complement(multiple(letter.lower()))
    if letter == "w":
        return union(map(category, ("L", "M", "N", "S")))  # neither punctuation, nor separators, nor the rest
    if letter == "d":
        return category("Nd")
    if letter == "s":
        return SPACE
    return _INITIAL if letter == "i" else union([_INITIAL, _INSIDE])


def written(ranges: Sequence[tuple[int, int]]) -> str:
    """The ranges inside of brackets."""
    return "".join(_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in ranges)


def _code(point: int) -> str:
    return rf"\x{{{point:X}}}"


@lru_cache(maxsize=1)
def _every_character() -> bytes:
    spans = ((0, _SURROGATES[0]), (_SURROGATES[1] + 1, LAST + 1))
    step = 4_096  # a text of all at once takes a hundred megabytes while it is made
    return b"".join(
        "".join(map(chr, range(low, min(low + step, end)))).encode()
        for first, end in spans
        for low in range(first, end, step)
    )


def _matched(text: str) -> Ranges:
    """The characters that RE2 matches by a class, found by asking it about every one."""
    options = re2.Options()
    options.log_errors = False
    every = _every_character()
    found = []
    for match in re2.compile(f"(?:{text})+", options).finditer(every):
        run = every[match.start() : match.end()].decode()
        found.append((ord(run[0]), ord(run[-1])))
    return without_surrogates(found)


def without_surrogates(found: Sequence[tuple[int, int]]) -> Ranges:
    """The ranges, cut where they run over the code points that are no characters."""
    cut: list[tuple[int, int]] = []
    for low, high in found:
        if low < _SURROGATES[0] and high > _SURROGATES[1]:
            cut += [(low, _SURROGATES[0] - 1), (_SURROGATES[1] + 1, high)]
        else:
            cut.append((low, high))
    return tuple(cut)
