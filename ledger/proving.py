"""Proofs at any size, from tiles: a few rows for each, however long the log is.

Planned by `ledger.proof`; here its subtrees are looked up. A complete subtree of height 8 L + r lies in one tile of
level L: 2^r hashes side by side, or from 16 hashes on 2^(r-4) inner roots. What is not published yet is hashed from the
leaf hashes of the entries after the published size, which the publisher keeps few.

    inclusion at size s     the tiles of each level above the leaf, and those of the right edge at s
    consistency             those of both right edges; that of the head stands in the head row

No proof leaves before it was checked against the root that is signed for the head: at a smaller size against the root
of that size, which is proved to be a prefix of the head's first.
"""

from collections.abc import Sequence
from typing import Protocol

from ledger.errors import BrokenState, Misuse
from ledger.proof import (
    Inclusions,
    Span,
    check_consistency,
    complete_subtrees,
    plan_consistency,
    plan_inclusion,
)
from ledger.publication import PUBLISHED_SIZE
from ledger.publication_tables import REACHED
from ledger.publishing import stated_by
from ledger.reading import View
from ledger.tiles import HEIGHT, INNER, WIDTH, joined
from ledger.tree import HASH_BYTES, CompactRange, node_hash, root_of

TILES_MAX = 64  # upper tiles kept by one prover: half a megabyte, and all of them for a million entries
LOWER_MAX = 4  # tiles of leaf hashes kept: those of one proof
ROOTS_MAX = 256  # roots of sizes
SPANS_MAX = 4_096  # roots of planned spans: neighbours among entries share nearly all of theirs
BLOCKS_MAX = 64  # blocks of 256 leaf hashes that are not published yet

_INNER_HEIGHT = 4
_TILE = "SELECT hashes, inner_hashes FROM tile WHERE log_id = {log} AND level = ? AND number = ?"

TileBytes = tuple[bytes, bytes]
"""A tile's hashes and its inner roots."""


class Sources(Protocol):
    """Where hashes come from."""

    def tile(self, level: int, number: int) -> TileBytes:
        """The hashes of a published tile, as many as its row has."""
        ...

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        """Leaf hashes of entries, fewer where the log ends before."""
        ...


class Nodes:
    """Roots of complete subtrees: from tiles below `published`, from leaf hashes beyond. Pure over its sources."""

    def __init__(self, sources: Sources, published: int, edge: CompactRange | None = None) -> None:
        """`edge` is a tree whose subtrees are known already: those of the head, which stand in its row."""
        self._sources = sources
        self._published = published
        self._known = {} if edge is None else dict(zip(complete_subtrees(Span(0, edge.size)), edge.hashes, strict=True))
        self._beyond: dict[tuple[int, int], bytes] = {}
        self._blocks: dict[int, Sequence[bytes]] = {}
        self._spans: dict[Span, bytes] = {}

    def of(self, height: int, number: int) -> bytes:
        """The root over the leaves from number * 2^height on, 2^height many."""
        known = self._known.get((height, number))
        if known is not None:
            return known
        end = (number + 1) << height
        if end <= self._published:
            return self._from_tile(height, number)
        if number << height >= self._published:
            return self._from_leaves(height, number)
        # Half published: the two halves, of which one at most is half published again.
        return node_hash(self.of(height - 1, 2 * number), self.of(height - 1, 2 * number + 1))

    def span(self, span: Span) -> bytes:
        """The root over a planned span."""
        root = self._spans.get(span)
        if root is None:
            if len(self._spans) >= SPANS_MAX:
                self._spans.clear()
            hashes = tuple([self.of(*one) for one in complete_subtrees(span)])
            is_whole = len(hashes) == 1
            root = self._spans[span] = hashes[0] if is_whole else CompactRange(span.end - span.start, hashes).root()
        return root

    def tree(self, size: int) -> CompactRange:
        """The whole tree at a size."""
        return CompactRange(size, tuple([self.of(*one) for one in complete_subtrees(Span(0, size))]))

    def _from_tile(self, height: int, number: int) -> bytes:
        level, rest = divmod(height, HEIGHT)
        first = number << rest
        hashes, inner = self._sources.tile(level, first // WIDTH)
        at, count = first % WIDTH, 1 << rest
        if rest >= _INNER_HEIGHT:
            at, count, hashes = at // INNER, count // INNER, inner
        part = hashes[at * HASH_BYTES : (at + count) * HASH_BYTES]
        if len(part) != count * HASH_BYTES:
            raise BrokenState(f"expected a wider tile {level}/{first // WIDTH}")
        return part if count == 1 else joined(part)

    def _from_leaves(self, height: int, number: int) -> bytes:
        """From leaf hashes, a block of 256 at a time; roots over 16 and more are kept, so that each is read once."""
        if height < _INNER_HEIGHT:
            return root_of(self._part(height, number))
        root = self._beyond.get((height, number))
        if root is None:
            if height <= HEIGHT:
                root = root_of(self._part(height, number))
            else:
                root = node_hash(self.of(height - 1, 2 * number), self.of(height - 1, 2 * number + 1))
            self._beyond[height, number] = root
        return root

    def _part(self, height: int, number: int) -> Sequence[bytes]:
        start, count = number << height, 1 << height
        block = self._blocks.get(start // WIDTH)
        if block is None:
            if len(self._blocks) >= BLOCKS_MAX:
                self._blocks.clear()
            first = start - start % WIDTH
            block = self._blocks[start // WIDTH] = self._sources.leaves(first, first + WIDTH)
        part = block[start % WIDTH : start % WIDTH + count]
        if len(part) != count:
            raise BrokenState(f"expected leaf hashes {start} to {start + count}, found {len(part)} of them")
        return part


class Prover:
    """Proofs of one view of a log, at any size up to its head. Upper tiles are kept for as long as it lives."""

    def __init__(self, view: View) -> None:
        self._view = view
        reached = view.get(REACHED, PUBLISHED_SIZE)
        self._published = 0 if reached is None else min(reached.size, view.head.size)
        self._upper: dict[tuple[int, int], TileBytes] = {}
        self._lower: dict[tuple[int, int], TileBytes] = {}
        head = view.head
        self._nodes = Nodes(self, self._published, CompactRange.from_bytes(head.size, head.frontier))
        self._roots: dict[int, bytes] = {}
        self._tree: Inclusions | None = None  # of the size asked for last

    def inclusion(self, index: int, size: int) -> tuple[bytes, tuple[bytes, ...]]:
        """Leaf hash of an entry and its inclusion proof in the tree of `size`."""
        if not 0 <= index < size <= self._view.head.size:
            raise Misuse(f"expected index < size <= {self._view.head.size}, found {index} and {size}")
        leaf = self._nodes.of(0, index)
        proof = tuple([self._nodes.span(span) for span in plan_inclusion(index, size)])
        if self._tree is None or self._tree.size != size:
            self._tree = Inclusions(size, self.root(size))
        if not self._tree.check(index, leaf, proof):
            raise BrokenState(f"expected tiles that lead from entry {index} to the root of size {size}, found others")
        return leaf, proof

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The consistency proof between the trees of two sizes, both above 0."""
        if not 0 < old <= new <= self._view.head.size:
            raise Misuse(f"expected 0 < old <= new <= {self._view.head.size}, found {old} and {new}")
        proof = tuple([self._nodes.span(span) for span in plan_consistency(old, new)])
        old_root = self._nodes.tree(old).root()
        if not check_consistency(old, new, old_root, self.root(new), proof):
            raise BrokenState(f"expected tiles that lead from size {old} to the root of size {new}, found others")
        return proof

    def root(self, size: int) -> bytes:
        """The root hash at a size: the one signed for the head, else derived and proved to be a prefix of that."""
        root = self._roots.get(size)
        if root is None:
            if len(self._roots) >= ROOTS_MAX:
                self._roots.clear()
            root = self._roots[size] = self._root(size)
        return root

    def _root(self, size: int) -> bytes:
        head = self._view.head
        if size == head.size:
            stated = stated_by(head.checkpoint)
            if stated.size != size:
                raise BrokenState(f"expected a checkpoint of size {size} in the head, found one of {stated.size}")
            return stated.root
        root = self._nodes.tree(size).root()
        proof = tuple([self._nodes.span(span) for span in plan_consistency(size, head.size)])
        if not check_consistency(size, head.size, root, self.root(head.size), proof):
            raise BrokenState(f"expected tiles that lead from size {size} to the root of the head, found others")
        return root

    def tile(self, level: int, number: int) -> TileBytes:
        """See `Sources.tile`."""
        kept, most = (self._upper, TILES_MAX) if level else (self._lower, LOWER_MAX)
        tile = kept.get((level, number))
        if tile is None:
            rows = self._view.query(_TILE, (level, number))
            if not rows:
                raise BrokenState(f"expected tile {level}/{number}, found none")
            tile = bytes(rows[0][0]), bytes(rows[0][1])
            if len(kept) >= most:
                kept.clear()
            kept[level, number] = tile
        return tile

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        """See `Sources.leaves`."""
        return self._view.leaf_hashes(start, end)
