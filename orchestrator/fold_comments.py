"""The folds of comments and attachments; the payloads stand in `on_comments`."""

from ledger.canonical import text_trusted
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView
from orchestrator import tables
from orchestrator.entries import ATTACHMENT_ADDED, COMMENT_ADDED, SCHEMA
from orchestrator.people_tables import ATTACHMENT, COMMENT, AttachmentRow, CommentRow


def folds() -> Folds:
    """The folds of this page, by kind and schema."""
    return {(COMMENT_ADDED, SCHEMA): _commented, (ATTACHMENT_ADDED, SCHEMA): _attached}


def _commented(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    replaces = payload.get("replaces", "")
    if replaces:
        old = view.get(COMMENT, entry.subject, replaces)
        if old is None:
            raise BrokenState(f"expected a row of comment {replaces}, found none")
        view.put(COMMENT, old._replace(replaced_by=payload["comment"]))
    view.put(
        COMMENT,
        CommentRow(
            instance=entry.subject,
            id=payload["comment"],
            number=payload["task"],
            by=_by(entry),
            text=text_trusted(payload["text"]),
            data_class=payload["class"],
            mentions=text_trusted(payload["mentions"]),
            replaces=replaces,
            replaced_by="",
            data_subject=_about(view, entry, payload["comment"]),
            added_at=entry.recorded,
        ),
    )


def _attached(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    view.put(
        ATTACHMENT,
        AttachmentRow(
            instance=entry.subject,
            id=payload["attachment"],
            number=payload["task"],
            by=_by(entry),
            name=text_trusted(payload["name"]),
            media_type=payload["media_type"],
            size_bytes=payload["size_bytes"],
            content=text_trusted(payload["content"]),
            data_class=payload["class"],
            comment=payload.get("comment", ""),
            data_subject=_about(view, entry, payload["attachment"]),
            added_at=entry.recorded,
        ),
    )


def _about(view: FoldView, entry: Entry, own: str) -> str:
    instance = view.get(tables.INSTANCE, entry.subject)
    if instance is None:
        raise BrokenState(f"expected {entry.subject} to have started")
    return instance.data_subject or own


def _by(entry: Entry) -> str:
    return str(entry.actor.get("person") or entry.actor["id"])
