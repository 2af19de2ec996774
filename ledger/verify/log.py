"""Verification of a whole log: checks 1 to 5 and 9 in one pass, more by what is handed in.

    stretches (ledger.verify.stretch)      entry by entry, in one process or several
    joined (ledger.verify.join)            each against the one before
    checkpoints (ledger.verify.signing)    root and signature at every kept checkpoint and at the head
    classified (ledger.verify.classify)    the first fault, by its class

Standard library only. The first fault ends the walk: what comes after it says nothing.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ledger.chain import GENESIS, chain_hash
from ledger.checkpoint import Checkpoint
from ledger.clock import parse_instant
from ledger.errors import BrokenInput, BrokenState, Misuse
from ledger.note import CheckSignature
from ledger.tree import CompactRange
from ledger.verify.acts import SEALED, covering, forerunner_words, gap_of, gaps_in
from ledger.verify.canonical import decode as plain_decode
from ledger.verify.classify import Classifier
from ledger.verify.join import Joint
from ledger.verify.report import CHECKS, Check, Fault, Finding, Mark, Place, Report, Status, Strength, shown
from ledger.verify.signing import LogKeys, read_checkpoint
from ledger.verify.source import Decode, Kept, Source, StoredHead
from ledger.verify.stretch import STRETCH, Break, SeenCheckpoint, Span, Stretch, forms_of, inspect

LEAVES_AT_ONCE = 65_536  # stored leaf hashes read at once when a kept checkpoint comes without its tree


@dataclass(frozen=True, slots=True)
class Verified:
    """What the walk made of the log, for further checks and for the next verification."""

    size: int
    tree: CompactRange
    chain: bytes
    last_at: str
    head: StoredHead


More = Callable[[Verified], Finding | None]
"""A further check, run when the walk found no fault; raises nothing for what it finds."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How to verify. `vkeys` are the keys pinned outside; `before` is asked before the walk, `more` (checks 10, 11, 12
    by number) after it, when it found no fault. The walk begins at `kept`; it is held against `mark` at its end.

    `inspect_all` runs the spans in order, in other processes if it likes; `progress` is told (done, of).
    """

    vkeys: tuple[str, ...] = ()
    check_signature: CheckSignature | None = None
    decode: Decode = plain_decode
    kept: Kept | None = None
    mark: Kept | None = None
    before: Sequence[Callable[[], Finding | None]] = ()
    more: Mapping[int, More] = field(default_factory=dict)
    inspect_all: Callable[[Iterable[Span]], Iterator[Stretch]] | None = None
    progress: Callable[[int, int], None] | None = None


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
        self._keys = LogKeys(terms.vkeys, terms.check_signature)
        self._since = 0
        self._size = 0
        self._after: Mark | None = None
        self._done: set[int] = set()
        self._notes: list[str] = []
        self._anchors: list[str] = []

    def run(self) -> tuple[Report, Verified | None]:
        """See `verify`."""
        verified = None
        finding = None
        try:
            verified = self._run()
        except _Fault as fault:
            finding = fault.finding
        strength = Strength.OPERATOR_ONLY if self._keys.trusted and self._keys.can_check else Strength.NOT_DETERMINABLE
        ran = self._source.origin, self._since, self._size, self._checks(finding)
        return Report(*ran, finding, strength, tuple(self._notes), tuple(self._anchors)), verified

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
        verified = Verified(joint.size, joint.tree, joint.chain, joint.last_at, head)
        for number, check in self._terms.more.items():
            if (finding := check(verified)) is not None:
                raise _Fault(finding)
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
        read = read_checkpoint(kept.note, self._source.origin, Place("kept"))
        if isinstance(read, Finding):
            raise BrokenInput(f"the checkpoint kept elsewhere: expected {read.expected}, found {read.found}")
        checkpoint, note = read
        self._anchors.append("the checkpoint kept elsewhere")
        if checkpoint.size > self._head.size:
            told = f"at least the {checkpoint.size} entries of the checkpoint kept elsewhere", f"{self._head.size}"
            raise self._lost(Finding(6, Fault.ROLLED_BACK, *told, self._head.size), checkpoint)
        self._name_first_keys()
        if (wrong := self._keys.judge(checkpoint, note, Place("kept"))) is not None:
            raise BrokenInput(f"the checkpoint kept elsewhere: expected {wrong.expected}, found {wrong.found}")
        tree, chain = kept.frontier, kept.chain
        if tree is None or chain is None or self._chain_stated(checkpoint.size) != chain:
            tree, chain = self._rebuilt(checkpoint.size)
        if tree.size != checkpoint.size or tree.root() != checkpoint.root:
            told = f"root {checkpoint.root.hex()} as kept elsewhere", f"root {tree.root().hex()}"
            raise self._lost(Finding(6, Fault.FORKED, *told, None, None, None, Mark(checkpoint.size, None)), checkpoint)
        self._since = checkpoint.size
        for index, _, _, data in self._source.entries(self._since - 1, self._since):
            if self._terms.decode(data)["kind"] == SEALED:
                self._judge_seal(index)
        self._after = Mark(checkpoint.size, None)
        self._done.add(6)
        return Joint(tree, chain, self._source, self._terms.decode)

    def _lost(self, finding: Finding, checkpoint: Checkpoint) -> _Fault:
        """That a checkpoint kept elsewhere is not continued, with the entry in which the operator declared it."""
        gaps = gaps_in(self._source, self._head.size, self._terms.decode)
        gap = covering(gaps, checkpoint.size, checkpoint.root)
        return _Fault(replace(finding, declared_by=None if gap is None else gap.index))

    def _judge_mark(self, joint: Joint) -> None:
        """Check 6 against the high-water mark: the leaves since lead from its tree to the one that was walked."""
        mark = self._terms.mark
        if mark is None:
            return
        place = Place("mark")
        read = read_checkpoint(mark.note, self._source.origin, place)
        wrong = read if isinstance(read, Finding) else self._keys.judge(*read, place)
        if isinstance(read, Finding) or wrong is not None:
            self._notes.append(f"the high-water mark was not used: {wrong and wrong.found}")
            return
        checkpoint = read[0]
        self._anchors.append("the high-water mark")
        if checkpoint.size > joint.size:
            told = f"at least the {checkpoint.size} entries of the high-water mark", f"{joint.size}"
            raise self._lost(Finding(6, Fault.ROLLED_BACK, *told, joint.size), checkpoint)
        tree = mark.frontier or self._rebuilt(checkpoint.size)[0]
        for start in range(checkpoint.size, joint.size, LEAVES_AT_ONCE):
            tree = tree.extend(self._source.leaf_hashes(start, min(joint.size, start + LEAVES_AT_ONCE)))
        if tree.root() != joint.tree.root():
            told = f"a log that goes on from the high-water mark, size {checkpoint.size}", "another history"
            raise self._lost(Finding(6, Fault.FORKED, *told), checkpoint)
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

    def _rebuilt(self, size: int) -> tuple[CompactRange, bytes]:
        """Tree and chain from the stored leaf hashes: the root then shows whether they are the ones that were kept."""
        tree, chain = CompactRange(), GENESIS
        for start in range(0, size, LEAVES_AT_ONCE):
            leaves = self._source.leaf_hashes(start, min(size, start + LEAVES_AT_ONCE))
            try:
                tree = tree.extend(leaves)
            except Misuse as error:
                raise BrokenState("expected leaf hashes of 32 bytes") from error
            for leaf in leaves:
                chain = chain_hash(chain, leaf)
        return tree, chain

    def _chain_stated(self, size: int) -> bytes | None:
        """The chain hash before `size` as the entry there states it, or the head: another than was kept means that
        what was kept is looked at from the start."""
        if size == self._head.size:
            return self._head.chain_hash
        for _, _, _, data in self._source.entries(size, size + 1):
            with suppress(BrokenInput, KeyError, TypeError, ValueError):
                return urlsafe_b64decode(self._terms.decode(data)["prev"] + "=")
        return None

    def _name_first_keys(self) -> None:
        for _, _, _, data in self._source.entries(0, 1):
            value = self._terms.decode(data)
            self._name_keys(0, value["payload"])

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
        for index, payload in stretch.keys:
            if index < sound:
                self._name_keys(index, payload)
                if (words := forerunner_words(payload)) is not None:
                    self._notes.append(words)
        for index, kind, payload in stretch.acts:
            if index < sound:
                self._judge_act(index, kind, payload)
        for seen in stretch.checkpoints:
            if seen.size <= sound:
                self._judge(joint.tree_at(stretch, seen.size, seen.tree), seen, Place("checkpoint", (seen.size,)))
        if broken is not None:
            at_end = stretch.chain if broken is stretch.broken else None
            chain = joint.chain if broken.index == stretch.start else at_end
            raise self._at(broken.index, self._classifier.finding(broken, chain))
        joint.append(stretch)

    def _name_keys(self, index: int, payload: object) -> None:
        told = self._keys.name(index, payload)
        if told is not None:
            raise self._at(index, self._classifier.finding(Break(index, 5, "vkey", *told), None))

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
        before = None
        for size, _ in self._source.checkpoints(index, self._head.size)[:1]:
            before = Mark(size, self._recorded_at(size - 1))
        return _Fault(replace(finding, after=self._after, before=before))

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
                return Check(number, Status.NOT_RUN, "the verification ended at the fault")
            if number == 6:
                return Check(number, Status.NOT_RUN, "there is no mark and no checkpoint kept elsewhere was given")
            return Check(number, Status.NOT_RUN)
        if number == 5 and self._terms.check_signature is None:
            return Check(number, Status.NOT_RUN, "no signature checking was handed in")
        if number == 5 and not self._keys.trusted:
            return Check(number, Status.NOT_DETERMINABLE, "no key from outside was given")
        return Check(number, Status.PASSED)


def _spans(joint: Joint, size: int) -> Iterator[Span]:
    """The spans from where the walk begins; the first ends at a multiple of STRETCH, so that the others begin there."""
    start = joint.size
    if start % STRETCH and start < size:
        end = min(size, start - start % STRETCH + STRETCH)
        yield Span(start, end, joint.tree, joint.chain)
        start = end
    for begin in range(start, size, STRETCH):
        yield Span(begin, min(begin + STRETCH, size))
