"""The figures of the overview, asked of folded rows: each equals a count over the entries.

    completion rate      = completed / (completed + cancelled + failed)    of those started in the period
    deadline breach rate = late / with a deadline                          of tasks offered in the period

A task is late when it closed after it was due, or is open and past it. Rates are decimals as text, null without a
denominator.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.work import UnitOfWork
from orchestrator.instance import steps_in

PERCENTILES = (50, 90, 99)
MARKINGS_AT_ONCE = 2_000
_PLACES = Decimal("0.0001")


class Asked(NamedTuple):
    """What is counted: domains, one blueprint or all (empty), and the period [start, end) in microseconds.

    `has_tests`: there are instances in test mode, which are left out of every figure but their own.
    """

    domains: tuple[str, ...]
    blueprint: str
    start: int
    end: int
    has_tests: bool = False


def overview(rows: UnitOfWork, asked: Asked) -> dict[str, Any]:
    """All figures, by the name under which the door tells them."""
    asked = asked._replace(has_tests=bool(rows.query(f"SELECT 1 FROM instance WHERE {_TESTS} LIMIT 1")))
    started = _by_status(rows, asked, (asked.start, asked.end))
    completed, cancelled, failed = (started.get(status, 0) for status in ("ended", "cancelled", "failed"))
    with_deadline, late = _deadlines(rows, asked)
    active = _active(rows, asked)
    return {
        "active": active,
        "started": sum(started.values()),
        "completed": completed,
        "cancelled": cancelled,
        "failed": failed,
        "completion_rate": rate(completed, completed + cancelled + failed),
        "tasks_with_deadline": with_deadline,
        "tasks_late": late,
        "deadline_breach_rate": rate(late, with_deadline),
        "age_seconds": {f"p{percent}": _age(rows, asked, active, percent) for percent in PERCENTILES},
        "waiting": {
            "steps": _steps(rows, asked) if asked.blueprint else None,
            "tasks": _tasks(rows, asked),
            "jobs": _grouped(rows, asked, "job", ("type",), ("created", "backing off")),
            "calls": _grouped(rows, asked, "call", ("operation",), ("requested", "backing off")),
            "messages": _grouped(rows, asked, "subscription", ("message",), ("open",)),
        },
        "incidents": _grouped(rows, asked, "incident", ("code", "step"), ("open",)),
        "test": _tests(rows, asked),
    }


_TESTS = "log_id = {log} AND test = 1"


def _tests(rows: UnitOfWork, asked: Asked) -> dict[str, int]:
    """Instances in test mode, counted apart."""
    where, values = _where(asked._replace(has_tests=False))
    [(active, started)] = rows.query(
        "SELECT COALESCE(SUM(CASE WHEN status = 'active' THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN started_at >= ? AND started_at < ? THEN 1 ELSE 0 END), 0)"
        f" FROM instance WHERE {_TESTS} AND {where}",
        (asked.start, asked.end, *values),
    )
    return {"active": int(active), "started": int(started)}


def _steps(rows: UnitOfWork, asked: Asked) -> list[dict[str, Any]]:
    """Active instances at each step of one blueprint, and those whose task there is past due: for its drawing."""
    where, values = _where(asked)
    at = Counter[str]()
    after = ""
    while True:  # of one snapshot, so many at once that memory does not grow with what is live
        markings = rows.query(
            "SELECT id, marking FROM instance WHERE log_id = {log} AND status = 'active'"
            f" AND {where} AND id > ? ORDER BY id LIMIT ?",
            (*values, after, MARKINGS_AT_ONCE),
        )
        for _, marking in markings:
            at.update(steps_in(marking))
        if len(markings) < MARKINGS_AT_ONCE:
            break
        after = markings[-1][0]
    late = dict(
        rows.query(
            "SELECT task.step, COUNT(DISTINCT task.instance) FROM task WHERE task.log_id = {log}"
            f" AND task.state IN ('offered', 'claimed') AND {_where(asked, 'task')[0]} AND task.due_at < ?"
            " GROUP BY task.step",
            (*values, rows.now),
        )
    )
    return [
        {"blueprint": asked.blueprint, "step": step, "count": count, "overdue": int(late.get(step, 0))}
        for step, count in sorted(at.items())
    ]


def active_by_blueprint(rows: UnitOfWork, domains: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """How many instances of each of these blueprints are active in these domains; those without one are left out."""
    if not domains or not names:
        return {}
    found = rows.query(
        "SELECT blueprint, COUNT(*) FROM instance WHERE log_id = {log} AND status = 'active' AND test = 0"
        f" AND domain IN ({', '.join('?' * len(domains))}) AND blueprint IN ({', '.join('?' * len(names))})"
        " GROUP BY blueprint",
        (*domains, *names),
    )
    return dict(found)


def rate(part: int, whole: int) -> str | None:
    """A share with four places, as text; None of nothing."""
    return None if whole == 0 else str((Decimal(part) / Decimal(whole)).quantize(_PLACES))


def _where(asked: Asked, table: str = "instance") -> tuple[str, tuple[Any, ...]]:
    marks = ", ".join("?" * len(asked.domains)) or "NULL"
    among = f"{table}.domain IN ({marks}) AND (? = '' OR {table}.blueprint = ?)"
    if asked.has_tests and table == "instance":
        among += " AND instance.test = 0"
    elif asked.has_tests:
        among += f" AND {table}.instance NOT IN (SELECT id FROM instance WHERE {_TESTS})"
    return among, (
        *asked.domains,
        asked.blueprint,
        asked.blueprint,
    )


def _by_status(rows: UnitOfWork, asked: Asked, period: tuple[int, int]) -> dict[str, int]:
    where, values = _where(asked)
    found = rows.query(
        f"SELECT status, COUNT(*) FROM instance WHERE log_id = {{log}} AND {where}"
        " AND started_at >= ? AND started_at < ? GROUP BY status",
        (*values, *period),
    )
    return dict(found)


def _active(rows: UnitOfWork, asked: Asked) -> int:
    where, values = _where(asked)
    [(count,)] = rows.query(
        f"SELECT COUNT(*) FROM instance WHERE log_id = {{log}} AND status = 'active' AND {where}", values
    )
    return int(count)


def _age(rows: UnitOfWork, asked: Asked, active: int, percent: int) -> int | None:
    """Whole seconds since an active instance started, by nearest rank in ages upwards; None without any.

    Counted from the nearer end of an index of live instances: what is skipped is never fetched.
    """
    if not active:
        return None
    where, values = _where(asked)
    rank = -(-active * percent // 100)  # from the youngest, from 1
    order, skipped = ("DESC", rank - 1) if 2 * rank <= active else ("ASC", active - rank)
    [(at,)] = rows.query(
        f"SELECT started_at FROM instance WHERE log_id = {{log}} AND status = 'active' AND {where}"
        f" ORDER BY started_at {order} LIMIT 1 OFFSET {skipped}",
        values,
    )
    return int((rows.now - at) // 1_000_000)


def _deadlines(rows: UnitOfWork, asked: Asked) -> tuple[int, int]:
    where, values = _where(asked, "task")  # a task has domain and blueprint of its instance
    [(whole, late)] = rows.query(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN COALESCE(task.closed_at, ?) > task.due_at THEN 1 ELSE 0 END), 0)"
        f" FROM task WHERE task.log_id = {{log}} AND {where}"
        " AND task.due_at IS NOT NULL AND task.opened_at >= ? AND task.opened_at < ?",
        (rows.now, *values, asked.start, asked.end),
    )
    return int(whole), int(late)


def _tasks(rows: UnitOfWork, asked: Asked) -> list[dict[str, Any]]:
    where, values = _where(asked, "task")
    found = rows.query(
        "SELECT task.blueprint, task.step, COUNT(*) FROM task WHERE task.log_id = {log}"
        f" AND task.state IN ('offered', 'claimed') AND {where}"
        " GROUP BY task.blueprint, task.step ORDER BY task.blueprint, task.step",
        values,
    )
    return [{"blueprint": blueprint, "step": step, "count": count} for blueprint, step, count in found]


_JOIN = "ON instance.log_id = {table}.log_id AND instance.id = {table}.instance"


def _grouped(
    rows: UnitOfWork, asked: Asked, table: str, by: tuple[str, ...], states: tuple[str, ...]
) -> list[dict[str, Any]]:
    where, values = _where(asked)
    columns = ", ".join(("instance.blueprint", *[f"{table}.{name}" for name in by]))
    among = ", ".join(f"'{state}'" for state in states)
    found = rows.query(
        f"SELECT {columns}, COUNT(*) FROM {table} JOIN instance {_JOIN.format(table=table)}"
        f" WHERE {table}.log_id = {{log}} AND {table}.state IN ({among}) AND {where}"
        f" GROUP BY {columns} ORDER BY {columns}",
        values,
    )
    return [dict(zip(("blueprint", *by, "count"), row, strict=True)) for row in found]
