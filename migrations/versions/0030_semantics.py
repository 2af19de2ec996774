"""A cancelled call knows what had asked for it, whoever waits for a message since when;
instances in test mode."""

import sqlalchemy as sa
from alembic import op

revision = "0030_semantics"
down_revision = "0029_figures"


def upgrade() -> None:
    for name in ("step", "branch"):
        op.add_column("call", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("subscription", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("instance", sa.Column("test", sa.BigInteger(), nullable=False, server_default="0"))
    test = sa.text("test = 1")
    columns = ["log_id", "test", "domain", "blueprint", "status", "started_at"]
    op.create_index("instance_test", "instance", columns, sqlite_where=test, postgresql_where=test)
