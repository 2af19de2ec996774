"""The mark of a demo organisation, on the row of its ceremony."""

import sqlalchemy as sa
from alembic import op

revision = "0007_demo"
down_revision = "0006_identity"


def upgrade() -> None:
    op.add_column("ceremony", sa.Column("demo", sa.Text(), nullable=False, server_default=""))
