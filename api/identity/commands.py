"""Commands of local identity and their handlers. Everything slow and secret happened before: see `service`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from api.identity import entries
from api.identity.delays import code_delay, password_delay
from api.identity.sealed import opened
from api.identity.second_factor import NOTHING, PASSWORD, Shown, TimedRows, has_factor, proved
from api.identity.tables import (
    API_KEY,
    CREDENTIAL,
    LOCKOUT,
    SETUP_CODE,
    SIGN_IN,
    LockoutRow,
    SignInRow,
)
from api.identity.tokens import key_digest, same_hash
from api.problem_texts import tell
from api.refusal_texts import why
from ledger.actor import Actor, ActorKind
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.ids import ActorId
from ledger.refusal import Reason, Refusal
from ledger.work import Commands, CommandSpec, Done, UnitOfWork
from rbac.permission import WHOLE, Action, Object, check_slug
from rbac.service import Access, actor_is_active, demo_accounts, person_by_ref, person_is_active

NO_METHOD = ""  # of a try that is only to be counted: no session ever begins so
DEMO_LINK = "demo-link"  # how somebody signed in who showed nothing
TOKEN_TIME = 15 * 60 * SECOND  # a bearer token that leaks is worth this long
SESSION_TIME = 8 * 3600 * SECOND  # a working day; then the password again
CODE_TIME = 72 * 3600 * SECOND  # over a weekend
KEY_TIME_MAX = 366 * 24 * 3600 * SECOND  # an API key is replaced at least once a year
TITLE_MAX = 200

DOOR = Actor(ActorId("system:door"), ActorKind.SYSTEM, method="system")
"""Who sends what arrives before anybody is signed in."""

BAD = Refusal(Reason.BAD_CREDENTIALS, why("other-pair"))
LOCKED = Refusal(Reason.LOCKED_OUT, why("locked-out"))
DOOR_ONLY = Refusal(Reason.DENIED, why("not-by-sign-in"))


@dataclass(frozen=True, slots=True)
class IssueSetupCode:
    """Let a person set a password with a one-time code. `code_id` and `code_hash` are those of a minted token."""

    person: str
    code_id: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class SetPassword:
    """`hash` is argon2id. Proved by a set-up code (`code_id`, `code_hash`) or by the present password, verified
    before against the credential of entry `credential_index`, and by the second factor where there is one (`shown`)."""

    person: str
    hash: str
    code_id: str | None = None
    code_hash: str = ""
    credential_index: int | None = None
    shown: Shown = NOTHING


@dataclass(frozen=True, slots=True)
class SignIn:
    """`correct` is the outcome of the verification against the credential of entry `credential_index`; `mac` is
    `tokens.session_mac` of the session, whose `method` follows from what was `shown` beside the password."""

    person: str | None
    correct: bool
    credential_index: int
    session: str
    mac: str
    method: str = PASSWORD
    shown: Shown = NOTHING


@dataclass(frozen=True, slots=True)
class FollowDemoLink:
    """Sign in to an account of an organisation marked demo; `mac` is `tokens.session_mac` of the session."""

    account: str
    session: str
    mac: str


@dataclass(frozen=True, slots=True)
class RenewSignIn:
    """A new bearer token for the running session, within its time."""

    session: str
    mac: str


@dataclass(frozen=True, slots=True)
class SignOut:
    session: str


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """`scope` narrows the actor's roles to (role, domain) pairs; an actor may have several keys."""

    actor: str
    key_id: str
    key_hash: str
    title: str
    scope: tuple[tuple[str, str], ...]
    expires_at: int


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    key_id: str


class Identity:
    """The handlers, with the access check they ask."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def commands(self) -> Commands:
        return {
            IssueSetupCode: CommandSpec("IssueSetupCode", self.issue_setup_code, lambda c: c.person),
            SetPassword: CommandSpec("SetPassword", set_password, lambda c: c.person),
            SignIn: CommandSpec("SignIn", sign_in, lambda c: c.person or ""),
            FollowDemoLink: CommandSpec("FollowDemoLink", follow_demo_link, lambda _: ""),
            RenewSignIn: CommandSpec("RenewSignIn", renew_sign_in, lambda _: ""),
            SignOut: CommandSpec("SignOut", sign_out, lambda _: ""),
            CreateApiKey: CommandSpec("CreateApiKey", self.create_api_key, lambda c: c.actor),
            RevokeApiKey: CommandSpec("RevokeApiKey", self.revoke_api_key, lambda c: f"api-key:{c.key_id}"),
        }

    def _may(self, uow: UnitOfWork, obj: Object, act: Action) -> Refusal | None:
        """The installation's own command line may; it is a residual risk we state, and every use is an entry."""
        if uow.actor.kind is ActorKind.SYSTEM:
            return None
        answer = self._access.check(uow, uow.actor, WHOLE, obj, act)
        return answer if isinstance(answer, Refusal) else None

    def issue_setup_code(self, uow: UnitOfWork, command: IssueSetupCode) -> Done | Refusal:
        """NOT_FOUND for an unknown person; DENIED for a code to oneself."""
        if refusal := self._may(uow, Object.CREDENTIAL, Action.ISSUE):
            return refusal
        if uow.actor.person == command.person:
            return Refusal(Reason.DENIED, why("own-code"))
        if not person_is_active(uow, command.person):
            return Refusal(Reason.NOT_FOUND, why("no-such-person"))
        if uow.get(SETUP_CODE, command.code_id) is not None:
            return Refusal(Reason.WRONG_STATE, why("code-not-new"))
        replaces = uow.get(CREDENTIAL, command.person, PASSWORD) is not None
        result = {"code_id": command.code_id}
        payload = {
            "person": command.person,
            "code_id": command.code_id,
            "code": seal(uow, command.person, "code", command.code_hash),
            "expires_at": uow.now + CODE_TIME,
            "replaces": replaces,
            "result": result,
        }
        uow.stage(EntryDraft(entries.SETUP_CODE_ISSUED, 1, command.person, payload))
        return Done("issued", result)

    def create_api_key(self, uow: UnitOfWork, command: CreateApiKey) -> Done | Refusal:
        """Keys are for services and agents: NOT_FOUND for any other actor."""
        _check_key(command)
        if refusal := self._may(uow, Object.API_KEY, Action.CREATE):
            return refusal
        if not command.actor.startswith(("svc:", "agent:")) or not actor_is_active(uow, command.actor):
            return Refusal(Reason.NOT_FOUND, why("no-such-service"))
        if not uow.now < command.expires_at <= uow.now + KEY_TIME_MAX:
            return Refusal(Reason.INVALID_DATA, why("expiry-beyond-year"))
        if uow.get(API_KEY, command.key_id) is not None:
            return Refusal(Reason.WRONG_STATE, why("key-not-new"))
        subject = f"api-key:{command.key_id}"
        digest = key_digest(command.key_hash, command.actor, command.scope, command.expires_at)
        result = {"key_id": command.key_id}
        payload = {
            "key_id": command.key_id,
            "actor": command.actor,
            "title": command.title,
            "scope": [list(pair) for pair in sorted(set(command.scope))],
            "hash": seal(uow, subject, "hash", digest),
            "expires_at": command.expires_at,
            "result": result,
        }
        uow.stage(EntryDraft(entries.API_KEY_CREATED, 1, subject, payload))
        return Done("created", result)

    def revoke_api_key(self, uow: UnitOfWork, command: RevokeApiKey) -> Done | Refusal:
        if refusal := self._may(uow, Object.API_KEY, Action.REVOKE):
            return refusal
        row = uow.get(API_KEY, command.key_id)
        if row is None:
            return Refusal(Reason.NOT_FOUND, why("no-such-api-key"))
        if row.revoked_at is not None:
            return Refusal(Reason.WRONG_STATE, why("api-key-revoked"))
        result = {"key_id": command.key_id}
        subject = f"api-key:{command.key_id}"
        uow.stage(EntryDraft(entries.API_KEY_REVOKED, 1, subject, {"key_id": command.key_id, "result": result}))
        return Done("revoked", result)


def set_password(uow: UnitOfWork, command: SetPassword) -> Done | Refusal:
    """BAD_CREDENTIALS unless the proof still stands. Sessions that began with the former password end by it."""
    if uow.actor.kind is not ActorKind.SYSTEM and uow.actor.person != command.person:
        return DOOR_ONLY
    if not command.hash.startswith("$argon2id$"):
        raise BrokenInput("expected an argon2id hash")
    if not person_is_active(uow, command.person):
        return BAD
    if not (_code_proves(uow, command) if command.code_id is not None else _password_proves(uow, command)):
        return BAD
    used = None
    if command.code_id is None and has_factor(uow, command.person):
        used = proved(uow, command.person, command.shown)
        if used is None:
            return failed(uow, command.person, by_code=True)
    result = {"person": command.person}
    payload = {
        "person": command.person,
        "kind": PASSWORD,
        "hash": seal(uow, command.person, "hash", command.hash),
        "by": "password" if command.code_id is None else "code",
        "code_id": command.code_id,
        **({} if used is None else used._asdict()),
        "result": result,
    }
    uow.stage(EntryDraft(entries.CREDENTIAL_SET, 1 if used is None else 2, command.person, payload))
    return Done("set", result)


def _code_proves(uow: UnitOfWork, command: SetPassword) -> bool:
    row = uow.get(SETUP_CODE, command.code_id)
    if row is None or row.person != command.person or row.used_index is not None or uow.now >= row.expires_at:
        return False
    kept = opened(uow, row.person, "code", row.sealed)
    return kept is not None and same_hash(kept, command.code_hash)


def _password_proves(uow: UnitOfWork, command: SetPassword) -> bool:
    if is_locked(uow, command.person):
        return False
    row = uow.get(CREDENTIAL, command.person, PASSWORD)
    return row is not None and row.entry_index == command.credential_index


def sign_in(uow: UnitOfWork, command: SignIn) -> Done | Refusal:
    """Done `started`, or Done `failed` (an entry counts the failure), or a refusal: LOCKED_OUT, BAD_CREDENTIALS.

    `service.sign_in_outcome` turns `failed` into the refusal that the caller sees.
    """
    if uow.actor.kind is not ActorKind.SYSTEM:
        return DOOR_ONLY
    person = command.person
    if person is None or not person_is_active(uow, person):
        return BAD
    credential = uow.get(CREDENTIAL, person, PASSWORD)
    if credential is None or credential.entry_index != command.credential_index:
        return BAD
    if is_locked(uow, person):
        return LOCKED
    used = proved(uow, person, command.shown)
    if not command.correct or (used is None and has_factor(uow, person)):
        return failed(uow, person, by_code=command.correct)
    if command.method != (PASSWORD if used is None else used.method):  # the factor came or went since it was verified
        return BAD
    session = (command.session, person, command.method, command.mac, credential.entry_index)
    return start(uow, session, Began(1) if used is None else Began(3, used._asdict()))


def follow_demo_link(uow: UnitOfWork, command: FollowDemoLink) -> Done | Refusal:
    """Done `started`; NOT_FOUND unless the organisation was founded as a demo and lists the account.

    LOCKED_OUT while the account is: a link is no way around what wrong passwords brought about.
    """
    if uow.actor.kind is not ActorKind.SYSTEM:
        return DOOR_ONLY
    unknown = Refusal(Reason.NOT_FOUND, why("no-demo-account"))
    if command.account not in demo_accounts(uow):
        return unknown
    row = person_by_ref(uow, command.account)
    credential = None if row is None else uow.get(CREDENTIAL, row.id, PASSWORD)
    if row is None or credential is None or not person_is_active(uow, row.id):
        return unknown
    if is_locked(uow, row.id):
        return LOCKED
    return start(uow, (command.session, row.id, DEMO_LINK, command.mac, credential.entry_index), Began(2))


class Began(NamedTuple):
    """The schema of the entry of a sign-in, and what was used for it, as it stands there."""

    schema: int
    used: Mapping[str, Any] = MappingProxyType({})


def start(uow: UnitOfWork, session: tuple[str, str, str, str, int], began: Began) -> Done | Refusal:
    """Begin the session (id, person, method, mac, credential entry)."""
    session_id, person, method, _, _ = session
    if uow.get(SIGN_IN, session_id) is not None:
        return Refusal(Reason.WRONG_STATE, why("session-not-new"))
    ends_at = uow.now + SESSION_TIME
    times = (uow.now, uow.now + TOKEN_TIME, ends_at)
    uow.put(SIGN_IN, SignInRow(*session, *times, ended=0))
    result = {"person": person, "session": session_id, "expires_at": times[1], "ends_at": ends_at}
    payload = {"person": person, "session": session_id, "method": method, "ends_at": ends_at, "result": result}
    uow.stage(EntryDraft(entries.SIGN_IN_STARTED, began.schema, person, {**payload, **began.used}))
    return Done("started", result)


def is_locked(rows: TimedRows, person: str) -> bool:
    """Whether nothing is tried for the person now, after failed tries."""
    lock = rows.get(LOCKOUT, person)
    return lock is not None and rows.now < lock.locked_until


def failed(uow: UnitOfWork, person: str, by_code: bool) -> Done:
    """Count a failed try; `service.sign_in_outcome` turns it into the refusal that the caller sees.

    `by_code`: the password was right, or a session is, and the code was not.
    """
    lock = uow.get(LOCKOUT, person) or LockoutRow(person, 0, 0, 0, 0)
    failures, codes = lock.failures + 1, lock.code_failures + by_code
    delay = max(password_delay(failures), code_delay(codes) if by_code else 0)
    result = {"reason": Reason.BAD_CREDENTIALS.value}
    counted = {"failures": failures, **({"code_failures": codes} if by_code else {})}
    payload = {"person": person, **counted, "locked_until": uow.now + delay if delay else 0, "result": result}
    uow.stage(EntryDraft(entries.SIGN_IN_FAILED, 2 if by_code else 1, person, payload))
    return Done("failed", result)


def _own_session(uow: UnitOfWork, session: str) -> SignInRow | Refusal:
    row = uow.get(SIGN_IN, session)
    if row is None or row.person != uow.actor.person or row.id != uow.actor.sign_in:
        return Refusal(Reason.NOT_FOUND, why("no-own-session"))
    if row.ended or uow.now >= row.ends_at:
        return Refusal(Reason.WRONG_STATE, why("session-over"))
    return row


def renew_sign_in(uow: UnitOfWork, command: RenewSignIn) -> Done | Refusal:
    """The former bearer token is worth nothing from now on. No entry: the session is the same."""
    row = _own_session(uow, command.session)
    if isinstance(row, Refusal):
        return row
    expires_at = min(uow.now + TOKEN_TIME, row.ends_at)
    uow.put(SIGN_IN, row._replace(mac=command.mac, expires_at=expires_at))
    return Done("renewed", {"session": row.id, "expires_at": expires_at, "ends_at": row.ends_at})


def sign_out(uow: UnitOfWork, command: SignOut) -> Done | Refusal:
    """End one sign-in session of one's own."""
    row = _own_session(uow, command.session)
    if isinstance(row, Refusal):
        return row
    uow.put(SIGN_IN, row._replace(ended=1))
    result = {"session": row.id}
    payload = {"person": row.person, "session": row.id, "result": result}
    uow.stage(EntryDraft(entries.SIGN_IN_ENDED, 1, row.person, payload))
    return Done("ended", result)


def seal(uow: UnitOfWork, subject: str, path: str, value: str) -> object:
    """What stands in an entry for a secret, whose opening goes to the vault."""
    data_subject = subject if subject.startswith("person:") else None
    return uow.seal(subject, path, value, data_class="confidential", data_subject=data_subject)


def _check_key(command: CreateApiKey) -> None:
    if not command.scope:
        raise BrokenInput(tell("scope-empty"), "scope")
    for role, domain in command.scope:
        check_slug(role, tell("a-role"))
        check_slug(domain, tell("a-domain"))
    if not 0 < len(command.title) <= TITLE_MAX:
        raise BrokenInput(tell("title-length", most=TITLE_MAX), "title")
