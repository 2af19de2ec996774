"""Substitutions: who stands in for whom, recorded, listed and lifted."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow_any, opened, readable
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, viewing
from api.describing import described
from api.naming import people
from api.paging import page, path, wanted, word
from api.people_schemas import LiftSubstitutionBody, SubstitutionBody
from governance import substituting
from governance.substituting import LiftSubstitution, RecordSubstitution
from ledger.actor import Actor
from ledger.service import View
from rbac.permission import Action, DataClass, Object

router = APIRouter(prefix="/v1/substitutions", tags=["people"])

READ = ((Object.PERSON, Action.READ), (Object.ACCESS, Action.READ))


@router.get("", **described("people.SubstitutionsAnswer", query=("person", "limit", "cursor")))
async def listed(request: Request) -> Response:
    """Substitutions, oldest first, ended ones as well; of one person on either side with `person`.

    Everybody may read those they are named in; for others it takes the permission to read persons, or access.
    """
    place = wanted(request, str)
    of = word(request, "person", "")
    with viewing(request) as (view, actor):
        if not of or of != actor.person:
            allow_any(request, view, actor, READ)
        rows = substituting.substitutions(view, of, str(place.after[0]) if place.after else "", place.limit + 1)
        called = {one["id"]: one["ref"] for one in people(request, view, actor, sorted(substituting.both(rows)))}
        may = DataClass.CONFIDENTIAL in readable(request, view, actor)
        items = [_told(view, actor, row, (called, may)) for row in rows]
    return json_answer(page(items, place.limit, lambda one: (one["id"],), lambda one: one))


def _told(
    view: View, actor: Actor, row: substituting.Substitution, seen: tuple[dict[str, str], bool]
) -> dict[str, Any]:
    called, may = seen
    return {
        **row._asdict(),
        "absent_ref": called.get(row.absent, ""),
        "substitute_ref": called.get(row.substitute, ""),
        "reason": opened(view, (row.id, "reason"), orjson.loads(row.reason), may or row.recorded_by == actor.person),
        "state": substituting.state_of(row, view.now),
    }


@router.post("", **described("people.SubstitutionRecorded", (SubstitutionBody,), command=True))
async def record(request: Request) -> Response:
    """Have somebody stand in for the caller, or, with the permission for it, for another person, until a moment."""
    actor = caller_of(request)
    body = await parse_body(SubstitutionBody, request)
    absent = body.absent or actor.person or ""
    command = RecordSubstitution(absent, body.substitute, body.valid_from or 0, body.valid_until, body.reason)
    return await send_as(request, actor, command)


@router.post("/{id}/lifting", **described("people.SubstitutionRecorded", (LiftSubstitutionBody,), command=True))
async def lift(request: Request) -> Response:
    """End a substitution now. A task that was taken stays with who took it."""
    actor = caller_of(request)
    body = await parse_body(LiftSubstitutionBody, request)
    return await send_as(request, actor, LiftSubstitution(path(request, "id"), body.reason))
