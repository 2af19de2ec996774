"""What answers hold, for the OpenAPI document alone: answers are built from rows and never validated on the way out."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of every answer's description. Members may be added in later versions."""

    model_config = ConfigDict(extra="allow")


class ReceiptValue(Answer):
    """The entry at `index` is in the tree of `size` that `checkpoint`, a signed note, states."""

    log: str
    index: int
    leaf_hash: str
    size: int
    checkpoint: str


class ProblemValue(Answer):
    """RFC 9457. `reason` is one of a closed list; a recorded refusal carries its receipt."""

    type: str
    title: str
    status: int
    reason: str
    detail: str
    location: str | None = None
    details: dict[str, str] | None = None
    receipt: ReceiptValue | None = None


class CommandAnswer(Answer):
    """A command that was carried out: its outcome, its result, and the receipt of what was recorded."""

    outcome: str
    receipt: ReceiptValue | None = Field(description="null when the command left no entry")


class TokenAnswer(CommandAnswer):
    """A bearer token and how long it is good for; null for a page's session, whose cookie holds it."""

    token: str | None
    expires_at: int
    ends_at: int


class MePerson(Answer):
    """The person behind the credential; `name` is null where it was erased."""

    id: str
    ref: str
    name: str | None


class MeSession(Answer):
    """A sign-in session: `expires_at` ends it unless it is renewed, `ends_at` in any case."""

    id: str
    method: str
    expires_at: int
    ends_at: int


class MeAnswer(Answer):
    """Who is calling, in which roles by domain. `may` names each act, as `object:action`, that a person's roles allow
    in some domain; `csrf` goes into the header `X-CSRF-Token` of a page's requests."""

    actor: dict[str, Any]
    roles: dict[str, list[str]]
    may: list[str]
    person: MePerson | None
    session: MeSession | None
    log: str
    is_demo: bool
    csrf: str | None
    now: int


class FactorAnswer(Answer):
    """Where one's own second factor stands."""

    totp: str = Field(description="none, offered, confirmed or removed")
    codes_left: int


class SessionsAnswer(Answer):
    """Sign-in sessions in force; `expires_at` ends one that is idle, `ends_at` any."""

    items: list[dict[str, Any]]


class OfferAnswer(CommandAnswer):
    """A secret for an authenticator app, told once: in base32, and as the address that apps read from a picture."""

    secret: str
    uri: str


class RecoveryCodesAnswer(CommandAnswer):
    """Recovery codes, told once. Each works once in the place of a code of the app."""

    recovery_codes: list[str]


class PageAnswer(Answer):
    """Items and the cursor of the next page; null on the last one."""

    items: list[dict[str, Any]]
    cursor: str | None


class KeysAnswer(Answer):
    """The keys of the log, oldest first, and the signed notes that list them, oldest first."""

    items: list[dict[str, Any]]
    lists: list[str]


class ItemAnswer(Answer):
    """One thing, by its members."""


class CheckAnswer(Answer):
    """Whether it is permitted, and why or why not."""

    permitted: bool
    reason: str | None


class ProofAnswer(Answer):
    """Hashes as base64url, leaf first (inclusion) or deepest first (consistency), with what they prove against."""

    hashes: list[str]
    checkpoint: str


class VerificationAnswer(Answer):
    """A verification: `none` yet, `running`, `done` with its report, or `ended` without one."""

    state: str
    report: dict[str, Any] | None


class OverviewAnswer(Answer):
    """Figures of one period; each equals a count over the entries."""

    active: int
    completed: int
    cancelled: int
    failed: int
    completion_rate: str | None


class StopValue(Answer):
    """A stop of a tour. `title` and `words` are keys of the console's messages."""

    id: str
    title: str
    words: str
    route: str | None = Field(description="of the console; null while there is nothing of the kind")
    recognised_by: Literal["ledger", "session"]
    done: bool | None = Field(description="null where the console knows it by the visit")


class TourAnswer(Answer):
    """The tour of the caller's role in a demo organisation; `role` is null, without stops, for who has none."""

    role: str | None
    stops: list[StopValue]
