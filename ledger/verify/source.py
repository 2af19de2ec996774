"""Where a verification reads from: a database, an evidence pack, a list in a test.

Rows come as stored, in the order of their index; nothing is filtered and nothing is trusted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ledger.tree import CompactRange


class StoredEntry(NamedTuple):
    """An entry as it lies there: its place, its subject's entry before it, the stored leaf hash, the exact bytes."""

    idx: int
    previous: int | None
    leaf_hash: bytes
    data: bytes


class StoredCheckpoint(NamedTuple):
    """A checkpoint as it lies there: the size it is filed under, and the signed note."""

    size: int
    note: str


class StoredHead(NamedTuple):
    """The head as it lies there. `entries_end` and `checkpoints_end` are what there was at the same moment: one more
    than the greatest index, and the greatest size of a checkpoint (0: none). `frontier`, `chain_hash` and
    `recorded_at` (microseconds) are None where the source keeps no head row, such as a pack."""

    size: int
    checkpoint: str
    entries_end: int
    checkpoints_end: int
    frontier: bytes | None = None
    chain_hash: bytes | None = None
    recorded_at: int | None = None


class Source(Protocol):
    """A log to verify."""

    @property
    def origin(self) -> str:
        """The origin the log goes by."""
        ...

    def head(self) -> StoredHead:
        """The head, read in one moment; the verification goes up to its size and no further."""
        ...

    def entries(self, start: int, end: int) -> Sequence[tuple[int, int | None, bytes, bytes]]:
        """The entries there are with start <= index < end, as `StoredEntry` or plain tuples, by index."""
        ...

    def leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        """The stored leaf hashes of the same entries."""
        ...

    def checkpoints(self, after: int, upto: int) -> Sequence[tuple[int, str]]:
        """The kept checkpoints with after < size <= upto, by size."""
        ...


Decode = Callable[[bytes], Any]
"""The value of canonical bytes, or `BrokenInput`: `ledger.verify.canonical.decode`, or a faster one that equals it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier verification left elsewhere: verify the rest against it.

    `note` is a checkpoint. With the tree's `frontier` (authenticated by the checkpoint's root) and the `chain` hash
    the rest is verified in O(new); without them they are computed again from the stored leaf hashes. `keys` are the
    bytes of the entries before it that name keys, in order; without them the first entry is read for its keys.
    """

    note: str
    frontier: CompactRange | None = None
    chain: bytes | None = None
    keys: Sequence[bytes] = ()
