"""Requests of a browser: whose session its cookie holds, and the proof that our own page made the request.

    cookie `muniment_session`   the bearer token; HttpOnly, SameSite=Strict, Secure where the service is reached by TLS
    form token                  base64url(HMAC-SHA-256(key, kind "\\n" id)), id that of the session or of a visitor
    header `X-CSRF-Token`       the form token of the session, on every request with the cookie that is not safe

A browser sends the cookie whoever made it ask. So a request that changes something is refused without the token, which
other sites cannot read, and any request that the browser says another site made.
"""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.headers import header
from api.problem_texts import tell
from ledger.actor import Actor, ActorKind
from ledger.canonical import b64url
from ledger.wording import Wording, as_it_is

SESSION_COOKIE = "muniment_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_CSRF_NAME = CSRF_HEADER.lower().encode()
_KEY = b"muniment/page forms/v1\n"


def in_header(request: Request) -> str:
    """The bearer token of the header; empty without one."""
    scheme, _, token = header(request, b"authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def in_cookie(request: Request) -> str:
    """The bearer token of the session cookie; empty without one, and where a header speaks for the caller."""
    if header(request, b"authorization", ""):
        return ""
    return request.cookies.get(SESSION_COOKIE, "")


def form_token(mac_key: bytes, kind: str, about: str) -> str:
    """The token of a form: only this service can make it, and only for this session or this visitor."""
    key = hmac.digest(mac_key, _KEY, "sha256")
    return b64url(hmac.digest(key, f"{kind}\n{about}".encode(), "sha256"))


def session_token(mac_key: bytes, actor: Actor) -> str:
    """What requests of this sign-in session carry."""
    return form_token(mac_key, "session", actor.sign_in or "")


def check_own_page(request: Request, actor: Actor, mac_key: bytes) -> None:
    """A problem (401, 403) unless a page of ours made this request of the cookie's session."""
    if actor.kind is not ActorKind.PERSON or not actor.person or not actor.sign_in:
        raise problems.Refused(problems.no_credential())  # a key in the place of a session is nobody here
    if not is_own_site(request):
        raise problems.Refused(_foreign(tell("own-pages")))
    if request.method in SAFE:
        return
    given = header(request, _CSRF_NAME, "")
    if not hmac.compare_digest(given.encode(), session_token(mac_key, actor).encode()):
        raise problems.Refused(_foreign(tell("session-token", name=as_it_is(CSRF_HEADER))))


def is_own_site(request: Request) -> bool:
    """Whether the request may come from our own page; browsers that say where one comes from must say so."""
    site = header(request, b"sec-fetch-site", "same-origin")
    return site in ("same-origin", "none") and _is_own_origin(request)


def _is_own_origin(request: Request) -> bool:
    """False when the request names another origin. `null` is what browsers say of our own pages, which send no
    referrer; then the form token and `Sec-Fetch-Site` decide."""
    origin = header(request, b"origin", "null")
    if origin == "null":
        return True
    own = {header(request, b"host", ""), urlsplit(public_url(request)).netloc} - {""}
    return origin.partition("://")[2] in own


def public_url(request: Request) -> str:
    """The address that the settings give the service; empty when they give none."""
    found: str = getattr(request.app.state, "public_url", "")
    return found


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie for this service alone; it ends with the browser's own session at the latest."""
    is_https = public_url(request).startswith("https:") or request.url.scheme == "https"
    response.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=is_https)


def drop_cookie(response: Response, name: str) -> None:
    """The browser forgets the cookie."""
    response.delete_cookie(name, path="/", httponly=True, samesite="strict")


def _foreign(detail: Wording) -> Response:
    return problems.problem(403, problems.FOREIGN_REQUEST, detail, {})
