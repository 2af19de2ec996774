"""Which calls a runner is given: those whose connector may be called now, the oldest first. Leases are operational."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ledger.refusal import Refusal
from ledger.work import Done, UnitOfWork
from orchestrator import breaker, tables
from orchestrator import commands as c
from orchestrator.act import Act
from orchestrator.agents import CLASS, EXPECTS, PREFIX, STEP
from orchestrator.breaker import Limits, Standing
from orchestrator.leases import held_lease, limit_of, new_lease, prefetch
from orchestrator.on_instances import arguments_of
from orchestrator.plan import strictest
from orchestrator.ports import Deps
from orchestrator.sealing import argument_path, opened
from orchestrator.store import beside
from orchestrator.tables import LeaseRow
from orchestrator.turned_down import not_the_system
from versioning.agent_steps import schema_of
from versioning.blueprint import AgentStep

# A call that went out comes back, whatever its instance or step has come to meanwhile: until then it is under way. One
# of a suspended instance that has not gone out yet still may, once that goes on.
_UNDER_WAY = (
    " FROM work_lease JOIN call ON call.log_id = work_lease.log_id"
    " AND call.instance = work_lease.instance AND call.number = work_lease.number"
    " WHERE work_lease.log_id = {log} AND work_lease.until > 0 AND work_lease.until > ?"
    " AND (call.state IN ('requested', 'suspended')"
    " OR call.state IN ('cancelled', 'kept') AND call.started > call.tries)"
    " AND call.instance NOT IN (SELECT id FROM instance WHERE log_id = {log} AND test = 1)"
)


def lease_calls(deps: Deps, uow: UnitOfWork, command: c.LeaseCalls) -> Done | Refusal:
    """Lease calls that are to be made to a runner; arguments in clear, since they go out now."""
    refusal = not_the_system(uow)
    if refusal is not None:
        return refusal
    rooms = _rooms(uow, command.limits)
    term, names = beside([name for name, left in rooms.items() if not left])
    found = uow.query(
        "SELECT call.instance, call.number FROM call LEFT JOIN work_lease ON work_lease.log_id = call.log_id"
        " AND work_lease.instance = call.instance AND work_lease.number = call.number"
        " WHERE call.log_id = {log} AND call.state = 'requested'"
        f" AND (work_lease.until IS NULL OR work_lease.until <= ?){term}"
        " ORDER BY call.instance, call.number LIMIT ?",
        (uow.now, *names, limit_of(command.limit)),
    )
    prefetch(uow, tables.CALL, found)
    uow.prefetch([(tables.INSTANCE, (instance_id,)) for instance_id, _ in found])
    calls: list[dict[str, Any]] = []
    leases: list[LeaseRow] = []
    taken: Counter[str] = Counter()
    for instance_id, number in found:
        row = uow.get(tables.CALL, instance_id, number)
        lease = new_lease(uow, (instance_id, number), command.runner, command.lease_seconds, row)
        if row is None or lease is None:
            continue
        is_test = _is_test(uow, instance_id)
        connector = connector_of(row.operation)
        if not is_test:  # what reaches nobody uses up no limit
            if connector in rooms and taken[connector] >= rooms[connector]:
                continue
            taken[connector] += 1
        arguments = {
            name: opened(uow, instance_id, argument_path(number, name), value)
            for name, value in arguments_of(row.arguments).items()
        }
        if row.operation.startswith(PREFIX):
            arguments |= _beside(deps, uow, instance_id, number)
        call = {"call": f"{instance_id}.{number}", "operation": row.operation, "arguments": arguments}
        calls.append({**call, "idempotency_key": row.idempotency_key, "lease": lease.token, "test": is_test})
        leases.append(lease)
    standings = [_let_out(uow, one, taken[one.connector]) for one in command.limits if taken[one.connector]]
    for lease in leases:
        uow.put(tables.LEASE, lease)
    for standing in standings:
        uow.put(tables.STANDING, standing)
    return Done("leased", {"calls": calls})


def _beside(deps: Deps, uow: UnitOfWork, instance_id: str, number: int) -> dict[str, Any]:
    """What an agent is told beside the data: what is expected, and the strictest class of what it is shown."""
    subject = Act(uow, deps).load(instance_id)
    activation = None if subject is None else subject.instance.activation(number)
    if subject is None or activation is None:
        return {}
    step = subject.plan.steps[activation.step]
    assert isinstance(step, AgentStep)
    data_class = strictest([subject.plan.class_of(path) for path in step.shows])
    return {EXPECTS: schema_of(step), CLASS: data_class, STEP: step.id}


def _is_test(uow: UnitOfWork, instance_id: str) -> bool:
    instance = uow.get(tables.INSTANCE, instance_id)
    return instance is not None and bool(instance.test)


def connector_of(operation: str) -> str:
    """The connector of `connector.operation`."""
    return operation.partition(".")[0]


def standing_after(uow: UnitOfWork, operation: str, command: c.SucceedCall | c.FailCall) -> Standing | None:
    """How the connector stands after a try; None when nothing changes, or nothing is kept of it."""
    found = uow.get(tables.STANDING, connector_of(operation))
    if found is None:
        return None
    if isinstance(command, c.FailCall) and command.retryable:
        return breaker.failed(found, command.code, uow.now)
    after = breaker.answered(found)
    if isinstance(command, c.FailCall):  # it answered, and not as it should: no ground to stop, but told
        after = after._replace(failed_at=uow.now, failed_with=command.code)
    return after if after != found else None


def kept_in(uow: UnitOfWork, command: c.StartCall) -> LeaseRow | None:
    """The lease of a call that must not go out, though it was given out while the breaker was closed: the breaker is
    open by now, or another call finds out whether the system is there again. None where it may go out."""
    at = c.split_id(command.call_id)
    row, lease = uow.get(tables.CALL, *at), held_lease(uow, *at, command.lease)
    if row is None or row.state != "requested" or lease is None or _is_test(uow, row.instance):
        return None
    connector = connector_of(row.operation)
    state = _standing(uow, connector).state(uow.now)
    if state == breaker.CLOSED or (state == breaker.HALF_OPEN and _under_way(uow)[connector] == 1):
        return None
    return lease


def _let_out(uow: UnitOfWork, limits: Limits, calls: int) -> Standing:
    return breaker.let_out(_standing(uow, limits.connector), limits, uow.now, calls)


def _standing(uow: UnitOfWork, connector: str) -> Standing:
    return uow.get(tables.STANDING, connector) or Standing(connector)


def _rooms(uow: UnitOfWork, limits: tuple[Limits, ...]) -> Mapping[str, int]:
    """How many more calls of each connector may go out; a connector without limits is not among them while its breaker
    is closed. One that is in force no more may have left it open: it is held by that all the same (`kept_in`).
    """
    shut = uow.query("SELECT connector FROM connector_standing WHERE log_id = {log} AND open_until > 0")
    named = {one.connector for one in limits}
    limits = (*limits, *[Limits(name) for (name,) in shut if name not in named])
    if not limits:
        return {}
    under_way = _under_way(uow)
    return {
        one.connector: breaker.room(_standing(uow, one.connector), one, uow.now, under_way[one.connector])
        for one in limits
    }


def _under_way(uow: UnitOfWork) -> Counter[str]:
    """How many calls of each connector somebody has, gone out or about to."""
    under_way: Counter[str] = Counter()
    for operation, count in uow.query(
        f"SELECT call.operation, COUNT(*){_UNDER_WAY} GROUP BY call.operation", (uow.now,)
    ):
        under_way[connector_of(operation)] += count
    return under_way
