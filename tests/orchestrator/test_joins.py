"""The traps of joins, one named test each, on the pure machine."""

from itertools import permutations

import pytest

from ledger.errors import BrokenState
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.fold import apply
from tests.orchestrator.toy import HERE, HOUR, Driver, decide, end, found, reason, task, version
from versioning import blueprint as b


def parallel() -> b.BlueprintVersion:
    return version(
        b.AllStep("all", HERE, branches=("x", "y", "z"), next="after"), task("x"), task("y"), task("z"),
        task("after", "done"), end(),
    )  # fmt: skip


@pytest.mark.parametrize("order", list(permutations("xyz")))
def test_join_fires_once_whatever_the_order(order: tuple[str, ...]) -> None:
    driver = Driver(parallel())
    said = [driver.complete(name) for name in order]
    assert [len(found(one, t.JoinFired)) for one in said] == [0, 0, 1]
    assert driver.names() == ["after"]


def test_join_counts_distinct_branches_not_arrivals() -> None:
    driver = Driver(parallel())
    driver.complete("x")
    with pytest.raises(BrokenState):
        apply(driver.instance, [t.JoinArrived(1, "x")])


@pytest.mark.parametrize("order", list(permutations("xyz")))
@pytest.mark.parametrize("need", [1, 2])
def test_a_join_of_some_fires_once_and_closes_the_others(order: tuple[str, ...], need: int) -> None:
    some = b.AllStep("all", HERE, branches=("x", "y", "z"), next="after", need=need)
    driver = Driver(version(some, task("x"), task("y"), task("z"), task("after", "done"), end()))
    late = driver.id(order[-1])
    for name in order[:need]:
        driver.complete(name)
    assert [a.step for a in driver.instance.live] == ["after"]
    assert len(driver.all(t.JoinFired)) == 1
    assert len(driver.all(t.TaskCancelled)) == 3 - need
    assert reason(driver.do(c.ClaimTask(late))) is Reason.WRONG_STATE


def test_a_join_of_some_closes_what_was_still_to_be_entered() -> None:
    """The first branch arrives within the command that opens them: the second is never entered."""
    rules = b.RulesStep("x", HERE, table="t", into="risk.grade")
    driver = Driver(version(b.AllStep("all", HERE, branches=("x", "y"), next="done", need=1), rules, task("y"), end()))
    assert driver.instance.status == "ended"
    assert [one.step for one in driver.all(t.StepEntered)] == ["all", "x", "done"]


def any_of(need: int = 0) -> tuple[b.Step, ...]:
    ways = (b.Branch("amount >= 5", "x"), b.Branch("amount >= 7", "y"), b.Branch(None, "z"))
    return b.AnyOfStep("some", HERE, branches=ways, next="done", need=need), task("x"), task("y"), task("z"), end()


@pytest.mark.parametrize(("amount", "entered"), [(9, ["x", "y"]), (6, ["x"]), (1, ["z"])])
def test_an_inclusive_join_waits_for_those_that_were_entered_and_no_others(amount: int, entered: list[str]) -> None:
    driver = Driver(version(*any_of()), {"number": "A-1", "amount": amount})
    assert [a.step for a in driver.instance.live] == ["some", *entered]
    for name in reversed(entered):
        assert driver.instance.status == "active"
        driver.complete(name)
    assert driver.instance.status == "ended"


def test_an_inclusive_join_of_one_closes_the_others() -> None:
    driver = Driver(version(*any_of(1)), {"number": "A-1", "amount": 9})
    driver.complete("y")
    assert driver.instance.status == "ended"
    assert len(driver.all(t.TaskCancelled)) == 1


def test_an_inclusive_split_whose_condition_fails_enters_nothing() -> None:
    ways = (b.Branch("true", "x"), b.Branch("fail", "y"), b.Branch(None, "z"))
    some = b.AnyOfStep("some", HERE, branches=ways, next="done")
    driver = Driver(version(some, task("x"), task("y"), task("z"), end()))
    assert [a.step for a in driver.instance.live] == ["some"]
    assert [(one.code, one.where) for one in driver.all(t.IncidentRaised)] == [("EXPRESSION_FAILED", "when 2")]


def test_late_branches_are_left_with_everything_in_them() -> None:
    deadline = b.Deadline("PT4H")
    steps = (b.AllStep("all", HERE, branches=("x", "y"), next="done", deadline=deadline, on_late="chase"), task("x"))
    driver = Driver(version(*steps, task("y", deadline=b.Deadline("PT9H")), task("chase", "done"), end()))
    driver.complete("x")
    driver.now += 4 * HOUR
    driver.fire("all")
    assert [a.step for a in driver.instance.live] == ["chase"]
    assert len(driver.all(t.TimerCancelled)) == 1


def test_join_inside_a_join() -> None:
    driver = Driver(
        version(
            b.AllStep("outer", HERE, branches=("inner", "z"), next="done"),
            b.AllStep("inner", HERE, branches=("x", "y")), task("x"), task("y"), task("z"), end(),
        )
    )  # fmt: skip
    driver.complete("z")
    driver.complete("x")
    assert driver.names() == ["outer", "inner", "y"]
    found(driver.complete("y"), t.InstanceEnded)


def test_branch_that_ends_the_instance_closes_the_others() -> None:
    blueprint = version(
        b.AllStep("all", HERE, branches=("x", "y"), next="done"), decide("x", (("yes", ""), ("no", "stop"))), task("y"),
        end(), end("stop", "stopped"),
    )  # fmt: skip
    driver = Driver(blueprint)
    said = driver.complete("x", "no")
    assert len(found(said, t.TaskCancelled)) == 1
    assert driver.instance.outcome == "stopped"
