"""The figures of the overview: each equals a count over the entries.

    completion rate      = completed / (completed + cancelled + failed)    of those started in the period
    deadline breach rate = late / with a deadline                          of tasks offered in the period

A task is late when it closed after it was due, or is open and past it; one whose clock stands still for a customer is
due later for it, and past nothing. Rates are decimals as text, null without a denominator.

What is live is read as it is kept (`figure_tables`), and so are the whole days of a period; its ends, what is past due
now and the rank of an age are asked of indexes.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.work import UnitOfWork
from orchestrator.figure_tables import DAY
from orchestrator.task_terms import as_list, late_by

PERCENTILES = (50, 90, 99)
STATUSES = ("active", "ended", "cancelled", "failed")
_OPEN = "task.state IN ('offered', 'claimed') AND task.due_at IS NOT NULL"  # as the index `task_due` states it
_PLACES = Decimal("0.0001")


class Asked(NamedTuple):
    """What is counted: domains, one blueprint or all (empty), and the period [start, end) in microseconds.

    `has_tests`: there are instances in test mode, which are left out of every figure but their own. `beside` are ids
    of open tasks that are not late, since their clock stands still for a customer.
    """

    domains: tuple[str, ...]
    blueprint: str
    start: int
    end: int
    has_tests: bool = False
    beside: frozenset[str] = frozenset()


class _Period(NamedTuple):
    """The period as the days that lie in it whole, [first, last), and the stretches at its ends."""

    first: int
    last: int
    ends: tuple[tuple[int, int], ...]


def overview(rows: UnitOfWork, asked: Asked) -> dict[str, Any]:
    """All figures, by the name under which the door tells them."""
    asked = asked._replace(has_tests=bool(rows.query(f"SELECT 1 FROM instance WHERE {_TESTS} LIMIT 1")))
    period = _period(asked)
    live = _live(rows, asked)
    by_day = _days(rows, asked, "figure.what = 'active'")
    of_period = _of_period(rows, asked, period)
    with_deadline, late = of_period["dated"], of_period["late"] + _late_now(rows, asked)
    completed, cancelled, failed = (of_period[status] for status in STATUSES[1:])
    return {
        "active": sum(by_day.values()),
        "started": sum(of_period[status] for status in STATUSES),
        "completed": completed,
        "cancelled": cancelled,
        "failed": failed,
        "completion_rate": rate(completed, completed + cancelled + failed),
        "tasks_with_deadline": with_deadline,
        "tasks_late": late,
        "deadline_breach_rate": rate(late, with_deadline),
        "age_seconds": {f"p{percent}": _age(rows, asked, by_day, percent) for percent in PERCENTILES},
        "waiting": {
            "steps": _steps(rows, asked, live) if asked.blueprint else None,
            "tasks": _named(live, "task", step="step"),
            "jobs": _named(live, "job", name="type"),
            "calls": _named(live, "call", name="operation"),
            "messages": _named(live, "message", name="message"),
        },
        "incidents": _named(live, "incident", name="code", step="step"),
        "test": _tests(rows, asked),
    }


_TESTS = "log_id = {log} AND test = 1"


def _tests(rows: UnitOfWork, asked: Asked) -> dict[str, int]:
    """Instances in test mode, counted apart: no figure that is kept has them."""
    where, values = _where(asked._replace(has_tests=False), "instance")
    [(active, started)] = rows.query(
        "SELECT COALESCE(SUM(CASE WHEN status = 'active' THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN started_at >= ? AND started_at < ? THEN 1 ELSE 0 END), 0)"
        f" FROM instance WHERE test = 1 AND {where}",
        (asked.start, asked.end, *values),
    )
    return {"active": int(active), "started": int(started)}


def active_by_blueprint(rows: UnitOfWork, domains: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """How many instances of each of these blueprints are active in these domains; those without one are left out."""
    if not domains or not names:
        return {}
    found = rows.query(
        "SELECT blueprint, SUM(total) FROM figure WHERE log_id = {log} AND what = 'active'"
        f" AND domain IN ({', '.join('?' * len(domains))}) AND blueprint IN ({', '.join('?' * len(names))})"
        " GROUP BY blueprint",
        (*domains, *names),
    )
    return {blueprint: int(count) for blueprint, count in found if count}


def rate(part: int, whole: int) -> str | None:
    """A share with four places, as text; None of nothing."""
    return None if whole == 0 else str((Decimal(part) / Decimal(whole)).quantize(_PLACES))


_Figure = tuple[str, str, str, str, int]
"""One of what is live: blueprint, what, name, step, count."""


def _where(asked: Asked, table: str) -> tuple[str, tuple[Any, ...]]:
    marks = ", ".join("?" * len(asked.domains)) or "NULL"
    terms = f"{table}.log_id = {{log}} AND {table}.domain IN ({marks})"
    if asked.has_tests and table == "instance":
        terms += " AND instance.test = 0"
    elif asked.has_tests and table == "task":
        terms += f" AND task.instance NOT IN (SELECT id FROM instance WHERE {_TESTS})"
    if not asked.blueprint:
        return terms, asked.domains
    return f"{terms} AND {table}.blueprint = ?", (*asked.domains, asked.blueprint)


def _live(rows: UnitOfWork, asked: Asked) -> list[_Figure]:
    where, values = _where(asked, "figure")
    found = rows.query(
        f"SELECT blueprint, what, name, step, SUM(total) FROM figure WHERE {where} AND day = 0 AND total <> 0"
        " GROUP BY blueprint, what, name, step",
        values,
    )
    return sorted((blueprint, what, name, step, int(count)) for blueprint, what, name, step, count in found)


def _named(live: Sequence[_Figure], kind: str, **columns: str) -> list[dict[str, Any]]:
    """Those of one kind, in the order of their names; `columns` says as what `name` and `step` are told."""
    return [
        {
            "blueprint": blueprint,
            **{told: {"name": name, "step": step}[column] for column, told in columns.items()},
            "count": count,
        }
        for blueprint, what, name, step, count in live
        if what == kind
    ]


def _days(rows: UnitOfWork, asked: Asked, among: str) -> Counter[int]:
    where, values = _where(asked, "figure")
    found = rows.query(f"SELECT day, SUM(total) FROM figure WHERE {where} AND {among} GROUP BY day", values)
    return Counter({int(day): int(count) for day, count in found if count})


def _period(asked: Asked) -> _Period:
    first, last = -(-asked.start // DAY), asked.end // DAY
    if first >= last:
        return _Period(0, 0, ((asked.start, asked.end),))
    ends = ((asked.start, first * DAY), (last * DAY, asked.end))
    return _Period(first, last, tuple([(start, end) for start, end in ends if start < end]))


def _of_period(rows: UnitOfWork, asked: Asked, period: _Period) -> Counter[str]:
    """Instances started in the period by status, tasks offered in it with a deadline, and those closed after it."""
    counted: Counter[str] = Counter()
    if period.first < period.last:
        where, values = _where(asked, "figure")
        found = rows.query(
            f"SELECT what, SUM(total) FROM figure WHERE {where} AND day >= ? AND day < ? GROUP BY what",
            (*values, period.first, period.last),
        )
        counted.update({what: int(count) for what, count in found})
    for start, end in period.ends:
        where, values = _where(asked, "instance")
        found = rows.query(
            f"SELECT status, COUNT(*) FROM instance WHERE {where} AND started_at >= ? AND started_at < ?"
            " GROUP BY status",
            (*values, start, end),
        )
        counted.update({status: int(count) for status, count in found})
        where, values = _where(asked, "task")  # a task has domain and blueprint of its instance
        [(dated, late)] = rows.query(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN task.closed_at > task.due_at THEN 1 ELSE 0 END), 0) FROM task"
            f" WHERE {where} AND task.due_at IS NOT NULL AND task.opened_at >= ? AND task.opened_at < ?",
            (*values, start, end),
        )
        counted.update({"dated": int(dated), "late": int(late)})
    return counted


def _late_now(rows: UnitOfWork, asked: Asked) -> int:
    where, values = _past_due(rows, asked)
    [(count,)] = rows.query(
        f"SELECT COUNT(*) FROM task WHERE {where} AND task.opened_at >= ? AND task.opened_at < ?",
        (*values, asked.start, asked.end),
    )
    return int(count)


def _past_due(rows: UnitOfWork, asked: Asked) -> tuple[str, tuple[Any, ...]]:
    """The term that an open task is past due at this instant, with its values."""
    where, values = _where(asked, "task")
    return f"{where} AND {_OPEN} AND {late_by(asked.beside)}", (*values, rows.now, *as_list(asked.beside))


def _age(rows: UnitOfWork, asked: Asked, by_day: Counter[int], percent: int) -> int | None:
    """Whole seconds since an active instance started, by nearest rank in ages upwards; None without any.

    Counted from the nearer end of its day in an index of live instances: what is skipped is never fetched.
    """
    rank = -(-by_day.total() * percent // 100)  # from the youngest, from 1
    for day in sorted(by_day, reverse=True):
        count = by_day[day]
        if rank <= count:
            break
        rank -= count
    else:
        return None
    where, values = _where(asked, "instance")
    order, skipped = ("DESC", rank - 1) if 2 * rank <= count else ("ASC", count - rank)
    [(at,)] = rows.query(
        f"SELECT started_at FROM instance WHERE {where} AND status = 'active' AND started_at >= ? AND started_at < ?"
        f" ORDER BY started_at {order} LIMIT 1 OFFSET {skipped}",
        (*values, day * DAY, (day + 1) * DAY),
    )
    return int((rows.now - at) // 1_000_000)


def _steps(rows: UnitOfWork, asked: Asked, live: Sequence[_Figure]) -> list[dict[str, Any]]:
    """Active instances at each step of one blueprint, and those whose task there is past due: for its drawing."""
    where, values = _past_due(rows, asked)
    found = rows.query(
        f"SELECT task.step, COUNT(DISTINCT task.instance) FROM task WHERE {where} GROUP BY task.step", values
    )
    late = dict(found)
    return [{**one, "overdue": int(late.get(one["step"], 0))} for one in _named(live, "step", step="step")]
