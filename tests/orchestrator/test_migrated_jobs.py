"""Jobs that were open before they had a place in the queue are given the one that the fold gives them."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from migrations.upgrade import config, upgrade
from orchestrator import commands as c
from orchestrator import schema, tables
from tests.orchestrator.house import ANN, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, end
from versioning import blueprint as b

REVISION = "0025_workers"


def worked() -> Office:
    """A job that waits, one between two tries, one completed and one cancelled."""
    office = Office(b.JobStep("j", HERE, type="w", retry=b.Retry(2), next="done"), end())
    started = []
    for number in range(4):
        started.append(office.start(f"A-{number}"))
        office.log.now += HOUR
    failed, done = office.done(c.ActivateJobs("w", "one", 2), WORKER).result["jobs"]
    office.done(c.FailJob(failed["job"], failed["lease"], "BUSY"), WORKER)
    office.done(c.CompleteJob(done["job"], done["lease"]), WORKER)
    office.done(c.CancelInstance(started[3]), ANN)
    return office


def test_an_open_job_gets_its_place(tmp_path: Path) -> None:
    office = worked()
    url = f"sqlite:///{tmp_path / 'before.sqlite'}"
    before = ScriptDirectory.from_config(config(url)).get_revision(REVISION).down_revision
    made = config(url)
    made.attributes["upgrade"] = True
    command.upgrade(made, str(before))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in (tables.INSTANCE, tables.JOB):
            for row in office.log.view.rows[table.name].values():
                connection.execute(_known(connection, table.name).insert(), {"log_id": 1, **_shared(connection, row)})
    upgrade(url)
    with engine.connect() as connection:
        columns = [schema.metadata.tables["job"].c[name] for name in tables.JOB.columns]
        found = {tables.JobRow(*row) for row in connection.execute(sa.select(*columns))}
    engine.dispose()
    assert found == set(office.log.view.rows["job"].values())
    assert {row.state for row in found if row.ranks_at} == {"created", "backing off"}
    assert {row.state for row in found if not row.ranks_at} == {"completed", "cancelled"}


def _known(connection: sa.Connection, name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=connection)


def _shared(connection: sa.Connection, row: Any) -> dict[str, Any]:
    name = "job" if isinstance(row, tables.JobRow) else "instance"
    columns = _known(connection, name).c.keys()
    return {key: value for key, value in row._asdict().items() if key in columns}
