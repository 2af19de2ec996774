"""Many write at once: one serial history, without deadlock, fork, gap or loss; and everything awkward in one batch."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.wiring import TABLES, build_writer, folds
from examples.load import loan_applications
from governance.signature import Signed
from ledger.actor import SYSTEM, Actor
from ledger.batch import Result
from ledger.clock import LedgerClock, SystemClock
from ledger.database import Database, SqliteDatabase
from ledger.errors import BrokenInput, Misuse
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.refusal import Reason, Refusal
from ledger.work import Answer, Done, Request
from ledger.workings import Log, Workings
from ledger.writer import Desk
from orchestrator import commands as c
from tests.crash.checks import Acknowledged, Checked
from tests.crash.organisation import Organisation, service
from tests.forked import forkserver
from tests.ledger import toy
from tests.ledger.toy import COUNTER, PERSON, Bump, open_workings

SUBJECTS = 5
BATCH = 16
ROUNDS = 15


def append(number: int, database: Database, keys: Path, results: Any) -> None:
    """One process of several: batches of small appends to subjects that all of them append to."""
    log_id, name, origin = database.find_log()
    log = Log(log_id, name, origin, load_keys(keys / name, origin, "correct horse"))
    desk = Desk(Workings(log, LedgerClock(SystemClock()), IdMaker(), toy.commands(), toy.folds()), database.connect)
    acknowledged = []
    for turn in range(ROUNDS):
        ids = [f"c{number}.{turn}.{k}" for k in range(BATCH)]
        sent = [Request(PERSON, Bump(f"toy_{k % SUBJECTS}"), one) for k, one in enumerate(ids)]
        for one, answer in zip(ids, desk.run(sent), strict=True):
            acknowledged.append((one, answer))
    desk.close()
    results.put(acknowledged)


@pytest.mark.parametrize("processes", [4])
def test_several_processes_append_to_one_log(database: Database, tmp_path: Path, processes: int) -> None:
    if isinstance(database, SqliteDatabase):
        processes = 2
    workings = open_workings(database, tmp_path / "keys", SystemClock())
    context = forkserver()
    results = context.Queue()
    started = [
        context.Process(target=append, args=(n, database, tmp_path / "keys", results), daemon=True)
        for n in range(processes)
    ]
    for process in started:
        process.start()
    told = [one for _ in started for one in results.get(timeout=120)]
    for process in started:
        process.join()
    results.close()
    results.join_thread()
    failed = [answer for _, answer in told if not isinstance(answer, Answer)]
    assert not failed, failed[0]
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, workings.log)
        checked.is_whole()
        checked.is_fold(toy.folds(), (COUNTER,))
        checked.has_each_once(Acknowledged(PERSON.id, one, answer) for one, answer in told)
        totals = checked.table(COUNTER)
    finally:
        connection.close()
    assert len(checked.entries) == processes * ROUNDS * BATCH
    sent = Counter(f"toy_{k % SUBJECTS}" for k in range(BATCH))
    assert {key[0]: row.total for key, row in totals.items()} == {
        name: count * processes * ROUNDS for name, count in sent.items()
    }


class Office:
    """The organisation's log with commands sent as one batch each, and calls answered without an outside."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.workings, connect = build_writer(organisation.settings)
        self.desk = Desk(self.workings, connect)
        self.count = 0

    def batch(self, *sent: tuple[Actor, Any] | Request) -> list[Result]:
        """One batch."""
        requests = []
        for one in sent:
            self.count += 1
            requests.append(one if isinstance(one, Request) else Request(*one, f"c{self.count}"))
        return self.desk.run(requests)

    def one(self, actor: Actor, command: Any) -> Any:
        """The result of a command that is carried out."""
        (answer,) = self.batch((actor, command))
        assert isinstance(answer, Answer), answer
        assert isinstance(answer.outcome, Done), answer.outcome
        return answer.outcome.result

    def loan(self, data: dict[str, Any]) -> str:
        """A loan that waits for an officer; its task."""
        command = c.StartInstance("loan-origination", data["application_number"], data, domain="lending")
        instance: str = self.one(service("loan-portal"), command)["instance"]
        for call in self.one(SYSTEM, c.LeaseCalls("test"))["calls"]:
            if call["operation"] == "sanctions.screen":
                result: dict[str, Any] = {"screening_id": "s", "listed": False}
            else:
                result = {"report_id": "r", "score": 800, "defaults": 0, "open_accounts": 1}
            self.one(SYSTEM, c.StartCall(call["call"], call["lease"]))
            self.one(SYSTEM, c.SucceedCall(call["call"], call["lease"], result))
        connection = self.organisation.settings.database().connect(read_only=True)
        statement = "SELECT number FROM task WHERE log_id = {log} AND instance = ? AND state = 'offered'"
        ((number,),) = connection.query(self.workings.log.log_id, statement, (instance,))
        connection.close()
        return f"{instance}.{number}"

    def decision(self, who: Actor, task: str) -> c.CompleteTask:
        """An approval, stated and signed, that only waits to be sent."""
        self.one(who, c.ClaimTask(task))
        stated = self.one(who, c.StateStatement(task, "approve", "sound", "within-policy"))
        assert who.person is not None
        proof = Signed("password", who.person, SystemClock().wall())
        digest = stated["statement"]["shown_digest"]
        return c.CompleteTask(task, "approve", {}, "sound", "within-policy", stated["nonce"], digest, proof)


def test_everything_awkward_in_one_batch(organisation: Organisation) -> None:
    office = Office(organisation)
    officer = organisation.person("credit-officer-2")
    first, second = (replace(one).data for one in loan_applications(2))
    for data in (first, second):
        data["amount"] = {"amount": "20000.00", "currency": "GBP"}
        data["submitted"] = {"documents": ["proof of identity", "proof of income"]}
    tasks = [office.loan(data) for data in (first, second)]
    approvals = [office.decision(officer, task) for task in tasks]
    instance = tasks[0].partition(".")[0]
    again = Request(officer, approvals[0], "once")

    results = office.batch(
        again,
        (officer, c.ClaimTask("no task at all")),  # broken input, found before anything else is
        (officer, approvals[1]),  # fits the period limit alone, not after the first
        again,  # the same command id twice
        (organisation.person("head-of-lending"), c.CancelInstance(instance, "too late?")),  # the same instance again
        (officer, replace(again)),  # not a command: a bug of the caller's
        (officer, approvals[0]),  # the second completion of a task
        Request(officer, approvals[1], "once"),  # the command id once more, for another command
    )
    approved, broken, over, repeated, cancelled, bug, late, reused = results
    assert isinstance(broken, BrokenInput)
    assert isinstance(bug, Misuse)
    answers = [one for one in (approved, over, repeated, cancelled, late, reused) if isinstance(one, Answer)]
    told = [one.outcome.reason if isinstance(one.outcome, Refusal) else one.outcome.outcome for one in answers]
    assert told == [
        "approve",
        Reason.LIMIT_PERIOD,
        "approve",
        "cancelled",
        Reason.WRONG_STATE,
        Reason.COMMAND_ID_REUSED,
    ]
    receipts = [one.receipt for one in answers if one.receipt is not None]
    assert len(receipts) == 5
    assert len({receipt.size for receipt in receipts}) == 1, "they were not one batch"
    assert receipts[0].index == receipts[2].index
    assert answers[2].repeated
    assert len({receipt.index for receipt in receipts}) == 4
    office.desk.close()

    connection = organisation.settings.database().connect(read_only=True)
    try:
        checked = Checked(connection, office.workings.log)
        checked.is_whole()
        checked.is_fold(folds(), TABLES)
    finally:
        connection.close()
    assert [entry.kind for entry in checked.entries[-4:]] == [
        "task.completed",
        "command.refused",
        "instance.cancelled",
        "command.refused",
    ]
