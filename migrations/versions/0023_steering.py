"""Instances that stand still, acts that a second person confirms, acts on many, incidents that are somebody's."""

import sqlalchemy as sa
from alembic import op

revision = "0023_steering"
down_revision = "0022_agents"


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
        sqlite_with_rowid=True,
    )
    op.create_table(
        "bulk_act",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        *map(_text, ("id", "act", "said", "reason", "actor")),
        *map(_number, ("total", "done", "proposed", "refused", "started_at")),
        _number("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("log_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bulk_item",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        _text("bulk"),
        _number("place"),
        *map(_text, ("item", "state", "code")),
        sa.PrimaryKeyConstraint("log_id", "bulk", "place"),
        sqlite_with_rowid=True,
    )
    is_open = sa.text("state = 'proposed'")
    op.create_index(
        "act_proposal_open",
        "act_proposal",
        ["log_id", "role", "expires_at", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    is_waiting = sa.text("state = 'waiting'")
    op.create_index(
        "bulk_item_waiting",
        "bulk_item",
        ["log_id", "bulk", "place"],
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
