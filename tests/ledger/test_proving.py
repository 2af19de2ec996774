"""Proofs from tiles equal those from leaf hashes, at every size, whatever is published; each is checked first."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database import Database
from ledger.errors import BrokenState
from ledger.levels import Levels
from ledger.proof import Span, plan_consistency, plan_inclusion, prove_consistency, prove_inclusion
from ledger.proving import Nodes, Prover
from ledger.tiles import RightEdge, inner_of, joined
from ledger.tree import CompactRange, root_of
from tests.conftest import SetClock
from tests.ledger.publishing import House, log_of

MANY = [sha256(b"%d" % number).digest() for number in range(70_000)]


class InMemory:
    """Tiles of the first `published` leaves, and leaf hashes beyond."""

    def __init__(self, published: int) -> None:
        edge = RightEdge()
        tiles = [*edge.extend(MANY[:published]), *edge.partial()]
        self._tiles = {(level, number): (hashes, inner_of(hashes)) for level, number, hashes, _ in tiles}
        self.published = published
        self.read = 0

    def tile(self, level: int, number: int) -> tuple[bytes, bytes]:
        return self._tiles[level, number]

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        assert end > self.published, "asked for what is published"
        self.read += end - start
        return MANY[start:end]


def test_every_proof_to_size_300_is_that_of_the_leaf_hashes() -> None:
    read = lambda start, end: MANY[start:end]  # noqa: E731
    for size in range(1, 301):
        sources = InMemory(size - size % 7)  # some published in full, most with a rest
        nodes = Nodes(sources, sources.published)
        levels = Levels(MANY[:size])
        for index in range(size):
            assert tuple(map(nodes.span, plan_inclusion(index, size))) == levels.inclusion(index)
        for old in range(1, size + 1):
            assert tuple(map(nodes.span, plan_consistency(old, size))) == levels.consistency(old)
        assert nodes.tree(size) == CompactRange().extend(MANY[:size])
        assert prove_inclusion(size // 2, size, read) == levels.inclusion(size // 2)


TILED = {published: InMemory(published) for published in (0, 1, 255, 256, 4_096, 65_535, 65_536, 69_999, 70_000)}


@settings(max_examples=60)
@given(st.sampled_from(sorted(TILED)), st.integers(1, 70_000), st.data())
def test_proofs_at_any_size_to_70_000(published: int, size: int, data: st.DataObject) -> None:
    read = lambda start, end: MANY[start:end]  # noqa: E731
    nodes = Nodes(TILED[published], published)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    assert tuple(map(nodes.span, plan_inclusion(index, size))) == prove_inclusion(index, size, read)
    assert tuple(map(nodes.span, plan_consistency(old, size))) == prove_consistency(old, size, read)


def test_a_root_over_sixteen_is_the_tree_s() -> None:
    assert joined(b"".join(MANY[:16])) == root_of(MANY[:16])
    assert Nodes(TILED[70_000], 70_000).span(Span(0, 70_000)) == root_of(MANY)


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    made = log_of(database, tmp_path, clock)
    yield made
    made.close()


def test_from_the_database_at_two_sizes(house: House) -> None:
    house.append(700)
    house.publish()
    house.append(90)
    leaves = house.leaves()
    read = lambda start, end: leaves[start:end]  # noqa: E731
    random = Random(3)
    with house.reader.view() as view:
        prover = Prover(view)
        for _ in range(60):
            size = random.randrange(1, len(leaves) + 1)
            index, old = random.randrange(size), random.randrange(1, size + 1)
            assert prover.inclusion(index, size) == (leaves[index], prove_inclusion(index, size, read))
            assert prover.consistency(old, size) == prove_consistency(old, size, read)


def test_while_appends_go_on_a_proof_is_of_the_view_s_tree(house: House) -> None:
    """Attack 13: a proof of a newer tree than the checkpoint beside it."""
    house.append(300)
    house.publish()
    with house.reader.view() as view:
        prover = Prover(view)
        size = view.head.size
        house.append(20)
        house.publish()
        leaves = house.leaves()[:size]
        assert prover.inclusion(17, size)[1] == Levels(leaves).inclusion(17)
        assert prover.root(size) == root_of(leaves)
        with pytest.raises(Exception, match="expected index"):
            prover.inclusion(17, size + 1)


@pytest.mark.parametrize("column", ["hashes", "inner_hashes"])
def test_an_altered_tile_proves_nothing(house: House, column: str) -> None:
    house.append(600)
    house.publish()
    hashes = house.owner_value(f"SELECT {column} FROM tile WHERE level = 0 AND number = 1")
    # The sibling of entry 300 among the hashes, or the inner root of the sixteen beside it.
    at = 32 * (301 % 256) if column == "hashes" else 32 * ((300 % 256) // 16 ^ 1)
    changed = hashes[:at] + bytes([hashes[at] ^ 1]) + hashes[at + 1 :]
    house.owner(f"UPDATE tile SET {column} = ? WHERE level = 0 AND number = 1", changed)
    with house.reader.view() as view, pytest.raises(BrokenState, match="lead from entry 300"):
        Prover(view).inclusion(300, view.head.size)
    with house.reader.view() as view:  # and no other entry's proof is lost by it
        Prover(view).inclusion(600 - 256 * 2, view.head.size)


def test_a_wrong_right_edge_proves_nothing_at_a_size_without_a_checkpoint(house: House) -> None:
    house.append(600)
    house.publish()
    hashes = house.owner_value("SELECT hashes FROM tile WHERE level = 0 AND number = 2")
    house.owner("UPDATE tile SET hashes = ? WHERE level = 0 AND number = 2", bytes([hashes[0] ^ 1]) + hashes[1:])
    with house.reader.view() as view, pytest.raises(BrokenState, match="root of the head"):
        Prover(view).inclusion(3, 513)
