"""How each key of a log ended, from which size its signatures prove nothing, and where that is on record."""

import sqlalchemy as sa
from alembic import op

revision = "0009_key_life"
down_revision = "0008_publication"


def upgrade() -> None:
    op.add_column("log_key", sa.Column("state", sa.Text(), nullable=False, server_default="in force"))
    op.add_column("log_key", sa.Column("void_from", sa.BigInteger()))
    op.add_column("log_key", sa.Column("changed", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("log_key", sa.Column("certified", sa.BigInteger()))
