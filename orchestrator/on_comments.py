"""Comments and attachments about an instance or one of its tasks: added, never changed.

An edit is a new comment that names the old one, so what was said first stays on record. All of it is sealed under the
instance's data subject, or, where its blueprint declares none, under an id of its own: so it can be erased either way.
What is attached is sealed whole; its commitment in the entry is its digest.

    comment.added      comment, task, text, class, mentions, replaces (where it does), result
    attachment.added   attachment, task, name, media_type, size_bytes, content, class, comment (where there is one),
                       result

The subject is the instance; both are of schema 1.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ledger.actor import acting, is_person, person_acting
from ledger.canonical import from_b64url
from ledger.certificates import is_erased
from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import tables
from orchestrator.commands import split_id
from orchestrator.entries import ATTACHMENT_ADDED, COMMENT_ADDED, SCHEMA
from orchestrator.people_tables import COMMENT
from orchestrator.ports import Deps, Permitted
from orchestrator.recording import basis_of
from orchestrator.refusal_texts import why
from orchestrator.turned_down import NOT_A_PERSON

CHARS_MAX = 4_000  # of a comment
MENTIONS_MAX = 20
COMMENTS_MAX = 2_000  # of an instance
ATTACHMENTS_MAX = 100  # of an instance
NAME_CHARS_MAX = 150  # of a file

Class = Literal["confidential", "personal", "special"]

_NOT_FOUND = Refusal(Reason.NOT_FOUND, why("no-instance-nor-task"))
_COUNTED = "SELECT COUNT(*) FROM {table} WHERE log_id = {{log}} AND instance = ?"


@dataclass(frozen=True, slots=True)
class AddComment:
    """Say something about an instance (`pi_...`) or task (`pi_....7`). `replaces`: an earlier comment of one's own."""

    about: str
    text: str
    data_class: Class = "confidential"
    mentions: tuple[str, ...] = ()
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class AddAttachment:
    """Attach a file; whether it is what it says has been looked at. `comment` is the comment it goes with."""

    about: str
    name: str
    media_type: str
    content: str  # base64url
    data_class: Class = "confidential"
    comment: str = ""


class _Place(NamedTuple):
    """What something is said about: the instance, the number of the task (0: the instance), and the permit."""

    instance: tables.InstanceRow
    number: int
    permit: Permitted


def instance_of(about: str) -> tuple[str, int]:
    """Instance and number of what is meant; the number of an instance is 0."""
    return split_id(about) if "." in about else (about, 0)


def subject_of(command: AddComment | AddAttachment) -> str:
    """Whom a refusal is about."""
    return instance_of(command.about)[0]


def add_comment(deps: Deps, uow: UnitOfWork, command: AddComment) -> Done | Refusal:
    """Done `commented` with {comment}."""
    place = _place(deps, uow, command)
    if isinstance(place, Refusal):
        return place
    refusal = _text_fault(command) or _mentions_fault(deps, uow, place, command) or _replaced_fault(uow, place, command)
    if refusal is not None:
        return refusal
    if _count(uow, "instance_comment", place) >= COMMENTS_MAX:
        return Refusal(Reason.INVALID_DATA, why("comments-counted", most=COMMENTS_MAX))
    comment = uow.ids.ordered("cm", uow.now)
    result = {"comment": comment}
    payload: dict[str, Any] = {
        "comment": comment,
        "task": place.number,
        "text": _sealed(uow, place, (comment, "text"), command.text, command.data_class),
        "class": command.data_class,
        "mentions": list(command.mentions),
        "result": result,
    }
    if command.replaces:
        payload["replaces"] = command.replaces
    return _staged(uow, place, COMMENT_ADDED, payload, "commented")


def add_attachment(deps: Deps, uow: UnitOfWork, command: AddAttachment) -> Done | Refusal:
    """Done `attached` with {attachment}."""
    place = _place(deps, uow, command)
    if isinstance(place, Refusal):
        return place
    if not is_file_name(command.name):
        return Refusal(Reason.INVALID_DATA, why("file-name", most=NAME_CHARS_MAX))
    if not command.content:
        return Refusal(Reason.INVALID_DATA, why("empty-file"))
    if (refusal := _gone_with(uow, place, command)) is not None:
        return refusal
    if _count(uow, "instance_attachment", place) >= ATTACHMENTS_MAX:
        return Refusal(Reason.INVALID_DATA, why("attachments-counted", most=ATTACHMENTS_MAX))
    attachment = uow.ids.ordered("at", uow.now)
    payload: dict[str, Any] = {
        "attachment": attachment,
        "task": place.number,
        "name": _sealed(uow, place, (attachment, "name"), command.name, command.data_class),
        "media_type": command.media_type,
        "size_bytes": len(from_b64url(command.content)),
        "content": _sealed(uow, place, (attachment, "content"), command.content, command.data_class),
        "class": command.data_class,
        "result": {"attachment": attachment},
    }
    if command.comment:
        payload["comment"] = command.comment
    return _staged(uow, place, ATTACHMENT_ADDED, payload, "attached")


def is_file_name(name: str) -> bool:
    """A name and no path, on any system, that is read as it is written; bytes that were no text have become U+FFFD."""
    is_plain = name.isprintable() and name == name.strip() and not set(name) & set("/\\:\ufffd")
    return is_plain and 0 < len(name) <= NAME_CHARS_MAX and bool(name.strip("."))


def _gone_with(uow: UnitOfWork, place: _Place, command: AddAttachment) -> Refusal | None:
    """Why a file does not go with this comment: nobody puts one to what somebody else said, or to what is said about
    another task."""
    if not command.comment:
        return None
    comment = uow.get(COMMENT, place.instance.id, command.comment)
    if comment is None:
        return Refusal(Reason.NOT_FOUND, why("no-such-comment"))
    if comment.number != place.number:
        return Refusal(Reason.NOT_FOUND, why("no-comment-there"))
    if comment.by != acting(uow.actor):
        return Refusal(Reason.CLAIMED_BY_OTHER, why("comment-of-other"))
    return None


def sealed_path(identity: str, part: str) -> str:
    """Where a part of a comment or attachment is sealed: `text`, `name` or `content`."""
    return f"#{identity}.{part}"


def _place(deps: Deps, uow: UnitOfWork, command: AddComment | AddAttachment) -> _Place | Refusal:
    """Only a person says something, where they may read as well; and nothing about whom was erased."""
    if not is_person(uow.actor):
        return NOT_A_PERSON
    instance_id, number = instance_of(command.about)
    instance = uow.get(tables.INSTANCE, instance_id)
    if instance is None or (number and uow.get(tables.TASK, instance_id, number) is None):
        return _NOT_FOUND
    reads = deps.access.check(uow, uow.actor, instance.domain, "task", "read")
    if isinstance(reads, Refusal):
        return reads
    permit = deps.access.check(uow, uow.actor, instance.domain, "task", "comment")
    if isinstance(permit, Refusal):
        return permit
    if instance.data_subject and is_erased(uow, instance.data_subject, command.data_class):
        return Refusal(Reason.WRONG_STATE, why("subject-erased"))
    return _Place(instance, number, permit)


def _sealed(uow: UnitOfWork, place: _Place, at: tuple[str, str], value: str, data_class: str) -> Any:
    about = place.instance.data_subject or at[0]
    return uow.seal(place.instance.id, sealed_path(*at), value, data_class=data_class, data_subject=about)


def _staged(uow: UnitOfWork, place: _Place, kind: str, payload: dict[str, Any], outcome: str) -> Done:
    basis = basis_of(place.permit)
    refs = {"blueprint": place.instance.blueprint, "person": acting(uow.actor)}
    uow.stage(EntryDraft(kind, SCHEMA, place.instance.id, payload, refs, basis))
    return Done(outcome, payload["result"])


def _text_fault(command: AddComment) -> Refusal | None:
    if not command.text.strip() or len(command.text) > CHARS_MAX:
        return Refusal(Reason.INVALID_DATA, why("comment-length", most=CHARS_MAX))
    return None


def _mentions_fault(deps: Deps, uow: UnitOfWork, place: _Place, command: AddComment) -> Refusal | None:
    """Only who may read the tasks of the instance is mentioned: a mention tells them of it."""
    if len(command.mentions) > MENTIONS_MAX or len(set(command.mentions)) != len(command.mentions):
        return Refusal(Reason.INVALID_DATA, why("mentions-counted", most=MENTIONS_MAX))
    for person in command.mentions:
        actor = person_acting(person)
        read = deps.access.check(uow, actor, place.instance.domain, "task", "read")
        if isinstance(read, Refusal):
            return Refusal(read.reason, why("may-not-read", why=read.message))
    return None


def _replaced_fault(uow: UnitOfWork, place: _Place, command: AddComment) -> Refusal | None:
    if not command.replaces:
        return None
    old = uow.get(COMMENT, place.instance.id, command.replaces)
    if old is None or old.number != place.number:
        return Refusal(Reason.NOT_FOUND, why("no-comment-there"))
    if old.by != acting(uow.actor):
        return Refusal(Reason.CLAIMED_BY_OTHER, why("comment-of-other"))
    if old.replaced_by:
        return Refusal(Reason.WRONG_STATE, why("comment-replaced"))
    return None


def _count(uow: UnitOfWork, table: str, place: _Place) -> int:
    return int(uow.query(_COUNTED.format(table=table), (place.instance.id,))[0][0])
