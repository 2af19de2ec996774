"""Handlers of acts on running instances: suspend, resume, modify, correct; confirmed or rejected by a second person."""

from typing import Any

import orjson

from ledger.actor import acting
from ledger.entry import EntryDraft
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, tables
from orchestrator.act import NOT_FOUND, Act
from orchestrator.fold_rows import Made
from orchestrator.governed import (
    Steering,
    carry,
    command_of,
    in_what_stands_still,
    may_steer,
    migration_to,
    recorded,
    second_permits,
    seconds_of,
    told_of,
)
from orchestrator.migrating import MigrateInstance
from orchestrator.ports import Deps, Permitted
from orchestrator.proposers import may_confirm
from orchestrator.recording import basis_of
from orchestrator.refusal_texts import why
from orchestrator.resolving import RESOLVE, acts_in, may_resolve
from orchestrator.sealing import ACT_REASON
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.subject import Subject
from orchestrator.turned_down import not_the_system

Asked = c.CancelInstance | c.SuspendInstance | c.ResumeInstance | c.ModifyInstance | c.CorrectData | MigrateInstance

_NO_PROPOSAL = Refusal(Reason.NOT_FOUND, why("no-such-proposal"))


def steer(deps: Deps, uow: UnitOfWork, command: Asked) -> Done | Refusal:
    """Do an act on an instance, or propose it where the blueprint asks for a second person."""
    act = Act(uow, deps)
    subject = act.load(command.instance_id)
    if subject is None:
        return NOT_FOUND
    stale = stale_revision(subject, command.expected_revision)
    if stale is not None:
        return stale
    if isinstance(command, c.CancelInstance):
        return carry(act, subject, Steering("cancel", c.CancelInstance(command.instance_id), command.reason))
    if isinstance(command, c.SuspendInstance):
        return carry(act, subject, Steering("suspend", Suspend(), command.reason))
    if isinstance(command, c.ModifyInstance):
        return carry(act, subject, Steering("modify", Modify(command.moves, command.ends), command.reason))
    if isinstance(command, MigrateInstance):
        asked = migration_to(act, subject, command.number, command.moves)
        return asked if isinstance(asked, Refusal) else carry(act, subject, Steering("migrate", asked, command.reason))
    if isinstance(command, c.CorrectData):
        return carry(act, subject, Steering("correct", Correct(dict(command.values)), command.reason))
    return carry(act, subject, Steering("resume", Resume(), command.reason))


def stale_revision(subject: Subject, expected: int | None) -> Refusal | None:
    """The refusal of a command that was meant for another revision of the instance."""
    if expected is None or expected == subject.row.revision:
        return None
    found = subject.row.revision
    details = (("revision", str(found)),)
    return Refusal(Reason.STALE_REVISION, why("other-revision", revision=found, expected=expected), details)


def confirm(deps: Deps, uow: UnitOfWork, command: c.ConfirmAct) -> Done | Refusal:
    """Do what was proposed, as it was proposed: by a second person, where both may do it themselves."""
    act = Act(uow, deps)
    subject = act.load(command.instance_id)
    row = None if subject is None else uow.get(tables.ACT_PROPOSAL, command.instance_id, command.proposal)
    if subject is None or row is None:
        return _NO_PROPOSAL
    allowed = may_confirm(act, subject, row)
    if isinstance(allowed, Refusal):
        return allowed
    if command.digest != row.digest:
        return Refusal(Reason.PROPOSAL_STALE, why("other-proposal-digest"))
    asked = command_of(act, subject, row)
    if isinstance(asked, Refusal):
        return asked
    told = told_of(subject, asked.command)
    refusal = in_what_stands_still(act, subject, row.act) or act.do(subject, asked.command)
    if refusal is not None:
        return refusal
    closes = {"id": row.id, "as": "confirmed", "by": acting(uow.actor), "proposed_by": row.by, "digest": row.digest}
    more: dict[str, Any] = {"closes": closes, **told}
    reason = orjson.loads(row.reason)
    if reason is not None:
        more["reason"] = reason
    return recorded(act, subject, row.act, more, allowed)


def reject(deps: Deps, uow: UnitOfWork, command: c.RejectAct) -> Done | Refusal:
    """Do nothing of what was proposed: rejected by who might confirm it, or withdrawn by who proposed it."""
    act = Act(uow, deps)
    subject = act.load(command.instance_id)
    row = None if subject is None else uow.get(tables.ACT_PROPOSAL, command.instance_id, command.proposal)
    if subject is None or row is None:
        return _NO_PROPOSAL
    if row.state != "proposed":
        return Refusal(Reason.WRONG_STATE, why("proposal-not-open", state=as_it_is(row.state)))
    is_own = row.by == acting(uow.actor)
    permits = _may_withdraw(act, subject, row) if is_own else _may_reject(act, subject, row)
    if isinstance(permits, Refusal):
        return permits
    how = "withdrawn" if is_own else "rejected"
    result = {"instance": subject.row.id, "proposal": row.id}
    closes: dict[str, Any] = {"id": row.id, "as": how, "by": acting(uow.actor), "act": row.act}
    if row.act == RESOLVE:
        closes["acts"] = [*acts_in(row.act, orjson.loads(row.said))]
    payload: dict[str, Any] = {"result": result, "closes": closes}
    if command.reason:
        payload["reason"] = subject.sealer.seal(ACT_REASON, command.reason, "confidential")
    act.note(subject, entries.ACT_REJECTED, payload, basis_of(*permits))
    return Done(how, result)


def _may_withdraw(act: Act, subject: Subject, row: tables.ProposalRow) -> tuple[Permitted, ...] | Refusal:
    """The permits of who takes back what they proposed: to do the act itself."""
    if row.act != RESOLVE:
        allowed = may_steer(act, subject, row.act)
        return allowed if isinstance(allowed, Refusal) else allowed.permits
    incident = act.uow.get(tables.INCIDENT, row.instance, orjson.loads(row.said)["incident"])
    assert incident is not None
    permit = may_resolve(act.deps, act.uow, subject.row.domain, incident.role)
    return permit if isinstance(permit, Refusal) else (permit,)


def _may_reject(act: Act, subject: Subject, row: tables.ProposalRow) -> tuple[Permitted, ...] | Refusal:
    """The permits of who might confirm what somebody proposed."""
    permits = second_permits(act, subject, row)
    if isinstance(permits, Refusal):
        return permits
    for role in dict.fromkeys((row.role, *seconds_of(subject, row.act, orjson.loads(row.said)))):
        if not act.deps.access.holds(act.uow, act.uow.actor, subject.row.domain, role):
            return Refusal(Reason.NO_RULE, why("role-of-second", role=as_it_is(role)))
    return permits


def expire(deps: Deps, uow: UnitOfWork, command: c.ExpireAct) -> Done | Refusal:
    """Record that nobody confirmed a proposal in time."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    subject = Act(uow, deps).load(command.instance_id)
    row = None if subject is None else uow.get(tables.ACT_PROPOSAL, command.instance_id, command.proposal)
    if subject is None or row is None:
        return _NO_PROPOSAL
    if row.state != "proposed" or row.expires_at != command.due or command.due > uow.now:
        return Refusal(Reason.WRONG_STATE, why("no-open-proposal-over"))
    result = {"instance": subject.row.id, "proposal": row.id}
    closes = {"id": row.id, "as": "expired", "by": "", "act": row.act}
    payload = {"transitions": [], "result": result, "closes": closes}
    refs, basis = {"blueprint": subject.row.blueprint}, {"blueprint": subject.row.version}
    uow.stage(EntryDraft(entries.ACT_EXPIRED, entries.SCHEMA, row.instance, payload, refs, basis, made=Made((), ())))
    return Done("expired", result)
