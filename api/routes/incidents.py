"""Incidents: what cannot go on without help; and messages from outside."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import described
from api.incidents_told import listed_incidents, told_causes
from api.naming import people
from api.paging import choice, page, path, wanted, word
from api.problem_texts import tell
from api.reading_as import reading_as
from api.schemas import MessageBody, ResolutionBody
from api.steering_bodies import AssignmentBody
from ledger.errors import BrokenInput
from orchestrator.commands import AssignIncident, Correlate, ResolveIncident, split_id
from orchestrator.incident_lists import ORDERS, IncidentsAsked, causes, incident_list, open_incident
from orchestrator.instance_lists import IN_TEST
from rbac.permission import Action, Object
from rbac.service import person_by_ref

router = APIRouter(prefix="/v1", tags=["incidents"])

READ = (Object.INCIDENT, Action.READ)
STATES = ("open", "resolved", "any")
CANDIDATES_MAX = 200  # persons told at once
FILTERS = ("state", "blueprint", "domain", "code", "step", "instance")


@router.get(
    "/incidents", **described("instances.IncidentsAnswer", query=(*FILTERS, "order", "test", "limit", "cursor"))
)
async def listed(request: Request) -> Response:
    """Incidents of the domains the caller may read, open ones unless `state` says otherwise; `order=newest` has the
    newest instances first. Each says why the caller could not resolve it; a resolved one what became of its step.

    Those of instances in test mode are left out (`test=without`), alone (`only`) or among them (`with`); of one
    `instance` that is named they are told.
    """
    return json_answer(await asyncio.to_thread(_listed, request))


def _listed(request: Request) -> dict[str, Any]:
    place = wanted(request, str, int)
    state = choice(request, "state", STATES, "open")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        after = (str(place.after[0]), int(place.after[1])) if place.after else ("", 0)
        named = word(request, "domain", "")
        if named:
            allow(request, view, actor, READ, named)
        asked = IncidentsAsked(
            (named,) if named else domains,
            "" if state == "any" else state,
            word(request, "blueprint", ""),
            word(request, "code", ""),
            word(request, "step", ""),
            word(request, "instance", ""),
            choice(request, "order", ORDERS, "id"),
            IN_TEST[choice(request, "test", tuple(IN_TEST), "with" if word(request, "instance", "") else "without")],
        )
        found = incident_list(reading_as(view, actor), asked, after, place.limit + 1)
        told = page(found, place.limit, lambda one: (one.value["instance"], one.value["number"]), lambda one: one)
        told["items"] = listed_incidents(service_of(request), view, actor, told["items"])
        return {**told, "as_of": view.now}


@router.get("/incidents/causes", **described("instances.CausesAnswer", query=("test",)))
async def by_cause(request: Request) -> Response:
    """Open incidents of the domains the caller may read, counted by what caused them, the most frequent first; those of
    instances in test mode as `/v1/incidents` has them."""
    return json_answer(await asyncio.to_thread(_by_cause, request))


def _by_cause(request: Request) -> dict[str, Any]:
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        mode = IN_TEST[choice(request, "test", tuple(IN_TEST), "without")]
        found = causes(reading_as(view, actor), domains, mode)
        return {"items": told_causes(service_of(request), view, actor, found), "as_of": view.now}


@router.post("/incidents/{id}/resolution", **described("steering.ResolvedAnswer", (ResolutionBody,), command=True))
async def resolve(request: Request) -> Response:
    """Try again, lay data and try again, go on without the step, or go on at another one in its place. Other than to
    try again, this is to correct or to modify the instance: with a reason, for who may do that as well, and proposed
    where the blueprint asks for a second person."""
    actor = caller_of(request)
    body = await parse_body(ResolutionBody, request)
    incident = path(request, "id")
    try:
        split_id(incident)
    except BrokenInput as error:
        raise not_found(tell("an-incident")) from error
    return await send_as(request, actor, ResolveIncident(incident, body.how, body.data, body.reason, body.to))


@router.post("/incidents/{id}/assignment", **described("steering.AssignedAnswer", (AssignmentBody,), command=True))
async def assign(request: Request) -> Response:
    """Give an open incident to a person of the role it is held for, by their reference, or back to the role."""
    actor = caller_of(request)
    body = await parse_body(AssignmentBody, request)
    with viewing(request) as (view, _):
        found = person_by_ref(view, body.to) if body.to else None
        if body.to and found is None:
            raise not_found(tell("a-person"))
        incident = path(request, "id")
        try:
            split_id(incident)
        except BrokenInput as error:
            raise not_found(tell("an-incident")) from error
    return await send_as(request, actor, AssignIncident(incident, "" if found is None else found.id))


@router.get("/incidents/{id}/candidates", **described("tasks.CandidatesAnswer"))
async def could_resolve(request: Request) -> Response:
    """The persons this open incident could be given to: those of the role it is held for."""
    return json_answer(await asyncio.to_thread(_candidates, request))


def _candidates(request: Request) -> dict[str, Any]:
    incident = path(request, "id")
    with viewing(request) as (view, actor):
        try:
            split_id(incident)
        except BrokenInput as error:
            raise not_found(tell("an-incident")) from error
        rows = reading_as(view, actor)
        found = open_incident(rows, incident)
        if found is None:
            allowed_domains(request, view, actor, READ)
            raise not_found(tell("an-open-incident"))
        allow(request, view, actor, READ, found.domain)
        holders = service_of(request).rooms.access.holders(rows, view.now, found.domain, found.role)
        return {"items": people(request, view, actor, holders[:CANDIDATES_MAX])}


@router.post("/messages", **described(CommandAnswer, (MessageBody,), command=True))
async def correlate(request: Request) -> Response:
    """Deliver a message to the one instance that waits for its name and key; else keep it, where `keep_for` says so."""
    actor = caller_of(request)
    body = await parse_body(MessageBody, request)
    said = (body.name, body.key, body.data, body.domain, body.keep_for, body.message_id or "", body.test)
    return await send_as(request, actor, Correlate(*said))
