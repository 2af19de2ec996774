"""Handlers of commands about work done outside: jobs of workers, calls of the runner. Leases are operational rows."""

from typing import Any

from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, tables
from orchestrator.act import NOT_FOUND, Act
from orchestrator.leases import held_lease, limit_of, new_lease, prefetch, seconds_of
from orchestrator.leasing_calls import standing_after
from orchestrator.on_instances import arguments_of, not_the_system
from orchestrator.ports import Deps
from orchestrator.sealing import argument_path, opened
from orchestrator.store import domain_pattern
from orchestrator.subject import Subject
from orchestrator.tables import LeaseRow
from versioning.blueprint import CallStep

CODE_LENGTH_MAX = 60  # of a failure's code: a word for statistics, not a place for data

_LEASE_LOST = Refusal(Reason.LEASE_LOST, "expected the lease in force, found another or none")


def activate_jobs(deps: Deps, uow: UnitOfWork, command: c.ActivateJobs) -> Done | Refusal:
    """Lease open jobs of a type to a worker, the oldest first, with their arguments in clear."""
    permit = deps.access.check(uow, uow.actor, command.domain, "job", "activate")
    if isinstance(permit, Refusal):
        return permit
    found = uow.query(
        "SELECT job.instance, job.number FROM job LEFT JOIN work_lease ON work_lease.log_id = job.log_id"
        " AND work_lease.instance = job.instance AND work_lease.number = job.number"
        " JOIN instance ON instance.log_id = job.log_id AND instance.id = job.instance"
        " WHERE job.log_id = {log} AND job.type = ? AND job.state = 'created'"
        " AND (work_lease.until IS NULL OR work_lease.until <= ?) AND instance.domain LIKE ?"
        " ORDER BY job.instance, job.number LIMIT ?",
        (command.type, uow.now, domain_pattern(command.domain), limit_of(command.limit)),
    )
    prefetch(uow, tables.JOB, found)
    jobs, leases = [], []
    for instance_id, number in found:
        row = uow.get(tables.JOB, instance_id, number)
        lease = new_lease(uow, (instance_id, number), command.worker, command.lease_seconds)
        if row is None or lease is None:
            continue
        arguments = {
            name: opened(uow, instance_id, argument_path(number, name), value)
            for name, value in arguments_of(row.arguments).items()
        }
        job = {"job": f"{instance_id}.{number}", "type": row.type, "tries": row.tries, "lease": lease.token}
        jobs.append({**job, "lease_until": lease.until, "arguments": arguments})
        leases.append(lease)
    for lease in leases:
        uow.put(tables.LEASE, lease)
    return Done("activated", {"jobs": jobs})


def complete_job(deps: Deps, uow: UnitOfWork, command: c.CompleteJob) -> Done | Refusal:
    """Take a worker's result, while its lease holds."""
    return _by_worker(deps, uow, command, (entries.JOB_COMPLETED, "completed"))


def fail_job(deps: Deps, uow: UnitOfWork, command: c.FailJob) -> Done | Refusal:
    """Take a worker's failure: another try later, or an incident."""
    _check_code(command.code)
    return _by_worker(deps, uow, command, (entries.JOB_FAILED, "failed"))


def _by_worker(
    deps: Deps, uow: UnitOfWork, command: c.CompleteJob | c.FailJob, act_of: tuple[str, str]
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
        return Refusal(Reason.WRONG_STATE, "expected an open job, found none")
    lease = held_lease(uow, instance_id, number, command.lease)
    if lease is None:
        return _LEASE_LOST
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    kind, outcome = act_of
    return _recorded(uow, act, subject, (kind, outcome), (lease, {"basis": {"permit": permit.as_basis()}}))


def extend_job(deps: Deps, uow: UnitOfWork, command: c.ExtendJob) -> Done | Refusal:
    """Lengthen a lease that still holds."""
    instance_id, number = c.split_id(command.job_id)
    instance = uow.get(tables.INSTANCE, instance_id)
    if instance is None:
        return NOT_FOUND
    permit = deps.access.check(uow, uow.actor, instance.domain, "job", "complete")
    if isinstance(permit, Refusal):
        return permit
    lease = held_lease(uow, instance_id, number, command.lease)
    if lease is None:
        return _LEASE_LOST
    until = uow.now + seconds_of(command.lease_seconds) * SECOND
    uow.put(tables.LEASE, lease._replace(until=until))
    return Done("extended", {"lease_until": until})


def start_call(deps: Deps, uow: UnitOfWork, command: c.StartCall) -> Done | Refusal:
    """Record that a try goes out."""
    return _by_runner(deps, uow, command, (entries.CALL_STARTED, "started"))


def succeed_call(deps: Deps, uow: UnitOfWork, command: c.SucceedCall) -> Done | Refusal:
    """Record the answer of a call and go on."""
    return _by_runner(deps, uow, command, (entries.CALL_SUCCEEDED, "succeeded"))


def fail_call(deps: Deps, uow: UnitOfWork, command: c.FailCall) -> Done | Refusal:
    """Record a failed try: another later, or an incident."""
    _check_code(command.code)
    return _by_runner(deps, uow, command, (entries.CALL_FAILED, "failed"))


def _by_runner(
    deps: Deps, uow: UnitOfWork, command: c.StartCall | c.SucceedCall | c.FailCall, act_of: tuple[str, str]
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
        return Refusal(Reason.WRONG_STATE, "expected a call to be made, found none")
    lease = held_lease(uow, instance_id, number, command.lease)
    if lease is None:
        return _LEASE_LOST
    ends = standing = None
    if not isinstance(command, c.StartCall):
        ends, standing = lease, standing_after(uow, _operation_of(subject, number), command)
    refusal = act.do(subject, command)
    if refusal is not None:
        return refusal
    if standing is not None:
        uow.put(tables.STANDING, standing)
    return _recorded(uow, act, subject, act_of, (ends, {}))


def _recorded(
    uow: UnitOfWork, act: Act, subject: Subject, act_of: tuple[str, str], rest: tuple[LeaseRow | None, dict[str, Any]]
) -> Done:
    kind, outcome = act_of
    lease, envelope = rest
    result = {"status": subject.instance.status, "revision": subject.instance.revision + 1}
    if lease is not None:
        uow.put(tables.LEASE, lease._replace(until=0, token=""))
    act.record(subject, kind, {"result": result}, envelope)
    return Done(outcome, result)


def _operation_of(subject: Subject, number: int) -> str:
    activation = subject.instance.activation(number)
    step = None if activation is None else subject.plan.visited(activation.step, activation.branch)
    return step.operation if isinstance(step, CallStep) else ""


def _open(subject: Subject, number: int, state: str) -> bool:
    activation = subject.instance.activation(number)
    return activation is not None and activation.state == state


def _check_code(code: str) -> None:
    if not code or len(code) > CODE_LENGTH_MAX or not code.replace("_", "").replace("-", "").isalnum():
        raise BrokenInput(f"expected a code of 1 to {CODE_LENGTH_MAX} letters, digits, _ or -", "code")
