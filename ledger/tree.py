"""The Merkle tree over leaf hashes (RFC 6962 section 2.1 = RFC 9162 section 2.1).

    root()              = SHA-256("")
    root(leaf)          = leaf                                     the leaf hash itself, see ledger.chain
    root(l[0], ... l[n-1]) = SHA-256(0x01 || root(l[:k]) || root(l[k:]))     k = largest power of two below n

No leaf is doubled and none is padded. A tree that only grows is kept as a compact range: the roots of its complete
subtrees from left to right, one for each bit set in its size, largest first.

    size 11 = 8 + 2 + 1     hashes = ( root(l[0:8]), root(l[8:10]), root(l[10:11]) )     bytes = 3 * 32
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.errors import BrokenInput, Misuse

HASH_BYTES = 32
SIZE_MAX = 2**63 - 1  # a size fits a signed 64-bit column, so a compact range has at most 63 hashes
EMPTY_ROOT = sha256(b"").digest()

_NODE = b"\x01"
_HASH_ONLY = frozenset((HASH_BYTES,))


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right). The lengths are checked where hashes come in, not here."""
    return sha256(_NODE + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root hash over leaf hashes, level by level; an odd last hash moves up as it is, which is the same tree."""
    _check_hashes(leaves)
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        last = level[-1:] if len(level) & 1 else []
        pairs = iter(level)
        level = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        level += last
    return level[0]


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The right edge of a tree of `size` leaves: all that is needed to append and to give the root hash."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= SIZE_MAX or len(self.hashes) != self.size.bit_count():
            raise Misuse(f"expected one hash for each bit of size {self.size}, found {len(self.hashes)}")

    def append(self, leaf: bytes) -> "CompactRange":
        """The range with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Sequence[bytes]) -> "CompactRange":
        """The range with more leaf hashes, about one node hash for each, level by level.

        At each level the new nodes take in the last one before them when that stood alone, and leave their own last
        one alone when their number is odd.
        """
        _check_hashes(leaves)
        edge, alone = list(self.hashes), []
        level, position = list(leaves), self.size
        while level:
            if position & 1:
                level.insert(0, edge.pop())
            if len(level) & 1:
                alone.append(level.pop())
            pairs = iter(level)
            level = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            position >>= 1
        return CompactRange(self.size + len(leaves), (*edge, *reversed(alone)))

    def root(self) -> bytes:
        """The root hash: the subtrees joined from the right."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            node = node_hash(left, node)
        return node

    def to_bytes(self) -> bytes:
        """The hashes from left to right, 32 bytes each; the size is kept beside them."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "CompactRange":
        """The one inverse of `to_bytes`: any other length for this size is `BrokenInput`."""
        if not 0 <= size <= SIZE_MAX:
            raise BrokenInput(f"expected a size from 0 to 2^63 - 1, found {size}")
        expected = HASH_BYTES * size.bit_count()
        if len(data) != expected:
            raise BrokenInput(f"expected {expected} bytes of hashes for size {size}, found {len(data)}")
        return cls(size, tuple([data[at : at + HASH_BYTES] for at in range(0, expected, HASH_BYTES)]))


def _check_hashes(leaves: Sequence[bytes]) -> None:
    if not _HASH_ONLY.issuperset(map(len, leaves)):
        raise Misuse(f"expected leaf hashes of {HASH_BYTES} bytes")
