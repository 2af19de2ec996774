"""Handlers of acts on running instances: suspend, resume, modify, correct; confirmed or rejected by a second person."""

from typing import Any

import orjson

from ledger.actor import Actor, ActorKind
from ledger.entry import EntryDraft
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, steered, tables
from orchestrator.act import NOT_FOUND, Act, acting
from orchestrator.fold_rows import Made
from orchestrator.governed import (
    Steering,
    carry,
    command_of,
    corrections_of,
    may_steer,
    recorded,
    stands_against,
)
from orchestrator.on_instances import not_the_system
from orchestrator.ports import Deps, Permitted
from orchestrator.sealing import ACT_REASON
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.subject import Subject

Asked = c.CancelInstance | c.SuspendInstance | c.ResumeInstance | c.ModifyInstance | c.CorrectData

_NO_PROPOSAL = Refusal(Reason.NOT_FOUND, "expected a proposal of this instance, found none")


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
    if isinstance(command, c.CorrectData):
        return carry(act, subject, Steering("correct", Correct(dict(command.values)), command.reason))
    around = act.load(subject.row.parent) if subject.row.parent else None
    if around is not None and around.instance.suspended:
        return Refusal(Reason.WRONG_STATE, "expected an instance whose parent runs, found it suspended")
    return carry(act, subject, Steering("resume", Resume(), command.reason))


def stale_revision(subject: Subject, expected: int | None) -> Refusal | None:
    """The refusal of a command that was meant for another revision of the instance."""
    if expected is None or expected == subject.row.revision:
        return None
    found = subject.row.revision
    details = (("revision", str(found)),)
    return Refusal(Reason.STALE_REVISION, f"expected revision {found}, found {expected}", details)


def confirm(deps: Deps, uow: UnitOfWork, command: c.ConfirmAct) -> Done | Refusal:
    """Do what was proposed, as it was proposed: by a second person, who may do it themselves as well."""
    act = Act(uow, deps)
    subject = act.load(command.instance_id)
    row = None if subject is None else uow.get(tables.ACT_PROPOSAL, command.instance_id, command.proposal)
    if subject is None or row is None:
        return _NO_PROPOSAL
    allowed = may_steer_as_second(act, subject, row)
    if isinstance(allowed, Refusal):
        return allowed
    if command.digest != row.digest:
        return Refusal(Reason.PROPOSAL_STALE, "expected the digest of the proposal that was shown")
    asked = command_of(uow, row)
    if isinstance(asked, Refusal):
        return asked
    corrections = corrections_of(subject, asked.command)
    refusal = act.do(subject, asked.command)
    if refusal is not None:
        return refusal
    closes = {"id": row.id, "as": "confirmed", "by": acting(uow.actor), "proposed_by": row.by, "digest": row.digest}
    more: dict[str, Any] = {"closes": closes, **corrections}
    reason = orjson.loads(row.reason)
    if reason is not None:
        more["reason"] = reason
    return recorded(act, subject, row.act, (more, allowed))


def may_steer_as_second(act: Act, subject: Subject, row: tables.ProposalRow) -> Permitted | Refusal:
    """The permit to confirm a proposal, or why who acts may not."""
    against = stands_against(act, subject, row)
    if against is not None:
        return against
    return act.deps.access.check(act.uow, act.uow.actor, subject.row.domain, "instance", row.act)


def reject(deps: Deps, uow: UnitOfWork, command: c.RejectAct) -> Done | Refusal:
    """Do nothing of what was proposed: rejected by who might confirm it, or withdrawn by who proposed it."""
    act = Act(uow, deps)
    subject = act.load(command.instance_id)
    row = None if subject is None else uow.get(tables.ACT_PROPOSAL, command.instance_id, command.proposal)
    if subject is None or row is None:
        return _NO_PROPOSAL
    if row.state != "proposed":
        return Refusal(Reason.WRONG_STATE, f"expected an open proposal, found it {row.state}")
    is_own = row.by == acting(uow.actor)
    if is_own:
        allowed = may_steer(act, subject, row.act)
        permit: Permitted | Refusal = allowed if isinstance(allowed, Refusal) else allowed.permit
    else:
        permit = act.deps.access.check(uow, uow.actor, subject.row.domain, "instance", row.act)
        if not isinstance(permit, Refusal) and not deps.access.holds(uow, uow.actor, subject.row.domain, row.role):
            permit = Refusal(Reason.NO_RULE, f"expected role `{row.role}`, which confirms this act")
    if isinstance(permit, Refusal):
        return permit
    how = "withdrawn" if is_own else "rejected"
    result = {"instance": subject.row.id, "proposal": row.id}
    closes = {"id": row.id, "as": how, "by": acting(uow.actor), "act": row.act}
    payload: dict[str, Any] = {"result": result, "closes": closes}
    if command.reason:
        payload["reason"] = subject.sealer.seal(ACT_REASON, command.reason, "confidential")
    act.note(subject, entries.ACT_REJECTED, payload, permit)
    return Done(how, result)


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
        return Refusal(Reason.WRONG_STATE, "expected an open proposal whose time is over, found none")
    result = {"instance": subject.row.id, "proposal": row.id}
    closes = {"id": row.id, "as": "expired", "by": "", "act": row.act}
    payload = {"transitions": [], "result": result, "closes": closes}
    refs, basis = {"blueprint": subject.row.blueprint}, {"blueprint": subject.row.version}
    uow.stage(EntryDraft(entries.ACT_EXPIRED, entries.SCHEMA, row.instance, payload, refs, basis, made=Made((), ())))
    return Done("expired", result)


def assign_incident(deps: Deps, uow: UnitOfWork, command: c.AssignIncident) -> Done | Refusal:
    """Give an open incident to a person of the role it is held for, or back to the role."""
    act = Act(uow, deps)
    instance_id, number = c.split_id(command.incident_id)
    subject = act.load(instance_id)
    row = uow.get(tables.INCIDENT, instance_id, number)
    if subject is None or row is None:
        return Refusal(Reason.NOT_FOUND, "expected an incident of this organisation, found none")
    permit = deps.access.check(uow, uow.actor, subject.row.domain, "incident", "assign")
    if isinstance(permit, Refusal):
        return permit
    if row.state != "open" or row.assignee == command.to:
        return Refusal(Reason.WRONG_STATE, "expected an open incident that is somebody else's, found another")
    if command.to and not deps.access.holds(uow, _person(command.to), subject.row.domain, row.role):
        return Refusal(Reason.NO_RULE, f"expected a person with the role `{row.role}`, for which the incident is held")
    subject.record(steered.IncidentAssigned(number, command.to), subject.instance)
    result = {"instance": instance_id, "incident": number, "assignee": command.to}
    refs = {"person": command.to} if command.to else {}
    envelope = {"basis": {"permit": permit.as_basis()}, "refs": refs}
    act.record(subject, entries.INCIDENT_ASSIGNED, {"result": result}, envelope)
    return Done("assigned" if command.to else "given back", result)


def _person(person: str) -> Actor:
    """A person as who acts, to ask for their roles."""
    return Actor(ActorId(person), ActorKind.PERSON, PersonId(person))
