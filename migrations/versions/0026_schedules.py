"""Starts by the clock: which occurrence of each blueprint's schedule is next."""

import sqlalchemy as sa
from alembic import op

revision = "0026_schedules"
down_revision = "0025_workers"


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        _text("blueprint"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *map(_text, ("version", "calendar", "state", "reason")),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        _text("due_local"),
        sa.Column("after_at", sa.BigInteger(), nullable=False),
        _text("after_local"),
        sa.PrimaryKeyConstraint("log_id", "blueprint"),
    )
    due = sa.text("state = 'set'")
    op.create_index(
        "schedule_due", "schedule", ["log_id", "due_at", "blueprint"], sqlite_where=due, postgresql_where=due
    )
