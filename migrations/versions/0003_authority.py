"""Authority: instruments, grants, offices, the register, usage of periods, decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0003_authority"
down_revision = "0002_people"


def upgrade() -> None:
    op.create_table(
        "authority_grant",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("change_request", sa.Text(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "id", "version"),
    )
    op.create_index("ix_authority_grant_name", "authority_grant", ["log_id", "name"], unique=False)
    op.create_table(
        "authority_register",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "name"),
    )
    op.create_table(
        "decision",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("grant_version", sa.BigInteger(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("decision_kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "id"),
    )
    op.create_index("ix_decision_grant", "decision", ["log_id", "grant_id", "entry_index"], unique=False)
    op.create_table(
        "grant_status",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("change_request", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "grant_id", "entry_index"),
    )
    op.create_table(
        "instrument",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("change_request", sa.Text(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "id", "version"),
    )
    op.create_index("ix_instrument_name", "instrument", ["log_id", "name"], unique=False)
    op.create_table(
        "office",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("change_request", sa.Text(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "id", "version"),
    )
    op.create_index("ix_office_name", "office", ["log_id", "name"], unique=False)
    op.create_table(
        "office_holder",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("held_from", sa.BigInteger(), nullable=False),
        sa.Column("held_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "office", "version", "number"),
    )
    op.create_index("ix_office_holder_person", "office_holder", ["log_id", "person"], unique=False)
    op.create_table(
        "period_usage",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Text(), nullable=False),
        sa.Column("entry_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "grant_id", "currency", "days", "window_start"),
    )
