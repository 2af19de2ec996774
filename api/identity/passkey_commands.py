"""Commands of passkeys and their handlers: enrolled, renamed, removed, used to sign in and to sign.

Attestations and assertions are verified before the writer (`passkey_door`); here, under the head of the log, is asked
what may have changed since: the challenge is used once, the passkey is in force, its counter has risen.
"""

from dataclasses import dataclass

from api.identity import entries
from api.identity.challenges import Challenge
from api.identity.commands import BAD, DOOR_ONLY, LOCKED, Began, failed, is_locked, seal, start
from api.identity.passkeys import (
    KEY_PATH,
    METHOD,
    NAME_PATH,
    PASSKEYS_MAX,
    Shown,
    credential_of,
    digest_of,
    has_risen,
    in_force,
    sealed_text,
)
from api.identity.second_factor import NOTHING, PASSWORD, Used, has_factor, proved
from api.identity.second_factor import Shown as ShownCode
from api.identity.session_commands import own_person, started_just_now
from api.identity.tables import CHALLENGE, CREDENTIAL, PASSKEY, SIGN_IN, ChallengeRow, PasskeyRow
from api.refusal_texts import why
from ledger.actor import ActorKind
from ledger.canonical import from_b64url
from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork
from rbac.permission import WHOLE, Action, Object
from rbac.service import Access, person_is_active

SIGNING = "signature"  # what a passkey was used for
SIGNING_IN = "sign-in"
REMOVING = "removal"

_OWN = Refusal(Reason.DENIED, why("not-for-oneself"))
_FRESH = Refusal(Reason.DENIED, why("proven-sign-in-too-old"))
_UNKNOWN = Refusal(Reason.NOT_FOUND, why("no-own-passkey"))
_UNKNOWN_OF = Refusal(Reason.NOT_FOUND, why("no-passkey-of-person"))
_USED = Refusal(Reason.WRONG_STATE, why("challenge-over"))
_PROVE = Refusal(Reason.DENIED, why("no-password-nor-passkey"))

_SESSIONS = (
    "SELECT id FROM sign_in_session WHERE log_id = {log} AND person = ? AND method = ? AND ended = 0 AND ends_at > ? "
    "ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class EnrolPasskey:
    """A passkey of one's own, its attestation verified on the challenge. `credential` is the id, `public_key` a
    COSE_Key, both in base64url."""

    challenge: Challenge
    credential: str
    public_key: str
    rp_id: str
    name: str
    transports: tuple[str, ...]
    is_backed_up: bool
    sign_count: int


@dataclass(frozen=True, slots=True)
class RenamePasskey:
    passkey: str
    name: str


@dataclass(frozen=True, slots=True)
class ByPassword:
    """The password was entered again, verified against the credential of an entry; `shown` is what a code was."""

    is_right: bool
    credential_index: int
    shown: ShownCode = NOTHING


@dataclass(frozen=True, slots=True)
class ByPasskey:
    """An assertion, and its challenge where that is one of ours."""

    shown: Shown
    challenge: Challenge | None


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    """End a passkey of one's own; `proof` shows that its person is there."""

    passkey: str
    proof: ByPassword | ByPasskey


@dataclass(frozen=True, slots=True)
class RemovePasskeyOf:
    """End a passkey of somebody else, who has lost it."""

    person: str
    passkey: str


@dataclass(frozen=True, slots=True)
class SignInByPasskey:
    """`mac` is `tokens.session_mac` of the session, which counts while the password of `credential_index` stands."""

    proof: ByPasskey
    credential_index: int
    session: str
    mac: str


@dataclass(frozen=True, slots=True)
class UsePasskey:
    """An assertion of one's own passkey on a statement: counted before what it signs is carried out."""

    shown: Shown


@dataclass(frozen=True, slots=True)
class UseSecondFactor:
    """The password was entered again to sign, and a code beside it: used up before what is signed is carried out."""

    proof: ByPassword


class Passkeys:
    """The handlers, with the access check they ask."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def commands(self) -> Commands:
        return {
            EnrolPasskey: CommandSpec("EnrolPasskey", enrol, lambda _: ""),
            RenamePasskey: CommandSpec("RenamePasskey", rename, lambda _: ""),
            RemovePasskey: CommandSpec("RemovePasskey", remove, lambda _: ""),
            RemovePasskeyOf: CommandSpec("RemovePasskeyOf", self.remove_of, lambda c: c.person),
            SignInByPasskey: CommandSpec("SignInByPasskey", sign_in, lambda _: ""),
            UsePasskey: CommandSpec("UsePasskey", use, lambda _: ""),
            UseSecondFactor: CommandSpec("UseSecondFactor", use_second_factor, lambda _: ""),
        }

    def remove_of(self, uow: UnitOfWork, command: RemovePasskeyOf) -> Done | Refusal:
        """DENIED for oneself: whoever is signed in shows who they are. NOT_FOUND for an unknown person or passkey."""
        if uow.actor.kind is not ActorKind.SYSTEM:
            answer = self._access.check(uow, uow.actor, WHOLE, Object.CREDENTIAL, Action.REVOKE)
            if isinstance(answer, Refusal):
                return answer
        if uow.actor.person == command.person:
            return Refusal(Reason.DENIED, why("own-passkey"))
        row = _own_row(uow, command.person, command.passkey)
        return _UNKNOWN_OF if row is None else _removed(uow, row, ("keeper", None, None))


def enrol(uow: UnitOfWork, command: EnrolPasskey) -> Done | Refusal:
    """Done `enrolled`. DENIED unless the sign-in is fresh; WRONG_STATE for a credential that was enrolled before, or
    with as many passkeys as one may have."""
    person = own_person(uow)
    if person is None:
        return _OWN
    method = started_just_now(uow)
    if method is None or not (method == METHOD or method.startswith(PASSWORD)):
        return _FRESH
    if is_spent(uow, command.challenge):
        return _USED
    name = digest_of(from_b64url(command.credential))
    if uow.get(PASSKEY, name) is not None:
        return Refusal(Reason.WRONG_STATE, why("passkey-enrolled"))
    if len(in_force(uow, person)) >= PASSKEYS_MAX:
        return Refusal(Reason.WRONG_STATE, why("passkeys-counted", most=PASSKEYS_MAX))
    result = {"passkey": name}
    kept = sealed_text(person, command.credential, command.public_key, command.rp_id)
    payload = {
        "person": person,
        "passkey": name,
        "public_key": command.public_key,
        "rp_id": command.rp_id,
        "sealed": seal(uow, person, KEY_PATH, kept),
        "name": seal(uow, person, NAME_PATH, command.name),
        "transports": list(command.transports),
        "is_backed_up": command.is_backed_up,
        "sign_count": command.sign_count,
        "by": method,
        "result": result,
    }
    spend(uow, command.challenge)
    uow.stage(EntryDraft(entries.PASSKEY_ENROLLED, 1, person, payload))
    return Done("enrolled", result)


def rename(uow: UnitOfWork, command: RenamePasskey) -> Done | Refusal:
    """Done `renamed`; NOT_FOUND for what is no passkey of one's own in force."""
    person = own_person(uow)
    if person is None:
        return _OWN
    if _own_row(uow, person, command.passkey) is None:
        return _UNKNOWN
    result = {"passkey": command.passkey}
    name = seal(uow, person, NAME_PATH, command.name)
    payload = {"person": person, "passkey": command.passkey, "name": name, "result": result}
    uow.stage(EntryDraft(entries.PASSKEY_RENAMED, 1, person, payload))
    return Done("renamed", result)


def remove(uow: UnitOfWork, command: RemovePasskey) -> Done | Refusal:
    """Done `removed`, its sessions ended; Done `failed` or `suspected` for a proof that is none."""
    person = own_person(uow)
    if person is None:
        return _OWN
    row = _own_row(uow, person, command.passkey)
    if row is None:
        return _UNKNOWN
    if is_locked(uow, person):
        return LOCKED
    proof = command.proof
    if isinstance(proof, ByPassword):
        used = _by_password(uow, person, proof)
        return used if isinstance(used, Done) else _removed(uow, row, ("password", used, None))
    other = _by_passkey(uow, proof, REMOVING, person)
    if not isinstance(other, PasskeyRow):
        return other
    if other.credential == row.credential:
        return _PROVE
    return _removed(uow, row, ("passkey", None, proof))


def sign_in(uow: UnitOfWork, command: SignInByPasskey) -> Done | Refusal:
    """Done `started`; Done `failed` or `suspected` (an entry says so), or a refusal: LOCKED_OUT, BAD_CREDENTIALS."""
    if uow.actor.kind is not ActorKind.SYSTEM:
        return DOOR_ONLY
    row = uow.get(PASSKEY, command.proof.shown.credential)
    if row is None or credential_of(uow, row) is None or not person_is_active(uow, row.person):
        return BAD
    credential = uow.get(CREDENTIAL, row.person, PASSWORD)
    if credential is None or credential.entry_index != command.credential_index:
        return BAD
    if is_locked(uow, row.person):
        return LOCKED
    passed = _by_passkey(uow, command.proof, SIGNING_IN, row.person)
    if not isinstance(passed, PasskeyRow):
        return passed
    assert command.proof.challenge is not None
    spend(uow, command.proof.challenge)
    session = (command.session, row.person, METHOD, command.mac, credential.entry_index)
    used = {"passkey": row.credential, "sign_count": command.proof.shown.sign_count}
    return start(uow, session, Began(4, used))


def use(uow: UnitOfWork, command: UsePasskey) -> Done | Refusal:
    """Done `used`, or Done `suspected`; NOT_FOUND for what is no passkey of one's own in force."""
    person = own_person(uow)
    if person is None:
        return _OWN
    shown = command.shown
    row = _own_row(uow, person, shown.credential)
    if row is None or not shown.is_right:
        return _UNKNOWN
    if not has_risen(row, shown.sign_count):
        return _suspected(uow, row, shown, SIGNING)
    result = {"passkey": row.credential}
    payload = {"person": person, "passkey": row.credential, "sign_count": shown.sign_count, "purpose": SIGNING}
    uow.stage(EntryDraft(entries.PASSKEY_USED, 1, person, {**payload, "result": result}))
    return Done("used", result)


def use_second_factor(uow: UnitOfWork, command: UseSecondFactor) -> Done | Refusal:
    """Done `used` with the method that password and code make; Done `failed` for a wrong one, which counts."""
    person = own_person(uow)
    if person is None:
        return _OWN
    if is_locked(uow, person):
        return LOCKED
    if not has_factor(uow, person):
        return Refusal(Reason.WRONG_STATE, why("no-second-factor"))
    used = _by_password(uow, person, command.proof)
    if isinstance(used, Done):
        return used
    assert used is not None
    result = {"method": used.method}
    uow.stage(EntryDraft(entries.SECOND_FACTOR_USED, 1, person, {"person": person, **used._asdict(), "result": result}))
    return Done("used", result)


def is_spent(rows: Rows, challenge: Challenge) -> bool:
    """Whether a challenge was used, or has run out."""
    return rows.now >= challenge.expires_at or rows.get(CHALLENGE, challenge.text) is not None


def spend(uow: UnitOfWork, challenge: Challenge) -> None:
    """From now on the challenge proves nothing."""
    uow.put(CHALLENGE, ChallengeRow(challenge.text, challenge.expires_at))


def _own_row(rows: Rows, person: str, passkey: str) -> PasskeyRow | None:
    row = rows.get(PASSKEY, passkey)
    return row if row is not None and row.person == person and row.removed_at is None else None


def _by_password(uow: UnitOfWork, person: str, proof: ByPassword) -> Used | Done | None:
    """The code that was used beside the right password (None without a second factor), or a counted failure."""
    credential = uow.get(CREDENTIAL, person, PASSWORD)
    if not proof.is_right or credential is None or credential.entry_index != proof.credential_index:
        return failed(uow, person, by_code=False)
    if not has_factor(uow, person):
        return None
    used = proved(uow, person, proof.shown)
    return failed(uow, person, by_code=True) if used is None else used


def _by_passkey(uow: UnitOfWork, proof: ByPasskey, purpose: str, person: str) -> PasskeyRow | Done | Refusal:
    """The person's passkey that proved, its challenge for the caller to spend; a counted failure, or a suspicion."""
    row = _own_row(uow, person, proof.shown.credential)
    if row is None or credential_of(uow, row) is None or not proof.shown.is_right or proof.challenge is None:
        return failed(uow, person, by_code=False)
    if is_spent(uow, proof.challenge):
        return failed(uow, person, by_code=False)
    if has_risen(row, proof.shown.sign_count):
        return row
    spend(uow, proof.challenge)
    return _suspected(uow, row, proof.shown, purpose)


def _suspected(uow: UnitOfWork, row: PasskeyRow, shown: Shown, purpose: str) -> Done:
    result = {"reason": Reason.BAD_CREDENTIALS.value}
    payload = {
        "person": row.person,
        "passkey": row.credential,
        "seen": row.sign_count,
        "sign_count": shown.sign_count,
        "purpose": purpose,
        "result": result,
    }
    uow.stage(EntryDraft(entries.PASSKEY_SUSPECTED, 1, row.person, payload))
    return Done("suspected", result)


def _removed(uow: UnitOfWork, row: PasskeyRow, proof: tuple[str, Used | None, ByPasskey | None]) -> Done:
    """Record the end, by whom and by what; sessions that began by a passkey of the person end with it."""
    by, used, shown = proof
    other = None if shown is None else shown.shown
    asked = (row.person, METHOD, uow.now)
    ending = [uow.get(SIGN_IN, session) for (session,) in uow.query(_SESSIONS, asked)]
    for found in ending:
        if found is not None:
            uow.put(SIGN_IN, found._replace(ended=1))
    if shown is not None and shown.challenge is not None:
        spend(uow, shown.challenge)
    result = {"passkey": row.credential}
    payload = {
        "person": row.person,
        "passkey": row.credential,
        "public_key": row.public_key,
        "rp_id": row.rp_id,
        "by": by,
        **(Used(None, None) if used is None else used)._asdict(),
        "other": None if other is None else other.credential,
        "sign_count": None if other is None else other.sign_count,
        "result": result,
    }
    uow.stage(EntryDraft(entries.PASSKEY_REMOVED, 1, row.person, payload))
    return Done("removed", result)
