"""All proofs of one tree from one pass: the levels of the tree in memory. Pure, standard library only.

    level 0 = the leaf hashes; level k + 1 = the pairs of level k, an odd last hash moving up as it is

That is the same tree as RFC 6962's (`ledger.tree`), so a node of level k at place i is the root of the leaves from
i * 2^k on, 2^k many or as many as there are. Building costs n hashes; a proof costs log n look-ups and no hash.
"""

from collections.abc import Sequence
from hashlib import sha256

from ledger.errors import Misuse
from ledger.proof import Span, plan_consistency
from ledger.tree import EMPTY_ROOT, HASH_BYTES

_NODE = b"\x01"


class Levels:
    """The tree over leaf hashes, ready to prove."""

    __slots__ = ("_levels", "size")

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if any(len(leaf) != HASH_BYTES for leaf in leaves):
            raise Misuse(f"expected leaf hashes of {HASH_BYTES} bytes")
        self.size = len(leaves)
        level = list(leaves)
        self._levels = [level]
        while len(level) > 1:
            last = level[-1:] if len(level) & 1 else []
            pairs = iter(level)
            level = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
            level += last
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """The root hash."""
        return self._levels[-1][0] if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The inclusion proof of a leaf, as `ledger.proof.prove_inclusion` gives it."""
        if not 0 <= index < self.size:
            raise Misuse(f"expected an index below size {self.size}, found {index}")
        proof = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                proof.append(level[sibling])
            index >>= 1
        return tuple(proof)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """The consistency proof from the first `old` leaves, as `ledger.proof.prove_consistency` gives it."""
        return tuple([self._node(span) for span in plan_consistency(old, self.size)])

    def first(self, size: int) -> "Levels":
        """The tree over the first `size` leaves."""
        return Levels(self._levels[0][:size])

    def _node(self, span: Span) -> bytes:
        level = (span.end - span.start - 1).bit_length()
        return self._levels[level][span.start >> level]
