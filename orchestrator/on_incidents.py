"""Handlers of commands about incidents: resolve one, give one to somebody."""

from ledger.actor import person_acting
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, steered, tables
from orchestrator.act import Act
from orchestrator.governed import Allowed, Steering, carry_allowed, may_steer
from orchestrator.on_instances import state_of
from orchestrator.ports import Deps
from orchestrator.recording import Recording, basis_of
from orchestrator.refusal_texts import why
from orchestrator.resolving import RESOLVE, acts_of, combined, may_resolve
from orchestrator.sealing import reason_path
from orchestrator.subject import Subject

_NO_INCIDENT = Refusal(Reason.NOT_FOUND, why("no-such-incident"))


def resolve_incident(deps: Deps, uow: UnitOfWork, command: c.ResolveIncident) -> Done | Refusal:
    """Let a held activation go on: again, with other data, or past the step. By the role it is held for, and where it
    is more than another try as whoever corrects the data of the instance or moves it."""
    return resolve_in(Act(uow, deps), command)


def resolve_in(act: Act, command: c.ResolveIncident) -> Done | Refusal:
    """As `resolve_incident`, within an act."""
    instance_id, number = c.split_id(command.incident_id)
    subject = act.load(instance_id)
    row = act.uow.get(tables.INCIDENT, instance_id, number)
    if subject is None or row is None:
        return _NO_INCIDENT
    allowed = _allowed(act, subject, row.role, acts_of(command.how, with_data=bool(command.data)))
    if isinstance(allowed, Refusal):
        return allowed
    if allowed.further:
        # What could not be done at all is said before somebody is asked why they want it.
        refusal = act.judge(subject, command)
        asked = Steering(RESOLVE, command, command.reason)
        return carry_allowed(act, subject, asked, allowed) if refusal is None else refusal
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    result = state_of(subject)
    payload = {"result": result, "incident": number}
    if command.reason:
        payload["reason"] = subject.sealer.seal(reason_path(number), command.reason, "confidential")
    return act.record(subject, Recording(entries.INCIDENT_RESOLVED, "resolved", basis_of(allowed.permit)), payload)


def _allowed(act: Act, subject: Subject, role: str, acts: tuple[str, ...]) -> Allowed | Refusal:
    """That who acts may resolve what is held for this role, and may do all that this resolution is."""
    permit = may_resolve(act.deps, act.uow, subject.row.domain, role)
    if isinstance(permit, Refusal):
        return permit
    each = []
    for name in acts:
        allowed = may_steer(act, subject, name)
        if isinstance(allowed, Refusal):
            return allowed
        each.append(allowed)
    return Allowed(permit, combined([one.rule for one in each]), tuple([one.permit for one in each]))


def assign_incident(deps: Deps, uow: UnitOfWork, command: c.AssignIncident) -> Done | Refusal:
    """Give an open incident to a person of the role it is held for, or back to the role."""
    act = Act(uow, deps)
    instance_id, number = c.split_id(command.incident_id)
    subject = act.load(instance_id)
    row = uow.get(tables.INCIDENT, instance_id, number)
    if subject is None or row is None:
        return _NO_INCIDENT
    permit = deps.access.check(uow, uow.actor, subject.row.domain, "incident", "assign")
    if isinstance(permit, Refusal):
        return permit
    if row.state != "open" or row.assignee == command.to:
        return Refusal(Reason.WRONG_STATE, why("incident-not-of-other"))
    if command.to and not deps.access.holds(uow, person_acting(command.to), subject.row.domain, row.role):
        return Refusal(Reason.NO_RULE, why("person-of-incident-role", role=as_it_is(row.role)))
    subject.record(steered.IncidentAssigned(number, command.to), subject.instance)
    result = {"instance": instance_id, "incident": number, "assignee": command.to}
    refs = {"person": command.to} if command.to else {}
    outcome = "assigned" if command.to else "given back"
    return act.record(
        subject, Recording(entries.INCIDENT_ASSIGNED, outcome, basis_of(permit), refs), {"result": result}
    )
