"""Who is calling, sign-in sessions and the second factor."""

from typing import Literal

from pydantic import Field

from api.answers.values import ActorValue, Answer, CommandAnswer, Microseconds, ReceiptValue


class TokenAnswer(CommandAnswer):
    """A bearer token and how long it is good for; null for a page's session, whose cookie holds it."""

    token: str | None
    expires_at: Microseconds
    ends_at: Microseconds


class MePerson(Answer):
    """The person behind the credential; `name` is null where it was erased."""

    id: str
    ref: str
    name: str | None


class MeSession(Answer):
    """A sign-in session: `expires_at` ends it unless it is renewed, `ends_at` in any case. Until `fresh_until` it may
    enrol passkeys and a second factor; later somebody signs in anew for that."""

    id: str
    method: str
    started_at: Microseconds
    fresh_until: Microseconds
    expires_at: Microseconds
    ends_at: Microseconds


class MeAnswer(Answer):
    """Who is calling, in which roles by domain. `may` names each act, as `object:action`, that a person's roles allow
    in some domain; `csrf` goes into the header `X-CSRF-Token` of a page's requests."""

    actor: ActorValue
    roles: dict[str, list[str]]
    may: list[str]
    person: MePerson | None
    session: MeSession | None
    log: str
    is_demo: bool
    csrf: str | None
    now: Microseconds


class FactorAnswer(Answer):
    """Where one's own second factor stands."""

    totp: Literal["none", "offered", "confirmed", "removed"]
    codes_left: int


class SessionValue(Answer):
    """A sign-in session in force; `is_this` marks the one that asks."""

    id: str
    method: str
    started_at: Microseconds
    expires_at: Microseconds
    ends_at: Microseconds
    is_this: bool


class SessionsAnswer(Answer):
    """Sign-in sessions in force, newest first; `expires_at` ends one that is idle, `ends_at` any."""

    items: list[SessionValue]


class SessionsEnded(Answer):
    """How many sessions were ended."""

    outcome: Literal["ended"]
    ended: int
    receipt: ReceiptValue | None = Field(description="null when none was left to end")


class OfferAnswer(CommandAnswer):
    """A secret for an authenticator app, told once: in base32, as the address apps read, and as a picture of it."""

    secret: str
    uri: str
    picture: str = Field(description="the address as a QR code: SVG, dark on white, as a `data:` address")


class RecoveryCodesAnswer(CommandAnswer):
    """Recovery codes, told once. Each works once in the place of a code of the app."""

    recovery_codes: list[str]
