"""Open tasks in the order of their urgency: kept by the fold, read in an index, filled in by the migration."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from ledger.actor import SYSTEM
from ledger.clock import Instant
from migrations.upgrade import config, upgrade
from orchestrator import commands as c
from orchestrator import schema, tables
from orchestrator.task_lists import TasksAsked, Titled, sort_key, steps_of, task_list
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, end, task, version
from versioning import blueprint as b

REVISION = "0032_turns"


def pressed() -> tuple[Office, list[str]]:
    """Four instances of two tasks: calm, one task pressing, all of it pressing (one task more so), and one begun since
    that was completed in part."""
    goal = b.Deadline("PT9H", goal="PT1H", goal_urgency=30)
    whole = b.Deadline("PT9H", goal="PT2H", goal_urgency=80)
    steps = b.AllStep("both", HERE, branches=("x", "y"), next="done"), task("x"), task("y", deadline=goal), end()
    office = Office(*steps)
    blueprint = replace(version(*steps).blueprint, deadline=whole)
    office.house.release(replace(version(*steps), blueprint=blueprint))
    started = [office.start(f"A-{number}") for number in range(4)]
    office.log.now += HOUR
    for instance in started[1:]:
        fire(office, instance, "y")
    office.log.now += HOUR
    for instance in started[2:]:
        fire(office, instance, "")
    row = office.only(tables.TASK, instance=started[3], step="x")
    office.done(c.ClaimTask(f"{started[3]}.{row.number}"), BOB)
    office.done(c.CompleteTask(f"{started[3]}.{row.number}"), BOB)
    return office, started


def fire(office: Office, instance: str, step: str) -> None:
    number = office.only(tables.TASK, instance=instance, step=step).number if step else 0
    timer = office.row(tables.TIMER, instance, number, "deadline")
    office.done(c.FireTimer(f"{instance}.{number}/deadline", Instant(timer.due_at)), SYSTEM)


def listed(office: Office, limit: int) -> list[tuple[int, str, str]]:
    """(urgency, instance, step) page after page."""
    asked, after, found = TasksAsked(("organisation",), sort="urgency"), None, []
    while True:
        page = task_list(MemoryUow(office.log, ANN), asked, after, limit)
        found += [(one.urgency, one.row.instance, one.row.step) for one in page]
        if len(page) < limit:
            return found
        after = sort_key(asked, page[-1])


def test_an_order_is_kept_that_the_urgency_of_an_instance_moves() -> None:
    office, (calm, one, all_, part) = pressed()
    wanted = [
        (100, all_, "y"), (100, part, "y"), (80, all_, "x"), (30, one, "y"),
        (0, calm, "x"), (0, calm, "y"), (0, one, "x"),
    ]  # fmt: skip
    assert listed(office, 50) == wanted
    assert listed(office, 2) == wanted
    assert office.only(tables.TASK, instance=part, step="x").turn == 100, "what is closed waits for nobody"
    office.check()


def test_those_that_are_open_and_as_urgent_are_asked_for() -> None:
    office, _ = pressed()
    for urgency, expected in ((0, 8), (30, 4), (31, 3), (80, 3), (100, 2), (101, 0)):
        asked = TasksAsked(("organisation",), among="any", urgency_from=urgency)
        assert len(task_list(MemoryUow(office.log, ANN), asked, None, 50)) == expected, urgency


def test_a_classed_key_is_not_looked_into_and_its_task_is_found_by_its_step() -> None:
    steps = task("f"), end()
    office = Office(*steps)
    whole = version(*steps)
    fields = (b.DataField("number", "string", required=True), *whole.blueprint.data[1:])
    office.house.release(replace(whole, digest="classed", blueprint=replace(whole.blueprint, data=fields)))
    instance = office.start("Jo Doe")
    rows, asked = MemoryUow(office.log, ANN), TasksAsked(("organisation",))
    key = office.row(tables.INSTANCE, instance).business_key
    for text in ("Jo", "$commitment", key[3:6], key[-8:-4]):
        assert task_list(rows, asked._replace(text=text), None, 10) == [], text
    [(blueprint, step)] = steps_of(rows, asked)
    called = Titled(blueprint, office.row(tables.INSTANCE, instance).number, step)
    [found] = task_list(rows, asked._replace(text="Jo", titled=[called]), None, 10)
    assert found.row.instance == instance


class Planned(MemoryUow):
    """Keeps how its questions would be answered."""

    plans: tuple[str, ...] = ()

    def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        self.plans += (self._log.plan(statement, parameters),)
        return super().query(statement, parameters)


def test_a_page_is_read_from_the_index_and_sorts_nothing() -> None:
    office, _ = pressed()
    for after in (None, (20, "pi_1", 3)):
        rows = Planned(office.log, ANN)
        task_list(rows, TasksAsked(("organisation",), sort="urgency"), after, 10)
        (plan,) = rows.plans
        assert "task_in_turn" in plan
        assert "TEMP B-TREE" not in plan


def test_tasks_that_were_there_get_their_turn(tmp_path: Path) -> None:
    office, _ = pressed()
    url = f"sqlite:///{tmp_path / 'before.sqlite'}"
    before = ScriptDirectory.from_config(config(url)).get_revision(REVISION).down_revision
    made = config(url)
    made.attributes["upgrade"] = True
    command.upgrade(made, str(before))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in (tables.INSTANCE, tables.TASK):
            known = sa.Table(table.name, sa.MetaData(), autoload_with=connection)
            for row in office.log.view.rows[table.name].values():
                shared = {name: value for name, value in row._asdict().items() if name in known.c}
                connection.execute(known.insert(), {"log_id": 1, **shared})
    upgrade(url)
    with engine.connect() as connection:
        columns = [schema.metadata.tables["task"].c[name] for name in tables.TASK.columns]
        found = {tables.TaskRow(*row) for row in connection.execute(sa.select(*columns))}
    engine.dispose()
    assert found == set(office.log.view.rows["task"].values())
    assert {row.turn for row in found} == {0, 20, 70, 100}
