"""Passkeys of persons and the challenges they used; the salt of a reason that a statement names."""

import sqlalchemy as sa
from alembic import op

revision = "0016_passkeys"
down_revision = "0015_second_factor"


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("rp_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("is_backed_up", sa.BigInteger(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "credential"),
    )
    op.create_index("ix_passkey_person", "passkey", ["log_id", "person"])
    op.create_table(
        "passkey_challenge",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "challenge"),
    )
    op.add_column("statement", sa.Column("salt", sa.Text(), nullable=False, server_default=""))
