"""Leaf and chain hashes against their formulas."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import GENESIS, chain_hash, leaf_hash
from ledger.errors import Misuse
from ledger.tree import node_hash

HASH = st.binary(min_size=32, max_size=32)


def test_leaf_hash_known() -> None:
    """The leaf hash of the empty string, as every RFC 6962 test suite has it."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_chain_hash_golden() -> None:
    """Two links, so that the recorded bytes cannot change unnoticed."""
    first = chain_hash(GENESIS, leaf_hash(b"one"))
    second = chain_hash(first, leaf_hash(b"two"))
    assert bytes(32) == GENESIS
    assert first == sha256(b"muniment/chain/v1\n" + bytes(32) + sha256(b"\x00one").digest()).digest()
    assert second.hex() == "c622be5687b1bfc25ade1812a7e0befbaf3d1d758bcc9d19acdd2dd79262af8d"


@given(HASH, HASH)
def test_domains_are_apart(left: bytes, right: bytes) -> None:
    """The same 64 bytes as leaf, node and link give three hashes."""
    assert len({leaf_hash(left + right), node_hash(left, right), chain_hash(left, right)}) == 3


@pytest.mark.parametrize(("prev", "leaf"), [(bytes(31), bytes(33)), (bytes(32), b""), (b"", bytes(64))])
def test_other_lengths_are_misuse(prev: bytes, leaf: bytes) -> None:
    with pytest.raises(Misuse):
        chain_hash(prev, leaf)
