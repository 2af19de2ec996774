"""What a conflict is about: asked when a command was refused because somebody or something was first.

It is a read at the door, by the permissions of who is told: a caller who may not read the thing is told nothing
beyond the refusal. What it says was read after the refusal and may have moved on again; the client reads anew anyway.
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from api.allowing import opened, readable
from api.context import service_of
from api.field_changes import changed_fields
from api.naming import Names
from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.entry import Entry, parse_entry
from ledger.errors import BrokenInput
from ledger.reading import ENTRIES_MAX
from ledger.refusal import Refusal
from ledger.service import View
from orchestrator import pages
from orchestrator.commands import split_id
from orchestrator.service import Before, shown_changes
from orchestrator.service import task as task_shown
from rbac.permission import WHOLE, Action, Ask, DataClass, Object
from versioning import pages as change_pages
from versioning.artefact import source_class

Conflict = Callable[[], Mapping[str, Any] | None]

ENTRIES_LOOKED_AT = 50  # for who did what last: those of one task lie close to the end of its instance


def of_task(request: Request, actor: Actor, task_id: str, digest: str) -> Conflict:
    """Where a task stands, who was at it last, and what changed of what it showed since the view of this digest."""

    def told() -> Mapping[str, Any] | None:
        with service_of(request).reader.view() as view:
            return _of_task(request, view, actor, (task_id, digest))

    return told


def of_change(request: Request, actor: Actor, change_id: str, digest: str) -> Conflict:
    """Where a change request stands, and what changed of its content since the edit of this digest."""

    def told() -> Mapping[str, Any] | None:
        with service_of(request).reader.view() as view:
            return _of_change(request, view, actor, (change_id, digest))

    return told


def _of_task(request: Request, view: View, actor: Actor, seen: tuple[str, str]) -> Mapping[str, Any] | None:
    task_id, digest = seen
    rows = reading_as(view, actor)
    instance = pages.instance_row(rows, split_id(task_id)[0])
    if instance is None or not _may(request, view, actor, (Object.TASK, instance.domain)):
        return None
    classes = readable(request, view, actor, instance.domain)
    blueprints = service_of(request).rooms.blueprints
    found = task_shown(rows, blueprints, task_id, classes)
    if found is None:
        return None
    row = found.row
    names = Names(view, lambda _: DataClass.PERSONAL in classes)
    value: dict[str, Any] = {
        "state": row.state,
        "revision": row.revision,
        "holder": row.holder or None,
        "holder_name": names.of(row.holder, row.domain),
        "outcome": row.outcome or None,
        "closed_at": row.closed_at,
        "shown_digest": found.shown_digest,
        "last": _last(view, task_id, lambda person: names.of(person, row.domain)),
    }
    if digest and digest != found.shown_digest:
        before = Before(digest, [entry.payload for entry in _entries(view, instance.id)])
        changes = shown_changes(rows, blueprints, task_id, classes, before)
        value["changed"] = (
            None
            if changes is None
            else [
                {"field": one.field, "before": pages.shut(one.before), "after": pages.shut(one.after)}
                for one in changes
            ]
        )
    return value


def _entries(view: View, subject: str) -> list[Entry]:
    """Oldest first; none of a history that is too long to be read for this."""
    rows = view.history(subject, None, ENTRIES_MAX)
    if len(rows) == ENTRIES_MAX:
        return []
    return [parse_entry(row.bytes) for row in reversed(rows)]


def _last(view: View, task_id: str, called: Callable[[str], str]) -> dict[str, Any] | None:
    """What was done to the task last, by whom and when."""
    for row in view.history(split_id(task_id)[0], None, ENTRIES_LOOKED_AT):
        entry = parse_entry(row.bytes)
        result = entry.payload.get("result")
        if entry.kind.startswith("task.") and isinstance(result, Mapping) and result.get("task") == task_id:
            by = entry.actor.get("person") or entry.actor.get("id")
            told = {"kind": entry.kind, "by": by, "by_name": called(str(by or ""))}
            return {**told, "recorded_at": entry.recorded_at, "index": row.idx}
    return None


def _of_change(request: Request, view: View, actor: Actor, seen: tuple[str, str]) -> Mapping[str, Any] | None:
    change_id, digest = seen
    if not _may(request, view, actor, (Object.CHANGE_REQUEST, WHOLE)):
        return None
    rows = reading_as(view, actor)
    found = change_pages.change_request(rows, change_id)
    if found is None:
        return None
    before, newest = change_pages.edits(rows, found.change, digest)
    value: dict[str, Any] = {
        "status": found.row.status,
        "revision": found.row.revision,
        "digest": found.row.digest,
        "edit": newest.number,
        "edited_by": newest.author,
        "edited_at": newest.written_at,
        "changed_at": found.row.changed_at,
    }
    if digest != found.row.digest:
        kind = service_of(request).rooms.kinds[found.row.kind]
        may = DataClass(source_class(kind)) in readable(request, view, actor)
        texts = [
            "" if one is None else opened(view, one.source[:2], one.source.sealed, may) for one in (before, newest)
        ]
        value["changed"] = _changed(kind, texts) if before and all(type(text) is str for text in texts) else None
    return value


def _changed(kind: Any, texts: list[Any]) -> list[dict[str, Any]] | None:
    try:
        before, after = (kind.read(text).value for text in texts)
    except BrokenInput:
        return None
    return [{"field": place, "before": old, "after": new} for place, old, new in changed_fields(before, after)]


def _may(request: Request, view: View, actor: Actor, place: tuple[Object, str]) -> bool:
    obj, domain = place
    answer = service_of(request).rooms.access.read_check(view, view.now, actor, Ask(domain, obj, Action.READ))
    return not isinstance(answer, Refusal)
