"""The folds of the versioning room: the only writers of its tables."""

from collections.abc import Mapping
from typing import Any

from governance.signature import SIGNED_SCHEMA
from ledger import canonical
from ledger.entry import Entry
from ledger.errors import BrokenState
from ledger.rows import Folds, FoldView
from versioning import entries, tables
from versioning.kinds.listing import fold_blueprint, fold_listing
from versioning.tables import ArtefactRow, ArtefactVersionRow, ChangeEditRow, ChangeRequestRow, ChangeReviewRow


def folds() -> Folds:
    """Every (kind, schema) this room writes."""
    return {
        (entries.CHANGE_PROPOSED, 1): fold_proposed,
        (entries.CHANGE_SUBMITTED, 1): fold_status,
        (entries.CHANGE_EDITED, 1): fold_edited,
        (entries.CHANGE_REVIEWED, 1): fold_reviewed,
        (entries.CHANGE_REVIEWED, SIGNED_SCHEMA): fold_reviewed,
        (entries.CHANGE_WITHDRAWN, 1): fold_status,
        (entries.CHANGE_EXPIRED, 1): fold_status,
        (entries.CHANGE_RELEASED, 1): fold_released,
        (entries.BLUEPRINT_RELEASED, 1): fold_blueprint,
        (entries.RULE_TABLE_RELEASED, 1): fold_listing,
        (entries.CONNECTOR_RELEASED, 1): fold_listing,
        (entries.REASON_CODE_LIST_RELEASED, 1): fold_listing,
        (entries.FEED_RELEASED, 1): fold_listing,
        (entries.CALENDAR_RELEASED, 1): fold_listing,
        (entries.AGENT_RELEASED, 1): fold_listing,
    }


def fold_proposed(view: FoldView, entry: Entry) -> None:
    """Open the change request and its first edit."""
    payload, at = entry.payload, entry.recorded
    row = ChangeRequestRow(
        id=entry.subject,
        kind=payload["kind"],
        name=payload["name"],
        title=text_of(payload["title"]),
        reason=text_of(payload["reason"]),
        base_version=payload["base_version"],
        digest=payload["digest"],
        edit=payload["edit"],
        authors=text_of(payload["authors"]),
        risk=payload["risk"],
        approvals_needed=payload["approvals_needed"],
        status=payload["status"],
        revision=payload["revision"],
        retires=int(payload["retires"]),
        not_before=payload["not_before"],
        expires_at=payload["expires_at"],
        proposed_at=at,
        changed_at=at,
        version=None,
    )
    view.put(tables.CHANGE_REQUEST, row)
    _put_edit(view, entry.subject, payload, at)


def fold_edited(view: FoldView, entry: Entry) -> None:
    """Keep the edit and point the request at it; reviews stay, bound to the edits they were given for."""
    payload = entry.payload
    row = _change(view, entry)._replace(
        base_version=payload["base_version"],
        approvals_needed=payload["approvals_needed"],
        digest=payload["digest"],
        edit=payload["edit"],
        authors=text_of(payload["authors"]),
        status=payload["status"],
        revision=payload["revision"],
        changed_at=entry.recorded,
    )
    view.put(tables.CHANGE_REQUEST, row)
    _put_edit(view, entry.subject, payload, entry.recorded)


def fold_reviewed(view: FoldView, entry: Entry) -> None:
    """Keep the verdict and the status it led to."""
    payload = entry.payload
    row = ChangeReviewRow(
        change_request=entry.subject,
        number=payload["number"],
        verdict=payload["verdict"],
        digest=payload["digest"],
        edit=payload["edit"],
        person=payload["person"],
        on_behalf_of=payload["on_behalf_of"],
        reason=text_of(payload["reason"]),
        recorded_at=entry.recorded,
    )
    view.put(tables.CHANGE_REVIEW, row)
    fold_status(view, entry)


def fold_status(view: FoldView, entry: Entry) -> None:
    """Move the request to the status the payload states."""
    row = _change(view, entry)._replace(
        status=entry.payload["status"], revision=entry.payload["revision"], changed_at=entry.recorded
    )
    view.put(tables.CHANGE_REQUEST, row)


def fold_released(view: FoldView, entry: Entry) -> None:
    """Close the request and put the version in force. The text comes from the edit that was approved."""
    payload = entry.payload
    edit = view.get(tables.CHANGE_EDIT, entry.subject, payload["edit"])
    if edit is None:
        raise BrokenState("expected the released edit of the change request")
    value = text_of(payload["value"]) if "value" in payload else edit.value
    if value is None:
        raise BrokenState("expected the value of the released version")
    version = ArtefactVersionRow(
        kind=payload["kind"],
        name=payload["name"],
        version=payload["version"],
        digest=payload["digest"],
        value=value,
        source=edit.source,
        authors=text_of(payload["authors"]),
        approvers=text_of(payload["approvers"]),
        change_request=entry.subject,
        edit=payload["edit"],
        released_at=entry.recorded,
    )
    current = ArtefactRow(
        kind=version.kind,
        name=version.name,
        version=version.version,
        digest=version.digest,
        retired=int(payload["retires"]),
        change_request=entry.subject,
        released_at=entry.recorded,
    )
    change = _change(view, entry)._replace(
        status=payload["status"],
        revision=payload["revision"],
        changed_at=entry.recorded,
        version=version.version,
    )
    view.put(tables.CHANGE_REQUEST, change)
    view.put(tables.ARTEFACT_VERSION, version)
    view.put(tables.ARTEFACT, current)


def text_of(value: Any) -> str:
    """Canonical JSON as text, the form in which values stand in columns."""
    return canonical.encode_trusted(value).decode("utf-8")


def _change(view: FoldView, entry: Entry) -> ChangeRequestRow:
    row = view.get(tables.CHANGE_REQUEST, entry.subject)
    if row is None:
        raise BrokenState("expected a change request that was proposed before")
    return row


def _put_edit(view: FoldView, change_request: str, payload: Mapping[str, Any], at: int) -> None:
    row = ChangeEditRow(
        change_request=change_request,
        number=payload["edit"],
        digest=payload["digest"],
        source=text_of(payload["source"]),
        value=text_of(payload["value"]) if "value" in payload else None,
        base_version=payload["base_version"],
        author=payload["author"],
        on_behalf_of=payload["on_behalf_of"],
        written_at=at,
    )
    view.put(tables.CHANGE_EDIT, row)
