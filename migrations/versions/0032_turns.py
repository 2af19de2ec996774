"""Open tasks have a turn: the most urgent come first in an index. As the fold has it: by what their deadline and that
of their instance have added."""

import sqlalchemy as sa
from alembic import op

revision = "0032_turns"
down_revision = "0030_semantics"

OPEN = "state IN ('offered', 'claimed')"
FILL = f"""
UPDATE task SET turn = (
    SELECT CASE WHEN task.urgency + instance.urgency > 100 THEN 0 ELSE 100 - task.urgency - instance.urgency END
    FROM instance WHERE instance.log_id = task.log_id AND instance.id = task.instance)
WHERE {OPEN} AND EXISTS (
    SELECT 1 FROM instance WHERE instance.log_id = task.log_id AND instance.id = task.instance)
"""


def upgrade() -> None:
    op.add_column("task", sa.Column("turn", sa.BigInteger(), nullable=False, server_default="100"))
    op.execute(FILL)
    where = sa.text(OPEN)
    columns = ["log_id", "turn", "instance", "number"]
    op.create_index("task_in_turn", "task", columns, sqlite_where=where, postgresql_where=where)
