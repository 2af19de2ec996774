"""Drafts: what somebody typed for a task or a review and has not sent, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0017_drafts"
down_revision = "0016_passkeys"


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "person", "about"),
    )
