"""An instance knows in which of several ways it began."""

import sqlalchemy as sa
from alembic import op

revision = "0034_starts"
down_revision = "0032_turns"


def upgrade() -> None:
    op.add_column("instance", sa.Column("begun_by", sa.Text(), nullable=False, server_default=""))
