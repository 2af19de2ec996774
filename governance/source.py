"""A YAML source read node by node, so that every fault names its line and column. Pure.

Only what a reader of the file sees: mappings, lists, plain text. Anchors, aliases, tags, repeated keys and several
documents are refused, and no scalar turns into another type by its looks: `100000.00` stays the text it is.
"""

from dataclasses import dataclass
from typing import NoReturn

import yaml

from governance.source_texts import tell
from ledger.errors import BrokenInput, TooLarge
from ledger.wording import Wording, as_it_is, listed

SOURCE_BYTES_MAX = 64 * 1024  # an entry holds 60 KiB; bounds the work of a parser in plain Python
DEPTH_MAX = 16  # our deepest source has five levels; bounds recursion
TEXT_MAX = 2_000  # a condition or reason longer than a page is not read by its approvers


@dataclass(frozen=True, slots=True)
class Spot:
    """A node of a source."""

    node: yaml.Node

    @property
    def location(self) -> str:
        """`line:column`, from 1."""
        return f"{self.node.start_mark.line + 1}:{self.node.start_mark.column + 1}"

    def fail(self, message: Wording) -> NoReturn:
        raise BrokenInput(message, self.location)

    def text(self) -> str:
        """The scalar as written, not blank."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail(tell("text"))
        value = str(self.node.value).strip()
        if not value or (value == "~" and self.node.style is None):
            self.fail(tell("text-missing"))
        if len(value) > TEXT_MAX:
            self.fail(tell("characters", most=TEXT_MAX))
        return value

    def items(self) -> tuple["Spot", ...]:
        """The members of a list with at least one."""
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.value:
            self.fail(tell("list-of-one"))
        return tuple(Spot(node) for node in self.node.value)

    def record(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, "Spot"]:
        """The members of a mapping by key: all required ones, nothing unknown, nothing twice."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail(tell("mapping"))
        found: dict[str, Spot] = {}
        for key_node, value_node in self.node.value:
            key = Spot(key_node)
            name = key.text()
            if name not in required and name not in optional:
                key.fail(tell("one-of", known=listed((*required, *optional)), found=as_it_is(name)))
            if name in found:
                key.fail(tell("key-again", name=as_it_is(name)))
            found[name] = Spot(value_node)
        for name in required:
            if name not in found:
                self.fail(tell("key-missing", name=as_it_is(name)))
        return found


def read_yaml(source: str) -> Spot:
    """The root of one YAML document; `BrokenInput` with a location, `TooLarge` over the limit."""
    if len(source.encode("utf-8", "surrogatepass")) > SOURCE_BYTES_MAX:
        raise TooLarge(tell("source-bytes", most=SOURCE_BYTES_MAX))
    try:
        _check_tokens(source)
        root = yaml.compose(source, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BrokenInput(tell("yaml-alone"), f"{mark.line + 1}:{mark.column + 1}" if mark else "") from error
    except yaml.YAMLError as error:
        raise BrokenInput(tell("yaml-printable")) from error
    if root is None:
        raise BrokenInput(tell("mapping-missing"))
    return Spot(root)


_OPENING = (yaml.BlockMappingStartToken, yaml.BlockSequenceStartToken, yaml.FlowMappingStartToken,
            yaml.FlowSequenceStartToken)  # fmt: skip
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_REFUSED = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken, yaml.DirectiveToken)


def _check_tokens(source: str) -> None:
    """Refuse what would make the text mean more than it shows, before anything is composed from it."""
    depth = 0
    for token in yaml.scan(source, yaml.SafeLoader):
        location = f"{token.start_mark.line + 1}:{token.start_mark.column + 1}"
        if isinstance(token, _REFUSED):
            raise BrokenInput(tell("anchors-and-tags"), location)
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > DEPTH_MAX:
            raise BrokenInput(tell("levels-of-nesting", most=DEPTH_MAX), location)
