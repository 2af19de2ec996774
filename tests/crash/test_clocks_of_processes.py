"""A service and a runner as processes whose clocks are apart by hours, and jump back and forward while they run.

No entry is dated by a clock that lies, nothing fires before its time or twice, no lease ends early, and all goes on by
itself once the clock is right again.
"""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from api.founding import done
from api.identity.service import prepare_api_key
from api.wiring import build_writer, open_log
from ledger.actor import SYSTEM
from ledger.canonical import decode
from ledger.clock import SECOND, Instant, SystemClock, instant_text
from ledger.work import Request
from ledger.writer import Writer
from orchestrator import commands as c
from tests.crash import organisation as founded
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation, service
from tests.crash.shifted import Shifted
from tests.crash.test_serving import Served
from tests.crash.test_workers_killed import SORTING, WORKER
from tests.crash.waiting import until
from tests.crash.working import Works

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SOON, LATER = 4, 3
SERVICE, RUNNER = "service", "runner"
WAITING = """\
blueprint: {name}
title: Waiting
purpose: Wait a while.
owner: finance-operations
data:
  number: {{type: string, class: internal, required: true}}
start: {{by: api, requires: role invoice-intake, key: number}}
first: pause
steps:
  pause: {{wait: {length}, next: done}}
  done: {{end: done}}
"""


class Clocks:
    """The service and a runner beside it, each with a clock of its own, and one worker that has a job."""

    def __init__(self, organisation: Organisation, folder: Path) -> None:
        self.settings = organisation.settings
        self.began = instant_text(Instant(SystemClock().wall() - SECOND))
        self.service_clock, self.runner_clock = Shifted(folder / "service"), Shifted(folder / "runner")
        self.served = Served(self.settings, self.service_clock.environment)
        self.works = Works(self.settings, 1, self.runner_clock.environment, beside=True)
        writer = Writer(*build_writer(self.settings))
        try:
            for name, length in (("soon", "1 second"), ("later", "1 hour")):
                text = WAITING.format(name=name, length=length)
                founded.release(writer, organisation, f"blueprints/{name}.yaml", (text, "blueprint", None))
            founded.release(writer, organisation, "blueprints/sorting.yaml", (SORTING, "blueprint", None))
            for blueprint, count in (("soon", SOON), ("later", LATER), ("sorting", 1)):
                for number in range(count):
                    start = c.StartInstance(blueprint, f"{blueprint}-{number}", {}, domain="finance")
                    done(writer.run(Request(service("invoice-intake"), start, f"{blueprint}-{number}")))
            expires = Instant(SystemClock().wall() + 30 * DAY)
            log, _ = open_log(self.settings)
            prepared = prepare_api_key(log.name, WORKER, "works", (("archive-worker", "finance"),), expires)
            done(writer.run(Request(SYSTEM, prepared.command, "key")))
            self.token = prepared.token
        finally:
            writer.close()

    def ask(self, path: str, body: Any, key: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        return httpx2.post(f"{self.served.address}{path}", json=body, headers=headers, timeout=30)

    def answered(self, path: str, body: Any, key: str) -> Any:
        """The answer, once the clock is right again."""
        until(lambda: self.ask(path, body, key).status_code == 200, f"{path} is not answered")
        return self.ask(path, body, key).json()

    def take(self, key: str) -> Any:
        wanted = {"type": "sort-papers", "worker": key, "lease_seconds": 3_000, "domain": "finance"}
        return self.ask("/v1/jobs/activation", wanted, key)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        log, database = open_log(self.settings)
        connection = database.connect(read_only=True)
        try:
            return connection.query(log.log_id, statement, ())
        finally:
            connection.close()

    def sizes(self) -> tuple[int, int]:
        """How many entries there are, and how many of them say that a clock has jumped."""
        entries = self.rows("SELECT bytes FROM entry WHERE log_id = {log}")
        return len(entries), sum(decode(bytes(data))["kind"] == "clock.jumped" for (data,) in entries)

    def timers(self) -> Counter[str]:
        return Counter(state for (state,) in self.rows("SELECT state FROM timer WHERE log_id = {log}"))


def refused_by_clock(answer: Any, reason: str) -> None:
    assert (answer.status_code, answer.json()["reason"]) == (503, reason), answer.text


def rests(clocks: Clocks, while_: str) -> None:
    """For some rounds of every runner nothing is written, but for one word that a clock has jumped."""
    (size, jumped), end = clocks.sizes(), time.monotonic() + 2
    while time.monotonic() < end:
        now, said = clocks.sizes()
        assert now - said == size - jumped, f"something was written while {while_}"
        assert said <= jumped + 1, f"one jump was told twice while {while_}"
        time.sleep(0.1)
    assert clocks.works.are_alive(), f"a runner ended while {while_}"


def jump(clocks: Clocks, who: str, offset: int, number: int) -> None:
    """The clock of one process is wrong for a while, under a lease that holds."""
    clock = clocks.service_clock if who == SERVICE else clocks.runner_clock
    clock.ahead(offset)
    if who == SERVICE:
        refused_by_clock(clocks.take(f"wrong-{number}"), "CLOCK_JUMPED" if offset > 0 else "CLOCK_BEHIND")
    rests(clocks, f"the clock of the {who} is {offset // SECOND} seconds ahead")
    clock.ahead(0)
    wanted = {"type": "sort-papers", "worker": f"right-{number}", "domain": "finance"}
    assert clocks.answered("/v1/jobs/activation", wanted, f"right-{number}")["jobs"] == [], "a lease was stolen"


def be_wrong(organisation: Organisation, folder: Path, jumps: Sequence[tuple[str, int]]) -> None:
    clocks = Clocks(organisation, folder)
    clocks.runner_clock.ahead(-3 * HOUR)
    clocks.works.start()
    rests(clocks, "the clock of the only runner is three hours behind")
    assert clocks.timers() == {"set": SOON + LATER}
    clocks.served.start()
    clocks.served.wait()
    try:
        clocks.runner_clock.ahead(0)
        clocks.works.kill_one()  # to the first one it is a jump forward, which somebody would have to confirm
        until(lambda: clocks.timers() == {"fired": SOON, "set": LATER}, "what is due is not fired")
        [job] = clocks.take("worker-1").json()["jobs"]

        for number, (who, offset) in enumerate(jumps):
            jump(clocks, who, offset, number)
        clocks.answered(f"/v1/jobs/{job['job']}/completion", {"lease": job["lease"]}, "completion")
        assert clocks.timers() == {"fired": SOON, "set": LATER}, "something fired early"
    finally:
        statuses = [clocks.served.stop(), *clocks.works.stop()]
    assert set(statuses) == {0}
    check(clocks)


def test_processes_whose_clocks_are_apart_and_jump(organisation: Organisation, tmp_path: Path) -> None:
    be_wrong(organisation, tmp_path, [(RUNNER, DAY), (RUNNER, -HOUR), (SERVICE, DAY), (SERVICE, -HOUR)])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_processes_whose_clocks_jump_again_and_again(organisation: Organisation, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    offsets = (-400 * DAY, -DAY, -HOUR, 2 * MINUTE, HOUR, DAY, 20 * DAY)  # back further than the newest entry
    jumps = [(random.choice((SERVICE, RUNNER)), random.choice(offsets)) for _ in range(20)]
    be_wrong(organisation, tmp_path, jumps)


def check(clocks: Clocks) -> None:
    with found_whole(clocks.settings) as checked:
        entries = checked.entries
    ours = [one for one in entries if one.recorded_at >= clocks.began]
    assert max(one.recorded_at for one in ours) <= instant_text(SystemClock().wall()), "dated by a clock that lies"
    fired = Counter(one.subject for one in ours if one.kind == "timer.fired")
    assert (len(fired), set(fired.values())) == (SOON, {1}), "a timer fired twice, or is missing"
    assert [one.kind for one in ours if one.kind == "job.completed"] == ["job.completed"]
    assert [one for one in ours if one.kind == "command.refused"] == []
