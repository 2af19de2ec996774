"""One stretch of the log, verified by itself: the tight loop, fit to run in another process.

A stretch takes on trust only what came before it, and says what it took: the chain hash its first entry claims, the
first subject index of each subject, the part its first entry continues. `ledger.verify.join` holds stretches against
each other. So a log is verified in one pass, by one process or by several.
Entries alike are read by their form (`ledger.verify.forms`).

Stretches begin at multiples of STRETCH, so that their subtrees are subtrees of the whole tree.
"""

import re
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
from ledger.verify.acts import ACT_KINDS
from ledger.verify.envelope import (
    ENTRY_BYTES_MAX,
    SHAPES_MAX,
    Shape,
    check_rest,
    check_shape,
    part_of,
    shape_of,
)
from ledger.verify.forms import Forms, is_plain
from ledger.verify.signing import KEY_KINDS
from ledger.verify.source import Decode, Source

STRETCH = 4_096  # entries; large enough that joining costs nothing
PAGE = 128  # entries read at once: they stay in the processor's cache, and the allocator gives no memory back between

_LEAF = b"\x00"
_CHAIN = b"muniment/chain/v1\n"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_SECOND = len("2026-11-22T21:13:08.")
_FRACTION = re.compile(rb"[0-9]{6}Z").fullmatch


class Span(NamedTuple):
    """What to verify: entries start..end-1. `tree`: of all entries before `start`, needed unless `start` is a multiple
    of STRETCH. `chain`: the chain hash before `start`; None takes it from the first entry."""

    start: int
    end: int
    tree: CompactRange | None = None
    chain: bytes | None = None


Place = tuple[int, int]
"""Where a stretch left a subject: the subject index expected next, and the index of its last entry."""

Visit = tuple[int, int, int | None]
"""Where a stretch met a subject: index, subject index and stored forerunner of its first entry there."""


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

    `tree` are the roots of the complete subtrees of these entries, or of the whole log where `is_rooted`. `met` leaves
    out the subjects that begin in this stretch and have one entry in it, which are most: see `visit`.
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
    subjects: dict[str, Place] = field(default_factory=dict)
    met: dict[str, Visit] = field(default_factory=dict)
    checkpoints: list[SeenCheckpoint] = field(default_factory=list)
    keys: list[tuple[int, str, Any]] = field(default_factory=list)  # index, kind, payload
    acts: list[tuple[int, str, Any]] = field(default_factory=list)
    broken: Break | None = None

    def visit(self, subject: str) -> Visit:
        """Where it met one of its subjects."""
        return self.met.get(subject) or (self.subjects[subject][1], 0, None)


class _Broken(Exception):
    def __init__(self, index: int, check: int, what: str, told: tuple[str, str]) -> None:
        self.place = Break(index, check, what, *told)


def forms_of(source: Source) -> Forms:
    """Forms for the entries of a log: kept from stretch to stretch, by each process for itself."""
    return Forms(source.origin, KEY_KINDS | ACT_KINDS)


def inspect(source: Source, span: Span, decode: Decode, forms: Forms) -> Stretch:
    """Read and verify one span."""
    walk = _Walk(span, decode, forms)
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
    """The state of one `inspect`. Texts of the envelope are held as their bytes; `_last_at` is empty at the start."""

    def __init__(self, span: Span, decode: Decode, forms: Forms) -> None:
        self._decode = decode
        self._forms = forms
        self._shapes: dict[Shape, tuple[str, ...]] = {}
        self._start = span.start
        self._index = span.start
        self._chain = span.chain
        self._last_at = b""
        self._tree = CompactRange() if span.tree is None else span.tree
        self._leaves: list[bytes] = []
        self.stretch = Stretch(span.start, span.start, span.tree is not None or span.start == 0)
        if span.chain is not None:
            self.stretch.first_prev = span.chain

    def take(self, rows: Sequence[tuple[int, int | None, bytes, bytes]], end: int) -> None:
        """Verify the rows up to `end`; raises at the first fault."""
        # The hot loop. An entry that the form of the one before takes is not parsed, which would take half of the time.
        stretch, forms, subjects = self.stretch, self._forms, self.stretch.subjects
        keep, index, chain, last_at = self._leaves.append, self._index, self._chain, self._last_at
        is_page_plain = is_plain(b"".join([row[3] for row in rows]))
        fits = forms.latest
        try:
            for stored_index, previous, stored_leaf, data in rows:
                if stored_index != index:
                    raise _Broken(index, 2, "gap", (f"entry {index}", f"entry {stored_index}"))
                leaf = sha256(_LEAF + data).digest()
                if leaf != stored_leaf:
                    self._not_its_leaf(index, (leaf, stored_leaf), data)
                if len(data) > ENTRY_BYTES_MAX:
                    raise BrokenInput(f"expected at most {ENTRY_BYTES_MAX} bytes, found {len(data)}")
                match = fits(data) if is_page_plain else None
                if match is not None:
                    said: Sequence[Any] = match.groups()
                else:
                    said = self._read(index, data, is_page_plain)
                    fits = forms.latest
                said_index, part, said_prev, recorded_at, said_subject, said_number = said
                if chain is None:
                    chain = stretch.first_prev = _chain_claimed(said_prev.decode())
                prev = b2a_base64(chain, newline=False).translate(_URL_SAFE, b"=")
                if said_prev != prev or said_index != b"%d" % index:
                    _misplaced(index, (said_index, said_prev), prev)
                if recorded_at != last_at:
                    last_at = self._later(index, recorded_at, last_at)
                subject, number = said_subject.decode(), int(said_number)
                place = subjects.get(subject)
                if place is None:
                    if number or previous is not None:
                        stretch.met[subject] = (index, number, previous)
                elif place == (number, previous):
                    stretch.met.setdefault(subject, (place[1], 0, None))
                else:
                    _out_of_turn(index, place, number, previous)
                subjects[subject] = (number + 1, index)
                if part != b"" or stretch.open_part is not None:
                    self._part(index, part)
                keep(leaf)
                chain = sha256(_CHAIN + chain + leaf).digest()
                index += 1
        except BrokenInput as error:
            raise _Broken(index, 1, "bytes", ("a canonical entry", str(error))) from error
        finally:
            self._index, self._chain, self._last_at = index, chain, last_at
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
        stretch.checkpoints.append(SeenCheckpoint(size, note, self._tree.hashes, chain, self._last_at.decode()))

    def finish(self) -> Stretch:
        """What was found."""
        self._grow()
        stretch = self.stretch
        stretch.end, stretch.tree, stretch.last_at = self._index, self._tree.hashes, self._last_at.decode()
        if self._chain is not None:
            stretch.chain = self._chain
        return stretch

    def _grow(self) -> None:
        self._tree = self._tree.extend(self._leaves)
        self._leaves.clear()

    def _read(self, index: int, data: bytes, is_page_plain: bool) -> Sequence[Any]:
        """What an entry says that the latest form did not take: by another form, else parsed and checked in full.

        Then a part that is one comes as a form would give it, any other as it is.
        """
        plain = is_page_plain or is_plain(data)
        match = self._forms.match(data) if plain else None
        if match is not None:
            return match.groups()
        value = self._decode(data)
        if type(value) is not dict:
            raise BrokenInput("expected an object")
        shape = shape_of(value)
        objects = self._shapes.get(shape)
        if objects is None:
            objects = self._learn(value, shape)
        check_rest(value, objects)
        if value["origin"] != self._forms.origin:
            raise _Broken(index, 2, "origin", (f"origin {self._forms.origin}", value["origin"]))
        if value["kind"] in KEY_KINDS:
            self.stretch.keys.append((index, value["kind"], value["payload"]))
        if value["kind"] in ACT_KINDS:
            self.stretch.acts.append((index, value["kind"], value["payload"]))
        if plain:
            self._forms.learn(data, value)
        texts = [value[name].encode() for name in ("prev", "recorded_at", "subject")]
        return b"%d" % value["index"], value.get("part", b""), *texts, b"%d" % value["subject_index"]

    def _learn(self, value: Any, shape: Shape) -> tuple[str, ...]:
        objects = check_shape(value)
        if len(self._shapes) < SHAPES_MAX:
            self._shapes[shape] = objects
        return objects

    def _not_its_leaf(self, index: int, leaves: tuple[bytes, bytes], data: bytes) -> NoReturn:
        self._decode(data)  # bytes that do not even parse are said to fail check 1
        leaf, stored = leaves
        raise _Broken(index, 3, "leaf_hash", (f"leaf hash {leaf.hex()} of the bytes", f"{stored.hex()} beside them"))

    def _later(self, index: int, said: bytes, last: bytes) -> bytes:
        # The entries of one second share their first characters, which is all of a time that needs a calendar.
        if said[:_SECOND] != last[:_SECOND] or _FRACTION(said, _SECOND) is None:
            parse_instant(said.decode())
        if said < last:
            raise _Broken(index, 9, "recorded_at", (f"a time not before {last.decode()}", said.decode()))
        if not last:
            self.stretch.first_at = said.decode()
        return said

    def _part(self, index: int, member: bytes | list[Any]) -> None:
        """Parts of a command stand side by side, from 1 to n; a stretch may begin inside a command."""
        reached = self.stretch.open_part
        if reached is not None:
            k, n = reached[0] + 1, reached[1]
            if member == b"%d,%d" % (k, n):  # the one expected: read no further
                self.stretch.open_part = None if k == n else (k, n)
                return
        if isinstance(member, bytes):
            member = [int(number) for number in member.split(b",")] if member else [1, 1]
        k, n = part = part_of(member)
        if index == self._start and k > 1:
            self.stretch.first_part = part
        elif reached is None and k != 1:
            raise _Broken(index, 2, "part", (f"part 1 of {n}", f"part {k} of {n}"))
        elif reached is not None and part != (reached[0] + 1, reached[1]):
            told = f"part {reached[0] + 1} of {reached[1]}"
            raise _Broken(index, 2, "part", (told, f"part {k} of {n}"))
        self.stretch.open_part = None if k == n else part


def _misplaced(index: int, said: tuple[bytes, bytes], prev: bytes) -> NoReturn:
    said_index, said_prev = (each.decode() for each in said)
    if said_index != str(index):
        raise _Broken(index, 2, "index", (f"index {index} in the entry", f"index {said_index}"))
    raise _Broken(index, 3, "prev", (f"chain hash {prev.decode()} of the entries before", f"prev {said_prev}"))


def _out_of_turn(index: int, place: Place, number: int, previous: int | None) -> NoReturn:
    if number != place[0]:
        raise _Broken(index, 2, "subject_index", (f"subject index {place[0]}", f"subject index {number}"))
    raise _Broken(index, 2, "previous", (f"previous {place[1]}", f"previous {previous}"))


def _chain_claimed(prev: str) -> bytes:
    """The 32 bytes of a `prev`; whether it is spelt canonically shows when it is compared."""
    try:
        claimed = urlsafe_b64decode(prev + "=")
    except ValueError as error:
        raise BrokenInput("expected base64url in prev") from error
    if len(claimed) != HASH_BYTES:
        raise BrokenInput(f"expected {HASH_BYTES} bytes in prev, found {len(claimed)}")
    return claimed
