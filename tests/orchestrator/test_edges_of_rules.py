"""Rules of the engine where the line between yes and no runs, each from both sides."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.breaker import MINUTE, Standing, answered, failed, let_out
from orchestrator.deadlines import Course, Reaction, Span, schedule
from orchestrator.each_transitions import EachEnded
from orchestrator.handing import TakeAway
from orchestrator.moments import instant_of
from tests.orchestrator import test_clocks as clocks
from tests.orchestrator.office import Office
from tests.orchestrator.test_breaker import LIMITS
from tests.orchestrator.toy import HERE, HOUR, Driver, decide, end, task, version
from tests.versioning.test_business_time import at, calendar
from versioning import blueprint as b


def refused(said: Any) -> Reason:
    assert isinstance(said, Refusal), said
    return said.reason


# Clocks


def test_a_calendar_that_is_withdrawn_while_a_clock_stands_still_is_what_the_incident_says() -> None:
    office = clocks.Office(
        task("f", "ask"), clocks.ASK, task("after", "done"), end(), deadline=clocks.days("business P2D")
    )
    office.complete("f")
    del office.shelf.named["london"]
    office.now += HOUR
    office.message("ask")
    assert office.incidents() == ["NO_SUCH_CALENDAR"]


def test_a_clock_of_parallel_parts_goes_on_without_telling_when_the_instance_is_late() -> None:
    office = clocks.Office(
        b.AllStep("both", HERE, branches=("ask", "x"), next="done", deadline=clocks.days("business P5D")),
        b.WaitStep("ask", HERE, message="m", key="number", for_customer=True), task("x"), end(),
        deadline=clocks.days("business P9D"),
    )  # fmt: skip
    office.now += HOUR
    office.message("ask")
    late = {one.activation: one.late for one in office.all(t.DeadlineResumed)}
    assert late[office.at("both")] == 0
    assert late[0] == office.timer().due


def test_where_one_thing_of_many_comes_too_late_to_be_recorded_there_is_no_course() -> None:
    within = Span("business PT1H")
    near, far = Reaction((within,), "late"), Reaction((within, Span("P99999999D")), "told", "heads")
    assert schedule(Course(within, (near,), "london"), clocks.FRIDAY, 0, calendar()) is not None
    assert schedule(Course(within, (near, far), "london"), clocks.FRIDAY, 0, calendar()) is None


def test_a_time_that_no_entry_can_say_is_none() -> None:
    assert instant_of("2255-01-01") == at("2255-01-01T00:00")
    with pytest.raises(BrokenInput):
        instant_of("2256-01-01")


# Who may do what when


def test_what_has_no_one_way_on_is_not_gone_past_in_a_branch_either() -> None:
    office = clocks.Office(
        b.AllStep("both", HERE, branches=("d", "x"), next="done"),
        decide("d", (("yes", ""), ("no", "")), deadline=clocks.TWO_DAYS), task("x"), end(), shelf=clocks.Shelf(),
    )  # fmt: skip
    (held,) = [one for one in office.instance.live if one.incident]
    refused(office.do(c.ResolveIncident(f"pi_toy.{held.incident}", "skip")))
    assert office.instance.activation(held.number) is not None


def test_a_task_is_offered_anew_where_its_holder_is_still_who_may_not_do_it_any_more() -> None:
    one = Driver(version(task("f", "done"), end()))
    place = one.id("f")
    assert refused(one.do(TakeAway(place, "", "", "NO_RULE"))) is Reason.WRONG_STATE
    one.do(c.ClaimTask(place))
    assert refused(one.do(TakeAway(place, "person:q", "", "NO_RULE"))) is Reason.WRONG_STATE
    refused(one.do(TakeAway("pi_toy.99", "person:p", "", "NO_RULE")))
    assert not isinstance(one.do(TakeAway(place, "person:p", "", "NO_RULE")), Refusal)


def test_an_incident_that_there_never_was_is_not_found() -> None:
    office = Office(task("f", "done"), end())
    office.start()
    instance = office.only(tables.INSTANCE).id
    assert office.refused(c.ResolveIncident(f"{instance}.99", "retry")) is Reason.NOT_FOUND


# What is waited for, and what is enough


def test_a_message_that_is_watched_for_is_no_condition_that_comes_to_hold() -> None:
    """Its name may be that of a datum."""
    watches = (b.Watch("message", "ok", "late", key="number"), b.Watch("condition", "amount >= 5", "late"))
    one = Driver(
        version(
            b.AllStep("all", HERE, branches=("f", "a"), next="done"),
            task("f", watches=watches),
            task("a", "n", expects=("ok",)),
            task("n", expects=("amount",)),
            task("late"),
            end(),
        )
    )
    one.complete("a", data={"ok": True})
    assert "f" in one.names()
    one.complete("n", data={"amount": 5})
    assert "late" in one.names()


@pytest.mark.parametrize(("until", "early"), [("true", True), ("amount >= 5", False)])
def test_a_step_for_each_is_over_early_only_where_something_is_left_out(until: str, early: bool) -> None:
    """What is enough with the last element has left out none."""
    one = Driver(
        version(
            b.EachStep("e", HERE, of="items", element="item", next="done", at_once=True, until=until,
                       body=b.JobStep("e", HERE, type="score")),
            end(),
        ),
        {"number": "A-1", "items": [1, 2], "amount": 5 if until == "true" else 4},
    )  # fmt: skip
    first, second = [live.number for live in one.instance.live if live.scope]
    one.do(c.CompleteJob(f"pi_toy.{first}", "lease", None))
    if not early:
        one.data["amount"] = 5
        one.do(c.CompleteJob(f"pi_toy.{second}", "lease", None))
    assert [ended.early for ended in one.all(EachEnded)] == [early]


failures = some.lists(some.integers(0, 3 * MINUTE), max_size=8)


@given(failures, failures)
def test_after_an_answer_failures_count_as_if_there_had_been_none(before: list[int], later: list[int]) -> None:
    now = 1_000 * SECOND
    standing = fresh = let_out(Standing("crm"), LIMITS, now, 1)
    for step in before:
        now += step
        standing = failed(standing, "DOWN", now)
    standing = answered(standing)
    for step in later:
        now += step
        standing, fresh = failed(standing, "DOWN", now), failed(fresh, "DOWN", now)
    shared = ("failures", "failing_from", "open_until", "pause")
    assert [getattr(standing, name) for name in shared] == [getattr(fresh, name) for name in shared]
