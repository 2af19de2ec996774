"""What waits for me, the figures, and the instances, for browsers without scripts: the console has them for others."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from api.allowing import allowed_domains
from api.inbox import candidate
from api.page.session import Visit
from api.page.showing import label
from api.page.visiting import draw, visited
from api.paging import page, wanted, word
from api.problems import Refused
from api.reading_as import reading_as
from ledger.canonical import SAFE_INTEGER
from ledger.service import View
from orchestrator import pages
from orchestrator.figures import Asked, overview
from rbac.permission import Action, Object

router = APIRouter(include_in_schema=False)

WAITING_SHOWN = 25  # tasks on the first page; whoever has more works them off from the top
RECENT_SHOWN = 10
PERIOD = 30 * 86_400 * 1_000_000  # of the figures: a month, told on the page
STATUSES = ("active", "ended", "cancelled")
READ_TASKS = (Object.TASK, Action.READ)
READ_INSTANCES = (Object.INSTANCE, Action.READ)
READ_OVERVIEW = (Object.OVERVIEW, Action.READ)


async def home(visit: Visit) -> Response:
    """The first page for whoever has no scripts."""
    return draw(visit, "home", await asyncio.to_thread(_home, visit))


def _home(visit: Visit) -> dict[str, Any]:
    with visit.service.reader.view() as view:
        rows = reading_as(view, visit.actor)
        waiting, has_more = _waiting(visit, view)
        domains = _domains(visit, view, READ_INSTANCES)
        recent = pages.instances(rows, domains, ("", ""), "", RECENT_SHOWN) if domains else []
        counted = _domains(visit, view, READ_OVERVIEW)
        figures = overview(rows, Asked(counted, "", view.now - PERIOD, SAFE_INTEGER)) if counted else None
        return {
            "waiting": waiting,
            "has_more": has_more,
            "instances": [listed(one) for one in recent],
            "figures": figures,
            "waiting_count": _sum(figures, "tasks"),
            "incident_count": 0 if figures is None else sum(one["count"] for one in figures["incidents"]),
            "size": view.head.size,
            "now": view.now,
        }


def _sum(figures: dict[str, Any] | None, name: str) -> int:
    return 0 if figures is None else sum(one["count"] for one in figures["waiting"][name])


def _waiting(visit: Visit, view: View) -> tuple[list[dict[str, Any]], bool]:
    """The open tasks this person holds or may take: those that are due first come first."""
    domains = _domains(visit, view, READ_TASKS)
    if not domains:
        return [], False
    rows = reading_as(view, visit.actor)
    taker = candidate(visit.service, view, visit.actor, domains)
    found = pages.tasks(rows, domains, taker, ("", 0), WAITING_SHOWN + 1)
    shown = [_task(visit, view, one) for one in found[:WAITING_SHOWN]]
    shown.sort(key=lambda one: (not one["is_mine"], one["due_at"] is None, one["due_at"] or 0))
    return shown, len(found) > WAITING_SHOWN


def _task(visit: Visit, view: View, one: dict[str, Any]) -> dict[str, Any]:
    instance = pages.instance_row(reading_as(view, visit.actor), one["instance"])
    title, key = label(one["decision_kind"] or one["step"]), None
    if instance is not None:
        version = visit.service.rooms.blueprints.version(
            reading_as(view, visit.actor), instance.blueprint, instance.number
        )
        step = None if version is None else version.blueprint.step(one["step"])
        title = getattr(step, "title", "") or title
        stored = orjson.loads(instance.business_key)
        key = stored if type(stored) is str else None  # a classed key is never opened in a list
    return {
        **one,
        "title": title,
        "key": key,
        "is_mine": one["holder"] == visit.person,
        "is_late": one["due_at"] is not None and one["due_at"] < view.now,
        "kind": "Decision" if one["decision_kind"] else "Task",
    }


async def instances(visit: Visit) -> Response:
    """Instances of the domains the visitor may read, newest first, by keyset."""
    place = wanted(visit.request, str)
    status, blueprint = word(visit.request, "status", ""), word(visit.request, "blueprint", "")
    status = status if status in STATUSES else ""

    def look() -> dict[str, Any]:
        with visit.service.reader.view() as view:
            rows = reading_as(view, visit.actor)
            domains = allowed_domains(visit.request, view, visit.actor, READ_INSTANCES)
            before = place.after[0] if place.after else ""
            found = pages.instances(rows, domains, (blueprint, status), before, place.limit + 1)
            names = visit.service.rooms.versions.names(rows, "blueprint")
            return {**page(found, place.limit, lambda one: (one["id"],), listed), "blueprints": sorted(names)}

    values = await asyncio.to_thread(look)
    return draw(
        visit,
        "instances",
        {
            "instances": values["items"],
            "cursor": values["cursor"],
            "blueprints": values["blueprints"],
            "status": status,
            "blueprint": blueprint,
            "statuses": STATUSES,
            "is_first": not place.after,
        },
    )


def listed(one: dict[str, Any]) -> dict[str, Any]:
    """An instance as a row of a list: a classed key is never opened there."""
    key = one["business_key"]
    return {**one, "title": label(one["blueprint"]), "key": key if type(key) is str else None}


def _domains(visit: Visit, view: View, act: tuple[Object, Action]) -> tuple[str, ...]:
    """Where the visitor may do this; nowhere is no problem on a page that shows several things."""
    try:
        return allowed_domains(visit.request, view, visit.actor, act)
    except Refused:
        return ()


router.get("/plain")(visited(home))
router.get("/instances")(visited(instances))
