"""The engine on the real write path, on both databases: batches, receipts, repeats, and rows that are the fold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from governance import service as governance
from governance import tables as governance_tables
from ledger import service as ledger
from ledger.actor import SYSTEM, Actor
from ledger.batch import Batch
from ledger.clock import LedgerClock
from ledger.commands import OpenLog
from ledger.database import Database
from ledger.entry import parse_entry
from ledger.ids import IdMaker
from ledger.keys import create_keys
from ledger.refusal import Reason, Refusal
from ledger.tables import ENTRY
from ledger.work import Answer, Done, Request
from ledger.workings import Log, Workings
from orchestrator import commands as c
from orchestrator import schema, service, tables
from orchestrator.ports import Deps
from tests.conftest import SetClock
from tests.orchestrator.house import ANN, BOB, WORKER, House
from tests.orchestrator.memory import View
from tests.orchestrator.toy import HERE, HOUR, end, task, version
from versioning import blueprint as b

STEPS = (
    b.AllStep("all", HERE, branches=("f", "g"), next="route"),
    task("f", expects=("amount",), shows=("secret",), deadline=b.Deadline("PT1H")),
    b.WaitStep("g", HERE, message="m", key="secret.name"),
    b.ChooseStep("route", HERE, branches=(b.Branch("amount > 5", "j"), b.Branch(None, "done"))),
    b.JobStep("j", HERE, type="w", arguments=(("who", "secret.name"),), next="done"),
    end(),
)


class RealLog:
    """A log on a real database with the engine's commands; commands sent together are one batch."""

    def __init__(self, database: Database, folder: Path, clock: SetClock, house: House | None = None) -> None:
        engine = create_engine(database.url)
        with engine.begin() as connection:
            for metadata in (schema.metadata, governance_tables.metadata):
                metadata.create_all(connection)
                if engine.dialect.name == "postgresql":
                    for name in metadata.tables:
                        connection.execute(text(f"GRANT SELECT, INSERT, UPDATE ON {name} TO muniment_service"))
        engine.dispose()
        self.house = house = house or House()
        house.release(version(*STEPS))
        commands = service.commands(Deps(house, house, house, house, calendars=house.calendars))
        origin = "ledger.example.com/acme"
        log = Log(database.create_log("acme", origin), "acme", origin, create_keys(folder, origin, "correct horse"))
        folds = {**ledger.folds(), **governance.folds(), **service.folds()}
        self.workings = Workings(log, LedgerClock(clock), IdMaker(), {**ledger.commands(), **commands}, folds)
        self.connection = database.connect()
        self.count = 0
        self.run((ANN, OpenLog("acme", ())))

    def run(self, *sent: tuple[Actor, Any]) -> list[Answer]:
        requests = []
        for actor, command in sent:
            self.count += 1
            requests.append(Request(actor, command, f"c{self.count}"))
        answers = Batch(self.workings, self.connection).run(requests)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers  # type: ignore[return-value]

    def one(self, actor: Actor, command: Any) -> Done:
        (answer,) = self.run((actor, command))
        assert isinstance(answer.outcome, Done), answer.outcome
        return answer.outcome

    def rows(self, table: Any) -> dict[tuple[Any, ...], Any]:
        columns = ", ".join(table.columns)
        found = self.ask(f"SELECT {columns} FROM {table.name} WHERE log_id = {{log}}")
        return {tuple(row[: table.key]): table.row(*row) for row in found}

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.query(self.workings.log.log_id, statement, ())

    def replayed(self) -> dict[str, dict[tuple[Any, ...], Any]]:
        view = View({})
        (size,) = self.ask("SELECT COUNT(*) FROM entry")[0]
        for row in sorted(self.connection.load(self.workings.log.log_id, ENTRY, [(n,) for n in range(size)])):
            entry = parse_entry(row.bytes)
            fold = service.folds().get((entry.kind, entry.schema))
            if fold is not None:
                fold(view, entry)
        return view.rows


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    made = RealLog(database, tmp_path / "keys", clock)
    yield made
    made.connection.close()


WATCHED = (
    task(
        "f",
        "done",
        watches=(
            b.Watch("message", "m", "stopped", key="secret.name", into="secret"),
            b.Watch("after", "PT1H", "side", meanwhile=True),
        ),
    ),
    task("side"),
    end(),
    end("stopped", "stopped"),
)


def test_events_a_step_is_watched_for_are_rows_and_close_with_it(log: RealLog, clock: SetClock) -> None:
    log.house.release(version(*WATCHED, blueprint="watched"))
    started = log.one(ANN, c.StartInstance("watched", "B-1", {"secret": {"name": "Jo Doe"}}))
    instance = started.result["instance"]
    (timer,) = log.rows(tables.TIMER).values()
    assert (timer.name, timer.state, timer.due_at) == ("delay", "set", clock.at + HOUR)
    (subscription,) = log.rows(tables.SUBSCRIPTION).values()
    assert "Jo" not in subscription.key  # it is personal, so a commitment stands for it
    clock.pass_time(HOUR)
    log.one(SYSTEM, c.FireTimer(f"{instance}.{timer.number}/delay", timer.due_at))
    assert sorted(row.step for row in log.rows(tables.TASK).values()) == ["f", "side"]
    log.one(WORKER, c.Correlate("m", "Jo Doe", {"name": "Jo Roe"}))
    row = log.rows(tables.INSTANCE)[instance,]
    assert (row.status, row.outcome, row.marking) == ("ended", "stopped", "[]")
    assert {row.state for row in log.rows(tables.TASK).values()} == {"cancelled"}
    assert {row.state for row in log.rows(tables.SUBSCRIPTION).values()} == {"correlated"}
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name


def test_a_whole_instance_is_the_fold_of_its_entries(log: RealLog, clock: SetClock) -> None:
    data = {"secret": {"name": "Jo Doe"}}
    started = log.one(ANN, c.StartInstance("toy", "A-1", data))
    instance = started.result["instance"]
    form = f"{instance}.2"
    late = clock.at + HOUR
    clock.pass_time(HOUR)
    log.one(SYSTEM, c.FireTimer(f"{form}/deadline", late))  # type: ignore[arg-type]
    claimed, taken, message, done = log.run(
        (BOB, c.ClaimTask(form)),
        (ANN, c.ClaimTask(form)),
        (WORKER, c.Correlate("m", "Jo Doe")),
        (BOB, c.CompleteTask(form, data={"amount": 9})),
    )
    assert isinstance(taken.outcome, Refusal)
    assert taken.outcome.reason is Reason.CLAIMED_BY_OTHER
    assert isinstance(claimed.outcome, Done)
    assert isinstance(message.outcome, Done)
    assert isinstance(done.outcome, Done), done.outcome
    (job,) = log.one(WORKER, c.ActivateJobs("w", "one")).result["jobs"]
    assert job["arguments"] == {"who": "Jo Doe"}
    assert log.one(WORKER, c.CompleteJob(job["job"], job["lease"])).result["status"] == "ended"
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name
    rows = log.ask("SELECT bytes FROM entry")
    assert not any(b"Jo Doe" in bytes(row[0]) for row in rows)


def test_two_starts_with_one_key_in_one_batch(log: RealLog) -> None:
    first, second = log.run((ANN, c.StartInstance("toy", "A-1", {})), (ANN, c.StartInstance("toy", "A-1", {})))
    assert isinstance(first.outcome, Done), first.outcome
    assert isinstance(second.outcome, Refusal)
    assert second.outcome.reason is Reason.BUSINESS_KEY_TAKEN
    assert second.outcome.details == (("instance", first.outcome.result["instance"]),)


def test_repeated_command_is_answered_again_and_done_once(log: RealLog) -> None:
    request = Request(ANN, c.StartInstance("toy", "A-1", {}), "same")
    first, again = Batch(log.workings, log.connection).run([request, request])
    assert isinstance(first, Answer)
    assert isinstance(again, Answer)
    assert again.repeated
    assert again.outcome == first.outcome
    assert len(log.rows(tables.INSTANCE)) == 1
