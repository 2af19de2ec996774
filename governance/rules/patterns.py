"""Regular expressions of the standard, run by RE2 in time linear in the text.

The dialect is the one of XPath functions (flags `s m i x`) over XML Schema (part 2, appendix F): `\\d \\w` know
Unicode, `\\i \\c` are characters of names, `[a-z-[aeiou]]` subtracts, `.` is all but line ends, `^` and `$` are the
ends of the text. A pattern that the dialect does not have is an error of the standard, and null. One that it has and
RE2 cannot run (a reference back to a group), or that the editions of the dialect read in two ways, is `Unanswerable`
and says which place.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from governance.rules import character_sets as sets
from governance.rules import limits
from governance.rules.character_sets import Ranges
from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.limits import Budget

_MEMORY = 2 << 20  # bytes RE2 may take for one pattern
_KEPT = 32  # patterns; with their memory, what all of them may take together
_STEP = 200  # instructions times characters that pass in about a microsecond
_SCAN = 50_000  # steps of asking about every character
_REPEATS_MAX = 1_000  # as RE2 has it
_FLAGS = "smix"
_SINGLE = {"n": "\n", "r": "\r", "t": "\t"} | {mark: mark for mark in "\\|.?*+(){}-[]^$"}
_SPACE = " \t\n\r"
_QUANTIFIER = re.compile(r"[?*+]|\{([0-9]+)(,([0-9]*))?\}", re.ASCII)
_REFERENCE = re.compile(r"[1-9][0-9]*", re.ASCII)
_CATEGORY = re.compile(r"\{(Is)?([A-Za-z0-9-]+)\}", re.ASCII)
_DOTTED_I = ("\u0130", "\u0131")  # their other case depends on the language


class Invalid(Exception):
    """The dialect has no such pattern: the standard's error, so null."""


class Pattern(NamedTuple):
    """A pattern ready to run. `scans`: sets of characters that were computed for it."""

    run: Any
    groups: int
    folds: bool
    has_start_of_line: bool
    scans: int


def compiled(pattern: str, flags: str | None) -> Pattern | None:
    """The pattern; None when the dialect has no such pattern or flag."""
    if len(pattern) > limits.PATTERN_CHARS_MAX:
        raise LimitBreached(f"expected a pattern of at most {limits.PATTERN_CHARS_MAX} characters")
    given = flags or ""
    if "q" in given:
        raise Unanswerable("expected flags among s, m, i and x, found q")
    if not set(given) <= set(_FLAGS):
        return None
    try:
        return _compiled(pattern, "".join(sorted(set(given))))
    except Invalid:
        return None


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str, flags: str) -> Pattern:
    reader = _Reader(_without_space(pattern) if "x" in flags else pattern, flags)
    try:
        text = reader.read().encode()
    except UnicodeEncodeError:
        raise Unanswerable("expected a pattern of whole characters") from None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        run = re2.compile(text, options)
        re2.purge()  # RE2's module keeps patterns as well, more of them than we want to
    except re2.error as error:
        if b"repetition" in error.args[0]:
            raise Unanswerable(f"expected repetitions of at most {_REPEATS_MAX} in all") from None
        raise LimitBreached("expected a pattern that compiles to less") from None
    return Pattern(run, reader.groups, "i" in flags, reader.has_start_of_line, reader.scans)


def found_in(pattern: Pattern, text: str, budget: Budget) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every match, from left to right, as the spans of the whole and of its groups in the UTF-8 of the text; (-1, -1)
    for a group that took no part."""
    if pattern.folds and any(letter in text for letter in _DOTTED_I):
        raise Unanswerable("expected a text without the Turkish i to match in any case")
    encoded = utf8(text)
    budget.spend(1 + pattern.scans * _SCAN + (len(encoded) + 1) * pattern.run.programsize // _STEP)
    for match in pattern.run.finditer(encoded):
        budget.spend(3)
        spans = tuple(match.span(group) for group in range(pattern.groups + 1))
        if pattern.has_start_of_line and spans[0][1] == len(encoded) and encoded.endswith(b"\n"):
            raise Unanswerable("expected a text that does not end in a line end, to find the starts of its lines")
        yield spans


def utf8(text: str) -> bytes:
    """The text as RE2 reads it."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Unanswerable("expected a text of whole characters") from None


def _without_space(pattern: str) -> str:
    """Flag x: white space counts only inside of brackets."""
    kept, depth, escaped = [], 0, False
    for mark in pattern:
        if mark in _SPACE and not depth:
            continue
        kept.append(mark)
        if not escaped and mark in "[]":
            depth = max(0, depth + (1 if mark == "[" else -1))
        escaped = mark == "\\" and not escaped
    return "".join(kept)


class _Reader:
    """Reads the dialect and writes RE2's."""

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.flags = flags
        self.at = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.has_start_of_line = False
        self.scans = 0
        if "i" in flags and any(letter in source for letter in _DOTTED_I):
            raise Unanswerable("expected a pattern without the Turkish i to match in any case")

    def read(self) -> str:
        text = self.branches(0)
        if self.at < len(self.source):
            raise Invalid
        return text

    def peek(self, mark: str) -> bool:
        return self.source.startswith(mark, self.at)

    def take(self) -> str:
        if self.at >= len(self.source):
            raise Invalid
        self.at += 1
        return self.source[self.at - 1]

    def unclear(self, what: str) -> Unanswerable:
        return Unanswerable(f"expected a pattern without {what}, found one at character {self.at}")

    def branches(self, depth: int) -> str:
        if depth > limits.DEPTH_MAX:
            raise LimitBreached(f"expected groups at most {limits.DEPTH_MAX} deep in a pattern")
        text = [self.branch(depth)]
        while self.peek("|"):
            self.at += 1
            text.append(self.branch(depth))
        return "|".join(text)

    def branch(self, depth: int) -> str:
        text = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            text.append(self.quantified(self.atom(depth)))
        return "".join(text)

    def quantified(self, atom: str) -> str:
        found = _QUANTIFIER.match(self.source, self.at)
        if found is None:
            if self.peek("{"):
                raise Invalid
            return atom
        self.at = found.end()
        if found[1] is not None:
            least, most = int(found[1]), int(found[3]) if found[3] else None
            if found[2] is None:
                most = least
            if most is not None and most < least:
                raise Invalid
            if max(least, most or 0) > _REPEATS_MAX:
                raise Unanswerable(f"expected repetitions of at most {_REPEATS_MAX} in a pattern")
        lazy = "?" if self.peek("?") else ""
        self.at += len(lazy)
        return f"(?:{atom}){found[0]}{lazy}"

    def atom(self, depth: int) -> str:
        mark = self.take()
        match mark:
            case "(":
                return self.group(depth)
            case "[":
                return self.bracketed(depth)
            case ".":
                return "(?s:.)" if "s" in self.flags else f"[^{sets.written(sets.LINE_ENDS)}]"
            case "^":
                self.has_start_of_line |= "m" in self.flags
                return "(?m:^)" if "m" in self.flags else r"\A"
            case "$":
                return "(?m:$)" if "m" in self.flags else r"\z"
            case "\\":
                return self.escape()
            case "}" | "]":
                raise self.unclear(f"a bare `{mark}`")
            case "?" | "*" | "+" | "{":
                raise Invalid
        return self.character(mark)

    def character(self, mark: str) -> str:
        text = sets.written([(ord(mark), ord(mark))])
        return f"(?i:{text})" if "i" in self.flags else text

    def group(self, depth: int) -> str:
        if self.peek("?"):
            raise self.unclear("groups that begin with `(?`")
        self.groups += 1
        number = self.groups
        inside = self.branches(depth + 1)
        if self.take() != ")":
            raise Invalid
        self.closed.add(number)
        return f"({inside})"

    def escape(self) -> str:
        mark = self.take()
        if mark in _SINGLE:
            return self.character(_SINGLE[mark])
        if mark.isascii() and mark.isdigit():
            found = _REFERENCE.match(self.source, self.at - 1)
            if found is not None and int(found[0][0]) in self.closed:
                raise self.unclear("references back to a group")
            raise Invalid
        return f"[{sets.written(self.set_named(mark))}]"

    def set_named(self, mark: str) -> Ranges:
        r"""The characters of `\d`, `\p{Lu}` and the like."""
        if mark.lower() in "sicdw":
            self.scans += mark.lower() in "dw"
            return sets.multiple(mark)
        if mark not in "pP":
            raise Invalid
        found = _CATEGORY.match(self.source, self.at)
        if found is None:
            raise Invalid
        self.at = found.end()
        if found[1]:
            if found[2] not in sets.BLOCKS:
                raise self.unclear(f"the block {found[2]}")
            ranges: Ranges = (sets.BLOCKS[found[2]],)
        elif found[2] in sets.CATEGORIES:
            self.scans += 1
            ranges = sets.category(found[2])
        else:
            raise Invalid
        return ranges if mark == "p" else sets.complement(ranges)

    def bracketed(self, depth: int) -> str:
        ranges = self.set(depth)
        return f"[{sets.written(ranges)}]" if ranges else r"[^\x{0}-\x{10FFFF}]"

    def set(self, depth: int) -> Ranges:
        """After `[`: what the brackets hold. Any case is added before a set is turned round or taken from."""
        if depth > limits.DEPTH_MAX:
            raise LimitBreached(f"expected brackets at most {limits.DEPTH_MAX} deep in a pattern")
        negated = self.peek("^")
        self.at += negated
        parts: list[Ranges] = []
        taken: Ranges = ()
        while not self.peek("]"):
            if self.peek("-[") and parts:
                self.at += 2
                taken = self.set(depth + 1)
                if not self.peek("]"):
                    raise Invalid
                break
            parts.append(self.part(first=not parts))
        self.at += 1
        if not parts:
            raise Invalid
        ranges = sets.union(parts)
        return sets.without(sets.complement(ranges) if negated else ranges, taken)

    def part(self, first: bool) -> Ranges:
        """One character, range or set inside of brackets."""
        low = self.member(first)
        if isinstance(low, tuple):
            return low
        high = low
        if self.peek("-") and not self.peek("-]") and not self.peek("-["):
            self.at += 1
            last = self.member(first=False, ends=True)
            if isinstance(last, tuple) or last < low:
                raise Invalid
            high = last
        if "i" not in self.flags:
            return ((low, high),)
        self.scans += 1
        return sets.any_case(sets.without_surrogates([(low, high)]))

    def member(self, first: bool, ends: bool = False) -> int | Ranges:
        """A character, or the set of an escape."""
        mark = self.take()
        if mark == "[":
            raise Invalid
        if mark == "-" and not first and not self.peek("]"):
            raise self.unclear("a `-` between the characters in brackets")
        if mark == "-" and ends:
            raise self.unclear("a range up to `-`")
        if mark == "-" and first and self.peek("-"):
            raise self.unclear("a range from `-`")
        if mark != "\\":
            return ord(mark)
        mark = self.take()
        return ord(_SINGLE[mark]) if mark in _SINGLE else self.set_named(mark)


Replacement = Callable[[bytes, tuple[tuple[int, int], ...]], bytes]


def replacement(text: str, groups: int) -> Replacement | None:
    r"""What takes the place of a match: `$0` to `$9` (and further, as far as there are groups) stand for groups, `\$`
    and `\\` for themselves. None for any other `$` or backslash."""
    parts: list[bytes | int] = []
    at = 0
    while at < len(text):
        mark = text[at]
        following = text[at + 1 : at + 2]
        if mark == "\\":
            if following not in ("\\", "$"):
                return None
            parts.append(following.encode())
            at += 2
        elif mark == "$":
            found = re.compile(r"[0-9]+", re.ASCII).match(text, at + 1)
            if found is None:
                return None
            digits = found[0][:6]
            while len(digits) > 1 and (digits[0] == "0" or int(digits) > groups):
                digits = digits[:-1]
            parts.append(int(digits))
            at += 1 + len(digits)
        else:
            parts.append(utf8(mark))
            at += 1

    def made(encoded: bytes, spans: tuple[tuple[int, int], ...]) -> bytes:
        pieces = []
        for part in parts:
            if isinstance(part, bytes):
                pieces.append(part)
            elif part < len(spans):
                low, high = spans[part]
                pieces.append(encoded[low:high] if low >= 0 else b"")
        return b"".join(pieces)

    return made
