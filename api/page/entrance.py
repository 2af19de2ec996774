"""Sign-in, sign-out, passwords and the style sheet: the pages before there is a session, and the one that ends it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.app import json_answer
from api.body import parse_body, to_model
from api.browser import SESSION_COOKIE, drop_cookie, form_token, session_token, set_cookie
from api.headers import WITH_SCRIPT
from api.identity import service as identity
from api.identity.bodies import PagePasskeyBody, PasswordBody
from api.log_service import Service
from api.page.demo import offered
from api.page.leading import HOME, own_path, see_other
from api.page.rendering import SCRIPT, STYLE, page, script_mark, style_mark
from api.page.session import (
    FORM_COOKIE,
    FORM_FIELD,
    is_own_form,
    read_form,
    signed_in,
)
from api.refusal_texts import why
from api.routes.passkeys import gate_of, take_passkey
from api.routes.sign_in import take_password, take_sign_in
from api.services import named_log, services_of
from ledger.actor import Actor
from ledger.errors import BrokenInput, MunimentError
from ledger.refusal import Reason, Refusal
from ledger.work import Request as WriteRequest
from rbac.service import demo_accounts, person_ref

router = APIRouter(include_in_schema=False)

KEPT_SECONDS = 31_536_000  # a year: the address changes with the content
ICON_KEPT_SECONDS = 86_400  # a day: this address is the browser's own, and there may be an icon one day
ACCOUNT_MAX = 200
PASSWORD_MAX = 1_000
CODE_MAX = 64
WRONG = "Account and password do not belong together. Check both and try again."
OUTRUN = "The form had run out. Nothing was sent on; try again."
TOO_MANY = "Too many tries. Wait a few minutes."
OUTSIDE = Refusal(Reason.DENIED, why("not-of-sign-in-page"))
UNKNOWN = "No organisation of this name is served here."


@router.get("/static/page.css")
async def style(request: Request) -> Response:
    """The one style sheet."""
    return Response(STYLE.read_bytes(), media_type="text/css", headers=_kept(request, style_mark()))


@router.get("/static/passkey.js")
async def script(request: Request) -> Response:
    """The one script: sign-in by passkey."""
    return Response(SCRIPT.read_bytes(), media_type="text/javascript", headers=_kept(request, script_mark()))


def _kept(request: Request, mark: str) -> dict[str, str]:
    """How long browsers may keep what is asked for by this mark."""
    is_named = request.query_params.get("v") == mark
    return {"cache-control": f"public, max-age={KEPT_SECONDS}, immutable" if is_named else "no-cache"}


@router.get("/favicon.ico")
async def icon() -> Response:
    """There is none: browsers ask for it with every page, and a 404 would stand in their logs."""
    return Response(status_code=204, headers={"cache-control": f"public, max-age={ICON_KEPT_SECONDS}"})


@router.get("/sign-in")
async def sign_in_form(request: Request) -> Response:
    """The sign-in form; whoever is signed in already goes on."""
    service = services_of(request).at_entrance(request)
    if service is None:
        return _which(request)
    to = own_path(request.query_params.get("next", HOME))
    if signed_in(request, service) is not None:
        return see_other(to)
    notice = ""
    if request.query_params.get("out") == "1":
        notice = "You are signed out."
    elif request.query_params.get("set") == "1":
        notice = "Your password is set. Sign in with it."
    return _form(request, service, {"next": to, "notice": notice})


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Account and password for a session; whatever is wrong, the answer is the same."""
    service = services_of(request).at_entrance(request)
    if service is None:
        return _which(request)
    try:
        fields = await read_form(request)
    except MunimentError as error:
        return _form(request, service, {"fault": str(error).capitalize()}, 400)
    visitor = request.cookies.get(FORM_COOKIE, "")
    if not visitor or not is_own_form(request, fields, form_token(service.log.secrets.mac_key, "sign-in", visitor)):
        return _form(request, service, {"fault": OUTRUN}, 403)
    to = own_path(fields.get("next", HOME))
    entered = identity.Entered(fields.get("account", "").strip(), fields.get("password", ""), fields.get("code", ""))
    is_long = any(len(text) > most for text, most in zip(entered, (ACCOUNT_MAX, PASSWORD_MAX, CODE_MAX), strict=True))
    if is_long or "\x00" in entered.account:
        entered = identity.Entered("", "")
    try:
        taken = await take_sign_in(request, entered, service.log.name)
    except problems.Refused as refused:
        return _form(request, service, {"next": to, "fault": TOO_MANY}, refused.response.status_code)
    if isinstance(taken, Refusal):
        return _form(request, service, {"next": to, "fault": WRONG}, 401)
    response = see_other(to)
    set_cookie(request, response, SESSION_COOKIE, taken[1])
    drop_cookie(response, FORM_COOKIE)
    return response


@router.post("/sign-in/passkey")
async def sign_in_by_passkey(request: Request) -> Response:
    """What the page's script got of a passkey, for a session; whatever is wrong, the answer is the same."""
    body = await parse_body(PagePasskeyBody, request)
    service = services_of(request).named(body.log or "")
    visitor = request.cookies.get(FORM_COOKIE, "")
    if service is None or not visitor:
        return problems.of_refusal(OUTSIDE)
    expected = form_token(service.log.secrets.mac_key, "sign-in", visitor)
    if not is_own_form(request, {FORM_FIELD: body.form_token}, expected):
        return problems.of_refusal(OUTSIDE)
    taken = await take_passkey(request, body)
    if isinstance(taken, Refusal):
        return problems.of_refusal(taken)
    response = json_answer({"to": own_path(body.next)})
    set_cookie(request, response, SESSION_COOKIE, taken[1])
    drop_cookie(response, FORM_COOKIE)
    return response


@router.get("/password")
async def password_form(request: Request) -> Response:
    """The form that sets a password with a one-time code."""
    service = services_of(request).at_entrance(request)
    return _which(request) if service is None else _form(request, service, {}, template="password")


@router.post("/password")
async def password(request: Request) -> Response:
    """A first or new password for a one-time code; account and code are told apart by nothing."""
    service = services_of(request).at_entrance(request)
    if service is None:
        return _which(request)
    try:
        fields = await read_form(request)
        visitor = request.cookies.get(FORM_COOKIE, "")
        if not visitor or not is_own_form(request, fields, form_token(service.log.secrets.mac_key, "sign-in", visitor)):
            return _form(request, service, {"fault": OUTRUN}, 403, "password")
        body = to_model(
            PasswordBody,
            {"log": service.log.name, **{name: fields.get(name, "") for name in ("account", "code", "password")}},
            "form",
        )
        taken = await take_password(request, body)
    except problems.Refused as refused:
        return _form(request, service, {"fault": TOO_MANY}, refused.response.status_code, "password")
    except BrokenInput as error:
        return _form(request, service, {"fault": f"{error.message.capitalize()}."}, 422, "password")
    if isinstance(taken, Refusal):
        said = "Account and code do not belong together, or the code was used or has run out."
        return _form(request, service, {"fault": said}, 401, "password")
    return see_other(f"/sign-in?set=1{named_log(request, '&')}")


@router.get("/sign-out")
async def sign_out_form(request: Request) -> Response:
    """The button that ends the session, for whoever has no scripts: the console ends it over `/v1`."""
    service = services_of(request).at_page(request)
    actor = None if service is None else signed_in(request, service)
    if service is None or actor is None:
        return _signed_out(request)
    return _button(service, actor)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    service = services_of(request).at_page(request)
    actor = None if service is None else signed_in(request, service)
    if service is None or actor is None:
        return _signed_out(request)
    try:
        fields = await read_form(request)
    except MunimentError as error:
        return _button(service, actor, (str(error).capitalize(), 400))
    if not is_own_form(request, fields, session_token(service.log.secrets.mac_key, actor)):
        return _button(service, actor, (OUTRUN, 403))
    command = identity.SignOut(actor.sign_in or "")
    await service.writer.submit(WriteRequest(actor, command, service.rooms.ids.random("f_")))
    service.door.authenticator.forget(request.cookies.get(SESSION_COOKIE, ""))
    response = _signed_out(request)
    drop_cookie(response, SESSION_COOKIE)
    return response


def _signed_out(request: Request) -> Response:
    return see_other(f"/sign-in?out=1{named_log(request, '&')}")


def _button(service: Service, actor: Actor, fault: tuple[str, int] = ("", 200)) -> Response:
    """The page that ends a session. Whose it is is their own, so no permission is asked."""
    with service.reader.view() as view:
        account, is_demo = person_ref(view, str(actor.person)), bool(demo_accounts(view))
    said, status = fault
    token = session_token(service.log.secrets.mac_key, actor)
    frame = {"organisation": service.log.name, "is_demo": is_demo, "form_token": token}
    return page("sign-out", {**frame, "account": account or "", "fault": said}, status)


def _which(request: Request) -> Response:
    """The page that asks for the short name of an organisation's log, where several are served and none is named.

    It lists none of them: who is served here is nobody's business who cannot name it.
    """
    asked = request.query_params.get("log")
    frame = {"organisation": "", "is_demo": False}
    return page("which", {**frame, "fault": UNKNOWN if asked else ""}, 404 if asked else 200)


def _form(
    request: Request, service: Service, values: dict[str, str], status: int = 200, template: str = "sign-in"
) -> Response:
    """A form before sign-in, with a token for this visitor; nothing that was typed comes back."""
    visitor = request.cookies.get(FORM_COOKIE, "") or service.rooms.ids.random("v_")
    shown = {"next": HOME, "notice": "", "fault": "", **values}
    with service.reader.view() as view:
        is_demo, links = bool(demo_accounts(view)), sorted(offered(request, view))
    frame = {
        "organisation": service.log.name,
        "is_demo": is_demo,
        "links": links,
        "at": named_log(request, "?"),
        "form_token": form_token(service.log.secrets.mac_key, "sign-in", visitor),
        "passkeys": gate_of(request, service) is not None,
    }
    response = page(template, {**frame, **shown}, status)
    if template == "sign-in" and frame["passkeys"]:
        response.headers["content-security-policy"] = WITH_SCRIPT
    if FORM_COOKIE not in request.cookies:
        set_cookie(request, response, FORM_COOKIE, visitor)
    return response
