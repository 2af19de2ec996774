"""Business calendars: when the organisation is at work, with every holiday that is stated and where it comes from."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allowed_domains, not_found
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.naming import people
from api.paging import page, path, wanted
from api.problem_texts import tell
from api.reading_as import reading_as
from rbac.permission import Action, Object
from versioning import pages

router = APIRouter(prefix="/v1/calendars", tags=["blueprints"])

READ = (Object.BLUEPRINT, Action.READ)


@router.get("", **described("changes.ArtefactsAnswer", query=("limit", "cursor")))
async def calendars(request: Request) -> Response:
    """Business calendars by name, with the version in force."""
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        after = place.after[0] if place.after else ""
        rows = pages.listing(reading_as(view, actor), "calendar", after, place.limit + 1)
    return json_answer(
        page(rows, place.limit, lambda row: (row.name,), lambda row: {**row._asdict(), "retired": bool(row.retired)})
    )


@router.get("/{id}", **described("changes.CalendarAnswer"))
async def calendar(request: Request) -> Response:
    """The version in force of one calendar: its hours, every day that is otherwise, and its source."""
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        found = service_of(request).rooms.versions.current(reading_as(view, actor), "calendar", path(request, "id"))
        called = [] if found is None else people(request, view, actor, (*found.authors, *found.approvers))
    if found is None:
        raise not_found(tell("a-calendar-in-force"))
    return json_answer(
        {
            "name": found.name,
            "version": found.number,
            "digest": found.digest,
            "title": found.value["title"],
            "authors": list(found.authors),
            "approvers": list(found.approvers),
            "change_request": found.change_request,
            "released_at": found.released_at,
            "source": found.source,
            "value": found.value,
            "people": called,
        },
        headers={"ETag": f'"{found.digest}"'},
    )
