"""What a row adds to the figures of the overview. Pure: a row in, the figures it is one of out.

A fold adds what an entry changes in them (`folding`), so that the overview reads as many rows as there are figures,
however much is live.
"""

from collections.abc import Callable, Sequence, Set
from typing import Any

from ledger.rows import Table
from ledger.tuples import made
from orchestrator import tables
from orchestrator.figure_tables import DAY, OfferedTo, offered_name

Share = tuple[str, str, str, int]
"""One of the counted: what, name, step, day (`figure_tables.FigureRow`)."""

TASK_OPEN = ("offered", "claimed")
JOB_OPEN = ("created", "backing off")
CALL_OPEN = ("requested", "backing off")
MESSAGE_OPEN = ("open",)
INCIDENT_OPEN = ("open",)


def instance_changes(
    before: tuple[str, Set[str]], after: tuple[str, Set[str]], started_at: int
) -> list[tuple[Share, int]]:
    """What an instance adds that was in one status and at these steps, and is in another and at those."""
    (was, left), (status, entered) = before, after
    changes: list[tuple[Share, int]] = []
    if was != status:
        day = started_at // DAY
        changes = [((status, "", "", day), 1)]
        if was:
            changes += [((was, "", "", day), -1)]
    if left != entered:
        changes += [(at_step(step), -1) for step in left - entered]
        changes += [(at_step(step), 1) for step in entered - left]
    return changes


def at_step(step: str) -> Share:
    """An instance that is at a step."""
    return ("step", "", step, 0)


def _task(row: tables.TaskRow) -> Sequence[Share]:
    shares: tuple[Share, ...] = (("task", "", row.step, 0),) if row.state in TASK_OPEN else ()
    if row.state == "offered":
        to = made(OfferedTo, (row.above, row.role, row.decision_kind, row.skill, row.unit))
        shares = (*shares, ("offered", offered_name(to), "", 0))
    if row.due_at is None:
        return shares
    day = row.opened_at // DAY
    is_late = row.closed_at is not None and row.closed_at > row.due_at
    return (*shares, ("dated", "", "", day), ("late", "", "", day)) if is_late else (*shares, ("dated", "", "", day))


def _job(row: tables.JobRow) -> Sequence[Share]:
    return (("job", row.type, "", 0),) if row.state in JOB_OPEN else ()


def _call(row: tables.CallRow) -> Sequence[Share]:
    return (("call", row.operation, "", 0),) if row.state in CALL_OPEN else ()


def _subscription(row: tables.SubscriptionRow) -> Sequence[Share]:
    return (("message", row.message, "", 0),) if row.state in MESSAGE_OPEN else ()


def _incident(row: tables.IncidentRow) -> Sequence[Share]:
    return (("incident", row.code, row.step, 0),) if row.state in INCIDENT_OPEN else ()


SHARES: dict[Table[Any], Callable[[Any], Sequence[Share]]] = {
    tables.TASK: _task,
    tables.JOB: _job,
    tables.CALL: _call,
    tables.SUBSCRIPTION: _subscription,
    tables.INCIDENT: _incident,
}
