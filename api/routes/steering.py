"""Acts on running instances: suspend, resume, modify, correct, migrate; a second person; one act on many."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.actor_names import Names
from api.acts_told import Proposed, told_act, told_migrated, told_place, told_proposal
from api.allowing import allow, allowed_domains, not_found, readable
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, command_id_of, send_as, service_of, viewing
from api.describing import described
from api.many import READ_FOR_MANY, Many, found_for_many
from api.paging import choice, number, page, path, wanted
from api.preconditions import stated_revision
from api.problem_texts import tell
from api.reading_as import reading_as
from api.refusal_texts import why
from api.schemas import ReasonBody
from api.steering_bodies import BulkBody, ConfirmBody, CorrectBody, MigrateBody, ModifyBody, SteerBody
from ledger.actor import Actor
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View, is_answered
from ledger.work import UnitOfWork
from orchestrator import act_pages, pages
from orchestrator.commands import (
    ConfirmAct,
    CorrectData,
    ModifyInstance,
    RejectAct,
    ResumeInstance,
    StartBulk,
    SuspendInstance,
)
from orchestrator.migrating import MigrateInstance
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["process instances"])

Proposals = tuple[act_pages.ProposalRead, ...]
READ = (Object.INSTANCE, Action.READ)
STATES = ("waiting", "done", "proposed", "refused")


@router.post("/process-instances/bulk", **described("steering.BulkStartedAnswer", (BulkBody,), command=True))
async def start_bulk(request: Request) -> Response:
    """Do one act on many instances or incidents: those that are named, or those a filter finds now, at most 1,000. Each
    is done, proposed or refused by itself and on record; what has been reached can be read."""
    actor = caller_of(request)
    body, command_id = await parse_body(BulkBody, request), command_id_of(request, actor)
    if body.items:
        command = StartBulk(body.act, tuple(body.items), body.reason, body.how)
    else:
        items = await asyncio.to_thread(_found, request, body, command_id)
        asked = {"blueprint": body.blueprint, "domain": body.domain, "step": body.step, "code": body.code}
        found_by = tuple([(name, value) for name, value in asked.items() if value])
        command = StartBulk(body.act, items, body.reason, body.how, found_by)
    return await send_as(request, actor, command, command_id=command_id)


def _found(request: Request, body: BulkBody, command_id: str) -> tuple[str, ...]:
    """The ids a filter finds at this moment; more than one act may reach is said, and nothing is left out unseen. None
    for a command that is answered already."""
    if not (body.blueprint or body.domain or body.step or body.code):
        raise BrokenInput(why("items-or-filter"), "body.items")
    with viewing(request) as (view, actor):
        if is_answered(view, command_id, actor.id):
            return ()
        act = READ_FOR_MANY[body.act]
        domains = allowed_domains(request, view, actor, act)
        if body.domain:
            allow(request, view, actor, act, body.domain)
            domains = (body.domain,)
        many = Many(body.act, body.blueprint or "", body.step or "", body.code or "")
        return found_for_many(reading_as(view, actor), domains, many)


@router.get("/process-instances/bulk/{id}", **described("steering.BulkAnswer", query=("state", "limit", "cursor")))
async def read_bulk(request: Request) -> Response:
    """How far an act on many got, for who asked for it and for readers of the whole organisation's instances."""
    return json_answer(await asyncio.to_thread(_bulk, request))


def _bulk(request: Request) -> dict[str, Any]:
    place = wanted(request, int)
    state = choice(request, "state", STATES, "")
    with viewing(request) as (view, actor):
        rows = reading_as(view, actor)
        row = act_pages.bulk(rows, path(request, "id"))
        if row is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("an-act-on-many-instances"))
        asked_by = act_pages.asker(row)
        if asked_by != actor.id:
            allow(request, view, actor, READ)
        found = act_pages.bulk_items(rows, row.id, state, place.after[0] if place.after else 0, place.limit + 1)
        reached = row.done + row.proposed + row.refused
        told = page(found, place.limit, lambda one: (one.place,), lambda one: one._asdict())
        for one in told["items"]:
            one.pop("bulk")
        return {
            "id": row.id,
            "act": row.act,
            "by": Names(view, actor)(asked_by),
            "total": row.total,
            "done": row.done,
            "proposed": row.proposed,
            "refused": row.refused,
            "waiting": row.total - reached,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            **told,
        }


@router.post("/process-instances/{id}/suspension", **described("steering.SteeredAnswer", (SteerBody,), command=True))
async def suspend(request: Request) -> Response:
    """Let nothing begin, fire or go out in an instance and in those it runs, until it is resumed."""
    actor = caller_of(request)
    body = await parse_body(SteerBody, request)
    revision = stated_revision(request, body.expected_revision)
    return await send_as(request, actor, SuspendInstance(path(request, "id"), body.reason, revision))


@router.post("/process-instances/{id}/resumption", **described("steering.SteeredAnswer", (SteerBody,), command=True))
async def resume(request: Request) -> Response:
    """Let a suspended instance go on: what was due meanwhile is late, and happens now."""
    actor = caller_of(request)
    body = await parse_body(SteerBody, request)
    revision = stated_revision(request, body.expected_revision)
    return await send_as(request, actor, ResumeInstance(path(request, "id"), body.reason, revision))


@router.post("/process-instances/{id}/modification", **described("steering.SteeredAnswer", (ModifyBody,), command=True))
async def modify(request: Request) -> Response:
    """End steps and enter others in their place, each in the same branch; with a reason."""
    actor = caller_of(request)
    body = await parse_body(ModifyBody, request)
    moves = tuple((one.activation, one.to) for one in body.moves)
    revision = stated_revision(request, body.expected_revision)
    command = ModifyInstance(path(request, "id"), moves, tuple(body.ends), body.reason, revision)
    return await send_as(request, actor, command)


@router.post("/process-instances/{id}/correction", **described("steering.SteeredAnswer", (CorrectBody,), command=True))
async def correct(request: Request) -> Response:
    """Record other values of the instance's data; what stood there stays on record. With a reason."""
    actor = caller_of(request)
    body = await parse_body(CorrectBody, request)
    revision = stated_revision(request, body.expected_revision)
    return await send_as(request, actor, CorrectData(path(request, "id"), body.values, body.reason, revision))


@router.post("/process-instances/{id}/migration", **described("steering.SteeredAnswer", (MigrateBody,), command=True))
async def migrate(request: Request) -> Response:
    """Let an instance go on under another released version of its blueprint, all of it or not at all; with a reason."""
    actor = caller_of(request)
    body = await parse_body(MigrateBody, request)
    moves = tuple((one.activation, one.to) for one in body.moves)
    revision = stated_revision(request, body.expected_revision)
    return await send_as(
        request, actor, MigrateInstance(path(request, "id"), body.number, moves, body.reason, revision)
    )


@router.get("/process-instances/{id}/migration", **described("steering.MigrationAnswer", query=("number",)))
async def migration(request: Request) -> Response:
    """What it would come to that an instance goes on under the version `number`: what stands against it, what is kept
    where it stands, and where the rest can be moved."""
    return json_answer(await asyncio.to_thread(_migration, request))


def _migration(request: Request) -> dict[str, Any]:
    to = number(request, "number")
    with viewing(request) as (view, actor):
        row, rows = _instance(request, view, actor), reading_as(view, actor)
        rooms = service_of(request).rooms
        found = act_pages.migration(rooms.engine, rows, row.id, to)
        if isinstance(found, Refusal):
            raise problems.Refused(problems.of_refusal(found))
        under = rooms.blueprints.released(rows, row.blueprint, row.number).blueprint
        other = rooms.blueprints.released(rows, row.blueprint, found.number).blueprint
        return {
            "number": found.number,
            "digest": found.digest,
            "barred": problems.refusal_value(found.barred),
            "places": [told_migrated(one, under, other) for one in found.places],
            "as_of": view.now,
        }


def _instance(request: Request, view: View, actor: Actor) -> pages.InstanceRow:
    """The one of the path, for who may read it."""
    row = pages.instance_row(reading_as(view, actor), path(request, "id"))
    if row is None:
        allowed_domains(request, view, actor, READ)
        raise not_found(tell("a-process-instance"))
    allow(request, view, actor, READ, row.domain)
    return row


@router.get("/process-instances/{id}/acts", **described("steering.ActsAnswer"))
async def acts(request: Request) -> Response:
    """What the caller may do with an instance, where it can be moved, and what waits for a second person."""
    return json_answer(await asyncio.to_thread(_acts, request))


def _acts(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        row, rows = _instance(request, view, actor), reading_as(view, actor)
        rooms = service_of(request).rooms
        engine = rooms.engine
        blueprint = rooms.blueprints.released(rows, row.blueprint, row.number).blueprint
        return {
            "acts": [told_act(one) for one in act_pages.acts(engine, rows, row.id)],
            "places": [told_place(one, blueprint) for one in act_pages.places(engine, rows, row.id)],
            "proposals": _told(request, view, actor, act_pages.proposals(engine, rows, row.id)),
            "as_of": view.now,
        }


def _told(request: Request, view: View, actor: Actor, found: Proposals) -> list[dict[str, Any]]:
    rows: UnitOfWork = reading_as(view, actor)
    names, blueprints = Names(view, actor), service_of(request).rooms.blueprints
    told = []
    for one in found:
        row = pages.instance_row(rows, one.row.instance)
        assert row is not None
        classes = readable(request, view, actor, row.domain)
        reading = pages.proposed_read(rows, blueprints, row, classes)
        key = pages.key_of(rows, blueprints, row, classes)
        blueprint = blueprints.released(rows, row.blueprint, row.number).blueprint
        under = one.said.get("number", row.number)
        going_on = blueprints.released(rows, row.blueprint, under).blueprint
        told.append(told_proposal(Proposed(one, reading, key, row, blueprint, going_on), names, actor))
    return told


@router.get("/act-proposals", **described("steering.ProposalsAnswer"))
async def open_proposals(request: Request) -> Response:
    """What waits for a second person in the domains whose instances the caller may read."""
    return json_answer(await asyncio.to_thread(_open_proposals, request))


def _open_proposals(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        found = act_pages.open_proposals(service_of(request).rooms.engine, reading_as(view, actor), domains)
        return {"items": _told(request, view, actor, found), "as_of": view.now}


@router.post(
    "/process-instances/{id}/proposals/{proposal}/confirmation",
    **described("steering.SteeredAnswer", (ConfirmBody,), command=True),
)
async def confirm(request: Request) -> Response:
    """Do what another person proposed, exactly as they proposed it."""
    actor = caller_of(request)
    body = await parse_body(ConfirmBody, request)
    return await send_as(request, actor, ConfirmAct(path(request, "id"), path(request, "proposal"), body.digest))


@router.post(
    "/process-instances/{id}/proposals/{proposal}/rejection",
    **described("steering.RejectedAnswer", (ReasonBody,), command=True),
)
async def reject(request: Request) -> Response:
    """Do nothing of what was proposed; who proposed it withdraws it so."""
    actor = caller_of(request)
    body = await parse_body(ReasonBody, request)
    return await send_as(request, actor, RejectAct(path(request, "id"), path(request, "proposal"), body.reason))
