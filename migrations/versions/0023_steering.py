"""Instances that stand still, acts that a second person confirms, incidents that are somebody's."""

import sqlalchemy as sa
from alembic import op

revision = "0023_steering"
down_revision = "0021_messages"


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.add_column("instance", sa.Column("suspended", sa.Text(), nullable=False, server_default=""))
    op.add_column("instance", _number("suspended_at", nullable=True))
    op.add_column("incident", sa.Column("assignee", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "act_proposal",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        *map(_text, ("instance", "id", "act", "said", "digest", "reason", "by", "role", "state")),
        _number("proposed_at"),
        _number("expires_at"),
        _text("closed_by"),
        _number("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("log_id", "instance", "id"),
    )
    is_open = sa.text("state = 'proposed'")
    op.create_index(
        "act_proposal_open",
        "act_proposal",
        ["log_id", "role", "expires_at", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
