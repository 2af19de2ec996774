"""Handlers of commands about branches that people begin: begin one, begin it again, pass it over."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.actor import acting, is_person
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries
from orchestrator.act import Act
from orchestrator.acted import broken_duty, facts_of
from orchestrator.on_instances import state_of
from orchestrator.plan import role_name
from orchestrator.ports import Deps, Permitted
from orchestrator.recording import Recording, basis_of, person_of
from orchestrator.refusal_texts import why
from orchestrator.sealing import ACT_REASON
from orchestrator.subject import Subject
from orchestrator.turned_down import NOT_A_PERSON
from versioning.blueprint import AllStep, DecideStep, TaskStep
from versioning.branches import branches_of

Command = c.BeginBranch | c.RepeatBranch | c.PassOverBranch


class _Found(NamedTuple):
    """The fork a command is about, for somebody who may begin its branches."""

    act: Act
    subject: Subject
    step: AllStep
    permit: Permitted

    @property
    def role(self) -> str:
        """Whose people begin its branches."""
        return role_name(self.step.begun_by)


def begin_branch(deps: Deps, uow: UnitOfWork, command: c.BeginBranch) -> Done | Refusal:
    """Begin the branch that a person of its role has chosen to be next."""
    found = _find(deps, uow, command)
    return found if isinstance(found, Refusal) else _carry(found, command, (entries.BRANCH_BEGUN, "begun"))


def repeat_branch(deps: Deps, uow: UnitOfWork, command: c.RepeatBranch) -> Done | Refusal:
    """Begin a branch again; what was decided in it is void from then on, as after every way back."""
    found = _find(deps, uow, command)
    if isinstance(found, Refusal):
        return found
    if not command.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("branch-again-without-reason"))
    return _carry(found, command, (entries.BRANCH_BEGUN_AGAIN, "begun again"), command.reason)


def pass_over_branch(deps: Deps, uow: UnitOfWork, command: c.PassOverBranch) -> Done | Refusal:
    """Pass a branch over: nobody whom a duty bars from one of its steps may have it left undone."""
    found = _find(deps, uow, command)
    if isinstance(found, Refusal):
        return found
    if not command.reason.strip():
        return Refusal(Reason.REASON_MISSING, why("branch-over-without-reason"))
    barred = _barred(found, command.branch)
    if barred is not None:
        return barred
    return _carry(found, command, (entries.BRANCH_PASSED_OVER, "passed over"), command.reason)


def _find(deps: Deps, uow: UnitOfWork, command: Command) -> _Found | Refusal:
    act = Act(uow, deps)
    instance_id, number = c.split_id(command.fork_id)
    subject = act.load(instance_id)
    fork = None if subject is None else subject.instance.activation(number)
    step = None if subject is None or fork is None else subject.plan.steps[fork.step]
    if subject is None or not isinstance(step, AllStep) or step.begun_by is None:
        return Refusal(Reason.NOT_FOUND, why("no-branches-to-begin"))
    permit = deps.access.check(uow, uow.actor, subject.row.domain, "task", "claim")
    if isinstance(permit, Refusal):
        return permit
    if not is_person(uow.actor):
        return NOT_A_PERSON
    if not deps.access.holds(uow, uow.actor, subject.row.domain, role_name(step.begun_by)):
        return Refusal(Reason.NO_RULE, why("role-not-held", role=as_it_is(role_name(step.begun_by))))
    return _Found(act, subject, step, permit)


def _barred(found: _Found, branch: str) -> Refusal | None:
    """The duty of a step of this branch that bars who acts, or whom they act or stand in for, from it."""
    act, uow = found.act, found.act.uow
    persons = [str(one) for one in (uow.actor.person, uow.actor.on_behalf_of) if one is not None]
    persons += act.deps.stand_ins.stood_in_for(uow, acting(uow.actor), uow.now)
    facts = facts_of(uow, found.subject)
    for step in _steps_in(found, branch):
        broken = broken_duty(act.deps, uow, step.duties, persons, facts) if step.duties else None
        if broken is not None:
            return broken
    return None


def _steps_in(found: _Found, branch: str) -> Iterator[TaskStep | DecideStep]:
    """The steps of a branch in which people act, at any depth."""
    scopes = branches_of(found.subject.plan.version.blueprint).scopes
    for name, scope in scopes.items():
        step = found.subject.plan.steps[name]
        if (found.step.id, branch) in scope and isinstance(step, TaskStep | DecideStep):
            yield step


def _carry(found: _Found, command: Command, said: tuple[str, str], reason: str = "") -> Done | Refusal:
    """Do it and record it, with the role in which who acts may, so that it is judged again."""
    act, subject = found.act, found.subject
    kind, outcome = said
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    result = {"instance": subject.row.id, **state_of(subject)}
    payload: dict[str, Any] = {"result": result, "role": found.role}
    if reason:
        payload["reason"] = subject.sealer.seal(ACT_REASON, reason, "confidential")
    recording = Recording(kind, outcome, basis_of(found.permit), person_of(act.uow.actor))
    return act.record(subject, recording, payload)
