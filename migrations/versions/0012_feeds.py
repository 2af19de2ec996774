"""Feeds: how far each got, and the letters it holds."""

import sqlalchemy as sa
from alembic import op

revision = "0012_feeds"
down_revision = "0011_erasure"

_NUMBERS = ("letters", "held", "low", "trying", "attempts", "dead_in_a_row", "next_try_at", "failing_since")


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "feed_cursor",
        _number("log_id"),
        _text("feed"),
        _number("version"),
        _number("next_idx"),
        *[_number(name) for name in _NUMBERS],
        _text("fault"),
        _text("state"),
        _number("sent"),
        _text("holder"),
        _text("token"),
        _number("until"),
        _number("moved_at"),
        _number("over_at"),
        sa.PrimaryKeyConstraint("log_id", "feed"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_letter",
        _number("log_id"),
        _text("feed"),
        _number("idx"),
        _number("upto"),
        _text("subjects"),
        _text("state"),
        _text("fault"),
        _number("held_at"),
        _number("over_at"),
        sa.PrimaryKeyConstraint("log_id", "feed", "idx"),
        sqlite_with_rowid=False,
    )
