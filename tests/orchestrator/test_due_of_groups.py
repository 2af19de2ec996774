"""Tasks are due with the deadline of what they lie in, where their own is not earlier."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.due_words import task_explained
from orchestrator.stopped_clocks import StoppedClock, clock_of, stopped_clocks
from orchestrator.task_transitions import TaskDueMoved
from tests.orchestrator import office as real
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.test_clocks import Office, days
from tests.orchestrator.toy import HERE, HOUR, end, task
from tests.versioning.test_business_time import at
from versioning import blueprint as b


def test_a_task_is_due_with_what_it_lies_in_unless_its_own_deadline_is_earlier() -> None:
    office = Office(
        b.AllStep("outer", HERE, branches=("inner", "late"), next="done", deadline=days("PT10H")),
        b.AllStep("inner", HERE, branches=("x", "y"), deadline=days("PT5H")),
        task("x"),
        task("y", deadline=days("PT3H")),
        task("late", deadline=days("PT20H")),
        end(),
        calendar=None,
    )
    offered = [one for one in office.batches[0] if isinstance(one, t.TaskOffered)]
    steps = {one.number: one.step for one in office.instance.live}
    assert {steps[one.activation]: (one.due - office.now) // HOUR for one in offered} == {"x": 5, "y": 3, "late": 10}


def test_the_clock_of_what_waits_for_the_customer_runs_on_whatever_else_may_happen_in_it() -> None:
    """What it is watched for waits in it as well, and for no customer: else it would never be late."""
    events = (b.Watch("message", "withdrawn", "done", key="number"), b.Watch("after", "PT1H", "x", meanwhile=True))
    ask = b.WaitStep("ask", HERE, message="m", key="number", for_customer=True, watches=events)
    office = Office(
        b.AllStep("all", HERE, branches=("ask",), next="done", deadline=days("PT10H")),
        replace(ask, deadline=days("PT5H"), on_late="late"),
        task("x", deadline=days("PT2H")),
        b.EndStep("late", HERE, outcome="late"),
        end(),
        calendar=None,
        deadline=days("PT20H"),
    )
    assert [bool(office.timer(name).paused_at) for name in ("", "all", "ask")] == [True, True, False]
    assert office.fall_due("ask") == [("late", ""), ("left", "late")]
    assert office.instance.outcome == "late"


@pytest.mark.parametrize(
    ("within", "minutes", "due"),
    [
        ("business P2D", 480, "2026-12-15T13:00"),  # 11 of 16 hours are left
        ("business P2D", 240, "2026-12-14T15:30"),  # a day counts half as much: five and a half
        ("business P2D", 960, "2026-12-16T16:00"),  # or twice: 22
        ("business PT16H", 240, "2026-12-15T13:00"),  # hours stay hours
    ],
)
def test_as_much_of_its_days_is_left_by_a_calendar_whose_days_are_others(within: str, minutes: int, due: str) -> None:
    """Released while the clock stood still. It would else be late at once, or have more time than at its beginning."""
    ask = b.WaitStep("ask", HERE, message="papers", key="number", next="after", for_customer=True)
    office = Office(task("f", "ask"), ask, task("after", "done"), end(), deadline=days(within))
    office.now = at("2026-12-07T12:00")  # 5 hours are over: two on Friday, three on Monday
    office.complete("f")
    office.shelf.release("london", day_minutes=minutes)
    office.now = at("2026-12-14T10:00")
    office.message("ask")
    assert office.due() == due


def test_a_task_is_due_later_when_what_it_lies_in_has_stood_still() -> None:
    office = Office(
        b.AllStep("outer", HERE, branches=("ask", "x", "y", "z"), next="done", deadline=days("PT10H")),
        task("z", deadline=days("PT12H")),
        b.WaitStep("ask", HERE, message="m", key="number", for_customer=True),
        task("x"),
        task("y", deadline=days("PT3H")),
        end(),
        calendar=None,
    )
    begun = office.now
    office.now += 4 * HOUR
    said = office.message("ask")
    assert not isinstance(said, Refusal)
    moved = {one.activation: one.due for one in said if isinstance(one, TaskDueMoved)}
    numbers = {one.step: one.number for one in office.instance.live}
    # `y` was and is due by its own deadline; `z` is now, which was due by that of the branches.
    assert moved == {numbers["x"]: begun + 14 * HOUR, numbers["z"]: begun + 12 * HOUR}


def test_the_row_has_it_and_it_is_explained() -> None:
    office = real.Office(
        b.AllStep("both", HERE, branches=("x", "y"), next="done", deadline=b.Deadline("PT5H")),
        task("x"),
        task("y", deadline=b.Deadline("PT3H")),
        end(),
    )
    office.start()
    version: Any = office.house.released["toy"]
    rows = MemoryUow(office.log, BOB)
    for step, hours, said in (("x", 5, "by the deadline of `both`, in which it lies"), ("y", 3, "3 hours")):
        row = office.only(tables.TASK, step=step)
        assert row.due_at == office.log.now + hours * HOUR
        told = task_explained(rows, office.house.calendars, version, row)
        assert told is not None
        assert said in told["words"]
        assert ("in which it lies" in told["words"]) == (step == "x")
    office.check()


def clocks(office: real.Office, *steps: str) -> dict[str, StoppedClock]:
    """Of the open tasks of these steps those whose clock stands still."""
    rows = [office.only(tables.TASK, step=step) for step in steps]
    version: Any = office.house.released["toy"]
    asked = [clock_of(row, version) for row in rows]
    found = stopped_clocks(MemoryUow(office.log, BOB), office.house.calendars, asked)
    return {row.step: found[row.instance, row.number] for row in rows if (row.instance, row.number) in found}


def test_a_task_says_that_its_clock_stands_still_and_whether_it_is_due_later() -> None:
    office = real.Office(
        b.AllStep("outer", HERE, branches=("ask", "x", "y"), next="done", deadline=b.Deadline("PT10H")),
        b.WaitStep("ask", HERE, message="m", key="number", for_customer=True),
        task("x"),
        task("y", deadline=b.Deadline("PT3H")),
        end(),
    )
    instance = office.start("N-1", number="N-1")
    begun = office.log.now
    due = office.only(tables.TASK, step="x").due_at
    # `y` is due by its own deadline, which is not around what waits.
    assert clocks(office, "x", "y") == {"x": StoppedClock(begun, "customer", "outer", True)}
    office.log.now += 4 * HOUR
    office.done(c.SuspendInstance(instance, "an audit"), ANN)
    suspended = StoppedClock(office.log.now, "suspended", "", False)
    assert clocks(office, "x", "y") == {"x": StoppedClock(begun, "customer", "outer", True), "y": suspended}
    office.done(c.ResumeInstance(instance, ""), ANN)
    assert set(clocks(office, "x", "y")) == {"x"}
    office.done(c.Correlate("m", "N-1"), ANN)
    assert clocks(office, "x", "y") == {}
    assert office.only(tables.TASK, step="x").due_at == due + 4 * HOUR
    assert office.only(tables.TASK, step="y").due_at == begun + 3 * HOUR
    office.check()
