"""Who is looking at a page: the sign-in session behind the cookie, and the proof that a form came from our own page.

    cookie `muniment_form`      a random value for the sign-in form alone, while there is no session yet
    field `form_token`          the form token of the session or of that random value, see `api.browser`

A token is renewed in its second half, so that a person who keeps reading stays signed in for the time of the session.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.body import read_body
from api.browser import SESSION_COOKIE, is_own_site, session_token
from api.context import Service
from api.identity import service as identity
from api.identity.commands import TOKEN_TIME
from api.identity.tables import SIGN_IN
from ledger.actor import Actor, ActorKind
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import Request as WriteRequest

FORM_COOKIE = "muniment_form"
FORM_FIELD = "form_token"
FORM_BYTES_MAX = 256 * 1024  # the longest text field thrice, percent-encoded
FIELDS_MAX = 200  # of one form
_FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in request. `form` holds the fields of a POST, its form token checked."""

    request: Request
    service: Service
    actor: Actor
    form: Mapping[str, str]

    @property
    def person(self) -> str:
        """The person's id."""
        return str(self.actor.person)

    @property
    def form_token(self) -> str:
        """What forms of this session carry."""
        return session_token(self.service.log.secrets.mac_key, self.actor)

    def field(self, name: str) -> str:
        """A field of the form; empty when it is not there."""
        return self.form.get(name, "")


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


async def renewed(request: Request, service: Service, actor: Actor) -> str | None:
    """A new token when the present one is in its second half; None when it may stay."""
    with service.reader.view() as view:
        row = view.get(SIGN_IN, actor.sign_in)
        if row is None or view.now < row.expires_at - TOKEN_TIME // 2 or row.expires_at >= row.ends_at:
            return None
        prepared = identity.prepare_renewal(view, service.door.door, actor)
    if isinstance(prepared, Refusal):
        return None
    answer = await service.writer.submit(WriteRequest(actor, prepared.command, None))
    if isinstance(answer.outcome, Refusal):
        return None
    service.door.authenticator.forget(request.cookies.get(SESSION_COOKIE, ""))
    return prepared.token
