"""Messages on the real write path, on both databases: batches, repeats, a killed process, rows that are the fold."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.database import Database
from ledger.refusal import Reason, Refusal
from ledger.work import Answer, Done, Request
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.message_tables import MESSAGE
from tests.conftest import SetClock
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.test_real_log import RealLog
from tests.orchestrator.toy import DAY, HERE, end, version
from versioning import blueprint as b

WAITS = (b.WaitStep("w", HERE, message="m", key="secret.name", into="secret", next="done"), end())
FIRST = {"secret": {"name": "Jo Doe"}}


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    made = RealLog(database, tmp_path / "keys", clock)
    made.house.release(version(*WAITS, blueprint="waits"))
    yield made
    made.connection.close()


def message(**fields: object) -> c.Correlate:
    given = {"message": "m", "key": "Jo Doe", "data": {"name": "Jo Roe"}, "keep_for": "P1D", **fields}
    return c.Correlate(**given)  # type: ignore[arg-type]


def check(log: RealLog) -> None:
    replayed = log.replayed()
    for table in tables.FOLDED:
        assert replayed.get(table.name, {}) == log.rows(table), table.name
    rows = log.ask("SELECT bytes FROM entry")
    assert not any(b"Jo Doe" in bytes(row[0]) or b"Jo Roe" in bytes(row[0]) for row in rows)


def test_a_message_before_the_wait_is_not_lost(log: RealLog) -> None:
    kept = log.one(WORKER, message(message_id="e-1")).result["kept"]
    started = log.one(ANN, c.StartInstance("waits", "A-1", FIRST))
    assert started.result["status"] == "ended"
    assert log.rows(MESSAGE)[kept,].state == "delivered"
    assert log.one(WORKER, message(message_id="e-1")).result["became"] == "correlated"
    check(log)


def test_kept_and_delivered_in_one_batch(log: RealLog) -> None:
    kept, started, again = log.run(
        (WORKER, message()), (ANN, c.StartInstance("waits", "A-1", FIRST)), (WORKER, message())
    )
    assert [isinstance(one.outcome, Done) and one.outcome.outcome for one in (kept, started, again)] == [
        "kept", "started", "kept",
    ]  # fmt: skip
    assert started.outcome.result["status"] == "ended"  # type: ignore[union-attr]
    check(log)


def test_two_senders_at_once_with_one_id_have_one_effect(log: RealLog) -> None:
    one, other, third = log.run(
        (WORKER, message(message_id="e-1")),
        (BOB, message(message_id="e-1")),
        (BOB, message(message_id="e-1", data=None)),
    )
    assert isinstance(one.outcome, Done)
    assert isinstance(other.outcome, Done)
    assert (one.outcome.outcome, other.outcome.outcome) == ("kept", "repeated")
    assert other.outcome.result["kept"] == one.outcome.result["kept"]
    assert other.receipt is None
    assert isinstance(third.outcome, Refusal)
    assert third.outcome.reason is Reason.MESSAGE_ID_REUSED
    assert len(log.rows(MESSAGE)) == 1
    check(log)


def test_a_process_killed_between_kept_and_delivered_loses_nothing(log: RealLog) -> None:
    """A batch that dies before its commit leaves the message kept; the next one delivers it, once."""
    kept = log.one(WORKER, message()).result["kept"]
    start = Request(ANN, c.StartInstance("waits", "A-1", FIRST), "start")
    connection = log.connection
    dying = Batch(log.workings, connection)
    dying.open([start])
    dying.carry_out(start)
    connection.rollback()
    assert log.rows(MESSAGE)[kept,].state == "kept"
    assert not log.rows(tables.INSTANCE)
    (answer,) = Batch(log.workings, connection).run([start])
    (again,) = Batch(log.workings, connection).run([start])
    assert isinstance(answer, Answer)
    assert isinstance(again, Answer)
    assert again.outcome == answer.outcome
    assert log.rows(MESSAGE)[kept,].state == "delivered"
    check(log)


def test_expiry_is_recorded_once_whoever_sends_it(log: RealLog, clock: SetClock) -> None:
    kept = log.one(WORKER, message()).result
    clock.pass_time(DAY)
    number = log.workings.log.log_id
    found = store.due_messages(lambda text, values: log.connection.query(number, text, values), clock.at, 9)
    assert found == [(kept["kept"], kept["expires_at"])]
    command = c.ExpireMessage(*found[0])  # type: ignore[arg-type]
    first, second = log.run((SYSTEM, command), (SYSTEM, command))
    assert isinstance(first.outcome, Done)
    assert isinstance(second.outcome, Refusal)
    assert second.outcome.reason is Reason.WRONG_STATE
    check(log)
