"""Sign-in, renewal, sign-out and passwords of persons.

An unknown account, a wrong password or code and a locked account cost the same argon2 work and get the same answer, on
the same beat: what the writer does for them differs by milliseconds. A failed try is counted by the writer, as an entry
or as the repeat of one.
"""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import browser, problems
from api.answers.values import CommandAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import answer_value, caller_of, send_as, service_of, viewing
from api.describing import described
from api.door import ADDRESS_TRIES_MAX, SignInDoor
from api.identity import service as identity
from api.identity.bodies import PasswordBody, SignInBody
from api.log_service import Service
from api.problem_texts import tell
from api.refusal_texts import why
from api.services import services_of
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.work import Answer, Done
from ledger.work import Request as WriteRequest

router = APIRouter(prefix="/v1", tags=["sign-in"])

_OTHER = Refusal(Reason.BAD_CREDENTIALS, why("other-pair"))


@router.post("/sign-in", **described("sign_in.TokenAnswer", (SignInBody,), public=True))
async def sign_in(request: Request) -> Response:
    """Exchange account and password, and a code where there is a second factor, for a short-lived bearer token of a
    new sign-in session."""
    body = await parse_body(SignInBody, request)
    taken = await take_sign_in(request, identity.Entered(body.account, body.password, body.code), body.log)
    if isinstance(taken, Refusal):
        return problems.of_refusal(taken)
    answer, token = taken
    return json_answer({**answer_value(answer), "token": token})


async def take_sign_in(
    request: Request, entered: identity.Entered, log: str | None = None
) -> tuple[Answer, str] | Refusal:
    """A new sign-in session and its token. Every way of not being let in gives the same refusal."""
    service, door = open_door(request, f"account:{entered.account}", log)
    begun = asyncio.get_running_loop().time()
    prepared = await door.slowly(
        service.reader,
        lambda view: identity.prepare_sign_in(view, door.passwords, door.door, entered),
    )
    answer = await service.writer.submit(WriteRequest(identity.DOOR, prepared.command))
    outcome = counted(service, f"account:{entered.account}", identity.sign_in_outcome(answer.outcome))
    if isinstance(outcome, Refusal):
        await door.in_step(begun)
        return alike(outcome)
    return answer, prepared.token


@router.post("/sign-in/renewal", **described("sign_in.TokenAnswer"))
async def renew(request: Request) -> Response:
    """A new bearer token for the running session; the present one is worth nothing from now on."""
    service = service_of(request)
    with viewing(request) as (view, actor):
        prepared = identity.prepare_renewal(view, service.door.door, actor)
    if isinstance(prepared, Refusal):
        return problems.of_refusal(prepared)
    answer = await service.writer.submit(WriteRequest(actor, prepared.command, None))
    if isinstance(answer.outcome, Refusal):
        return problems.of_refusal(answer.outcome, answer.receipt)
    _forget(request, service)
    if not browser.in_cookie(request):
        return json_answer({**answer_value(answer), "token": prepared.token})
    # Scripts of a page, our own among them, never hold the token of its session.
    response = json_answer({**answer_value(answer), "token": None})
    browser.set_cookie(request, response, browser.SESSION_COOKIE, prepared.token)
    return response


@router.post("/sign-out", **described(CommandAnswer, command=True))
async def sign_out(request: Request) -> Response:
    """End the sign-in session of the presented token."""
    service = service_of(request)
    actor = caller_of(request)
    response = await send_as(request, actor, identity.SignOut(actor.sign_in or ""))
    _forget(request, service)
    if browser.in_cookie(request):
        browser.drop_cookie(response, browser.SESSION_COOKIE)
    return response


@router.post("/password", **described(CommandAnswer, (PasswordBody,), public=True))
async def set_password(request: Request) -> Response:
    """Set a password with a one-time set-up code, or change it with the present one."""
    body = await parse_body(PasswordBody, request)
    if (body.code is None) == (body.present is None):
        return problems.problem(400, problems.MALFORMED, tell("code-or-password"), {"location": "body"})
    taken = await take_password(request, body)
    return problems.of_refusal(taken) if isinstance(taken, Refusal) else json_answer(answer_value(taken))


async def take_password(request: Request, body: PasswordBody) -> Answer | Refusal:
    """A password set by a code or by the present one; `BrokenInput` for one that is too easily guessed."""
    code = body.code or ""
    service, door = open_door(request, f"account:{body.account}", body.log or identity.token_log(code))
    begun = asyncio.get_running_loop().time()
    command = await door.slowly(service.reader, lambda view: _password_command(view, door, body))
    if isinstance(command, Refusal):
        answer, outcome = None, counted(service, f"account:{body.account}", command)
    else:
        answer = await service.writer.submit(WriteRequest(identity.DOOR, command))
        outcome = counted(service, f"account:{body.account}", identity.sign_in_outcome(answer.outcome))
    if isinstance(outcome, Refusal) or answer is None:
        await door.in_step(begun)
        return alike(outcome) if isinstance(outcome, Refusal) else _OTHER
    return answer


def _password_command(view: View, door: SignInDoor, body: PasswordBody) -> Any:
    if body.code is not None:
        return identity.prepare_password_by_code(view, door.passwords, body.account, body.code, body.password)
    present = identity.Entered(body.account, body.present or "", body.second_factor)
    return identity.prepare_password_change(view, door.passwords, door.door, present, body.password)


def open_door(request: Request, key: str, log: str | None, is_limited: bool = True) -> tuple[Service, SignInDoor]:
    """The service and its door, within the limit of tries by `key` (what was typed) and by address.

    With one log nobody has to name it; with several whoever is not signed in must. A name that is none of theirs gets
    the answer of a wrong password.
    """
    services = services_of(request)
    if services.only is None and log is None:
        raise BrokenInput(tell("name-of-log"), "log")
    service: Service | None = services.only or services.named(log or "")
    if service is None:
        raise problems.Refused(problems.of_refusal(_OTHER))
    services.answering(request, service)
    door: SignInDoor = service.door
    if is_limited:
        within_limit(request, service, key)
    if log is not None and log != service.log.name:
        raise problems.Refused(problems.of_refusal(_OTHER))
    return service, door


def counted(service: Service, key: str, outcome: Done | Refusal) -> Done | Refusal:
    """The outcome of a try, counted by what was typed: of an unknown account as of any."""
    tries = service.door.tries
    if isinstance(outcome, Refusal):
        tries.failed(key, service.rooms.clock.wall())
    else:
        tries.succeeded(key)
    return outcome


def within_limit(request: Request, service: Service, key: str) -> None:
    """Count a try by `key` and by the caller's address; a problem when there were too many in this minute."""
    now = service.rooms.clock.wall()
    address = request.client.host if request.client is not None else ""
    tries = service.door.tries
    wait = max(tries.wait_seconds(key, now), tries.wait_seconds(f"address:{address}", now, ADDRESS_TRIES_MAX))
    if wait:
        limited = problems.problem(
            429,
            problems.RATE_LIMITED,
            tell("fewer-tries"),
            {},
            {"Retry-After": str(wait)},
        )
        raise problems.Refused(limited)


def alike(refusal: Refusal) -> Refusal:
    """What somebody outside may learn: a locked account exists, an unknown one does not, so both sound alike."""
    if refusal.reason in (Reason.BAD_CREDENTIALS, Reason.LOCKED_OUT):
        return _OTHER
    return refusal


def _forget(request: Request, service: Service) -> None:
    service.door.authenticator.forget(browser.in_header(request) or browser.in_cookie(request))
