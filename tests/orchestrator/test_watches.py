"""Events a step is watched for: the first closes the others, none comes after it, what runs beside it ends with it."""

import pytest

from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.children import FailChild
from orchestrator.instance import HELD
from orchestrator.resume import Deliver
from orchestrator.run import LIVE_MAX
from tests.orchestrator.house import WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import DAY, HERE, HOUR, Driver, decide, end, task, version
from versioning import blueprint as b

WITHDRAWN = b.Watch("message", "withdrawn", "stopped", key="number")
CHASE = b.Watch("after", "P3D", "chased")
REMIND = b.Watch("after", "P1D", "remind", meanwhile=True)
ENDS = (end("done"), end("stopped", "stopped"), end("chased", "chased"))


def watched(driver: Driver, place: int) -> int:
    """The live activation that waits for the event at this place (from 0)."""
    (number,) = [one.number for one in driver.instance.live if one.watch == place]
    return number


def fire(driver: Driver, number: int) -> object:
    activation = driver.instance.activation(number)
    assert activation is not None
    (timer,) = activation.timers
    driver.now = max(driver.now, timer.due)
    return driver.do(c.FireTimer(f"pi_toy.{number}/delay", Instant(timer.due)))


def first_of(*watches: b.Watch) -> b.BlueprintVersion:
    return version(b.WaitStep("w", HERE, watches=watches), *ENDS)


ANSWERED = b.Watch("message", "answered", "done", key="number", into="note")


def test_the_first_of_several_events_closes_the_others() -> None:
    driver = Driver(first_of(ANSWERED, WITHDRAWN, CHASE))
    other = watched(driver, 1)
    driver.do(Deliver(watched(driver, 0), "yes"))
    assert (driver.instance.status, driver.instance.outcome, driver.data["note"]) == ("ended", "done", "yes")
    assert len(driver.all(t.MessageUnsubscribed)) == len(driver.all(t.TimerCancelled)) == 1
    said = driver.do(Deliver(other))
    assert isinstance(said, Refusal)


def test_a_time_among_several_events_closes_the_messages() -> None:
    driver = Driver(first_of(ANSWERED, CHASE))
    started = driver.now
    fire(driver, watched(driver, 1))
    assert driver.instance.outcome == "chased"
    assert driver.now == started + 3 * DAY


def test_two_events_in_one_instant_are_one_after_the_other() -> None:
    """Both are due; the second finds the step left."""
    driver = Driver(first_of(CHASE, b.Watch("after", "P3D", "stopped")))
    both = [watched(driver, 0), watched(driver, 1)]
    due = driver.now + 3 * DAY
    fire(driver, both[0])
    said = driver.do(c.FireTimer(f"pi_toy.{both[1]}/delay", Instant(due)))
    assert isinstance(said, Refusal)
    assert said.reason is Reason.WRONG_STATE
    assert driver.instance.outcome == "chased"


def test_an_event_leaves_the_step_with_all_its_work() -> None:
    driver = Driver(version(decide("d", (("yes", "done"),), watches=(WITHDRAWN,)), *ENDS))
    task_id = driver.id("d")
    driver.do(c.ClaimTask(task_id))
    driver.do(Deliver(watched(driver, 0)))
    assert driver.instance.outcome == "stopped"
    assert len(driver.all(t.TaskCancelled)) == 1
    assert isinstance(driver.do(c.CompleteTask(task_id, "yes")), Refusal)


def test_no_event_comes_after_completion() -> None:
    driver = Driver(version(task("f", "done", watches=(CHASE, WITHDRAWN)), *ENDS))
    driver.complete("f")
    assert driver.instance.outcome == "done"
    assert len(driver.all(t.TimerCancelled)) == len(driver.all(t.MessageUnsubscribed)) == 1
    assert not driver.all(events.WatchFired)


def test_what_runs_beside_a_step_begins_and_ends_with_it() -> None:
    steps = (task("f", "done", watches=(REMIND,)), task("remind", "more"), task("more"), *ENDS)
    driver = Driver(version(*steps))
    fire(driver, watched(driver, 0))
    assert driver.instance.status == "active"
    assert {a.step for a in driver.instance.live} == {"f", "remind"}
    driver.complete("remind")
    driver.complete("more")
    assert [a.step for a in driver.instance.live] == ["f"]
    driver.complete("f")
    assert driver.instance.outcome == "done"


def test_what_runs_beside_a_step_is_closed_when_the_step_is_left() -> None:
    driver = Driver(version(task("f", "done", watches=(REMIND,)), task("remind"), *ENDS))
    fire(driver, watched(driver, 0))
    driver.complete("f")
    assert driver.instance.outcome == "done"
    assert len(driver.all(t.TaskCancelled)) == 1


def test_a_message_may_come_again_beside_a_step() -> None:
    noted = b.Watch("message", "noted", "remind", key="number", meanwhile=True)
    driver = Driver(version(task("f", "done", watches=(noted,)), task("remind"), *ENDS))
    for times in (1, 2):
        driver.do(Deliver(watched(driver, 0)))
        assert sum(a.step == "remind" for a in driver.instance.live) == times
    driver.complete("f")
    assert driver.instance.status == "ended"


def test_what_begins_beside_a_step_is_bounded_and_goes_on_when_something_has_ended() -> None:
    """However often the message comes, the marking does not grow on: it is waited for no longer, and that is told."""
    noted = b.Watch("message", "noted", "remind", key="number", meanwhile=True)
    driver = Driver(version(task("f", "done", watches=(noted,)), task("remind"), *ENDS))
    taken = 0
    for _ in range(LIVE_MAX + 100):
        (watch,) = [one for one in driver.instance.live if one.watch is not None]
        taken += not isinstance(driver.do(Deliver(watch.number)), Refusal)
    assert LIVE_MAX - 4 <= taken <= len(driver.instance.live) <= LIVE_MAX
    (held,) = [one for one in driver.instance.live if one.state == HELD]
    (raised,) = driver.all(t.IncidentRaised)
    assert (raised.activation, raised.code, raised.where) == (watch.number, "ACTIVATION_LIMIT", "watch")
    assert held.number == watch.number
    for _ in range(2):  # with places for a step and for the next
        reminded = next(one for one in driver.instance.live if one.step == "remind")
        driver.do(c.ClaimTask(f"pi_toy.{reminded.number}"))
        driver.do(c.CompleteTask(f"pi_toy.{reminded.number}"))
    driver.do(c.ResolveIncident(f"pi_toy.{raised.incident}", "retry"))
    assert not isinstance(driver.do(Deliver(watch.number)), Refusal)
    driver.complete("f")
    assert driver.instance.status == "ended"


def test_branches_are_left_for_an_event_with_everything_in_them() -> None:
    both = b.AllStep("all", HERE, branches=("x", "y"), next="done", watches=(WITHDRAWN,))
    driver = Driver(version(both, task("x"), task("y"), *ENDS))
    driver.complete("x")
    driver.do(Deliver(watched(driver, 0)))
    assert driver.instance.outcome == "stopped"


@pytest.mark.parametrize(("code", "outcome"), [("FULL", "stopped"), ("DOWN", "chased")])
def test_an_error_leads_where_the_step_says_once_it_is_tried_no_more(code: str, outcome: str) -> None:
    watches = (b.Watch("error", "any", "chased"), b.Watch("error", "FULL", "stopped"))
    call = b.CallStep("c", HERE, operation="x.y", retry=b.Retry(1), next="done", watches=watches)
    driver = Driver(version(call, *ENDS))
    driver.do(c.FailCall(driver.id("c"), "", code))
    assert driver.instance.status == "active"
    driver.fire("c", "retry")
    driver.do(c.FailCall(driver.id("c"), "", code))
    assert driver.instance.outcome == outcome
    assert [one.code for one in driver.all(events.ErrorCaught)] == [code]
    assert not driver.all(t.IncidentRaised)


ANY = (b.Watch("error", "any", "stopped"),)


@pytest.mark.parametrize("code", ["RESULT_INVALID", "LATE"])
def test_what_somebody_outside_says_is_caught_whatever_its_code(code: str) -> None:
    """Also where a worker uses a word that the engine has for something else."""
    driver = Driver(version(b.JobStep("j", HERE, type="w", next="done", watches=ANY), *ENDS))
    driver.do(c.FailJob(driver.id("j"), "", code, retryable=False))
    assert driver.instance.outcome == "stopped"


def test_an_answer_that_does_not_fit_is_an_incident_that_no_error_catches() -> None:
    """The effect has happened: who left the step for another way would pass it over."""
    call = b.CallStep("c", HERE, operation="x.y", into="amount", next="done", watches=ANY)
    driver = Driver(version(call, *ENDS))
    driver.do(c.SucceedCall(driver.id("c"), "", "text"))
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["RESULT_INVALID"]
    assert driver.all(events.ErrorCaught) == []
    assert driver.instance.status == "active"


def test_lateness_is_an_incident_that_no_error_catches() -> None:
    call = b.CallStep("c", HERE, operation="x.y", next="done", watches=ANY, deadline=b.Deadline("PT1H"))
    driver = Driver(version(call, *ENDS))
    while not driver.all(t.IncidentRaised):
        driver.fire("c", "deadline")
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["LATE"]
    assert driver.all(events.ErrorCaught) == []


def test_an_expression_that_fails_is_an_incident_that_no_error_catches() -> None:
    call = b.CallStep("c", HERE, operation="x.y", arguments=(("a", "fail"),), next="done", watches=ANY)
    driver = Driver(version(call, *ENDS))
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["EXPRESSION_FAILED"]
    assert driver.all(events.ErrorCaught) == []


def test_an_error_nobody_names_is_an_incident() -> None:
    call = b.CallStep("c", HERE, operation="x.y", next="done", watches=(b.Watch("error", "FULL", "stopped"),))
    driver = Driver(version(call, *ENDS))
    driver.do(c.FailCall(driver.id("c"), "", "DOWN", retryable=False))
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["DOWN"]


def test_an_instance_that_fails_leads_on_as_well() -> None:
    run = b.RunStep("r", HERE, blueprint="other", next="done", watches=(b.Watch("error", "any", "stopped"),))
    driver = Driver(version(run, *ENDS))
    number = driver.at("r")
    driver.do(FailChild(number, f"pi_child{number}", "CHILD_CANCELLED"))
    assert driver.instance.outcome == "stopped"


def test_until_waits_for_an_instant_and_one_that_is_over_has_come() -> None:
    instants = {"note": "1970-01-02"}
    driver = Driver(version(b.WaitStep("w", HERE, until="note", next="done"), *ENDS), {"number": "A-1", **instants})
    (timer,) = driver.instance.live[0].timers
    assert timer.due == DAY
    past = Driver(
        version(b.WaitStep("w", HERE, until="note", next="done"), *ENDS), {"number": "A", "note": "1970-01-01"}
    )
    assert past.instance.live[0].timers[0].due == past.now


@pytest.mark.parametrize(
    ("note", "code"), [("no day", "NO_INSTANT"), (None, "NO_INSTANT"), ("1970-02-30", "NO_INSTANT")]
)
def test_what_is_no_instant_is_an_incident(note: str | None, code: str) -> None:
    driver = Driver(version(b.WaitStep("w", HERE, until="note", next="done"), *ENDS), {"number": "A-1", "note": note})
    assert [one.code for one in driver.all(t.IncidentRaised)] == [code]


def test_a_watch_that_cannot_be_set_holds_and_the_step_goes_on() -> None:
    broken = b.Watch("message", "withdrawn", "stopped", key="fail")
    driver = Driver(version(task("f", "done", watches=(broken,)), *ENDS))
    (raised,) = driver.all(t.IncidentRaised)
    driver.do(c.ResolveIncident(f"pi_toy.{raised.incident}", "skip"))
    assert [a.step for a in driver.instance.live] == ["f"]
    driver.complete("f")
    assert driver.instance.outcome == "done"


def test_a_step_that_is_held_is_still_watched() -> None:
    call = b.CallStep("c", HERE, operation="x.y", next="done", watches=(WITHDRAWN,))
    driver = Driver(version(call, *ENDS))
    driver.do(c.FailCall(driver.id("c"), "", "DOWN", retryable=False))
    driver.now += HOUR
    driver.do(Deliver(watched(driver, 0)))
    assert driver.instance.outcome == "stopped"
    assert [one.how for one in driver.all(t.IncidentResolved)] == ["left"]


def test_an_event_that_came_is_waited_for_behind_those_who_wait_for_the_same() -> None:
    again = b.Watch("message", "m", "remind", key="number", meanwhile=True)
    both = b.AllStep("all", HERE, branches=("w",), next="done", watches=(again,))
    office = Office(both, b.WaitStep("w", HERE, message="m", key="number"), task("remind"), end())
    instance = office.start()
    office.done(c.Correlate("m", "A-1"), WORKER)
    assert office.instance(instance).status == "active"
    office.done(c.Correlate("m", "A-1"), WORKER)
    assert office.instance(instance).status == "ended"
    office.check()
