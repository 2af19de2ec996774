"""JSON (RFC 8259) as nodes with line and column. Stricter than most readers: a duplicate key is an error."""

import re
from typing import NoReturn

from ledger.wording import Wording, as_it_is
from versioning.blueprint import Place
from versioning.finding import Finding, quoted
from versioning.finding_texts import say
from versioning.source import DEPTH_MAX, Mapping, Node, Scalar, Sequence, duplicate, error, hidden_in, place_at

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_WORDS = {"true": "boolean", "false": "boolean", "null": "null"}
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")


class _Stop(Exception):
    """Carries the one finding that ends the reading."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding


def read_json(text: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """The node tree of a JSON text, or why there is none. The text is within the size limit."""
    reader = _Reader(text)
    try:
        root = reader.value(0)
        reader.space()
        if reader.at < len(text):
            reader.stop(say("json-text-after-end"), say("the-end"))
    except _Stop as stop:
        return None, (*reader.findings, stop.finding)
    return (None if reader.findings else root), tuple(reader.findings)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.findings: list[Finding] = []

    def place(self) -> Place:
        return place_at(self.text, self.at)

    def stop(self, message: Wording, expected: Wording) -> NoReturn:
        found = quoted(self.text[self.at]) if self.at < len(self.text) else say("end-of-text")
        raise _Stop(error(self.place(), say("not-json", message=message), expected, found))

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def peek(self) -> str:
        self.space()
        return self.text[self.at : self.at + 1]

    def value(self, depth: int) -> Node:
        char = self.peek()
        place = self.place()
        if char in ("{", "["):
            if depth >= DEPTH_MAX:
                raise _Stop(error(place, say("too-deep"), say("at-most-levels", most=DEPTH_MAX)))
            self.at += 1
            return self.mapping(place, depth) if char == "{" else self.sequence(place, depth)
        if char == '"':
            return Scalar(self.string(), "text", place)
        for word, kind in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return Scalar(word, "boolean" if kind == "boolean" else "null", place)
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            self.stop(say("json-no-value"), say("json-values"))
        self.at = match.end()
        whole = match[2] is None and match[3] is None
        return Scalar(match.group(), "integer" if whole else "number", place)

    def mapping(self, place: Place, depth: int) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Place] = {}
        if self.peek() == "}":
            self.at += 1
            return Mapping((), place)
        while True:
            if self.peek() != '"':
                self.stop(say("json-no-key"), say("json-key"))
            where = self.place()
            key = Scalar(self.string(), "text", where)
            if key.text in seen:
                self.findings.append(duplicate(key, seen[key.text]))
            seen.setdefault(key.text, where)
            if self.peek() != ":":
                self.stop(say("json-key-without-value"), as_it_is("`:`"))
            self.at += 1
            pairs.append((key, self.value(depth + 1)))
            if self.more("}"):
                return Mapping(tuple(pairs), place)

    def sequence(self, place: Place, depth: int) -> Sequence:
        items: list[Node] = []
        if self.peek() == "]":
            self.at += 1
            return Sequence((), place)
        while True:
            items.append(self.value(depth + 1))
            if self.more("]"):
                return Sequence(tuple(items), place)

    def more(self, end: str) -> bool:
        char = self.peek()
        if char not in (",", end):
            self.stop(say("json-unfinished"), say("comma-or-end", end=as_it_is(end)))
        self.at += 1
        return char == end

    def string(self) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            match = _PLAIN.match(self.text, self.at)
            if match is not None:
                parts.append(match.group())
                self.at = match.end()
            char = self.text[self.at : self.at + 1]
            if char == '"':
                self.at += 1
                return self.whole("".join(parts))
            if char != "\\":
                self.stop(say("json-unfinished-text"), as_it_is('`"`'))
            parts.append(self.escape())

    def escape(self) -> str:
        code = self.text[self.at + 1 : self.at + 2]
        if code in _ESCAPES:
            self.at += 2
            return _ESCAPES[code]
        digits = _HEX.match(self.text, self.at + 2) if code == "u" else None
        if digits is None:
            self.stop(say("json-escape"), say("one-of", names=as_it_is(r"\" \\ \/ \b \f \n \r \t \uXXXX")))
        self.at += 6
        return chr(int(digits.group(), 16))

    def whole(self, text: str) -> str:
        """Escaped surrogate pairs joined; half a pair and invisible characters are no text."""
        try:
            joined = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.stop(say("half-a-pair"), say("unicode-text"))
        if hidden_in(joined):
            self.stop(say("hidden-escape"), say("visible-text"))
        return joined
