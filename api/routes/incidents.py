"""Incidents: what cannot go on without help; and messages from outside."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, viewing
from api.describing import described
from api.paging import choice, page, path, wanted, word
from api.reading_as import reading_as
from api.schemas import MessageBody, ResolutionBody
from ledger.errors import BrokenInput
from orchestrator import pages
from orchestrator.commands import Correlate, ResolveIncident, split_id
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["incidents"])

READ = (Object.INCIDENT, Action.READ)
STATES = ("open", "resolved")


@router.get(
    "/incidents",
    **described("instances.IncidentsAnswer", query=("state", "blueprint", "domain", "code", "step", "limit", "cursor")),
)
async def listed(request: Request) -> Response:
    """Incidents of the domains the caller may read, open ones unless `state` says otherwise; by cause."""
    place = wanted(request, str, int)
    state = choice(request, "state", STATES, "open")
    with viewing(request) as (view, actor):
        domains = allowed_domains(request, view, actor, READ)
        after = (str(place.after[0]), int(place.after[1])) if place.after else ("", 0)
        named = word(request, "domain", "")
        if named:
            allow(request, view, actor, READ, named)
        asked = pages.IncidentsAsked(
            (named,) if named else domains,
            state,
            word(request, "blueprint", ""),
            word(request, "code", ""),
            word(request, "step", ""),
        )
        rows = pages.incidents(reading_as(view, actor), asked, after, place.limit + 1)
    return json_answer(page(rows, place.limit, lambda row: (row["instance"], row["number"]), lambda row: row))


@router.post("/incidents/{id}/resolution", **described(CommandAnswer, (ResolutionBody,), command=True))
async def resolve(request: Request) -> Response:
    """Try again, lay data and try again, or go on without the step."""
    actor = caller_of(request)
    body = await parse_body(ResolutionBody, request)
    incident = path(request, "id")
    try:
        split_id(incident)
    except BrokenInput as error:
        raise not_found("an incident") from error
    return await send_as(request, actor, ResolveIncident(incident, body.how, body.data, body.reason))


@router.post("/messages", **described(CommandAnswer, (MessageBody,), command=True))
async def correlate(request: Request) -> Response:
    """Deliver a message to the one instance that waits for its name and key."""
    actor = caller_of(request)
    body = await parse_body(MessageBody, request)
    return await send_as(request, actor, Correlate(body.name, body.key, body.data, body.domain))
