"""`on failure: {next: STEP}`: a step that has failed is left for another one, and no incident is raised."""

from typing import Any

import pytest

from orchestrator import children
from orchestrator import commands as c
from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.undo_transitions import UndoKept
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b
from versioning.net import net_of
from versioning.soundness import soundness

LEADS: dict[str, Any] = {"on_failure_next": "other"}
FAILS = (("n", "fail"),)
REST = (task("other", "done"), end(), end("refused", "refused"))
WAYS = (b.Branch("fail", "done"), b.Branch(None, "refused"))
INNER = (task("x"), task("y"))
AT_ONCE = [
    decide("s", (("yes", "done"), ("no", "refused")), skip_when="fail", skip_to="done", **LEADS),
    task("s", "done", skip_when="fail", **LEADS),
    b.CallStep("s", HERE, operation="x.y", arguments=FAILS, next="done", **LEADS),
    b.JobStep("s", HERE, type="w", arguments=FAILS, next="done", **LEADS),
    b.RunStep("s", HERE, blueprint="child", arguments=FAILS, next="done", **LEADS),
    b.RulesStep("s", HERE, table="broken", into="note", next="done", **LEADS),
    b.ChooseStep("s", HERE, branches=WAYS, **LEADS),
    b.AnyOfStep("s", HERE, branches=(b.Branch("fail", "x"), b.Branch(None, "y")), next="done", **LEADS),
    b.AllStep("s", HERE, branches=("x", "y"), skip_when="fail", next="done", **LEADS),
    b.WaitStep("s", HERE, message="m", key="fail", next="done", **LEADS),
    b.WaitStep("s", HERE, condition="fail", next="done", **LEADS),
    b.SendStep("s", HERE, message="m", key="fail", next="done", **LEADS),
    b.EachStep(
        "s", HERE, of="items", element="item", next="done", at_once=True,
        body=b.CallStep("s", HERE, operation="x.y", arguments=FAILS), **LEADS,
    ),
]  # fmt: skip


def call(**fields: Any) -> Driver:
    step = b.CallStep("s", HERE, operation="x.y", next="done", **LEADS, **fields)
    return Driver(version(step, *REST))


@pytest.mark.parametrize("step", AT_ONCE, ids=lambda step: f"{b.kind_of(step)}")
def test_every_kind_goes_another_way_and_leaves_nothing_open(step: Any) -> None:
    inner = INNER if isinstance(step, b.AllStep | b.AnyOfStep) else ()
    driver = Driver(version(step, *inner, *REST), {"number": "A-1", "items": [1, 2]})
    assert driver.names() == ["other"]
    assert not driver.all(t.IncidentRaised)
    (caught,) = driver.all(events.ErrorCaught)
    assert caught.to == "other"
    assert [one.to for one in driver.all(t.StepLeft) if one.activation == caught.activation] == ["other"]
    assert soundness(net_of(driver.plan.version.blueprint)).verdict == "sound"


def test_a_call_that_is_tried_no_more_leads_on() -> None:
    driver = call(retry=b.Retry(1, first="PT2S"))
    driver.do(c.FailCall(driver.id("s"), "", "DOWN", True))
    assert driver.names() == ["s"]
    driver.fire("s", "retry")
    driver.do(c.FailCall(driver.id("s"), "", "DOWN", True))
    assert [one.code for one in driver.all(events.ErrorCaught)] == ["DOWN"]
    assert driver.names() == ["other"]


def test_its_own_word_for_an_error_comes_first() -> None:
    driver = call(watches=(b.Watch("error", "DOWN", "refused"),))
    driver.do(c.FailCall(driver.id("s"), "", "DOWN", False))
    assert driver.instance.outcome == "refused"


def test_a_call_that_is_late_has_failed() -> None:
    driver = call(deadline=b.Deadline("PT1H"))
    driver.fire("s")
    assert (driver.names(), driver.all(t.IncidentRaised)) == (["other"], [])


def test_what_happened_can_be_undone_though_its_answer_does_not_fit() -> None:
    undo = b.CallStep("s", HERE, operation="x.undo", arguments=(("n", "number"),))
    driver = call(into="amount", undo=undo)
    driver.do(c.SucceedCall(driver.id("s"), "", "no number"))
    assert [(one.step, one.arguments) for one in driver.all(UndoKept)] == [("s", {"n": "A-1"})]
    assert driver.names() == ["other"]


def test_what_failed_before_it_happened_is_not_undone() -> None:
    driver = call(undo=b.CallStep("s", HERE, operation="x.undo"))
    driver.do(c.FailCall(driver.id("s"), "", "DOWN", False))
    assert driver.names() == ["other"]
    assert not driver.all(UndoKept)


def test_an_instance_that_was_cancelled_by_itself_leads_on() -> None:
    driver = Driver(version(b.RunStep("s", HERE, blueprint="child", next="done", **LEADS), *REST))
    running = driver.instance.live[0]
    driver.do(children.FailChild(running.number, running.holder, "CHILD_CANCELLED"))
    assert driver.names() == ["other"]


def test_a_failure_that_leads_round_for_ever_is_held_by_the_limit() -> None:
    step = b.CallStep("s", HERE, operation="x.y", arguments=FAILS, next="done", on_failure_next="s")
    driver = Driver(version(step, end()))
    assert [one.code for one in driver.all(t.IncidentRaised)] == ["STEP_LIMIT"]


def test_a_condition_that_fails_lets_what_else_waits_go_on() -> None:
    fork = b.AllStep("fork", HERE, branches=("set", "one", "two"), next="done")
    waits = [
        b.WaitStep(name, HERE, condition=source, on_failure_next=leads)
        for name, source, leads in (("one", "note", "held"), ("two", "ok", None))
    ]
    expects = task("set", "", expects=("note", "ok"))
    driver = Driver(version(fork, expects, *waits, task("held"), end()))
    driver.complete("set", data={"note": "neither", "ok": True})
    assert driver.names() == ["fork", "held"]
    assert not driver.all(t.IncidentRaised)
