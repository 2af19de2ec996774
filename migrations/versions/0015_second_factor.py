"""The second factor: secrets shared with authenticator apps, recovery codes, and failed codes among the failures."""

import sqlalchemy as sa
from alembic import op

revision = "0015_second_factor"
down_revision = "0014_publishing"


def upgrade() -> None:
    op.create_table(
        "totp",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "person"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("codes", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "person"),
    )
    op.add_column("lockout", sa.Column("code_failures", sa.BigInteger(), nullable=False, server_default="0"))
