"""A connector that is down is let alone: nothing is called, no try is spent, and one probe finds out."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.actor import SYSTEM
from ledger.clock import SECOND, Instant
from ledger.refusal import Reason
from orchestrator import breaker, store, tables
from orchestrator import commands as c
from orchestrator.breaker import CLOSED, HALF_OPEN, MINUTE, OPEN, Limits, Standing
from orchestrator.commands import split_id
from orchestrator.runner import CallFailure, Runner
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.test_work import Outside, runner
from tests.orchestrator.toy import HERE, HOUR, end, task
from versioning import blueprint as b

RETRIED = b.Retry(3, "fixed", "PT1S", "PT1S")
CALL = (b.CallStep("k", HERE, operation="x.y", into="risk", retry=RETRIED, hold_for="role ops", next="done"), end())
LIMITS = Limits("x", at_once=2, failures=2, within=MINUTE, pause=10 * SECOND)


def limited(office: Office, outside: Any, limits: Limits = LIMITS) -> Runner:
    run = runner(office, outside)
    return Runner(run.name, run.submit, run.query, run.connector, run.clock, limits=lambda: (limits,))


def leased(office: Office, *limits: Limits) -> list[Any]:
    found: list[Any] = office.done(c.LeaseCalls("r", limits=limits), SYSTEM).result["calls"]
    return found


def standing(office: Office) -> Standing:
    found: Standing = office.row(tables.STANDING, "x")
    return found


def step(office: Office, run: Runner) -> int:
    """A round a second later; how many calls were made."""
    office.log.now += SECOND
    run.fire_timers()
    return run.make_calls()


def test_an_open_breaker_delays_and_spends_no_try() -> None:
    office = Office(*CALL)
    instance = office.start()
    outside = Outside(CallFailure("DOWN"), CallFailure("DOWN"), {"grade": 3})
    run = limited(office, outside)
    assert [step(office, run) for _ in range(2)] == [1, 1]
    assert standing(office).state(office.log.now) == OPEN
    assert [step(office, run) for _ in range(9)] == [0] * 9
    assert not store.calls_wait(office.log.query, office.log.now)  # a runner that asks in vain would never rest
    activation = office.only(tables.CALL)
    assert (activation.state, activation.tries) == ("requested", 2)
    office.log.now += SECOND
    assert standing(office).state(office.log.now) == HALF_OPEN
    assert run.make_calls() == 1
    assert standing(office).state(office.log.now) == CLOSED
    assert office.instance(instance).status == "ended"
    office.check()


def test_one_probe_goes_out_and_no_more_until_it_is_answered() -> None:
    office = Office(*CALL)
    for number in range(4):
        office.start(f"A-{number}")
    limits = LIMITS._replace(at_once=10)
    first = leased(office, limits)
    for call in first[:2]:
        office.done(c.FailCall(call["call"], call["lease"], "DOWN"), SYSTEM)
    for call in first[2:]:
        office.done(c.FailCall(call["call"], call["lease"], "DOWN"), SYSTEM)
    office.log.now += 10 * SECOND
    for timer in store.due_timers(office.log.query, office.log.now, 10):
        office.done(c.FireTimer(timer.timer_id, Instant(timer.due)), SYSTEM)
    (probe,) = leased(office, limits)
    assert leased(office, limits) == []
    office.done(c.FailCall(probe["call"], probe["lease"], "DOWN"), SYSTEM)
    assert standing(office).pause == 20 * SECOND
    office.log.now += 19 * SECOND
    assert leased(office, limits) == []
    office.log.now += SECOND
    (again,) = leased(office, limits)
    office.done(c.SucceedCall(again["call"], again["lease"], {"grade": 1}), SYSTEM)
    assert len(leased(office, limits)) > 1


def begun(office: Office, call: Any) -> str:
    outcome: str = office.done(c.StartCall(call["call"], call["lease"]), SYSTEM).outcome
    return outcome


def given_out(office: Office, count: int) -> list[Any]:
    """Calls that were given out and have not gone out yet, of a connector whose breaker has opened since."""
    for number in range(count + 2):
        office.start(f"A-{number}")
    out = leased(office, LIMITS._replace(at_once=10))
    for call in out[:2]:
        assert begun(office, call) == "started"
        office.done(c.FailCall(call["call"], call["lease"], "DOWN"), SYSTEM)
    assert standing(office).state(office.log.now) == OPEN
    return out[2:]


def test_what_was_given_out_before_the_breaker_opened_stays_in_while_it_is_open() -> None:
    """Of a runner that was slow to begin, or stood still: its lease does not say that the system is down."""
    office = Office(*CALL)
    waiting = given_out(office, 3)
    assert [begun(office, call) for call in waiting] == ["kept in"] * 3
    for call in waiting:
        row = office.row(tables.CALL, *split_id(call["call"]))
        assert (row.state, row.started, row.tries) == ("requested", 0, 0)
        assert office.refused(c.StartCall(call["call"], call["lease"]), SYSTEM) is Reason.LEASE_LOST
    office.log.now += 10 * SECOND
    (probe,) = leased(office, LIMITS)
    assert begun(office, probe) == "started"
    assert leased(office, LIMITS) == []
    office.check()


def test_of_what_was_given_out_before_one_goes_out_as_the_probe() -> None:
    office = Office(*CALL)
    waiting = given_out(office, 3)
    office.log.now += 10 * SECOND
    assert standing(office).state(office.log.now) == HALF_OPEN
    assert leased(office, LIMITS) == []
    assert [begun(office, call) for call in waiting] == ["kept in", "kept in", "started"]
    assert leased(office, LIMITS) == []
    office.done(c.SucceedCall(waiting[2]["call"], waiting[2]["lease"], {"grade": 1}), SYSTEM)
    assert len(leased(office, LIMITS)) == 2
    office.check()


def test_a_connector_that_is_in_force_no_more_is_held_by_its_breaker_until_it_closes() -> None:
    """Given out without a bound its calls would be given back at once, and given out again, as fast as that goes."""
    office = Office(*CALL)
    given_out(office, 0)
    office.start("B-1")
    office.start("B-2")
    assert leased(office) == []
    office.log.now += 10 * SECOND
    (probe,) = leased(office)
    assert leased(office) == []
    assert begun(office, probe) == "started"
    office.done(c.FailCall(probe["call"], probe["lease"], "NO_SUCH_CONNECTOR", retryable=False), SYSTEM)
    assert len(leased(office)) == 1


def test_a_runner_makes_no_call_that_is_kept_in() -> None:
    office = Office(*CALL)
    (call,) = given_out(office, 1)
    outside = Outside()
    run = limited(office, outside)
    run._make(call)
    assert outside.keys == []
    assert standing(office).failed_with == "DOWN"


def test_a_system_that_says_no_is_there() -> None:
    office = Office(*CALL)
    for number in range(3):
        office.start(f"A-{number}")
    run = limited(office, Outside(*[CallFailure("HTTP_404", retryable=False)] * 3))
    assert step(office, run) + step(office, run) == 3
    assert standing(office).state(office.log.now) == CLOSED
    assert standing(office).failed_with == "HTTP_404"


def test_no_more_at_once_and_in_a_minute_than_the_connector_says() -> None:
    office = Office(*CALL)
    for number in range(9):
        office.start(f"A-{number}")
    limits = Limits("x", at_once=2, per_minute=3)
    first = leased(office, limits)
    assert len(first) == 2
    assert leased(office, limits) == []
    for call in first:
        office.done(c.SucceedCall(call["call"], call["lease"], {"grade": 1}), SYSTEM)
    assert len(leased(office, limits)) == 1  # the third of this minute
    office.log.now += MINUTE
    assert len(leased(office, limits)) == 2
    assert len(leased(office)) == 5  # no limits, no bound


ONE = LIMITS._replace(at_once=1)
PAID = b.CallStep("k", HERE, operation="x.y", into="risk", undo=b.CallStep("k", HERE, operation="x.undo"), next="done")


def went(office: Office) -> tuple[str, str]:
    (call,) = leased(office, ONE)
    office.done(c.StartCall(call["call"], call["lease"]), SYSTEM)
    return call["call"], call["lease"]


@pytest.mark.parametrize("resumed", [False, True])
def test_a_call_that_is_out_counts_whatever_stands_still(resumed: bool) -> None:
    office = Office(PAID, end())
    first, _ = office.start("A-1"), office.start("A-2")
    out = went(office)
    office.done(c.SuspendInstance(first, "r"), ANN)
    assert leased(office, ONE) == []
    if resumed:
        office.done(c.ResumeInstance(first, "r"), ANN)
        assert leased(office, ONE) == []
    office.done(c.SucceedCall(*out, {"grade": 1}), SYSTEM)
    assert len(leased(office, ONE)) == 1


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_call_that_is_out_counts_though_nobody_waits_for_it(comes_back: bool) -> None:
    office = Office(PAID, end())
    first, _ = office.start("A-1"), office.start("A-2")
    out = went(office)
    office.done(c.CancelInstance(first, "r"), ANN)
    assert leased(office, ONE) == []
    if comes_back:
        office.done(c.SucceedCall(*out, {"grade": 1}), SYSTEM)
    else:
        office.log.now += HOUR
    assert len(leased(office, ONE)) == 1


def test_an_undoing_that_is_out_counts_when_it_is_put_back() -> None:
    pay = dataclasses.replace(PAID, next="both")
    both = b.AllStep("both", HERE, branches=("back", "t"), need=1, next="done")
    office = Office(pay, both, b.UndoStep("back", HERE), task("t"), end(), first="k")
    office.start("A-1")
    office.done(c.SucceedCall(*went(office), {"grade": 1}), SYSTEM)
    out = went(office)
    office.start("A-2")
    office.complete("t")
    assert office.row(tables.CALL, *split_id(out[0])).state == "kept"
    assert leased(office, ONE) == []
    office.log.now += HOUR
    assert len(leased(office, ONE)) == 1


def test_a_call_that_never_went_out_holds_up_no_other_and_goes_out_no_more_beside_it() -> None:
    office = Office(dataclasses.replace(PAID, deadline=b.Deadline("PT1S")), end())
    first, _ = office.start("A-1"), office.start("A-2")
    (call,) = leased(office, ONE)
    late = office.row(tables.TIMER, first, 1, "deadline").due_at
    office.log.now = late
    office.done(c.FireTimer(f"{first}.1/deadline", Instant(late)), SYSTEM)
    went(office)
    held = office.only(tables.INCIDENT, instance=first)
    office.done(c.ResolveIncident(f"{first}.{held.number}", "retry", {}, "r"), BOB)
    assert office.row(tables.CALL, first, 1).state == "requested"
    assert office.refused(c.StartCall(call["call"], call["lease"]), SYSTEM) is Reason.LEASE_LOST
    assert leased(office, ONE) == []


def test_a_connector_that_is_shut_holds_up_no_other() -> None:
    """Nor does one whose name differs by a character that is a wildcard in SQL."""
    office = Office(
        b.CallStep("k", HERE, operation="a_b.y", into="risk", hold_for="role ops", next="l"),
        b.CallStep("l", HERE, operation="a-b.y", into="risk", hold_for="role ops", next="done"),
        end(),
    )
    shut = Limits("a_b", failures=1, pause=MINUTE)
    office.start("A-1")
    office.start("A-2")
    one, two = leased(office, shut)
    office.done(c.SucceedCall(one["call"], one["lease"], {"grade": 1}), SYSTEM)
    office.done(c.FailCall(two["call"], two["lease"], "DOWN"), SYSTEM)
    office.start("A-3")
    assert store.calls_wait(office.log.query, office.log.now)
    assert [call["operation"] for call in leased(office, shut)] == ["a-b.y"]


ACTS = st.lists(st.tuples(st.sampled_from(("ok", "down", "ask")), st.integers(0, 40)), max_size=60)


@given(ACTS, st.integers(1, 4))
def test_a_breaker_opens_after_so_many_failures_within_the_window_and_not_before(
    acts: list[tuple[str, int]], most: int
) -> None:
    limits = Limits("x", failures=most, within=30 * SECOND, pause=20 * SECOND)
    now, standing_ = 0, breaker.let_out(Standing("x"), limits, 0, 1)
    failures: list[int] = []
    for act, seconds in acts:
        now += seconds * SECOND
        state = standing_.state(now)
        if act == "ok":
            standing_, failures = breaker.answered(standing_), []
            assert standing_.state(now) == CLOSED
        elif act == "down":
            failures.append(now)
            standing_ = breaker.failed(standing_, "DOWN", now)
            if state == HALF_OPEN:
                assert standing_.state(now) == OPEN
            if state == CLOSED and standing_.state(now) == OPEN:
                assert failures[-1] - failures[-most] <= 30 * SECOND
        assert breaker.room(standing_, limits, now, 0) == {CLOSED: 10, OPEN: 0, HALF_OPEN: 1}[standing_.state(now)]
        assert breaker.room(standing_, limits, now, 1) == {CLOSED: 9, OPEN: 0, HALF_OPEN: 0}[standing_.state(now)]
        assert standing_.pause <= breaker.PAUSE_MAX
