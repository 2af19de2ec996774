"""Deadlines by working time under the pure machine: every trap of business calendars, by name.

The calendar is London's of the tests of working time; Friday 4 December 2026 is an ordinary day.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import decode, encode
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.deadlines import Dated
from orchestrator.fold import apply
from orchestrator.instance import Instance, clock_text, marking_text, parse_clock, parse_marking
from orchestrator.machine import step
from orchestrator.run import Inputs
from orchestrator.transition_values import from_value, to_value
from tests.orchestrator import toy
from tests.orchestrator.toy import HERE, HOUR, Driver, decide, end, task
from tests.versioning.test_business_time import LONDON, at, calendar, local
from versioning import blueprint as b
from versioning.starts import Start

FRIDAY = at("2026-12-04T15:00")


class Shelf:
    """Calendars by name and digest; releasing one again keeps the older ones."""

    def __init__(self) -> None:
        self.named: dict[str, Dated] = {}
        self.known: dict[str, Dated] = {}

    def release(self, name: str, **changes: Any) -> None:
        dated = Dated(f"digest-{len(self.known) + 1}", calendar(name=name, **changes))
        self.named[name] = self.known[dated.digest] = dated

    def in_force(self, name: str) -> Dated | None:
        return self.named.get(name)

    def released(self, digest: str) -> Dated | None:
        return self.known.get(digest)


class Office(Driver):
    """A driver with calendars, from an instant of one's own."""

    def __init__(self, *steps: b.Step, start: int = FRIDAY, shelf: Shelf | None = None, **head: Any) -> None:
        self.shelf = shelf or Shelf()
        if shelf is None:
            self.shelf.release("london")
        self.start = start
        head.setdefault("calendar", "london")
        value = b.Blueprint(
            "toy", "Toy", "Try", "role owners", "GBP", toy.FIELDS, Start("api", "role starters", "number"),
            steps[0].id, steps, **head,
        )  # fmt: skip
        super().__init__(b.BlueprintVersion(value, 1, "d", ("person:author",), ("person:approver",), "", 0))

    def judge(self, command: Any, by: str = "person:p") -> tuple[t.Transition, ...] | Refusal:
        if not self.batches:
            self.now = self.start
        started = self.start if self.batches else 0
        inputs = Inputs(self.now, by, self.data.get, toy.evaluate, toy.rules, self.shelf, started)
        return step(self.instance, self.plan, command, inputs)

    def timer(self, name: str = "") -> Any:
        """The deadline of a step, else of the instance."""
        if not name:
            return self.instance.clock
        return next(one for one in self.instance.live if one.step == name).timer("deadline")

    def due(self, name: str = "") -> str:
        return local(self.timer(name).due)

    def fall_due(self, name: str = "") -> list[Any]:
        """Let a deadline come; what it did, as (act, to)."""
        due = self.timer(name).due
        self.now = max(self.now, due)
        place = self.id(name) if name else "pi_toy.0"
        said = self.do(c.FireTimer(f"{place}/deadline", Instant(due)))
        assert not isinstance(said, Refusal), said
        return [(one.act, one.to) for one in said if isinstance(one, t.Escalated)]

    def message(self, name: str) -> tuple[t.Transition, ...] | Refusal:
        from orchestrator.resume import Deliver

        number = next(one.number for one in self.instance.live if one.step == name)
        return self.do(Deliver(number))

    def incidents(self) -> list[str]:
        return [one.code for batch in self.batches for one in batch if isinstance(one, t.IncidentRaised)]


def days(within: str, **fields: Any) -> b.Deadline:
    return b.Deadline(within, **fields)


TWO_DAYS = days("business P2D")


def test_a_step_is_due_by_working_time_and_its_timer_names_the_calendar() -> None:
    office = Office(task("f", "done", deadline=TWO_DAYS), end())
    assert office.timer("f") == states.Timer("deadline", at("2026-12-08T15:00"), "digest-1")
    (offered,) = [one for one in office.batches[0] if isinstance(one, t.TaskOffered)]
    assert offered.due == at("2026-12-08T15:00")
    assert office.fall_due("f") == [("late", "")]
    assert office.timer("f") is None


def test_holidays_and_the_changes_of_the_clocks_move_it() -> None:
    assert Office(task("f", "done", deadline=TWO_DAYS), end(), start=at("2026-12-23T15:00")).due("f") == (
        "2026-12-29T15:00"
    )
    assert Office(task("f", "done", deadline=TWO_DAYS), end(), start=at("2026-10-23T15:00")).due("f") == (
        "2026-10-27T15:00"
    )


def test_goal_warning_lateness_and_what_is_repeated_come_in_order_and_once_each() -> None:
    late = (
        b.Late("PT0H", tell="leads", urgency=20),
        b.Late("business PT4H", warn=True, every="business P1D", times=3, urgency=10),
        b.Late("P1D", reassign="seniors"),
    )
    deadline = b.Deadline("business P2D", 75, late, "business PT4H", 5)
    office = Office(task("f", "done", deadline=deadline), end())
    seen = []
    while office.timer("f") is not None:
        due = office.due("f")
        seen.append((due, office.fall_due("f")))
    assert seen == [
        ("2026-12-07T11:00", [("goal missed", "")]),  # 2 hours on Friday, 2 on Monday
        ("2026-12-08T11:00", [("warned", "")]),  # 12 of 16 hours
        ("2026-12-08T15:00", [("late", ""), ("told", "leads")]),
        ("2026-12-09T11:00", [("holder warned", "")]),
        ("2026-12-09T15:00", [("reassigned", "seniors")]),
        ("2026-12-10T11:00", [("holder warned", "")]),
        ("2026-12-11T11:00", [("holder warned", "")]),
    ]
    added = [one.urgency for batch in office.batches for one in batch if isinstance(one, t.Escalated)]
    assert added == [5, 0, 0, 20, 10, 0, 10, 10]


def test_an_escalation_does_not_fire_again_after_a_restart_between_two() -> None:
    """A runner that dies after the commit sends the same timer again: it is refused, and the next one stands."""
    late = (b.Late("PT0H", tell="leads"), b.Late("business PT4H", tell="heads"))
    office = Office(task("f", "done", deadline=b.Deadline("business P2D", late=late)), end())
    first = c.FireTimer(f"{office.id('f')}/deadline", Instant(office.timer("f").due))
    assert office.fall_due("f") == [("late", ""), ("told", "leads")]
    again = office.do(first)
    assert isinstance(again, Refusal)
    assert again.reason is Reason.WRONG_STATE
    assert office.fall_due("f") == [("told", "heads")]
    assert office.timer("f") is None


def test_nothing_fires_after_completion() -> None:
    office = Office(task("f", "done", deadline=TWO_DAYS), end(), deadline=days("business P5D"))
    first, whole, place = office.timer("f"), office.timer(), office.id("f")
    office.complete("f")
    assert office.instance.status == states.ENDED
    assert office.instance.clock is None
    office.now = max(first.due, whole.due)
    for of, due in ((place, first.due), ("pi_toy.0", whole.due)):
        turned = office.do(c.FireTimer(f"{of}/deadline", Instant(due)))
        assert isinstance(turned, Refusal)


def test_a_calendar_released_meanwhile_moves_no_due_time_that_was_told() -> None:
    late = (b.Late("business PT8H", tell="leads"),)
    office = Office(
        task("f", "g", deadline=b.Deadline("business P2D", late=late)), task("g", "done", deadline=TWO_DAYS), end()
    )
    office.shelf.release("london", closed={"2026-12-07": "Works outing", "2026-12-09": "Another"})
    office.fall_due("f")
    assert office.due("f") == "2026-12-09T15:00"
    assert office.timer("f").calendar == "digest-1"
    office.now = at("2026-12-08T16:00")
    office.complete("f")
    assert office.due("g") == "2026-12-11T16:00"  # Wednesday 9 is closed by the new one
    assert office.timer("g").calendar == "digest-2"


@pytest.mark.parametrize("whole", [False, True])
def test_beyond_the_stated_years_it_is_an_incident_and_never_a_wrong_time(whole: bool) -> None:
    deadline = days("business P2D")
    fields: dict[str, Any] = {"deadline": deadline} if not whole else {}
    office = Office(
        task("f", "done", **fields), end(), start=at("2027-12-30T15:00"), deadline=deadline if whole else None
    )
    assert office.incidents() == ["CALENDAR_ENDS"]
    assert office.timer("f") is None
    assert office.timer() is None
    assert not any(isinstance(one, t.TimerSet | t.TaskOffered) for batch in office.batches for one in batch)
    office.shelf.release("london", holidays={**LONDON["holidays"], "years": [2025, 2030]})
    office.now += HOUR
    incident = office.instance.live[0].incident
    assert not isinstance(office.do(c.ResolveIncident(f"pi_toy.{incident}", "retry")), Refusal)
    assert office.due("" if whole else "f") == "2028-01-03T15:00"  # counted from where it began


def test_a_calendar_that_was_ended_is_an_incident_of_its_own() -> None:
    office = Office(task("f", "done", deadline=TWO_DAYS), end(), shelf=Shelf())
    assert office.incidents() == ["NO_SUCH_CALENDAR"]
    unnamed = Office(task("f", "done", deadline=TWO_DAYS), end(), calendar=None)
    assert unnamed.incidents() == ["NO_SUCH_CALENDAR"]


def test_what_a_deadline_of_the_instance_does() -> None:
    late = (b.Late("PT0H", tell="leads", urgency=30),)
    office = Office(task("f", "g"), task("g", "done"), end(), deadline=b.Deadline("business P2D", 75, late))
    set_ = [one for one in office.batches[0] if isinstance(one, t.TimerSet)]
    assert set_ == [
        t.TimerSet(0, "deadline", at("2026-12-08T11:00"), "digest-1", FRIDAY, at("2026-12-08T15:00")),
    ]
    office.complete("f")
    assert office.fall_due() == [("warned", "")]
    assert office.fall_due() == [("late", ""), ("told", "leads")]
    assert office.timer() is None
    assert office.instance.fired == 7
    office.complete("g")
    assert office.instance.status == states.ENDED


def test_cancelling_ends_the_clock_of_the_instance() -> None:
    office = Office(task("f", "done"), end(), deadline=days("business P2D"))
    said = office.do(c.CancelInstance("pi_toy", "enough"))
    assert not isinstance(said, Refusal)
    assert t.TimerCancelled(0, "deadline") in said
    assert office.instance.clock is None


def test_reassigning_a_claimed_task_takes_it_away() -> None:
    late = (b.Late("PT0H", reassign="seniors"),)
    office = Office(decide("d", (("yes", "done"),), deadline=b.Deadline("business P2D", late=late)), end())
    office.do(c.ClaimTask(office.id("d")))
    office.fall_due("d")
    (activation,) = office.instance.live
    assert (activation.state, activation.holder) == (states.OFFERED, "")
    (offered,) = [one for one in office.batches[-1] if isinstance(one, t.TaskOffered)]
    assert offered == t.TaskOffered(activation.number, "seniors", "approve", due=at("2026-12-08T15:00"))


# Standing still while waiting for the customer

ASK = b.WaitStep("ask", HERE, message="papers", key="number", next="after", for_customer=True)


def test_the_clock_of_the_instance_stands_still_while_it_waits_for_the_customer() -> None:
    office = Office(task("f", "ask"), ASK, task("after", "done"), end(), deadline=days("business P2D"))
    office.now = at("2026-12-07T10:00")  # 3 hours are over: two on Friday, one on Monday
    office.complete("f")
    paused = office.batches[-1][-1]
    assert paused == t.DeadlinePaused(0, office.now)
    office.now = at("2026-12-08T15:00")  # would have been due
    turned = office.do(c.FireTimer("pi_toy.0/deadline", Instant(at("2026-12-08T15:00"))))
    assert isinstance(turned, Refusal)
    office.now = at("2026-12-14T10:00")
    office.message("ask")
    resumed = office.batches[-1][-1]
    assert resumed == t.DeadlineResumed(
        0, at("2026-12-15T15:00"), "digest-1", at("2026-12-11T15:00"), at("2026-12-15T15:00")
    )
    assert office.fall_due() == [("late", "")]


def test_elapsed_time_stands_still_as_well() -> None:
    office = Office(task("f", "ask"), ASK, task("after", "done"), end(), deadline=days("PT10H"), calendar=None)
    office.now += 4 * HOUR
    office.complete("f")
    office.now += 100 * HOUR
    office.message("ask")
    assert office.timer().due == FRIDAY + 110 * HOUR
    assert office.timer().since == FRIDAY + 100 * HOUR


def test_the_deadline_of_the_waiting_step_itself_runs_on() -> None:
    ask = b.WaitStep("ask", HERE, message="m", key="number", next="done", for_customer=True, deadline=TWO_DAYS)
    office = Office(ask, end(), deadline=days("business P5D"))
    assert office.timer().paused_at == FRIDAY
    assert office.timer("ask").paused_at == 0
    assert office.fall_due("ask") == [("late", "")]


def test_only_scopes_around_it_stand_still_and_the_last_customer_lets_them_go_on() -> None:
    one = b.WaitStep("one", HERE, message="m", key="number", for_customer=True)
    two = b.WaitStep("two", HERE, delay="PT30H", for_customer=True)
    office = Office(
        b.AllStep("outer", HERE, branches=("inner", "side"), next="done", deadline=days("business P5D")),
        b.AllStep("inner", HERE, branches=("one", "two"), deadline=days("business P4D")),
        b.AllStep("side", HERE, branches=("x", "y"), deadline=days("business P3D")),
        one, two, task("x"), task("y"), end(),
    )  # fmt: skip
    assert {name: bool(office.timer(name).paused_at) for name in ("outer", "inner", "side")} == {
        "outer": True, "inner": True, "side": False,
    }  # fmt: skip
    office.now += HOUR
    office.message("one")
    assert office.timer("outer").paused_at == FRIDAY  # the other still waits
    office.now = FRIDAY + 30 * HOUR
    said = office.do(c.FireTimer(f"{office.id('two')}/delay", Instant(office.now)))
    assert not isinstance(said, Refusal)
    # Both have arrived, so the inner one is over; the outer goes on from Saturday evening with all of its five days.
    assert office.timer("outer").paused_at == 0
    assert office.due("outer") == "2026-12-11T17:00"


def test_a_clock_that_cannot_go_on_asks_one_person_and_goes_on_when_the_calendar_does() -> None:
    office = Office(task("f", "ask"), ASK, task("after", "done"), end(), deadline=days("business P2D"))
    office.complete("f")
    office.now = at("2028-01-10T10:00")
    office.message("ask")
    assert office.incidents() == ["CALENDAR_ENDS"]
    assert office.timer().paused_at
    office.shelf.release("london", holidays={**LONDON["holidays"], "years": [2025, 2030]})
    office.do(c.ResolveIncident(f"pi_toy.{office.instance.live[0].incident}", "retry"))
    assert office.timer().paused_at == 0
    assert office.due() == "2028-01-12T10:00"
    assert office.incidents() == ["CALENDAR_ENDS"]


def test_who_has_been_asked_about_a_clock_is_not_asked_again_about_it_elsewhere() -> None:
    office = Office(
        b.AllStep("both", HERE, branches=("ask", "side", "other"), next="done", deadline=days("business P2D")),
        ASK, task("after"), task("side"), task("other"), end(),
    )  # fmt: skip
    office.now = at("2028-01-10T10:00")
    office.message("ask")
    assert office.incidents() == ["CALENDAR_ENDS"]
    assert not isinstance(office.do(c.ClaimTask(office.id("side"))), Refusal)
    assert not isinstance(office.do(c.ClaimTask(office.id("other"))), Refusal)
    assert office.incidents() == ["CALENDAR_ENDS"]


def test_a_released_calendar_may_change_the_order_of_what_is_to_come_and_none_is_lost_or_doubled() -> None:
    late = (b.Late("business P1D", tell="a"), b.Late("business PT8H", tell="b"), b.Late("PT20H", tell="c"))
    office = Office(
        task("f", "ask"), ASK, task("after", "done"), end(), deadline=b.Deadline("business PT1H", late=late)
    )
    assert office.fall_due() == [("late", "")]
    office.shelf.release("london", day_minutes=120)
    office.complete("f")
    office.now += 48 * HOUR
    office.message("ask")
    told = []
    while office.timer() is not None:
        told += office.fall_due()
    assert sorted(told) == [("told", "a"), ("told", "b"), ("told", "c")]


# What holds of every history

acts = st.lists(
    st.tuples(st.sampled_from(("fire", "whole", "message", "complete", "wait")), st.integers(1, 60)), max_size=25
)


@settings(max_examples=120, deadline=None)
@given(acts, st.sampled_from(["business P1D", "PT30H", "business PT3H"]))
def test_every_history_folds_to_the_same_and_each_reaction_fires_at_most_once(
    doings: list[tuple[str, int]], within: str
) -> None:
    late = (b.Late("PT1H", tell="a"), b.Late("business PT2H", warn=True, every="business PT5H", times=3, urgency=7))
    deadline = b.Deadline(within, 50, late, None, 0)
    office = Office(
        b.AllStep("both", HERE, branches=("work", "ask"), next="again", deadline=deadline),
        task("work", deadline=deadline), b.WaitStep("ask", HERE, message="m", key="number", for_customer=True),
        b.WaitStep("later", HERE, message="m", key="number", next="again", for_customer=True),
        decide("again", (("yes", "done"), ("no", "later")), deadline=deadline), end(), deadline=deadline,
    )  # fmt: skip
    for doing, hours in doings:
        live = {one.step: one for one in office.instance.live}
        office.now += hours * HOUR
        timed = [name for name, one in live.items() if (timer := one.timer("deadline")) and not timer.paused_at]
        if doing == "fire" and timed:
            office.fall_due(timed[hours % len(timed)])
        elif doing == "whole" and office.timer() is not None and not office.timer().paused_at:
            office.fall_due()
        elif doing == "message" and (waiting := [name for name in ("ask", "later") if name in live]):
            office.message(waiting[0])
        elif doing == "complete" and (open_ := [name for name in ("work", "again") if name in live]):
            office.complete(open_[0], **({"outcome": "no"} if open_[0] == "again" else {}))
    fired = [
        (one.activation, one.reaction) for batch in office.batches for one in batch if isinstance(one, t.Escalated)
    ]
    assert len(fired) == len(set(fired))
    replayed = Instance("pi_toy")
    for batch in office.batches:
        recorded = [decode(encode(to_value(one))) for one in batch]
        replayed = apply(replayed, [from_value(value) for value in recorded])
    assert replayed == office.instance
    assert parse_marking(marking_text(replayed.live)) == replayed.live
    assert parse_clock(clock_text(replayed)) == (replayed.clock, replayed.fired, (), "")
