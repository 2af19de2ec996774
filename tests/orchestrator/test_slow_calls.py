"""A system outside that takes its time keeps no timer, and no call to another, waiting."""

import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import pytest

from api.running import run_until
from ledger.errors import Unavailable
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


class Beside:
    """An office with a runner on threads of its own; its database can be taken away, and its writer raise."""

    def __init__(self, *operations: str) -> None:
        self.office, self.outside = Office(end()), Outside()
        for operation in operations:
            step = b.CallStep("k", HERE, operation=operation, next="done")
            self.office.house.release(version(step, end(), blueprint=operation.partition(".")[0]))
        self._numbers = count(1)
        self.one_at_a_time, self.stopping = threading.Lock(), threading.Event()
        self.is_away, self.was_missed = False, threading.Event()
        self.ended = threading.Event()
        self.raises: Callable[[Any], Exception | None] = lambda _: None
        runner = Runner("one", self._submit, self._query, self.outside, Clock(self.office))
        self.working = threading.Thread(target=run_until, args=(runner, self.stopping), daemon=True)

    def __enter__(self) -> "Beside":
        self.working.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.outside.let.set()
        self.stopping.set()
        self.working.join(PATIENCE)
        assert not self.working.is_alive()

    def begin(self, blueprint: str) -> None:
        with self.one_at_a_time:
            begin(self.office, blueprint, f"A-{next(self._numbers)}")

    def _submit(self, requests: list[Request]) -> Sequence[Answer | Exception]:
        with self.one_at_a_time:
            self._look()
            raised = [self.raises(request.command) for request in requests]
            if any(raised):
                return [one or Unavailable("DATABASE", "gone") for one in raised]
            answers = self.office.log.submit(requests)
            if any(row.status == "ended" for row in self.office.log.view.rows.get("instance", {}).values()):
                self.ended.set()
        return answers

    def _query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.one_at_a_time:
            self._look()
            return self.office.log.query(statement, parameters)

    def _look(self) -> None:
        if self.is_away:
            if threading.current_thread().name == "calls":
                self.was_missed.set()
            raise Unavailable("DATABASE", "gone")


def test_a_database_that_was_away_for_a_moment_keeps_no_call_waiting_for_one_that_is_out() -> None:
    with Beside("slow.do", "quick.do") as beside:
        beside.begin("slow")
        assert beside.outside.is_out.wait(PATIENCE)
        beside.is_away = True
        assert beside.was_missed.wait(PATIENCE)
        beside.is_away = False
        beside.begin("quick")
        assert beside.outside.other.wait(PATIENCE)
        assert not beside.outside.let.is_set()
    assert {row.status for row in beside.office.log.view.rows["instance"].values()} == {"ended"}
    beside.office.check()


@pytest.mark.parametrize("raised", [ZeroDivisionError("a bug"), Unavailable("DATABASE", "gone")])
def test_what_is_raised_when_one_answer_is_recorded_keeps_no_other_call_waiting(raised: Exception) -> None:
    told: list[Any] = []

    def raises(command: Any) -> Exception | None:
        if isinstance(command, c.SucceedCall) and not told:
            told.append(command)
            return raised
        return None

    with Beside("slow.do", "quick.do") as beside:
        beside.raises = raises
        beside.begin("slow")
        assert beside.outside.is_out.wait(PATIENCE)
        beside.begin("quick")
        assert beside.outside.other.wait(PATIENCE)
        beside.begin("quick")
        assert beside.ended.wait(PATIENCE)  # the second of them: of the first nothing could be recorded
        assert not beside.outside.let.is_set()
    assert len(told) == 1
    beside.office.check()


def begin(office: Office, blueprint: str, key: str = "A-1") -> None:
    office.done(c.StartInstance(blueprint, key, {}), ANN)
