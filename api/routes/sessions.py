"""The sign-in sessions of one's own: which there are, and ending them wherever they are."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.app import json_answer
from api.body import parse_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import described
from api.identity.bodies import EndSessionsBody
from api.identity.session_commands import EndSessions, running

router = APIRouter(prefix="/v1", tags=["sign-in"])


@router.get("/me/sessions", **described("sign_in.SessionsAnswer"))
async def sessions(request: Request) -> Response:
    """One's own sign-in sessions in force, newest first: how and when each began, and when it ends."""
    with viewing(request) as (view, actor):
        found = () if actor.person is None else running(view, actor.person)
    return json_answer({"items": [{**one._asdict(), "is_this": one.id == actor.sign_in} for one in found]})


@router.post("/me/sessions/end", **described("sign_in.SessionsEnded", (EndSessionsBody,), command=True))
async def end(request: Request) -> Response:
    """End one sign-in session of one's own by its id, or without an id every one, this one as well."""
    actor = caller_of(request)
    body = await parse_body(EndSessionsBody, request)
    response = await send_as(request, actor, EndSessions(body.session))
    if actor.person is not None:
        service_of(request).door.authenticator.forget_person(actor.person)
    return response
