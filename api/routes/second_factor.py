"""The second factor of one's own: an authenticator app, and recovery codes. Secrets and codes are told once.

No `Idempotency-Key`: what is told once cannot be told again, so each request is a command of its own.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import segno
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import answer_value, caller_of, send, service_of, viewing
from api.describing import described
from api.identity import factor_door
from api.identity import service as identity
from api.identity.bodies import ConfirmFactorBody, FactorBody
from api.identity.factor_commands import RemoveTotpOf
from api.log_service import Service
from api.paging import path
from api.routes.sign_in import within_limit
from ledger.actor import Actor
from ledger.refusal import Refusal
from ledger.service import View
from ledger.work import Request as WriteRequest
from rbac import pages

router = APIRouter(prefix="/v1", tags=["sign-in"])

T = TypeVar("T")


@router.get("/me/second-factor", **described("sign_in.FactorAnswer"))
async def second_factor(request: Request) -> Response:
    """Whether one's own second factor is none, offered, confirmed or removed, and how many recovery codes are left."""
    with viewing(request) as (view, actor):
        found = factor_door.standing(view, str(actor.person))
    return json_answer(found._asdict())


@router.post("/me/second-factor", **described("sign_in.OfferAnswer"))
async def offer(request: Request) -> Response:
    """Offer a secret for an authenticator app, after a sign-in of the last ten minutes; it counts once confirmed."""
    service = service_of(request)
    with viewing(request) as (view, actor):
        row = pages.person(view, str(actor.person))
        prepared = factor_door.prepare_offer(service.log.name, "" if row is None else row.ref)
    more = {"secret": prepared.secret, "uri": prepared.uri, "picture": picture(prepared.uri)}
    return await _send(service, actor, prepared.command, more)


@router.post("/me/second-factor/confirmation", **described("sign_in.RecoveryCodesAnswer", (ConfirmFactorBody,)))
async def confirm(request: Request) -> Response:
    """Confirm the offered secret with a code of it; from now on sign-in asks for one. Tells ten recovery codes."""
    actor = caller_of(request)
    body = await parse_body(ConfirmFactorBody, request)
    service, prepared = _prepared(request, actor, body.code, factor_door.prepare_confirmation)
    return await _send(service, actor, prepared.command, {"recovery_codes": prepared.codes})


@router.post("/me/second-factor/removal", **described(CommandAnswer, (FactorBody,)))
async def remove(request: Request) -> Response:
    """Remove one's own second factor, with a code or after a sign-in with one in the last ten minutes."""
    actor = caller_of(request)
    body = await parse_body(FactorBody, request)
    service, command = _prepared(request, actor, body.code, factor_door.prepare_removal)
    return await _send(service, actor, command, {})


@router.post("/me/second-factor/recovery-codes", **described("sign_in.RecoveryCodesAnswer", (FactorBody,)))
async def replace_codes(request: Request) -> Response:
    """Ten new recovery codes, with a code or after a sign-in with one in the last ten minutes; the former ones end."""
    actor = caller_of(request)
    body = await parse_body(FactorBody, request)
    service, prepared = _prepared(request, actor, body.code, factor_door.prepare_replacement)
    return await _send(service, actor, prepared.command, {"recovery_codes": prepared.codes})


@router.post("/persons/{id}/second-factor/removal", **described(CommandAnswer, command=True))
async def remove_of(request: Request) -> Response:
    """Remove the second factor of another person, who has lost the app and the recovery codes."""
    return await send(request, RemoveTotpOf(path(request, "id")))


def picture(uri: str) -> str:
    """The address as a QR code, a `data:` address of SVG; dark on white whatever the page's colours are."""
    drawn: str = segno.make(uri, error="m", micro=False).svg_data_uri(scale=4, light="#fff")
    return drawn


def _prepared(
    request: Request, actor: Actor, code: str | None, prepare: Callable[[View, Any, str, Any], T]
) -> tuple[Service, T]:
    """The command made of the code; tries of one person are limited before anything is compared."""
    service = service_of(request)
    within_limit(request, service, f"code:{actor.id}")
    with service.reader.view() as view:
        return service, prepare(view, service.door.door, str(actor.person), code)


async def _send(service: Service, actor: Actor, command: Any, more: dict[str, Any]) -> Response:
    """Send the command; `more` is told when it is done."""
    command_id = service.rooms.ids.ordered("c", service.rooms.clock.wall())
    answer = await service.writer.submit(WriteRequest(actor, command, command_id))
    outcome = identity.sign_in_outcome(answer.outcome)
    if isinstance(outcome, Refusal):
        return problems.of_refusal(outcome, answer.receipt)
    return json_answer({**answer_value(answer), **more})
