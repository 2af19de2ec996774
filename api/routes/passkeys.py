"""Passkeys: enrolled, listed, renamed and removed by their person, and signed in with.

No `Idempotency-Key`: what is sent answers a challenge that is good once.
"""

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow
from api.app import json_answer
from api.body import parse_body
from api.context import answer_value, caller_of, send, service_of, viewing
from api.describing import described
from api.identity import passkey_door, passkeys
from api.identity import service as identity
from api.identity.bodies import (
    AssertionBody,
    LogBody,
    PasskeyBody,
    PasskeyNameBody,
    PasskeyRemovalBody,
    PasskeySignInBody,
)
from api.identity.passkey_commands import ByPassword, RemovePasskey, RemovePasskeyOf, RenamePasskey
from api.identity.passkey_door import Account, Attested, Gate
from api.identity.passkeys import Given
from api.identity.second_factor import read_code
from api.identity.site import site_of
from api.log_service import Service
from api.paging import path
from api.problem_texts import tell
from api.refusal_texts import why
from api.routes.sign_in import alike, counted, open_door, within_limit
from api.schemas import SignedBody
from api.signing import Signing, Stated, by_passkey, by_password
from governance.signature import Signed
from ledger.actor import Actor
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.work import Answer
from ledger.work import Request as WriteRequest
from rbac import pages
from rbac.permission import Action, Object

router = APIRouter(prefix="/v1", tags=["sign-in"])

NOWHERE = Refusal(Reason.WRONG_STATE, why("no-place-for-passkeys"))
_NO_PROOF = tell("password-or-passkey")


def gate_of(request: Request, service: Service) -> Gate | None:
    """The door of a log at the site this service is reached by; None where no passkey works."""
    site = site_of(request.app.state.public_url, request.headers.get("host", ""))
    return None if site is None else Gate(service.door.door, site)


def given_of(body: AssertionBody) -> Given:
    """The assertion in a body."""
    return Given(body.credential, body.client_data, body.authenticator_data, body.signature)


async def signature_of(request: Request, signing: Signing, body: SignedBody, stated: Stated) -> Signed | Refusal | None:
    """The proof in a body that signs: a passkey's assertion on what was `stated`, or the password; None without any."""
    if body.signature is not None and body.password:
        raise BrokenInput(why("password-or-signature"), "body.signature")
    if body.signature is None:
        return await by_password(signing, body.password, body.code) if body.password else None
    gate = gate_of(request, signing.service)
    return await by_passkey(signing, None if gate is None else gate.site, given_of(body.signature), stated)


@router.get("/me/passkeys", **described("passkeys.PasskeysAnswer"))
async def listed(request: Request) -> Response:
    """One's own passkeys in force: name, when enrolled and last used, how they are reached."""
    with viewing(request) as (view, actor):
        found = () if actor.person is None else passkeys.listed(view, actor.person)
    is_possible = gate_of(request, service_of(request)) is not None
    return json_answer({"items": [one._asdict() for one in found], "is_possible": is_possible})


@router.post("/me/passkeys/options", **described("passkeys.EnrolmentOptionsAnswer"))
async def enrolment_options(request: Request) -> Response:
    """What `navigator.credentials.create` takes for a new passkey, after a sign-in of the last ten minutes."""
    with viewing(request) as (view, actor):
        gate, (person, session) = _gate(request), _self(actor)
        row = pages.person(view, person)
        ref = "" if row is None else row.ref
        options = passkey_door.enrolment_options(view, gate, Account(person, ref, ref), session)
    return json_answer(options)


@router.post("/me/passkeys", **described("passkeys.PasskeyAnswer", (PasskeyBody,)))
async def enrol(request: Request) -> Response:
    """Enrol the passkey that was made for the options. It signs in and signs from now on."""
    actor = caller_of(request)
    body = await parse_body(PasskeyBody, request)
    service, gate = service_of(request), _gate(request)
    _, session = _self(actor)
    attested = Attested(body.credential, body.client_data, body.attestation, tuple(body.transports), _name(body.name))
    within_limit(request, service, f"passkey:{actor.id}")
    command = await service.door.slowly(
        service.reader, lambda view: passkey_door.prepare_enrolment(view, gate, session, attested)
    )
    return problems.of_refusal(command) if isinstance(command, Refusal) else await _send(service, actor, command)


@router.put("/me/passkeys/{id}", **described("passkeys.PasskeyAnswer", (PasskeyNameBody,), command=True))
async def rename(request: Request) -> Response:
    """Give a passkey of one's own another name."""
    caller_of(request)
    body = await parse_body(PasskeyNameBody, request)
    return await send(request, RenamePasskey(path(request, "id"), _name(body.name)))


@router.post("/me/passkeys/{id}/removal/options", **described("passkeys.AssertionOptionsAnswer"))
async def removal_options(request: Request) -> Response:
    """What `navigator.credentials.get` takes to remove a passkey by another one."""
    with viewing(request) as (view, actor):
        gate, (person, session) = _gate(request), _self(actor)
        options = passkey_door.removal_options(view, gate, person, (session, path(request, "id")))
    return json_answer(options)


@router.post("/me/passkeys/{id}/removal", **described("passkeys.PasskeyAnswer", (PasskeyRemovalBody,)))
async def remove(request: Request) -> Response:
    """Remove a passkey of one's own, with the password or another passkey; sign-in sessions by passkey end."""
    actor = caller_of(request)
    body = await parse_body(PasskeyRemovalBody, request)
    service, passkey = service_of(request), path(request, "id")
    person, session = _self(actor)
    if (body.passkey is None) == (not body.password):
        raise BrokenInput(_NO_PROOF, "body")
    within_limit(request, service, f"passkey:{actor.id}")
    gate = _gate(request) if body.passkey is not None else None

    def prepare(view: View) -> RemovePasskey:
        if body.passkey is not None and gate is not None:
            return passkey_door.prepare_removal(view, gate, (session, passkey), given_of(body.passkey))
        check = identity.verify_password(view, service.door.passwords, person, body.password)
        shown = read_code(view, service.door.door, person, body.code)
        return RemovePasskey(passkey, ByPassword(check.correct, check.credential_index, shown))

    command = await service.door.slowly(service.reader, prepare)
    response = await _send(service, actor, command)
    service.door.authenticator.forget_person(person)
    return response


@router.get("/persons/{id}/passkeys", **described("passkeys.HeldPasskeysAnswer"))
async def held(request: Request) -> Response:
    """Which passkeys another person has, for who may remove them."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, (Object.CREDENTIAL, Action.REVOKE))
        found = passkeys.in_force(view, path(request, "id"))
    items = [{"id": row.credential, "enrolled_at": row.enrolled_at, "used_at": row.used_at} for row in found]
    return json_answer({"items": items})


@router.post("/persons/{id}/passkeys/{passkey}/removal", **described("passkeys.PasskeyAnswer", command=True))
async def remove_of(request: Request) -> Response:
    """Remove a passkey of another person, who has lost it; their sign-in sessions by passkey end."""
    person = path(request, "id")
    response = await send(request, RemovePasskeyOf(person, path(request, "passkey")))
    service_of(request).door.authenticator.forget_person(person)
    return response


@router.post("/sign-in/passkey/options", **described("passkeys.AssertionOptionsAnswer", (LogBody,), public=True))
async def sign_in_options(request: Request) -> Response:
    """What `navigator.credentials.get` takes to sign in: nobody is named, any passkey of this service may answer."""
    body = await parse_body(LogBody, request)
    service, _ = open_door(request, "passkey options", body.log, is_limited=False)
    gate = gate_of(request, service)
    if gate is None:
        return problems.of_refusal(NOWHERE)
    return json_answer(passkey_door.sign_in_options(gate, service.rooms.clock.wall()))


@router.post("/sign-in/passkey", **described("sign_in.TokenAnswer", (PasskeySignInBody,), public=True))
async def sign_in(request: Request) -> Response:
    """Exchange a passkey's assertion for a short-lived bearer token of a new sign-in session."""
    body = await parse_body(PasskeySignInBody, request)
    taken = await take_passkey(request, body)
    if isinstance(taken, Refusal):
        return problems.of_refusal(taken)
    answer, token = taken
    return json_answer({**answer_value(answer), "token": token})


async def take_passkey(request: Request, body: PasskeySignInBody) -> tuple[Answer, str] | Refusal:
    """A new sign-in session by a passkey, and its token. Every way of not being let in gives the same refusal."""
    key = f"passkey:{body.credential[:64]}"
    service, door = open_door(request, key, body.log)
    gate = gate_of(request, service)
    if gate is None:
        return NOWHERE
    begun = asyncio.get_running_loop().time()
    prepared = await door.slowly(
        service.reader, lambda view: passkey_door.prepare_sign_in(view, gate, given_of(body), body.user_handle)
    )
    answer = await service.writer.submit(WriteRequest(identity.DOOR, prepared.command))
    outcome = counted(service, key, identity.sign_in_outcome(answer.outcome))
    if isinstance(outcome, Refusal):
        await door.in_step(begun)
        return alike(outcome)
    return answer, prepared.token


def _gate(request: Request) -> Gate:
    gate = gate_of(request, service_of(request))
    if gate is None:
        raise problems.Refused(problems.of_refusal(NOWHERE))
    return gate


def _self(actor: Actor) -> tuple[str, str]:
    """The person and the sign-in session; empty ones for whoever has none, whom the handlers refuse."""
    return str(actor.person or ""), actor.sign_in or ""


def _name(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise BrokenInput(why("passkey-name"), "body.name")
    return text.strip()


async def _send(service: Service, actor: Actor, command: Any) -> Response:
    command_id = service.rooms.ids.ordered("c", service.rooms.clock.wall())
    answer = await service.writer.submit(WriteRequest(actor, command, command_id))
    outcome = identity.sign_in_outcome(answer.outcome)
    if isinstance(outcome, Refusal):
        return problems.of_refusal(outcome, answer.receipt)
    return json_answer(answer_value(answer))
