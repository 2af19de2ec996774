"""Persons, services and roles. Names are personal: lists never open them."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allow_any, not_found, opened, readable
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.paging import page, path, wanted, word
from api.problem_texts import tell
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from rbac import pages
from rbac.permission import Action, DataClass, Object
from rbac.service import every_held

router = APIRouter(prefix="/v1", tags=["people"])

READ = (Object.PERSON, Action.READ)
READ_ACCESS = (Object.ACCESS, Action.READ)
READ_IDS = ((Object.LEDGER, Action.READ), READ_ACCESS, (Object.AUTHORITY, Action.READ), READ)
NAMES_MAX = 100
NAMES_CHARS_MAX = 8_000  # ids have 80 characters at most


@router.get("/persons", **described("access.PersonsAnswer", query=("limit", "cursor")))
async def persons(request: Request) -> Response:
    """Persons by the organisation's reference, names sealed."""
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        rows = pages.persons(view, place.after[0] if place.after else "", place.limit + 1)
        answer = page(rows, place.limit, lambda row: (row.ref,), lambda row: _person(view, row, may=False))
    return json_answer(answer)


@router.get("/persons/{id}", **described("access.PersonAnswer"))
async def person(request: Request) -> Response:
    """One person, with the roles assigned; the name is opened for who may read personal fields."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        found = pages.person(view, path(request, "id"))
        if found is None:
            raise not_found(tell("a-person"))
        answer = _person(view, found, DataClass.PERSONAL in readable(request, view, actor))
        held = [one._asdict() for one in every_held(view) if one.actor == found.id]
    return json_answer({**answer, "roles": held})


def _person(view: View, row: pages.PersonRead, may: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "ref": row.ref,
        "name": opened(view, row.place, row.name, may),
        "status": row.status,
        "registered_at": row.registered_at,
    }


@router.get("/names", **described("access.NamesAnswer", query=("ids",)))
async def names(request: Request) -> Response:
    """What the actors of these ids (at most 100, apart by commas) are called: a person's reference, a machine's title.
    For whoever may read what names them by id: the ledger, access, authority or persons."""
    ids = [one for one in word(request, "ids", "", NAMES_CHARS_MAX).split(",") if one]
    if len(ids) > NAMES_MAX:
        raise BrokenInput(tell("ids-counted", most=NAMES_MAX), "query.ids")
    with viewing(request) as (view, actor):
        allow_any(request, view, actor, READ_IDS)
        found = pages.called(view, sorted(set(ids)))
    return json_answer({"items": [one._asdict() for one in found], "cursor": None})


@router.get("/actors", **described("access.MachinesAnswer", query=("limit", "cursor")))
async def machines(request: Request) -> Response:
    """Services and agents by id."""
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        rows = pages.machines(view, place.after[0] if place.after else "", place.limit + 1)
    names = ("id", "kind", "title", "status")
    return json_answer(page(rows, place.limit, lambda row: (row[0],), lambda row: dict(zip(names, row, strict=True))))


@router.get("/roles", **described("access.RolesAnswer"))
async def roles(request: Request) -> Response:
    """The roles of the access policy in force, with their rules."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ_ACCESS)
        snapshot = service_of(request).rooms.access.snapshot(view)
    stated = () if isinstance(snapshot, Refusal) else snapshot.policy.roles
    items = [
        {
            "name": role.name,
            "title": role.title,
            "includes": list(role.includes),
            "rules": [
                {"effect": rule.effect, "object": rule.object, "action": rule.action, "within": rule.within}
                for rule in role.rules
            ],
        }
        for role in stated
    ]
    return json_answer({"items": items, "cursor": None})
