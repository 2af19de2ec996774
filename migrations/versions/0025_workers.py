"""Jobs by priority: each has its place in the queue while it is open. Indexes of what the overview counts."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0025_workers"
down_revision = "0024_people"

_NUMBER, _ENTERED_AT = 0, 9  # of an activation in a marking


def upgrade() -> None:
    op.add_column("job", sa.Column("priority", sa.BigInteger(), nullable=False, server_default="50"))
    op.add_column("job", sa.Column("ranks_at", sa.BigInteger(), nullable=False, server_default="0"))
    _place_open_jobs()
    created = sa.text("state = 'created'")
    op.drop_index("job_open", "job")
    op.create_index(
        "job_open",
        "job",
        ["log_id", "type", "ranks_at", "instance", "number"],
        sqlite_where=created,
        postgresql_where=created,
    )
    open_ = sa.text("state IN ('offered', 'claimed')")
    dated = sa.text("due_at IS NOT NULL")
    active = sa.text("status = 'active'")
    _index("task_waits", "task", ["blueprint", "step", "domain", "due_at", "instance"], open_)
    _index("task_dated", "task", ["opened_at", "domain", "blueprint", "due_at", "closed_at"], dated)
    _index("instance_live", "instance", ["status", "started_at", "domain", "blueprint"], active)
    op.create_index("instance_begun", "instance", ["log_id", "started_at", "domain", "blueprint", "status"])


def _index(name: str, table: str, columns: list[str], among: sa.TextClause) -> None:
    op.create_index(name, table, ["log_id", *columns], sqlite_where=among, postgresql_where=among)


def _place_open_jobs() -> None:
    """An open job of the usual priority is ordered by when its step was entered, which its instance knows."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT job.log_id, job.instance, job.number, instance.marking FROM job JOIN instance"
            " ON instance.log_id = job.log_id AND instance.id = job.instance"
            " WHERE job.state IN ('created', 'backing off')"
        )
    ).fetchall()
    for log_id, instance, number, marking in found:
        entered = next((one[_ENTERED_AT] for one in json.loads(marking) if one[_NUMBER] == number), 0)
        connection.execute(
            sa.text("UPDATE job SET ranks_at = :at WHERE log_id = :log AND instance = :instance AND number = :number"),
            {"at": entered, "log": log_id, "instance": instance, "number": number},
        )
