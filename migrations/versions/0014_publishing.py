"""Publications that thinning looks for by their age, and tiles of which PostgreSQL can read a part."""

import sqlalchemy as sa
from alembic import op

revision = "0014_publishing"
down_revision = "0013_log_state"


def upgrade() -> None:
    unkept = sa.text("kept = ''")
    op.create_index(
        "published_unkept", "published", ["log_id", "published_at"], sqlite_where=unkept, postgresql_where=unkept
    )
    if op.get_bind().dialect.name == "postgresql":
        # Hashes do not compress, and uncompressed ones are read by the part.
        op.execute("ALTER TABLE tile ALTER COLUMN hashes SET STORAGE EXTERNAL")
