"""The statement to sign under a review, kept while it is read, and the signature on it when the review is given.

The reason stands in the statement by the very commitment under which it will be sealed, as in statements about tasks:
its salt is chosen when the statement is made and kept in the statement's row until it is signed.
"""

import os
from functools import partial
from typing import Any, NamedTuple

import orjson

from governance.proving import PASSWORD, Signer, prove
from governance.signature import MEANINGS, SIGNED_VERDICTS, VALID_FOR, ReviewStatement, compare
from ledger.canonical import b64url, encode, from_b64url
from ledger.commitment import SALT_BYTES, Salted, commit
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, Rows, UnitOfWork
from versioning import tables
from versioning.change import ChangeRequest
from versioning.commands import ReviewChange
from versioning.control import Deps
from versioning.refusal_texts import why

NONCE_PREFIX = "st_"
REASON_PATH = "reason"  # of a review, under its change request


class Said(NamedTuple):
    """What the reviewer says: the verdict and why; `salt` (base64url) is that of the reason's commitment."""

    verdict: str
    reason: str
    salt: str


class Signature(NamedTuple):
    """What goes into the entry: statement and signature (empty for none), and the reason as it is to be sealed."""

    members: dict[str, Any]
    reason: Any


def put_before(uow: UnitOfWork, change: ChangeRequest, verdict: str, reason: str) -> Done:
    """Make a statement about a change request as it stands, and keep it until it is signed or runs out."""
    said = Said(verdict, reason, b64url(os.urandom(SALT_BYTES)))
    statement = _statement(uow, change, said, uow.ids.random(NONCE_PREFIX))
    row = tables.ReviewStatementRow(
        nonce=statement.nonce,
        change_request=change.id,
        statement=encode(statement.as_value()).decode(),
        salt=said.salt,
        signed=0,
        expires_at=statement.expires_at,
    )
    uow.put(tables.REVIEW_STATEMENT, row)
    return Done("stated", {"statement": statement.as_value(), "nonce": statement.nonce})


def stated(rows: Rows, change_request: str, nonce: str) -> ReviewStatement | None:
    """The statement about this change request with this nonce that was not signed yet; None when there is none."""
    row = rows.get(tables.REVIEW_STATEMENT, nonce)
    return None if row is None or row.change_request != change_request or row.signed else _read(row)


def sign(deps: Deps, uow: UnitOfWork, change: ChangeRequest, command: ReviewChange) -> Signature | Refusal:
    """The signature under a review; nothing of what was stated may have changed. None is asked for to request changes,
    and a statement that was asked for all the same is signed or refused."""
    nonce, verdict = command.statement_nonce, str(command.verdict)
    if not nonce:
        if verdict in SIGNED_VERDICTS or command.signature is not None:
            return Refusal(Reason.SIGNATURE_MISSING, why("review-unsigned", verdict=as_it_is(verdict)))
        return Signature({}, command.reason)
    row = uow.get(tables.REVIEW_STATEMENT, nonce)
    if row is None or row.change_request != change.id:
        return Refusal(Reason.STATEMENT_EXPIRED, why("no-statement-of-change"))
    if row.signed:
        return Refusal(Reason.STATEMENT_USED, why("statement-signed-before"))
    stored = _read(row)
    current = _statement(uow, change, Said(verdict, command.reason, row.salt), stored.nonce)
    if refusal := compare(stored, current, uow.now):
        return refusal
    signer = Signer(uow.actor.person, uow.now, partial(deps.passkeys.holds, uow))
    signature = prove(stored, command.signature, PASSWORD, signer)
    if isinstance(signature, Refusal):
        return signature
    uow.put(tables.REVIEW_STATEMENT, row._replace(salt="", signed=1))
    members = {"statement": stored.as_value(), "signature": signature.as_value()}
    return Signature(members, Salted(from_b64url(row.salt), command.reason))


def _statement(uow: UnitOfWork, change: ChangeRequest, said: Said, nonce: str) -> ReviewStatement:
    """The statement as it would be made now."""
    person = str(uow.actor.person)
    reason = commit(from_b64url(said.salt), uow.origin, change.id, REASON_PATH, encode(said.reason))
    return ReviewStatement(
        person=person,
        capacity=uow.actor.on_behalf_of or person,
        verdict=said.verdict,
        meaning=MEANINGS[said.verdict],
        reason=b64url(reason),
        change_request=change.id,
        kind=change.kind,
        name=change.name,
        content_digest=change.digest,
        edit=change.edit,
        base_version=change.base_version,
        stated_at=uow.now,
        expires_at=uow.now + VALID_FOR,
        nonce=nonce,
    )


def _read(row: tables.ReviewStatementRow) -> ReviewStatement:
    value = orjson.loads(row.statement)
    value.pop("purpose")
    return ReviewStatement(**value)
