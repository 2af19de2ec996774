"""Deadlines by working time, of whole instances, and how urgent they make a task."""

import sqlalchemy as sa
from alembic import op

revision = "0019_calendars"
down_revision = "0018_review_statements"


def upgrade() -> None:
    op.add_column("instance", sa.Column("clock", sa.Text(), nullable=False, server_default=""))
    op.add_column("instance", sa.Column("late_at", sa.BigInteger()))
    op.add_column("instance", sa.Column("urgency", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("urgency", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("timer", sa.Column("calendar", sa.Text(), nullable=False, server_default=""))
    op.add_column("timer", sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"))
