"""What agents proposed, and the figures of each version of one."""

import sqlalchemy as sa
from alembic import op

revision = "0022_agents"
down_revision = "0021_messages"


def upgrade() -> None:
    op.create_table(
        "agent_proposal",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("log_id", "instance", "number"),
        sqlite_with_rowid=False,
    )
    figures = ("asked", "made", "passed", "referred", "accepted", "corrected", "rejected", "timed", "spent")
    op.create_table(
        "agent_figure",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        *[sa.Column(name, sa.BigInteger(), nullable=False) for name in (*figures, "tokens_in", "tokens_out")],
        sa.PrimaryKeyConstraint("log_id", "agent", "profile"),
        sqlite_with_rowid=False,
    )
