"""A system outside that takes its time keeps no timer, and no call to another, waiting."""

import threading
from collections.abc import Sequence
from typing import Any

from api.running import run_until
from ledger.work import Answer, Request
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.runner import Runner
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, end, version
from versioning import blueprint as b

PATIENCE = 15.0  # seconds; what is waited for comes at once, or never


class Outside:
    """One system that answers when it is let, and one that answers at once."""

    def __init__(self) -> None:
        self.is_out, self.let, self.other = threading.Event(), threading.Event(), threading.Event()

    def call(self, operation: str, arguments: Any, idempotency_key: str) -> Any:
        if operation == "quick.do":
            self.other.set()
            return {}
        self.is_out.set()
        self.let.wait()  # until the test is over, whatever came of it
        return {}


class Clock:
    def __init__(self, office: Office) -> None:
        self._office = office

    def wall(self) -> Any:
        return self._office.log.now

    def monotonic(self) -> int:
        return 0


def test_what_is_due_and_what_others_ask_for_goes_on_while_a_call_is_out() -> None:
    office, outside, one_at_a_time, fired = Office(end()), Outside(), threading.Lock(), threading.Event()
    for name, operation in (("slow", "slow.do"), ("quick", "quick.do")):
        office.house.release(version(b.CallStep("k", HERE, operation=operation, next="done"), end(), blueprint=name))
    office.house.release(version(b.WaitStep("w", HERE, delay="PT1H", next="done"), end(), blueprint="later"))

    def submit(requests: list[Request]) -> Sequence[Answer | Exception]:
        with one_at_a_time:
            answers = office.log.submit(requests)
            rows = office.log.view.rows.get(tables.TIMER.name, {}).values()
        if any(row.state == "fired" for row in rows):
            fired.set()
        return answers

    def query(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with one_at_a_time:
            return office.log.query(statement, parameters)

    runner, stopping = Runner("one", submit, query, outside, Clock(office)), threading.Event()
    begin(office, "slow")
    working = threading.Thread(target=run_until, args=(runner, stopping), daemon=True)
    working.start()
    try:
        assert outside.is_out.wait(PATIENCE)
        with one_at_a_time:
            begin(office, "later")
            begin(office, "quick")
            office.log.now += HOUR
        assert fired.wait(PATIENCE)
        assert outside.other.wait(PATIENCE)
        assert not outside.let.is_set()
    finally:
        outside.let.set()
        stopping.set()
        working.join(PATIENCE)
    assert not working.is_alive()
    assert {row.status for row in office.log.view.rows["instance"].values()} == {"ended"}
    office.check()


def begin(office: Office, blueprint: str) -> None:
    office.done(c.StartInstance(blueprint, "A-1", {}), ANN)
