"""YAML (and so JSON) as text with places: every scalar is kept as it is written, nothing is converted.

Anchors, aliases, tags, further documents and duplicate keys are refused: what a reviewer reads is what there is.
"""

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from governance.rules.source_texts import tell
from ledger.errors import BrokenInput, TooLarge
from ledger.wording import as_it_is, in_english

DEPTH_MAX = 16  # declarations and rules are shallow
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(NamedTuple):
    """A written value; `line` and `column` (from 1) are those of its first character, after a quote."""

    text: str
    line: int
    column: int
    quoted: bool = False

    def place(self) -> str:
        return f"{self.line}:{self.column}"


class Items(NamedTuple):
    """A list."""

    items: "tuple[Written, ...]"
    line: int
    column: int

    def place(self) -> str:
        return f"{self.line}:{self.column}"


class Entries(NamedTuple):
    """A mapping in the order it is written."""

    entries: "tuple[tuple[Scalar, Written], ...]"
    line: int
    column: int

    def place(self) -> str:
        return f"{self.line}:{self.column}"

    def get(self, name: str) -> "Written | None":
        """The value under a key, if it is there."""
        return next((value for key, value in self.entries if key.text == name), None)


Written = Scalar | Items | Entries


def read_located(text: str, chars_max: int) -> Written:
    """The one document of a text; `BrokenInput` with line and column."""
    if len(text) > chars_max:
        raise TooLarge(tell("characters", most=chars_max))
    try:
        events = yaml.parse(text, Loader=_LOADER)
        return _document(events)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise BrokenInput(tell("yaml", problem=in_english(error.problem or "it ends early")), place) from None
    except (yaml.YAMLError, UnicodeEncodeError):  # the latter for half of a surrogate pair
        raise BrokenInput(tell("yaml-character")) from None


def _document(events: "Iterator[yaml.Event]") -> Written:
    result: Written | None = None
    for event in events:
        if isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
            continue
        if isinstance(event, yaml.DocumentStartEvent):
            if result is not None:
                raise BrokenInput(tell("one-document"), _place(event))
            continue
        result = _written(event, events, 0)
    if result is None:
        raise BrokenInput(tell("no-document"), "1:1")
    return result


def _written(event: "yaml.Event", events: "Iterator[yaml.Event]", depth: int) -> Written:
    if isinstance(event, yaml.AliasEvent):
        raise BrokenInput(tell("alias"), _place(event))
    if getattr(event, "anchor", None):
        raise BrokenInput(tell("anchor"), _place(event))
    if getattr(event, "tag", None):
        raise BrokenInput(tell("tag"), _place(event))
    if depth > DEPTH_MAX:
        raise BrokenInput(tell("levels", most=DEPTH_MAX), _place(event))
    line, column = _mark(event)
    if isinstance(event, yaml.ScalarEvent):
        quoted = event.style in ("'", '"')
        return Scalar(event.value, line, column + quoted, quoted)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_written(event, events, depth + 1))
        return Items(tuple(items), line, column)
    entries: list[tuple[Scalar, Written]] = []
    seen: set[str] = set()
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _written(event, events, depth + 1)
        if not isinstance(key, Scalar):
            raise BrokenInput(tell("plain-key"), key.place())
        if key.text in seen:
            raise BrokenInput(tell("key-once", key=as_it_is(key.text)), key.place())
        seen.add(key.text)
        entries.append((key, _written(next(events), events, depth + 1)))
    return Entries(tuple(entries), line, column)


def _mark(event: "yaml.Event") -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None  # only events made by hand have none
    return mark.line + 1, mark.column + 1


def _place(event: "yaml.Event") -> str:
    line, column = _mark(event)
    return f"{line}:{column}"
