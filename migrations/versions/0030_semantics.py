"""A cancelled call knows what had asked for it, and whoever waits for a message since when."""

import sqlalchemy as sa
from alembic import op

revision = "0030_semantics"
down_revision = "0026_schedules"


def upgrade() -> None:
    for name in ("step", "branch"):
        op.add_column("call", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("subscription", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
