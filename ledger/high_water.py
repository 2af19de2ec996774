"""The high-water mark of a log: the largest head somebody knows of, and whether a log goes on from it.

A mark is the text that `muniment verify --keep` writes: JSON {checkpoint, tree, chain}, the signed checkpoint, the
roots of its complete subtrees and its chain hash. With tree and chain a later head can be held against it by reading
the leaf hashes written since. A log that is smaller is an older copy; one that does not go on from the mark is a second
history.
"""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.canonical import b64url, from_b64url
from ledger.chain import HASH_BYTES, chain_hash
from ledger.checkpoint import parse_checkpoint
from ledger.errors import BrokenInput, Misuse
from ledger.note import parse_note
from ledger.tables import HeadRow
from ledger.tree import CompactRange

MARK_BYTES_MAX = 64 * 1024  # a note with a quorum of post-quantum cosignatures fits
LEAVES_AT_ONCE = 65_536  # leaf hashes read at once: 2 MB

Leaves = Callable[[int, int], Sequence[bytes]]
"""The stored leaf hashes of entries start..end-1."""


class HighWater(NamedTuple):
    """A head as it was: its signed checkpoint, its tree and its chain hash."""

    note: str
    tree: CompactRange
    chain: bytes

    @property
    def size(self) -> int:
        """Entries."""
        return self.tree.size

    @property
    def root(self) -> bytes:
        """Root hash."""
        return self.tree.root()


class Lost(NamedTuple):
    """A head that a log does not continue. `found_size` and `found_root` are the log's own."""

    size: int
    root: bytes
    found_size: int
    found_root: bytes

    @property
    def is_rollback(self) -> bool:
        """Whether the log is smaller; else it is another history."""
        return self.found_size < self.size


def high_water(head: HeadRow, note: str = "") -> HighWater:
    """The mark of a head; `note` is its checkpoint as it was published, the head's own where nothing is given."""
    return HighWater(note or head.checkpoint, CompactRange.from_bytes(head.size, head.frontier), head.chain_hash)


def format_mark(mark: HighWater) -> str:
    """As `muniment verify --keep` writes it."""
    tree = [b64url(root) for root in mark.tree.hashes]
    return json.dumps({"checkpoint": mark.note, "tree": tree, "chain": b64url(mark.chain)}, indent=1)


def parse_mark(text: str, origin: str) -> HighWater:
    """The inverse of `format_mark` for a mark of this log; `BrokenInput` for whatever is not one. Signatures are not
    looked at here."""
    try:
        value = json.loads(text)
        note, tree, chain = value["checkpoint"], value["tree"], value["chain"]
        checkpoint = parse_checkpoint(parse_note(note).text)
        hashes = tuple(from_b64url(root) for root in tree)
        mark = HighWater(note, CompactRange(checkpoint.size, hashes), from_b64url(chain))
        lengths = {len(part) for part in (*hashes, mark.chain)}
        sound = lengths == {HASH_BYTES} and mark.root == checkpoint.root and checkpoint.size > 0
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Misuse) as error:
        raise BrokenInput("expected a mark: a signed checkpoint with its tree and its chain hash") from error
    if checkpoint.origin != origin:
        raise BrokenInput(f"expected a mark of {origin}, found one of {checkpoint.origin}")
    if not sound:
        raise BrokenInput("expected a mark whose tree has the root that its checkpoint states")
    return mark


def lost_by(head: HighWater, mark: HighWater, leaves: Leaves) -> Lost | None:
    """What of `mark` the log with this head does not go on from; None when it does. Reads what was written since.

    The head itself is taken as it stands: whether entries lead to it is what verification says.
    """
    told = Lost(mark.size, mark.root, head.size, head.root)
    if head.size < mark.size:
        return told
    tree, chain = mark.tree, mark.chain
    for start in range(mark.size, head.size, LEAVES_AT_ONCE):
        end = min(head.size, start + LEAVES_AT_ONCE)
        new = leaves(start, end)
        if len(new) != end - start or any(len(leaf) != HASH_BYTES for leaf in new):
            return told
        tree = tree.extend(new)
        for leaf in new:
            chain = chain_hash(chain, leaf)
    return None if (tree, chain) == (head.tree, head.chain) else told
