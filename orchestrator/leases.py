"""Leases of jobs and calls: who works on one, with which token, until when. Operational rows."""

from typing import Any

from ledger.clock import SECOND
from ledger.refusal import Reason, Refusal
from ledger.rows import Table
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.refusal_texts import why
from orchestrator.tables import CallRow, LeaseRow

LEASE_SECONDS_MAX = 3600  # a worker that needs longer extends; a dead one is noticed within the hour
ACTIVATED_MAX = 100  # jobs or calls leased by one command
NO_OPEN_JOB = Refusal(Reason.WRONG_STATE, why("no-open-job"))
KEPT_IN = "kept_in"  # member of what a runner is told of a call that must not go out now
LEASE_LOST = Refusal(Reason.LEASE_LOST, why("lease-lost"))


def held_lease(uow: UnitOfWork, instance_id: str, number: int, token: str) -> LeaseRow | None:
    """The lease with this token while it holds; one that has run out is lost even if nobody took it since."""
    lease = uow.get(tables.LEASE, instance_id, number)
    if lease is None or not token or lease.token != token or lease.until <= uow.now:
        return None
    return lease


def ended(uow: UnitOfWork, instance_id: str, number: int) -> list[LeaseRow]:
    """The lease of a job that its instance goes on without, as it is when it has ended; none where nobody has one."""
    lease = uow.get(tables.LEASE, instance_id, number)
    return [] if lease is None or not lease.token else [given_back(lease)]


def given_back(lease: LeaseRow) -> LeaseRow:
    """The lease as it is when nobody holds it any more."""
    return lease._replace(until=0, token="")


def prefetch(uow: UnitOfWork, table: Table[Any], found: list[tuple[Any, ...]]) -> None:
    """The rows and leases of what was found, in one statement per table."""
    uow.prefetch([(kind, (instance, number)) for kind in (table, tables.LEASE) for instance, number in found])


def new_lease(
    uow: UnitOfWork, of: tuple[str, int], holder: str, seconds: int, call: CallRow | None = None
) -> LeaseRow | None:
    """A new lease, not written yet; None when another command of this batch has just taken one. That of a call says in
    its token which call it was given for, since an activation may ask for one after the other (`is_of`)."""
    instance_id, number = of
    held = uow.get(tables.LEASE, instance_id, number)
    if held is not None and held.until > uow.now:
        return None
    until = uow.now + seconds_of(seconds) * SECOND
    token = uow.ids.random("le_") + ("" if call is None else _which(call))
    return LeaseRow(instance_id, number, holder, token, until)


def is_of(token: str, call: CallRow) -> bool:
    """Whether a lease was given for this very call, whatever became of the lease: not for one that its activation had
    asked for before, with other arguments. An answer is known by it when the lease's row is gone."""
    _, dot, which = token.partition(".")
    return dot + which == _which(call)


def _which(call: CallRow) -> str:
    """Nothing for the first call of an activation, then `.2` and so on: the end of its idempotency key."""
    return call.idempotency_key.removeprefix(f"{call.instance}.{call.number}")


def limit_of(limit: int) -> int:
    """How many may be leased at once, of those asked for."""
    return max(1, min(limit, ACTIVATED_MAX))


def seconds_of(seconds: int) -> int:
    """How long a lease holds, of what was asked for."""
    return max(1, min(seconds, LEASE_SECONDS_MAX))
