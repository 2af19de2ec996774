"""Open tasks by role: nothing asks for them by that index; each of a person's roles is read in turns (0032).

Every task that opened, was claimed or ended wrote to it.
"""

from alembic import op

revision = "0036_one_index_less"
down_revision = "0035_outcomes"


def upgrade() -> None:
    op.drop_index("task_open", "task")
