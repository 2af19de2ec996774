"""What can be said about the proof of an entry, checked anew when a page is made: four states and no fifth.

    proven      the stored bytes hash to the leaf, the leaf is in the tree of the newest checkpoint, and that checkpoint
                is signed by the log's key as this service holds it
    unsigned    the same, but the checkpoint's signature does not verify with that key
    waiting     the bytes hash to the leaf; no checkpoint covers the entry yet
    altered     the bytes do not hash to the leaf, or the leaf is not in the tree the checkpoint states

Proofs against a long log would read every leaf hash for each page. Roots of whole blocks of leaves are therefore kept
between pages: a proof that holds against the signed root holds wherever its siblings come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from ledger.chain import leaf_hash
from ledger.checkpoint import open_checkpoint, parse_checkpoint
from ledger.errors import BrokenInput, BrokenState, Unavailable
from ledger.note import Ed25519Verifier, parse_note, parse_vkey
from ledger.proof import Span, check_inclusion, complete_subtrees, plan_inclusion
from ledger.service import View
from ledger.tree import CompactRange, root_of
from ledger.verify.plain_signatures import verify_ed25519

LEVEL = 8
BLOCK = 1 << LEVEL  # leaves under one kept root: 8 bytes of memory for each megabyte of entries, about
AT_ONCE = 64 * BLOCK  # leaf hashes read at once


class Proof(NamedTuple):
    """The state with its words."""

    state: str
    words: str


PROVEN = Proof("proven", "Re-hashed, in the newest checkpoint, signature verified")
UNSIGNED = Proof("unsigned", "Re-hashed and in the newest checkpoint, but its signature does not verify")
WAITING = Proof("waiting", "Re-hashed; not in a checkpoint yet")
ALTERED = Proof("altered", "Altered: its bytes do not hash to its leaf")
MISFIT = Proof("altered", "Does not fit: it is not in the tree that the newest checkpoint states")


class Standing(NamedTuple):
    """The newest checkpoint of a view, and whether the log's key signed it."""

    size: int
    root: bytes
    is_signed: bool


@dataclass(slots=True)
class Blocks:
    """Root hashes of whole blocks of leaves, of one log; grows with the log. Safe to use from several threads."""

    roots: list[bytes] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def upto(self, view: View, size: int) -> Sequence[bytes]:
        """The roots of all whole blocks among the first `size` leaves."""
        whole = size // BLOCK
        with self.lock:
            while len(self.roots) < whole:
                start = len(self.roots) * BLOCK
                leaves = view.leaf_hashes(start, min(start + AT_ONCE, whole * BLOCK))
                self.roots += [root_of(leaves[at : at + BLOCK]) for at in range(0, len(leaves), BLOCK)]
            return self.roots[:whole]


class Prover:
    """States of the entries of one view."""

    def __init__(self, view: View, blocks: Blocks) -> None:
        self._view = view
        self.standing = standing_of(view)
        self._roots = blocks.upto(view, self.standing.size)
        self._leaves: dict[int, list[bytes]] = {}

    def state(self, index: int) -> Proof:
        """What can be said about the entry at `index` of this view."""
        row = self._view.stored(index)
        if row is None or leaf_hash(row.bytes) != row.leaf_hash:
            return ALTERED
        size, root, is_signed = self.standing
        if index >= size:
            return WAITING
        proof = [self._root(span) for span in plan_inclusion(index, size)]
        if not check_inclusion(index, size, row.leaf_hash, proof, root):
            return MISFIT
        return PROVEN if is_signed else UNSIGNED

    def _root(self, span: Span) -> bytes:
        roots = tuple([self._subtree(*one) for one in complete_subtrees(span)])
        return CompactRange(span.end - span.start, roots).root()

    def _subtree(self, level: int, number: int) -> bytes:
        if level >= LEVEL:
            count = 1 << (level - LEVEL)
            return root_of(self._roots[number * count : (number + 1) * count])
        start, count = number << level, 1 << level
        block, place = divmod(start, BLOCK)
        if block not in self._leaves:
            first = block * BLOCK
            self._leaves[block] = self._view.leaf_hashes(first, min(first + BLOCK, self.standing.size))
        return root_of(self._leaves[block][place : place + count])


def standing_of(view: View) -> Standing:
    """The newest checkpoint, held against the key in this service's own key file and not one from the database."""
    note = view.head.checkpoint
    checkpoint = parse_checkpoint(parse_note(note).text)
    try:
        key = parse_vkey(view.log.secrets.ring.signer_of(note).vkey)
        open_checkpoint(note, view.origin, [Ed25519Verifier(key, verify_ed25519)])
    except (BrokenInput, BrokenState, Unavailable):  # not signed, or by a key that is not in the key folder
        return Standing(checkpoint.size, checkpoint.root, is_signed=False)
    return Standing(checkpoint.size, checkpoint.root, is_signed=True)
