"""Compliance records and answers on request: collected from one view, at the ledger's present position."""

from collections.abc import Iterator
from dataclasses import dataclass

from api.collecting import Collected, collect, sealed_in
from governance.questions.answer import Answer, Asking, Position, Scope
from governance.questions.catalogue import ask
from governance.questions.packed import names_of
from governance.questions.record import ComplianceRecord, decision_record, instance_record
from ledger.canonical import b64url
from ledger.checkpoint import parse_checkpoint
from ledger.counts import COUNTED, CountProof
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from ledger.evidence import Allowed, counts_before, key_entries, leaf_hashes, open_commitments
from ledger.levels import Levels
from ledger.note import parse_note
from ledger.reading import View
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.report import Finding, Place
from ledger.verify.signing import LogKeys, read_checkpoint

NOT_ALLOWED = "this reader may not see it, or it was erased"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one instance; `trust` is the log's verifier key, given from outside."""

    id: str
    instance: str
    asking: Asking
    trust: str | None = None


def compliance_record(view: View, about: str, allowed: Allowed) -> ComplianceRecord | None:
    """The record of an instance, or of a decision named by its task's id; None for a decision that is not one.

    Names a reader may not see stand as commitments with the reason. `BrokenInput` for an unknown instance.
    """
    instance = about.partition(".")[0]
    collected = collect(view, (instance,), view.head.size)
    openings = open_commitments(view, sealed_in(collected), allowed)
    names = names_of(collected.records, openings, NOT_ALLOWED)
    tell = decision_record if "." in about else instance_record
    return tell(collected.records, about, position_of(view), names)


def answer_question(view: View, question: Question) -> Answer:
    """The answer at the present position, proved from stored leaf hashes and the newest count of subjects."""
    counted = newest_count(view)
    collected = collect(view, (question.instance,), view.head.size, () if counted is None else (counted,))
    levels = Levels(leaf_hashes(view, view.head.size))
    scope = Scope(
        records=collected.records,
        instance=question.instance,
        position=position_of(view),
        asking=question.asking,
        proofs={record.index: levels.inclusion(record.index) for record in collected.records},
        counts=_counts(view, counted, collected),
        is_key_given=question.trust is not None and is_signed_by(view, question.trust),
    )
    return ask(question.id, scope)


def position_of(view: View) -> Position:
    """Where the ledger stands in this view."""
    checkpoint = parse_checkpoint(parse_note(view.head.checkpoint).text)
    return Position(checkpoint.origin, checkpoint.size, b64url(checkpoint.root), view.head.checkpoint)


def is_signed_by(view: View, vkey: str) -> bool:
    """Whether the newest checkpoint is signed by this key, or by one that the log's entries lead to from it."""
    note = view.head.checkpoint
    try:
        keys = LogKeys((vkey,), verify_signature)
        for index in key_entries(view):
            row = view.entry(index)
            entry = None if row is None else parse_entry(row.bytes)
            if entry is None or keys.name(index, entry.kind, entry.payload) is not None:
                return False
        read = read_checkpoint(note, view.origin, Place("head"))
    except BrokenInput:
        return False
    return not isinstance(read, Finding) and keys.judge(*read, Place("head")) is None


def newest_count(view: View) -> int | None:
    """The index of the newest `subjects.counted` entry."""
    return next((row_index for row_index, kind in _log_entries(view) if kind == COUNTED), None)


def _log_entries(view: View) -> Iterator[tuple[int, str]]:
    for row in view.history(f"log:{view.log.name}"):
        yield row.idx, parse_entry(row.bytes).kind


def _counts(view: View, counted: int | None, collected: Collected) -> dict[str, CountProof]:
    if counted is None:
        return {}
    tree = counts_before(view, counted)
    return {subject: proof for subject in collected.complete if (proof := tree.prove(subject)) is not None}
