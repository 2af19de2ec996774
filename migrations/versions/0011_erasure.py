"""Erasure: the epoch of each data key, what was asked and carried out, the epoch in force, and holds."""

import sqlalchemy as sa
from alembic import op

revision = "0011_erasure"
down_revision = "0009_key_life"


def upgrade() -> None:
    op.add_column("data_key", sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("data_key", sa.Column("made", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "erasure",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("data_subject", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.Column("requested", sa.BigInteger(), nullable=False),
        sa.Column("carried_out", sa.BigInteger(), nullable=True),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "data_subject", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vault_epoch",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "name"),
    )
    op.create_table(
        "hold",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("log_id", "id"),
    )
    op.create_index("hold_by_about", "hold", ["log_id", "about"], unique=False)
