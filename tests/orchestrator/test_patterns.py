"""The control-flow patterns that the language has, one test each; docs/workflow-patterns.md is the whole list.

What it lacks is held by `test_patterns_lacking`.

Source: N. Russell, A. ter Hofstede, W. van der Aalst and N. Mulyar, "Workflow Control-Flow Patterns: A Revised View",
2006.
"""

from typing import Any

import pytest

from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.resume import Deliver
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b


def run(*steps: b.Step, **data: object) -> Driver:
    return Driver(version(*steps, end()), {"number": "A-1", **data})


def both(need: int = 0, next_: str = "c") -> tuple[b.Step, ...]:
    return b.AllStep("all", HERE, branches=("a", "b"), next=next_, need=need), task("a"), task("b"), task("c", "done")


def test_wcp_1_sequence() -> None:
    driver = run(task("a", "b"), task("b", "done"))
    driver.complete("a")
    assert driver.names() == ["b"]


def test_wcp_2_parallel_split() -> None:
    assert run(*both()).names() == ["all", "a", "b"]


def test_wcp_3_synchronization() -> None:
    driver = run(*both())
    driver.complete("b")
    assert driver.names() == ["all", "a"]
    driver.complete("a")
    assert driver.names() == ["c"]


def choose() -> tuple[b.Step, ...]:
    ways = (b.Branch("amount >= 5", "a"), b.Branch(None, "b"))
    return b.ChooseStep("x", HERE, branches=ways), task("a", "c"), task("b", "c"), task("c", "done")


@pytest.mark.parametrize(("amount", "step"), [(9, "a"), (1, "b")])
def test_wcp_4_exclusive_choice(amount: int, step: str) -> None:
    assert run(*choose(), amount=amount).names() == [step]


@pytest.mark.parametrize("amount", [9, 1])
def test_wcp_5_simple_merge(amount: int) -> None:
    driver = run(*choose(), amount=amount)
    driver.complete(driver.names()[0])
    assert driver.names() == ["c"]
    driver.complete("c")
    assert driver.instance.status == "ended"


def some() -> tuple[b.Step, ...]:
    ways = (b.Branch("amount >= 5", "a"), b.Branch("amount >= 7", "b"), b.Branch(None, "c"))
    return b.AnyOfStep("some", HERE, branches=ways, next="d"), task("a"), task("b"), task("c"), task("d", "done")


@pytest.mark.parametrize(("amount", "steps"), [(9, ["a", "b"]), (6, ["a"]), (1, ["c"])])
def test_wcp_6_multi_choice(amount: int, steps: list[str]) -> None:
    assert run(*some(), amount=amount).names() == ["some", *steps]


@pytest.mark.parametrize("amount", [9, 6, 1])
def test_wcp_7_structured_synchronizing_merge(amount: int) -> None:
    driver = run(*some(), amount=amount)
    for step in driver.names()[1:]:
        assert "d" not in driver.names()
        driver.complete(step)
    assert driver.names() == ["d"]


def test_wcp_10_arbitrary_cycles() -> None:
    """Two ways into the cycle and two out of it."""
    driver = run(
        decide("x", (("left", "a"), ("right", "b"))),
        decide("a", (("on", "b"), ("out", "done"))),
        decide("b", (("on", "a"), ("out", "done"))),
    )
    for step, outcome in (("x", "right"), ("b", "on"), ("a", "on"), ("b", "out")):
        driver.complete(step, outcome)
    assert driver.instance.status == "ended"


def test_wcp_13_multiple_instances_with_a_priori_design_time_knowledge() -> None:
    assert run(*both()).names() == ["all", "a", "b"]


def elements(**fields: Any) -> tuple[b.Step, ...]:
    body = b.JobStep("e", HERE, type="w", arguments=(("n", "item"),))
    return b.EachStep("e", HERE, of="items", element="item", body=body, next="c", **fields), task("c", "done")


def test_wcp_14_multiple_instances_with_a_priori_run_time_knowledge() -> None:
    for count in (1, 3):
        driver = run(*elements(at_once=True), items=[*range(count)])
        assert driver.names() == ["e"] * (1 + count)
        for number in range(2, 2 + count):
            driver.do(c.CompleteJob(f"pi_toy.{number}", ""))
        assert driver.names() == ["c"]


def test_wcp_16_deferred_choice() -> None:
    events = (b.Watch("message", "yes", "a", "number"), b.Watch("after", "P1D", "c"))
    driver = run(b.WaitStep("w", HERE, watches=events), task("a", "done"), task("c", "done"))
    (number,) = [one.number for one in driver.instance.live if one.watch == 0]
    driver.do(Deliver(number))
    assert driver.names() == ["a"]
    assert len(driver.all(t.TimerCancelled)) == 1


def in_any_order(need: int = 0) -> Driver:
    fork = b.AllStep("all", HERE, branches=("a", "x"), next="c", need=need, begun_by="role clerks")
    return run(fork, task("a", "b"), task("b"), task("x"), task("c", "done"))


@pytest.mark.parametrize("first", ["a", "x"])
def test_wcp_17_interleaved_parallel_routing(first: str) -> None:
    driver = in_any_order()
    assert driver.names() == ["all"]
    second = {"a": "x", "x": "a"}[first]
    for branch in (first, second):
        assert not isinstance(driver.do(c.BeginBranch("pi_toy.1", branch)), Refusal)
        for other in ("a", "x"):  # one after the other, and each once
            assert isinstance(driver.do(c.BeginBranch("pi_toy.1", other)), Refusal)
        driver.complete(branch)
        if branch == "a":
            driver.complete("b")
    assert driver.names() == ["c"]


def test_wcp_19_cancel_task() -> None:
    driver = run(task("a", "done", watches=(b.Watch("message", "stop", "c", "number"),)), task("c", "done"))
    task_id = driver.id("a")
    (number,) = [one.number for one in driver.instance.live if one.watch == 0]
    driver.do(Deliver(number))
    assert driver.names() == ["c"]
    assert isinstance(driver.do(c.ClaimTask(task_id)), Refusal)


def test_wcp_20_cancel_case() -> None:
    driver = run(*both())
    driver.do(c.CancelInstance("pi_toy", "withdrawn"))
    assert (driver.instance.status, driver.instance.live) == ("cancelled", ())


def test_wcp_21_structured_loop() -> None:
    driver = run(task("a", "again"), decide("again", (("once more", "a"), ("enough", "done"))))
    for _ in range(3):
        driver.complete("a")
        driver.complete("again", "once more")
    driver.complete("a")
    driver.complete("again", "enough")
    assert driver.instance.status == "ended"
    assert len([one for one in driver.all(t.StepEntered) if one.step == "a"]) == 4


def test_wcp_23_transient_trigger() -> None:
    """A message that comes when nobody waits for it starts nothing and is refused."""
    driver = run(task("a", "w"), b.WaitStep("w", HERE, message="go", key="number", next="done"))
    assert isinstance(driver.do(Deliver(driver.at("a"))), Refusal)
    driver.complete("a")
    driver.do(Deliver(driver.at("w")))
    assert driver.instance.status == "ended"


def test_wcp_24_persistent_trigger() -> None:
    """A message that is kept goes to who waits for it later, once."""
    office = Office(task("a", "w"), b.WaitStep("w", HERE, message="go", key="number", next="done"), end())
    office.done(c.Correlate("go", "A-1", keep_for="P1D"))
    for key, status in (("A-2", "active"), ("A-1", "ended")):
        instance = office.start(key)
        office.complete("a")
        assert office.instance(instance).status == status


def test_wcp_25_cancel_region() -> None:
    inner = b.AllStep("inner", HERE, branches=("p", "q"))
    stop = b.Watch("message", "stop", "c", "number")
    outer = b.AllStep("all", HERE, branches=("a", "inner"), next="done", watches=(stop,))
    driver = run(outer, task("a"), inner, task("p"), task("q"), task("c", "done"))
    (number,) = [one.number for one in driver.instance.live if one.watch == 0]
    driver.do(Deliver(number))
    assert driver.names() == ["c"]
    assert len(driver.all(t.TaskCancelled)) == 3


def test_wcp_26_cancel_multiple_instance_task() -> None:
    stop = b.Watch("message", "stop", "c", "number")
    driver = run(*elements(at_once=True, watches=(stop,)), items=[1, 2])
    (watch,) = [one.number for one in driver.instance.live if one.watch is not None]
    driver.do(Deliver(watch))
    assert driver.names() == ["c"]


@pytest.mark.parametrize("at_once", [True, False])
def test_wcp_27_complete_multiple_instance_task(at_once: bool) -> None:
    driver = run(*elements(at_once=at_once, until="ok"), items=[1, 2, 3], ok=True)
    driver.do(c.CompleteJob("pi_toy.2", ""))
    assert driver.names() == ["c"]


def test_wcp_29_cancelling_discriminator() -> None:
    driver = run(*both(need=1))
    driver.complete("b")
    assert driver.names() == ["c"]
    assert len(driver.all(t.TaskCancelled)) == 1


def test_wcp_32_cancelling_partial_join() -> None:
    steps = (b.AllStep("all", HERE, branches=("a", "b", "d"), next="c", need=2), task("a"), task("b"), task("d"))
    driver = run(*steps, task("c", "done"))
    driver.complete("d")
    assert "c" not in driver.names()
    driver.complete("a")
    assert driver.names() == ["c"]
    assert len(driver.all(t.TaskCancelled)) == 1


def test_wcp_35_cancelling_partial_join_for_multiple_instances() -> None:
    driver = run(*elements(at_once=True, until="ok"), items=[1, 2, 3])
    driver.do(c.CompleteJob("pi_toy.3", ""))
    assert driver.names() == ["e", "e", "e"]
    driver.data["ok"] = True
    driver.do(c.CompleteJob("pi_toy.2", ""))
    assert driver.names() == ["c"]
    assert len(driver.all(t.JobCancelled)) == 1


def test_wcp_37_local_synchronizing_merge() -> None:
    """What can still arrive is known where the branches began, whatever happened in them."""
    ways = (b.Branch("true", "x"), b.Branch("amount >= 7", "b"), b.Branch(None, "b"))
    inner = b.ChooseStep("x", HERE, branches=(b.Branch("amount >= 9", "a"), b.Branch(None, "e")))
    some_ = b.AnyOfStep("some", HERE, branches=ways, next="d")
    driver = run(some_, inner, task("a"), task("e"), task("b"), task("d", "done"), amount=8)
    driver.complete("e")
    assert "d" not in driver.names()
    driver.complete("b")
    assert driver.names() == ["d"]


def test_wcp_40_interleaved_routing() -> None:
    driver = in_any_order(need=1)
    driver.do(c.BeginBranch("pi_toy.1", "x"))
    driver.complete("x")
    assert driver.names() == ["c"]
    assert isinstance(driver.do(c.BeginBranch("pi_toy.1", "a")), Refusal)


def test_wcp_43_explicit_termination() -> None:
    stop = b.Watch("message", "stop", "done", "number", meanwhile=False)
    driver = run(b.AllStep("all", HERE, branches=("a", "b"), next="done", watches=(stop,)), task("a"), task("b"))
    (number,) = [one.number for one in driver.instance.live if one.watch == 0]
    driver.do(Deliver(number))
    assert (driver.instance.status, driver.instance.live) == ("ended", ())
