"""Tiles derived anew from the stored leaf hashes: what `muniment log rebuild` runs. Streaming.

The first pass only compares. The root it comes to must be the one that was published; then nothing but tiles can be
wrong, and a second pass writes those. Otherwise nothing is written: the entries differ from what was shown.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ledger.errors import BrokenState
from ledger.publication import PUBLISHED_SIZE, MendTiles, Tile
from ledger.publication_tables import PUBLISHED, REACHED, TILE
from ledger.publishing import grow, stated_by
from ledger.reading import Reader
from ledger.tiles import RightEdge, inner_of
from ledger.work import Done

PAGE = 4_096  # leaf hashes read at once
MENDED_AT_ONCE = 64  # tiles in one command: half a megabyte

Progress = Callable[[int, int], None]


class Rebuilt(NamedTuple):
    """Up to which size, how many tiles there are, and which (level, number) were missing or wrong and are written."""

    size: int
    tiles: int
    mended: tuple[tuple[int, int], ...]


def rebuild(reader: Reader, send: Callable[[MendTiles], Done], tell: Progress = lambda _, __: None) -> Rebuilt:
    """Compare every tile with the entries and mend what differs; `BrokenState` when these are not as published."""
    with reader.view() as view:
        reached = view.get(REACHED, PUBLISHED_SIZE)
        size = 0 if reached is None else reached.size
        published = view.get(PUBLISHED, size)
    if not size:
        return Rebuilt(0, 0, ())
    if published is None:
        raise BrokenState(f"expected the publication of size {size}, found none")
    count, wrong = 0, []
    edge = RightEdge()
    for tiles in _derived(reader, edge, size):
        count += len(tiles)
        wrong += _differing(reader, tiles)
        tell(edge.size, size)
    if stated_by(published.note).root != edge.root():
        raise BrokenState(f"expected entries that give the root published at size {size}, found others")
    if wrong:
        _mend(reader, send, size, frozenset(wrong))
    return Rebuilt(size, count, tuple(wrong))


def _derived(reader: Reader, edge: RightEdge, size: int) -> Iterator[tuple[Tile, ...]]:
    for start in range(0, size, PAGE):
        end = min(start + PAGE, size)
        with reader.view() as view:
            leaves = view.leaf_hashes(start, end)
        if len(leaves) != end - start:
            raise BrokenState(f"expected entries {start} to {end - 1}, found {len(leaves)} of them")
        yield grow(edge, leaves)
    yield tuple([Tile(*partial) for partial in edge.partial()])


def _differing(reader: Reader, tiles: tuple[Tile, ...]) -> list[tuple[int, int]]:
    """Those whose row is missing or differs; one that a newer publication has made wider since is as it should be."""
    wrong = []
    with reader.view() as view:
        for tile in tiles:
            row = view.get(TILE, tile.level, tile.number)
            is_right = row is not None and (
                bytes(row.hashes[: len(tile.hashes)]) == tile.hashes and bytes(row.inner_hashes) == inner_of(row.hashes)
            )
            if not is_right:
                wrong.append((tile.level, tile.number))
    return wrong


def _mend(reader: Reader, send: Callable[[MendTiles], Done], size: int, wrong: frozenset[tuple[int, int]]) -> None:
    waiting: list[Tile] = []
    for tiles in _derived(reader, RightEdge(), size):
        waiting += [tile for tile in tiles if tile[:2] in wrong]
        if len(waiting) >= MENDED_AT_ONCE:
            _write(send, size, waiting)
            waiting = []
    _write(send, size, waiting)


def _write(send: Callable[[MendTiles], Done], size: int, tiles: list[Tile]) -> None:
    if tiles and send(MendTiles(size, tuple(tiles))).outcome != "mended":
        raise BrokenState("expected no publication meanwhile, found one; run it again")
