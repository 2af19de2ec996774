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
from orchestrator.event_transitions import WatchSet
from orchestrator.expected import settled
from orchestrator.fold_tasks import TASK_ROWS
from orchestrator.folding import Folding
from orchestrator.handing import GiveTask, TakeAway
from orchestrator.moments import instant_of
from orchestrator.resume import VOTED_ON
from orchestrator.schedules import in_force
from orchestrator.task_transitions import TaskDueMoved
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


def test_what_a_step_is_watched_for_is_waited_for_once_however_often_it_is_tried() -> None:
    watches = (b.Watch("after", "PT9H", "done"),)
    job = b.JobStep("j", HERE, type="w", priority="amount", watches=watches, next="done")
    one = Driver(version(job, end()), {"number": "A-1", "amount": 101})
    (held,) = [live for live in one.instance.live if live.incident]
    one.do(c.ResolveIncident(f"pi_toy.{held.incident}", "correct", {"amount": 5}))
    assert len(one.all(t.JobCreated)) == 1
    assert len(one.all(WatchSet)) == 1


def test_ways_out_of_a_choice_are_told_by_their_place_from_one() -> None:
    ways = (b.Branch("amount >= 5", "f"), b.Branch(None, "done"))
    for amount, place in ((6, 1), (4, 2)):
        one = Driver(version(b.ChooseStep("s", HERE, branches=ways), task("f", "done"), end()),
                     {"number": "A-1", "amount": amount})  # fmt: skip
        assert [chosen.branch for chosen in one.all(t.BranchChosen)] == [place]


def test_a_call_there_never_was_is_neither_started_nor_answered() -> None:
    one = Driver(version(task("f", "done"), end()))
    for call in (one.id("f"), "pi_toy.99"):
        for command in (c.StartCall(call, "lease"), c.SucceedCall(call, "lease"), c.FailCall(call, "lease", "DOWN")):
            assert refused(one.do(command)) is Reason.WRONG_STATE


def test_what_is_voted_on_is_completed_by_nobody_alone() -> None:
    one = Driver(version(decide("d", (("yes", "done"), ("no", "done")), quorum=b.Quorum(2)), end()))
    assert one.do(c.ClaimTask(one.id("d"))) == VOTED_ON
    one.do(GiveTask(one.at("d"), "person:p", 0, 1))  # no blueprint that is released gives it to one
    assert one.do(c.CompleteTask(one.id("d"), "yes")) == VOTED_ON
    assert one.names() == ["d"]


def test_what_has_fired_of_a_course_by_a_calendar_is_told_one_by_one() -> None:
    within = Span("business PT1H")
    reactions = tuple(Reaction((within,), act) for act in ("warned", "late", "told"))
    by_calendar, elapsed = Course(within, reactions, "london"), Course(within, reactions)
    for places in ((), (0,), (1,), (2,), (0, 2), (0, 1, 2)):
        fired = 0
        for place in places:
            fired = by_calendar.fires(fired, place)
        assert by_calendar.fired(fired) == tuple(reactions[place] for place in places)
    assert [elapsed.fired(elapsed.fires(0, place)) for place in range(3)] == [reactions[:1], reactions[:2], reactions]


class _Gone:
    """A blueprint that is known by name and not in force."""

    def names(self, _rows: Any, _kind: str) -> tuple[str, ...]:
        return ("gone",)

    def current(self, _rows: Any, _kind: str, _name: str) -> None:
        return None


def test_nothing_is_planned_of_a_blueprint_that_is_not_in_force() -> None:
    assert in_force(None, _Gone()) == ()


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("declared", [True, False])
def test_a_decimal_is_text_where_a_number_is_described_or_declared(described: bool, declared: bool) -> None:
    schema = {"type": "number"} if described else {}
    field = b.DataField("sure", "number" if declared else "object", "internal")
    said = {"$decimal": "0.5"}
    assert settled(schema, field, said) == ("0.5" if described or declared else said)
    assert settled(schema, None, said) == ("0.5" if described else said)


def test_what_is_due_no_more_has_no_due_time() -> None:
    office = Office(task("f", "done", deadline=b.Deadline("PT1H")), end())
    instance = office.start()
    view = office.log.view
    assert office.instance(instance).status == "active"
    for due in (7, 0):
        TASK_ROWS[TaskDueMoved](Folding(view, office.log.entries[0]), TaskDueMoved(1, due))
        assert office.only(tables.TASK).due_at == (due or None)


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
