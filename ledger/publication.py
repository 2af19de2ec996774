"""Published checkpoints: what the log shows outside, who else signed it, and the commands that write it down.

A commit signs a checkpoint for whoever waits for it. The publisher shows one to everybody, about once a second: it
derives the tiles of the tree, and asks the log's identity key, witnesses and a time-stamping authority for lines to put
beside it. All that happens outside any transaction. These commands only keep the outcome; they stage no entry, because
everything here follows from the entries or was signed by somebody else.

    note shown to others = note || the lines of kind "signature" and "cosignature" of its size, in the order of key ids

`REACHED` holds how far each part got. The published size moves by compare-and-swap: a second publisher that derived
the same tiles finds the size moved and keeps nothing.

A publication lives for a day, and longer for a reason (`REASONS`) that is written down when it becomes known, so that
thinning is one comparison (`PUBLISHED.expired`). The newest one always stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.note import parse_note
from ledger.publication_tables import (
    PUBLISHED,
    PUBLISHED_LINE,
    REACHED,
    TILE,
    PublishedLineRow,
    PublishedRow,
    ReachedRow,
    TileRow,
)
from ledger.refusal import Refusal
from ledger.tiles import TILE_BYTES
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

SIGNATURE = "signature"  # a line of the log itself: its identity key, its ML-DSA-44 key
COSIGNATURE = "cosignature"  # a witness's line
TIMESTAMP = "timestamp"  # an RFC 3161 token, DER
LINE_KINDS = (SIGNATURE, COSIGNATURE, TIMESTAMP)

PUBLISHED_SIZE = "published"  # `REACHED.what` of the publisher; contributors name theirs
WITNESSED_SIZE = "witnessed"  # the newest publication that is kept because a witness signed it

HOUR = "hour"  # the first of its hour
NEW_KEY = "key"  # the first that another key of the log signed
WITNESSED = "witnessed"  # the newest of its minute that a witness signed
TIMESTAMPED = "timestamped"
CITED = "cited"  # a pack or a proof file names it
REASONS = ("", HOUR, NEW_KEY, WITNESSED, TIMESTAMPED, CITED)  # why a publication outlives its day; empty: it does not


class Publication(NamedTuple):
    """A published checkpoint: its size, its text, and the note as the commit key signed it."""

    size: int
    text: str
    note: str


class Line(NamedTuple):
    """What somebody added to the publication of `size`.

    `value` is the whole signature line in UTF-8 with its final newline, or a token; `key_id` is the note key id in
    hexadecimal, or what tells tokens of one size apart. `made_at` is an instant.
    """

    size: int
    key_id: str
    kind: str
    value: bytes
    made_at: int


class Contributor(Protocol):
    """Who adds lines to a publication: the identity key, witnesses, a time-stamping authority."""

    @property
    def name(self) -> str:
        """For alarms and metrics."""
        ...

    def contribute(self, publication: Publication) -> Sequence[Line]:
        """The lines, within bounded time; a `MunimentError` when there are none to be had now."""
        ...


class Tile(NamedTuple):
    """Up to 256 hashes of one level of the tree (c2sp.org/tlog-tiles); `hashes` are 32 bytes each, left to right.

    `inner` are the roots over each complete 16 of them: a proof reads 16 + 16 hashes of a tile and not all 256.
    """

    level: int
    number: int
    hashes: bytes
    inner: bytes


@dataclass(frozen=True, slots=True)
class Publish:
    """Keep a publication and the tiles that changed since the one of size `after` (0: none yet)."""

    after: int
    publication: Publication
    tiles: tuple[Tile, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepTiles:
    """Keep full tiles, ahead of the publication that needs them: the steps of a long one. A full tile never changes."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class MendTiles:
    """Write tiles as they were derived anew from the entries (`muniment log rebuild`), while `size` is published."""

    size: int
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Cite:
    """Keep the publication of `size` for good, because something outside names it."""

    size: int


@dataclass(frozen=True, slots=True)
class AddLines:
    """Keep more lines of publications, and that `what` (unless empty) got as far as `size`."""

    lines: tuple[Line, ...]
    what: str = ""
    size: int = 0


def commands() -> Commands:
    """The commands of this page."""
    return {
        Publish: _spec("Publish", publish, lambda c: [(REACHED, (PUBLISHED_SIZE,)), (PUBLISHED, (c.after,))]),
        KeepTiles: _spec("KeepTiles", keep_tiles, lambda _: []),
        MendTiles: _spec("MendTiles", mend_tiles, lambda _: [(REACHED, (PUBLISHED_SIZE,))]),
        Cite: _spec("Cite", cite, lambda c: [(PUBLISHED, (c.size,))]),
        AddLines: _spec("AddLines", add_lines, _reads_of_lines),
    }


def publish(uow: UnitOfWork, command: Publish) -> Done | Refusal:
    """Done `published`, or `behind` when another publisher was first: then nothing is kept. Result {size}."""
    reached = uow.get(REACHED, PUBLISHED_SIZE)
    size = 0 if reached is None else reached.size
    new = command.publication
    if size != command.after or new.size <= size:
        return Done("behind", {"size": size})
    uow.put(REACHED, ReachedRow(PUBLISHED_SIZE, new.size, uow.now))
    before = uow.get(PUBLISHED, size)
    uow.put(PUBLISHED, PublishedRow(new.size, new.note, uow.now, _reason(before, new.note, uow.now)))
    for tile in command.tiles:
        uow.put(TILE, TileRow(*tile))
    for line in command.lines:
        uow.put(PUBLISHED_LINE, PublishedLineRow(*line))
    return Done("published", {"size": new.size})


def _reason(before: PublishedRow | None, note: str, now: int) -> str:
    """Why a new publication is kept for good."""
    if before is None or before.published_at // (3600 * SECOND) != now // (3600 * SECOND):
        return HOUR
    return "" if _signers(before.note) == _signers(note) else NEW_KEY


def _signers(note: str) -> frozenset[tuple[str, bytes]]:
    try:
        return frozenset((line.name, line.key_id) for line in parse_note(note).signatures)
    except BrokenInput:
        return frozenset()


def keep_tiles(uow: UnitOfWork, command: KeepTiles) -> Done:
    """Done `kept` with how many of them are full; the others are left out; {tiles}."""
    full = [tile for tile in command.tiles if len(tile.hashes) == TILE_BYTES]
    for tile in full:
        uow.put(TILE, TileRow(*tile))
    return Done("kept", {"tiles": len(full)})


def mend_tiles(uow: UnitOfWork, command: MendTiles) -> Done:
    """Done `mended`, or `behind` when the published size moved meanwhile: then nothing is written."""
    reached = uow.get(REACHED, PUBLISHED_SIZE)
    size = 0 if reached is None else reached.size
    if size != command.size:
        return Done("behind", {"size": size})
    for tile in command.tiles:
        uow.put(TILE, TileRow(*tile))
    return Done("mended", {"size": size})


def cite(uow: UnitOfWork, command: Cite) -> Done:
    """Done `cited`, or `unknown` when that size is not published or is thinned out already."""
    row = uow.get(PUBLISHED, command.size)
    if row is None:
        return Done("unknown")
    uow.put(PUBLISHED, row._replace(kept=CITED))
    return Done("cited")


def add_lines(uow: UnitOfWork, command: AddLines) -> Done | Refusal:
    """Done `kept` with how many lines belong to a size that is published; {lines}."""
    rows = {line.size: uow.get(PUBLISHED, line.size) for line in command.lines}
    reached = uow.get(REACHED, command.what) if command.what else None
    kept = [line for line in command.lines if rows[line.size] is not None]
    for line in kept:
        uow.put(PUBLISHED_LINE, PublishedLineRow(*line))
    kinds = {(line.size, line.kind) for line in kept}
    for size, row in sorted(rows.items()):
        if row is not None and (size, TIMESTAMP) in kinds and row.kept in ("", WITNESSED):
            uow.put(PUBLISHED, row._replace(kept=TIMESTAMPED))
        elif row is not None and (size, COSIGNATURE) in kinds and row.kept == "":
            _keep_witnessed(uow, row)
    if command.what and command.size > (0 if reached is None else reached.size):
        uow.put(REACHED, ReachedRow(command.what, command.size, uow.now))
    return Done("kept", {"lines": len(kept)})


def _keep_witnessed(uow: UnitOfWork, row: PublishedRow) -> None:
    """Keep this one instead of the one before it in the same minute: a witness a second must not keep them all."""
    reached = uow.get(REACHED, WITNESSED_SIZE)
    last = None if reached is None else uow.get(PUBLISHED, reached.size)
    minute = 60 * SECOND
    if last is not None and last.size > row.size and last.published_at // minute == row.published_at // minute:
        return
    if last is not None and last.kept == WITNESSED and last.published_at // minute == row.published_at // minute:
        uow.put(PUBLISHED, last._replace(kept=""))
    uow.put(PUBLISHED, row._replace(kept=WITNESSED))
    if reached is None or row.size > reached.size:
        uow.put(REACHED, ReachedRow(WITNESSED_SIZE, row.size, uow.now))


def shown_note(note: str, lines: Sequence[PublishedLineRow]) -> str:
    """The note with the lines others added: what `/log/{log}/checkpoint` answers."""
    signed = sorted(line for line in lines if line.kind != TIMESTAMP)
    return note + "".join([line.value.decode() for line in signed])


def _reads_of_lines(command: AddLines) -> list[tuple[Any, tuple[Any, ...]]]:
    sizes: list[tuple[Any, tuple[Any, ...]]] = [(PUBLISHED, (line.size,)) for line in command.lines]
    if any(line.kind == COSIGNATURE for line in command.lines):
        sizes.append((REACHED, (WITNESSED_SIZE,)))
    return [*sizes, (REACHED, (command.what,))] if command.what else sizes


def _spec(name: str, handler: Callable[..., Done | Refusal], reads: Callable[[Any], Any]) -> CommandSpec[Any]:
    return CommandSpec(name, handler, lambda _: "", reads, after_seal=True)
