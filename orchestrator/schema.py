"""The tables of the orchestrator as a database holds them.

Indexes that look for open work hold the open rows alone (partial indexes), so that they stay as small as what is open.
"""

from typing import Any

import sqlalchemy as sa

from ledger.rows import Table
from orchestrator import people_tables
from orchestrator.bulk_tables import BULK_ITEM
from orchestrator.message_tables import MESSAGE
from orchestrator.tables import (
    ACT_PROPOSAL,
    CALL,
    FOLDED,
    INCIDENT,
    JOB,
    OPERATIONAL,
    SCHEDULE,
    SUBSCRIPTION,
    TASK,
    TIMER,
)

metadata = sa.MetaData()

_NULLABLE = frozenset(("ended_at", "due_at", "closed_at", "resolved_at", "late_at", "suspended_at", "finished_at"))
_GAINED = {  # columns that a migration added to rows that were there
    ("statement", "salt"): "",
    ("instance", "clock"): "",
    ("instance", "urgency"): "0",
    ("task", "urgency"): "0",
    ("task", "delegate"): "",
    ("task", "skill"): "",
    ("task", "unit"): "",
    ("task", "stands_in_for"): "",
    ("task", "turn"): "100",
    ("timer", "calendar"): "",
    ("timer", "since"): "0",
    ("instance", "begun_by"): "",
    ("instance", "suspended"): "",
    ("incident", "assignee"): "",
    ("job", "priority"): "50",
    ("job", "ranks_at"): "0",
    ("instance", "test"): "0",
    ("subscription", "since"): "0",
    ("call", "step"): "",
    ("call", "branch"): "",
}
_ALWAYS = frozenset((("timer", "due_at"),))  # a timer without due does not exist


def _column(table: Table[Any], place: int, name: str, kind: object) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.Text() if kind is str else sa.BigInteger(),
        primary_key=place < table.key,
        nullable=name in _NULLABLE and (table.name, name) not in _ALWAYS,
        autoincrement=False,
        server_default=_GAINED.get((table.name, name)),
    )


# SQLite takes the primary key of a table without rowid even where an index of open rows fits far better.
_SEARCHED = (TASK, JOB, CALL, TIMER, SUBSCRIPTION, INCIDENT, MESSAGE, ACT_PROPOSAL, BULK_ITEM, SCHEDULE)


def _schema(table: Table[Any]) -> sa.Table:
    kinds = table.row.__annotations__
    return sa.Table(
        table.name,
        metadata,
        sa.Column("log_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        *[_column(table, place, name, kinds[name]) for place, name in enumerate(table.columns)],
        info={"class": table.table_class.value},
        sqlite_with_rowid=table in _SEARCHED,
    )


_TABLES = {table.name: _schema(table) for table in (*FOLDED, *people_tables.FOLDED, *OPERATIONAL)}


def _open_index(name: str, table: str, columns: tuple[str, ...], states: tuple[str, ...]) -> None:
    schema = _TABLES[table]
    among: sa.ColumnElement[bool] = schema.c.state.in_([sa.literal_column(f"'{state}'") for state in states])
    if len(states) == 1:  # SQLite uses a partial index only where the question states the same term
        among = schema.c.state == sa.literal_column(f"'{states[0]}'")
    sa.Index(
        name, schema.c.log_id, *[schema.c[column] for column in columns], sqlite_where=among, postgresql_where=among
    )


_open_index("timer_due", "timer", ("due_at", "instance", "number", "name"), ("set",))
_open_index("task_held", "task", ("holder", "instance", "number"), ("claimed",))
_delegated = _TABLES["task"].c
sa.Index(
    "task_delegated",
    _delegated.log_id,
    _delegated.delegate,
    _delegated.instance,
    _delegated.number,
    sqlite_where=_delegated.delegate != sa.literal_column("''"),
    postgresql_where=_delegated.delegate != sa.literal_column("''"),
)
_open_index("job_open", "job", ("type", "ranks_at", "instance", "number"), ("created",))
_open_index("call_open", "call", ("instance", "number"), ("requested",))
_held = _TABLES["work_lease"].c
_in_force = _held.until > sa.literal_column("0")  # and not ended: as many as are at work, however many there were
sa.Index("work_lease_held", _held.log_id, _held.until, sqlite_where=_in_force, postgresql_where=_in_force)
_open_index("subscription_open", "subscription", ("key_mark", "instance", "number"), ("open",))
_open_index("message_due", "message", ("expires_at", "id"), ("kept",))
_open_index("act_proposal_open", "act_proposal", ("role", "expires_at", "id"), ("proposed",))
_open_index("bulk_item_waiting", "bulk_item", ("bulk", "place"), ("waiting",))
_open_index("schedule_due", "schedule", ("due_at", "blueprint"), ("set",))
_open_index("incident_open", "incident", ("role", "instance", "number"), ("open",))
_open_index("task_waiting", "task", ("instance", "number"), ("offered", "claimed"))
_open_index("task_in_turn", "task", ("turn", "instance", "number"), ("offered", "claimed"))
_open_index("task_done", "task", ("holder", "instance", "number"), ("completed",))
_task = _TABLES["task"].c
_above = sa.and_(_task.above == sa.literal_column("1"), _task.state == sa.literal_column("'offered'"))  # few
sa.Index(
    "task_above",
    *[_task[name] for name in ("log_id", "instance", "number")],
    sqlite_where=_above,
    postgresql_where=_above,
)
_offered = _TABLES["figure"].c
_to_whom = _offered.what == sa.literal_column("'offered'")  # as many as there are offices: what each is offered
sa.Index(
    "figure_offered",
    *[_offered[name] for name in ("log_id", "domain", "name")],
    sqlite_where=_to_whom,
    postgresql_where=_to_whom,
)
_in_turn = sa.and_(
    _task.state.in_([sa.literal_column("'offered'"), sa.literal_column("'claimed'")]), _task.due_at.is_not(None)
)
sa.Index(
    "task_due",
    *[_task[name] for name in ("log_id", "due_at", "instance", "number")],
    sqlite_where=_in_turn,
    postgresql_where=_in_turn,
)
sa.Index(
    "task_dated",
    *[_task[name] for name in ("log_id", "opened_at", "domain", "blueprint", "due_at", "closed_at")],
    sqlite_where=_task.due_at.is_not(None),
    postgresql_where=_task.due_at.is_not(None),
)
sa.Index("instance_by_status", *[_TABLES["instance"].c[name] for name in ("log_id", "status", "blueprint", "id")])
sa.Index("task_vote_of", *[_TABLES["task_vote"].c[name] for name in ("log_id", "person", "instance", "number")])
_child = _TABLES["instance"].c
sa.Index("instance_begun", *[_child[name] for name in ("log_id", "started_at", "domain", "blueprint", "status")])
_active = _child.status == sa.literal_column("'active'")
# `status` among its columns though all are alike: SQLite prefers the index where more is said to be equal.
sa.Index(
    "instance_live",
    *[_child[name] for name in ("log_id", "status", "started_at", "domain", "blueprint")],
    sqlite_where=_active,
    postgresql_where=_active,
)
_test = _child.test == sa.literal_column("1")  # few, so that to leave them out costs nothing where there are none
sa.Index(
    "instance_test",
    *[_child[name] for name in ("log_id", "test", "domain", "blueprint", "status", "started_at")],
    sqlite_where=_test,
    postgresql_where=_test,
)
sa.Index(
    "instance_by_parent",
    _child.log_id,
    _child.parent,
    _child.id,
    sqlite_where=_child.parent != sa.literal_column("''"),
    postgresql_where=_child.parent != sa.literal_column("''"),
)
