"""Process instances: start, list, read, history, cancel."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found, readable
from api.answers import CommandAnswer, ItemAnswer, PageAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import described
from api.paging import page, path, wanted, word
from api.preconditions import is_unchanged, tag_of, unchanged
from api.reading_as import reading_as
from api.schemas import ReasonBody, StartBody
from ledger.actor import Actor
from ledger.canonical import b64url
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from ledger.service import View
from orchestrator import pages
from orchestrator.commands import CancelInstance, StartInstance
from orchestrator.pages import InstanceRow
from orchestrator.telling import words
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/process-instances", tags=["process instances"])

READ = (Object.INSTANCE, Action.READ)
STATUSES = ("active", "ended", "cancelled")


@router.post("", **described(CommandAnswer, (StartBody,), command=True))
async def start(request: Request) -> Response:
    """Start an instance; the same business key of a blueprint starts one instance."""
    actor = caller_of(request)
    body = await parse_body(StartBody, request)
    command = StartInstance(body.blueprint, body.business_key, body.data, body.version, body.domain)
    return await send_as(request, actor, command)


@router.get("", **described(PageAnswer, query=("blueprint", "status", "limit", "cursor")))
async def listed(request: Request) -> Response:
    """Instances of the domains the caller may read, newest first."""
    place = wanted(request, str)
    blueprint, status = word(request, "blueprint", ""), word(request, "status", "")
    if status and status not in STATUSES:
        raise BrokenInput(f"expected one of {', '.join(STATUSES)}", "query.status")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        before = place.after[0] if place.after else ""
        rows = pages.instances(reading_as(view, actor), domains, (blueprint, status), before, place.limit + 1)
    return json_answer(page(rows, place.limit, lambda row: (row["id"],), lambda row: row))


@router.get("/{id}", **described(ItemAnswer))
async def read(request: Request) -> Response:
    """One instance: its state, its data as far as the caller may read it, what it waits for."""
    with viewing(request) as (view, actor):
        row = _row(request, view, actor)
        rows = reading_as(view, actor)
        classes = readable(request, view, actor, row.domain)
        tag = tag_of(view, actor, row.revision, (row.id, *sorted(classes)))
        if is_unchanged(request, tag):
            return unchanged(tag)
        found = pages.instance(rows, service_of(request).rooms.blueprints, row, classes)
        open_tasks = pages.tasks_of(rows, row.id)
    value: dict[str, Any] = row._asdict()
    for inner in ("marking", "next_number", "data_subject", "parent_activation"):
        value.pop(inner)
    live = [
        {
            "number": one.number,
            "step": one.step,
            "state": one.state,
            "entered_at": one.entered_at,
            "timers": [{"name": timer.name, "due_at": timer.due} for timer in one.timers],
            "incident": f"{row.id}.{one.incident}" if one.incident else None,
        }
        for one in found.live
    ]
    answer = {**value, "business_key": found.business_key, "data": found.data, "steps": live, "tasks": open_tasks}
    return json_answer(answer, headers={"ETag": tag})


@router.get("/{id}/history", **described(PageAnswer, query=("limit", "cursor")))
async def history(request: Request) -> Response:
    """What happened, newest first, in words; each item names its entry."""
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        row = _row(request, view, actor)
        before = place.after[0] if place.after else None
        if before is not None and ((last := view.entry(before)) is None or parse_entry(last.bytes).subject != row.id):
            raise BrokenInput("expected the cursor of a page before this one", "query.cursor")
        rows = view.history(row.id, before, place.limit + 1)
    return json_answer(page(rows, place.limit, lambda row: (row.idx,), _told))


def _told(row: Any) -> dict[str, Any]:
    entry = parse_entry(row.bytes)
    return {
        "index": row.idx,
        "leaf_hash": b64url(row.leaf_hash),
        "kind": entry.kind,
        "recorded_at": entry.recorded_at,
        "actor": dict(entry.actor),
        "words": list(words(entry)),
    }


@router.post("/{id}/cancellation", **described(CommandAnswer, (ReasonBody,), command=True))
async def cancel(request: Request) -> Response:
    """End an instance before its time."""
    actor = caller_of(request)
    body = await parse_body(ReasonBody, request)
    return await send_as(request, actor, CancelInstance(path(request, "id"), body.reason))


def _row(request: Request, view: View, actor: Actor) -> InstanceRow:
    row = pages.instance_row(reading_as(view, actor), path(request, "id"))
    if row is None:
        allowed_domains(request, view, actor, READ)
        raise not_found("a process instance")
    allow(request, view, actor, READ, row.domain)
    return row
