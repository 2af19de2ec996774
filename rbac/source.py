"""Reading small YAML sources of governed artefacts with the place of every fault.

Only what a reader of the file would expect: mappings with text keys, lists, plain scalars. Anchors, aliases, tags,
duplicate keys, several documents and deep nesting are refused, so the text means what it shows.
"""

from dataclasses import dataclass
from typing import NoReturn

import yaml

from ledger.errors import BrokenInput, TooLarge
from ledger.wording import Wording, as_it_is, in_english, listed
from rbac.source_texts import tell

SOURCE_BYTES_MAX = 256 * 1024  # ten times the largest policy seen; bounds the work of a plain-Python parser
DEPTH_MAX = 8  # a policy needs six levels


@dataclass(frozen=True, slots=True)
class At:
    """A node of the source with its place (line and column from 1)."""

    node: yaml.Node

    @property
    def location(self) -> str:
        mark = self.node.start_mark
        return f"line {mark.line + 1}, column {mark.column + 1}"

    def fail(self, message: Wording) -> NoReturn:
        raise BrokenInput(message, self.location)

    def text(self) -> str:
        """The scalar as it is written; never turned into another type."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail(tell("text"))
        if not self.node.value:
            self.fail(tell("text-missing"))
        return str(self.node.value)

    def is_blank(self) -> bool:
        """Whether nothing stands here (`key:` and no more)."""
        return isinstance(self.node, yaml.ScalarNode) and not self.node.value

    def items(self) -> tuple["At", ...]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail(tell("list"))
        return tuple(At(item) for item in self.node.value)

    def members(self) -> tuple[tuple["At", "At"], ...]:
        """(key, value) pairs in source order; keys are distinct text."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail(tell("mapping"))
        seen: set[str] = set()
        pairs = []
        for key_node, value_node in self.node.value:
            key = At(key_node)
            name = key.text()
            if name in seen:
                key.fail(tell("key-twice", name=as_it_is(name)))
            seen.add(name)
            pairs.append((key, At(value_node)))
        return tuple(pairs)

    def record(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, "At"]:
        """The members by key; unknown and missing keys are faults."""
        found: dict[str, At] = {}
        for key, value in self.members():
            name = key.text()
            if name not in required and name not in optional:
                key.fail(tell("one-of", known=listed((*required, *optional)), found=as_it_is(name)))
            found[name] = value
        for name in required:
            if name not in found:
                self.fail(tell("key-missing", name=as_it_is(name)))
        return found


def read_source(text: str) -> At:
    """The root node of one YAML document; every fault is `BrokenInput` with line and column."""
    if len(text.encode("utf-8", "surrogatepass")) > SOURCE_BYTES_MAX:
        raise TooLarge(tell("source-bytes", most=SOURCE_BYTES_MAX))
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise BrokenInput(tell("yaml", fault=in_english(error.problem or "a fault")), place) from error
    except yaml.YAMLError as error:
        raise BrokenInput(tell("yaml-character")) from error
    if node is None:
        raise BrokenInput(tell("document-missing"), "line 1, column 1")
    return At(node)


def _check_events(text: str) -> None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise BrokenInput(tell("anchors"), place)
        if getattr(event, "tag", None) is not None:
            raise BrokenInput(tell("tags"), place)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise BrokenInput(tell("one-document"), place)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                raise BrokenInput(tell("levels", most=DEPTH_MAX), place)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
