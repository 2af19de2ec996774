"""Tiles: their names, their widths, and that a right edge that grows by any steps gives the tiles of the whole tree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.tiles import (
    ENTRIES,
    TILE_BYTES,
    RightEdge,
    TileName,
    bundles_of,
    inner_of,
    levels_of,
    names_of,
    parse_path,
    read_bundle,
    split,
    tile_root,
    width_at,
    write_bundle,
)
from ledger.tree import CompactRange, root_of

LEAVES = [sha256(b"%d" % number).digest() for number in range(70_000)]


def from_scratch(size: int) -> dict[tuple[int, int], bytes]:
    """The tiles of the first leaves by the specification's formula: MTH over 256^L leaves each."""
    tiles: dict[tuple[int, int], bytes] = {}
    level, roots = 0, LEAVES[:size]
    while roots:
        for at in range(0, len(roots), 256):
            tiles[level, at // 256] = b"".join(roots[at : at + 256])
        roots = [root_of(roots[at : at + 256]) for at in range(0, len(roots) - 255, 256)]
        level += 1
    return tiles


def test_the_example_of_the_specification() -> None:
    widths = [(name.level, name.width) for name in names_of(70_000)]
    assert widths == [(0, 256)] * 273 + [(0, 112), (1, 256), (1, 17), (2, 1)]
    assert [(name.level, name.width) for name in names_of(256)] == [(0, 256), (1, 1)]
    assert TileName(0, 1_234_067).path() == "tile/0/x001/x234/067"
    assert TileName(ENTRIES, 273, 112).path() == "tile/entries/273.p/112"


def test_tiles_of_70_000_leaves_grown_in_steps_are_those_of_the_formula() -> None:
    edge, tiles = RightEdge(), {}
    for at in range(0, 70_000, 777):
        tiles.update({tile[:2]: tile.hashes for tile in edge.extend(LEAVES[at : at + 777])})
    tiles.update({tile[:2]: tile.hashes for tile in edge.partial()})
    assert tiles == from_scratch(70_000)
    assert edge.root() == CompactRange().extend(LEAVES).root()


@given(st.lists(st.integers(1, 700), max_size=8))
def test_any_steps_give_the_tiles_and_the_root(steps: list[int]) -> None:
    edge, tiles, size = RightEdge(), {}, 0
    for step in steps:
        tiles.update({tile[:2]: tile[2] for tile in edge.extend(LEAVES[size : size + step])})
        size += step
        tiles.update({tile[:2]: tile[2] for tile in edge.partial()})
        # begun again from what is kept, as after a crash
        kept = [tiles.get((level, size >> 8 * (level + 1)), b"") for level in range(levels_of(size))]
        widths = [(size >> 8 * level) % 256 for level in range(levels_of(size))]
        edge = RightEdge(size, [hashes[: 32 * width] for hashes, width in zip(kept, widths, strict=True)])
        assert edge.root() == root_of(LEAVES[:size])
    assert tiles == from_scratch(size)


@given(st.integers(0, 2**63 - 1), st.integers(0, 8))
def test_the_widths_are_those_of_the_specification(size: int, level: int) -> None:
    there = size // 256**level
    last = there // 256
    assert width_at(level, last, size) == there % 256
    assert width_at(level, last + 1, size) == 0
    if last:
        assert width_at(level, last - 1, size) == 256


def test_what_a_tree_has_more_than_one_before_it() -> None:
    for old in range(0, 1_400, 37):
        for new in range(old, 1_400, 53):
            before = {name[:2]: name.width for name in names_of(old)}
            more = {name for name in names_of(new) if before.get(name[:2]) != name.width}
            assert set(names_of(new, old)) == more
            bundles = {name for name in bundles_of(new) if before.get((0, name.number)) != name.width}
            assert set(bundles_of(new, old)) == bundles


@given(st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_a_name_has_one_path(level: int, number: int, width: int) -> None:
    name = TileName(level, number, width)
    assert parse_path(name.path()) == name


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1", "tile/0/0001", "tile/0/x000/001", "tile/0/x001/x234/67", "tile/0/001/234/067", "tile/00/001",
        "tile/64/001", "tile/-1/001", "tile/0/-01", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01",
        "tile/0/001.p/", "tile/0/001.p", "tile/0/../0/001", "tile/0/x001/..", "tile/entries/", "tile/entries/x1/001",
        "tile/0/001\n", "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/٠٠١", "tile/0/X001/234", "tile/0/001/",
        "tile//001", "/tile/0/001", "tile/0/001.p/-1", "tile/0/001.p/257", "tile/data/001", "tile/0/001.P/5",
    ],
)  # fmt: skip
def test_hostile_paths_name_nothing(path: str) -> None:
    assert parse_path(path) is None


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=20))
def test_a_bundle_reads_back_and_no_other_length_does(entries: list[bytes]) -> None:
    data = write_bundle(entries)
    assert read_bundle(data, len(entries)) == entries
    for wrong in (data[:-1], data + b"\0"):
        with pytest.raises(BrokenInput):
            read_bundle(wrong, len(entries))
    with pytest.raises(BrokenInput):
        read_bundle(data, len(entries) + 1)


def test_an_entry_over_the_limit_is_in_no_bundle() -> None:
    with pytest.raises(TooLarge):
        write_bundle([bytes(65_536)])


def test_inner_roots_lead_to_the_root_of_the_tile() -> None:
    hashes = b"".join(LEAVES[:256])
    assert len(hashes) == TILE_BYTES
    assert inner_of(hashes) == b"".join([root_of(LEAVES[at : at + 16]) for at in range(0, 256, 16)])
    assert root_of(split(inner_of(hashes))) == tile_root(hashes)
    assert inner_of(hashes[: 32 * 37]) == inner_of(hashes)[: 32 * 2]


def test_a_tile_taken_whole_is_as_its_hashes_one_by_one() -> None:
    whole, single = RightEdge(), RightEdge()
    for at in range(0, 1_024, 256):
        hashes = b"".join(LEAVES[at : at + 256])
        assert whole.take(hashes, inner_of(hashes)) == single.extend(LEAVES[at : at + 256])
    assert whole.partial() == single.partial()
    single.extend(LEAVES[:1])
    with pytest.raises(Misuse):
        single.take(bytes(TILE_BYTES), b"")


def test_a_right_edge_of_another_width_is_a_bug() -> None:
    with pytest.raises(Misuse):
        RightEdge(300, [bytes(32 * 45)])
