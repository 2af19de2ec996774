"""Labelled outcomes of before are read from the entries as the fold keeps them: on both databases, of many logs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from examples.services import agents as server
from ledger.database import PostgresqlDatabase
from ledger.entry import encode_entry
from ledger.tables import ENTRY, SUBJECT, EntryRow, SubjectRow
from migrations.upgrade import config, upgrade
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.agent_tables import AGENT_OUTCOME, PROPOSAL, AgentOutcomeRow
from orchestrator.runner import Runner
from tests.orchestrator.agency import Agency, agent, reviewed
from tests.orchestrator.house import ANN
from tests.orchestrator.test_agent_outcomes import again, rows_of
from tests.orchestrator.toy import HOUR
from tests.postgres import PostgresServer

REVISION = "0035_outcomes"
LOGS = 12  # every other one with the same instances, as organisations of one PostgreSQL database may
CORRECTED = {"grade": 4, "summary": "by hand", "confidence": 1, "findings": []}


@pytest.fixture(scope="module")
def offices() -> Iterator[tuple[Agency, Agency]]:
    """Reviews of what was in doubt and of prose, once and again, and none at all: what agents said is shut in one of
    them and in clear in the other."""
    with agent() as running:
        shut, clear = Agency(running, shows="bureau, secret"), Agency(running)
        shut.profile(("sees: internal", "sees: personal"))
        for office in (shut, clear):
            for number, mode in enumerate(("doubtful", "prose", "doubtful", "", "prose")):
                office.log.now += HOUR
                begun(office, running, mode, number)
            rehearsed(office, running)
            assert {row.verdict for row in rows_of(office)} == {"accept", "correct", "reject"}
        assert {row.confidence for row in rows_of(clear)} == {"", "0.31"}
        assert all(row.confidence.startswith("{") for row in rows_of(shut))
        yield shut, clear


def begun(office: Agency, running: server.Running, mode: str, number: int) -> None:
    running.state.set(mode)
    instance = office.begin(key=f"A-{number}", secret={"name": "Jo Doe"})
    if mode:  # else it passed by itself
        reviewed(office, "reject", reason="not from the report")
        again(office, instance)
        outcome: dict[str, Any] = (
            {"outcome": "correct", "data": CORRECTED} if mode == "prose" else {"outcome": "accept"}
        )
        reviewed(office, **outcome)


def rehearsed(office: Agency, running: server.Running) -> None:
    """One in test mode, which labels nothing."""
    running.state.set("doubtful")
    data = {"number": "T-1", "score": 800, "bureau": {"score": 800, "defaults": 0}}
    office.done(c.StartInstance("toy", "T-1", data, test=True), ANN)
    run = office.runner()
    Runner(run.name, run.submit, run.query, run.connector, run.clock, rehearsal=run.connector).round()
    reviewed(office, "accept")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'before.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    dsn = server.create_database()
    yield PostgresqlDatabase(dsn).url
    server.drop_database(dsn)


def test_every_review_of_before_is_an_outcome_of_its_own_log(offices: tuple[Agency, Agency], url: str) -> None:
    made = config(url)
    command.upgrade(made, str(ScriptDirectory.from_config(made).get_revision(REVISION).down_revision))
    logs = {log: offices[log % 2] for log in range(1, LOGS + 1)}
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for log, office in logs.items():
            for name, rows in written(office).items():
                _insert(connection, name, [{"log_id": log, **row._asdict()} for row in rows])
    upgrade(url)
    columns = ", ".join(AGENT_OUTCOME.columns)
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT log_id, {columns} FROM agent_outcome ORDER BY log_id, entry")).all()
    engine.dispose()
    theirs = [(log, AgentOutcomeRow(*row)) for log, *row in found]
    assert theirs == [(log, row) for log, office in logs.items() for row in rows_of(office)]


def _insert(connection: sa.Connection, name: str, values: list[dict[str, Any]]) -> None:
    known = sa.Table(name, sa.MetaData(), autoload_with=connection)
    connection.execute(known.insert(), [{k: v for k, v in one.items() if k in known.c} for one in values])


def written(office: Agency) -> dict[str, list[Any]]:
    """The rows by table that the migration reads, as a log has them."""
    last: dict[str, SubjectRow] = {}
    entries: list[EntryRow] = []
    for entry in office.log.entries:
        before = last.get(entry.subject)
        data = encode_entry(entry._replace(prev="none"))
        entries.append(EntryRow(entry.index, None if before is None else before.last, b"leaf", data))
        last[entry.subject] = SubjectRow(entry.subject, entry.subject_index + 1, entry.index, b"leaf")
    folded = {table.name: [*office.log.view.rows[table.name].values()] for table in (tables.INSTANCE, PROPOSAL)}
    return {ENTRY.name: entries, SUBJECT.name: [*last.values()], **folded}
