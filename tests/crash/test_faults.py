"""A database that fails at every statement of a batch in turn: nothing half done, every command answered once."""

from pathlib import Path

import pytest

from ledger.batch import Result
from ledger.connection import Connection, DatabaseFault
from ledger.database import Database
from ledger.refusal import Refusal
from ledger.work import Answer, Done, Request
from ledger.workings import Workings
from ledger.writer import Desk
from tests.conftest import SetClock
from tests.crash.broken import Break, Plan, broken
from tests.crash.checks import Acknowledged, Checked
from tests.ledger.toy import COUNTER, PERSON, Bump, Create, Fail, Total, folds, open_workings

STATEMENTS_MAX = 200  # far more than one batch sends


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    return open_workings(database, tmp_path / "keys", clock)


def batch(n: int) -> list[Request]:
    """Everything a batch can hold: two entries of one subject, a secret, a query, a refusal and its repeat, a raise."""
    subject = f"toy_{n}"
    sent = (
        Bump(subject, secret="a name"),
        Create(),
        Total(),
        Bump(subject, by=9, limit=5),
        Fail(after_staging=True),
        Bump(subject, by=8, limit=5),
        Bump(subject, "m"),
    )
    return [Request(PERSON, command, f"c{n}.{k}") for k, command in enumerate(sent)]


def check(workings: Workings, database: Database, acknowledged: list[Acknowledged]) -> Checked:
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, workings.log)
        checked.is_whole()
        checked.is_fold(folds(), (COUNTER,))
        checked.has_each_once(acknowledged)
    finally:
        connection.close()
    return checked


def run(desk: Desk, requests: list[Request]) -> list[Result]:
    """One batch by a desk that is closed afterwards."""
    results = desk.run(requests)
    desk.close()
    return results


def size(workings: Workings, database: Database) -> int:
    """How many entries the log has."""
    connection = database.connect(read_only=True)
    head = connection.begin_read(workings.log.log_id)
    connection.close()
    return head.size


@pytest.mark.parametrize("how", list(Break))
def test_a_fault_at_every_statement(workings: Workings, database: Database, how: Break) -> None:
    acknowledged: list[Acknowledged] = []
    for n in range(1, STATEMENTS_MAX):
        plan = Plan(how, (n,))
        desk = Desk(workings, broken(database, plan))
        requests = batch(n)
        acknowledged += answered(requests, desk.run(requests))
        desk.close()
        assert size(workings, database) == 4 * n
        if plan.count < n:
            break
    else:
        raise AssertionError("the batch never ended")
    check(workings, database, acknowledged)
    assert n > 8, "fewer statements were tried than a batch sends"


@pytest.mark.parametrize("how", list(Break))
def test_faults_again_while_recovering(workings: Workings, database: Database, how: Break) -> None:
    acknowledged: list[Acknowledged] = []
    for n in range(1, 40, 4):
        plan = Plan(how, (n, n + 1 + n % 5, n + 11, n + 17))
        desk = Desk(workings, broken(database, plan))
        requests = batch(n)
        results = desk.run(requests)
        for _ in plan.at:  # a caller that was told the database failed asks again
            failed = [k for k, one in enumerate(results) if isinstance(one, DatabaseFault)]
            for k, one in zip(failed, desk.run([requests[k] for k in failed]), strict=True):
                results[k] = one
        acknowledged += answered(requests, results)
        desk.close()
    check(workings, database, acknowledged)


def answered(requests: list[Request], results: list[Result]) -> list[Acknowledged]:
    """What the callers of `batch` were told, after checking its sense."""
    kinds = [one.outcome.__class__ if isinstance(one, Answer) else one.__class__ for one in results]
    assert kinds == [Done, Done, Done, Refusal, ZeroDivisionError, Refusal, Done], results
    told = zip(requests, results, strict=True)
    return [Acknowledged(PERSON.id, r.command_id or "", one) for r, one in told if isinstance(one, Answer)]


def test_a_fault_in_a_large_batch(workings: Workings, database: Database) -> None:
    count = 513  # more than a socket takes at once: the server has begun before the last statement is sent
    for n in range(1, STATEMENTS_MAX):
        plan = Plan(Break.LOST_AFTER, (n,))
        desk = Desk(workings, broken(database, plan))
        requests = [Request(PERSON, Bump(f"toy_{k}"), f"c{n}.{k}") for k in range(count)]
        results = run(desk, requests)
        assert all(isinstance(one, Answer) and one.outcome == Done("bumped", {"total": n}) for one in results)
        if plan.count < n:
            break
    check(workings, database, [])


@pytest.mark.parametrize("how", list(Break))
def test_asked_again_after_a_fault_the_answer_is_the_same(workings: Workings, database: Database, how: Break) -> None:
    for n in range(1, 20):
        request = Request(PERSON, Bump("toy_1"), f"c{n}")
        (first,) = run(Desk(workings, broken(database, Plan(how, (n,)))), [request])
        (again,) = run(Desk(workings, database.connect), [request])
        assert isinstance(again, Answer)
        assert again.outcome == Done("bumped", {"total": n})
        if isinstance(first, Answer):
            assert first.receipt is not None
            assert again.receipt is not None
            assert (first.outcome, first.receipt.index) == (again.outcome, again.receipt.index)
    check(workings, database, [])


def test_a_database_that_stays_away_is_said_to_every_caller(workings: Workings, database: Database) -> None:
    def connect() -> Connection:
        raise DatabaseFault("gone", lost=True)

    results = run(Desk(workings, connect), batch(1))
    assert [type(one) for one in results] == [DatabaseFault] * 7


def test_a_database_that_goes_for_good_is_said_to_every_caller(workings: Workings, database: Database) -> None:
    connections = [broken(database, Plan(Break.LOST_AFTER, (9,)))()]

    def connect() -> Connection:
        if not connections:
            raise DatabaseFault("gone", lost=True)
        return connections.pop()

    results = run(Desk(workings, connect), batch(1))
    assert [type(one) for one in results] == [DatabaseFault] * 7
    again = run(Desk(workings, database.connect), batch(1))
    assert len(check(workings, database, answered(batch(1), again)).entries) == 4


def test_a_log_without_entries_keeps_no_checkpoint(workings: Workings, database: Database) -> None:
    desk = Desk(workings, database.connect)
    desk.rest()
    desk.close()
    run(Desk(workings, database.connect), [Request(PERSON, Bump("toy_1"), "c1")])
    assert [size for size, _ in check(workings, database, []).checkpoints] == [1]
