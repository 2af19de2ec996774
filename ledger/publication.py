"""Published checkpoints: what the log shows outside, who else signed it, and the commands that write it down.

A commit signs a checkpoint for whoever waits for it. The publisher shows one to everybody, about once a second: it
derives the tiles of the tree, and asks the log's identity key, witnesses and a time-stamping authority for lines to put
beside it. All that happens outside any transaction. These commands only keep the outcome; they stage no entry, because
everything here follows from the entries or was signed by somebody else.

    note shown to others = note || the lines of kind "signature" and "cosignature" of its size, in the order of key ids

`REACHED` holds how far each part got. The published size moves by compare-and-swap: a second publisher that derived
the same tiles finds the size moved and keeps nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ledger.refusal import Refusal
from ledger.tables import PUBLISHED, PUBLISHED_LINE, REACHED, TILE, PublishedLineRow, PublishedRow, ReachedRow, TileRow
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

SIGNATURE = "signature"  # a line of the log itself: its identity key, its ML-DSA-44 key
COSIGNATURE = "cosignature"  # a witness's line
TIMESTAMP = "timestamp"  # an RFC 3161 token, DER
LINE_KINDS = (SIGNATURE, COSIGNATURE, TIMESTAMP)

PUBLISHED_SIZE = "published"  # `REACHED.what` of the publisher; contributors name theirs


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
class AddLines:
    """Keep more lines of publications, and that `what` (unless empty) got as far as `size`."""

    lines: tuple[Line, ...]
    what: str = ""
    size: int = 0


def commands() -> Commands:
    """The commands of this page."""
    return {
        Publish: _spec("Publish", publish, lambda _: [(REACHED, (PUBLISHED_SIZE,))]),
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
    uow.put(PUBLISHED, PublishedRow(new.size, new.note, uow.now, ""))
    for tile in command.tiles:
        uow.put(TILE, TileRow(*tile))
    for line in command.lines:
        uow.put(PUBLISHED_LINE, PublishedLineRow(*line))
    return Done("published", {"size": new.size})


def add_lines(uow: UnitOfWork, command: AddLines) -> Done | Refusal:
    """Done `kept` with how many lines belong to a size that is published; {lines}."""
    known = {line.size for line in command.lines if uow.get(PUBLISHED, line.size) is not None}
    reached = uow.get(REACHED, command.what) if command.what else None
    kept = [line for line in command.lines if line.size in known]
    for line in kept:
        uow.put(PUBLISHED_LINE, PublishedLineRow(*line))
    if command.what and command.size > (0 if reached is None else reached.size):
        uow.put(REACHED, ReachedRow(command.what, command.size, uow.now))
    return Done("kept", {"lines": len(kept)})


def shown_note(note: str, lines: Sequence[PublishedLineRow]) -> str:
    """The note with the lines others added: what `/log/{log}/checkpoint` answers."""
    signed = sorted(line for line in lines if line.kind != TIMESTAMP)
    return note + "".join([line.value.decode() for line in signed])


def _reads_of_lines(command: AddLines) -> list[tuple[Any, tuple[Any, ...]]]:
    sizes: list[tuple[Any, tuple[Any, ...]]] = [(PUBLISHED, (line.size,)) for line in command.lines]
    return [*sizes, (REACHED, (command.what,))] if command.what else sizes


def _spec(name: str, handler: Callable[..., Done | Refusal], reads: Callable[[Any], Any]) -> CommandSpec[Any]:
    return CommandSpec(name, handler, lambda _: "", reads, after_seal=True)
