"""How many entries each subject has, as one Merkle tree: what a pack proves its completeness by. Standard library only.

    leaf = SHA-256(0x00 || "muniment/subject-count/v1\\n" || canonical [subject, count, last leaf hash in base64url])
    tree = RFC 6962 over the leaves in the order of the subjects' UTF-8 bytes

A `subjects.counted` entry states the root at a size: all entries before it. Whoever holds the entries of a subject and
an inclusion proof of (subject, count, last leaf hash) knows that there is no further one; neighbours in the order
prove that a subject has none. Design: ledger, "Completeness of a subject".
"""

import json
from base64 import urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from ledger.levels import Levels
from ledger.proof import check_inclusion
from ledger.tree import EMPTY_ROOT, CompactRange

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


class SubjectProof(NamedTuple):
    """What the tree shows of one subject: its count; or, when it has none, the neighbours between which it would lie.

    `before` is missing where the subject comes before the first, `after` where it comes after the last one.
    """

    present: CountProof | None
    before: CountProof | None = None
    after: CountProof | None = None


def count_leaf(count: Count) -> bytes:
    """The leaf hash of a count."""
    last = urlsafe_b64encode(count.last_leaf).rstrip(b"=").decode("ascii")
    text = json.dumps([count.subject, count.entries, last], separators=(",", ":"), ensure_ascii=False)
    return sha256(_TAG + text.encode()).digest()


class CountTree:
    """The tree over all subjects of a log at one size."""

    def __init__(self, counts: Iterable[Count]) -> None:
        self._counts = sorted(counts, key=lambda count: count.subject.encode())
        self._keys = [count.subject.encode() for count in self._counts]
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
        return self.look_up(subject).present

    def look_up(self, subject: str) -> SubjectProof:
        """The proof of a subject's count, or that it has no entry."""
        key = subject.encode()
        place = bisect_left(self._keys, key)
        if place < self.total and self._keys[place] == key:
            return SubjectProof(self._at(place))
        before = self._at(place - 1) if place else None
        return SubjectProof(None, before, self._at(place) if place < self.total else None)

    def _at(self, place: int) -> CountProof:
        return CountProof(self._counts[place], place, self.total, self._levels.inclusion(place))


def check_subject(subject: str, proof: SubjectProof, total: int, root: bytes) -> int | None:
    """How many entries the subject has (0: none) in the tree of `total` subjects; None when the proof shows neither.

    Total and root are those an entry states. For absence the neighbours must stand side by side, and the subject
    between them; the tree's order by UTF-8 bytes is what verification of the whole log holds it to.
    """
    present, before, after = proof
    given = [one for one in proof if one is not None]
    if any(one.total != total or not check_count(one, root) for one in given):
        return None
    if present is not None:
        is_alone = before is None and after is None
        return present.counted.entries if is_alone and present.counted.subject == subject else None
    if not total:
        return 0 if not given and root == EMPTY_ROOT else None
    key = subject.encode()
    follows = -1 if before is None else before.place
    if (before is not None and before.counted.subject.encode() >= key) or (
        after is not None and after.counted.subject.encode() <= key
    ):
        return None
    return 0 if follows + 1 == (total if after is None else after.place) else None


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
