"""A person's passkeys: what is kept of one, and what an assertion of it proves. Rows are read, nothing is written.

    told = read_assertion(rows, site, assertion, challenge)    # outside the writer: the signature is verified here
    row = counted(uow, person, told.shown)                     # inside: still in force, and its counter has risen

A row names a passkey by the digest of its credential id. What it holds is sealed under the entry of its enrolment, as
one value over person, credential, key and relying party: an edited or inserted row opens to something else and proves
nothing. Once the openings of its person are erased a passkey signs nobody in any more.
"""

from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from api.identity.sealed import opened
from api.identity.site import Site
from api.identity.tables import PASSKEY, PasskeyRow
from ledger import canonical
from ledger.canonical import b64url, from_b64url
from ledger.errors import BrokenInput
from ledger.verify.webauthn import Assertion, Expected, Failure, verify_assertion
from ledger.work import Rows
from rbac.service import SealedRows

METHOD = "passkey"  # how somebody signs in with one, and the factor of a signature by it
KEY_PATH = "passkey"  # where what a row holds lies in the vault
NAME_PATH = "passkey/name"
PASSKEYS_MAX = 20  # in force of one person
ALGORITHMS = (-8, -7, -257)

_IN_FORCE = (
    "SELECT credential FROM passkey WHERE log_id = {log} AND person = ? AND removed_at IS NULL "
    "ORDER BY entry_index LIMIT 100"
)


class Given(NamedTuple):
    """An assertion as it came, its binary members in base64url."""

    credential: str
    client_data: str
    authenticator_data: str
    signature: str


class Shown(NamedTuple):
    """What an assertion was found to be: a passkey by its digest, whether it holds, and the counter it tells."""

    credential: str = ""
    is_right: bool = False
    sign_count: int = 0


class Told(NamedTuple):
    """What was `shown`, the passkey's row where there is one, and why an assertion does not hold."""

    shown: Shown
    row: PasskeyRow | None = None
    failure: Failure | None = None
    text: str = ""


class Listed(NamedTuple):
    """A passkey as its person sees it. `id` is the digest of the credential id; instants are microseconds."""

    id: str
    name: str | None
    rp_id: str
    transports: list[str]
    is_backed_up: bool
    enrolled_at: int
    used_at: int | None


def digest_of(credential: bytes) -> str:
    """What names a credential id in rows and entries."""
    return b64url(sha256(credential).digest())


def sealed_text(person: str, credential: str, public_key: str, rp_id: str) -> str:
    """What is sealed of a passkey; `credential` is its id in base64url."""
    return canonical.encode(["muniment/passkey/v1", person, credential, public_key, rp_id]).decode()


def credential_of(rows: SealedRows, row: PasskeyRow) -> str | None:
    """The credential id (base64url) of a passkey in force whose row says what was enrolled; None otherwise."""
    text = opened(rows, row.person, KEY_PATH, row.sealed)
    if row.removed_at is not None or text is None:
        return None
    try:
        credential = str(orjson.loads(text)[2])
        is_own = digest_of(from_b64url(credential)) == row.credential
    except (BrokenInput, ValueError, IndexError, TypeError, KeyError):
        return None
    is_whole = text == sealed_text(row.person, credential, row.public_key, row.rp_id)
    return credential if is_own and is_whole else None


def in_force(rows: Rows, person: str) -> tuple[PasskeyRow, ...]:
    """The person's passkeys in force, oldest first."""
    found = [rows.get(PASSKEY, credential) for (credential,) in rows.query(_IN_FORCE, (person,))]
    return tuple(row for row in found if row is not None and row.removed_at is None and row.person == person)


def holds(rows: Any, person: str, credential: str, public_key: str) -> bool:
    """Whether this passkey of this person is in force with this key; `credential` is its digest."""
    row = rows.get(PASSKEY, credential)
    if row is None or row.person != person or row.public_key != public_key:
        return False
    return credential_of(rows, row) is not None


def listed(rows: Rows, person: str) -> tuple[Listed, ...]:
    """What the person has, as told to them."""
    return tuple(
        Listed(
            row.credential,
            opened(rows, row.person, NAME_PATH, row.name),
            row.rp_id,
            row.transports.split(" ") if row.transports else [],
            bool(row.is_backed_up),
            row.enrolled_at,
            row.used_at,
        )
        for row in in_force(rows, person)
    )


def assertion_of(given: Given) -> Assertion | None:
    """The bytes of an assertion; None for a spelling that is no base64url."""
    try:
        return Assertion(*map(from_b64url, given))
    except (BrokenInput, ValueError):
        return None


def read_assertion(rows: SealedRows, site: Site, given: Given, challenge: bytes) -> Told:
    """What an assertion on this challenge proves; the counter is judged inside the writer (`has_risen`)."""
    assertion = assertion_of(given)
    if assertion is None:
        return Told(Shown(), None, Failure.WRONG_CREDENTIAL, "expected the members of an assertion in base64url")
    name = digest_of(assertion.credential)
    row = rows.get(PASSKEY, name)
    if row is None or row.rp_id != site.rp_id or credential_of(rows, row) is None:
        return Told(Shown(name), None, Failure.WRONG_CREDENTIAL, "expected a passkey in force, found none")
    expected = Expected(
        assertion.credential, from_b64url(row.public_key), row.rp_id, frozenset((site.origin,)), challenge
    )
    verdict = verify_assertion(assertion, expected)
    return Told(Shown(name, verdict.holds, verdict.sign_count), row, verdict.failure, verdict.text)


def challenge_in(given: Given) -> bytes:
    """The challenge that an assertion or an attestation says it answers; empty when it says none."""
    try:
        return from_b64url(str(orjson.loads(from_b64url(given.client_data))["challenge"]))
    except (BrokenInput, ValueError, KeyError, TypeError):
        return b""


def has_risen(row: PasskeyRow, sign_count: int) -> bool:
    """Whether the counter went on since the last use; one that stays at 0 counts nothing."""
    return (row.sign_count, sign_count) == (0, 0) or sign_count > row.sign_count
