"""The first four verdicts of an evidence pack. Standard library only; signature checking is handed in.

    1  files intact               the bag's manifests and the list in the signed manifest fit the files
    2  entries included           every entry is in the tree of the last checkpoint, the checkpoints are consistent,
                                  neighbours are chained, openings fit their commitments
    3  signed by keys valid then  checkpoints and manifest by the key given from outside, which the log has enrolled
    4  complete                   of each subject the pack names, all entries up to the count the ledger states

Each verdict stands for itself: none is derived from another, and what a verdict needs and does not find makes it fail.
Without a key given from outside 3 and 4 are *not determinable*: whoever made the pack could have made the key in it.
The fifth, semantics, is `governance.questions.semantics`. Design: governance, "Evidence".
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from ledger.chain import chain_hash
from ledger.commitment import check as check_opening
from ledger.counts import check_count
from ledger.dsse import Envelope, check_envelope
from ledger.errors import BrokenInput, MunimentError
from ledger.note import CheckSignature, VerifierKey, format_vkey, parse_note, parse_vkey
from ledger.pack import bag_faults
from ledger.proof import Inclusions, check_consistency
from ledger.verify import canonical
from ledger.verify.bytes import b64url, from_b64url
from ledger.verify.openings import commitments_in
from ledger.verify.pack_parts import PackedEntry, PackParts
from ledger.verify.report import Place, Status
from ledger.verify.signing import KEY_KINDS, LogKeys

NAMES = (
    "files intact",
    "entries included and log consistent",
    "signatures by keys valid then",
    "complete",
    "semantics derived again",
)
FAULTS_SHOWN_MAX = 10  # enough to see what kind of harm it is

_FAULTS = (MunimentError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Part(NamedTuple):
    """One thing a verdict rests on, where it says more than the verdict itself."""

    name: str
    status: Status
    text: str


@dataclass(frozen=True, slots=True)
class PackVerdict:
    """One of the five verdicts; `text` says why."""

    number: int
    status: Status
    text: str
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        return NAMES[self.number - 1]

    def as_value(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "number": self.number,
            "name": self.name,
            "status": self.status.value,
            "text": self.text,
            "parts": [{"name": part.name, "status": part.status.value, "text": part.text} for part in self.parts],
        }


@dataclass(frozen=True, slots=True)
class Trust:
    """The key given from outside, if any, how a signature is checked, and lists of the log's keys from outside."""

    check: CheckSignature
    vkey: VerifierKey | None = None
    key_lists: tuple[str, ...] = ()


def guarded(number: int, judge: Callable[[], PackVerdict]) -> PackVerdict:
    """A verdict that cannot be reached because the pack cannot be read is a failed one."""
    try:
        return judge()
    except _FAULTS as error:
        text = str(error) if isinstance(error, MunimentError) else f"cannot be read: {type(error).__name__} {error}"
        return PackVerdict(number, Status.FAILED, text)


def intact(parts: PackParts) -> PackVerdict:
    """Verdict 1."""
    bag, statement = parts.bag, parts.statement
    faults = bag_faults(bag, statement)
    if bag.name != statement["predicate"]["pack_id"]:
        faults = (*faults, "the pack is named otherwise than its manifest says")
    if faults:
        return PackVerdict(1, Status.FAILED, _listed(faults))
    return PackVerdict(1, Status.PASSED, f"{len(bag.payload)} files as the manifest lists them")


def included(parts: PackParts) -> PackVerdict:
    """Verdict 2."""
    entries, notes = parts.entries, parts.notes
    faults = [*_notes_faults(parts), *_inclusion_faults(parts), *_order_faults(entries), *_opening_faults(parts)]
    if faults:
        return PackVerdict(2, Status.FAILED, _listed(faults))
    last = notes.last
    text = (
        f"{len(entries)} entries in the tree of size {last.size} of {last.origin}; {len(parts.openings)} openings fit"
    )
    return PackVerdict(2, Status.PASSED, text)


def _notes_faults(parts: PackParts) -> list[str]:
    proofs = parts.consistency
    faults = []
    for old, new in pairwise(parts.notes.checkpoints):
        path = proofs.get((old.size, new.size))
        if path is None or not check_consistency(old.size, new.size, old.root, new.root, path):
            faults.append(f"the checkpoint of size {new.size} does not extend the one of size {old.size}")
    return faults


def _inclusion_faults(parts: PackParts) -> list[str]:
    entries, paths, last = parts.entries, parts.inclusion, parts.notes.last
    tree = Inclusions(last.size, last.root)
    faults = []
    for entry in entries:
        path = paths.get(entry.number)
        if path is None:
            faults.append(f"entry {entry.number} has no proof")
        elif entry.value.get("origin") != last.origin:
            faults.append(f"entry {entry.number} is of another log")
        elif not tree.check(entry.number, entry.leaf, path):
            faults.append(f"entry {entry.number} is not in the tree of size {last.size}")
    extra = paths.keys() - {entry.number for entry in entries}
    return faults + [f"proof of entry {number}, which is not in the pack" for number in sorted(extra)]


def _order_faults(entries: tuple[PackedEntry, ...]) -> list[str]:
    faults = []
    for before, entry in pairwise(entries):
        if entry.number <= before.number:
            faults.append(f"entry {entry.number} stands after entry {before.number}")
        if entry.value["recorded_at"] < before.value["recorded_at"]:
            faults.append(f"entry {entry.number} was recorded before entry {before.number}")
        if entry.number == before.number + 1:
            chain = chain_hash(from_b64url(before.value["prev"]), before.leaf)
            if entry.value["prev"] != b64url(chain):
                faults.append(f"entry {entry.number} does not follow entry {before.number} in the chain")
    return faults


def _opening_faults(parts: PackParts) -> list[str]:
    """Each opening opens a commitment that stands in the entry it names, or in one of the same command."""
    by_number = {entry.number: entry for entry in parts.entries}
    faults = []
    for opening in parts.openings:
        entry = by_number.get(opening.number)
        commitments = set() if entry is None else {commitment for _, commitment in commitments_in(entry.value)}
        value = canonical.encode(opening.value)
        place = (str(entry.value["origin"]) if entry is not None else "", opening.subject, opening.path)
        is_of_subject = entry is not None and entry.value["subject"] == opening.subject
        if not is_of_subject or not any(
            check_opening(from_b64url(one), opening.salt, place, value) for one in commitments
        ):
            faults.append(f"the opening of `{opening.path}` opens no commitment of entry {opening.number}")
    return faults


def signed(parts: PackParts, trust: Trust) -> PackVerdict:
    """Verdict 3: the keys are those that the pack's entries put in force, from the ones given from outside on."""
    if trust.vkey is None:
        if _signing_faults(parts, Trust(trust.check)):
            return PackVerdict(3, Status.FAILED, "not even signed by the key the pack names itself")
        return PackVerdict(3, Status.NOT_DETERMINABLE, "no key was given from outside (--trust VKEY)")
    if trust.vkey not in _enrolled(parts.entries):
        return PackVerdict(3, Status.FAILED, "the log of this pack has not enrolled the key given from outside")
    faults = _signing_faults(parts, trust)
    if faults:
        return PackVerdict(3, Status.FAILED, _listed(faults))
    text = f"{len(parts.notes.texts)} checkpoint and the manifest signed by {trust.vkey.name}"
    return PackVerdict(3, Status.PASSED, text)


def _enrolled(entries: tuple[PackedEntry, ...]) -> tuple[VerifierKey, ...]:
    """The keys the log's first entry enrols."""
    first = next((entry for entry in entries if entry.number == 0), None)
    if first is None or first.value["kind"] != "ledger.opened":
        raise BrokenInput("expected the entry that opened the log, found none")
    return tuple(parse_vkey(str(key["vkey"])) for key in first.value["payload"]["keys"])


def _signing_faults(parts: PackParts, trust: Trust) -> list[str]:
    keys, faults = _note_faults(parts, trust)
    size = parts.notes.last.size
    valid = [] if keys is None else keys.valid_at(size)
    void = None if keys is None else keys.judge_last(size, Place("checkpoint", (size,)))
    if void is not None:
        faults.append(f"{void.fault}: expected {void.expected}, found {void.found}")
    if not any(_is_manifest_signed(parts.envelope, key, trust.check) for key in valid):
        faults.append("the manifest is not signed by the key of the last checkpoint")
    return faults


def _is_manifest_signed(envelope: Envelope, key: VerifierKey, check: CheckSignature) -> bool:
    return check_envelope(envelope, lambda message, signature: check(key.public_key, message, signature))


def _note_faults(parts: PackParts, trust: Trust) -> tuple[LogKeys | None, list[str]]:
    """The keys that the entries of the pack put in force, and what is wrong with them and with the checkpoints."""
    pinned = () if trust.vkey is None else (format_vkey(trust.vkey),)
    keys = LogKeys(pinned, trust.check, trust.key_lists)
    for entry in sorted(parts.entries, key=lambda entry: entry.number):
        if entry.value["kind"] in KEY_KINDS:
            told = keys.name(entry.number, str(entry.value["kind"]), entry.value["payload"])
            if told is not None:
                return None, [f"entry {entry.number}: expected {told.expected}, found {told.found}"]
    faults = []
    for text, checkpoint in zip(parts.notes.texts, parts.notes.checkpoints, strict=True):
        if trust.vkey is not None and checkpoint.origin != trust.vkey.name:
            faults.append(f"checkpoint of size {checkpoint.size}: expected one of {trust.vkey.name}, found another")
            continue
        finding = keys.judge(checkpoint, parse_note(text), Place("checkpoint", (checkpoint.size,)))
        if finding is not None:
            told_of = f"{finding.fault}: expected {finding.expected}, found {finding.found}"
            faults.append(f"checkpoint of size {checkpoint.size}: {told_of}")
    return keys, faults


def complete(parts: PackParts, trust: Trust) -> PackVerdict:
    """Verdict 4."""
    entries = {entry.number: entry for entry in parts.entries}
    predicate = parts.predicate
    index, proofs = parts.completeness
    counted = entries.get(index)
    if counted is None or counted.value["kind"] != "subjects.counted":
        return PackVerdict(4, Status.FAILED, "the entry that counts subjects is not in the pack")
    payload = counted.value["payload"]
    if payload["size"] != index:
        return PackVerdict(4, Status.FAILED, "the count does not cover all entries before it")
    stated = set(predicate["subjects"])
    faults = [f"{subject}: no proof of its count" for subject in sorted(stated - proofs.keys())]
    faults += [f"{subject}: not stated" for subject in sorted(set(predicate["instances"]) - stated)]
    root = from_b64url(payload["root"])
    by_subject: dict[str, list[PackedEntry]] = {}
    for _, entry in sorted(entries.items()):
        by_subject.setdefault(entry.value["subject"], []).append(entry)
    for subject in sorted(stated & proofs.keys()):
        proof = proofs[subject]
        if proof.total != payload["subjects"] or not check_count(proof, root):
            faults.append(f"{subject}: its count is not the one the ledger states")
            continue
        of_subject = [entry for entry in by_subject.get(subject, []) if entry.number < index]
        numbers = [entry.value["subject_index"] for entry in of_subject]
        if numbers != list(range(proof.counted.entries)):
            faults.append(f"{subject}: expected {proof.counted.entries} entries, found {len(numbers)}")
        elif of_subject[-1].leaf != proof.counted.last_leaf:
            faults.append(f"{subject}: its last entry is another")
    if faults:
        return PackVerdict(4, Status.FAILED, _listed(faults))
    text = f"all entries of {len(stated)} subjects up to size {payload['size']}"
    if trust.vkey is None:
        return PackVerdict(4, Status.NOT_DETERMINABLE, f"{text}, if the key in the pack is the log's (--trust VKEY)")
    if _note_faults(parts, trust)[1]:
        text = f"{text} of a log that the key given from outside did not sign"
        return PackVerdict(4, Status.NOT_DETERMINABLE, text)
    return PackVerdict(4, Status.PASSED, text)


def _listed(faults: tuple[str, ...] | list[str]) -> str:
    more = f"; and {len(faults) - FAULTS_SHOWN_MAX} more" if len(faults) > FAULTS_SHOWN_MAX else ""
    return "; ".join(faults[:FAULTS_SHOWN_MAX]) + more
