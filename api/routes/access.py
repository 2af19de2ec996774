"""Access as it is: policy versions, effective rights, who could do something at an instant, and why."""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.paging import instant, page, wanted, word
from ledger.actor import Actor, ActorKind, person_acting
from ledger.ids import ActorId
from ledger.refusal import Refusal
from ledger.service import View
from ledger.wording import wording_value
from rbac import pages
from rbac.effective import Right, effective_rights, right, who_could
from rbac.permission import WHOLE, Action, Ask, Object, permission
from rbac.roles import AccessPolicy
from rbac.service import actor_named, every_held, held

router = APIRouter(prefix="/v1/access", tags=["access"])

READ = (Object.ACCESS, Action.READ)


@router.get("/policies", **described("access.PoliciesAnswer", query=("limit", "cursor")))
async def policies(request: Request) -> Response:
    """Released access policies, newest first."""
    place = wanted(request, int)
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        rows = pages.policies(view, place.after[0] if place.after else 0, place.limit + 1)
    return json_answer(page(rows, place.limit, lambda row: (row.number,), lambda row: row._asdict()))


@router.get("/rights", **described("access.RightsAnswer", query=("actor", "at")))
async def rights(request: Request) -> Response:
    """Everything one actor may do at an instant, with rules, role paths and assignments."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        name = word(request, "actor")
        policy, at = _policy(request, view), instant(request, "at") or view.now
        named = actor_named(view, name)
        own = held(view, named) if named else ()
    found = await asyncio.to_thread(effective_rights, policy, own, at)
    return json_answer({"items": [_right(one) for one in found], "cursor": None})


@router.get("/who-could", **described("access.RightsAnswer", query=("object", "action", "domain", "at")))
async def who(request: Request) -> Response:
    """Everyone who could do something at an instant by the assignments then, under the policy in force now."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        ask = _ask(request)
        policy, at = _policy(request, view), instant(request, "at") or view.now
        everybody = every_held(view)
    found = await asyncio.to_thread(who_could, policy, everybody, ask, at)
    return json_answer({"items": [_right(one) for one in found], "cursor": None})


@router.get("/holders", **described("access.HoldersAnswer", query=("at", "limit", "cursor")))
async def holders(request: Request) -> Response:
    """Every person, service and agent by what they are called, with the roles each held at an instant; names stay
    sealed."""
    place = wanted(request, str, str)
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ)
        at = instant(request, "at") or view.now
        everybody = [one for one in pages.everybody(view) if (one.called, one.id) > place.after]
        roles = [one for one in every_held(view) if one.in_force(at)]
    by_actor: dict[str, list[dict[str, Any]]] = {}
    for one in roles:
        by_actor.setdefault(one.actor, []).append(one._asdict())
    return json_answer(
        page(
            everybody[: place.limit + 1],
            place.limit,
            lambda one: (one.called, one.id),
            lambda one: {**one._asdict(), "roles": by_actor.get(one.id, [])},
        )
    )


@router.get("/explain", **described("access.ExplainAnswer", query=("actor", "object", "action", "domain")))
async def explain(request: Request) -> Response:
    """May this actor do this now, by the enforcement point itself, and by which rules, paths and assignments."""
    access = service_of(request).rooms.access
    with viewing(request) as (view, caller):
        allow(request, view, caller, READ)
        ask, name = _ask(request), word(request, "actor")
        policy = _policy(request, view)
        named = actor_named(view, name) or name
        answer = access.read_check(view, view.now, _as_actor(named), ask)
        found = right(policy, held(view, named), ask, view.now)
    if isinstance(answer, Refusal):
        value: dict[str, Any] = {
            "reason": answer.reason.value,
            "detail": answer.message,
            "wording": wording_value(answer.message),
            "details": dict(answer.details),
        }
        return json_answer({"permitted": False, "actor": named, **value, "right": None})
    value = {"permitted": True, "actor": named, "reason": None, "basis": answer.as_basis(), "roles": list(answer.roles)}
    return json_answer({**value, "right": None if found is None else _right(found)})


def _ask(request: Request) -> Ask:
    domain = word(request, "domain", WHOLE)
    return Ask(domain, *permission(word(request, "object"), word(request, "action")))


def _policy(request: Request, view: View) -> AccessPolicy:
    snapshot = service_of(request).rooms.access.snapshot(view)
    if isinstance(snapshot, Refusal):
        raise problems.Refused(problems.of_refusal(snapshot))
    policy: AccessPolicy = snapshot.policy
    return policy


def _as_actor(actor_id: str) -> Actor:
    """The actor as if signed in: a person by password, a machine by its key."""
    if actor_id.startswith("person:"):
        return person_acting(actor_id, "password")
    kind = ActorKind.AGENT if actor_id.startswith("agent:") else ActorKind.SERVICE
    return Actor(ActorId(actor_id), kind, method="api-key")


def _right(found: Right) -> dict[str, Any]:
    return {
        **found._asdict(),
        "rules": list(found.rules),
        "paths": [list(one) for one in found.paths],
        "assignments": list(found.assignments),
    }
