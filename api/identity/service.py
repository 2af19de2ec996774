"""The door of local identity. What is slow (argon2) or secret (tokens) is done here, outside the writer; the writer
gets a command with the outcome.

    attempt = prepare_sign_in(rows, passwords, door, Entered(account, password, code))
    outcome = sign_in_outcome(writer.send(DOOR, attempt.command).outcome)   # Done(...) -> hand attempt.token over
"""

from typing import NamedTuple

from api.identity import fold, session_commands
from api.identity.authenticate import Authenticator, authenticate, token_log
from api.identity.commands import (
    BAD,
    DEMO_LINK,
    DOOR,
    NO_METHOD,
    CreateApiKey,
    FollowDemoLink,
    Identity,
    IssueSetupCode,
    RenewSignIn,
    RevokeApiKey,
    SetPassword,
    SignIn,
    SignOut,
    is_locked,
)
from api.identity.factor_commands import Factors
from api.identity.passkey_commands import Passkeys, SignInByPasskey
from api.identity.passwords import Passwords, check_password
from api.identity.sealed import opened
from api.identity.second_factor import PASSWORD, TimedRows, method_of, read_code
from api.identity.tables import CREDENTIAL
from api.identity.tables import SIGN_IN as SESSION
from api.identity.tokens import API_KEY, SETUP_CODE, SIGN_IN, Door, mint, parse_token, session_mac, token_hash
from api.refusal_texts import why
from ledger.actor import Actor
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds
from ledger.work import Commands, Done
from rbac.service import Access, SealedRows, demo_accounts, person_by_ref

__all__ = [
    "DEMO_LINK",
    "DOOR",
    "Authenticator",
    "CreateApiKey",
    "Door",
    "Entered",
    "FollowDemoLink",
    "IssueSetupCode",
    "PasswordCheck",
    "Passwords",
    "Prepared",
    "RenewSignIn",
    "RevokeApiKey",
    "SetPassword",
    "SignIn",
    "SignOut",
    "authenticate",
    "commands",
    "folds",
    "prepare_api_key",
    "prepare_demo_sign_in",
    "prepare_password_by_code",
    "prepare_password_change",
    "prepare_renewal",
    "prepare_setup_code",
    "prepare_sign_in",
    "sign_in_outcome",
    "token_log",
    "verify_password",
]


class PasswordCheck(NamedTuple):
    """Outcome of a verification. `credential_index` is the entry of the credential it was made against."""

    person: str | None
    correct: bool
    credential_index: int


class Prepared(NamedTuple):
    """A command for the writer, and the token to hand to its owner once the command is done."""

    command: SignIn | SignInByPasskey | FollowDemoLink | RenewSignIn | CreateApiKey | IssueSetupCode
    token: str


def verify_password(rows: SealedRows, passwords: Passwords, person: str | None, password: str) -> PasswordCheck:
    """One argon2 evaluation, whoever is asked about. For sign-in and for signing a decision again."""
    row = None if person is None else rows.get(CREDENTIAL, person, PASSWORD)
    encoded = None if row is None else opened(rows, row.person, "hash", row.sealed)
    correct = passwords.verify(encoded, password)
    return PasswordCheck(person, correct, -1 if row is None else row.entry_index)


class Entered(NamedTuple):
    """What somebody typed to sign in: a person's reference, a password, and a code (empty for none)."""

    account: str
    password: str
    code: str = ""


def prepare_sign_in(rows: TimedRows, passwords: Passwords, door: Door, entered: Entered) -> Prepared:
    """Verify and mint. Send the command as `DOOR`."""
    row = person_by_ref(rows, entered.account)
    person = None if row is None else row.id
    check = verify_password(rows, passwords, person, entered.password)
    shown = read_code(rows, door, person, entered.code)
    method = (None if person is None else method_of(rows, person, shown)) or PASSWORD
    minted = mint(door.log, SIGN_IN)
    mac = session_mac(door.key, (minted.id, person or "", method, check.credential_index), minted.hash)
    return Prepared(SignIn(person, check.correct, check.credential_index, minted.id, mac, method, shown), minted.text)


def prepare_demo_sign_in(rows: SealedRows, door: Door, account: str) -> Prepared | None:
    """A session for an account that a demo link may sign in to; None for any other. Send the command as `DOOR`."""
    person = person_by_ref(rows, account) if account in demo_accounts(rows) else None
    credential = None if person is None else rows.get(CREDENTIAL, person.id, PASSWORD)
    if person is None or credential is None:
        return None
    minted = mint(door.log, SIGN_IN)
    mac = session_mac(door.key, (minted.id, person.id, DEMO_LINK, credential.entry_index), minted.hash)
    return Prepared(FollowDemoLink(account, minted.id, mac), minted.text)


def sign_in_outcome(outcome: Done | Refusal) -> Done | Refusal:
    """What the caller may see of a sign-in: a counted failure looks like any other."""
    if isinstance(outcome, Done) and outcome.outcome in ("failed", "suspected"):
        return BAD
    return outcome


def prepare_renewal(rows: SealedRows, door: Door, actor: Actor) -> Prepared | Refusal:
    """A new bearer token for the running session of an authenticated actor. Send as that actor."""
    row = None if actor.sign_in is None else rows.get(SESSION, actor.sign_in)
    if row is None or row.person != actor.person:
        return Refusal(Reason.NOT_FOUND, why("no-own-session"))
    minted = mint(door.log, SIGN_IN)
    # The token keeps the session's id, by which it is found; only the secret is new.
    text = minted.text.replace(minted.id, row.id, 1)
    mac = session_mac(door.key, (row.id, row.person, row.method, row.credential_index), token_hash(text))
    return Prepared(RenewSignIn(row.id, mac), text)


def prepare_setup_code(log: str, person: str) -> Prepared:
    """A one-time code with which the person sets a password."""
    minted = mint(log, SETUP_CODE)
    return Prepared(IssueSetupCode(person, minted.id, minted.hash), minted.text)


def prepare_password_by_code(
    rows: SealedRows, passwords: Passwords, account: str, code: str, password: str
) -> SetPassword | Refusal:
    """The first password, or a new one after a reset. Send as `DOOR`, which refuses an unknown person like a code."""
    token = parse_token(code)
    check_password(password, (account,))
    if token is None or token.kind != SETUP_CODE:
        return BAD
    person = person_by_ref(rows, account)
    return SetPassword("" if person is None else person.id, passwords.hash(password), token.id, token.hash)


def prepare_password_change(
    rows: TimedRows, passwords: Passwords, door: Door, present: Entered, password: str
) -> SetPassword | SignIn:
    """A new password for the present one. Whatever is wrong comes back as a failed `SignIn` to send, so that it counts;
    nothing is hashed for it, so that a right password beside a wrong code takes no longer than a wrong one."""
    check_password(password, (present.account,))
    row = person_by_ref(rows, present.account)
    person = None if row is None else row.id
    check = verify_password(rows, passwords, person, present.password)
    shown = read_code(rows, door, person, present.code)
    if person is None or not check.correct or is_locked(rows, person) or method_of(rows, person, shown) is None:
        return SignIn(person, check.correct, check.credential_index, "", "", NO_METHOD, shown)
    return SetPassword(person, passwords.hash(password), credential_index=check.credential_index, shown=shown)


def prepare_api_key(
    log: str, actor: str, title: str, scope: tuple[tuple[str, str], ...], expires_at: Instant
) -> Prepared:
    """A key for a service or agent; its text is shown once."""
    minted = mint(log, API_KEY)
    return Prepared(CreateApiKey(actor, minted.id, minted.hash, title, scope, expires_at), minted.text)


def commands(access: Access) -> Commands:
    """Commands of local identity."""
    return {
        **Identity(access).commands(),
        **Factors(access).commands(),
        **Passkeys(access).commands(),
        **session_commands.commands(),
    }


def folds() -> Folds:
    """Folds of local identity by (kind, schema)."""
    return fold.folds()
