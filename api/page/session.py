"""Who is looking at a page: the sign-in session behind the cookie, and the proof that a form came from our own page.

cookie `muniment_form`      a random value for the forms before sign-in, while there is no session yet
field `form_token`          the form token of the session or of that random value, see `api.browser`
"""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.body import read_body
from api.browser import SESSION_COOKIE, is_own_site
from api.log_service import Service
from ledger.actor import Actor, ActorKind
from ledger.errors import BrokenInput

FORM_COOKIE = "muniment_form"
FORM_FIELD = "form_token"
FORM_BYTES_MAX = 32 * 1024  # a password of the longest twice over, percent-encoded
FIELDS_MAX = 20  # of one form
_FORM_TYPE = "application/x-www-form-urlencoded"


def is_own_form(request: Request, fields: Mapping[str, str], expected: str) -> bool:
    """Whether a form came from our own page; browsers that say where a request comes from must say so too."""
    given = fields.get(FORM_FIELD, "")
    return hmac.compare_digest(given.encode(), expected.encode()) and is_own_site(request)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form; each name once. `BrokenInput` for anything else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM_TYPE:
        raise BrokenInput("expected a form", "content-type")
    body = await read_body(request, FORM_BYTES_MAX)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as error:
        raise BrokenInput("expected the fields of a form in UTF-8", "body") from error
    fields = {name: value.replace("\r\n", "\n") for name, value in pairs}
    if len(fields) != len(pairs):
        raise BrokenInput("expected each field once", "body")
    return fields


def signed_in(request: Request, service: Service) -> Actor | None:
    """The person behind the cookie; a key in its place is nobody here."""
    token = request.cookies.get(SESSION_COOKIE, "")
    if not token:
        return None
    with service.reader.view() as view:
        actor = service.authenticate(view, token)
    if not isinstance(actor, Actor) or actor.kind is not ActorKind.PERSON or not actor.person or not actor.sign_in:
        return None
    return actor
