"""Runners killed while many calls are out, and leases that end under calls that are: each effect once, nothing lost."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.wiring import TABLES, folds, open_log
from examples.load import loan_application
from examples.services.effects import Fault
from ledger.clock import SECOND
from ledger.reading import Reader
from ledger.work import Done, Request
from ledger.writer import Writer
from orchestrator import commands as c
from orchestrator.runner import LEASE_SECONDS
from tests.crash.checks import Checked
from tests.crash.organisation import Organisation, service
from tests.crash.processes import Life, RunnerProcess, SharedClock, build
from tests.forked import forkserver

OPERATIONS = ("fetch_report", "screen")  # what a loan application asks of others first, side by side
LOANS = 20
OUT_MIN = 15  # calls that are out when a runner is killed: more than it leases at once
DELAY_MS = 2_000
PATIENCE = 90.0


class Bank:
    """An organisation with loan applications, runners that may be killed, and a clock for all of them."""

    def __init__(self, organisation: Organisation, folder: Path) -> None:
        address = organisation.services.address.removeprefix("http://")
        self.settings = replace(organisation.settings, egress_allow=address)
        self.effects = organisation.services.effects
        self.before = {one: set(self.effects.keys(one)) for one in OPERATIONS}
        self.clock = SharedClock(folder / "clock")
        self.life = Life(self.settings, self.clock)
        self.log, self.database = open_log(self.settings)
        self.reader = Reader(self.log, self.clock, lambda: self.database.connect(read_only=True))
        self.runners: list[RunnerProcess] = []

    def start_loans(self, numbers: range = range(1, LOANS + 1)) -> None:
        writer = Writer(*build(self.life))
        for number in numbers:
            made = loan_application(number)
            command = c.StartInstance("loan-origination", made.business_key, made.data, domain="lending")
            assert isinstance(writer.run(Request(service("loan-portal"), command, f"loan-{number}")).outcome, Done)
        writer.close()

    def begin(self) -> RunnerProcess:
        self.runners.append(RunnerProcess.start(self.life))
        return self.runners[-1]

    def close(self) -> None:
        """End what was begun; the other systems answer as usual again."""
        for operation in OPERATIONS:
            self.effects.plan(operation, 0, Fault())
        for runner in self.runners:
            runner.kill()
        self.reader.close()

    def out(self) -> list[tuple[Any, ...]]:
        """The calls that went out and are not answered."""
        asked = "SELECT instance, number FROM call WHERE log_id = {log} AND state = 'requested' AND started > 0"
        with self.reader.view() as view:
            return view.query(asked, ())

    def calls(self) -> list[tuple[Any, ...]]:
        asked = "SELECT operation, idempotency_key, state, started FROM call WHERE log_id = {log}"
        with self.reader.view() as view:
            return [(one.partition(".")[2], *rest) for one, *rest in view.query(asked, ())]

    def is_done(self) -> bool:
        return all(state not in ("requested", "backing off") for _, _, state, _ in self.calls())

    def check(self) -> None:
        connection = self.database.connect(read_only=True)
        try:
            checked = Checked(connection, self.log)
            checked.is_whole()
            checked.is_fold(folds(), TABLES)
        finally:
            connection.close()
        for operation in OPERATIONS:
            rows = [row for row in self.calls() if row[0] == operation]
            made = [key for key in self.effects.keys(operation) if key not in self.before[operation]]
            assert len(rows) >= LOANS
            assert sorted(made) == sorted(key for _, key, _, _ in rows), "an effect is missing, or took place twice"
            assert {state for _, _, state, _ in rows} == {"succeeded"}


def wait_until(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.fixture
def bank(organisation: Organisation, tmp_path: Path) -> Iterator[Bank]:
    forkserver()
    made = Bank(organisation, tmp_path)
    for operation in OPERATIONS:
        made.effects.plan(operation, 6 * LOANS, Fault(0, delay_ms=DELAY_MS))
    yield made
    made.close()


def test_a_runner_is_killed_with_its_hands_full(bank: Bank) -> None:
    bank.start_loans()
    runner = bank.begin()
    wait_until(lambda: len(bank.out()) >= OUT_MIN, "no calls went out")
    runner.kill()
    left = bank.out()
    assert left, "nothing was out when it was killed"
    second, third = bank.begin(), bank.begin()
    wait_until(lambda: len(bank.out()) <= len(left), "what nobody had leased is not made")
    bank.clock.pass_time((LEASE_SECONDS + 1) * SECOND)
    wait_until(bank.is_done, "calls are still open")
    second.stop()
    third.stop()
    assert any(started > 1 for _, _, _, started in bank.calls())  # those that were out went out again
    bank.check()


def test_leases_end_while_calls_are_out(bank: Bank) -> None:
    bank.start_loans()
    first = bank.begin()
    wait_until(lambda: len(bank.out()) >= OUT_MIN, "no calls went out")
    second = bank.begin()
    bank.clock.pass_time((LEASE_SECONDS + 1) * SECOND)
    wait_until(bank.is_done, "calls are still open")
    first.stop()
    second.stop()
    assert any(started > 1 for _, _, _, started in bank.calls())  # two had one call out, under one key
    bank.check()


def test_a_runner_that_is_told_to_stop_waits_for_what_is_out(bank: Bank) -> None:
    bank.start_loans()
    runner = bank.begin()
    wait_until(lambda: len(bank.out()) >= OUT_MIN, "no calls went out")
    runner.stop()
    assert bank.out() == []
    another = bank.begin()
    wait_until(bank.is_done, "calls are still open")
    another.stop()
    assert {started for _, _, _, started in bank.calls()} == {1}
    bank.check()
