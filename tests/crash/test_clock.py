"""Clocks that lag, jump and stand: no entry is dated by a clock that lies, no refusal of it is recorded, and the jump
is."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.batch import Result
from ledger.clock import JUMP_MAX, LAG_MAX, SECOND, Jump, LedgerClock, SystemClock, instant_text, machine_boot
from ledger.commands import ConfirmClock, OpenLog, RecordJump
from ledger.database import Database
from ledger.entry import Entry
from ledger.errors import Unavailable
from ledger.reading import Reader
from ledger.refusal import Refusal
from ledger.work import Answer, Request
from ledger.workings import Workings
from ledger.writer import Desk
from tests.conftest import SetClock
from tests.crash.checks import Checked
from tests.ledger.toy import PERSON, Bump, open_workings

HOUR = 3600 * SECOND
ROOT = Path(__file__).parents[2]


class Log:
    """A log that several processes, each with a clock of its own, write to."""

    def __init__(self, database: Database, folder: Path, clock: SetClock) -> None:
        self.database = database
        self.workings: Workings = open_workings(database, folder, clock)
        self.count = 0

    def process(self, clock: SetClock, boot: str = "") -> Desk:
        """A process that starts now, on a machine that was started once for each `boot`."""
        return Desk(replace(self.workings, clock=LedgerClock(clock, boot)), self.database.connect)

    def confirm(self, clock: SetClock, boot: str = "") -> Result:
        """The clock is confirmed by a process that starts for it."""
        desk = self.process(clock, boot)
        self.count += 1
        (result,) = desk.run([Request(PERSON, ConfirmClock("acme"), f"confirm {self.count}")])
        desk.close()
        return result

    def bump(self, desk: Desk) -> Result:
        """One command."""
        self.count += 1
        (result,) = desk.run([Request(PERSON, Bump("toy_1"), f"c{self.count}")])
        return result

    def entries(self) -> list[Entry]:
        connection = self.database.connect(read_only=True)
        try:
            checked = Checked(connection, self.workings.log)
            checked.is_whole()
        finally:
            connection.close()
        return checked.entries


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Log:
    made = Log(database, tmp_path / "keys", clock)
    desk = made.process(clock)
    desk.run([Request(PERSON, OpenLog("acme", ()), "open")])
    desk.close()
    return made


def refused(result: Result, reason: str) -> bool:
    return isinstance(result, Unavailable) and result.reason == reason


def test_a_little_behind_takes_the_time_of_the_head(log: Log, clock: SetClock) -> None:
    desk = log.process(SetClock(clock.at - LAG_MAX))
    assert isinstance(log.bump(desk), Answer)
    desk.close()
    opened, bumped = log.entries()
    assert bumped.recorded_at == opened.recorded_at == instant_text(clock.wall())


def test_far_behind_is_unavailable_until_the_clock_has_caught_up(log: Log, clock: SetClock) -> None:
    slow = SetClock(clock.at - LAG_MAX - 1)
    desk = log.process(slow)
    assert refused(log.bump(desk), "CLOCK_BEHIND")
    assert len(log.entries()) == 1
    slow.pass_time(1)
    assert isinstance(log.bump(desk), Answer)
    desk.close()


def test_an_idle_log_is_no_jump(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    clock.pass_time(400 * 24 * HOUR)
    assert isinstance(log.bump(desk), Answer)
    desk.close()


def test_a_step_of_a_minute_is_no_jump(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    clock.at += JUMP_MAX
    assert isinstance(log.bump(desk), Answer)
    clock.at += 1
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_a_jump_stops_a_writer_until_it_is_confirmed_elsewhere(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    assert isinstance(log.bump(desk), Answer)
    clock.at += HOUR
    for _ in range(2):
        assert refused(log.bump(desk), "CLOCK_JUMPED")
        clock.pass_time(5 * SECOND)
    assert [entry.kind for entry in log.entries()] == ["ledger.opened", "toy.bumped", "clock.jumped"]

    other = log.process(SetClock(clock.at))
    (confirmed,) = other.run([Request(PERSON, ConfirmClock("acme"), "confirm")])
    other.close()
    assert isinstance(confirmed, Answer)
    clock.pass_time(SECOND)
    assert isinstance(log.bump(desk), Answer)
    assert log.entries()[-1].recorded_at == instant_text(clock.wall())
    clock.pass_time(HOUR)
    assert isinstance(log.bump(desk), Answer), "what was confirmed is confirmed for good"

    clock.at += HOUR  # one confirmation is for one jump
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_entries_of_others_confirm_no_jump(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    clock.at += HOUR
    other = log.process(SetClock(clock.at))
    assert isinstance(log.bump(other), Answer)  # it started after the jump and knows of none
    other.close()
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_a_confirmation_by_a_clock_that_did_not_jump_is_none(log: Log, clock: SetClock) -> None:
    right = SetClock(clock.at)
    desk = log.process(clock)
    clock.at += HOUR
    right.pass_time(SECOND)
    other = log.process(right)
    assert isinstance(other.run([Request(PERSON, ConfirmClock("acme"), "confirm")])[0], Answer)
    other.close()
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    clock.at -= HOUR - SECOND  # the clock was set right instead
    assert isinstance(log.bump(desk), Answer)
    desk.close()


def test_a_clock_put_back_on_an_idle_log_is_noticed_until_it_is_set_right(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    assert isinstance(log.bump(desk), Answer)
    clock.pass_time(10 * HOUR)  # so long nothing is written that the newest entry says nothing
    clock.at -= JUMP_MAX
    assert isinstance(log.bump(desk), Answer)
    clock.pass_time(10 * HOUR)
    clock.at -= HOUR
    for _ in range(2):
        result = log.bump(desk)
        assert refused(result, "CLOCK_JUMPED")
        assert "put back" in str(result)
        clock.pass_time(SECOND)
    assert [entry.kind for entry in log.entries()[3:]] == ["clock.jumped"]
    clock.at += HOUR
    assert isinstance(log.bump(desk), Answer)
    desk.close()


def test_a_clock_put_back_is_confirmed_by_what_was_written_after_it_alone(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    other = log.process(SetClock(clock.at))
    assert isinstance(other.run([Request(PERSON, ConfirmClock("acme"), "before")])[0], Answer)
    other.close()
    clock.pass_time(10 * SECOND)
    assert isinstance(log.bump(desk), Answer)
    clock.pass_time(10 * HOUR)
    clock.at -= 9 * HOUR + 3_599 * SECOND  # by which the confirmation of before would seem to be after it
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    after = log.process(SetClock(clock.at))
    assert isinstance(after.run([Request(PERSON, ConfirmClock("acme"), "after")])[0], Answer)
    after.close()
    clock.pass_time(SECOND)
    assert isinstance(log.bump(desk), Answer)
    clock.pass_time(10 * HOUR)
    clock.at -= HOUR  # one confirmation is for one jump
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_who_began_behind_the_log_and_is_set_right_has_not_jumped(log: Log, clock: SetClock) -> None:
    slow = SetClock(clock.at - HOUR)
    desk = log.process(slow)
    for _ in range(2):
        assert refused(log.bump(desk), "CLOCK_BEHIND")
        slow.pass_time(SECOND)
    slow.at += HOUR
    assert isinstance(log.bump(desk), Answer)
    slow.at += HOUR  # from here on it is one like any other
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_who_was_right_before_and_is_put_back_and_too_far_forward_has_jumped(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    assert isinstance(log.bump(desk), Answer)
    clock.at -= HOUR
    assert refused(log.bump(desk), "CLOCK_BEHIND")
    clock.at += 2 * HOUR
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    clock.at -= HOUR
    assert isinstance(log.bump(desk), Answer)
    desk.close()


YEAR = 365 * 24 * HOUR


@pytest.mark.parametrize("moved", [-HOUR, YEAR], ids=["an hour back", "a year forward"])
def test_a_clock_that_is_moved_under_a_running_process_dates_nothing(log: Log, clock: SetClock, moved: int) -> None:
    desk = log.process(clock)
    assert isinstance(log.bump(desk), Answer)
    clock.at += moved
    clock.pass_time(SECOND)
    assert refused(log.bump(desk), "CLOCK_BEHIND" if moved < 0 else "CLOCK_JUMPED")
    assert [entry.kind for entry in log.entries()[2:]] == ([] if moved < 0 else ["clock.jumped"])
    clock.at -= moved
    assert isinstance(log.bump(desk), Answer)
    desk.close()


def test_a_process_that_starts_with_a_clock_an_hour_back_dates_nothing(log: Log, clock: SetClock) -> None:
    desk = log.process(SetClock(clock.at - HOUR))
    assert refused(log.bump(desk), "CLOCK_BEHIND")
    desk.close()
    assert len(log.entries()) == 1


def test_a_process_that_starts_a_year_ahead_is_found_out_by_the_next_whose_clock_is_right(
    log: Log, clock: SetClock
) -> None:
    """It cannot know by itself: an idle log looks the same. A trusted time or a witness bounds it."""
    ahead = log.process(SetClock(clock.at + YEAR))
    assert isinstance(log.bump(ahead), Answer)
    ahead.close()
    clock.pass_time(SECOND)
    right = log.process(clock)
    assert refused(log.bump(right), "CLOCK_BEHIND")
    right.close()


@pytest.mark.parametrize(("moved", "judged_at"), [(-HOUR, 0), (-1, 0), (0, 0), (HOUR, HOUR)])
def test_nothing_is_read_as_if_it_were_before_the_newest_entry(
    log: Log, clock: SetClock, moved: int, judged_at: int
) -> None:
    """Or a clock that was put back would bring back what is over: a session, a key, a role."""
    reader = Reader(log.workings.log, SetClock(clock.at + moved), lambda: log.database.connect(read_only=True))
    with reader.view() as view:
        assert view.now == clock.at + judged_at
    reader.close()


def test_a_jump_is_recorded_once_at_the_last_instant_that_is_not_in_doubt(log: Log, clock: SetClock) -> None:
    desk = log.process(clock, "boot-1")
    assert isinstance(log.bump(desk), Answer)
    clock.pass_time(10 * HOUR)
    steady, clock.at = clock.running, clock.at - HOUR
    for _ in range(3):
        assert refused(log.bump(desk), "CLOCK_JUMPED")
    before, jumped = log.entries()[-2:]
    assert (before.kind, jumped.kind, jumped.recorded_at) == ("toy.bumped", "clock.jumped", before.recorded_at)
    said = {"moved": -HOUR, "wall": instant_text(clock.wall()), "steady": steady, "boot": "boot-1"}
    assert jumped.payload == said
    assert jumped.actor["kind"] == "system"
    clock.at += HOUR  # it is set right, and jumps again
    assert isinstance(log.bump(desk), Answer)
    clock.at += HOUR
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    assert [entry.kind for entry in log.entries()[-2:]] == ["toy.bumped", "clock.jumped"]
    desk.close()


def stopped(log: Log, clock: SetClock, moved: int) -> None:
    """A process whose clock was moved notices it, and is stopped."""
    desk = log.process(clock, "boot-1")
    assert isinstance(log.bump(desk), Answer)
    clock.pass_time(10 * HOUR)
    clock.at += moved
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()
    clock.pass_time(10 * SECOND)


@pytest.mark.parametrize("moved", [-HOUR, HOUR], ids=["back", "forward"])
def test_a_restart_ends_no_jump_on_the_same_machine_until_somebody_has_confirmed_it(
    log: Log, clock: SetClock, moved: int
) -> None:
    stopped(log, clock, moved)
    for _ in range(2):
        desk = log.process(clock, "boot-1")
        assert refused(log.bump(desk), "CLOCK_JUMPED")
        desk.close()
    assert [entry.kind for entry in log.entries()].count("clock.jumped") == 1
    assert isinstance(log.confirm(clock, "boot-1"), Answer)
    clock.pass_time(SECOND)
    desk = log.process(clock, "boot-1")
    assert isinstance(log.bump(desk), Answer)
    assert [entry.kind for entry in log.entries()[-3:]] == ["clock.jumped", "clock.confirmed", "toy.bumped"]
    clock.pass_time(HOUR)
    assert isinstance(log.bump(desk), Answer)
    desk.close()


def test_a_confirmation_of_before_is_none_after_a_restart_either(log: Log, clock: SetClock) -> None:
    assert isinstance(log.confirm(SetClock(clock.at), "boot-1"), Answer)
    clock.pass_time(10 * SECOND)
    stopped(log, clock, -(9 * HOUR + 3_599 * SECOND))  # by which the confirmation would seem to be after it
    desk = log.process(clock, "boot-1")
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_a_restart_with_a_clock_that_was_set_right_goes_on(log: Log, clock: SetClock) -> None:
    stopped(log, clock, -HOUR)
    clock.at += HOUR
    desk = log.process(clock, "boot-1")
    assert isinstance(log.bump(desk), Answer)
    clock.at -= HOUR  # and knows a jump of its own
    clock.pass_time(2 * HOUR)
    assert refused(log.bump(desk), "CLOCK_JUMPED")
    desk.close()


def test_who_confirms_by_a_clock_that_is_behind_the_log_is_refused(log: Log, clock: SetClock) -> None:
    assert refused(log.confirm(SetClock(clock.at - HOUR)), "CLOCK_BEHIND")
    assert len(log.entries()) == 1


@pytest.mark.parametrize("boot", ["boot-2", ""])
def test_a_machine_that_was_started_anew_and_another_one_go_on_and_the_jump_stays_on_record(
    log: Log, clock: SetClock, boot: str
) -> None:
    stopped(log, clock, -HOUR)
    desk = log.process(clock, boot)
    assert isinstance(log.bump(desk), Answer)
    desk.close()
    assert [entry.kind for entry in log.entries()[-2:]] == ["clock.jumped", "toy.bumped"]


def test_nobody_but_the_writer_records_a_jump(log: Log, clock: SetClock) -> None:
    desk = log.process(clock)
    jump = Jump(HOUR, clock.wall(), clock.monotonic(), "boot-1")
    (told,) = desk.run([Request(PERSON, RecordJump("acme", jump), "mine")])
    desk.close()
    assert isinstance(told, Answer)
    assert isinstance(told.outcome, Refusal)
    assert "clock.jumped" not in [entry.kind for entry in log.entries()]


def test_processes_of_a_machine_know_that_it_was_started_once() -> None:
    command = [sys.executable, "-c", "from ledger.clock import machine_boot; print(machine_boot())"]
    other = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.strip()
    assert machine_boot() == other


def test_the_steady_clock_goes_on_while_the_machine_sleeps() -> None:
    clock = SystemClock()
    steady = time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // 1000
    assert 0 <= clock.monotonic() - steady < SECOND
