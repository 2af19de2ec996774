"""Tables of local identity. Hashes lie in the vault, sealed under the entry that set them; rows hold the commitment.

`sign_in_session` is operational: a lost session is signed in again. It holds a MAC under a key that is not in the
database, so an inserted row signs nobody in, and it counts only while the credential it began with stands.
"""

from typing import NamedTuple

import sqlalchemy as sa

from ledger.rows import Table, TableClass


class CredentialRow(NamedTuple):
    """`sealed` is the sealed argon2id hash as canonical text; it opens under (`person`, `hash`)."""

    person: str
    kind: str
    sealed: str
    set_at: int
    entry_index: int


class SetupCodeRow(NamedTuple):
    """A one-time code to set a password with. `sealed` opens under (`person`, `code`)."""

    id: str
    person: str
    sealed: str
    expires_at: int
    used_index: int | None
    entry_index: int


class LockoutRow(NamedTuple):
    """Failed sign-ins in a row, and those among them by a wrong code beside the right password; until `locked_until`
    none is tried."""

    person: str
    failures: int
    locked_until: int
    entry_index: int
    code_failures: int


class ApiKeyRow(NamedTuple):
    """`scope` is canonical text of [[role, domain], ...]. `sealed` opens under (`api-key:<id>`, `hash`)."""

    id: str
    actor: str
    title: str
    scope: str
    sealed: str
    created_at: int
    expires_at: int
    revoked_at: int | None
    entry_index: int


class TotpRow(NamedTuple):
    """A secret shared with an authenticator app. `sealed` opens under (`person`, `totp`); `last_step` is the newest
    time step of which a code was used (-1 for none): no older one is taken. `entry_index` is the offer's."""

    person: str
    sealed: str
    status: str
    last_step: int
    offered_at: int
    entry_index: int


class RecoveryRow(NamedTuple):
    """Recovery codes told together. `sealed` opens under (`person`, `recovery`) to their MACs; bit n of `used` says
    that code n was."""

    person: str
    sealed: str
    codes: int
    used: int
    set_at: int
    entry_index: int


class PasskeyRow(NamedTuple):
    """A passkey by the digest of its credential id. `public_key` is a COSE_Key in base64url. `sealed` opens under
    (`person`, `passkey`), `name` under (`person`, `passkey/name`); `transports` are joined by blanks."""

    credential: str
    person: str
    public_key: str
    rp_id: str
    sealed: str
    name: str
    transports: str
    is_backed_up: int
    sign_count: int
    enrolled_at: int
    used_at: int | None
    removed_at: int | None
    entry_index: int


class ChallengeRow(NamedTuple):
    """Operational: a challenge for passkeys that was used; it runs out at `expires_at` and its row with it."""

    challenge: str
    expires_at: int


class SignInRow(NamedTuple):
    """A sign-in session. `expires_at` is that of its present bearer token, `ends_at` that of the session."""

    id: str
    person: str
    method: str
    mac: str
    credential_index: int
    started_at: int
    expires_at: int
    ends_at: int
    ended: int


CREDENTIAL = Table("credential", CredentialRow, key=2, group=1, register=True)
SETUP_CODE = Table("setup_code", SetupCodeRow, key=1)
LOCKOUT = Table("lockout", LockoutRow, key=1)
API_KEY = Table("api_key", ApiKeyRow, key=1, register=True)
TOTP = Table("totp", TotpRow, key=1)
RECOVERY = Table("recovery_codes", RecoveryRow, key=1)
PASSKEY = Table("passkey", PasskeyRow, key=1)
CHALLENGE = Table(
    "passkey_challenge", ChallengeRow, key=1, table_class=TableClass.OPERATIONAL, expired="expires_at < ?"
)
SIGN_IN = Table("sign_in_session", SignInRow, key=1, table_class=TableClass.OPERATIONAL, expired="ends_at < ?")

TABLES = (CREDENTIAL, SETUP_CODE, LOCKOUT, API_KEY, TOTP, RECOVERY, PASSKEY, CHALLENGE, SIGN_IN)

metadata = sa.MetaData()
_FOLDED = {"class": "folded"}


def _log() -> "sa.Column[int]":
    return sa.Column("log_id", sa.BigInteger, primary_key=True, autoincrement=False)


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=nullable)


sa.Table(
    "credential",
    metadata,
    _log(),
    _key("person"),
    _key("kind"),
    _text("sealed"),
    _number("set_at"),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "setup_code",
    metadata,
    _log(),
    _key("id"),
    _text("person"),
    _text("sealed"),
    _number("expires_at"),
    _number("used_index", nullable=True),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "lockout",
    metadata,
    _log(),
    _key("person"),
    _number("failures"),
    _number("locked_until"),
    _number("entry_index"),
    sa.Column("code_failures", sa.BigInteger, nullable=False, server_default="0"),
    info=_FOLDED,
)
sa.Table(
    "api_key",
    metadata,
    _log(),
    _key("id"),
    _text("actor"),
    _text("title"),
    _text("scope"),
    _text("sealed"),
    _number("created_at"),
    _number("expires_at"),
    _number("revoked_at", nullable=True),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "totp",
    metadata,
    _log(),
    _key("person"),
    _text("sealed"),
    _text("status"),
    _number("last_step"),
    _number("offered_at"),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "recovery_codes",
    metadata,
    _log(),
    _key("person"),
    _text("sealed"),
    _number("codes"),
    _number("used"),
    _number("set_at"),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "passkey",
    metadata,
    _log(),
    _key("credential"),
    *(_text(name) for name in ("person", "public_key", "rp_id", "sealed", "name", "transports")),
    *(_number(name) for name in ("is_backed_up", "sign_count", "enrolled_at")),
    _number("used_at", nullable=True),
    _number("removed_at", nullable=True),
    _number("entry_index"),
    sa.Index("ix_passkey_person", "log_id", "person"),
    info=_FOLDED,
)
sa.Table(
    "passkey_challenge",
    metadata,
    _log(),
    _key("challenge"),
    _number("expires_at"),
    info={"class": "operational"},
)
sa.Table(
    "sign_in_session",
    metadata,
    _log(),
    _key("id"),
    _text("person"),
    _text("method"),
    _text("mac"),
    _number("credential_index"),
    _number("started_at"),
    _number("expires_at"),
    _number("ends_at"),
    _number("ended"),
    sa.Index("ix_sign_in_session_person", "log_id", "person"),
    info={"class": "operational"},
)
