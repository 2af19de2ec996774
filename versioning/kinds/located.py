"""Strict YAML with places, for governed artefacts that are plain data.

A subset that reads as it looks: mappings with unique text keys, sequences, and plain scalars of which only decimal
integers, `true`, `false` and `null` are not text. Anchors, aliases, tags, merge keys and several documents are errors,
so no document grows while it is read (YAML 1.2 section 3.2; sizes are limited by the caller).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from ledger.errors import BrokenInput
from ledger.wording import Wording, as_it_is, in_english, listed
from versioning.kinds.reading_texts import tell

DEPTH_MAX = 16  # deeper than any artefact of ours

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})\Z")
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Located:
    """A value and where it stands. `value` is text, an integer, a boolean, None, a dict or a tuple of `Located`."""

    value: Any
    line: int
    column: int
    key_place: str = ""  # of a member: where its key stands

    def error(self, message: Wording) -> BrokenInput:
        """A `BrokenInput` at this place."""
        return BrokenInput(message, f"{self.line}:{self.column}")


def read(source: str, levels: int = DEPTH_MAX) -> Located:
    """The one document of the source; `BrokenInput` with `line:column`. `levels` bounds how deep it may nest."""
    try:
        _check_events(source, levels)
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BrokenInput(tell("yaml", problem=in_english(error.problem or "")), _place(mark)) from error
    except yaml.YAMLError as error:
        raise BrokenInput(tell("yaml-characters")) from error
    if node is None:
        raise BrokenInput(tell("document-missing"), "1:1")
    return _located(node)


def _place(mark: Any) -> str:
    return "" if mark is None else f"{mark.line + 1}:{mark.column + 1}"


def _check_events(source: str, levels: int) -> None:
    """Stop at the first construct of no use here, before anything is built: deep nesting costs quadratic time."""
    depth = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BrokenInput(tell("anchor"), place)
        if getattr(event, "tag", None):
            raise BrokenInput(tell("tag"), place)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > levels:
                raise BrokenInput(tell("levels", levels=levels), place)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _located(node: Any) -> Located:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, yaml.MappingNode):
        return Located(_members(node), line, column)
    if isinstance(node, yaml.SequenceNode):
        return Located(tuple(_located(item) for item in node.value), line, column)
    return Located(_scalar(node), line, column)


def _members(node: Any) -> dict[str, Located]:
    members: dict[str, Located] = {}
    for key, value in node.value:
        place = _place(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise BrokenInput(tell("text-key"), place)
        if key.value == "<<" and key.style is None:  # in quotes it is a key like any other
            raise BrokenInput(tell("merge-key"), place)
        if key.value in members:
            raise BrokenInput(tell("key-twice", key=as_it_is(key.value)), place)
        members[key.value] = replace(_located(value), key_place=place)
    return members


def _scalar(node: Any) -> Any:
    if node.style is not None:
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    return int(node.value) if _INTEGER.match(node.value) else node.value


class Members:
    """Reads the members of a mapping one by one; whoever is done says so, and unknown keys are errors."""

    def __init__(self, located: Located, what: Wording) -> None:
        if not isinstance(located.value, dict):
            raise located.error(tell("mapping", what=what))
        self._located = located
        self._what = what

    def known(self, keys: Iterable[str]) -> None:
        """Every key is one of these."""
        keys = tuple(keys)
        for key, member in self._located.value.items():
            if key not in keys:
                message = tell("other-key", keys=listed(keys), what=self._what, key=as_it_is(key))
                raise BrokenInput(message, member.key_place)

    def required(self, key: str) -> Located:
        """The member; an error when it is missing."""
        if key not in self._located.value:
            raise self._located.error(tell("key-missing", key=as_it_is(key), what=self._what))
        member: Located = self._located.value[key]
        return member

    def optional(self, key: str) -> Located | None:
        """The member, or None."""
        member: Located | None = self._located.value.get(key)
        return member


def text(located: Located, what: Wording) -> str:
    """A text that is not empty."""
    if not isinstance(located.value, str) or not located.value.strip():
        raise located.error(tell("text", what=what))
    return located.value


def plain(located: Located) -> Any:
    """The value without its places, as canonical data; a key in other letters than ASCII is an error."""
    if isinstance(located.value, dict):
        for key, member in located.value.items():
            if not key.isascii() or key.startswith("$"):
                raise BrokenInput(tell("ascii-keys"), member.key_place)
        return {key: plain(member) for key, member in located.value.items()}
    if isinstance(located.value, tuple):
        return [plain(item) for item in located.value]
    return located.value
