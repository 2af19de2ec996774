"""Builds evidence packs: counts the subjects, collects, proves, answers, signs, and puts the pack on the record.

1  `CountSubjects` is carried out; its receipt's checkpoint is the one everything is proved against
2  entries are collected from one view, all proofs come from its tiles
3  `assemble_pack` writes the files: a pure function, so the same material gives the same bytes
4  `RecordPack` is carried out; only then is the pack handed out
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

from api.collecting import Collected, collect, sealed_in
from api.problem_texts import tell
from api.record_html import REPORT_CSS, report_html
from api.verifier import assembled
from governance.evidence import RecordPack, check_request
from governance.questions.answer import Position
from governance.questions.packed import Derived, Packed, derive
from governance.questions.verdicts import VERIFIER, derived_part, judged
from ledger.actor import SYSTEM, Actor
from ledger.canonical import b64url
from ledger.checkpoint import parse_checkpoint
from ledger.completeness import CountSubjects
from ledger.counts import CountProof, CountTree
from ledger.dsse import IN_TOTO, SignBytes, write_envelope
from ledger.errors import BrokenState, Unavailable
from ledger.evidence import Allowed, counts_before, open_commitments
from ledger.ids import IdMaker
from ledger.note import parse_note
from ledger.pack import (
    MANIFEST,
    Bag,
    json_bytes,
    statement_bytes,
    sums_of,
    write_hashed,
)
from ledger.proving import Prover
from ledger.reading import Reader, View
from ledger.refusal import Refusal
from ledger.verify.pack_parts import (
    CHECKPOINTS,
    COMPLETENESS,
    CONSISTENCY,
    ENTRIES,
    INCLUSION,
    OPENINGS,
    PackParts,
    completeness_bytes,
    consistency_bytes,
    entries_bytes,
    inclusion_bytes,
    openings_bytes,
)
from ledger.verify.packs import Trust, complete, guarded, included
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.report import Status
from ledger.work import Answer, Request
from ledger.workings import Log

QUESTIONS_ASKED = ("Q01", "Q11", "Q16", "Q30")
CHECKPOINTS_MAX = 300  # design: the last, one for each that was cited
PRODUCT = "muniment"
EXPECTED = "verify/EXPECTED.json"
_MANIFEST = MANIFEST.removeprefix("data/")


@dataclass(frozen=True, slots=True)
class EvidenceRoom:
    """What building evidence needs of the service; the wiring makes one. `sign` signs bytes with the log's key."""

    log: Log
    reader: Reader
    run: Callable[[Request], Answer]
    sign: SignBytes
    ids: IdMaker
    now: Callable[[], int]


@dataclass(frozen=True, slots=True)
class PackRequest:
    """What is asked for. `allowed` says which values are opened; `kept` are checkpoints the recipient holds."""

    instances: tuple[str, ...]
    purpose: str
    recipient: str
    allowed: Allowed
    questions: tuple[str, ...] = QUESTIONS_ASKED
    kept: tuple[str, ...] = ()


class BuiltPack(NamedTuple):
    """A pack that is on the record: its id, bytes, SHA-256 and how many entries it holds."""

    pack: str
    data: bytes
    digest: str
    entries: int


class Material(NamedTuple):
    """Everything a pack is made of; `notes` are the checkpoints with their consistency proofs, smallest first."""

    packed: Packed
    collected: Collected
    notes: tuple[str, ...]
    consistency: tuple[tuple[int, int, tuple[bytes, ...]], ...]


class PreparedPack(NamedTuple):
    """A pack that is not on the record yet, and the command that puts it there."""

    data: bytes
    command: RecordPack


def build_pack(room: EvidenceRoom, actor: Actor, command_id: str, request: PackRequest) -> BuiltPack | Refusal:
    """The pack, once its entry is durable; a refusal when the actor may not pack. `command_id` is a new one."""
    check_request(request.purpose, request.recipient, request.questions)
    data, command = prepare_pack(room, actor, request)
    answer = room.run(Request(actor, command, command_id, correlation_id=command.pack))
    if isinstance(answer.outcome, Refusal):
        return answer.outcome
    return BuiltPack(command.pack, data, command.digest, command.entries)


def record_command(request: PackRequest) -> RecordPack:
    """The command of this request before its pack was built: enough to ask for the answer it was given."""
    return RecordPack("", request.purpose, request.recipient, request.instances, request.questions, kept=request.kept)


def prepare_pack(room: EvidenceRoom, actor: Actor, request: PackRequest) -> PreparedPack:
    """Count, collect, prove, assemble."""
    pack = room.ids.ordered("pk", room.now())
    counted = room.run(Request(SYSTEM, CountSubjects(room.log.name), correlation_id=pack))
    if isinstance(counted.outcome, Refusal) or counted.receipt is None:
        raise Unavailable("COUNT", tell("subjects-uncounted"))
    receipt = counted.receipt
    with room.reader.view() as view:
        material = gather(view, request, receipt.index, receipt.checkpoint)
    predicate = predicate_of(room, actor, pack, request, material)
    room.log.secrets.ring.behind(receipt.checkpoint)  # the manifest is signed by the key of the last checkpoint
    data = assemble_pack(material, predicate, room.sign)
    command = replace(
        record_command(request),
        pack=pack,
        digest=sha256(data).hexdigest(),
        pack_bytes=len(data),
        entries=len(material.collected.records),
        counted=receipt.index,
    )
    return PreparedPack(data, command)


def gather(view: View, request: PackRequest, counted: int, checkpoint: str) -> Material:
    """Everything for a pack from one view: entries, proofs against the checkpoint, counts, openings."""
    collected = collect(view, request.instances, counted, (counted,))
    stated = parse_checkpoint(parse_note(checkpoint).text)
    prover = Prover(view)
    if prover.root(stated.size) != stated.root:
        raise BrokenState(f"expected entries that give the root at size {stated.size}")
    tree = counts_before(view, counted)
    _check_count(collected, counted, tree)
    openings = open_commitments(view, sealed_in(collected), request.allowed)
    notes, consistency = _kept(request.kept, checkpoint, stated.size, prover)
    packed = Packed(
        records=collected.records,
        position=Position(stated.origin, stated.size, b64url(stated.root), checkpoint),
        proofs={record.index: prover.inclusion(record.index, stated.size)[1] for record in collected.records},
        counts=_count_proofs(tree, collected.complete),
        counted=counted,
        openings=openings,
    )
    return Material(packed, collected, notes, consistency)


def _check_count(collected: Collected, counted: int, tree: CountTree) -> None:
    record = collected.records.at(counted)
    if record is None or record.payload["root"] != b64url(tree.root):
        raise BrokenState(f"expected the subjects to have the counts that entry {counted} states")


def _count_proofs(tree: CountTree, subjects: tuple[str, ...]) -> dict[str, CountProof]:
    return {subject: proof for subject in subjects if (proof := tree.prove(subject)) is not None}


def _kept(
    kept: tuple[str, ...], checkpoint: str, size: int, prover: Prover
) -> tuple[tuple[str, ...], tuple[tuple[int, int, tuple[bytes, ...]], ...]]:
    """The checkpoints the recipient holds and the last one, and the proofs that each extends the one before."""
    sizes = {parse_checkpoint(parse_note(note).text).size: note for note in kept[:CHECKPOINTS_MAX]}
    notes = [(at, note) for at, note in sorted(sizes.items()) if 0 < at < size]
    ends = [at for at, _ in notes] + [size]
    proofs = tuple([(old, new, prover.consistency(old, new)) for old, new in pairwise(ends)])
    return (*[note for _, note in notes], checkpoint), proofs


def predicate_of(
    room: EvidenceRoom, actor: Actor, pack: str, request: PackRequest, material: Material
) -> dict[str, Any]:
    """What the pack says of itself, signed with its list of files. Its time is that of the count."""
    packed = material.packed
    counted = packed.records.at(packed.counted)
    assert counted is not None
    return {
        "pack_id": pack,
        "product": PRODUCT,
        "organisation": room.log.name,
        "log": packed.position.log,
        "size": packed.position.size,
        "root": packed.position.root,
        "counted": packed.counted,
        "instances": list(request.instances),
        "subjects": sorted(packed.counts),
        "questions": list(request.questions),
        "purpose": request.purpose,
        "recipient": request.recipient,
        "built_by": str(actor.id),
        "built_at": counted.at,
        "opened": len(packed.openings),
    }


def assemble_pack(material: Material, predicate: Mapping[str, Any], sign: SignBytes) -> bytes:
    """The pack's bytes; pure but for the signature, and Ed25519 signs the same bytes the same way."""
    derived = derive(material.packed, predicate)
    files = pack_files(material, predicate, derived)
    fifth = guarded(5, lambda: judged(material.packed, predicate, derived_part(derived.files)))
    sums = sums_of(files)
    manifest = write_envelope(IN_TOTO, statement_bytes(sums, predicate), [sign])
    expected = json_bytes(_expected(Bag(str(predicate["pack_id"]), files | {_MANIFEST: manifest}, {}), fifth.status))
    files[EXPECTED], sums[EXPECTED] = expected, sha256(expected).hexdigest()
    return write_hashed(str(predicate["pack_id"]), files, sums, predicate, sign)


def pack_files(material: Material, predicate: Mapping[str, Any], derived: Derived) -> dict[str, bytes]:
    """Every file under data/ but the manifest and what it is expected to verify as."""
    packed, collected = material.packed, material.collected
    asked = {name: predicate[name] for name in ("purpose", "recipient", "instances", "questions", "built_by")}
    custody = {"act": "prepared", "by": predicate["built_by"], "at": predicate["built_at"]}
    return {
        "00_README.txt": _readme(predicate),
        "request.json": json_bytes(asked),
        "custody.jsonl": json_bytes(custody),
        "report.html": report_html(derived.records, derived.answers).encode(),
        "report.css": REPORT_CSS.read_bytes(),
        ENTRIES: entries_bytes([collected.data[record.index] for record in collected.records]),
        OPENINGS: openings_bytes(packed.openings),
        CHECKPOINTS: b"".join([json_bytes({"note": note}) for note in material.notes]),
        INCLUSION: inclusion_bytes(sorted(packed.proofs.items())),
        CONSISTENCY: consistency_bytes(material.consistency),
        COMPLETENESS: completeness_bytes(packed.counted, [packed.counts[one] for one in sorted(packed.counts)]),
        VERIFIER: assembled(),
        **derived.files,
    }


def _expected(bag: Bag, fifth: Status) -> dict[str, Any]:
    """What a verifier is to find; a pack that would not verify is a bug and never leaves. `fifth` is verdict 5."""
    parts = PackParts(bag)
    trust = Trust(verify_signature)
    second = guarded(2, lambda: included(parts))
    fourth = guarded(4, lambda: complete(parts, trust))
    if second.status is not Status.PASSED or fourth.status is Status.FAILED:
        raise BrokenState(f"expected a pack that verifies, found: {second.text}; {fourth.text}")
    passed, unknown = Status.PASSED.value, Status.NOT_DETERMINABLE.value
    return {
        "with_key": [passed, passed, passed, passed, fifth.value],
        "without_key": [passed, passed, unknown, unknown, fifth.value],
    }


def _readme(predicate: Mapping[str, Any]) -> bytes:
    text = f"""Evidence pack {predicate["pack_id"]}

What this is: the record of {", ".join(predicate["instances"])} from the ledger {predicate["log"]},
with proofs, answers to regulatory questions ({", ".join(predicate["questions"])}) and the registers they rest on.
Built {predicate["built_at"]} for {predicate["recipient"]}.
Purpose: {predicate["purpose"]}

Read: open data/report.html in a browser. Every statement cites entries of data/records/entries.jsonl by index.

Verify:
  1  sha256sum -c manifest-sha256.txt                                   in this folder, files only
  2  python3 -I -S verify.py PACK.zip --trust VKEY                      needs Python 3.11, nothing else
     Take verify.py from the release, not from this pack, and compare its SHA-256 with the published one;
     take VKEY, the log's verifier key, from somebody other than whoever gave you this pack.
  3  muniment verify-pack PACK.zip --trust VKEY                         the same code, where it is installed

Five verdicts are printed, each for itself. Without a key from outside, verdicts 3 and 4 are not determinable.
Strength: operator only. No witness and no timestamp stands against whoever holds the log's own keys.
"""
    return text.encode()
