"""What of an entry leaves by a feed, and the choice of entries. Pure.

An entry is told as its exact bytes, so that who gets them can hash them to the leaf and prove it, or as its envelope
alone. Neither opens a commitment: openings lie in the vault, which no feed reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ledger.canonical import encode_trusted

WITHHELD = ("payload", "basis", "refs", "command")  # of an envelope: the members that say more than what happened


class Disclosed(NamedTuple):
    """One entry as it leaves: `data` is JSON and `value` the same, decoded. What is withheld stands in neither."""

    index: int  # type: ignore[assignment]  # hides `tuple.index`
    leaf_hash: bytes
    data: bytes
    value: Mapping[str, Any]
    is_whole: bool  # `data` is the exact bytes of the entry


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries a feed tells of. An empty set chooses all; `nouns` are kinds by what stands before the point."""

    kinds: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    subject_types: frozenset[str] = frozenset()
    is_whole: bool = True

    def takes(self, value: Mapping[str, Any]) -> bool:
        """Whether an entry is told of; `value` is its decoded bytes."""
        kind = value["kind"]
        if (self.kinds or self.nouns) and kind not in self.kinds and kind.partition(".")[0] not in self.nouns:
            return False
        return not self.subject_types or subject_type(value["subject"]) in self.subject_types

    def disclose(self, index: int, leaf_hash: bytes, data: bytes, value: Mapping[str, Any]) -> Disclosed:
        """The entry as it leaves."""
        if self.is_whole:
            return Disclosed(index, leaf_hash, data, value, True)
        envelope = {name: member for name, member in value.items() if name not in WITHHELD}
        return Disclosed(index, leaf_hash, encode_trusted(envelope), envelope, False)


def subject_type(subject: str) -> str:
    """`pi` of `pi_0a1b...`, `person` of `person:0a1b...`: what stands before the first `_` or `:`."""
    return subject.partition(":")[0].partition("_")[0]
