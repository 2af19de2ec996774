"""One stretch of the log, verified by itself: the tight loop, fit to run in another process.

A stretch takes on trust only what came before it, and says what it took: the chain hash its first entry claims, the
first subject index of each subject, the part its first entry continues. `ledger.verify.join` holds stretches against
each other. So a log is verified in one pass, by one process or by several.

Stretches begin at multiples of STRETCH, so that their subtrees are subtrees of the whole tree.
"""

from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple, NoReturn

from ledger.chain import GENESIS, HASH_BYTES
from ledger.clock import parse_instant
from ledger.errors import BrokenInput
from ledger.tree import CompactRange
from ledger.verify.envelope import (
    ENTRY_BYTES_MAX,
    SHAPES_MAX,
    Shape,
    check_rest,
    check_shape,
    part_of,
    shape_of,
)
from ledger.verify.source import Decode, Source

STRETCH = 4_096  # entries; large enough that joining costs nothing
PAGE = 512  # entries read at once: they stay in the processor's cache until they are verified (measured: 2 x)
KEY_KINDS = frozenset(("ledger.opened",))  # entries that say which keys sign for the log

_LEAF = b"\x00"
_CHAIN = b"muniment/chain/v1\n"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Span(NamedTuple):
    """What to verify: entries start..end-1. `tree`: of all entries before `start`, needed unless `start` is a multiple
    of STRETCH. `chain`: the chain hash before `start`; None takes it from the first entry."""

    start: int
    end: int
    tree: CompactRange | None = None
    chain: bytes | None = None


Visit = tuple[int, int, int | None, int, int]
"""What a stretch saw of one subject: index, subject index and stored forerunner of its first entry; the subject index
expected next; index of its last entry. A plain tuple: one is made for every entry."""


@dataclass(frozen=True, slots=True)
class Break:
    """Where a stretch stopped: the entry, the check it failed, what was expected and found.

    `what`: bytes, leaf_hash, gap, index, origin, prev, recorded_at, subject_index, previous, part or checkpoint.
    """

    index: int
    check: int
    what: str
    expected: str
    found: str


class SeenCheckpoint(NamedTuple):
    """A kept checkpoint inside a stretch, with what the stretch knows at its size."""

    size: int
    note: str
    tree: tuple[bytes, ...]  # as `Stretch.tree`
    chain: bytes
    recorded_at: str


@dataclass(slots=True)
class Stretch:
    """The outcome of `inspect`: all is said of entries start..end-1, which are the ones before the break.

    `tree` are the roots of the complete subtrees of these entries, or of the whole log where `is_rooted`.
    """

    start: int
    end: int
    is_rooted: bool
    tree: tuple[bytes, ...] = ()
    first_prev: bytes = GENESIS
    chain: bytes = GENESIS
    first_at: str = ""
    last_at: str = ""
    first_part: tuple[int, int] | None = None
    open_part: tuple[int, int] | None = None
    subjects: dict[str, Visit] = field(default_factory=dict)
    checkpoints: list[SeenCheckpoint] = field(default_factory=list)
    keys: list[tuple[int, Any]] = field(default_factory=list)
    broken: Break | None = None


class _Broken(Exception):
    def __init__(self, index: int, check: int, what: str, told: tuple[str, str]) -> None:
        self.place = Break(index, check, what, *told)


def inspect(source: Source, span: Span, decode: Decode) -> Stretch:
    """Read and verify one span."""
    walk = _Walk(source.origin, span, decode)
    checkpoints = source.checkpoints(span.start, span.end)
    try:
        at = span.start
        for size, note in [*checkpoints, (span.end, None)]:
            for start in range(at, size, PAGE):
                end = min(start + PAGE, size)
                walk.take(source.entries(start, end), end)
            at = size
            if note is not None:
                walk.keep(size, note)
    except _Broken as broken:
        walk.stretch.broken = broken.place
    return walk.finish()


class _Walk:
    """The state of one `inspect`."""

    def __init__(self, origin: str, span: Span, decode: Decode) -> None:
        self._origin = origin
        self._decode = decode
        self._shapes: dict[Shape, tuple[str, ...]] = {}
        self._start = span.start
        self._index = span.start
        self._chain = span.chain
        self._tree = CompactRange() if span.tree is None else span.tree
        self._leaves: list[bytes] = []
        self.stretch = Stretch(span.start, span.start, span.tree is not None or span.start == 0)
        if span.chain is not None:
            self.stretch.first_prev = span.chain

    def take(self, rows: Sequence[tuple[int, int | None, bytes, bytes]], end: int) -> None:
        """Verify the rows up to `end`; raises at the first fault."""
        # The hot loop: about 8 microseconds an entry, of which decoding takes 4 and hashing 2.5.
        stretch, decode, shapes, subjects = self.stretch, self._decode, self._shapes, self.stretch.subjects
        keep, index, chain, last_at = self._leaves.append, self._index, self._chain, stretch.last_at
        try:
            for stored_index, previous, stored_leaf, data in rows:
                if stored_index != index:
                    raise _Broken(index, 2, "gap", (f"entry {index}", f"entry {stored_index}"))
                leaf = sha256(_LEAF + data).digest()
                if leaf != stored_leaf:
                    self._not_its_leaf(index, (leaf, stored_leaf), data)
                if len(data) > ENTRY_BYTES_MAX:
                    raise BrokenInput(f"expected at most {ENTRY_BYTES_MAX} bytes, found {len(data)}")
                value = decode(data)
                if type(value) is not dict:
                    raise BrokenInput("expected an object")
                shape = shape_of(value)
                objects = shapes.get(shape)
                if objects is None:
                    objects = self._learn(value, shape)
                check_rest(value, objects)
                if chain is None:
                    chain = stretch.first_prev = _chain_claimed(value["prev"])
                prev = b2a_base64(chain, newline=False).translate(_URL_SAFE, b"=").decode()
                if value["index"] != index or value["prev"] != prev or value["origin"] != self._origin:
                    self._misplaced(index, value, prev)
                recorded_at = value["recorded_at"]
                if recorded_at != last_at:
                    last_at = self._later(index, recorded_at, last_at)
                subject, number = value["subject"], value["subject_index"]
                seen = subjects.get(subject)
                if seen is None:
                    subjects[subject] = (index, number, previous, number + 1, index)
                elif seen[3] == number and seen[4] == previous:
                    subjects[subject] = (seen[0], seen[1], seen[2], number + 1, index)
                else:
                    _out_of_turn(index, seen, number, previous)
                if "part" in value or stretch.open_part is not None:
                    self._part(index, value.get("part"))
                if value["kind"] in KEY_KINDS:
                    stretch.keys.append((index, value["payload"]))
                keep(leaf)
                chain = sha256(_CHAIN + chain + leaf).digest()
                index += 1
        except BrokenInput as error:
            raise _Broken(index, 1, "bytes", ("a canonical entry", str(error))) from error
        finally:
            self._index, self._chain, stretch.last_at = index, chain, last_at
        if index != end:
            raise _Broken(index, 2, "gap", (f"entry {index}", "none"))

    def keep(self, size: int, note: str) -> None:
        """A checkpoint of this size, at which the walk stands."""
        stretch = self.stretch
        if stretch.open_part is not None:
            k, n = stretch.open_part
            raise _Broken(size - 1, 2, "checkpoint", ("a checkpoint between commands", f"one after part {k} of {n}"))
        self._grow()
        chain = GENESIS if self._chain is None else self._chain
        stretch.checkpoints.append(SeenCheckpoint(size, note, self._tree.hashes, chain, stretch.last_at))

    def finish(self) -> Stretch:
        """What was found."""
        self._grow()
        stretch = self.stretch
        stretch.end, stretch.tree = self._index, self._tree.hashes
        if self._chain is not None:
            stretch.chain = self._chain
        return stretch

    def _grow(self) -> None:
        self._tree = self._tree.extend(self._leaves)
        self._leaves.clear()

    def _learn(self, value: Any, shape: Shape) -> tuple[str, ...]:
        objects = check_shape(value)
        if len(self._shapes) < SHAPES_MAX:
            self._shapes[shape] = objects
        return objects

    def _not_its_leaf(self, index: int, leaves: tuple[bytes, bytes], data: bytes) -> NoReturn:
        self._decode(data)  # bytes that do not even parse are said to fail check 1
        leaf, stored = leaves
        raise _Broken(index, 3, "leaf_hash", (f"leaf hash {leaf.hex()} of the bytes", f"{stored.hex()} beside them"))

    def _misplaced(self, index: int, value: dict[str, Any], prev: str) -> NoReturn:
        if value["origin"] != self._origin:
            raise _Broken(index, 2, "origin", (f"origin {self._origin}", value["origin"]))
        if value["index"] != index:
            raise _Broken(index, 2, "index", (f"index {index} in the entry", f"index {value['index']}"))
        raise _Broken(index, 3, "prev", (f"chain hash {prev} of the entries before", f"prev {value['prev']}"))

    def _later(self, index: int, recorded_at: str, last_at: str) -> str:
        parse_instant(recorded_at)
        if recorded_at < last_at:
            raise _Broken(index, 9, "recorded_at", (f"a time not before {last_at}", recorded_at))
        if not last_at:
            self.stretch.first_at = recorded_at
        return recorded_at

    def _part(self, index: int, member: list[Any] | None) -> None:
        """Parts of a command stand side by side, from 1 to n; a stretch may begin inside a command."""
        reached = self.stretch.open_part
        part = (1, 1) if member is None else part_of(member)
        k, n = part
        if index == self._start and k > 1:
            self.stretch.first_part = part
        elif reached is None and k != 1:
            raise _Broken(index, 2, "part", (f"part 1 of {n}", f"part {k} of {n}"))
        elif reached is not None and part != (reached[0] + 1, reached[1]):
            told = f"part {reached[0] + 1} of {reached[1]}"
            raise _Broken(index, 2, "part", (told, f"part {k} of {n}"))
        self.stretch.open_part = None if k == n else part


def _out_of_turn(index: int, seen: Visit, number: int, previous: int | None) -> NoReturn:
    if number != seen[3]:
        raise _Broken(index, 2, "subject_index", (f"subject index {seen[3]}", f"subject index {number}"))
    raise _Broken(index, 2, "previous", (f"previous {seen[4]}", f"previous {previous}"))


def _chain_claimed(prev: str) -> bytes:
    """The 32 bytes of a `prev`; whether it is spelt canonically shows when it is compared."""
    try:
        claimed = urlsafe_b64decode(prev + "=")
    except ValueError as error:
        raise BrokenInput("expected base64url in prev") from error
    if len(claimed) != HASH_BYTES:
        raise BrokenInput(f"expected {HASH_BYTES} bytes in prev, found {len(claimed)}")
    return claimed
