"""Starts by the clock: which blueprints start so, when next, and what becomes of what was missed."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allowed_domains
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.log_service import Service
from api.paging import page, wanted
from api.reading_as import reading_as
from ledger.work import UnitOfWork
from orchestrator.schedule_lists import PlannedStart, planned_starts
from orchestrator.schedule_told import schedule_told
from orchestrator.schedules import schedule_of
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["blueprints"])

READ = (Object.BLUEPRINT, Action.READ)


@router.get("/schedules", **described("schedules.SchedulesAnswer", query=("limit", "cursor")))
async def schedules(request: Request) -> Response:
    """Starts by the clock, by blueprint: the next occurrences of each, up to when all is decided, and which of those
    that nobody started in time are started later."""
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        allowed_domains(request, view, actor, READ)
        rows = reading_as(view, actor)
        found = planned_starts(rows, place.after[0] if place.after else "", place.limit + 1)
        answer = page(found, place.limit, lambda row: (row.blueprint,), lambda row: row)
        told = [_told(service_of(request), rows, row) for row in answer["items"]]
        return json_answer({**answer, "items": [one for one in told if one is not None], "as_of": view.now})


def _told(service: Service, rows: UnitOfWork, row: PlannedStart) -> dict[str, Any] | None:
    """One schedule, of the version in force; None where that starts otherwise and the runner is yet to see it."""
    rooms = service.rooms
    current = rooms.versions.current(rows, "blueprint", row.blueprint)
    if current is None or current.retired:
        return None
    version = rooms.blueprints.released(rows, row.blueprint, current.number)
    schedule = schedule_of(version.blueprint)
    ahead = schedule_told(rows, rooms.engine.calendars, version)
    if schedule is None or ahead is None:
        return None
    return {
        **ahead,
        "blueprint": row.blueprint,
        "title": version.blueprint.title,
        "version": version.number,
        "every": list(schedule.every),
        "on": schedule.on,
        "times": list(schedule.at),
        "catch_up": schedule.catch_up,
        "decided_to": row.decided_to,
    }
