"""Inclusion and consistency proofs (RFC 6962 section 2.1; the checks follow RFC 9162 sections 2.1.3.2, 2.1.4.2).

    inclusion proof of leaf i in n leaves      the sibling subtrees on the way from leaf i to the root, leaf first
    consistency proof of m leaves in n         the subtrees that rebuild root(l[:m]) and root(l[:n]), deepest first

Three parts, apart from each other: *planning* names the subtrees as spans of leaves and touches no hash; *reading*
enters as a function over ranges of leaf hashes; *computing* hashes. A reader that keeps inner nodes uses the plan and
`complete_subtrees` and hashes only the right edge: `CompactRange(end - start, nodes).root()`.

A check answers whether the proof holds and never raises: hashes that are not exactly 32 bytes, a proof longer or
shorter than the path, an index outside the tree and size 0 are all "no". Everything extends the empty tree, so a
consistency proof from size 0 says nothing, and is refused here; whoever starts from nothing needs no proof.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.errors import BrokenState, Misuse
from ledger.tree import HASH_BYTES, node_hash, root_of

NODES_MAX = 1 << 16  # nodes that are kept of one tree, at most some twenty megabytes

Read = Callable[[int, int], Sequence[bytes]]
"""The leaf hashes from index `start` up to, not including, `end`."""


class Span(NamedTuple):
    """The leaves from `start` up to, not including, `end`; as given by a plan it is one subtree of the tree."""

    start: int
    end: int


def plan_inclusion(index: int, size: int) -> tuple[Span, ...]:
    """The subtrees whose roots are the inclusion proof of leaf `index` in a tree of `size`, in the proof's order."""
    if not 0 <= index < size:
        raise Misuse(f"expected an index below size {size}, found {index}")
    spans = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    return tuple(reversed(spans))


def plan_consistency(old: int, new: int) -> tuple[Span, ...]:
    """The subtrees whose roots are the consistency proof between the two sizes, in the proof's order."""
    if not 0 < old <= new:
        raise Misuse(f"expected sizes 0 < old <= new, found {old} and {new}")
    spans = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    if start > 0:  # the old tree's last subtree; where it is the whole old tree the verifier holds its root already
        spans.append(Span(start, end))
    return tuple(reversed(spans))


def complete_subtrees(span: Span) -> tuple[tuple[int, int], ...]:
    """A planned span as complete subtrees (level, number), left to right: leaves number * 2^level and on, 2^level many.

    Their roots are the hashes of a compact range of the span's length.
    """
    subtrees = []
    start = span.start
    while start < span.end:
        level = (span.end - start).bit_length() - 1
        subtrees.append((level, start >> level))
        start += 1 << level
    return tuple(subtrees)


def prove_inclusion(index: int, size: int, read: Read) -> tuple[bytes, ...]:
    """The inclusion proof of leaf `index` in the tree of the first `size` leaves."""
    return tuple([_span_root(span, read) for span in plan_inclusion(index, size)])


def prove_consistency(old: int, new: int, read: Read) -> tuple[bytes, ...]:
    """The consistency proof between the trees of the first `old` and the first `new` leaves; empty when equal."""
    return tuple([_span_root(span, read) for span in plan_consistency(old, new)])


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows `leaf` (a leaf hash) at `index` of the tree with this size and root hash."""
    return len(root) == HASH_BYTES and inclusion_root(index, size, leaf, proof) == root


def inclusion_root(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root hash that `proof` leads to from `leaf` at `index` of a tree of this size; None where it is no proof."""
    if not 0 <= index < size or not _all_hashes(leaf, *proof):
        return None
    node = leaf
    position, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return None
        node, position, last = _above(node, sibling, position, last)
    return node if last == 0 else None


class Inclusions:
    """`check_inclusion` of many proofs against one root, where what several have in common is hashed once.

    A node through which a proof led to the root is kept with the siblings on the rest of its way. What comes to that
    place by the same hash and goes on by the same siblings leads to the same root; anything else is hashed to its end.
    Each answer is therefore the one of `check_inclusion`, and rests on nothing but equal bytes.
    """

    def __init__(self, size: int, root: bytes) -> None:
        self.size, self._root = size, root
        self._known: dict[tuple[int, int], tuple[bytes, tuple[bytes, ...]]] = {}
        self._forget()

    def check(self, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
        """Whether `proof` shows `leaf` (a leaf hash) at `index` of this tree."""
        if not 0 <= index < self.size or len(leaf) != HASH_BYTES:
            return False
        way, passed = tuple(proof), []
        at, node, position, last = 0, leaf, index, self.size - 1
        while self._known.get((position, last)) != (node, way[at:]):
            if last == 0 or at == len(way) or len(way[at]) != HASH_BYTES:
                return False
            passed.append(((position, last), (node, way[at:])))
            node, position, last = _above(node, way[at], position, last)
            at += 1
        if len(self._known) >= NODES_MAX:
            self._forget()
        self._known.update(passed)
        return True

    def _forget(self) -> None:
        self._known = {(0, 0): (self._root, ())}


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree (old, old_root) is a prefix of the tree (new, new_root)."""
    if not 0 < old <= new or not _all_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old & (old - 1) == 0:  # the old tree is one complete subtree: its root hash is where the path begins
        proof = (old_root, *proof)
    if not proof:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old_node = new_node = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node = node_hash(sibling, old_node)
            new_node = node_hash(sibling, new_node)
            position, last = _above_right_edge(position, last)
        else:
            new_node = node_hash(new_node, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and old_node == old_root and new_node == new_root


def _split(size: int) -> int:
    """The largest power of two strictly below `size` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def _above(node: bytes, sibling: bytes, position: int, last: int) -> tuple[bytes, int, int]:
    """The node over this one and its sibling, its place, and the place of the last node at its level."""
    if position & 1 or position == last:
        node = node_hash(sibling, node)
        position, last = _above_right_edge(position, last)
    else:
        node = node_hash(node, sibling)
    return node, position >> 1, last >> 1


def _above_right_edge(position: int, last: int) -> tuple[int, int]:
    """On the right edge a node without a right sibling moves up unhashed: those levels are left out of the path."""
    while position and not position & 1:
        position >>= 1
        last >>= 1
    return position, last


def _span_root(span: Span, read: Read) -> bytes:
    leaves = read(span.start, span.end)
    if len(leaves) != span.end - span.start:
        raise BrokenState(f"expected leaf hashes {span.start} to {span.end}, found {len(leaves)} of them")
    return root_of(leaves)


def _all_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
