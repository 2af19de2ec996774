"""Leases in force, by an index that what is over leaves: what is at work counts, whatever its instance has come to."""

import sqlalchemy as sa
from alembic import op

revision = "0037_held_leases"
down_revision = "0036_one_index_less"

_IN_FORCE = sa.text("until > 0")


def upgrade() -> None:
    op.create_index(
        "work_lease_held", "work_lease", ["log_id", "until"], sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE
    )
