"""The tree cut into tiles, and their names (c2sp.org/tlog-tiles v0.1.0). Pure, standard library only.

tile (L, N)       up to 256 hashes: roots of the complete subtrees of 256^L leaves from leaf N * 256^(L+1) on
width at size s   min(256, s // 256^L - 256 * N); a tile without hashes is not there
path              tile/<L>/<N>[.p/<W>]    N in groups of three digits, all but the last with an `x` before them
bundle            tile/entries/<N>[.p/<W>]: u16 big-endian length || entry bytes, as many as the tile (0, N) is wide

size 70,000: level 0 has 273 full tiles and one of 112, level 1 one full tile and one of 17, level 2 one of 1
"""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from struct import Struct
from typing import Final, NamedTuple

from ledger.errors import BrokenInput, Misuse, TooLarge
from ledger.tree import HASH_BYTES, CompactRange, root_of

WIDTH = 256  # hashes of a full tile
HEIGHT = 8  # levels of the tree between two levels of tiles
TILE_BYTES = WIDTH * HASH_BYTES
INNER = 16  # hashes under one inner root of a stored tile
LEVEL_MAX = 63  # as the specification names levels; at 2^63 leaves there are eight
BUNDLED_BYTES_MAX = 0xFFFF  # an entry in a bundle
NUMBER_MAX = 2**63 - 1
ENTRIES: Final = -1  # stands for the level of entry bundles in `TileName`

_NODE = b"\x01"
_LENGTH = Struct(">H")
_PATH = re.compile(
    r"tile/(?:(?P<entries>entries)|(?P<level>0|[1-9][0-9]?))/"
    r"(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


class TileName(NamedTuple):
    """Which tile: level (`ENTRIES` for a bundle), number in the level, and how many hashes or entries it holds."""

    level: int
    number: int
    width: int = WIDTH

    def path(self) -> str:
        """The path below the log's prefix."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*[f"x{group}" for group in groups[:-1]], groups[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number}{part}"


def parse_path(path: str) -> TileName | None:
    """The tile of a path; None for every path but the one spelling of a name."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = ENTRIES if match["entries"] else int(match["level"])
    number = int(match["number"].replace("/", "").replace("x", ""))
    width = WIDTH if match["width"] is None else int(match["width"])
    name = TileName(level, number, width)
    if level > LEVEL_MAX or number > NUMBER_MAX or width > WIDTH or name.path() != path:
        return None
    return name


def width_at(level: int, number: int, size: int) -> int:
    """How many hashes tile (level, number) has in a tree of `size`; 0 when there is no such tile. Bundles: level 0."""
    return max(0, min(WIDTH, (size >> HEIGHT * max(level, 0)) - number * WIDTH))


def levels_of(size: int) -> int:
    """How many levels of tiles a tree of this size has."""
    return -(-size.bit_length() // HEIGHT)


def names_of(size: int, after: int = 0) -> Iterator[TileName]:
    """The hash tiles of a tree of `size`, level by level; those alone that a tree of `after` has not, or narrower."""
    for level in range(levels_of(size)):
        first = (after >> HEIGHT * level) // WIDTH
        for number in range(first, -(-(size >> HEIGHT * level) // WIDTH)):
            width = width_at(level, number, size)
            if width > width_at(level, number, after):
                yield TileName(level, number, width)


def bundles_of(size: int, after: int = 0) -> Iterator[TileName]:
    """The entry bundles of a tree of `size`, as `names_of`."""
    for number in range(after // WIDTH, -(-size // WIDTH)):
        width = width_at(0, number, size)
        if width > width_at(0, number, after):
            yield TileName(ENTRIES, number, width)


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as they stand in a bundle."""
    parts = []
    for data in entries:
        if len(data) > BUNDLED_BYTES_MAX:
            raise TooLarge(f"expected an entry of at most {BUNDLED_BYTES_MAX} bytes, found {len(data)}")
        parts += [_LENGTH.pack(len(data)), data]
    return b"".join(parts)


def read_bundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle of exactly this many; `BrokenInput` says at which entry it ends or goes on too long."""
    entries = []
    at = 0
    for number in range(width):
        end = at + 2 + _LENGTH.unpack_from(data, at)[0] if at + 2 <= len(data) else len(data) + 1
        if end > len(data):
            raise BrokenInput(f"expected {width} entries, found a bundle that ends in entry {number} of it")
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data):
        raise BrokenInput(f"expected {width} entries, found {len(data) - at} bytes after them")
    return entries


def split(hashes: bytes) -> list[bytes]:
    """The hashes of a tile's bytes."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def joined(hashes: bytes) -> bytes:
    """The root over a power of two of hashes that stand side by side: no check, no list of the caller's."""
    level = split(hashes)
    while len(level) > 1:
        pairs = iter(level)
        level = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return level[0]


def inner_of(hashes: bytes) -> bytes:
    """The roots over each complete 16 hashes of a tile, left to right."""
    step = INNER * HASH_BYTES
    return b"".join([joined(hashes[at : at + step]) for at in range(0, len(hashes) - step + 1, step)])


class Grown(NamedTuple):
    """A tile with its hashes and the inner roots over each complete 16 of them."""

    level: int
    number: int
    hashes: bytes
    inner: bytes


class RightEdge:
    """The tiles at the right edge of a growing tree: leaf hashes go in, tiles that changed come out.

    Holds at most 255 hashes of each level, however many leaves go through it.
    """

    def __init__(self, size: int = 0, tiles: Sequence[bytes] = ()) -> None:
        """`tiles`: the hashes of the partial tile of each level at `size`, from level 0 on; exactly as wide."""
        self.size = size
        self._levels = [bytearray(hashes) for hashes in tiles]
        self._levels += [bytearray() for _ in range(levels_of(size) - len(tiles))]
        for level, hashes in enumerate(self._levels):
            expected = (size >> HEIGHT * level) % WIDTH * HASH_BYTES
            if len(hashes) != expected:
                raise Misuse(f"expected {expected} bytes of level {level} at size {size}, found {len(hashes)}")

    def extend(self, leaves: Sequence[bytes]) -> list[Grown]:
        """Take leaf hashes in. The tiles that this made full, each once."""
        full: list[Grown] = []
        at = 0
        while at < len(leaves):
            if not self._levels:
                self._levels.append(bytearray())
            room = WIDTH - len(self._levels[0]) // HASH_BYTES
            part = leaves[at : at + room]
            self._levels[0] += b"".join(part)
            self.size += len(part)
            at += len(part)
            if len(part) == room:
                self._carry(full)
        return full

    def take(self, hashes: bytes, inner: bytes) -> list[Grown]:
        """`extend` by a whole tile whose inner roots are known to be right; only where a tile begins."""
        if self.size % WIDTH or len(hashes) != TILE_BYTES:
            raise Misuse(f"expected a full tile at a multiple of {WIDTH}, found size {self.size}")
        if not self._levels:
            self._levels.append(bytearray())
        self._levels[0] += hashes
        self.size += WIDTH
        full: list[Grown] = []
        self._carry(full, inner)
        return full

    def _carry(self, full: list[Grown], inner: bytes = b"") -> None:
        level = 0
        while len(self._levels[level]) == TILE_BYTES:
            hashes = bytes(self._levels[level])
            inner = inner or inner_of(hashes)
            full.append(Grown(level, (self.size >> HEIGHT * (level + 1)) - 1, hashes, inner))
            self._levels[level] = bytearray()
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += joined(inner)
            inner = b""

    def partial(self) -> list[Grown]:
        """The tiles that are not full yet."""
        return [
            Grown(level, self.size >> HEIGHT * (level + 1), bytes(hashes), inner_of(bytes(hashes)))
            for level, hashes in enumerate(self._levels)
            if hashes
        ]

    def range(self) -> CompactRange:
        """The tree as a compact range, from the right edge alone: what its root is."""
        roots: list[bytes] = []
        for hashes in reversed(self._levels):
            at, left = 0, len(hashes) // HASH_BYTES
            while left:
                count = 1 << (left.bit_length() - 1)
                roots.append(joined(bytes(hashes[at : at + count * HASH_BYTES])))
                at += count * HASH_BYTES
                left -= count
        return CompactRange(self.size, tuple(roots))

    def root(self) -> bytes:
        """The root hash."""
        return self.range().root()


def tile_root(hashes: bytes) -> bytes:
    """The root over the hashes of a full tile: its hash one level up."""
    return root_of(split(hashes))
