"""The tour of a demo organisation, for who is signed in. Elsewhere there is none, and the address is unknown."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import not_found
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.inbox import candidate
from api.log_service import Service
from api.problem_texts import tell
from api.reading_as import reading_as
from ledger.actor import Actor
from ledger.refusal import Refusal
from ledger.service import View
from orchestrator import pages
from rbac.permission import Action, Ask, Object
from rbac.service import Permit, demo_accounts

router = APIRouter(prefix="/v1", tags=["demo"])

INBOX_MAX = 200  # tasks among which a stop's is looked for


@router.get("/tour", **described("tour.TourAnswer"))
async def tour(request: Request) -> Response:
    """Six real tasks for the caller's role in a demo organisation: where each is, and whether it is done; 404 in an
    organisation that is none. `role` is null for who has no tour."""
    with viewing(request) as (view, actor):
        if not demo_accounts(view):
            raise not_found(tell("a-tour"))
    return json_answer(await asyncio.to_thread(_tour, service_of(request), actor))


def _tour(service: Service, actor: Actor) -> dict[str, Any]:
    # Imported here: the examples are not loaded where nothing is a demo.
    from examples.tour.finding import Search
    from examples.tour.stops import tour_of
    from examples.tour.touring import Touring

    with service.reader.view() as view:
        held = {role for domain in _domains(service, view) for role in _roles(service, view, actor, domain)}
        found = tour_of(held) if actor.person is not None else None
        if found is None:
            return {"role": None, "stops": []}
        if service.tour is None:
            service.tour = Touring()
        search = Search(view, str(actor.person), _inbox(service, view, actor))
        stops: list[dict[str, Any]] = service.tour.stops(view, found, search)
    return {"role": found.role, "stops": stops}


def _domains(service: Service, view: View) -> tuple[str, ...]:
    snapshot = service.rooms.access.snapshot(view)
    names: tuple[str, ...] = () if isinstance(snapshot, Refusal) else snapshot.policy.domain_names()
    return names


def _roles(service: Service, view: View, actor: Actor, domain: str) -> tuple[str, ...]:
    return tuple(service.rooms.access.roles(view, view.now, actor, domain))


def _inbox(service: Service, view: View, actor: Actor) -> list[dict[str, Any]]:
    """The open tasks the caller holds or may take, as their inbox lists them."""
    access = service.rooms.access
    may = tuple(
        name
        for name in _domains(service, view)
        if isinstance(access.read_check(view, view.now, actor, Ask(name, Object.TASK, Action.READ)), Permit)
    )
    if not may:
        return []
    rows, taker = reading_as(view, actor), candidate(service, view, actor, may)
    return pages.tasks(rows, may, taker, ("", 0), INBOX_MAX)
