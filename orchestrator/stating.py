"""The statement to sign about a task, kept while it is read, and the signature on it when the task is completed.

The reason stands in the statement by the very commitment under which it will be sealed: its salt is chosen when the
statement is made and kept in the statement's row until it is signed. So what a passkey signs is what goes on record,
and what was disclosed of a reason can be held against what was signed.
"""

import os
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from governance.decision import Decision
from governance.proving import Signer, prove
from governance.signature import VALID_FOR, Statement, compare
from ledger.actor import acting
from ledger.canonical import b64url, encode, from_b64url
from ledger.commitment import SALT_BYTES, Salted, commit
from ledger.refusal import Reason, Refusal
from ledger.work import Rows, UnitOfWork
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.instance import Activation
from orchestrator.ports import Permitted
from orchestrator.refusal_texts import why
from orchestrator.resume import is_voted_on
from orchestrator.sealing import reason_path, vote_path
from orchestrator.shown import differences, shown_digest
from orchestrator.subject import Subject
from versioning.blueprint import AgentStep, DecideStep, TaskStep

if TYPE_CHECKING:
    from orchestrator.act import Act

NONCE_PREFIX = "st_"


class FoundTask(NamedTuple):
    """A task a command is about, with its step, and the row it is offered by (`offer_in`)."""

    subject: Subject
    activation: Activation
    step: TaskStep | DecideStep | AgentStep
    offer: tables.TaskRow | None

    @property
    def stood_in_for(self) -> str:
        """In whose place the task was taken; empty where it was nobody's."""
        return "" if self.offer is None else self.offer.stands_in_for


def offer_in(row: tables.TaskRow | None, activation: Activation) -> tables.TaskRow | None:
    """The row of a task as it is offered; None for one that this very command has offered, whose row is that of an
    earlier offer."""
    return row if row is not None and row.revision == activation.revision else None


class Allowed(NamedTuple):
    """What a completion rests on: the permit, and for decisions the authority."""

    permit: Permitted
    decided: Decision | None = None


class Said(NamedTuple):
    """What the person says: outcome, reason, its code, on what was shown; `salt` is that of the reason's commitment."""

    outcome: str
    reason: str
    reason_code: str
    shown_digest: str
    salt: str


def reason_at(uow: UnitOfWork, found: FoundTask) -> str:
    """Where the reason of who completes a task is sealed; each vote has its own."""
    activation = found.activation
    if is_voted_on(found.step):
        return vote_path(activation.number, activation.revision, acting(uow.actor))
    return reason_path(activation.number)


def new_salt() -> str:
    """A salt for the reason of a statement, in base64url."""
    return b64url(os.urandom(SALT_BYTES))


def statement_of(uow: UnitOfWork, task: tuple[FoundTask, Allowed], said: Said, nonce: str = "") -> Statement:
    """The statement as it would be made now; a new nonce unless one is given."""
    found, allowed = task
    assert isinstance(found.step, DecideStep)
    assert found.step.sign is not None
    assert allowed.decided is not None
    instance = found.subject.row.id
    reason = None
    if said.reason:
        value = encode(said.reason)
        reason = b64url(commit(from_b64url(said.salt), uow.origin, instance, reason_at(uow, found), value))
    return Statement(
        person=acting(uow.actor),
        outcome=said.outcome,
        meaning=found.step.sign.meaning,
        capacity=allowed.decided.capacity,
        reason=reason,
        shown_digest=said.shown_digest,
        instance=instance,
        step=found.step.id,
        blueprint_digest=found.subject.row.version,
        grant_digest=allowed.decided.digests[0],
        data_revision=found.activation.revision,
        stated_at=uow.now,
        expires_at=uow.now + VALID_FOR,
        nonce=nonce or uow.ids.random(NONCE_PREFIX),
        reason_code=said.reason_code,
    )


def keep(uow: UnitOfWork, found: FoundTask, statement: Statement, more: tuple[dict[str, Any], str]) -> None:
    """Keep a statement until it is signed or runs out; `more` is what was shown, and the salt."""
    shown, salt = more
    row = tables.StatementRow(
        nonce=statement.nonce,
        instance=found.subject.row.id,
        number=found.activation.number,
        statement=encode(statement.as_value()).decode(),
        shown=encode(shown).decode(),
        expires_at=statement.expires_at,
        salt=salt,
    )
    uow.put(tables.STATEMENT, row)


def stated(rows: Rows, task_id: str, nonce: str) -> Statement | None:
    """The statement of this task with this nonce that was not signed yet; None when there is none."""
    row = rows.get(tables.STATEMENT, nonce)
    if row is None or (row.instance, row.number) != c.split_id(task_id) or rows.get(tables.NONCE, nonce) is not None:
        return None
    return _read(row)


def salted(uow: UnitOfWork, nonce: str, reason: str) -> Any:
    """The reason as it is to be sealed: under the salt of the statement with this nonce, where there is one."""
    row = uow.get(tables.STATEMENT, nonce) if nonce else None
    return reason if row is None or not row.salt else Salted(from_b64url(row.salt), reason)


def sign(
    act: "Act", task: tuple[FoundTask, Allowed], command: c.CompleteTask, shown: dict[str, Any]
) -> dict[str, Any] | Refusal:
    """Statement and signature as they go into the entry; nothing of what was stated may have changed."""
    uow, found = act.uow, task[0]
    nonce = command.statement_nonce
    if not nonce:
        return Refusal(Reason.SIGNATURE_MISSING, why("no-signed-statement"))
    if uow.get(tables.NONCE, nonce) is not None:
        return Refusal(Reason.STATEMENT_USED, why("statement-signed-before"))
    row = uow.get(tables.STATEMENT, nonce)
    if row is None or (row.instance, row.number) != (found.subject.row.id, found.activation.number):
        return Refusal(Reason.STATEMENT_EXPIRED, why("statement-of-other-task"))
    stored = _read(row)
    if stored.shown_digest != shown_digest(shown):
        return shown_changed(differences(orjson.loads(row.shown), shown), shown)
    said = Said(command.outcome, command.reason, command.reason_code, stored.shown_digest, row.salt)
    refusal = compare(stored, statement_of(uow, task, said, stored.nonce), uow.now)
    if refusal is not None:
        return refusal
    assert isinstance(found.step, DecideStep)
    assert found.step.sign is not None
    signer = Signer(uow.actor.person, uow.now, partial(act.deps.passkeys.holds, uow))
    signature = prove(stored, command.signature, found.step.sign.factor, signer)
    if isinstance(signature, Refusal):
        return signature
    uow.put(tables.STATEMENT, row._replace(salt=""))
    return {"statement": stored.as_value(), "signature": signature.as_value()}


def shown_changed(paths: tuple[str, ...], shown: dict[str, Any]) -> Refusal:
    """What was shown is not what is recorded now; `paths` say what changed."""
    details = (("shown_digest", shown_digest(shown)), *(("changed", path) for path in paths))
    return Refusal(Reason.SHOWN_CHANGED, why("shown-changed"), details)


def _read(row: tables.StatementRow) -> Statement:
    value = orjson.loads(row.statement)
    value.pop("purpose")
    return Statement(**value)
