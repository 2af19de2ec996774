"""From a token to an actor, for every request: read-only, before any command.

Whatever is wrong with a token, the answer is the same BAD_CREDENTIALS.
"""

from threading import Lock
from typing import NamedTuple

from api.identity.sealed import opened
from api.identity.second_factor import PASSWORD
from api.identity.tables import API_KEY, CREDENTIAL, SIGN_IN
from api.identity.tokens import API_KEY as KEY
from api.identity.tokens import SIGN_IN as BEARER
from api.identity.tokens import (
    TOKEN_CHARS_MAX,
    Door,
    Token,
    key_digest,
    parse_token,
    same_hash,
    session_mac,
    token_hash,
)
from api.refusal_texts import why
from ledger import canonical
from ledger.actor import Actor, ActorKind
from ledger.clock import LAG_MAX, SECOND, Instant
from ledger.errors import BrokenInput
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from rbac.service import SealedRows, actor_is_active, person_is_active

SESSION_TRUST = 2 * SECOND  # how long another process may not know of a sign-out
KEY_TRUST = 60 * SECOND  # within one register epoch: a revoked key raises it and is known at once
KNOWN_MAX = 10_000

_BAD = Refusal(Reason.BAD_CREDENTIALS, why("no-token"))


class Known(NamedTuple):
    """An answer that holds for a short while, at one register epoch."""

    actor: Actor
    epoch: int
    since: int
    until: int

    def holds(self, register_epoch: int, now: int) -> bool:
        """Not by a clock that was put back, either: it would hold for as long as that."""
        return self.epoch == register_epoch and self.since <= now < self.until


def token_log(text: str) -> str | None:
    """The short name of the log a token belongs to; None for what is no token."""
    token = parse_token(text)
    return None if token is None else token.log


class Authenticator:
    """Authenticates tokens of one log. Thread-safe; remembers good tokens by hash for a short while."""

    def __init__(self, door: Door, session_trust: int = SESSION_TRUST) -> None:
        self._door = door
        self._session_trust = session_trust
        self._known: dict[str, Known] = {}
        self._lock = Lock()

    def authenticate(self, rows: SealedRows, text: str, now: Instant) -> Actor | Refusal:
        """The actor of a bearer token or API key in force at `now`."""
        token = parse_token(text)
        if token is None or token.log != self._door.log:
            return _BAD
        remembered = self.recognised(text, rows.register_epoch, now)
        if remembered is not None:
            return remembered
        found = authenticate(rows, self._door, token, now)
        if isinstance(found, Refusal):
            return found
        trust = self._session_trust if token.kind == BEARER else KEY_TRUST
        actor, expires_at = found
        with self._lock:
            if len(self._known) >= KNOWN_MAX:
                self._known.pop(next(iter(self._known)))
            self._known[token.hash] = Known(actor, rows.register_epoch, now - LAG_MAX, min(expires_at, now + trust))
        return actor

    def recognised(self, text: str, register_epoch: int, now: Instant) -> Actor | None:
        """The actor of a token that was found good a short while ago, in this register epoch; None says nothing."""
        if len(text) > TOKEN_CHARS_MAX:
            return None
        # Only tokens of this log were found good, so one that is remembered needs no reading in parts.
        known = self._known.get(token_hash(text))
        return None if known is None or not known.holds(register_epoch, now) else known.actor

    def forget(self, text: str) -> None:
        """After a sign-out or a renewal here: the token counts no longer."""
        token = parse_token(text)
        if token is not None:
            with self._lock:
                self._known.pop(token.hash, None)

    def forget_person(self, person: str) -> None:
        """After sessions of a person were ended here: none of their tokens is taken without being looked up."""
        with self._lock:
            for kept in [kept for kept, known in self._known.items() if known.actor.person == person]:
                del self._known[kept]


def authenticate(rows: SealedRows, door: Door, token: Token, now: Instant) -> tuple[Actor, int] | Refusal:
    """(actor, instant its token expires), uncached."""
    if token.kind == BEARER:
        return _session(rows, door, token, now)
    return _api_key(rows, token, now) if token.kind == KEY else _BAD


def _session(rows: SealedRows, door: Door, token: Token, now: Instant) -> tuple[Actor, int] | Refusal:
    row = rows.get(SIGN_IN, token.id)
    if row is None:
        return _BAD
    mac = session_mac(door.key, (row.id, row.person, row.method, row.credential_index), token.hash)
    if not same_hash(row.mac, mac):
        return _BAD
    if row.ended or now >= row.expires_at or now >= row.ends_at:
        return _BAD
    credential = rows.get(CREDENTIAL, row.person, PASSWORD)
    if credential is None or credential.entry_index != row.credential_index:
        return _BAD
    if not person_is_active(rows, row.person) or not actor_is_active(rows, row.person):
        return _BAD
    actor = Actor(ActorId(row.person), ActorKind.PERSON, PersonId(row.person), method=row.method, sign_in=row.id)
    return actor, row.expires_at


def _api_key(rows: SealedRows, token: Token, now: Instant) -> tuple[Actor, int] | Refusal:
    row = rows.get(API_KEY, token.id)
    if row is None:
        return _BAD
    try:
        scope = tuple((role, domain) for role, domain in canonical.decode(row.scope.encode("utf-8")))
        presented = key_digest(token.hash, row.actor, scope, row.expires_at)
    except (BrokenInput, TypeError, ValueError):  # an edited scope
        return _BAD
    kept = opened(rows, f"api-key:{row.id}", "hash", row.sealed)
    if kept is None or not same_hash(kept, presented):
        return _BAD
    if row.revoked_at is not None or now >= row.expires_at or not actor_is_active(rows, row.actor):
        return _BAD
    kind = ActorKind.SERVICE if row.actor.startswith("svc:") else ActorKind.AGENT
    return Actor(ActorId(row.actor), kind, method="api-key", sign_in=row.id, scope=scope), row.expires_at
