"""What the caller is told: their notifications, how they want to be told, and what they follow."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, not_found
from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import described
from api.notifications.commands import ADDRESS_PATH, PreferNotifications, ReadNotifications, Watch
from api.notifications.reading import notices_of, own, read_upto, unread
from api.notifications.tables import PREFERENCE, WATCH, NotificationRow
from api.paging import page, path, wanted
from api.people_schemas import PreferencesBody, ReadBody
from api.problem_texts import tell
from api.reading_as import reading_as
from api.refusal_texts import why
from api.rooms import Rooms
from api.routes.handing import task_id_of
from ledger.actor import Actor, ActorKind
from ledger.canonical import SAFE_INTEGER
from ledger.refusal import Reason, Refusal
from ledger.service import View
from orchestrator import pages
from orchestrator.titles import target, titles
from rbac.permission import Action, Ask, Object

router = APIRouter(prefix="/v1", tags=["notifications"])

_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))


@router.get("/notifications", **described("people.NotificationsAnswer", query=("limit", "cursor")))
async def listed(request: Request) -> Response:
    """What the caller was told of, newest first, and how much of it they have not read."""
    return json_answer(await asyncio.to_thread(_listed, request))


def _listed(request: Request) -> dict[str, Any]:
    place = wanted(request, int)
    rooms = service_of(request).rooms
    with viewing(request) as (view, actor):
        person = _person(actor)
        before = int(place.after[0]) if place.after else SAFE_INTEGER
        found = own(view, person, before, place.limit + 1)
        read = read_upto(view, person)

        def told(row: NotificationRow) -> dict[str, Any]:
            about = titles(view, rooms.blueprints, row.about)
            said = notices_of(rooms, view, row, _readable(rooms, view, actor, row.domain))
            return {
                "cause": row.cause,
                "kind": row.kind,
                "about": row.about,
                "target": target(view, row.about),
                "instance": row.about.partition(".")[0],
                "title": about.step or (said[0].title if said else "") or about.blueprint,
                "blueprint_title": about.blueprint,
                "made_at": row.made_at,
                "is_read": row.cause <= read,
                "mail": row.mail,
                "hook": row.hook,
                "notices": [one._asdict() for one in said],
            }

        return {**page(found, place.limit, lambda row: (row.cause,), told), "unread": unread(view, person)}


@router.post("/notifications/read", **described("people.NotificationsRead", (ReadBody,), command=True))
async def read(request: Request) -> Response:
    """The caller has read all up to the entry `upto`."""
    actor = caller_of(request)
    body = await parse_body(ReadBody, request)
    return await send_as(request, actor, ReadNotifications(body.upto))


@router.get("/me/notification-preferences", **described("people.PreferencesAnswer"))
async def preferences(request: Request) -> Response:
    """How the caller is told besides the console."""
    with viewing(request) as (view, actor):
        person = _person(actor)
        row = view.get(PREFERENCE, person)
        address = None if row is None else view.unseal(person, ADDRESS_PATH, orjson.loads(row.address))
    return json_answer(
        {
            "mail": row is not None and bool(row.mail),
            "hook": row is not None and bool(row.hook),
            "group_work": row is not None and bool(row.group_work),
            "language": "en" if row is None else row.language,
            "address": address or "",
        }
    )


@router.put("/me/notification-preferences", **described("people.Preferred", (PreferencesBody,), command=True))
async def prefer(request: Request) -> Response:
    """Say how to be told besides the console: by mail to an address, by the organisation's hook; and of work that is
    offered to all of a role as well."""
    actor = caller_of(request)
    body = await parse_body(PreferencesBody, request)
    command = PreferNotifications(body.mail, body.hook, body.group_work, body.language, body.address)
    return await send_as(request, actor, command)


@router.get("/tasks/{id}/watch", **described("people.WatchAnswer"))
async def watches_task(request: Request) -> Response:
    """Whether the caller follows this task."""
    return _watches(request, True)


@router.put("/tasks/{id}/watch", **described("people.Watched", command=True))
async def watch_task(request: Request) -> Response:
    """Follow an open task: the caller is told of what happens to it."""
    return await send_as(request, caller_of(request), Watch(task_id_of(request), True))


@router.delete("/tasks/{id}/watch", **described("people.Watched", command=True))
async def unwatch_task(request: Request) -> Response:
    """Follow a task no more."""
    return await send_as(request, caller_of(request), Watch(task_id_of(request), False))


@router.get("/process-instances/{id}/watch", **described("people.WatchAnswer"))
async def watches_instance(request: Request) -> Response:
    """Whether the caller follows this instance."""
    return _watches(request, False)


@router.put("/process-instances/{id}/watch", **described("people.Watched", command=True))
async def watch_instance(request: Request) -> Response:
    """Follow an instance: the caller is told of what happens to it and its tasks."""
    return await send_as(request, caller_of(request), Watch(path(request, "id"), True))


@router.delete("/process-instances/{id}/watch", **described("people.Watched", command=True))
async def unwatch_instance(request: Request) -> Response:
    """Follow an instance no more."""
    return await send_as(request, caller_of(request), Watch(path(request, "id"), False))


def _watches(request: Request, is_task: bool) -> Response:
    with viewing(request) as (view, actor):
        person = _person(actor)
        about = task_id_of(request) if is_task else path(request, "id")
        instance = pages.instance_row(reading_as(view, actor), about.partition(".")[0])
        if instance is None:
            raise not_found(tell("a-task") if is_task else tell("a-process-instance"))
        allow(request, view, actor, (Object.TASK, Action.READ), instance.domain)
        row = view.get(WATCH, person, about)
    return json_answer({"is_watched": row is not None and bool(row.instance)})


def _readable(rooms: Rooms, view: View, actor: Actor, domain: str) -> frozenset[Any]:
    """The classes the caller may open now, where they may still read tasks of the domain at all."""
    if isinstance(rooms.access.read_check(view, view.now, actor, Ask(domain, Object.TASK, Action.READ)), Refusal):
        return frozenset()
    return frozenset(str(one) for one in rooms.access.readable(view, view.now, actor, domain))


def _person(actor: Actor) -> str:
    """The caller as a person; a problem for a machine."""
    if actor.kind is not ActorKind.PERSON or actor.person is None:
        raise problems.Refused(problems.of_refusal(_NOT_A_PERSON))
    return str(actor.person)
