"""How many tasks are offered to whom is kept as counts. Indexes of what was completed by whom, and passed on."""

import sqlalchemy as sa
from alembic import op

revision = "0038_offered"
down_revision = "0037_held_leases"


def upgrade() -> None:
    _index("task_done", "task", ["holder", "instance", "number"], "state = 'completed'")
    _index("task_above", "task", ["instance", "number"], "above = 1 AND state = 'offered'")
    _index("figure_offered", "figure", ["domain", "name"], "what = 'offered'")
    _count()


def _index(name: str, table: str, columns: list[str], among: str) -> None:
    where = sa.text(among)
    op.create_index(name, table, ["log_id", *columns], sqlite_where=where, postgresql_where=where)


def _count() -> None:
    """As the fold counts: by whom they are offered to, a line each; without those of instances in test mode."""
    line = "'\n'"
    columns = ("CAST(task.above AS TEXT)", "task.role", "task.decision_kind", "task.skill", "task.unit")
    op.execute(
        "INSERT INTO figure (log_id, blueprint, domain, what, name, step, day, total)"
        " SELECT log_id, blueprint, domain, 'offered', name, '', 0, COUNT(*) FROM"
        " (SELECT task.log_id AS log_id, task.blueprint AS blueprint, task.domain AS domain,"
        f" {f' || {line} || '.join(columns)} AS name"
        " FROM task JOIN instance ON instance.log_id = task.log_id AND instance.id = task.instance"
        " WHERE task.state = 'offered' AND instance.test = 0) AS found GROUP BY log_id, blueprint, domain, name"
    )
