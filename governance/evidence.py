"""Evidence packs on the record, and which entries make the authority register.

| kind | schema | subject | payload |
|---|---|---|---|
| pack.built | 1 | the pack | purpose, recipient, instances, questions, digest, pack_bytes, counted, result |

A pack leaves the service only after its entry is durable. Purpose and recipient are commitments, `digest` is the
SHA-256 of the zip in hexadecimal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from governance.questions.catalogue import QUESTIONS
from governance.refusal_texts import why
from ledger.access_point import AccessPoint
from ledger.entry import Entry, EntryDraft
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.rows import Folds, FoldView
from ledger.wording import as_it_is
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

PACK_BUILT = "pack.built"
TEXT_MAX = 500  # characters of a purpose or recipient: a sentence, not a document
WHOLE = "organisation"  # a pack holds registers of the whole organisation
_REGISTER_ROWS = (
    "SELECT entry_index FROM instrument WHERE log_id = {log}",
    "SELECT entry_index FROM office WHERE log_id = {log}",
    "SELECT entry_index FROM authority_grant WHERE log_id = {log}",
    "SELECT entry_index FROM grant_status WHERE log_id = {log}",
)
_STANDING_IN = (
    "SELECT id, absent FROM substitution WHERE log_id = {log} AND substitute = ? AND valid_from <= ?"
    " AND valid_until > ? ORDER BY id"
)


class Asked(Protocol):
    """Whatever answers a query: a unit of work or a view."""

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class RecordPack:
    """A pack was built and is about to be handed out."""

    pack: str
    purpose: str
    recipient: str
    instances: tuple[str, ...]
    questions: tuple[str, ...]
    digest: str = ""
    pack_bytes: int = 0
    entries: int = 0
    counted: int = 0
    kept: tuple[str, ...] = ()  # checkpoints the recipient holds: part of what was asked for

    def as_asked(self) -> "RecordPack":
        """Without what building adds: asked for again, it is the same request and is given the same pack."""
        return RecordPack("", self.purpose, self.recipient, self.instances, self.questions, kept=self.kept)


def commands(access: AccessPoint) -> Commands:
    """The command of this page."""

    def record(uow: UnitOfWork, command: RecordPack) -> Done | Refusal:
        return record_pack(access, uow, command)

    return {RecordPack: CommandSpec("RecordPack", record, lambda command: command.pack)}


def folds() -> Folds:
    """The fold of this page."""
    return {(PACK_BUILT, 1): _fold_nothing}


def record_pack(access: AccessPoint, uow: UnitOfWork, command: RecordPack) -> Done | Refusal:
    """Done `built` with {pack, digest, pack_bytes, entries}; refused without the permission to pack."""
    check_request(command.purpose, command.recipient, command.questions)
    permit = access.check(uow, uow.actor, WHOLE, "evidence-pack", "pack")
    if isinstance(permit, Refusal):
        return permit
    result = {
        "pack": command.pack,
        "digest": command.digest,
        "pack_bytes": command.pack_bytes,
        "entries": command.entries,
    }
    payload = {
        "purpose": uow.seal(command.pack, "purpose", command.purpose, data_class="confidential"),
        "recipient": uow.seal(command.pack, "recipient", command.recipient, data_class="confidential"),
        "instances": list(command.instances),
        "questions": list(command.questions),
        "digest": command.digest,
        "pack_bytes": command.pack_bytes,
        "counted": command.counted,
        "result": result,
    }
    uow.stage(EntryDraft(PACK_BUILT, 1, command.pack, payload, basis={"permit": permit.as_basis()}))
    return Done("built", result)


def check_request(purpose: str, recipient: str, questions: Sequence[str]) -> None:
    """Raise `BrokenInput` unless an export says what for and for whom, and asks what can be answered."""
    for name, text in (("purpose", purpose), ("recipient", recipient)):
        if not 0 < len(text.strip()) <= TEXT_MAX or not text.isprintable():
            raise BrokenInput(why("one-line", most=TEXT_MAX), name)
    if unknown := sorted(set(questions) - QUESTIONS.keys()):
        raise BrokenInput(why("no-such-question", found=as_it_is(unknown[0][:16])), "questions")


def register_entries(rows: Asked, before: int) -> tuple[int, ...]:
    """The indexes of the entries before one that make the authority register."""
    found = {int(index) for statement in _REGISTER_ROWS for (index,) in rows.query(statement) if int(index) < before}
    return tuple(sorted(found))


def substitutions_at(rows: Asked, person: str, at: int) -> tuple[str, ...]:
    """The substitutions by which a person stood in for others at an instant, through others as well, as rows tell."""
    found: dict[str, None] = {}
    followed, edge = {person}, [person]
    while edge:
        told = rows.query(_STANDING_IN, (edge.pop(), at, at))
        found.update(dict.fromkeys(str(one) for one, _ in told))
        new = {str(absent) for _, absent in told} - followed
        followed |= new
        edge += sorted(new)
    return tuple(found)


def _fold_nothing(view: FoldView, entry: Entry) -> None:
    """The entry is the whole record; no row follows from it."""
