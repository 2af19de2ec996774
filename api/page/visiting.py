"""The frame around every page: the visitor is signed in or sent to sign in, forms are our own, errors are pages too."""

import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import problems
from api.allowing import allow
from api.browser import SESSION_COOKIE, set_cookie
from api.page.refusals import Told, told, words
from api.page.rendering import page
from api.page.session import Visit, is_own_form, read_form, renewed, signed_in
from api.services import named_log, services_of
from ledger.errors import MunimentError
from ledger.refusal import Reason, Refusal
from ledger.service import View
from ledger.work import Answer
from ledger.work import Request as WriteRequest
from rbac.pages import person as person_read
from rbac.permission import Action, Ask, Object
from rbac.service import Permit, demo_accounts

HOME = "/console/"  # where somebody is led who did not say where to
Handler = Callable[[Visit], Awaitable[Response]]
_FORM_ID = re.compile(r"f_[0-9a-hjkmnp-tv-z]{26}", re.ASCII)
_PART = r"[A-Za-z0-9_.-]+"
_OWN_PATH = re.compile(rf"/(?:{_PART}(?:/{_PART})*/?(?:\?[A-Za-z0-9_.~%=&+:-]*)?)?", re.ASCII)


def visited(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler as a route for whoever is signed in."""

    @wraps(handler)
    async def route(request: Request) -> Response:
        service = services_of(request).at_page(request)
        actor = None if service is None else signed_in(request, service)
        if service is None or actor is None:
            return to_sign_in(request)
        token = await renewed(request, service, actor)
        visit = Visit(request, service, actor, {})
        try:
            if request.method == "POST":
                visit = Visit(request, service, actor, await read_form(request))
            if request.method == "POST" and not is_own_form(request, visit.form, visit.form_token):
                response = refused_form(visit)
            else:
                response = await handler(visit)
        except (problems.Refused, MunimentError) as error:
            response = error_page(visit, error)
        if token is not None:
            set_cookie(request, response, SESSION_COOKIE, token)
        return response

    # The framework reads parameters from the signature: it is that of the route, not of the handler.
    route.__annotations__ = {"request": Request, "return": Response}
    del route.__dict__["__wrapped__"]
    return route


def to_sign_in(request: Request) -> Response:
    """See other: the sign-in form, and back to where a page was asked for."""
    path = request.url.path
    if request.method != "GET":
        # What was sent is gone: the form of the page it came from is shown again after the sign-in.
        path = path.rpartition("/")[0] or "/plain"
    where = f"?next={quote(path)}" if own_path(path) != HOME else ""
    ended = ("&" if where else "?") + "ended=1" if request.method != "GET" else ""
    named = named_log(request, "&" if where or ended else "?")
    return see_other(f"/sign-in{where}{ended}{named}")


def own_path(text: str) -> str:
    """The text when it is the path of a page of ours; the console's for anything else, such as another host."""
    return text if _OWN_PATH.fullmatch(text) is not None else HOME


def see_other(where: str) -> Response:
    """The answer to a form that was carried out: a page to read, so that a reload sends nothing again."""
    return RedirectResponse(where, 303)


def draw(visit: Visit, name: str, values: dict[str, Any], status: int = 200) -> Response:
    """A page inside the frame: navigation, who is signed in, the form token."""
    return page(name, {**frame(visit), **values}, status)


def frame(visit: Visit) -> dict[str, Any]:
    """What the frame of every page shows."""
    return {
        "organisation": visit.service.log.name,
        **_read(visit),
        "form_token": visit.form_token,
        "is_signed_in": True,
        "command_id": visit.service.rooms.ids.random("f_"),
    }


def _read(visit: Visit) -> dict[str, Any]:
    """The reference the visitor signed in with - their own, so no permission is asked - and the mark of a demo."""
    with visit.service.reader.view() as view:
        found = person_read(view, visit.person)
        return {"me": "" if found is None else found.ref, "is_demo": bool(demo_accounts(view))}


async def send(visit: Visit, command: Any) -> Answer:
    """One command of this person. The form's own id is the command id: sent twice it is carried out once."""
    given = visit.field("command_id")
    own = given if _FORM_ID.fullmatch(given) is not None else visit.service.rooms.ids.random("f_")
    command_id = f"{own}.{type(command).__name__}"
    return await visit.service.writer.submit(WriteRequest(visit.actor, command, command_id))


def told_answer(answer: Answer) -> Told:
    """A refused answer in words."""
    assert isinstance(answer.outcome, Refusal)
    return told(answer.outcome, None if answer.receipt is None else answer.receipt.index)


def may(visit: Visit, view: View, act: tuple[Object, Action], domain: str) -> bool:
    """Whether the visitor may do this, asked without a problem."""
    access = visit.service.rooms.access
    return isinstance(access.read_check(view, view.now, visit.actor, Ask(domain, *act)), Permit)


def must(visit: Visit, view: View, act: tuple[Object, Action], domain: str) -> None:
    """A problem unless the visitor may do this."""
    allow(visit.request, view, visit.actor, act, domain)


def refused_form(visit: Visit) -> Response:
    """A form that is not of this session: nothing was done."""
    return draw(
        visit,
        "error",
        {
            "title": "This form is not yours to send",
            "what": "It was made for another sign-in session, or by another site. Nothing was done.",
            "do": "Open the page again and send its form.",
            "reason": "FORM_TOKEN",
            "detail": "",
        },
        403,
    )


def error_page(visit: Visit, error: Exception) -> Response:
    """A problem as a page, with the same status and reason as the interface gives."""
    asked = f"{visit.request.method} {visit.request.url.path}"
    response = error.response if isinstance(error, problems.Refused) else problems.of_error(error, asked)
    problem = orjson.loads(response.body)
    reason = str(problem["reason"])
    known = words(Reason(reason)) if reason in Reason.__members__ else None
    place = f" ({problem['location']})" if problem.get("location") else ""
    return draw(
        visit,
        "error",
        {
            "title": str(problem["title"]).capitalize(),
            "what": known.what if known else "This could not be done.",
            "do": known.do if known else "Go back and check what was sent.",
            "reason": reason,
            "detail": f"{problem['detail']}{place}",
        },
        response.status_code,
    )
