"""What becomes of a log as a whole: the sealed log it continues, and its own final size once it is sealed.

Logs from before have neither; that is what their entries fold to.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_log_state"
down_revision = "0012_feeds"


def upgrade() -> None:
    op.create_table(
        "log_state",
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("forerunner", sa.Text(), nullable=False),
        sa.Column("final_size", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("log_id", "name"),
    )
    op.execute(
        "INSERT INTO log_state (log_id, name, forerunner, final_size) "
        "SELECT log.log_id, log.name, '', NULL FROM log JOIN head ON head.log_id = log.log_id AND head.size > 0"
    )
