"""Runners whose clocks are apart, or that are equally quick, on the real write path: nothing happens early or twice,
none of them is kept awake by it, and the record of the instance tells nothing of it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.batch import Batch
from ledger.database import Database
from ledger.work import Request
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.message_tables import MESSAGE
from orchestrator.runner import Runner
from tests.conftest import SetClock
from tests.orchestrator.house import ANN, WORKER
from tests.orchestrator.test_real_log import RealLog
from tests.orchestrator.toy import HERE, HOUR, end, version
from versioning import blueprint as b

AHEAD = HOUR // 60


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[RealLog]:
    made = RealLog(database, tmp_path / "keys", clock)
    made.house.release(version(b.WaitStep("w", HERE, delay="PT1H", next="done"), end(), blueprint="waiting"))
    made.one(ANN, c.StartInstance("waiting", "A-1", {}))
    made.one(WORKER, c.Correlate("nobody-waits", "B-1", keep_for="PT1H"))
    yield made
    made.connection.close()


def runner(log: RealLog, clock: SetClock, before: Callable[[], Any] | None = None) -> Runner:
    """The shell over this log; `before` is called between its look at what is due and its command."""

    def submit(requests: list[Request]) -> Any:
        if before is not None:
            before()
        return Batch(log.workings, log.connection).run(requests)

    def query(text: str, values: Any) -> list[tuple[Any, ...]]:
        return log.connection.query(log.workings.log.log_id, text, values)

    return Runner("one", submit, query, None, clock)  # type: ignore[arg-type]


def size(log: RealLog) -> int:
    count: int = log.ask("SELECT size FROM head WHERE log_id = {log}")[0][0]
    return count


def states(log: RealLog) -> tuple[set[str], set[str]]:
    timers, messages = log.rows(tables.TIMER).values(), log.rows(MESSAGE).values()
    return {one.state for one in timers}, {one.state for one in messages}


@pytest.mark.parametrize("part", ["fire_timers", "expire_messages"])
def test_a_runner_whose_clock_is_ahead_rests_until_the_writer_agrees(log: RealLog, clock: SetClock, part: str) -> None:
    ahead = SetClock(clock.at + AHEAD)
    early = runner(log, ahead)
    clock.pass_time(HOUR - AHEAD)
    ahead.pass_time(HOUR - AHEAD)
    before = size(log)
    assert [getattr(early, part)() for _ in range(3)] == [0, 0, 0]  # so that it rests: it is not kept awake
    assert size(log) == before
    assert states(log) == ({"set"}, {"kept"})
    clock.pass_time(AHEAD)
    assert getattr(early, part)() == 1
    assert size(log) == before + 1


@pytest.mark.parametrize("part", ["fire_timers", "expire_messages"])
def test_of_two_that_are_equally_quick_one_has_an_effect_and_nothing_else_is_on_record(
    log: RealLog, clock: SetClock, part: str
) -> None:
    clock.pass_time(HOUR)
    before = size(log)
    quicker = runner(log, clock)
    slower = runner(log, clock, getattr(quicker, part))
    assert getattr(slower, part)() == 0
    assert size(log) == before + 1
    assert getattr(slower, part)() == 0


def test_a_suspension_that_comes_between_leaves_nothing_of_the_race_on_record(log: RealLog, clock: SetClock) -> None:
    """In the very instant at which a timer is due: it is not fired then, and once when the instance goes on."""
    (instance,) = [row.id for row in log.rows(tables.INSTANCE).values()]
    clock.pass_time(HOUR)
    late = runner(log, clock, lambda: log.one(ANN, c.SuspendInstance(instance)))
    before = size(log)
    assert late.fire_timers() == 0
    assert size(log) == before + 1  # the suspension, and no refusal
    here = runner(log, clock)
    assert here.fire_timers() == 0
    clock.pass_time(HOUR)
    log.one(ANN, c.ResumeInstance(instance))
    assert (here.fire_timers(), here.fire_timers()) == (1, 0)
    assert log.rows(tables.INSTANCE)[instance,].status == "ended"


def test_a_clock_that_goes_back_fires_nothing_again(log: RealLog, clock: SetClock) -> None:
    clock.pass_time(HOUR)
    here = runner(log, clock)
    assert (here.fire_timers(), here.expire_messages()) == (1, 1)
    behind = runner(log, SetClock(clock.at - 3 * HOUR))
    assert (behind.fire_timers(), behind.expire_messages()) == (0, 0)
    assert (here.fire_timers(), here.expire_messages()) == (0, 0)
    assert states(log) == ({"fired"}, {"expired"})
