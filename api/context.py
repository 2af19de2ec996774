"""What a route works with: the service of the caller's log, who is calling, how a command is sent and answered."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import browser, problems
from api.headers import header
from api.log_service import Service
from api.problem_texts import tell
from api.querying import check_query
from api.services import services_of
from ledger.actor import Actor, ActorKind
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from ledger.wording import as_it_is
from ledger.work import OWN_ID, Answer, Done, Receipt
from ledger.work import Request as WriteRequest

COMMAND_ID_MAX = 80  # characters; a UUID has 36
COMMAND_ID_HEADER = "Idempotency-Key"
REPEATED_HEADER = "Idempotent-Replayed"
"""On the answer to a command id that was answered before: nothing was done again."""
_COMMAND_ID_NAME = COMMAND_ID_HEADER.lower().encode()


def service_of(request: Request) -> Service:
    """The open service of the log that the caller's credential begins with; the only one where there is one."""
    return services_of(request).of(request)


@contextmanager
def viewing(request: Request) -> Iterator[tuple[View, Actor]]:
    """A view of the log and the authenticated caller; 401 without a good credential."""
    service = service_of(request)
    with service.reader.view() as view:
        yield view, caller(request, view)


def caller(request: Request, view: View) -> Actor:
    """Who is calling, by bearer token, API key or the session cookie of our own pages."""
    service = service_of(request)
    actor = service.authenticate(view, _token(request))
    if isinstance(actor, Refusal):
        raise problems.Refused(problems.of_refusal(actor))
    return _checked(request, service, actor)


def caller_of(request: Request) -> Actor:
    """Who is calling, for a command that reads nothing before the writer does: opens a view only when it must."""
    service = service_of(request)
    actor = service.recognise(_token(request))
    if actor is not None:
        return _checked(request, service, actor)
    with viewing(request) as (_, found):
        return found


def _token(request: Request) -> str:
    token = browser.in_header(request) or browser.in_cookie(request)
    if not token:
        raise problems.Refused(problems.no_credential())
    return token


def _checked(request: Request, service: Service, actor: Actor) -> Actor:
    if browser.in_cookie(request):
        browser.check_own_page(request, actor, service.log.secrets.mac_key)
    check_query(request)
    return actor


async def send(request: Request, command: Any) -> Response:
    """Authenticate, send one command, answer with its outcome and receipt."""
    return await send_as(request, caller_of(request), command)


async def send_as(
    request: Request,
    actor: Actor,
    command: Any,
    conflict: "Callable[[], Any] | None" = None,
    command_id: str = "",
) -> Response:
    """Send one command of this actor; `Idempotency-Key` is required of machines. `conflict` says what a refusal for
    a conflict is about (`api.conflicts`), on a thread."""
    asked = WriteRequest(actor, command, command_id or command_id_of(request, actor))
    return await send_to(service_of(request), asked, conflict)


async def send_to(service: Service, asked: WriteRequest, conflict: "Callable[[], Any] | None" = None) -> Response:
    """Send one command to the log of this service: for a caller whose credential is no token, which would name one."""
    answer = await service.writer.submit(asked)
    if isinstance(answer.outcome, Refusal):
        return await refused(answer.outcome, answer.receipt, conflict)
    service.bell.ring()
    told = {REPEATED_HEADER: "true"} if answer.repeated else None
    return Response(problems.dumps(answer_value(answer)), 200, told, "application/json")


async def refused(refusal: Refusal, receipt: Receipt | None, conflict: "Callable[[], Any] | None") -> Response:
    """The problem of a refused command; for a conflict, with what it is about."""
    if conflict is None or problems.status_of(refusal.reason) != 409:
        return problems.of_refusal(refusal, receipt)
    return problems.of_refusal(refusal, receipt, await asyncio.to_thread(conflict))


def answer_value(answer: Answer) -> dict[str, Any]:
    """The body of a command's answer: {outcome, ...result, receipt}."""
    assert isinstance(answer.outcome, Done)
    receipt = None if answer.receipt is None else problems.receipt_value(answer.receipt)
    return {**answer.outcome.result, "outcome": answer.outcome.outcome, "receipt": receipt}


def command_id_of(request: Request, actor: Actor) -> str:
    """The caller's command id; persons at a page may leave it out and are given one."""
    given = header(request, _COMMAND_ID_NAME, "")
    if given:
        if len(given) > COMMAND_ID_MAX or not given.isascii() or not given.isprintable():
            raise BrokenInput(tell("command-id-length", most=COMMAND_ID_MAX), COMMAND_ID_HEADER)
        if given.startswith(OWN_ID):
            raise BrokenInput(tell("command-id-own", beginning=as_it_is(OWN_ID)), COMMAND_ID_HEADER)
        return given
    if actor.kind is not ActorKind.PERSON:
        missing = problems.problem(
            400, problems.NO_COMMAND_ID, tell("header-missing", name=as_it_is(COMMAND_ID_HEADER)), {}
        )
        raise problems.Refused(missing)
    service = service_of(request)
    return service.rooms.ids.ordered("c", service.rooms.clock.wall())
