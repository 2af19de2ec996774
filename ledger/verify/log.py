"""Verification of a whole log: checks 1 to 5 and 9 in one pass, more by what is handed in.

    stretches (ledger.verify.stretch)      entry by entry, in one process or several
    joined (ledger.verify.join)            each against the one before
    checkpoints (ledger.verify.signing)    root and signature at every kept checkpoint and at the head
    classified (ledger.verify.classify)    the first fault, by its class

Standard library only. The first fault ends the walk: what comes after it says nothing.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ledger.chain import GENESIS
from ledger.checkpoint import Checkpoint
from ledger.clock import parse_instant
from ledger.errors import BrokenInput, BrokenState
from ledger.note import CheckSignature
from ledger.tree import CompactRange
from ledger.verify.acts import SEALED, forerunner_words, gap_of
from ledger.verify.anchors import MARK, Anchors
from ledger.verify.canonical import decode as plain_decode
from ledger.verify.classify import Classifier
from ledger.verify.join import Joint
from ledger.verify.report import CHECKS, Check, Fault, Finding, Mark, Place, Report, Status, Strength, shown
from ledger.verify.signing import LogKeys, read_checkpoint
from ledger.verify.source import Decode, Kept, Source, StoredHead
from ledger.verify.stretch import STRETCH, Break, SeenCheckpoint, Span, Stretch, forms_of, inspect

_ENDED = "the verification ended at the fault"
NOT_RUN: Mapping[int, str] = {  # why a check is not run where nobody says more
    **dict.fromkeys((1, 2, 3, 4, 5, 9), _ENDED),
    6: "there is no mark and no checkpoint kept elsewhere was given",
    7: "no witness policy was given",
    8: "no time-stamping authority was given",
    10: "no vault was given",
    11: "no folds were given",
    12: "no re-derivers were given",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """What the walk made of the log, for further checks and for the next verification."""

    size: int
    tree: CompactRange
    chain: bytes
    last_at: str
    head: StoredHead
    keys: LogKeys | None = None


class More(Protocol):
    """A further check, run when the walk found no fault; raises nothing for what it finds."""

    @property
    def note(self) -> str:
        """After the run: how far the check went, and what of it was not run. Empty where the status says it all."""
        ...

    def __call__(self, verified: Verified, /) -> Finding | None:
        """Run it."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How to verify. `vkeys` are the keys pinned outside, `key_lists` lists of the log's keys from there. `before` is
    asked before the walk, `more` (checks by number) after it, when it found no fault. `not_run` says of a check that is
    not among them why it is not. The walk begins at `kept`; it is held against `mark` at its end.

    `inspect_all` runs the spans in order, in other processes if it likes; `progress` is told (done, of).
    """

    vkeys: tuple[str, ...] = ()
    check_signature: CheckSignature | None = None
    decode: Decode = plain_decode
    kept: Kept | None = None
    mark: Kept | None = None
    before: Sequence[Callable[[], Finding | None]] = ()
    more: Mapping[int, More] = field(default_factory=dict)
    not_run: Mapping[int, str] = field(default_factory=dict)
    inspect_all: Callable[[Iterable[Span]], Iterator[Stretch]] | None = None
    progress: Callable[[int, int], None] | None = None
    key_lists: tuple[str, ...] = ()


def verify(source: Source, terms: Terms) -> tuple[Report, Verified | None]:
    """The report, and what was verified (None after a fault)."""
    return _Verification(source, terms).run()


class _Fault(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding


class _Verification:
    """The state of one `verify`."""

    def __init__(self, source: Source, terms: Terms) -> None:
        self._source = source
        self._terms = terms
        self._keys = LogKeys(terms.vkeys, terms.check_signature, terms.key_lists)
        self._since = 0
        self._size = 0
        self._after: Mark | None = None
        self._done: set[int] = set()
        self._notes: list[str] = []
        self._anchors = Anchors(source, terms.decode, self._keys)

    def run(self) -> tuple[Report, Verified | None]:
        """See `verify`."""
        verified = None
        finding = None
        try:
            verified = self._run()
        except _Fault as fault:
            finding = fault.finding
        strength = Strength.OPERATOR_ONLY if self._keys.trusted and self._keys.can_check else Strength.NOT_DETERMINABLE
        notes = (*self._keys.notes, *self._notes, *self._anchors.notes)
        told = self._source.origin, self._since, self._size, self._checks(finding), finding, strength, notes
        return Report(*told, anchors=tuple(self._anchors.names)), verified

    def _run(self) -> Verified:
        for ask in self._terms.before:
            if (finding := ask()) is not None:
                raise _Fault(finding)
        try:
            self._head = self._source.head()
        except BrokenState as error:
            raise _Fault(Finding(2, Fault.MISSING, "a head row", str(error), None, Place("head"))) from error
        head = self._head
        self._size = head.size
        self._classifier = Classifier(self._source, head, self._terms.decode)
        self._judge_size()
        joint = self._start()
        try:
            self._walk(joint)
        finally:
            joint.close()
        self._judge_head(joint)
        self._judge_beyond(joint)
        self._judge_mark(joint)
        self._done |= {1, 2, 3, 4, 5, 9}
        verified = Verified(joint.size, joint.tree, joint.chain, joint.last_at, head, self._keys)
        for number, check in self._terms.more.items():
            if (finding := check(verified)) is not None:
                raise _Fault(self._dated(finding))
            self._done.add(number)
        return verified

    def _judge_size(self) -> None:
        """What the head states about its size, against what there is."""
        head = self._head
        noted = 0
        if head.checkpoint or head.size:
            read = read_checkpoint(head.checkpoint, self._source.origin, Place("head", (), "checkpoint"))
            if isinstance(read, Finding):
                raise _Fault(read)
            noted = read[0].size
        if noted != head.size:
            column = "size" if noted == head.entries_end else "checkpoint"
            told = f"one size in head and checkpoint, {noted}", f"{head.size}"
            raise _Fault(Finding(4, Fault.ALTERED, *told, None, Place("head", (), column)))

    def _start(self) -> Joint:
        """Where the walk begins: at the first entry, or at the checkpoint kept elsewhere."""
        kept = self._terms.kept
        if kept is None:
            return Joint(CompactRange(), GENESIS, self._source, self._terms.decode)
        read = self._anchors.read(kept)
        checkpoint = read[0]
        if (finding := self._anchors.smaller(checkpoint, self._head)) is not None:
            raise _Fault(finding)
        self._name_keys_before(checkpoint.size, kept.keys)
        begun = self._anchors.beginning(kept, read, self._head)
        if isinstance(begun, Finding):
            raise _Fault(begun)
        self._since = checkpoint.size
        for index, _, _, data in self._source.entries(self._since - 1, self._since):
            if self._terms.decode(data)["kind"] == SEALED:
                self._judge_seal(index)
        self._after = Mark(checkpoint.size, None)
        self._done.add(6)
        return Joint(*begun, self._source, self._terms.decode)

    def _judge_mark(self, joint: Joint) -> None:
        """Check 6 against the high-water mark, at the end of the walk."""
        if self._terms.mark is None:
            return
        if (finding := self._anchors.judge_mark(self._terms.mark, joint.tree)) is not None:
            raise _Fault(finding)
        if MARK in self._anchors.names:
            self._done.add(6)

    def _judge_act(self, index: int, kind: str, payload: object) -> None:
        """An act on the log as a whole: told in a note, and nothing follows a seal."""
        gap = gap_of(index, payload)
        if kind == SEALED:
            self._judge_seal(index)
            self._notes.append(f"sealed by entry {index}, at size {index + 1}")
        elif gap is not None:
            told = f"entry {index} declares a restore: {gap.lost_size} entries were known"
            self._notes.append(f"{told}, the log went on from {gap.present_size}")

    def _judge_seal(self, index: int) -> None:
        if self._head.size > index + 1:
            told = f"no entry after the seal, entry {index}", f"entries up to size {self._head.size}"
            raise self._at(index + 1, Finding(2, Fault.INSERTED, *told, index + 1))

    def _name_keys_before(self, size: int, entries: Sequence[bytes]) -> None:
        for data in entries or [row[3] for row in self._source.entries(0, 1)]:
            try:
                value = self._terms.decode(data)
                index, kind, payload = value["index"], value["kind"], value["payload"]
            except (BrokenInput, LookupError, TypeError) as error:
                told = "the entries that name the log's keys", shown(error)
                raise _Fault(Finding(1, Fault.ALTERED, *told, 0, Place("entry", (0,), "bytes"))) from error
            if index < size:
                self._name_keys(index, kind, payload)

    def _walk(self, joint: Joint) -> None:
        spans = _spans(joint, self._head.size)
        for stretch in (self._terms.inspect_all or self._inspect_all)(spans):
            self._take(joint, stretch)
            if self._terms.progress is not None:
                self._terms.progress(joint.size, self._head.size)
        if joint.open_part is not None:
            k, n = joint.open_part
            broken = Break(joint.size - 1, 2, "part", f"part {n} of {n}", f"part {k} of {n}")
            raise self._at(joint.size, self._classifier.finding(broken, None))

    def _inspect_all(self, spans: Iterable[Span]) -> Iterator[Stretch]:
        forms = forms_of(self._source)
        for span in spans:
            yield inspect(self._source, span, self._terms.decode, forms)

    def _take(self, joint: Joint, stretch: Stretch) -> None:
        broken = joint.fault_of(stretch)
        sound = stretch.end if broken is None else broken.index
        names = deque(key for key in stretch.keys if key[0] < sound)
        self._notes += [words for _, _, payload in names if (words := forerunner_words(payload)) is not None]
        for index, kind, payload in stretch.acts:
            if index < sound:
                self._judge_act(index, kind, payload)
        for seen in stretch.checkpoints:
            if seen.size <= sound:
                while names and names[0][0] < seen.size:
                    self._name_keys(*names.popleft())
                self._judge(joint.tree_at(stretch, seen.size, seen.tree), seen, Place("checkpoint", (seen.size,)))
        for named in names:
            self._name_keys(*named)
        if broken is not None:
            at_end = stretch.chain if broken is stretch.broken else None
            chain = joint.chain if broken.index == stretch.start else at_end
            raise self._at(broken.index, self._classifier.finding(broken, chain))
        joint.append(stretch)

    def _name_keys(self, index: int, kind: str, payload: object) -> None:
        told = self._keys.name(index, kind, payload)
        if told is not None:
            broken = Break(index, 5, told.what, told.expected, told.found)
            raise self._at(index, self._classifier.finding(broken, None))

    def _judge(self, tree: CompactRange, seen: SeenCheckpoint, place: Place) -> None:
        """Checks 4 and 5 for one checkpoint."""
        read = read_checkpoint(seen.note, self._source.origin, place)
        if isinstance(read, Finding):
            raise self._at(seen.size, read)
        checkpoint, note = read
        if checkpoint.size != seen.size:
            told = f"the size the checkpoint states, {checkpoint.size}", f"{seen.size}"
            raise self._at(seen.size, Finding(4, Fault.ALTERED, *told, None, replace(place, column="size")))
        if (wrong := self._keys.judge(checkpoint, note, place)) is not None:
            raise self._at(seen.size, wrong)
        if tree.root() != checkpoint.root:
            raise self._at(seen.size - 1, self._contradicted(checkpoint, tree, seen.chain))
        self._after = Mark(seen.size, seen.recorded_at)

    def _contradicted(self, checkpoint: Checkpoint, tree: CompactRange, chain: bytes) -> Finding:
        fault, index = self._classifier.rewritten(checkpoint.size, chain)
        told = f"root {checkpoint.root.hex()} as signed at size {checkpoint.size}", f"root {tree.root().hex()}"
        place = None if index is None else Place("entry", (index,), "bytes")
        return Finding(4, fault, *told, index, place)

    def _judge_head(self, joint: Joint) -> None:
        """The head row's columns, all of which follow from the entries."""
        head, place = self._head, Place("head")
        if head.size:
            seen = SeenCheckpoint(head.size, head.checkpoint, joint.tree.hashes, joint.chain, joint.last_at)
            self._judge(joint.tree, seen, replace(place, column="checkpoint"))
            if (void := self._keys.judge_last(head.size, replace(place, column="checkpoint"))) is not None:
                raise _Fault(replace(void, after=self._after))
        frontier = joint.tree.to_bytes()
        last_at = parse_instant(joint.last_at) if joint.last_at else None
        for check, column, expected, found in (
            (3, "chain_hash", joint.chain, head.chain_hash),
            (4, "frontier", frontier, head.frontier),
            (9, "recorded_at", last_at, head.recorded_at),
        ):
            if found is not None and expected is not None and found != expected:
                told = f"{column} {shown(expected)}", shown(found)
                raise _Fault(Finding(check, Fault.ALTERED, *told, None, replace(place, column=column), self._after))

    def _judge_beyond(self, joint: Joint) -> None:
        """What lies beyond the head: it was moved back, or something was put behind it."""
        size = self._head.size
        place = Place("head", (), "size")
        for filed, note in self._source.checkpoints(size, max(size, self._head.checkpoints_end)):
            there = Place("checkpoint", (filed,))
            read = read_checkpoint(note, self._source.origin, there)
            if isinstance(read, Finding):
                raise _Fault(read)
            if read[0].size != filed:
                told = f"the size the checkpoint states, {read[0].size}", f"{filed}"
                raise _Fault(Finding(4, Fault.ALTERED, *told, None, replace(there, column="size")))
            told = f"a head no smaller than checkpoint {filed}", f"size {size}"
            raise _Fault(Finding(2, Fault.ROLLED_BACK, *told, None, place, self._after))
        if self._head.entries_end > size:
            fault, index = self._classifier.beyond(joint.chain)
            told = f"no entry beyond size {size}", f"entries up to size {self._head.entries_end}"
            raise _Fault(Finding(2, fault, *told, index, place if index is None else None, self._after))

    def _at(self, index: int, finding: Finding) -> _Fault:
        """The finding, dated: after the last good checkpoint, before the next one kept."""
        return _Fault(replace(finding, after=self._after, before=self._kept_after(index)))

    def _dated(self, finding: Finding) -> Finding:
        """A finding about an entry that the walk found sound, dated by the kept checkpoints around it."""
        if finding.index is None:
            return finding
        index, window = finding.index, STRETCH
        kept = self._source.checkpoints(max(0, index - window), index)
        while not kept and window < index:
            window *= 2
            kept = self._source.checkpoints(max(0, index - window), index)
        after = Mark(kept[-1][0], self._recorded_at(kept[-1][0] - 1)) if kept else None
        return replace(finding, after=after, before=self._kept_after(index))

    def _kept_after(self, index: int) -> Mark | None:
        for size, _ in self._source.checkpoints(index, self._head.size)[:1]:
            return Mark(size, self._recorded_at(size - 1))
        return None

    def _recorded_at(self, index: int) -> str | None:
        for _, _, _, data in self._source.entries(index, index + 1):
            try:
                value = self._terms.decode(data)
                return str(value["recorded_at"])
            except (BrokenInput, KeyError, TypeError):
                return None
        return None

    def _checks(self, finding: Finding | None) -> tuple[Check, ...]:
        return tuple(self._check(number, finding) for number in CHECKS)

    def _check(self, number: int, finding: Finding | None) -> Check:
        if finding is not None and finding.check == number:
            return Check(number, Status.FAILED)
        if number not in self._done:
            if finding is not None and (number in (1, 2, 3, 4, 5, 9) or number in self._terms.more):
                return Check(number, Status.NOT_RUN, _ENDED)
            return Check(number, Status.NOT_RUN, self._terms.not_run.get(number, NOT_RUN[number]))
        if number == 5 and self._terms.check_signature is None:
            return Check(number, Status.NOT_RUN, "no signature checking was handed in")
        if number == 5 and not self._keys.trusted:
            return Check(number, Status.NOT_DETERMINABLE, "no key from outside was given")
        more = self._terms.more.get(number)
        return Check(number, Status.PASSED, "" if more is None else more.note)


def _spans(joint: Joint, size: int) -> Iterator[Span]:
    """The spans from where the walk begins; the first ends at a multiple of STRETCH, so that the others begin there."""
    start = joint.size
    if start % STRETCH and start < size:
        end = min(size, start - start % STRETCH + STRETCH)
        yield Span(start, end, joint.tree, joint.chain)
        start = end
    for begin in range(start, size, STRETCH):
        yield Span(begin, min(begin + STRETCH, size))
