"""Handlers of commands about work done outside: jobs of workers, calls of the runner. Leases are operational rows."""

from typing import Any

from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, tables
from orchestrator.act import NOT_FOUND, Act
from orchestrator.agents import held_by, operation_of
from orchestrator.late import FailLate, TakeLate
from orchestrator.leases import KEPT_IN, LEASE_LOST, NO_OPEN_JOB, given_back, held_lease, is_of
from orchestrator.leasing_calls import kept_in, standing_after
from orchestrator.on_instances import state_of
from orchestrator.ports import Deps
from orchestrator.recording import Recording, basis_of
from orchestrator.refusal_texts import why
from orchestrator.subject import Subject
from orchestrator.tables import LeaseRow
from orchestrator.turned_down import not_the_system
from versioning.blueprint import AgentStep, CallStep

RETRY_AFTER_MAX = 86_400  # seconds: who cannot work for longer than a day leaves it to people
NOT_REQUESTED = Refusal(Reason.WRONG_STATE, why("no-call"))
CODE_LENGTH_MAX = 60  # of a failure's code: a word for statistics, not a place for data


def complete_job(deps: Deps, uow: UnitOfWork, command: c.CompleteJob) -> Done | Refusal:
    """Take a worker's result, while its lease holds."""
    return _by_worker(deps, uow, command, (entries.JOB_COMPLETED, "completed"))


def fail_job(deps: Deps, uow: UnitOfWork, command: c.FailJob) -> Done | Refusal:
    """Take a worker's failure: another try later, or an incident."""
    _check_code(command.code)
    if not 0 <= command.retry_after <= RETRY_AFTER_MAX:
        raise BrokenInput(why("seconds-counted", most=RETRY_AFTER_MAX), "retry_after")
    return _by_worker(deps, uow, command, (entries.JOB_FAILED, "failed"))


def _by_worker(
    deps: Deps, uow: UnitOfWork, command: c.CompleteJob | c.FailJob, recorded_as: tuple[str, str]
) -> Done | Refusal:
    act = Act(uow, deps)
    instance_id, number = c.split_id(command.job_id)
    subject = act.load(instance_id)
    if subject is None:
        return NOT_FOUND
    permit = deps.access.check(uow, uow.actor, subject.row.domain, "job", "complete")
    if isinstance(permit, Refusal):
        return permit
    if not _open(subject, number, "created"):
        return NO_OPEN_JOB
    lease = held_lease(uow, instance_id, number, command.lease)
    if lease is None:
        return LEASE_LOST
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    return _recorded(act, subject, Recording(*recorded_as, basis_of(permit)), lease)


def start_call(deps: Deps, uow: UnitOfWork, command: c.StartCall) -> Done | Refusal:
    """Record that a try goes out; `kept in` where its connector may not be called any more, which gives it back."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    lease = kept_in(uow, command)
    if lease is not None:  # no try is spent and nothing is on record, since nothing happened
        uow.put(tables.LEASE, given_back(lease))
        return Done("kept in", {KEPT_IN: True})
    return _by_runner(deps, uow, command, (entries.CALL_STARTED, "started"))


def succeed_call(deps: Deps, uow: UnitOfWork, command: c.SucceedCall) -> Done | Refusal:
    """Record the answer of a call and go on."""
    return _by_runner(deps, uow, command, (entries.CALL_SUCCEEDED, "succeeded"))


def fail_call(deps: Deps, uow: UnitOfWork, command: c.FailCall) -> Done | Refusal:
    """Record a failed try: another later, or an incident."""
    _check_code(command.code)
    return _by_runner(deps, uow, command, (entries.CALL_FAILED, "failed"))


def _by_runner(
    deps: Deps, uow: UnitOfWork, command: c.StartCall | c.SucceedCall | c.FailCall, recorded_as: tuple[str, str]
) -> Done | Refusal:
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    act = Act(uow, deps)
    instance_id, number = c.split_id(command.call_id)
    subject = act.load(instance_id)
    if subject is None:
        return NOT_FOUND
    if not _open(subject, number, "requested"):
        late = _late(uow, subject, number, command)
        return late if isinstance(late, Refusal) else _take_late(uow, act, subject, late)
    lease = held_lease(uow, instance_id, number, command.lease)
    if lease is None:
        return LEASE_LOST
    ends = standing = None
    if not isinstance(command, c.StartCall):
        ends = lease
        if not subject.row.test:
            standing = standing_after(uow, _operation_of(subject, number), command)
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    if standing is not None:
        uow.put(tables.STANDING, standing)
    return _recorded(act, subject, Recording(*recorded_as), ends)


def _late(uow: UnitOfWork, subject: Subject, number: int, command: Any) -> TakeLate | FailLate | Refusal:
    """The answer of a call that went out and was closed meanwhile, or its failure while it may still come back; the
    refusal of anything else, and of what a former call of the activation has come to."""
    row = uow.get(tables.CALL, subject.row.id, number)
    if row is None or row.state != "cancelled" or not row.started or not row.step:
        return NOT_REQUESTED
    if not is_of(command.lease, row):
        return LEASE_LOST
    if isinstance(command, c.SucceedCall):
        return TakeLate(number, row.step, row.branch, command.result, command.evidence, command.unfit)
    if isinstance(command, c.FailCall) and held_lease(uow, subject.row.id, number, command.lease) is not None:
        return FailLate(number, row.step, row.branch, command.code, command.evidence)
    return NOT_REQUESTED


def _take_late(uow: UnitOfWork, act: Act, subject: Subject, late: TakeLate | FailLate) -> Done | Refusal:
    # An answer needs no lease in force: whoever makes this very call makes it under the same key, so that it happens
    # once, and the lease it went out under may have ended with the waiting.
    lease = uow.get(tables.LEASE, subject.row.id, late.activation)
    refusal = act.do(subject, late)
    kind = entries.CALL_SUCCEEDED if isinstance(late, TakeLate) else entries.CALL_FAILED
    return refusal or _recorded(act, subject, Recording(kind, "late"), lease)


def _recorded(act: Act, subject: Subject, recording: Recording, lease: LeaseRow | None) -> Done:
    """Record it, and end the lease under which the work was done."""
    if lease is not None:
        act.uow.put(tables.LEASE, given_back(lease))
    return act.record(subject, recording, {"result": state_of(subject)})


def _operation_of(subject: Subject, number: int) -> str:
    activation = subject.instance.activation(number)
    step = None if activation is None else subject.plan.visited(activation.step, activation.branch)
    if isinstance(step, AgentStep) and activation is not None:
        _, judging, agent = held_by(activation.holder)
        return operation_of(agent, judging)
    return step.operation if isinstance(step, CallStep) else ""


def _open(subject: Subject, number: int, state: str) -> bool:
    activation = subject.instance.activation(number)
    return activation is not None and activation.state == state


def _check_code(code: str) -> None:
    if not code or len(code) > CODE_LENGTH_MAX or not code.replace("_", "").replace("-", "").isalnum():
        raise BrokenInput(why("code-length", most=CODE_LENGTH_MAX), "code")
