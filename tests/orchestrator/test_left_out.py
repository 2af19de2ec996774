"""Decisions, choices, waits and ends passed over by their own condition: where that leads, and how it is told."""

from typing import Any

import pytest

from orchestrator import event_transitions as events
from orchestrator import transitions as t
from orchestrator.progress import progress, visits
from orchestrator.telling import words
from orchestrator.transition_values import to_value
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b
from versioning.net import net_of
from versioning.passing_over import passed_over_to
from versioning.soundness import soundness

WAYS = (("yes", "done"), ("no", "refused"))
SAID: dict[str, Any] = {"skip_when": "ok", "skip_to": "waived"}
CHOICE = (b.Branch("amount >= 5", "done"), b.Branch(None, "refused"))
EVENTS = (b.Watch("message", "m", "done", "number"), b.Watch("after", "PT1H", "refused"))
STEPS = [
    decide("s", WAYS, **SAID),
    b.ChooseStep("s", HERE, branches=CHOICE, **SAID),
    b.WaitStep("s", HERE, watches=EVENTS, **SAID),
    b.EndStep("s", HERE, outcome="early", **SAID),
]
REST = (task("waived", "done"), end(), end("refused", "refused"))


@pytest.mark.parametrize("step", STEPS, ids=b.kind_of)
def test_it_goes_where_it_says_and_nothing_of_it_begins(step: Any) -> None:
    driver = Driver(version(step, *REST), {"number": "A-1", "ok": True})
    assert driver.names() == ["waived"]
    assert [one.by for one in driver.all(t.StepSkipped)] == ["condition"]
    assert [one.to for one in driver.all(t.StepLeft)] == ["waived"]
    assert {one.activation for one in driver.all(t.TaskOffered)} == {driver.at("waived")}
    begun = (t.BranchChosen, events.FirstAwaited, events.WatchSet, t.InstanceEnded)
    assert not [one for one in driver.batches[0] if isinstance(one, begun)]


@pytest.mark.parametrize("step", STEPS, ids=b.kind_of)
def test_it_is_taken_where_the_condition_does_not_hold(step: Any) -> None:
    driver = Driver(version(step, *REST), {"number": "A-1", "ok": False, "amount": 7})
    assert not driver.all(t.StepSkipped)
    assert "waived" not in driver.names()


@pytest.mark.parametrize("step", STEPS, ids=b.kind_of)
def test_the_net_has_the_way_too(step: Any) -> None:
    net = net_of(version(step, *REST).blueprint)
    passed = [one for one in net.transitions if one.cause == "skipped"]
    assert [(one.step, one.detail) for one in passed] == [("s", "waived")]
    assert soundness(net).verdict == "sound"


def test_ways_that_all_lead_to_one_step_need_no_word_of_it() -> None:
    assert passed_over_to(decide("s", (("yes", "done"), ("no", "done")), skip_when="ok")) == "done"
    assert passed_over_to(decide("s", (("yes", ""), ("no", "")), skip_when="ok")) == ""
    assert passed_over_to(decide("s", WAYS, skip_when="ok")) is None
    assert passed_over_to(b.EndStep("s", HERE, outcome="early", skip_when="ok")) is None


def test_a_decision_passed_over_in_a_branch_ends_that_branch() -> None:
    fork = b.AllStep("fork", HERE, branches=("s", "z"), next="done")
    inner = decide("s", (("yes", ""), ("no", "")), skip_when="ok")
    driver = Driver(version(fork, inner, task("z"), end()), {"number": "A-1", "ok": True})
    assert driver.names() == ["fork", "z"]
    assert driver.instance.live[0].arrived == ("s",)


def test_it_is_told_as_passed_over_and_never_as_decided() -> None:
    office = Office(decide("s", WAYS, **SAID), *REST)
    instance = office.start(ok=True)
    (entry,) = office.log.entries
    assert "A step was passed over, since its condition held." in words(entry)
    assert "decision" not in entry.payload
    assert not [one for one in entry.payload["transitions"] if one["t"].startswith(("task.c", "vote"))]
    seen = visits([(entry.recorded, entry.payload["transitions"])])
    (told,) = progress(("s",), seen, ())
    assert (told.status, told.done_at) == ("skipped", None)
    assert office.task_id("waived").startswith(instance)
    office.check()


def test_what_stands_in_its_entry_is_what_skipping_always_said() -> None:
    assert to_value(t.StepSkipped(3, "condition")) == {"t": "step.skipped", "activation": 3, "by": "condition"}
