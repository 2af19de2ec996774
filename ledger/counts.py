"""How many entries each subject has, as one Merkle tree: what a pack proves its completeness by. Standard library only.

    leaf = SHA-256(0x00 || "muniment/subject-count/v1\\n" || canonical [subject, count, last leaf hash in base64url])
    tree = RFC 6962 over the leaves in the order of the subjects' UTF-8 bytes

A `subjects.counted` entry states the root at a size: all entries before it. Whoever holds the entries of a subject and
an inclusion proof of (subject, count, last leaf hash) knows that there is no further one; neighbours in the order
prove that a subject has none. Design: ledger, "Completeness of a subject".
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

from ledger.levels import Levels
from ledger.proof import check_inclusion
from ledger.tree import CompactRange

COUNTED = "subjects.counted"
LEAVES_AT_ONCE = 4_096  # hashed together

_TAG = b"\x00muniment/subject-count/v1\n"


class Count(NamedTuple):
    """A subject, how many entries it has, and the leaf hash of its last one."""

    subject: str
    entries: int
    last_leaf: bytes


class CountProof(NamedTuple):
    """That a count stands at `place` in the tree of `total` subjects."""

    counted: Count
    place: int
    total: int
    path: tuple[bytes, ...]


def count_leaf(count: Count) -> bytes:
    """The leaf hash of a count."""
    last = urlsafe_b64encode(count.last_leaf).rstrip(b"=").decode("ascii")
    text = json.dumps([count.subject, count.entries, last], separators=(",", ":"), ensure_ascii=False)
    return sha256(_TAG + text.encode()).digest()


class CountTree:
    """The tree over all subjects of a log at one size."""

    def __init__(self, counts: Iterable[Count]) -> None:
        self._counts = sorted(counts, key=lambda count: count.subject.encode())
        self._places: Mapping[str, int] = {count.subject: place for place, count in enumerate(self._counts)}
        self._levels = Levels([count_leaf(count) for count in self._counts])

    @property
    def root(self) -> bytes:
        """What the entry states."""
        return self._levels.root

    @property
    def total(self) -> int:
        """How many subjects there are."""
        return len(self._counts)

    def prove(self, subject: str) -> CountProof | None:
        """The proof of a subject's count; None when it has no entry."""
        place = self._places.get(subject)
        if place is None:
            return None
        return CountProof(self._counts[place], place, self.total, self._levels.inclusion(place))


def count_in_order(counts: Iterable[Count]) -> CompactRange:
    """The tree of counts that come in the order of their subjects' UTF-8 bytes, in constant memory."""
    tree = CompactRange()
    waiting: list[bytes] = []
    for count in counts:
        waiting.append(count_leaf(count))
        if len(waiting) == LEAVES_AT_ONCE:
            tree = tree.extend(waiting)
            waiting.clear()
    return tree.extend(waiting)


def check_count(proof: CountProof, root: bytes) -> bool:
    """Whether the proof shows its count under this root."""
    return check_inclusion(proof.place, proof.total, count_leaf(proof.counted), proof.path, root)
