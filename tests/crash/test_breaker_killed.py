"""Two runners and one system that is down: the breaker is of both, also where one is killed while it is not closed."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from examples.services.effects import Fault
from ledger.clock import SECOND
from ledger.entry import Entry
from orchestrator import tables
from orchestrator.breaker import CLOSED, HALF_OPEN, OPEN, Limits, Standing
from orchestrator.runner import LEASE_SECONDS
from tests.crash.checks import Checked
from tests.crash.organisation import Organisation
from tests.crash.processes import RunnerProcess
from tests.crash.test_calls_killed import LOANS, Bank, wait_until
from tests.forked import forkserver

CONNECTOR, OPERATION = "credit-bureau", "fetch_report"
DOWN = Fault(503)
SLOW_MS = 10_000  # of a probe, in which who makes it is killed
LIMITS = Limits(CONNECTOR)  # as a connector has them that says none


class Shut(Bank):
    """The bank while the bureau is down."""

    def __init__(self, organisation: Organisation, folder: Path) -> None:
        super().__init__(organisation, folder)
        self._numbers = count(LOANS + 1)

    def asked(self) -> int:
        """How often the bureau was asked, whatever it said."""
        return self.effects.counts()[OPERATION]["requests"]

    def answers(self, fault: Fault | None) -> None:
        """What the bureau answers from now on."""
        self.effects.plan(OPERATION, 0, DOWN)
        if fault is not None:
            self.effects.plan(OPERATION, 1_000, fault)

    def standing(self) -> Standing:
        with self.reader.view() as view:
            return view.get(tables.STANDING, CONNECTOR) or Standing(CONNECTOR)

    def state(self) -> str:
        return self.standing().state(self.clock.wall())

    def holders(self) -> list[int]:
        """The processes that have a call of the bureau."""
        asked = (
            "SELECT work_lease.holder FROM work_lease JOIN call ON call.log_id = work_lease.log_id"
            " AND call.instance = work_lease.instance AND call.number = work_lease.number"
            " WHERE work_lease.log_id = {log} AND work_lease.until > ? AND call.operation = ?"
        )
        with self.reader.view() as view:
            found = view.query(asked, (self.clock.wall(), f"{CONNECTOR}.{OPERATION}"))
        return [int(holder.rpartition(":")[2]) for (holder,) in found]

    def look_round(self) -> None:
        """Let the runners make whatever they may: a call to another system, asked for after all else, is answered."""
        number = next(self._numbers)
        before = self.screened()
        self.start_loans(range(number, number + 1))
        wait_until(lambda: self.screened() > before, "nothing is called any more")

    def screened(self) -> int:
        return sum(operation == "screen" and state == "succeeded" for operation, _, state, _ in self.calls())

    def entries(self) -> list[tuple[str, Entry]]:
        """Entries about calls of the bureau, each with the call."""
        asked = "SELECT instance, number FROM call WHERE log_id = {log} AND operation = ?"
        with self.reader.view() as view:
            found = set(view.query(asked, (f"{CONNECTOR}.{OPERATION}",)))
        connection = self.database.connect(read_only=True)
        try:
            entries = Checked(connection, self.log).entries
        finally:
            connection.close()
        about = []
        for entry in entries:
            if entry.kind in ("call.started", "call.failed", "call.succeeded"):
                number = next(one["activation"] for one in entry.payload["transitions"] if one["t"] == entry.kind)
                if (entry.subject, number) in found:
                    about.append((f"{entry.subject}.{number}", entry))
        return about


def judged(bank: Shut) -> Standing:
    """The breaker as the ledger alone has it; nothing began that it did not let out, and one probe at once."""
    standing, out = Standing(CONNECTOR), dict[str, int]()
    for call, entry in bank.entries():
        now = entry.recorded
        state = standing.state(now)
        if entry.kind == "call.started":
            out = {one: at for one, at in out.items() if at + LEASE_SECONDS * SECOND > now}
            assert state != OPEN, f"{call} went out while the breaker was open"
            assert state == CLOSED or not out, f"{call} went out beside the probe {out}"
            out[call] = now
            continue
        out.pop(call, None)
        if entry.kind == "call.succeeded":
            standing = Standing(CONNECTOR)
        elif state == HALF_OPEN:
            pause = standing.pause * 2
            standing = standing._replace(open_until=now + pause, pause=pause)
        elif state == CLOSED:
            failures = standing.failures + 1
            standing = standing._replace(failures=failures)
            if failures == LIMITS.failures:
                standing = standing._replace(open_until=now + LIMITS.pause, pause=LIMITS.pause)
    return standing


@pytest.fixture
def bank(organisation: Organisation, tmp_path: Path) -> Iterator[Shut]:
    forkserver()
    made = Shut(organisation, tmp_path)
    yield made
    made.close()


def is_as_recorded(bank: Shut) -> None:
    told, kept = judged(bank), bank.standing()
    assert (kept.open_until, kept.pause, kept.failures) == (told.open_until, told.pause, told.failures)


def kill_the_prober(bank: Shut) -> RunnerProcess:
    """`kill -9` for the runner that makes the probe; the other is left."""
    (pid,) = bank.holders()
    one, other = bank.runners[-2:]
    prober, left = (one, other) if one.process.pid == pid else (other, one)
    os.kill(pid, signal.SIGKILL)
    prober.process.join()
    return left


@pytest.mark.parametrize(
    "organisation", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)  # two that share a log
def test_a_breaker_is_of_all_runners_and_outlives_each(bank: Shut) -> None:
    bank.answers(DOWN)
    bank.start_loans()
    first, _ = bank.begin(), bank.begin()
    wait_until(lambda: bank.state() == OPEN and not bank.holders(), "the breaker has not opened")
    wait_until(lambda: bank.screened() == LOANS, "calls to another system are left")  # who is killed holds none of them
    asked = bank.asked()
    first.kill()
    bank.begin()
    bank.look_round()
    assert bank.asked() == asked, "called while the breaker was open"
    is_as_recorded(bank)

    bank.answers(DOWN._replace(delay_ms=SLOW_MS))
    bank.clock.pass_time(LIMITS.pause)
    wait_until(lambda: bank.asked() > asked, "no probe went out")
    kill_the_prober(bank)
    bank.begin()
    bank.look_round()
    assert bank.asked() == asked + 1, "a second probe went out beside the first"
    assert bank.state() == HALF_OPEN

    bank.answers(DOWN)
    bank.clock.pass_time((LEASE_SECONDS + 1) * SECOND)
    wait_until(lambda: bank.state() == OPEN, "the probe of who was killed is not made again")
    bank.look_round()
    assert bank.asked() == asked + 2, "more than one probe went out"
    is_as_recorded(bank)

    bank.answers(None)
    bank.clock.pass_time(2 * LIMITS.pause)
    wait_until(bank.is_done, "calls are left")
    for runner in bank.runners[-2:]:
        runner.stop()
    is_as_recorded(bank)
    assert bank.state() == CLOSED
    bank.check()
