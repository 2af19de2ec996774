"""The statement a person signs, its words, and the signature on it. Pure, standard library only.

The statement binds outcome, meaning and capacity to exactly what was shown: the digest of the shown view, the
blueprint, the grant and the revision of the data. Completion derives it again from the state under the head lock; when
a bound field is another now, the person is told which (`SHOWN_CHANGED`) and nothing is signed. Nonce and instants come
from the stored statement, since only they cannot be derived. Design: governance, "What was shown, and the signature".

    digest = base64url(SHA-256(RFC 8785 of `as_value()`))

A review of a change request has a statement of its own (`ReviewStatement`): it binds the verdict to the content that
was read, by its digest and the number of its edit, and to the version it was written against.

A signature by a person's own passkey carries what proves it (`PasskeyProof`): `governance.passkeys` makes and judges
it. One by password carries nothing, since all there is of it is the service's word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from governance.grant import OFFICE, digest_of
from governance.refusal_texts import why
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is

PURPOSE: Final = "muniment/statement/v1"  # keeps a signature on a statement from passing for one on anything else
REVIEW_PURPOSE: Final = "muniment/review-statement/v1"
VALID_FOR: Final = 15 * 60 * 1_000_000  # long enough to read and sign, short enough that the person is still there
PERSON_HELD_KEY: Final = "person-held key"
ATTESTED: Final = "attested by the service"
PASSKEY: Final = "passkey"
_STRENGTH: Final = dict.fromkeys(("password", "password+totp", "password+recovery-code"), ATTESTED)
_OWN: Final = frozenset(("nonce", "stated_at", "expires_at"))  # not derivable: taken over from the stored statement

MEANINGS: Final[Mapping[str, str]] = {"approve": "approval", "request changes": "review", "refuse": "refusal"}
"""What a signature under a review means, by its verdict."""

SIGNED_VERDICTS: Final = frozenset(("approve", "refuse"))
"""The verdicts that settle an edit: none of them is recorded without a signature."""

SIGNED_SCHEMA: Final = 2  # of `change.reviewed`, from which on that holds


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. `reason` is the commitment that will stand in the entry for it, or None without one.

    `data_revision` is the instance's revision; instants are microseconds; digests base64url.
    """

    person: str
    outcome: str
    meaning: str
    capacity: str  # person:... or office:...
    reason: str | None
    shown_digest: str
    instance: str
    step: str
    blueprint_digest: str
    grant_digest: str
    data_revision: int
    stated_at: int
    expires_at: int
    nonce: str
    reason_code: str = ""  # of the list the step names; empty without one

    def as_value(self) -> dict[str, Any]:
        """Canonical JSON, the purpose included."""
        value: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"purpose": PURPOSE, **value}

    @property
    def digest(self) -> str:
        return digest_of(self.as_value())


@dataclass(frozen=True, slots=True)
class ReviewStatement:
    """What a reviewer of a change request signs. `content_digest` and `edit` are those of the content that was read;
    `base_version` is what it was written against, 0 for a new artefact.

    `reason` is the commitment that will stand in the entry, of an empty reason as well. `capacity` is the person they
    act for, themselves or another; by which roles they may is the permit's to say. Instants are microseconds.
    """

    person: str
    capacity: str
    verdict: str
    meaning: str
    reason: str
    change_request: str
    kind: str
    name: str
    content_digest: str
    edit: int
    base_version: int
    stated_at: int
    expires_at: int
    nonce: str

    def as_value(self) -> dict[str, Any]:
        """Canonical JSON, the purpose included."""
        value: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"purpose": REVIEW_PURPOSE, **value}

    @property
    def digest(self) -> str:
        return digest_of(self.as_value())


AnyStatement = Statement | ReviewStatement


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """What proves that a passkey signed: its assertion and what to hold it against. Binary members in base64url.

    `public_key` is a COSE_Key; `rp_id` and `origin` are those of the service that asked.
    """

    credential: str
    public_key: str
    client_data: str
    authenticator_data: str
    signature: str
    rp_id: str
    origin: str

    def as_value(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Signed:
    """The proof of a signature, checked before the writer: the factor shown again by this person at this instant.

    By a passkey, `passkey` is the proof that goes on record and `digest` that of the statement it is on; `failure` says
    in words why an assertion does not hold, to be refused on record.
    """

    factor: str
    person: str
    verified_at: int
    passkey: PasskeyProof | None = None
    digest: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A person's signature on a statement, by a factor; `strength` says what it proves, `passkey` is the proof."""

    statement_digest: str
    person: str
    factor: str
    strength: str
    signed_at: int
    passkey: PasskeyProof | None = None

    def as_value(self) -> dict[str, Any]:
        """Canonical JSON; `passkey` stands in it only where there is one."""
        value = {field.name: getattr(self, field.name) for field in fields(self)}
        proof = value.pop("passkey")
        return value if proof is None else {**value, "passkey": proof.as_value()}


def statement_words(statement: Statement, signer: str, stated_at: str) -> str:
    """The statement as a person reads it; `signer` is their printed name, `stated_at` the instant as text."""
    capacity = statement.capacity
    role = (
        f"as holder of the office {capacity.removeprefix(OFFICE)}"
        if capacity.startswith(OFFICE)
        else "in their own name"
    )
    reason = "with the reason they gave" if statement.reason is not None else "without a reason"
    coded = f" and reason code `{statement.reason_code}`" if statement.reason_code else ""
    return (
        f"{signer}, {role}, decides `{statement.outcome}` at step `{statement.step}` of {statement.instance}, "
        f"{reason}{coded}. Meaning: {statement.meaning}. "
        f"Stated at {stated_at} on what was shown ({statement.shown_digest}), data revision {statement.data_revision}, "
        f"under grant {statement.grant_digest} and blueprint {statement.blueprint_digest}."
    )


def review_words(statement: ReviewStatement, signer: str, stated_at: str) -> str:
    """The statement of a review as a person reads it; `signer` is their printed name, `stated_at` the instant as text.

    >>> from governance.signature import ReviewStatement, review_words
    >>> said = ("person:a", "person:a", "approve", "approval", "r", "cr_1", "blueprint", "loans", "d", 2, 1, 0, 1, "n")
    >>> review_words(ReviewStatement(*said), "Ann", "noon").partition(". ")[0]
    'Ann, in their own name, reviews edit 2 of cr_1 and says `approve`, with the reason they gave, if any'
    """
    own = statement.capacity == statement.person
    role = "in their own name" if own else f"on behalf of {statement.capacity}"
    after = f"version {statement.base_version}" if statement.base_version else "no version"
    return (
        f"{signer}, {role}, reviews edit {statement.edit} of {statement.change_request} and says "
        f"`{statement.verdict}`, with the reason they gave, if any. Meaning: {statement.meaning}. "
        f"It is about the {statement.kind} `{statement.name}`, written against {after} of it. "
        f"Stated at {stated_at} on the content that was shown ({statement.content_digest})."
    )


def re_derive(stored: Statement, current: Statement) -> Statement:
    """The statement as it would be made now: everything derived anew, nonce and instants from the stored one."""
    return replace(current, nonce=stored.nonce, stated_at=stored.stated_at, expires_at=stored.expires_at)


def compare(stored: AnyStatement, current: AnyStatement, now: int) -> Refusal | None:
    """None when the stored statement still says what is so; else STATEMENT_EXPIRED, or SHOWN_CHANGED with what changed.

    `details` of SHOWN_CHANGED are (field, "stated -> now") pairs in field order.
    """
    if not stored.stated_at <= now < stored.expires_at:
        return Refusal(Reason.STATEMENT_EXPIRED, why("statement-over"))
    changed = tuple(
        (field.name, f"{_text(getattr(stored, field.name))} -> {_text(getattr(current, field.name))}")
        for field in fields(stored)
        if field.name not in _OWN and getattr(stored, field.name) != getattr(current, field.name)
    )
    if not changed:
        return None
    names = ", ".join(name for name, _ in changed)
    return Refusal(Reason.SHOWN_CHANGED, why("stated-otherwise", names=as_it_is(names)), changed)


def signature_of(statement: AnyStatement, factor: str, signed_at: int) -> Signature | Refusal:
    """The signature to record after the factor was checked; an unknown factor proves nothing and is refused."""
    strength = _STRENGTH.get(factor)
    if strength is None:
        return Refusal(Reason.SIGNATURE_WRONG, why("factor-proves-nothing"))
    return Signature(statement.digest, statement.person, factor, strength, signed_at)


def passkey_signed(statement: AnyStatement, proof: PasskeyProof, signed_at: int) -> Signature:
    """The signature to record of an assertion that was judged by `governance.passkeys` on this statement."""
    return Signature(statement.digest, statement.person, PASSKEY, PERSON_HELD_KEY, signed_at, proof)


def _text(value: str | int | None) -> str:
    return "none" if value is None else str(value)
