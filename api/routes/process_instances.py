"""Process instances: start, list, read, history, cancel."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.actor_names import Names
from api.allowing import allow, allowed_domains, not_found, readable
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import Media, described
from api.histories import Telling, history_item
from api.inbox import not_past_due
from api.instance_lists import CSV_ROWS_MAX, instances_csv, listed_values
from api.paging import choice, flag, instant, number, page, path, wanted, word
from api.preconditions import is_unchanged, stated_revision, tag_of, unchanged
from api.problem_texts import tell
from api.reading_as import reading_as
from api.schemas import BranchBody, BranchReasonBody, ReasonBody, StartBody
from api.since_decided import LISTED_MAX, SinceDecided
from ledger.actor import Actor
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from ledger.service import View
from ledger.wording import as_it_is
from orchestrator import pages
from orchestrator.branching import choices_of
from orchestrator.commands import BeginBranch, CancelInstance, PassOverBranch, RepeatBranch, StartInstance
from orchestrator.due_words import instance_explained, stopped_since, wait_explained
from orchestrator.instance_lists import IN_TEST, SORTS, WAITS, InstancesAsked, instance_list
from orchestrator.notices import notice_read
from orchestrator.pages import InstanceRow
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1/process-instances", tags=["process instances"])

READ = (Object.INSTANCE, Action.READ)
STATUSES = ("active", "suspended", "ended", "cancelled", "failed")  # none has failed: its figure leads to an empty list
FILTERS = (
    "blueprint", "version", "status", "domain", "step", "overdue", "key", "started_from", "started_to", "waits_for",
    "test",
)  # fmt: skip


@router.post("", **described("instances.StartedAnswer", (StartBody,), command=True))
async def start(request: Request) -> Response:
    """Start an instance; the same business key of a blueprint starts one instance."""
    actor = caller_of(request)
    body = await parse_body(StartBody, request)
    command = StartInstance(body.blueprint, body.business_key, body.data, body.version, body.domain, body.test)
    return await send_as(request, actor, command)


@router.get(
    "",
    **described(
        Media(("text/csv",), "instances.InstancesAnswer"), query=(*FILTERS, "sort", "format", "limit", "cursor")
    ),
)
async def listed(request: Request) -> Response:
    """Instances of the domains the caller may read, newest first, or with `sort=updated` what was touched last first.

    `version` is a version's number, `key` the beginning of a business key in clear, `step` one the instance is at,
    `overdue=1` one with an open task past due, whose clock does not stand still for a customer, `waits_for` such as
    `job:TYPE`, `call:OPERATION` or `message:NAME`, `test=only` those in test mode and `test=with` those among the
    others.
    `format=csv` gives exactly the filtered rows as a file, up to 10,000; the header `Muniment-Cut-Off` says `true` when
    there are more, and so does the file's name.
    """
    form = choice(request, "format", ("json", "csv"), "json")
    if form == "csv":
        return await asyncio.to_thread(_as_csv, request)
    return json_answer(await asyncio.to_thread(_listed, request))


def _listed(request: Request) -> dict[str, Any]:
    place = wanted(request, str, int)
    with viewing(request) as (view, actor):
        asked = _asked(request, view, actor)
        found = instance_list(reading_as(view, actor), asked, place.after or None, place.limit + 1)
        told = page(found, place.limit, lambda one: (one.id, one.newest), lambda one: one)
        told["items"] = listed_values(service_of(request), view, actor, told["items"])
        return {**told, "as_of": view.now}


def _as_csv(request: Request) -> Response:
    with viewing(request) as (view, actor):
        asked = _asked(request, view, actor)
        found = instance_list(reading_as(view, actor), asked, None, CSV_ROWS_MAX + 1)
        is_cut_off = len(found) > CSV_ROWS_MAX
        rows = listed_values(service_of(request), view, actor, found[:CSV_ROWS_MAX])
        name = f"instances-{view.head.size}{f'-first-{CSV_ROWS_MAX}' if is_cut_off else ''}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Muniment-Cut-Off": "true" if is_cut_off else "false",
    }
    return Response(instances_csv(rows), 200, headers, "text/csv; charset=utf-8")


def _asked(request: Request, view: View, actor: Actor) -> InstancesAsked:
    domains = allowed_domains(request, view, actor, READ)
    named = word(request, "domain", "")
    if named:
        allow(request, view, actor, READ, named)
    kind, _, name = word(request, "waits_for", "").partition(":")
    if kind and (kind not in WAITS or not name):
        raise BrokenInput(tell("waits-for", known=as_it_is(", ".join(WAITS))), "query.waits_for")
    return InstancesAsked(
        domains=(named,) if named else domains,
        blueprint=word(request, "blueprint", ""),
        number=number(request, "version", 0),
        status=choice(request, "status", STATUSES),
        step=word(request, "step", ""),
        overdue=flag(request, "overdue"),
        beside=not_past_due(service_of(request), view, actor, domains) if flag(request, "overdue") else frozenset(),
        key_prefix=word(request, "key", ""),
        started_from=instant(request, "started_from"),
        started_to=instant(request, "started_to"),
        waits_for=(kind, name) if kind else None,
        sort=choice(request, "sort", SORTS, "id"),
        test=choice(request, "test", tuple(IN_TEST), "without"),
    )


@router.get("/{id}", **described("instances.InstanceAnswer"))
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
        version = service_of(request).rooms.blueprints.released(rows, row.blueprint, row.number)
        initiator = Names(view, actor)(row.initiator)
        calendars = service_of(request).rooms.engine.calendars
        explained = instance_explained(rows, calendars, version, row)
        waits = {
            (one.number, timer.name): wait_explained(rows, calendars, version, (one, timer))
            for one in found.live
            for timer in one.timers
        }
    value: dict[str, Any] = row._asdict()
    value["test"] = bool(value["test"])
    for inner in ("marking", "clock", "next_number", "data_subject", "parent_activation"):
        value.pop(inner)
    live = [
        {
            "number": one.number,
            "step": one.step,
            "state": one.state,
            "entered_at": one.entered_at,
            "timers": [
                {
                    "name": timer.name,
                    "due_at": timer.due,
                    "paused_at": timer.paused_at or None,
                    "due_explained": waits[one.number, timer.name],
                }
                for timer in one.timers
            ],
            "incident": f"{row.id}.{one.incident}" if one.incident else None,
            **choices_of(version.blueprint.step(one.step), one, found.live)._asdict(),
        }
        for one in found.live
        if one.watch is None  # who waits for an event of a step is no visit to it
    ]
    answer = {
        **value,
        "stopped_since": stopped_since(row),
        "due_explained": explained,
        "title": version.blueprint.title,
        "initiator_ref": initiator,
        "business_key": found.business_key,
        "data": found.data,
        "steps": live,
        "tasks": open_tasks,
    }
    return json_answer(answer, headers={"ETag": tag})


@router.get("/{id}/history", **described("instances.HistoryAnswer", query=("limit", "cursor")))
async def history(request: Request) -> Response:
    """What happened, newest first: who, why and what followed, in words and as values; each item names its entry. What
    has come over a decision is not looked for in a history of more than a thousand entries: the decision itself tells
    it (`/v1/decisions/{id}`)."""
    return json_answer(await asyncio.to_thread(_history, request))


def _history(request: Request) -> dict[str, Any]:
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        row = _row(request, view, actor)
        before = place.after[0] if place.after else None
        if before is not None and ((last := view.entry(before)) is None or parse_entry(last.bytes).subject != row.id):
            raise BrokenInput(tell("cursor-of-page"), "query.cursor")
        found = view.history(row.id, before, place.limit + 1)
        classes, rows = readable(request, view, actor, row.domain), reading_as(view, actor)
        read = (rows, service_of(request).rooms.blueprints, row, classes)
        since = SinceDecided(view, LISTED_MAX)
        telling = Telling(Names(view, actor), pages.recorded_read(*read), since, notice_read(*read))
        return page(found, place.limit, lambda one: (one.idx,), lambda one: history_item(one, telling))


@router.post("/{id}/branches", **described("steering.SteeredAnswer", (BranchBody,), command=True))
async def begin_branch(request: Request) -> Response:
    """Begin a branch of a step whose branches people begin in any order."""
    actor = caller_of(request)
    body = await parse_body(BranchBody, request)
    return await send_as(request, actor, BeginBranch(f"{path(request, 'id')}.{body.activation}", body.branch))


@router.post("/{id}/branches/repetition", **described("steering.SteeredAnswer", (BranchReasonBody,), command=True))
async def repeat_branch(request: Request) -> Response:
    """Begin a branch again that has ended, where the blueprint lets people repeat it, or after all one that was passed
    over; with a reason. Decisions in it are void from then on, and stay on record."""
    actor = caller_of(request)
    body = await parse_body(BranchReasonBody, request)
    fork = f"{path(request, 'id')}.{body.activation}"
    return await send_as(request, actor, RepeatBranch(fork, body.branch, body.reason))


@router.post("/{id}/branches/passing-over", **described("steering.SteeredAnswer", (BranchReasonBody,), command=True))
async def pass_over_branch(request: Request) -> Response:
    """Pass over a branch that was not begun or is under way, where the blueprint lets people do so; with a reason. What
    is open in it is closed."""
    actor = caller_of(request)
    body = await parse_body(BranchReasonBody, request)
    fork = f"{path(request, 'id')}.{body.activation}"
    return await send_as(request, actor, PassOverBranch(fork, body.branch, body.reason))


@router.post("/{id}/cancellation", **described("steering.SteeredAnswer", (ReasonBody,), command=True))
async def cancel(request: Request) -> Response:
    """End an instance before its time, or propose it where the blueprint asks for a second person."""
    actor = caller_of(request)
    body = await parse_body(ReasonBody, request)
    command = CancelInstance(path(request, "id"), body.reason, stated_revision(request, None))
    return await send_as(request, actor, command)


def _row(request: Request, view: View, actor: Actor) -> InstanceRow:
    row = pages.instance_row(reading_as(view, actor), path(request, "id"))
    if row is None:
        allowed_domains(request, view, actor, READ)
        raise not_found(tell("a-process-instance"))
    allow(request, view, actor, READ, row.domain)
    return row
