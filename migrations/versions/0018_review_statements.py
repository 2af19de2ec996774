"""Statements to sign under reviews of change requests."""

import sqlalchemy as sa
from alembic import op

revision = "0018_review_statements"
down_revision = "0017_drafts"


def upgrade() -> None:
    op.create_table(
        "review_statement",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("change_request", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("signed", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "nonce"),
        sqlite_with_rowid=False,
    )
