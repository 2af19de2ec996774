"""Who is calling: what a client needs to know of itself before anything else."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import browser
from api.app import json_answer
from api.context import service_of, viewing
from api.describing import described
from api.identity.session_commands import FRESH_TIME
from api.identity.tables import SIGN_IN
from ledger.actor import Actor, ActorKind
from ledger.refusal import Refusal
from ledger.service import View
from rbac.effective import RoleHeld, effective_rights
from rbac.pages import person as person_read
from rbac.service import demo_accounts, held, person_name

router = APIRouter(prefix="/v1/me", tags=["sign-in"])


@router.get("", **described("sign_in.MeAnswer"))
async def me(request: Request) -> Response:
    """The actor behind the credential, its roles in force by domain, and what its sign-in session carries and lasts."""
    service = service_of(request)
    with viewing(request) as (view, actor):
        access = service.rooms.access
        snapshot = access.snapshot(view)
        names = () if isinstance(snapshot, Refusal) else snapshot.policy.domain_names()
        roles = {name: list(access.roles(view, view.now, actor, name)) for name in names}
        rights = (
            () if isinstance(snapshot, Refusal) else effective_rights(snapshot.policy, _held(view, actor), view.now)
        )
        answer = {
            "actor": actor.as_value(),
            "roles": {name: held for name, held in roles.items() if held},
            "may": sorted({f"{right.object}:{right.action}" for right in rights}),
            "person": _person(view, actor),
            "session": _session(view, actor),
            "log": service.log.name,
            "is_demo": bool(demo_accounts(view)),
            "csrf": browser.session_token(service.log.secrets.mac_key, actor) if browser.in_cookie(request) else None,
            "now": view.now,
        }
    return json_answer(answer)


def _person(view: View, actor: Actor) -> dict[str, Any] | None:
    if actor.person is None:
        return None
    found = person_read(view, str(actor.person))
    return {
        "id": str(actor.person),
        "ref": "" if found is None else found.ref,
        "name": person_name(view, str(actor.person)),
    }


def _held(view: View, actor: Actor) -> tuple[RoleHeld, ...]:
    """The roles behind what the caller is offered; whether an act is permitted is asked when it is tried."""
    return held(view, str(actor.id)) if actor.kind is ActorKind.PERSON else ()


def _session(view: View, actor: Actor) -> dict[str, Any] | None:
    """How and when it began, until when it changes what signs in, when it ends unless renewed, and in any case."""
    row = None if actor.sign_in is None or actor.person is None else view.get(SIGN_IN, actor.sign_in)
    if row is None:
        return None
    return {
        "id": row.id,
        "method": row.method,
        "started_at": row.started_at,
        "fresh_until": row.started_at + FRESH_TIME,
        "expires_at": row.expires_at,
        "ends_at": row.ends_at,
    }
