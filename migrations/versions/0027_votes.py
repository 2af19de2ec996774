"""Votes on decisions that several persons take together."""

import sqlalchemy as sa
from alembic import op

revision = "0027_votes"
down_revision = "0026_schedules"


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "task_vote",
        _number("log_id"),
        _text("instance"),
        _number("vote"),
        _number("number"),
        *map(_text, ("step", "person", "outcome")),
        _number("in_chair"),
        _text("state"),
        _number("voted_at"),
        sa.PrimaryKeyConstraint("log_id", "instance", "vote"),
        sqlite_with_rowid=False,
    )
    op.create_index("task_vote_of", "task_vote", ["log_id", "person", "instance", "number"])
