"""What a publication changes: the tiles from one size to another, and whether the two checkpoints fit. Pure.

    begin   the right edge of the tree that was published, from its tiles; its root must be the one that was signed
    grow    leaf hashes in, full tiles out, as many at a time as the caller likes
    finish  the tiles that are left, once the root is that of the checkpoint to publish

The new tree is the old one's right edge with leaves added: that both roots come out of it as they were signed is the
consistency proof, from the hashes themselves.
"""

from collections.abc import Sequence

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.errors import BrokenInput, BrokenState
from ledger.note import parse_note
from ledger.publication import Publication, Tile
from ledger.publication_tables import TileRow
from ledger.tiles import HEIGHT, WIDTH, RightEdge, levels_of
from ledger.tree import HASH_BYTES


def edge_names(size: int) -> tuple[tuple[int, int], ...]:
    """The tiles (level, number) that are partial in a tree of this size; there may be wider ones in their rows."""
    return tuple(
        (level, size >> HEIGHT * (level + 1)) for level in range(levels_of(size)) if (size >> HEIGHT * level) % WIDTH
    )


def edge_at(size: int, rows: Sequence[TileRow]) -> RightEdge:
    """The right edge at this size from the rows of `edge_names`; `BrokenState` when a row is missing or too narrow."""
    found = {(row.level, row.number): row.hashes for row in rows}
    tiles = []
    for level in range(levels_of(size)):
        number, width = size >> HEIGHT * (level + 1), (size >> HEIGHT * level) % WIDTH
        hashes = bytes(found.get((level, number), b""))[: width * HASH_BYTES] if width else b""
        if len(hashes) != width * HASH_BYTES:
            raise BrokenState(f"expected {width} hashes in tile {level}/{number}, found {len(hashes) // HASH_BYTES}")
        tiles.append(hashes)
    return RightEdge(size, tiles)


def begin(note: str | None, size: int, rows: Sequence[TileRow]) -> RightEdge:
    """Where the last publication left the tree; `BrokenState` when its tiles do not give the root in its note."""
    if not size:
        return RightEdge()
    if note is None:
        raise BrokenState(f"expected the publication of size {size}, found none")
    edge = edge_at(size, rows)
    stated = stated_by(note)
    if (stated.size, stated.root) != (size, edge.root()):
        raise BrokenState(f"expected tiles that give the root published at size {size}, found others")
    return edge


def grow(edge: RightEdge, leaves: Sequence[bytes]) -> tuple[Tile, ...]:
    """Take leaf hashes in; the tiles that are full by now."""
    return tuple([Tile(*full) for full in edge.extend(leaves)])


def finish(edge: RightEdge, note: str, origin: str) -> tuple[Publication, tuple[Tile, ...]]:
    """The publication of this note and the tiles at its right edge; `BrokenState` unless it states this very tree."""
    stated = stated_by(note)
    if (stated.origin, stated.size) != (origin, edge.size):
        raise BrokenState(
            f"expected a checkpoint of {origin} at size {edge.size}, found {stated.origin}, {stated.size}"
        )
    if stated.root != edge.root():
        raise BrokenState(f"expected entries that give the root signed at size {edge.size}, found others")
    return Publication(edge.size, parse_note(note).text, note), tuple([Tile(*partial) for partial in edge.partial()])


def stated_by(note: str) -> Checkpoint:
    """The checkpoint of a note of ours; `BrokenState` when it cannot be read."""
    try:
        return parse_checkpoint(parse_note(note).text)
    except BrokenInput as error:
        raise BrokenState(f"expected a signed checkpoint: {error}") from error
