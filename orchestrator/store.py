"""Questions of the orchestrator that no key answers: what is due, what is to be called.

`Query` is `UnitOfWork.query` or the same of a read-only connection: `{log}` stands for the log's number.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rbac.permission import WHOLE

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class DueTimer(NamedTuple):
    """A timer to fire, as `FireTimer` names it."""

    timer_id: str
    due: int


def in_domain(domain: str) -> tuple[str, tuple[str, ...]]:
    """The term that keeps to instances of a domain, and its parameters; the root domain is every one.

    No LIKE for both: SQLite compiles a statement with one anew each time a pattern is given to it.
    """
    return ("", ()) if domain == WHOLE else (" AND instance.domain = ?", (domain,))


def due_timers(query: Query, now: int, limit: int) -> list[DueTimer]:
    """The timers that are due, the longest due first: a scan of an index that holds running timers alone."""
    rows = query(
        "SELECT instance, number, name, due_at FROM timer WHERE log_id = {log} AND state = 'set' AND due_at <= ?"
        " ORDER BY due_at, instance, number, name LIMIT ?",
        (now, limit),
    )
    return [DueTimer(f"{instance}.{number}/{name}", due) for instance, number, name, due in rows]


def next_due(query: Query) -> int | None:
    """When the next timer is due; None when none runs."""
    rows = query("SELECT due_at FROM timer WHERE log_id = {log} AND state = 'set' ORDER BY due_at LIMIT 1", ())
    return rows[0][0] if rows else None


def calls_asked(query: Query) -> int:
    """How many calls are to be made or on their way, without those of instances in test mode: a figure that is kept."""
    [(count,)] = query(
        "SELECT COALESCE(SUM(total), 0) FROM figure WHERE log_id = {log} AND what = 'call' AND day = 0", ()
    )
    return int(count)


class DueMessage(NamedTuple):
    """A kept message whose time is over, as `ExpireMessage` names it."""

    message_id: str
    due: int


def due_messages(query: Query, now: int, limit: int) -> list[DueMessage]:
    """The kept messages whose time is over: a scan of an index that holds kept messages alone."""
    rows = query(
        "SELECT id, expires_at FROM message WHERE log_id = {log} AND state = 'kept' AND expires_at <= ?"
        " ORDER BY expires_at, id LIMIT ?",
        (now, limit),
    )
    return [DueMessage(*row) for row in rows]


class DueAct(NamedTuple):
    """A proposed act whose time is over, as `ExpireAct` names it."""

    instance: str
    proposal: str
    due: int


def due_acts(query: Query, now: int, limit: int) -> list[DueAct]:
    """Proposals that nobody confirmed in time: a scan of an index that holds the open ones alone."""
    rows = query(
        "SELECT instance, id, expires_at FROM act_proposal WHERE log_id = {log} AND state = 'proposed'"
        " AND expires_at <= ? ORDER BY expires_at, id LIMIT ?",
        (now, limit),
    )
    return [DueAct(*row) for row in rows]


class DueStart(NamedTuple):
    """An occurrence that is due, as `StartByClock` names it."""

    blueprint: str
    due: int
    local: str


def due_starts(query: Query, now: int, limit: int) -> list[DueStart]:
    """The next occurrence of each schedule that is due: a scan of an index that holds the schedules with one alone."""
    rows = query(
        "SELECT blueprint, due_at, due_local FROM schedule WHERE log_id = {log} AND state = 'set' AND due_at <= ?"
        " ORDER BY due_at, blueprint LIMIT ?",
        (now, limit),
    )
    return [DueStart(*row) for row in rows]


def beside(connectors: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The term that leaves out calls of these connectors, and its parameters. A name holds no wildcard but `_`."""
    names = tuple([name.replace("_", "!_") + ".%" for name in connectors])
    return " AND call.operation NOT LIKE ? ESCAPE '!'" * len(names), names


def calls_wait(query: Query, now: int) -> bool:
    """Whether a call is to be made that nobody has leased, of a connector whose breaker is not open."""
    shut = query("SELECT connector FROM connector_standing WHERE log_id = {log} AND open_until > ?", (now,))
    term, names = beside([name for (name,) in shut])
    return bool(
        query(
            "SELECT 1 FROM call LEFT JOIN work_lease ON work_lease.log_id = call.log_id"
            " AND work_lease.instance = call.instance AND work_lease.number = call.number"
            " WHERE call.log_id = {log} AND call.state = 'requested'"
            f" AND (work_lease.until IS NULL OR work_lease.until <= ?){term} LIMIT 1",
            (now, *names),
        )
    )
