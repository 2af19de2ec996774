"""Handlers of commands that hand a task to somebody else: reassign, delegate, return.

Who is given a task must be able to do it by themselves: the questions of the claim and of the completion are asked of
them. So no act passes on a role, nor an authority, nor gets round a duty.
"""

from typing import Any

from ledger.actor import acting, is_person
from ledger.refusal import Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries
from orchestrator.act import Act
from orchestrator.as_person import unable, unheld
from orchestrator.handing import DelegateTask, ReassignTask, ReturnTask, proposes_by
from orchestrator.paths import value_at
from orchestrator.ports import Deps, Permitted
from orchestrator.recording import Recording, basis_of
from orchestrator.sealing import handed_path, proposed_path
from orchestrator.subject import Subject
from orchestrator.task_questions import allowed_to, find_task, register_asked
from orchestrator.turned_down import NOT_A_PERSON
from versioning.blueprint import TaskStep


def reassign_task(deps: Deps, uow: UnitOfWork, command: ReassignTask) -> Done | Refusal:
    """Done `reassigned` with {task, revision, holder}."""
    return _given(deps, uow, command, (entries.TASK_REASSIGNED, "reassigned", "reassign"))


def delegate_task(deps: Deps, uow: UnitOfWork, command: DelegateTask) -> Done | Refusal:
    """Done `delegated` with {task, revision, holder}."""
    return _given(deps, uow, command, (entries.TASK_DELEGATED, "delegated", "delegate"))


def _given(
    deps: Deps, uow: UnitOfWork, command: ReassignTask | DelegateTask, rest: tuple[str, str, str]
) -> Done | Refusal:
    kind, outcome, asked = rest
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    permit = deps.access.check(uow, uow.actor, found.subject.row.domain, "task", asked)
    if isinstance(permit, Refusal):
        return permit
    refusal = unable(Act(uow, deps), found, command.to) or act.do(found.subject, command)
    if refusal is not None:
        return refusal
    basis = {**basis_of(permit), **register_asked(act, found)}
    return _recorded(act, found.subject, command, Recording(kind, outcome, basis), {})


def return_task(deps: Deps, uow: UnitOfWork, command: ReturnTask) -> Done | Refusal:
    """Done `proposed` or `returned` with {task, revision, holder}."""
    act = Act(uow, deps)
    found = find_task(act, command.task_id)
    if isinstance(found, Refusal):
        return found
    if not is_person(uow.actor):
        return NOT_A_PERSON
    proposes = proposes_by(command)
    permit: Permitted | Refusal
    if proposes and found.activation.delegate == acting(uow.actor):  # asked again: it may have changed since
        allowed = allowed_to(act, unheld(found), command.outcome)
        permit = allowed if isinstance(allowed, Refusal) else allowed.permit
    else:
        permit = deps.access.check(uow, uow.actor, found.subject.row.domain, "task", "claim")
    if isinstance(permit, Refusal):
        return permit
    refusal = act.do(found.subject, command)
    if refusal is not None:
        return refusal
    recording = Recording(entries.TASK_RETURNED, "proposed" if proposes else "returned", basis_of(permit))
    return _recorded(act, found.subject, command, recording, _proposal(act, found.subject, command) if proposes else {})


def _proposal(act: Act, subject: Subject, command: ReturnTask) -> dict[str, Any]:
    """What is proposed, each value of a form sealed by the class of its field."""
    number = c.split_id(command.task_id)[1]
    activation = subject.instance.activation(number)
    assert activation is not None
    step = subject.plan.steps[activation.step]
    data = {}
    for path in step.expects if isinstance(step, TaskStep) else ():
        at = proposed_path(number, activation.revision, path)
        data[path] = subject.sealer.seal(at, value_at(command.data, path), subject.plan.class_of(path))
    said = {"outcome": command.outcome} if command.outcome else {"data": data}
    return {"proposal": {"by": acting(act.uow.actor), **said}}


def _recorded(act: Act, subject: Subject, command: Any, recording: Recording, payload: dict[str, Any]) -> Done:
    number = c.split_id(command.task_id)[1]
    activation = subject.instance.activation(number)
    assert activation is not None
    result = {"task": command.task_id, "revision": activation.revision, "holder": activation.holder}
    body = {"task": number, **payload, "result": result}
    if command.reason.strip():
        at = handed_path(number, activation.revision)
        body["reason"] = subject.sealer.seal(at, command.reason, "confidential")
    return act.record(subject, recording, body)
