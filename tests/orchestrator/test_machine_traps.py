"""The traps of toy engines, one named test each, on the pure machine."""

import pytest

from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.children import EndChild
from orchestrator.deadlines import backoff
from orchestrator.machine import AUTOMATIC_STEPS_MAX
from orchestrator.resume import Deliver
from tests.orchestrator.toy import DAY, HERE, HOUR, SECOND, Driver, decide, end, found, reason, task, version
from versioning import blueprint as b


def test_double_click_is_one_decision() -> None:
    driver = Driver(version(decide("d", (("yes", "done"), ("no", "done"))), end()))
    task_id = driver.id("d")
    driver.do(c.ClaimTask(task_id))
    found(driver.do(c.CompleteTask(task_id, "yes")), t.InstanceEnded)
    assert reason(driver.do(c.CompleteTask(task_id, "yes"))) is Reason.WRONG_STATE


def test_second_completion_in_a_loop_is_about_the_old_visit() -> None:
    driver = Driver(version(decide("d", (("yes", "done"), ("no", "d"))), end()))
    task_id = driver.id("d")
    driver.complete("d", "no")
    assert driver.id("d") != task_id
    assert reason(driver.do(c.CompleteTask(task_id, "yes"))) is Reason.WRONG_STATE


def test_two_people_cannot_claim_one_task() -> None:
    driver = Driver(version(task("f", "done"), end()))
    driver.do(c.ClaimTask(driver.id("f")), by="person:a")
    assert reason(driver.do(c.ClaimTask(driver.id("f")), by="person:b")) is Reason.CLAIMED_BY_OTHER
    assert reason(driver.do(c.CompleteTask(driver.id("f")), by="person:b")) is Reason.CLAIMED_BY_OTHER
    assert reason(driver.do(c.ReleaseTask(driver.id("f")), by="person:b")) is Reason.CLAIMED_BY_OTHER


def test_unclaimed_task_is_not_completed() -> None:
    driver = Driver(version(task("f", "done"), end()))
    assert reason(driver.do(c.CompleteTask(driver.id("f")))) is Reason.NOT_CLAIMED


def test_no_update_is_lost_between_claim_and_complete() -> None:
    driver = Driver(version(task("f", "done"), end()))
    driver.do(c.ClaimTask(driver.id("f")))
    seen = driver.instance.live[0].revision
    driver.do(c.ReleaseTask(driver.id("f")))
    driver.do(c.ClaimTask(driver.id("f")))
    said = driver.do(c.CompleteTask(driver.id("f"), expected_revision=seen))
    assert reason(said) is Reason.STALE_REVISION


def test_message_key_is_fixed_on_entry_and_delivered_once() -> None:
    driver = Driver(
        version(b.WaitStep("w", HERE, message="m", key="number", into="note", next="f"), task("f", "done"), end())
    )
    assert found(driver.batches[0], t.MessageSubscribed)[0].key == "A-1"
    number = driver.at("w")
    driver.do(Deliver(number, "here"))
    assert driver.data["note"] == "here"
    assert reason(driver.do(Deliver(number, "again"))) is Reason.WRONG_STATE


def test_message_of_the_wrong_type_is_refused_and_still_awaited() -> None:
    driver = Driver(version(b.WaitStep("w", HERE, message="m", key="number", into="amount", next="done"), end()))
    assert reason(driver.do(Deliver(driver.at("w"), "text"))) is Reason.INVALID_DATA
    assert driver.names() == ["w"]


def test_no_timer_fires_after_completion() -> None:
    driver = Driver(version(task("f", "g", deadline=b.Deadline("PT1H")), task("g", "done"), end()))
    timer = driver.instance.live[0].timers[0]
    fire = c.FireTimer(f"{driver.id('f')}/deadline", Instant(timer.due))
    assert found(driver.complete("f"), t.TimerCancelled)
    driver.now = timer.due
    assert reason(driver.do(fire)) is Reason.WRONG_STATE


def test_no_timer_fires_early_or_with_another_due() -> None:
    driver = Driver(version(task("f", "done", deadline=b.Deadline("PT1H")), end()))
    due = driver.instance.live[0].timers[0].due
    assert reason(driver.do(c.FireTimer(f"{driver.id('f')}/deadline", Instant(due)))) is Reason.WRONG_STATE
    driver.now = due + HOUR
    assert reason(driver.do(c.FireTimer(f"{driver.id('f')}/deadline", Instant(due - 1)))) is Reason.WRONG_STATE


def test_a_day_is_elapsed_time() -> None:
    driver = Driver(version(task("f", "done", deadline=b.Deadline("P1D")), end()))
    assert driver.instance.live[0].timers[0].due == driver.now + DAY


def test_escalations_fire_once_each_in_order_and_not_after_restart() -> None:
    late = (b.Late("PT0H", tell="role leads"), b.Late("PT4H", pass_to="approve-high"))
    driver = Driver(version(decide("d", (("yes", "done"),), deadline=b.Deadline("PT4H", 75, late)), end()))
    start, item = driver.now, f"{driver.id('d')}/deadline"
    driver.do(c.ClaimTask(driver.id("d")))
    acts = []
    for hours in (3, 4, 8):
        (timer,) = driver.instance.live[0].timers
        assert timer.due == start + hours * HOUR
        driver.now = start + 20 * HOUR  # the runner was away; each reaction still has its own instant
        said = driver.do(c.FireTimer(item, Instant(timer.due)))
        acts.append([one.act for one in found(said, t.Escalated)])
        assert reason(driver.do(c.FireTimer(item, Instant(timer.due)))) is Reason.WRONG_STATE
    assert acts == [["warned"], ["late", "told"], ["passed on"]]
    (activation,) = driver.instance.live
    assert activation.timers == ()
    assert (activation.state, activation.holder) == ("offered", "")  # passed on: whoever held it does no longer


def test_late_step_is_left_with_everything_in_it() -> None:
    blueprint = version(
        b.AllStep("all", HERE, branches=("x", "y"), next="done", deadline=b.Deadline("PT1H"), on_late="stop"),
        task("x", deadline=b.Deadline("PT9H")), b.JobStep("y", HERE, type="w"), end(), end("stop", "late"),
    )  # fmt: skip
    driver = Driver(blueprint)
    driver.now += HOUR
    said = driver.do(c.FireTimer(f"{driver.id('all')}/deadline", Instant(driver.now)))
    assert len(found(said, t.TaskCancelled)) == len(found(said, t.JobCancelled)) == 1
    assert driver.instance.outcome == "late"


def test_late_call_without_reaction_is_an_incident_and_the_clock_runs_on_for_others() -> None:
    call = b.CallStep("k", HERE, operation="x.y", next="done", deadline=b.Deadline("PT1H"))
    driver = Driver(version(call, end()))
    driver.now += HOUR
    said = driver.do(c.FireTimer(f"{driver.id('k')}/deadline", Instant(driver.now)))
    assert [one.code for one in found(said, t.IncidentRaised)] == ["LATE"]
    assert reason(driver.do(c.SucceedCall(driver.id("k"), ""))) is Reason.WRONG_STATE


def test_retries_back_off_then_become_an_incident_that_holds() -> None:
    retry = b.Retry(3, first="PT2S", limit="PT5S")
    call = b.CallStep("k", HERE, operation="x.y", next="done", retry=retry, hold_for="role ops")
    driver = Driver(version(call, end()))
    pauses = []
    for _ in range(3):
        said = driver.do(c.FailCall(driver.id("k"), "", "DOWN"))
        (timer,) = found(said, t.TimerSet)
        pauses.append(timer.due - driver.now)
        driver.now = timer.due
        found(driver.do(c.FireTimer(f"{driver.id('k')}/retry", Instant(timer.due))), t.CallRetried)
    number = int(driver.id("k").rpartition(".")[2])
    assert pauses == [backoff(retry, failures, ("pi_toy", number)) for failures in (1, 2, 3)]
    assert all(whole / 2 <= pause / SECOND <= whole for pause, whole in zip(pauses, (2, 4, 5), strict=True))
    (incident,) = found(driver.do(c.FailCall(driver.id("k"), "", "DOWN")), t.IncidentRaised)
    assert (incident.code, incident.role) == ("DOWN", "ops")
    said = driver.do(c.ResolveIncident(f"pi_toy.{incident.incident}", "retry"))
    (again,) = found(said, t.CallRequested)
    (first,) = found(driver.batches[0], t.CallRequested)
    assert again.key == first.key  # one effect outside, however often it is tried
    assert reason(driver.do(c.ResolveIncident(f"pi_toy.{incident.incident}", "retry"))) is Reason.WRONG_STATE


def test_failure_that_cannot_be_retried_is_not_retried() -> None:
    driver = Driver(version(b.JobStep("j", HERE, type="w", next="done", retry=b.Retry(9)), end()))
    said = driver.do(c.FailJob(driver.id("j"), "", "BAD", retryable=False))
    assert found(said, t.IncidentRaised)
    assert not found(said, t.TimerSet)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b.ChooseStep("s", HERE, branches=(b.Branch("fail", "done"), b.Branch(None, "done"))), "EXPRESSION_FAILED"),
        (b.ChooseStep("s", HERE, branches=(b.Branch("note", "done"), b.Branch(None, "x"))), "CONDITION_NOT_BOOLEAN"),
        (b.ChooseStep("s", HERE, branches=(b.Branch("false", "done"),)), "NO_BRANCH"),
        (b.RulesStep("s", HERE, table="broken", into="note", next="done"), "NO_RULE_MATCHES"),
        (b.RulesStep("s", HERE, table="odd", into="amount", next="done"), "RESULT_INVALID"),
        (b.CallStep("s", HERE, operation="x.y", arguments=(("a", "fail"),), next="done"), "EXPRESSION_FAILED"),
        (b.JobStep("s", HERE, type="w", arguments=(("a", "fail"),), next="done"), "EXPRESSION_FAILED"),
        (b.WaitStep("s", HERE, message="m", key="note", next="done"), "KEY_MISSING"),
        (b.RulesStep("s", HERE, table="t", into="amount", next="done", skip_when="fail"), "EXPRESSION_FAILED"),
        (decide("s", (("yes", "done"), ("no", "s")), skip_when="true"), "CANNOT_SKIP"),
        (b.AnyOfStep("s", HERE, branches=(b.Branch("false", "done"),), next="done"), "NO_BRANCH"),
        (b.RulesStep("s", HERE, table="t", arguments=(("a", "fail"),), into="note", next="done"), "EXPRESSION_FAILED"),
        (b.SendStep("s", HERE, message="m", key="number", arguments=(("a", "fail"),)), "EXPRESSION_FAILED"),
        (b.SendStep("s", HERE, message="m", key="note"), "KEY_MISSING"),
        (b.SendStep("s", HERE, message="m", key="fail"), "EXPRESSION_FAILED"),
        (b.WaitStep("s", HERE, message="m", key="fail", next="done"), "EXPRESSION_FAILED"),
        (b.WaitStep("s", HERE, until="fail", next="done"), "EXPRESSION_FAILED"),
        (b.WaitStep("s", HERE, until="number", next="done"), "NO_INSTANT"),
        (b.EachStep("s", HERE, of="number", element="one", body=b.JobStep("s", HERE, type="w")), "NOT_A_LIST"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_an_incident_for_the_owner(broken: b.Step, code: str) -> None:
    driver = Driver(version(broken, end()), {"number": "A-1"})
    (incident,) = found(driver.batches[0], t.IncidentRaised)
    assert (incident.code, incident.role) == (code, "owners")
    assert driver.instance.status == "active"


def test_incident_is_resolved_by_corrected_data() -> None:
    choose = b.ChooseStep("s", HERE, branches=(b.Branch("amount >= 5", "done"), b.Branch(None, "low")))
    driver = Driver(version(choose, end(), end("low", "low")))
    incident = f"pi_toy.{driver.instance.live[0].incident}"
    assert reason(driver.do(c.ResolveIncident(incident, "correct", {"amount": "9"}))) is Reason.INVALID_DATA
    found(driver.do(c.ResolveIncident(incident, "correct", {"amount": 9})), t.InstanceEnded)
    assert driver.instance.outcome == "done"


def test_incident_of_a_choice_cannot_be_skipped_but_that_of_a_call_can() -> None:
    driver = Driver(
        version(b.ChooseStep("s", HERE, branches=(b.Branch("fail", "done"), b.Branch(None, "done"))), end())
    )
    assert (
        reason(driver.do(c.ResolveIncident(f"pi_toy.{driver.instance.live[0].incident}", "skip")))
        is Reason.INVALID_DATA
    )
    driver = Driver(version(b.CallStep("k", HERE, operation="x.y", into="amount", next="done"), end()))
    driver.do(c.SucceedCall(driver.id("k"), "", "text"))
    said = driver.do(c.ResolveIncident(f"pi_toy.{driver.instance.live[0].incident}", "skip", {"amount": 4}))
    assert driver.data["amount"] == 4
    assert found(said, t.InstanceEnded)


def test_loop_without_a_wait_becomes_an_incident_not_a_hang() -> None:
    driver = Driver(version(b.ChooseStep("s", HERE, branches=(b.Branch(None, "s"),)), end()))
    assert len(found(driver.batches[0], t.StepEntered)) == AUTOMATIC_STEPS_MAX + 1
    assert [one.code for one in found(driver.batches[0], t.IncidentRaised)] == ["STEP_LIMIT"]


def test_child_is_cancelled_with_its_parent() -> None:
    driver = Driver(version(b.RunStep("r", HERE, blueprint="child", into="note", next="done"), end()))
    child = f"pi_child{driver.at('r')}"
    assert reason(driver.judge(EndChild(driver.at("r"), "pi_other", "x"))) is Reason.WRONG_STATE
    said = driver.judge(c.CancelInstance("pi_toy"))
    assert [one.instance for one in found(said, t.ChildCancelled)] == [child]
    driver.do(EndChild(driver.at("r"), child, "fine"))
    assert driver.data["note"] == "fine"


def test_cancel_leaves_no_open_task_timer_or_subscription() -> None:
    blueprint = version(
        b.AllStep("all", HERE, branches=("x", "j", "k", "w"), next="done"),
        task("x", deadline=b.Deadline("PT1H")), b.JobStep("j", HERE, type="w"), b.CallStep("k", HERE, operation="x.y"),
        b.WaitStep("w", HERE, message="m", key="number"), end(),
    )  # fmt: skip
    driver = Driver(blueprint)
    said = driver.do(c.CancelInstance("pi_toy"))
    for kind in (t.TaskCancelled, t.TimerCancelled, t.JobCancelled, t.CallCancelled, t.MessageUnsubscribed):
        assert len(found(said, kind)) == 1
    assert driver.instance.live == ()
    assert reason(driver.do(c.CancelInstance("pi_toy"))) is Reason.WRONG_STATE


def test_object_laid_onto_an_object_keeps_the_other_properties() -> None:
    blueprint = version(
        b.CallStep("k", HERE, operation="x.y", into="risk", next="r"),
        b.RulesStep("r", HERE, table="t", into="risk.grade", next="f"), task("f", "done"), end(),
    )  # fmt: skip
    driver = Driver(blueprint, {"number": "A-1", "risk": {"grade": 1}})
    driver.do(c.SucceedCall(driver.id("k"), "", {"bureau": {"score": 9}}))
    assert driver.data["risk"] == {"grade": 7, "bureau": {"score": 9}}


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({}, "amount"),
        ({"amount": "x"}, "amount"),
        ({"amount": 1, "ok": True}, "ok"),
        ({"amount": 1, "risk": {"a": 1}}, "risk"),
    ],
)
def test_form_takes_exactly_what_it_expects(data: dict[str, object], where: str) -> None:
    driver = Driver(version(task("f", "done", expects=("amount",)), end()))
    said = driver.complete("f", data=data)
    assert isinstance(said, Refusal)
    assert said.reason is Reason.INVALID_DATA
    assert f"`{where}`" in said.message


def test_decision_needs_a_stated_outcome_and_a_reason() -> None:
    driver = Driver(version(decide("d", (("yes", "done"), ("no", "done")), reason_required=True), end()))
    assert reason(driver.complete("d", "maybe", reason="x")) is Reason.UNKNOWN_OUTCOME
    assert reason(driver.complete("d", "yes", reason="  ")) is Reason.REASON_MISSING
    found(driver.complete("d", "yes", reason="it fits"), t.InstanceEnded)
