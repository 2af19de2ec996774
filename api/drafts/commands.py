"""Saving and dropping drafts. No entry tells of them: nothing was decided, and what was typed is nobody else's.

A draft is saved whatever it holds: it is judged when it is sent. Two windows do not write over each other silently:
who saves states the version they know of, and is told of another one. That is an answer and no refusal: it happens
whenever somebody has two windows open, and refusals stand on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from api.drafts.tables import DRAFT, DraftRow
from api.refusal_texts import why
from ledger.actor import ActorKind
from ledger.canonical import b64url, from_b64url
from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.sealed_rows import OpensRows, SealsRows
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork
from orchestrator.about import of_instance
from orchestrator.commands import split_id
from orchestrator.service import open_task
from rbac.permission import WHOLE, Action, Object
from rbac.service import Access
from versioning.change import OPEN
from versioning.service import change_request

KEPT = 30 * 86_400 * SECOND  # after it was saved last
DRAFTS_OF_ONE_MAX = 200  # by person: nobody has as many open at once
SAVED, STALE, FULL, DROPPED = "saved", "stale", "full", "dropped"
CHANGE = "cr_"
WRITING = "writing."  # before an id of a change that is being written: it tells from a review of the same change
NAME_CHARS_MAX = 200  # of a blueprint, as change control has it
NEW, NEXT = "new", "next."  # a change out of nothing; the next version of the blueprint named after it

_NOT_FOUND = Refusal(Reason.NOT_FOUND, why("nothing-to-draft"))
_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))
_COUNT = "SELECT COUNT(*) FROM draft WHERE log_id = {log} AND person = ?"


class Place(NamedTuple):
    """What a draft is about: its parts, its domain, whom its personal data is about, what one must be allowed to."""

    owner: str
    number: int
    domain: str
    data_subject: str
    object: Object
    action: Action = Action.READ


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """Keep what was typed about an open task or change request, or of a change that is being written.
    `expected_version` 0: none is known."""

    about: str
    content: Mapping[str, Any]
    expected_version: int


@dataclass(frozen=True, slots=True)
class DropDraft:
    """Forget it, whatever its version."""

    about: str


def commands(access: Access) -> Commands:
    """Every command of drafts."""

    def save(uow: UnitOfWork, command: SaveDraft) -> Done | Refusal:
        return save_draft(access, uow, command)

    return {
        SaveDraft: CommandSpec("SaveDraft", save, _owner),
        DropDraft: CommandSpec("DropDraft", drop_draft, _owner),
    }


def _owner(command: SaveDraft | DropDraft) -> str:
    if command.about.startswith(WRITING):
        written = command.about.removeprefix(WRITING)
        return written if written.startswith(CHANGE) else ""  # there is no change request yet
    return command.about.partition(".")[0]


def place_of(rows: Rows, about: str) -> Place | None:
    """What a draft is about; None unless it is open."""
    if about.startswith(CHANGE):
        return Place(about, 0, WHOLE, "", Object.CHANGE_REQUEST) if _is_open(rows, about) else None
    if about.startswith(WRITING):
        return _written(rows, about.removeprefix(WRITING))
    try:
        owner, number = split_id(about)
    except BrokenInput:
        return None
    task, instance = open_task(rows, about), of_instance(rows, owner)
    if task is None or instance is None:
        return None
    return Place(owner, number, task.domain, instance.data_subject, Object.TASK)


def _written(rows: Rows, about: str) -> Place | None:
    """A change that is being written: a new one, the next version of a blueprint, another text for an open one."""
    name = about.removeprefix(NEXT)
    is_new = about == NEW or (about != name and 0 < len(name) <= NAME_CHARS_MAX and name.isprintable())
    if not is_new and not (about.startswith(CHANGE) and _is_open(rows, about)):
        return None
    return Place("" if is_new else about, 0, WHOLE, "", Object.CHANGE_REQUEST, Action.PROPOSE)


def _is_open(rows: Rows, change_id: str) -> bool:
    change = change_request(rows, change_id)
    return change is not None and change.status in OPEN


def save_draft(access: Access, uow: UnitOfWork, command: SaveDraft) -> Done | Refusal:
    """Done `saved` with {version}, `stale` when another version is there, `full` when there are too many."""
    person = uow.actor.person
    if uow.actor.kind is not ActorKind.PERSON or person is None:
        return _NOT_A_PERSON
    place = place_of(uow, command.about)
    if place is None:
        return _NOT_FOUND
    permit = access.check(uow, uow.actor, place.domain, place.object.value, place.action.value)
    if isinstance(permit, Refusal):
        return permit
    row = uow.get(DRAFT, person, command.about)
    if command.expected_version != (0 if row is None or not row.sealed else row.version):
        return Done(STALE)
    if row is None and uow.query(_COUNT, (person,))[0][0] >= DRAFTS_OF_ONE_MAX:
        return Done(FULL)
    # By the clock, so that a draft dropped and typed anew has no version that a forgotten window knows.
    version = max(int(uow.now), 0 if row is None else row.version + 1)
    key = (str(person), command.about)
    sealed = cast(SealsRows, uow).seal_row(_sealed_at(key, version), dict(command.content), place.data_subject)
    ends = uow.now + KEPT
    uow.put(DRAFT, DraftRow(*key, place.owner, place.number, version, b64url(sealed), uow.now, ends))
    return Done(SAVED, {"version": version, "saved_at": uow.now})


def drop_draft(uow: UnitOfWork, command: DropDraft) -> Done | Refusal:
    """Done `dropped`; there being none is as good. The row is emptied now and swept later."""
    if uow.actor.kind is not ActorKind.PERSON or uow.actor.person is None:
        return _NOT_A_PERSON
    row = uow.get(DRAFT, uow.actor.person, command.about)
    if row is not None:
        uow.put(DRAFT, row._replace(sealed="", ends_at=0))
    return Done(DROPPED)


class Read(NamedTuple):
    """A draft as its author reads it; version 0 and no content where there is none."""

    version: int
    saved_at: int | None
    content: Any


def read_draft(rows: OpensRows, person: str, about: str, data_subject: str) -> Read:
    """The draft of this person."""
    row = rows.get(DRAFT, person, about)
    if row is None or not row.sealed:
        return Read(0, None, None)
    place = _sealed_at((person, about), row.version)
    return Read(row.version, row.saved_at, rows.unseal_row(place, from_b64url(row.sealed), data_subject))


def _sealed_at(key: tuple[str, str], version: int) -> str:
    return f"draft\n{key[0]}\n{key[1]}\n{version}"
