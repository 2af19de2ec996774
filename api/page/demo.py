"""Demo links: who one would act as, and a button that signs in, in an organisation founded as a demo and nowhere else.

No secret stands in the address: what protects the link is that only a browser on this very machine gets an answer, and
that the organisation's first entries say that nothing in it is real. Everywhere else the address is an unknown page.
"""

from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.browser import SESSION_COOKIE, drop_cookie, form_token, set_cookie
from api.identity import service as identity
from api.log_service import Service
from api.page.leading import HOME, see_other
from api.page.rendering import page
from api.page.session import (
    FORM_COOKIE,
    is_own_form,
    read_form,
    signed_in,
)
from api.routes.probes import LOOPBACK
from api.routes.sign_in import open_door
from api.services import named_log, services_of
from ledger.actor import Actor, person_acting
from ledger.errors import MunimentError
from ledger.refusal import Refusal
from ledger.service import View
from ledger.work import Request as WriteRequest
from rbac.service import demo_accounts, person_by_ref, person_name

router = APIRouter(include_in_schema=False)

# Every method, so that an ordinary organisation answers each of them as it answers an unknown page.
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
OUTRUN = "The form had run out. Nobody was signed in; try again."
NOT_SET_UP = "This person has not chosen a password yet, so there is nobody to act as."
LOCKED = "This account is locked after wrong passwords. Wait a quarter of an hour."
TOO_MANY = "Too many tries. Wait a few minutes."
_HOSTS = LOOPBACK | {"localhost"}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@router.api_route("/demo/{account}", methods=METHODS)
async def demo_link(request: Request, account: str) -> Response:
    """Show who one would act as; on POST, sign in."""
    service = services_of(request).at_entrance(request)
    if service is None:
        raise HTTPException(404)
    with service.reader.view() as view:
        if request.method not in ("GET", "POST") or account not in offered(request, view):
            raise HTTPException(404)
    if request.method == "GET":
        return _asked(request, service, account)
    return await _sign_in(request, service, account)


def offered(request: Request, view: View) -> frozenset[str]:
    """The accounts whose links work for this request: none but in a demo, and there for this machine alone."""
    return demo_accounts(view) if is_from_this_machine(request) else frozenset()


def is_from_this_machine(request: Request) -> bool:
    """Whether browser and service are on one machine, with nobody in between who speaks for others.

    A name other than the machine's own is refused as well: a page elsewhere could let its own name point here.
    """
    if request.client is None or request.client.host not in LOOPBACK:
        return False
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname in _HOSTS
    except ValueError:
        return False


async def _sign_in(request: Request, service: Service, account: str) -> Response:
    try:
        fields = await read_form(request)
    except MunimentError as error:
        return _asked(request, service, account, (str(error).capitalize(), 400))
    visitor = request.cookies.get(FORM_COOKIE, "")
    if not visitor or not is_own_form(request, fields, _token(service, visitor, account)):
        return _asked(request, service, account, (OUTRUN, 403))
    try:
        open_door(request, f"account:{account}", service.log.name)
    except problems.Refused as refused:
        return _asked(request, service, account, (TOO_MANY, refused.response.status_code))
    before = signed_in(request, service)
    with service.reader.view() as view:
        prepared = identity.prepare_demo_sign_in(view, service.door.door, account)
    if prepared is None:
        return _asked(request, service, account, (NOT_SET_UP, 409))
    answer = await service.writer.submit(WriteRequest(identity.DOOR, prepared.command))
    if isinstance(answer.outcome, Refusal):
        return _asked(request, service, account, (LOCKED, 403))
    if before is not None:
        await _end(request, service, before)
    response = see_other(HOME)
    set_cookie(request, response, SESSION_COOKIE, prepared.token)
    drop_cookie(response, FORM_COOKIE)
    return response


async def _end(request: Request, service: Service, actor: Actor) -> None:
    """Whoever acted in this browser before acts no longer."""
    command = identity.SignOut(actor.sign_in or "")
    await service.writer.submit(WriteRequest(actor, command, service.rooms.ids.random("f_")))
    service.door.authenticator.forget(request.cookies.get(SESSION_COOKIE, ""))


def _token(service: Service, visitor: str, account: str) -> str:
    return form_token(service.log.secrets.mac_key, "demo-link", f"{visitor}\n{account}")


def _asked(request: Request, service: Service, account: str, fault: tuple[str, int] = ("", 200)) -> Response:
    """The page with the button. Names are shown to anybody here: those of a demo are names of parts."""
    visitor = request.cookies.get(FORM_COOKIE, "") or service.rooms.ids.random("v_")
    before = signed_in(request, service)
    with service.reader.view() as view:
        row = person_by_ref(view, account)
        held = () if row is None else _roles(service, view, row.id)
        shown = {
            "account": account,
            "name": None if row is None else person_name(view, row.id),
            "roles": held,
            "instead_of": None if before is None else person_name(view, str(before.person)),
        }
    frame = {
        "organisation": service.log.name,
        "is_demo": True,
        "at": named_log(request, "?"),
        "form_token": _token(service, visitor, account),
    }
    said, status = fault
    response = page("demo", {**frame, **shown, "fault": said}, status)
    if FORM_COOKIE not in request.cookies:
        set_cookie(request, response, FORM_COOKIE, visitor)
    return response


def _roles(service: Service, view: View, person: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(domain, roles in force there now), domains without any left out."""
    access = service.rooms.access
    snapshot = access.snapshot(view)
    if isinstance(snapshot, Refusal):
        return ()
    actor = person_acting(person, identity.DEMO_LINK)
    held = ((name, tuple(access.roles(view, view.now, actor, name))) for name in snapshot.policy.domain_names())
    return tuple(pair for pair in held if pair[1])
