"""What happened in another system: written here, with the same receipts and proofs.

A record is one thing that happened to one foreign instance, told by its `source`. The foreign instance is a subject
of this log under an id of ours; (source, key) finds it. The key is matched by its fingerprint, so that a key which
is itself personal never stands in an entry in clear.

| kind | schema | subject | payload |
|---|---|---|---|
| record.written | 1 | `ext_...` | source, key_mark, key (first record), activity, resource, data, result |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ledger.actor import Actor
from ledger.clock import parse_instant
from ledger.entry import Entry, EntryDraft
from ledger.errors import BrokenInput, TooLarge
from ledger.refusal import Refusal
from ledger.rows import FoldView
from ledger.service import SUBJECT
from ledger.wording import as_it_is, listed
from ledger.work import Commands, CommandSpec, Done, Marks, UnitOfWork
from orchestrator.refusal_texts import why
from orchestrator.tables import RECORD_SUBJECT, RecordSubjectRow

KIND = "record.written"
RECORDS_MAX = 1_000  # in one command: one transaction's worth, well within the limit on a request's body
TEXT_MAX = 200  # characters of a source, key, activity or resource; longer texts belong into the data
OF_A_PERSON = ("personal", "special")
CLASSES = ("public", "internal", "confidential", "personal", "special")


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened elsewhere. `occurred_at` is the time the source claims; `data_class` holds for `data`.

    `key_class` says what the foreign key is worth: keys often name a customer, so it is confidential unless stated.
    """

    source: str
    key: str
    activity: str
    occurred_at: str
    resource: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    data_class: str = "confidential"
    key_class: str = "confidential"


@dataclass(frozen=True, slots=True)
class WriteRecords:
    """Write records as one command: all or none, in order."""

    records: tuple[Record, ...]
    domain: str = "organisation"


class AccessCheck(Protocol):
    """May this actor do this; a permit has `as_basis()`."""

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Any:
        """A permit or a `Refusal`."""
        ...


def checked(record: Record, location: str) -> Record:
    """The record, or `BrokenInput` naming what is wrong with it; called at the door, before the writer."""
    for name in ("source", "key", "activity"):
        text = getattr(record, name)
        if not 0 < len(text) <= TEXT_MAX:
            raise BrokenInput(why("record-text", most=TEXT_MAX, name=as_it_is(name)), location)
    if len(record.resource) > TEXT_MAX:
        raise BrokenInput(why("record-resource", most=TEXT_MAX), location)
    for name in ("data_class", "key_class"):
        if getattr(record, name) not in CLASSES:
            raise BrokenInput(why("record-class", name=as_it_is(name), known=listed(CLASSES)), location)
    parse_instant(record.occurred_at)
    return record


def commands(access: AccessCheck) -> Commands:
    """The command of this module."""

    def write(uow: UnitOfWork, command: WriteRecords) -> Done | Refusal:
        return _write(uow, command, access)

    return {WriteRecords: CommandSpec("WriteRecords", write, lambda _: "", finds=_finds)}


def _finds(command: WriteRecords, marks: Marks) -> list[tuple[Any, tuple[Any, ...]]]:
    """The subject of a single record; many records of one command are asked for together when it is carried out."""
    return [
        (RECORD_SUBJECT, (record.source, _mark(marks, record.source, record.key)))
        for record in command.records
        if len(command.records) == 1
    ]


def _mark(marks: Marks, source: str, key: str) -> str:
    return marks.fingerprint(f"record/{source}", key)


def folds() -> dict[tuple[str, int], Any]:
    """The fold of this module's kind."""
    return {(KIND, 1): _fold}


def _write(uow: UnitOfWork, command: WriteRecords, access: AccessCheck) -> Done | Refusal:
    if not 0 < len(command.records) <= RECORDS_MAX:
        raise TooLarge(why("records-counted", most=RECORDS_MAX, found=len(command.records)))
    permit = access.check(uow, uow.actor, command.domain, "record", "write")
    if isinstance(permit, Refusal):
        return permit
    found = _subjects(uow, command.records)
    drafts = []
    for record in command.records:
        subject, mark, is_new = found[record.source, record.key]
        payload: dict[str, Any] = {"source": record.source, "key_mark": mark, "activity": record.activity}
        if is_new:
            payload["key"] = _sealed(uow, subject, ("key", record.key), record.key_class)
            found[record.source, record.key] = (subject, mark, False)
        if record.resource:
            payload["resource"] = record.resource
        if record.data:
            payload["data"] = _sealed(uow, subject, ("data", dict(record.data)), record.data_class)
        drafts.append(EntryDraft(KIND, 1, subject, payload, occurred_at=record.occurred_at))
    subjects = list(dict.fromkeys(subject for subject, _, _ in found.values()))
    result = {"written": len(drafts), "subjects": subjects if len(subjects) == 1 else len(subjects)}
    drafts[0].payload["result"] = result
    basis = {"permit": permit.as_basis()}
    for number, draft in enumerate(drafts):
        # The permit is the same for all parts of one command; the first part carries it.
        uow.stage(draft if number else EntryDraft(KIND, 1, draft.subject, draft.payload, {}, basis, draft.occurred_at))
    return Done("written", result)


def _sealed(uow: UnitOfWork, subject: str, named: tuple[str, Any], data_class: str) -> Any:
    """A value under its path; what is personal lies under a data key of the foreign instance, so that it can go."""
    about = subject if data_class in OF_A_PERSON else None
    return uow.seal(subject, *named, data_class=data_class, data_subject=about)


def _subjects(uow: UnitOfWork, records: tuple[Record, ...]) -> dict[tuple[str, str], tuple[str, str, bool]]:
    """(subject, mark, is new) by (source, key); all questions in two statements however many records there are."""
    marks = {(record.source, record.key): _mark(uow, record.source, record.key) for record in records}
    uow.prefetch([(RECORD_SUBJECT, (source, mark)) for (source, _), mark in marks.items()])
    found = {}
    for (source, key), mark in marks.items():
        row = uow.get(RECORD_SUBJECT, source, mark)
        found[source, key] = (
            (uow.ids.ordered("ext", uow.now), mark, True) if row is None else (row.subject, mark, False)
        )
    uow.prefetch([(SUBJECT, (subject,)) for subject, _, is_new in found.values() if not is_new])
    return found


def _fold(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    if "key" in payload:
        view.put(RECORD_SUBJECT, RecordSubjectRow(payload["source"], payload["key_mark"], entry.subject))
