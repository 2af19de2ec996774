"""The figures of the overview are kept as counts. Indexes of open tasks by when they are due, and by their ids."""

import json
from collections import Counter

import sqlalchemy as sa
from alembic import op

revision = "0029_figures"
down_revision = "0028_substitutions"

_STEP = 1  # of an activation in a marking
_DAY = 86_400_000_000
_AT_ONCE = 2_000
_OPEN = "state IN ('offered', 'claimed')"
_COLUMNS = ("blueprint", "domain", "what", "name", "step")
_WITH_INSTANCE = "JOIN instance ON instance.log_id = {0}.log_id AND instance.id = {0}.instance"


def upgrade() -> None:
    op.create_table(
        "figure",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.Text(), nullable=False) for name in _COLUMNS],
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", *_COLUMNS, "day"),
        sqlite_with_rowid=False,
    )
    _count_what_is_there()
    _count_steps()
    op.drop_index("task_waits", "task")
    _index("task_due", ["due_at", "instance", "number"], f"{_OPEN} AND due_at IS NOT NULL")
    _index("task_waiting", ["instance", "number"], _OPEN)


def _index(name: str, columns: list[str], among: str) -> None:
    where = sa.text(among)
    op.create_index(name, "task", ["log_id", *columns], sqlite_where=where, postgresql_where=where)


def _count_what_is_there() -> None:
    """As the fold counts: by the day of the start or offer, or by the name of what is open."""
    _counted("instance", "status", "''", "''", f"started_at / {_DAY}", "1 = 1")
    _counted("task", "'task'", "''", "step", "0", _OPEN)
    _counted("task", "'dated'", "''", "''", f"opened_at / {_DAY}", "due_at IS NOT NULL")
    _counted("task", "'late'", "''", "''", f"opened_at / {_DAY}", "closed_at > due_at")
    _counted("job", "'job'", "job.type", "''", "0", "job.state IN ('created', 'backing off')")
    _counted("call", "'call'", "call.operation", "''", "0", "call.state IN ('requested', 'backing off')")
    _counted("subscription", "'message'", "subscription.message", "''", "0", "subscription.state = 'open'")
    _counted("incident", "'incident'", "incident.code", "incident.step", "0", "incident.state = 'open'")


def _counted(table: str, *columns_and_term: str) -> None:
    *columns, term = columns_and_term
    of = table if table in ("instance", "task") else f"{table} {_WITH_INSTANCE.format(table)}"
    whose = "" if table in ("instance", "task") else "instance."
    told = ", ".join(f"{column} AS c{place}" for place, column in enumerate(columns))
    op.execute(
        "INSERT INTO figure (log_id, blueprint, domain, what, name, step, day, total)"
        " SELECT log_id, blueprint, domain, c0, c1, c2, c3, COUNT(*) FROM"
        f" (SELECT {table}.log_id AS log_id, {whose}blueprint AS blueprint, {whose}domain AS domain, {told}"
        f" FROM {of} WHERE {term}) AS found GROUP BY log_id, blueprint, domain, c0, c1, c2, c3"
    )


def _count_steps() -> None:
    """An instance is at each step of its marking once."""
    connection = op.get_bind()
    marked = sa.text(
        "SELECT log_id, id, blueprint, domain, marking FROM instance WHERE status = 'active'"
        " AND (log_id > :log OR (log_id = :log AND id > :id)) ORDER BY log_id, id LIMIT :most"
    )
    counted: Counter[tuple[int, str, str, str]] = Counter()
    log, last = 0, ""
    while found := connection.execute(marked, {"log": log, "id": last, "most": _AT_ONCE}).fetchall():
        for log_id, _, blueprint, domain, marking in found:
            counted.update((log_id, blueprint, domain, step) for step in {one[_STEP] for one in json.loads(marking)})
        log, last = found[-1][:2]
    insert = sa.text(
        "INSERT INTO figure (log_id, blueprint, domain, what, name, step, day, total)"
        " VALUES (:log, :blueprint, :domain, 'step', '', :step, 0, :count)"
    )
    for (log_id, blueprint, domain, step), count in sorted(counted.items()):
        connection.execute(
            insert, {"log": log_id, "blueprint": blueprint, "domain": domain, "step": step, "count": count}
        )
