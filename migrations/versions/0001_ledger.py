"""The ledger: log, head, entries, checkpoints, subjects, command ids, keys, vault, operational rows."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import create_guard_function, guard_append_only, guard_head

revision = "0001_ledger"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "size"),
    )
    op.create_table(
        "command",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "command_id", "actor"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "data_key",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("data_subject", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "data_subject", "record_class"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.BigInteger(), nullable=True),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "idx"),
    )
    op.create_table(
        "head",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("register_epoch", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log_id"),
    )
    op.create_table(
        "lease",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log_id"),
    )
    op.create_index("log_by_name", "log", ["name"], unique=True)
    op.create_table(
        "log_key",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("vkey", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("from_size", sa.BigInteger(), nullable=False),
        sa.Column("to_size", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("log_id", "key_id"),
    )
    op.create_table(
        "opening",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("data_subject", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "idx", "part"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refusal_repeat",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("command_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "command_id", "actor"),
        sqlite_with_rowid=False,
    )
    op.create_index("refusal_repeat_unwritten", "refusal_repeat", ["log_id", "written", "refused_at"], unique=False)
    op.create_table(
        "refusal_window",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "actor", "subject", "command", "reason"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subject",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("last_leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "subject"),
        sqlite_with_rowid=False,
    )
    create_guard_function()
    guard_append_only("entry", "idx")
    guard_append_only("checkpoint", "size")
    guard_head()
