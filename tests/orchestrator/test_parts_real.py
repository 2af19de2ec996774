"""Elements, undoing and sent messages on the real write path, on both databases; a killed batch."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.database import Database
from ledger.work import Done, Request
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.breaker import Limits
from tests.conftest import SetClock
from tests.orchestrator.house import ANN, WORKER
from tests.orchestrator.test_messages_real import check
from tests.orchestrator.test_real_log import RealLog
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b

UNDO = b.CallStep("book", HERE, operation="bank.cancel", arguments=(("who", "secret.name"),))
STEPS = (
    b.CallStep("book", HERE, operation="bank.book", arguments=(("who", "secret.name"),), undo=UNDO, next="e"),
    b.EachStep(
        "e", HERE, of="items", element="item", at_once=True, into="scores", next="s",
        body=b.JobStep("e", HERE, type="score", arguments=(("n", "item"), ("who", "secret.name"))),
    ),
    b.SendStep("s", HERE, message="m", key="secret.name", arguments=(("name", "secret.name"),), next="t"),
    task("t", "back"),
    b.UndoStep("back", HERE, next="done"),
    end(),
)  # fmt: skip
WAITS = (b.WaitStep("w", HERE, message="m", key="secret.name", into="secret", next="over"), end("over"))
FIRST = {"secret": {"name": "Jo Doe"}, "items": [1, 2]}


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    made = RealLog(database, tmp_path / "keys", clock)
    made.house.release(version(*STEPS, blueprint="parts"))
    made.house.release(version(*WAITS, blueprint="waits"))
    yield made
    made.connection.close()


def call(log: RealLog) -> str:
    """Make the one call that is open; its operation."""
    (leased,) = log.one(SYSTEM, c.LeaseCalls("r", 5)).result["calls"]
    assert leased["arguments"] == {"who": "Jo Doe"}
    log.one(SYSTEM, c.StartCall(leased["call"], leased["lease"]))
    log.one(SYSTEM, c.SucceedCall(leased["call"], leased["lease"], {}))
    return str(leased["operation"])


def until_the_task(log: RealLog) -> tuple[str, str]:
    """Who waits, and the task that the one who sends has come to."""
    waits = log.one(ANN, c.StartInstance("waits", "A-1", FIRST)).result["instance"]
    sends = log.one(ANN, c.StartInstance("parts", "A-1", FIRST)).result["instance"]
    assert call(log) == "bank.book"
    jobs = log.one(WORKER, c.ActivateJobs("score", "w", 5)).result["jobs"]
    assert [job["arguments"] for job in jobs] == [{"n": 1, "who": "Jo Doe"}, {"n": 2, "who": "Jo Doe"}]
    for job in reversed(jobs):
        log.one(WORKER, c.CompleteJob(job["job"], job["lease"], {"of": job["arguments"]["n"]}))
    (row,) = [row for row in log.rows(tables.TASK).values() if row.instance == sends]
    return str(waits), f"{sends}.{row.number}"


def test_elements_then_a_message_then_what_was_done_is_undone(log: RealLog) -> None:
    waits, task_id = until_the_task(log)
    assert log.rows(tables.INSTANCE)[waits,].status == "ended"
    log.one(ANN, c.ClaimTask(task_id))
    log.one(ANN, c.CompleteTask(task_id))
    assert call(log) == "bank.cancel"
    assert {row.status for row in log.rows(tables.INSTANCE).values()} == {"ended"}
    check(log)


def test_a_batch_that_dies_while_it_cancels_has_undone_nothing(log: RealLog) -> None:
    _, task_id = until_the_task(log)
    instance = task_id.rpartition(".")[0]
    cancel = Request(ANN, c.CancelInstance(instance), "cancel")
    dying = Batch(log.workings, log.connection)
    dying.open([cancel])
    dying.carry_out(cancel)
    log.connection.rollback()
    assert log.rows(tables.INSTANCE)[instance,].status == "active"
    assert log.one(ANN, c.CancelInstance(instance)).outcome == "cancelled"
    assert log.rows(tables.INSTANCE)[instance,].status == "active"
    assert call(log) == "bank.cancel"
    assert log.rows(tables.INSTANCE)[instance,].status == "cancelled"
    check(log)


def test_taking_back_waits_for_a_call_that_is_out(log: RealLog, clock: SetClock) -> None:
    """By the leases of the database; what does not come back in time is gone past when the timer fires."""
    steps = (
        b.AllStep("f", HERE, branches=("book", "t"), need=1, next="back"),
        b.CallStep("book", HERE, operation="bank.book", arguments=(("who", "secret.name"),), undo=UNDO),
        task("t"), b.UndoStep("back", HERE, next="after"), task("after", "done"), end(),
    )  # fmt: skip
    log.house.release(version(*steps, blueprint="out"))
    for key, comes in (("A-1", True), ("A-2", False)):
        instance = log.one(ANN, c.StartInstance("out", key, FIRST)).result["instance"]
        (leased,) = log.one(SYSTEM, c.LeaseCalls("r", 5)).result["calls"]
        log.one(SYSTEM, c.StartCall(leased["call"], leased["lease"]))
        (row,) = [row for row in log.rows(tables.TASK).values() if row.instance == instance]
        log.one(ANN, c.ClaimTask(f"{instance}.{row.number}"))
        log.one(ANN, c.CompleteTask(f"{instance}.{row.number}"))
        (timer,) = [row for row in log.rows(tables.TIMER).values() if (row.instance, row.state) == (instance, "set")]
        assert (timer.name, log.one(SYSTEM, c.LeaseCalls("r", 5)).result["calls"]) == ("delay", [])
        if comes:
            log.one(SYSTEM, c.SucceedCall(leased["call"], leased["lease"], {}))
            assert call(log) == "bank.cancel"
        else:
            clock.pass_time(timer.due_at - clock.at)
            log.one(SYSTEM, c.FireTimer(f"{instance}.{timer.number}/delay", timer.due_at))
        assert [row.step for row in log.rows(tables.TASK).values() if row.state == "offered"] == ["after"]
        (row,) = [row for row in log.rows(tables.TASK).values() if row.state == "offered"]
        log.one(ANN, c.ClaimTask(f"{instance}.{row.number}"))
        log.one(ANN, c.CompleteTask(f"{instance}.{row.number}"))
    check(log)


CLOSING = (
    b.AllStep("f", HERE, branches=("book", "t"), need=1, next="back"),
    b.CallStep("book", HERE, operation="bank.book", arguments=(("who", "secret.name"),), undo=UNDO),
    task("t"),
    b.UndoStep("back", HERE, next="done"),
    end(),
)


def test_a_call_that_was_closed_and_fails_is_waited_for_no_longer(log: RealLog) -> None:
    log.house.release(version(*CLOSING, blueprint="closing"))
    instance = log.one(ANN, c.StartInstance("closing", "A-1", FIRST)).result["instance"]
    (leased,) = log.one(SYSTEM, c.LeaseCalls("r", 5)).result["calls"]
    went = leased["call"], leased["lease"]
    log.one(SYSTEM, c.StartCall(*went))
    (row,) = log.rows(tables.TASK).values()
    log.one(ANN, c.ClaimTask(f"{instance}.{row.number}"))
    log.one(ANN, c.CompleteTask(f"{instance}.{row.number}"))
    assert log.rows(tables.INSTANCE)[instance,].status == "active"
    evidence = c.CallEvidence("connector-digest", "request-digest", "answer-digest")
    said = log.one(SYSTEM, c.FailCall(*went, "HTTP_500", True, evidence))
    assert (said.outcome, log.rows(tables.INSTANCE)[instance,].status) == ("late", "ended")
    assert {one.state for one in log.rows(tables.TIMER).values()} == {"cancelled"}
    check(log)


def test_what_is_at_work_counts_where_it_stands_still_also_within_one_batch(log: RealLog) -> None:
    first = log.one(ANN, c.StartInstance("parts", "A-1", FIRST)).result["instance"]
    limits = (Limits("bank", at_once=1),)
    log.one(ANN, c.StartInstance("parts", "A-2", FIRST))
    (leased,) = log.one(SYSTEM, c.LeaseCalls("r", limits=limits)).result["calls"]
    log.one(SYSTEM, c.StartCall(leased["call"], leased["lease"]))
    _, none = log.run((ANN, c.SuspendInstance(first, "r")), (SYSTEM, c.LeaseCalls("s", limits=limits)))
    assert none.outcome == Done("leased", {"calls": []})
    came, one = log.run(
        (SYSTEM, c.SucceedCall(leased["call"], leased["lease"], {})), (SYSTEM, c.LeaseCalls("s", limits=limits))
    )
    assert isinstance(came.outcome, Done)
    assert isinstance(one.outcome, Done)
    (other,) = one.outcome.result["calls"]
    log.one(SYSTEM, c.StartCall(other["call"], other["lease"]))
    log.one(SYSTEM, c.SucceedCall(other["call"], other["lease"], {}))
    bounded = c.ActivateJobs("score", "w", type_at_once=1, worker_at_once=1)
    (job,) = log.one(WORKER, bounded).result["jobs"]
    _, nothing = log.run((ANN, c.SuspendInstance(job["job"].partition(".")[0], "r")), (WORKER, bounded))
    assert nothing.outcome == Done("activated", {"jobs": []})
    check(log)
