"""The tree and its compact range against the recursive oracle."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import leaf_hash
from ledger.errors import BrokenInput, Misuse
from ledger.tree import EMPTY_ROOT, SIZE_MAX, CompactRange, root_of
from tests.ledger.oracle import mth

LEAVES = [leaf_hash(b"%d" % number) for number in range(300)]

# The eight leaves and roots of the RFC 6962 reference tests: inputs in hex, then the root after each leaf.
REFERENCE_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOT_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_reference_root() -> None:
    """The root that certificate transparency's own tests publish for eight leaves."""
    leaves = [leaf_hash(bytes.fromhex(data)) for data in REFERENCE_INPUTS]
    assert root_of(leaves).hex() == REFERENCE_ROOT_8
    assert CompactRange().extend(leaves).root().hex() == REFERENCE_ROOT_8


def test_roots_of_every_size() -> None:
    """Level by level, leaf by leaf and recursively: one tree."""
    grown = CompactRange()
    for size in range(len(LEAVES)):
        expected = mth(LEAVES[:size])
        assert root_of(LEAVES[:size]) == expected
        assert grown.root() == expected
        assert grown.size == size
        grown = grown.append(LEAVES[size])
    assert root_of([]) == CompactRange().root() == EMPTY_ROOT == sha256(b"").digest()


@given(st.lists(st.integers(0, 70), max_size=4))
def test_extend_in_any_batches(batches: list[int]) -> None:
    """How leaves are batched leaves no mark, and a range is never changed in place."""
    grown = CompactRange()
    for batch in batches:
        before = (grown.size, grown.hashes)
        longer = grown.extend(LEAVES[grown.size : grown.size + batch])
        assert (grown.size, grown.hashes) == before
        grown = longer
    assert grown == CompactRange().extend(LEAVES[: sum(batches)])
    assert grown.root() == mth(LEAVES[: sum(batches)])


@given(st.integers(0, 300))
def test_hashes_are_the_complete_subtrees(size: int) -> None:
    """From left to right, largest first."""
    expected, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            expected.append(mth(LEAVES[start : start + (1 << level)]))
            start += 1 << level
    assert CompactRange().extend(LEAVES[:size]).hashes == tuple(expected)


@given(st.integers(0, 300))
def test_bytes_round_trip(size: int) -> None:
    grown = CompactRange().extend(LEAVES[:size])
    data = grown.to_bytes()
    assert len(data) == 32 * size.bit_count()
    assert CompactRange.from_bytes(size, data) == grown


@pytest.mark.parametrize(
    ("size", "length"), [(0, 1), (0, 32), (1, 0), (1, 31), (1, 33), (3, 32), (4, 64), (-1, 0), (SIZE_MAX + 1, 32)]
)
def test_from_bytes_refuses(size: int, length: int) -> None:
    with pytest.raises(BrokenInput):
        CompactRange.from_bytes(size, bytes(length))


def test_largest_size_has_63_hashes() -> None:
    assert len(CompactRange.from_bytes(SIZE_MAX, bytes(32 * 63)).hashes) == 63


@pytest.mark.parametrize("leaf", [b"", bytes(31), bytes(33)])
def test_leaves_of_other_lengths_are_misuse(leaf: bytes) -> None:
    with pytest.raises(Misuse):
        CompactRange().append(leaf)
    with pytest.raises(Misuse):
        root_of([bytes(32), leaf])


def test_range_that_cannot_be_is_misuse() -> None:
    with pytest.raises(Misuse):
        CompactRange(3, (bytes(32),))
