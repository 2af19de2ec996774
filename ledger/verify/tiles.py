"""Verification of a log as tiles (c2sp.org/tlog-tiles), ours or anybody's: in one pass, with nothing of it trusted.

    checkpoint      a signed note of a key that was given
    bundles         every entry hashed, and compared with its hash in the tile of level 0
    upper tiles     derived from the leaf hashes, and compared
    root            of all leaf hashes, and that of the checkpoint
    kept            the root at the size of a checkpoint kept elsewhere, and the one stated there

The first fault ends it and is named by its path and index. Where an entry and its hash differ, the level above tells
which of the two was changed. Standard library only; where bytes come from is handed in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from ledger.checkpoint import Checkpoint, OpenedCheckpoint, open_checkpoint
from ledger.cosignature import CosignatureVerifier
from ledger.errors import BrokenInput
from ledger.note import ED25519, ED25519_COSIGNATURE, NOTE_BYTES_MAX, CheckSignature, Ed25519Verifier, Verifier
from ledger.note import VerifierKey as Key
from ledger.tiles import (
    BUNDLED_BYTES_MAX,
    ENTRIES,
    TILE_BYTES,
    WIDTH,
    RightEdge,
    TileName,
    read_bundle,
    split,
    tile_root,
    width_at,
)
from ledger.tree import HASH_BYTES
from ledger.verify.report import Fault

CHECKPOINT = "checkpoint"
BUNDLE_BYTES_MAX = WIDTH * (2 + BUNDLED_BYTES_MAX)

_LEAF = b"\x00"


class Fetch(Protocol):
    """Where the files of a log come from. May be asked from several threads or processes at once."""

    def get(self, path: str, bytes_max: int) -> bytes | None:
        """The bytes at this path below the log's prefix; None when there are none. `TooLarge` over the limit."""
        ...


class TileFault(NamedTuple):
    """The first fault: its class, the path it lies at, the entry it is about, if one."""

    fault: Fault
    path: str
    index: int | None  # type: ignore[assignment]  # hides `tuple.index`
    expected: str
    found: str

    def __str__(self) -> str:
        where = self.path if self.index is None else f"{self.path}, entry {self.index}"
        return f"{self.fault.value}: {where}: expected {self.expected}, found {self.found}"


class Read(NamedTuple):
    """What came of one bundle: its leaf hashes, or the fault."""

    number: int
    leaves: bytes
    fault: TileFault | None


MapAll = Callable[[Callable[[int], Read], Iterable[int]], Iterator[Read]]
"""Applies a function to numbers, in order of the numbers; as many at once as it likes."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How: the keys given, what checks a signature of each type, a checkpoint kept elsewhere (its size and root)."""

    keys: Sequence[Key]
    checks: Mapping[int, CheckSignature]
    kept: Checkpoint | None = None
    hashes_only: bool = False
    map_all: MapAll = map
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class TilesReport:
    """What was verified. `signed_by` are key ids of given keys whose lines verified; `entries` how many were hashed."""

    origin: str
    size: int
    entries: int
    signed_by: tuple[str, ...]
    since: int | None
    note: str
    fault: TileFault | None

    @property
    def is_sound(self) -> bool:
        """Whether no fault was found."""
        return self.fault is None

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        fault = self.fault
        named = None if fault is None else {**fault._asdict(), "fault": fault.fault.value}
        return {
            "origin": self.origin,
            "size": self.size,
            "entries": self.entries,
            "signed_by": list(self.signed_by),
            "since": self.since,
            "sound": self.is_sound,
            "fault": named,
        }

    def words(self) -> str:
        """The report for a reader."""
        if self.fault is not None and not self.origin:
            return f"FAULT {self.fault}"
        hashed = f"{self.entries} entries hashed" if self.entries else "hash tiles alone"
        lines = [f"{self.origin}: size {self.size}, signed by {', '.join(self.signed_by)}", f"tiles: {hashed}"]
        if self.since is not None:
            lines.append(f"consistent with the checkpoint of size {self.since}" if self.is_sound else "")
        lines.append("no fault found" if self.fault is None else f"FAULT {self.fault}")
        return "\n".join(line for line in lines if line)


class _Found(Exception):
    def __init__(self, fault: TileFault) -> None:
        self.fault = fault


def verify_tiles(fetch: Fetch, manner: Manner) -> TilesReport:
    """The report; raises only what fetching raises for what is no answer at all."""
    try:
        checkpoint, note, signed_by = _checkpoint(fetch, manner)
    except _Found as found:
        return TilesReport("", 0, 0, (), None, "", found.fault)
    fault = None
    since = None if manner.kept is None else manner.kept.size
    edge = RightEdge()
    try:
        _walk(fetch, manner, checkpoint, edge)
    except _Found as found:
        fault = found.fault
    hashed = 0 if manner.hashes_only else edge.size
    return TilesReport(checkpoint.origin, checkpoint.size, hashed, signed_by, since, note, fault)


def open_with(note: str | bytes, keys: Sequence[Key], checks: Mapping[int, CheckSignature]) -> OpenedCheckpoint:
    """The opened checkpoint of a note: a key of the log among those given must have signed it; else `BrokenInput`.

    A key of type 0x01 is a log's; one of type 0x06 is where it carries the origin as its name, else a witness's.
    """
    text = note.decode(errors="replace") if isinstance(note, bytes) else note
    origin = text.partition("\n")[0]
    of_log: list[Verifier] = []
    others: list[Verifier] = []
    for key in keys:
        check = checks.get(key.type)
        if check is None:
            raise BrokenInput(f"expected a key of a type that can be checked here, found 0x{key.type:02x}")
        if key.type == ED25519:
            of_log.append(Ed25519Verifier(key, check))
        elif key.type != ED25519_COSIGNATURE and key.name == origin:
            of_log.append(CosignatureVerifier(key, check))
        else:
            others.append(CosignatureVerifier(key, check))
    return open_checkpoint(note, origin, of_log, others)


def _checkpoint(fetch: Fetch, manner: Manner) -> tuple[Checkpoint, str, tuple[str, ...]]:
    data = fetch.get(CHECKPOINT, NOTE_BYTES_MAX)
    if data is None:
        raise _Found(TileFault(Fault.MISSING, CHECKPOINT, None, "a checkpoint", "none"))
    try:
        opened = open_with(data, manner.keys, manner.checks)
    except BrokenInput as error:
        wrong_key = "of the log" in str(error) or "known key, found none" in str(error)
        fault = Fault.WRONG_KEY if wrong_key else Fault.ALTERED
        raise _Found(TileFault(fault, CHECKPOINT, None, "a checkpoint signed by a key you gave", str(error))) from error
    checkpoint = opened.checkpoint
    if manner.kept is not None:
        _judge_kept(checkpoint, manner.kept)
    return checkpoint, data.decode(), tuple(line.key_id.hex() for line in opened.note.verified)


def _judge_kept(checkpoint: Checkpoint, kept: Checkpoint) -> None:
    if kept.origin != checkpoint.origin:
        told = f"a log of {kept.origin}, as the checkpoint kept elsewhere", checkpoint.origin
        raise _Found(TileFault(Fault.ALTERED, CHECKPOINT, None, *told))
    if kept.size > checkpoint.size:
        told = f"at least the {kept.size} entries of the checkpoint kept elsewhere", str(checkpoint.size)
        raise _Found(TileFault(Fault.ROLLED_BACK, CHECKPOINT, None, *told))


def _walk(fetch: Fetch, manner: Manner, checkpoint: Checkpoint, edge: RightEdge) -> None:
    size = checkpoint.size
    read = Reading(fetch, size, manner.hashes_only)
    kept = manner.kept
    for part in manner.map_all(read, range(-(-size // WIDTH))):
        if part.fault is not None:
            raise _Found(part.fault)
        leaves = split(part.leaves)
        if kept is not None and edge.size < kept.size <= edge.size + len(leaves):
            _check_kept(edge, leaves, kept)
        for level, number, hashes, _ in edge.extend(leaves):
            _compare(fetch, TileName(level, number), hashes)
        if manner.progress is not None:
            manner.progress(edge.size, size)
    for level, number, hashes, _ in edge.partial():
        _compare(fetch, TileName(level, number, len(hashes) // HASH_BYTES), hashes)
    if edge.root() != checkpoint.root:
        told = f"root {checkpoint.root.hex()} as signed at size {size}", f"root {edge.root().hex()} of the tiles"
        raise _Found(TileFault(Fault.FORKED, CHECKPOINT, None, *told))


def _check_kept(edge: RightEdge, leaves: Sequence[bytes], kept: Checkpoint) -> None:
    """The root at the kept size: of the edge so far and the leaves up to it."""
    root = edge.range().extend(leaves[: kept.size - edge.size]).root()
    if root != kept.root:
        told = f"root {kept.root.hex()} at size {kept.size}, as kept elsewhere", f"root {root.hex()}"
        raise _Found(TileFault(Fault.FORKED, CHECKPOINT, None, *told))


def _compare(fetch: Fetch, name: TileName, derived: bytes) -> None:
    """An upper tile, and what the leaf hashes give; level 0 was compared with the entries."""
    if name.level == 0:
        return
    there = _tile(fetch, name)
    if there != derived:
        place = next(at for at in range(name.width) if _hash(there, at) != _hash(derived, at))
        told = f"{_hash(derived, place).hex()} at {place}, from the leaf hashes", _hash(there, place).hex()
        raise _Found(TileFault(Fault.ALTERED, name.path(), None, *told))


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads and hashes one bundle, and compares it with its tile. Picklable when `fetch` is."""

    fetch: Fetch
    size: int
    hashes_only: bool

    def __call__(self, number: int) -> Read:
        """The outcome for the bundle of this number; raises only what fetching raises."""
        width = width_at(0, number, self.size)
        try:
            tile = _tile(self.fetch, TileName(0, number, width))
            if not self.hashes_only:
                self._entries(number, width, tile)
        except _Found as found:
            return Read(number, b"", found.fault)
        return Read(number, tile, None)

    def _entries(self, number: int, width: int, tile: bytes) -> None:
        name = TileName(ENTRIES, number, width)
        leaves = b"".join([sha256(_LEAF + data).digest() for data in entries_of(self.fetch, name)])
        if leaves == tile:
            return
        place = next(at for at in range(width) if _hash(leaves, at) != _hash(tile, at))
        index = number * WIDTH + place
        is_tile = self._is_of(number, leaves)
        path = TileName(0, number, width).path() if is_tile else name.path()
        told = (_hash(leaves, place), _hash(tile, place))
        expected, found = told if is_tile else told[::-1]
        raise _Found(TileFault(Fault.ALTERED, path, index, f"leaf hash {expected.hex()}", found.hex()))

    def _is_of(self, number: int, leaves: bytes) -> bool:
        """Whether the level above vouches for these leaf hashes, so that their tile is what was changed."""
        if len(leaves) != TILE_BYTES:
            return False
        above = TileName(1, number // WIDTH, width_at(1, number // WIDTH, self.size))
        try:
            return _hash(_tile(self.fetch, above), number % WIDTH) == tile_root(leaves)
        except _Found:
            return False


def entries_of(fetch: Fetch, name: TileName) -> list[bytes]:
    """The entries of a bundle, which was verified or is being."""
    data, there = _get(fetch, name, BUNDLE_BYTES_MAX)
    try:
        return read_bundle(data, there.width)[: name.width]
    except BrokenInput as error:
        raise _Found(
            TileFault(Fault.ALTERED, there.path(), None, f"{there.width} whole entries", str(error))
        ) from error


def _tile(fetch: Fetch, name: TileName) -> bytes:
    data, there = _get(fetch, name, TILE_BYTES)
    expected = there.width * HASH_BYTES
    if len(data) != expected:
        raise _Found(TileFault(Fault.ALTERED, there.path(), None, f"{expected} bytes", f"{len(data)}"))
    return data[: name.width * HASH_BYTES]


def _get(fetch: Fetch, name: TileName, bytes_max: int) -> tuple[bytes, TileName]:
    """The file of a name, or of the full tile where the partial one was deleted since."""
    for there in dict.fromkeys((name, name._replace(width=WIDTH))):
        try:
            data = fetch.get(there.path(), bytes_max)
        except BrokenInput as error:
            told = f"at most {bytes_max} bytes", str(error)
            raise _Found(TileFault(Fault.ALTERED, there.path(), None, *told)) from error
        if data is not None:
            return data, there
    raise _Found(TileFault(Fault.MISSING, name.path(), None, "this file", "none"))


def _hash(hashes: bytes, place: int) -> bytes:
    return hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]
