"""Which jobs a worker is given: open ones of its type, by their place in the queue. Leases are operational rows."""

from typing import Any

from ledger.clock import SECOND
from ledger.refusal import Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.act import NOT_FOUND
from orchestrator.leases import LEASE_LOST, NO_OPEN_JOB, held_lease, limit_of, new_lease, prefetch, seconds_of
from orchestrator.on_instances import arguments_of
from orchestrator.ports import Deps
from orchestrator.sealing import argument_path, opened
from orchestrator.store import Query, in_domain

_OPEN = (
    " FROM job LEFT JOIN work_lease ON work_lease.log_id = job.log_id"
    " AND work_lease.instance = job.instance AND work_lease.number = job.number"
    " JOIN instance ON instance.log_id = job.log_id AND instance.id = job.instance"
    " WHERE job.log_id = {log} AND job.type = ? AND job.state = 'created'"
    " AND (work_lease.until IS NULL OR work_lease.until <= ?)"
)

# Who is at work when its instance is suspended goes on: what comes of it counts, and so does the work.
_HELD = ("created", "suspended")
_LEASED = (
    " FROM work_lease JOIN job ON job.log_id = work_lease.log_id"
    " AND job.instance = work_lease.instance AND job.number = work_lease.number"
    " WHERE work_lease.log_id = {log} AND work_lease.until > 0 AND work_lease.until > ?"
    f" AND job.type = ? AND job.state IN {_HELD}"
)


def activate_jobs(deps: Deps, uow: UnitOfWork, command: c.ActivateJobs) -> Done | Refusal:
    """Lease open jobs of a type to a worker, as they rank, with their arguments in clear."""
    permit = deps.access.check(uow, uow.actor, command.domain, "job", "activate")
    if isinstance(permit, Refusal):
        return permit
    limit = min(limit_of(command.limit), _room(uow.query, command, uow.now))
    found = _found(uow.query, command, uow.now, limit) if limit > 0 else []
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
        job = {"job": f"{instance_id}.{number}", "type": row.type, "tries": row.tries, "priority": row.priority}
        jobs.append({**job, "lease": lease.token, "lease_until": lease.until, "arguments": arguments})
        leases.append(lease)
    for lease in leases:
        uow.put(tables.LEASE, lease)
    return Done("activated", {"jobs": jobs})


def jobs_wait(rows: UnitOfWork, command: c.ActivateJobs) -> bool:
    """Whether this command would be given a job now."""
    return _room(rows.query, command, rows.now) > 0 and bool(_found(rows.query, command, rows.now, 1))


def extend_job(deps: Deps, uow: UnitOfWork, command: c.ExtendJob) -> Done | Refusal:
    """Lengthen a lease that still holds."""
    until = uow.now + seconds_of(command.lease_seconds) * SECOND
    refusal = _let(deps, uow, command, until)
    return refusal or Done("extended", {"lease_until": until})


def release_job(deps: Deps, uow: UnitOfWork, command: c.ReleaseJob) -> Done | Refusal:
    """End a lease that still holds, so that another worker may take the job at once."""
    return _let(deps, uow, command, 0) or Done("released", {})


def _let(deps: Deps, uow: UnitOfWork, command: c.ExtendJob | c.ReleaseJob, until: int) -> Refusal | None:
    """Let a lease hold until an instant; 0 ends it, and its token is good no more."""
    instance_id, number = c.split_id(command.job_id)
    instance = uow.get(tables.INSTANCE, instance_id)
    if instance is None:
        return NOT_FOUND
    permit = deps.access.check(uow, uow.actor, instance.domain, "job", "complete")
    if isinstance(permit, Refusal):
        return permit
    job = uow.get(tables.JOB, instance_id, number)
    if job is None or job.state not in _HELD:
        return NO_OPEN_JOB
    lease = held_lease(uow, instance_id, number, command.lease)
    if lease is None:
        return LEASE_LOST
    uow.put(tables.LEASE, lease._replace(until=until, token=lease.token if until else ""))
    return None


def _room(query: Query, command: c.ActivateJobs, now: int) -> int:
    """How many more jobs of the type may be under lease; what nobody bounds is asked of nobody."""
    if not command.type_at_once and not command.worker_at_once:
        return limit_of(command.limit)
    [(all_of_type, own)] = query(
        f"SELECT COUNT(*), COALESCE(SUM(CASE WHEN work_lease.holder = ? THEN 1 ELSE 0 END), 0){_LEASED}",
        (command.worker, now, command.type),
    )
    bounds = [(command.type_at_once, all_of_type), (command.worker_at_once, own)]
    return min(bound - int(taken) for bound, taken in bounds if bound)


def _found(query: Query, command: c.ActivateJobs, now: int, limit: int) -> list[tuple[Any, ...]]:
    term, names = in_domain(command.domain)
    # Written out: there is an index of instances in test mode alone, so for a parameter here SQLite would compile the
    # statement anew at each use, which took four times as long as carrying it out (measured).
    term += f" AND instance.test = {int(command.test)}"
    return query(
        f"SELECT job.instance, job.number{_OPEN}{term} ORDER BY job.ranks_at, job.instance, job.number LIMIT ?",
        (command.type, now, *names, limit),
    )
