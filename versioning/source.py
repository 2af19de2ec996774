"""Blueprint source as a tree of nodes that know their line and column: `source_yaml` and `source_json` make it.

Only what a reader can see counts: no anchors, aliases, tags, merge keys, second documents or duplicate keys, and no
invisible characters that make a text read otherwise than it is. Plain scalars follow the YAML 1.2 core schema
(section 10.3.2): `yes` and `no` are text, only `true` and `false` are booleans.
"""

import re
from dataclasses import dataclass
from typing import Literal

from ledger.wording import NOTHING, Wording, as_it_is
from versioning.blueprint import Place
from versioning.finding import Finding, quoted
from versioning.finding_texts import say

SOURCE_BYTES_MAX = 40 * 1024  # the limit of a change request's source, which stands whole in one entry
DEPTH_MAX = 24  # the deepest form of the language, nested data of 8 levels, needs 20

ScalarKind = Literal["text", "integer", "number", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf. `text` is what stands in the source without quotes; `kind` what a core-schema reader makes of it."""

    text: str
    kind: ScalarKind
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values in source order; keys are text and unique."""

    pairs: tuple[tuple[Scalar, "Node"], ...]
    place: Place


Node = Scalar | Sequence | Mapping

START = Place(1, 1)

# Bidirectional controls, zero-width characters and byte order marks: what is approved must be what is executed.
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]"
)
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))


def error(place: Place, message: Wording, expected: Wording = NOTHING, found: Wording = NOTHING) -> Finding:
    """A finding about the text itself."""
    return Finding("source", "error", place, message, expected, found)


def unreadable(text: str) -> Finding | None:
    """Why a text is not even looked at: too long, not Unicode, or with characters nobody can see."""
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError as broken:
        return error(place_at(text, broken.start), say("half-a-pair-stored"), say("unicode-text"))
    if size > SOURCE_BYTES_MAX:
        return error(START, say("text-too-long"), say("at-most-bytes", most=SOURCE_BYTES_MAX), say("bytes", size=size))
    hidden = _INVISIBLE.search(text)
    if hidden is not None:
        name = f"U+{ord(hidden.group()):04X}"
        return error(place_at(text, hidden.start()), say("hidden-character"), say("visible-text"), as_it_is(name))
    return None


def hidden_in(text: str) -> bool:
    """Whether a text (already unescaped) holds a character nobody can see."""
    return _INVISIBLE.search(text) is not None


def place_at(text: str, offset: int) -> Place:
    """Line and column, from 1, of a character offset."""
    before = text[:offset]
    return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def scalar_kind(text: str, plain: bool) -> ScalarKind:
    """What the YAML 1.2 core schema makes of a scalar."""
    if not plain:
        return "text"
    if text in _NULLS:
        return "null"
    if text in _BOOLEANS:
        return "boolean"
    if _INTEGER.fullmatch(text):
        return "integer"
    return "number" if _NUMBER.fullmatch(text) else "text"


def duplicate(key: Scalar, first: Place) -> Finding:
    """The finding for a key that stands twice."""
    return error(
        key.place,
        say("key-twice", key=quoted(key.text)),
        say("each-key-once"),
        say("one-on-line", line=as_it_is(first.line)),
    )
