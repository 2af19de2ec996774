"""The figures of what was there before they were kept are those that the fold counts."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from migrations.upgrade import config, upgrade
from orchestrator import tables
from orchestrator.figure_tables import FIGURE
from tests.orchestrator.test_figures import history

REVISION = "0029_figures"
KINDS = {
    "active",
    "ended",
    "cancelled",
    "step",
    "task",
    "offered",
    "dated",
    "late",
    "job",
    "call",
    "message",
    "incident",
}
COUNTED = (tables.INSTANCE, tables.TASK, tables.JOB, tables.CALL, tables.SUBSCRIPTION, tables.INCIDENT)


def test_what_is_there_is_counted(tmp_path: Path) -> None:
    seen: set[str] = set()
    for seed in range(4):
        rows = history(seed).log.view.rows
        folded = {tuple(row) for row in rows[FIGURE.name].values() if row.total}
        assert migrated(rows, f"sqlite:///{tmp_path / f'{seed}.sqlite'}") == folded
        seen |= {row.what for row in rows[FIGURE.name].values() if row.total}
    assert seen == KINDS, "a history without one of them proves nothing about it"


def migrated(rows: dict[str, Any], url: str) -> set[tuple[Any, ...]]:
    """The figures of these rows after the migration."""
    before = ScriptDirectory.from_config(config(url)).get_revision(REVISION).down_revision
    tests = {row.id for row in rows[tables.INSTANCE.name].values() if row.test}
    made = config(url)
    made.attributes["upgrade"] = True
    command.upgrade(made, str(before))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in COUNTED:
            known = sa.Table(table.name, sa.MetaData(), autoload_with=connection)
            # There were no instances in test mode before: no figure has those.
            values = [{"log_id": 1, **row._asdict()} for row in rows[table.name].values() if row[0] not in tests]
            connection.execute(known.insert(), [{k: v for k, v in one.items() if k in known.c} for one in values])
    upgrade(url)
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(sa.text(f"SELECT {', '.join(FIGURE.columns)} FROM figure"))}
    engine.dispose()
    return found
