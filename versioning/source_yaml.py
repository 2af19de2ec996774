"""YAML as nodes with line and column, built from the event stream: there anchors, aliases and tags are still seen."""

from typing import Any

import yaml

from ledger.wording import as_it_is, in_english
from versioning.blueprint import Place
from versioning.finding import Finding, quoted
from versioning.finding_texts import say
from versioning.source import (
    DEPTH_MAX,
    START,
    Mapping,
    Node,
    Scalar,
    Sequence,
    duplicate,
    error,
    hidden_in,
    place_at,
    scalar_kind,
)


def read_yaml(text: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """The node tree of a YAML text of one document, or why there is none. The text is within the size limit."""
    return _Events(text).read()


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("items", "key", "mapping", "place", "seen")

    def __init__(self, mapping: bool, place: Place) -> None:
        self.mapping = mapping
        self.place = place
        self.items: list[Any] = []
        self.key: Scalar | None = None
        self.seen: dict[str, Place] = {}


class _Events:
    """Builds nodes from the event stream, where anchors and tags are still to be seen. One use."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.findings: list[Finding] = []
        self.stack: list[_Open] = []
        self.root: Node | None = None

    def read(self) -> tuple[Node | None, tuple[Finding, ...]]:
        documents = 0
        try:
            for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.findings.append(error(_place(event), say("second-document"), say("one-document")))
                        break
                elif not self._take(event):
                    break
        except yaml.YAMLError as broken:
            self.findings.append(self._syntax(broken))
        if self.root is None and not self.findings:
            self.findings.append(error(START, say("text-empty"), say("blueprint")))
        return (None if self.findings else self.root), tuple(self.findings)

    def _take(self, event: Any) -> bool:
        if isinstance(event, yaml.AliasEvent):
            self.findings.append(
                error(_place(event), say("yaml-alias"), say("value-itself"), quoted(f"*{event.anchor}"))
            )
            self._put(Scalar("", "null", _place(event)))
        elif isinstance(event, yaml.ScalarEvent):
            self._plainly(event)
            if hidden_in(event.value):
                self.findings.append(error(_place(event), say("hidden-escape"), say("visible-text")))
            plain = event.implicit[0]
            self._put(Scalar(event.value, scalar_kind(event.value, plain), _place(event)), plain=plain)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._plainly(event)
            if len(self.stack) >= DEPTH_MAX:
                self.findings.append(error(_place(event), say("too-deep"), say("at-most-levels", most=DEPTH_MAX)))
                return False
            self.stack.append(_Open(isinstance(event, yaml.MappingStartEvent), _place(event)))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            ended = self.stack.pop()
            items = tuple(ended.items)
            self._put(Mapping(items, ended.place) if ended.mapping else Sequence(items, ended.place))
        return True

    def _plainly(self, event: Any) -> None:
        if event.anchor is not None:
            self.findings.append(
                error(_place(event), say("yaml-anchor"), say("value-alone"), quoted(f"&{event.anchor}"))
            )
        if event.tag is not None:
            self.findings.append(error(_place(event), say("yaml-tag"), say("value-alone"), quoted(event.tag)))

    def _put(self, node: Node, *, plain: bool = False) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if not parent.mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(parent, node, plain)
        else:
            parent.items.append((parent.key, node))
            parent.key = None

    def _key(self, parent: _Open, node: Node, plain: bool) -> Scalar:
        if not isinstance(node, Scalar):
            self.findings.append(error(node.place, say("key-no-text"), say("text")))
            return Scalar("", "text", node.place)
        if node.text == "<<" and plain:  # in quotes it is a key like any other
            self.findings.append(error(node.place, say("yaml-merge"), say("keys-themselves"), as_it_is("`<<`")))
        elif node.text in parent.seen:
            self.findings.append(duplicate(node, parent.seen[node.text]))
        parent.seen.setdefault(node.text, node.place)
        return node

    def _syntax(self, broken: yaml.YAMLError) -> Finding:
        if isinstance(broken, yaml.MarkedYAMLError):
            mark = broken.problem_mark or broken.context_mark
            said = ", ".join(part for part in (broken.context, broken.problem) if part)
            return error(
                Place(mark.line + 1, mark.column + 1) if mark else START, say("not-yaml", said=in_english(said))
            )
        offset = getattr(broken, "position", 0)
        return error(
            place_at(self.text, offset), say("not-yaml", said=in_english(getattr(broken, "reason", "unreadable")))
        )


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)
