"""Waiting for a condition over the data: judged on entering and when what it reads is set, and at no other time."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ledger.clock import Instant
from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import event_transitions as events
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.resume import Deliver
from orchestrator.steering import Correct, Resume, Suspend
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.toy import DAY, HERE, Driver, end, evaluate, task, version
from versioning import blueprint as b


def wait(condition: str = "amount >= 5", name: str = "w", **fields: Any) -> b.WaitStep:
    return b.WaitStep(name, HERE, condition=condition, **fields)


def beside(*more: b.Step, waiting: b.WaitStep | None = None) -> tuple[b.Step, ...]:
    """A wait beside a form that sets the amount, and another that sets the mark."""
    fork = b.AllStep("all", HERE, branches=("w", "a", "n"), next="done")
    return fork, waiting or wait(), task("a", expects=("amount",)), task("n", expects=("ok",)), *more, end()


def driver(*steps: b.Step, **data: Any) -> Driver:
    return Driver(version(*steps), {"number": "A-1", **data})


def test_one_that_holds_goes_on_at_once() -> None:
    one = driver(wait(next="a"), task("a", "done"), end(), amount=9)
    assert one.names() == ["a"]
    assert len(one.all(events.ConditionMet)) == 1


@pytest.mark.parametrize("amount", [None, 4])
def test_one_that_does_not_hold_yet_waits(amount: int | None) -> None:
    """What is not there yet is null, and so is what is compared with it: no reason for an incident."""
    one = driver(*beside(), **({} if amount is None else {"amount": amount}))
    assert one.names() == ["all", "w", "a", "n"]
    assert not one.all(t.IncidentRaised)
    one.complete("n", data={"ok": True})
    assert "w" in one.names()
    one.complete("a", data={"amount": 5})
    assert one.instance.status == "ended"


def test_it_is_judged_when_what_it_reads_is_set_and_not_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(source: str, context: dict[str, Any]) -> Any:
        asked.append(source)
        return evaluate(source, context)

    one = driver(*beside(), amount=4)
    monkeypatch.setattr("tests.orchestrator.toy.evaluate", counting)
    one.complete("n", data={"ok": True})
    assert asked == []
    one.complete("a", data={"amount": 3})
    assert asked == ["amount >= 5"]


@pytest.mark.parametrize(("source", "code"), [("fail", "EXPRESSION_FAILED"), ("amount", "CONDITION_NOT_BOOLEAN")])
def test_one_that_cannot_be_judged_is_an_incident_that_can_be_resolved(source: str, code: str) -> None:
    office = Office(wait(source, next="done"), end())
    office.start(amount=4)
    held = office.only(tables.INCIDENT)
    assert (held.code, held.place) == (code, "condition")
    office.done(c.ResolveIncident(f"{held.instance}.{held.number}", "skip", reason="not needed"))
    assert office.instance(held.instance).status == "ended"
    office.check()


def test_data_that_make_it_unjudgeable_later_hold_it_then() -> None:
    office = Office(*beside(waiting=wait("amount")))
    office.start()
    assert not office.log.view.rows.get("incident")
    office.complete("a", data={"amount": 1})
    assert office.only(tables.INCIDENT).step == "w"
    office.check()


def test_an_incident_corrected_so_that_it_holds_goes_on_in_the_same_command() -> None:
    office = Office(wait("amount", next="x"), b.WaitStep("x", HERE, condition="amount >= 5", next="done"), end())
    instance = office.start(amount=4)
    held = office.only(tables.INCIDENT, state="open")
    office.done(c.ResolveIncident(f"{instance}.{held.number}", "skip", {"amount": 7}, "as it was meant"))
    assert office.instance(instance).status == "ended"
    office.check()


def test_as_one_of_several_events_it_closes_the_others() -> None:
    watched = (
        b.Watch("condition", "amount >= 5", "x"),
        b.Watch("after", "P1D", "y"),
        b.Watch("message", "go", "y", "number"),
    )
    steps = (b.WaitStep("w", HERE, watches=watched), task("x"), task("y"))
    one = driver(*beside(*steps[1:], waiting=steps[0]))
    assert len(one.all(events.WatchSet)) == 3
    one.complete("a", data={"amount": 6})
    assert one.names() == ["all", "n", "x"]
    assert len(one.all(t.TimerCancelled)) == 1
    assert len(one.all(t.MessageUnsubscribed)) == 1


def test_another_event_closes_it() -> None:
    watched = (b.Watch("condition", "amount >= 5", "x"), b.Watch("after", "P1D", "y"))
    one = driver(*beside(task("x"), task("y"), waiting=b.WaitStep("w", HERE, watches=watched)))
    (number,) = [live.number for live in one.instance.live if live.watch == 1]
    one.now += DAY
    assert not isinstance(one.do(c.FireTimer(f"pi_toy.{number}/delay", Instant(one.now))), Refusal)
    assert "y" in one.names()
    one.complete("a", data={"amount": 6})
    assert not one.all(events.ConditionMet)


@pytest.mark.parametrize("amounts", [(9,), (9, 3), (3, 9)])
@pytest.mark.parametrize("is_event", [True, False])
def test_none_is_judged_in_what_stands_still_and_all_are_when_it_goes_on(
    is_event: bool, amounts: tuple[int, ...]
) -> None:
    """By the data of then: what was corrected back meanwhile has led nowhere, and nobody has lost their task by it."""
    watched = task("w", "", watches=(b.Watch("condition", "amount >= 5", "x"),))
    one = driver(*beside(task("x"), waiting=watched if is_event else wait(next="x")))  # type: ignore[arg-type]
    before = one.names()
    one.do(Suspend())
    for amount in amounts:
        assert not isinstance(one.do(Correct({"amount": amount})), Refusal)
        assert not one.all(events.ConditionMet | events.WatchFired)
        assert one.names() == before
    one.do(Resume())
    assert ("x" in one.names()) == (amounts[-1] >= 5)
    assert len(one.all(events.ConditionMet)) == (amounts[-1] >= 5)


def test_of_two_that_hold_at_once_the_first_in_the_source_wins() -> None:
    watched = (b.Watch("condition", "amount >= 5", "x"), b.Watch("condition", "amount >= 4", "y"))
    one = driver(b.WaitStep("w", HERE, watches=watched), task("x", "done"), task("y", "done"), end(), amount=9)
    assert one.names() == ["x"]


def test_a_message_is_no_answer_to_it() -> None:
    one = driver(wait(next="done"), end())
    assert isinstance(one.do(Deliver(one.at("w"))), Refusal)


def test_a_loop_over_one_that_holds_is_held() -> None:
    one = driver(
        wait(next="c"),
        b.ChooseStep("c", HERE, branches=(b.Branch("true", "w"), b.Branch(None, "done"))),
        end(),
        amount=9,
    )
    assert [incident.code for incident in one.all(t.IncidentRaised)] == ["STEP_LIMIT"]


def test_data_brought_by_a_child_let_its_parent_go_on() -> None:
    fork = b.AllStep("all", HERE, branches=("w", "r"), next="done")
    child = b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), into="note")
    office = Office(fork, wait("note"), child, end())
    office.house.release(version(task("c", "done"), end(outcome="5"), blueprint="child"))
    instance = office.start()
    office.complete("c")
    assert office.only(tables.INCIDENT).code == "CONDITION_NOT_BOOLEAN"  # a text is no answer
    assert office.instance(instance).status == "active"
    office.check()


def test_closing_it_leaves_nothing_behind() -> None:
    office = Office(*beside())
    instance = office.start()
    office.done(c.CancelInstance(instance), ANN)
    assert office.instance(instance).marking == "[]"
    office.check()


@given(
    some.lists(
        some.tuples(some.sampled_from(("a", "n")), some.integers(0, 9)), max_size=4, unique_by=lambda one: one[0]
    )
)
def test_it_waits_exactly_while_its_condition_does_not_hold(commands: list[tuple[str, int]]) -> None:
    one = driver(*beside(), amount=0)
    amount = 0
    for step, value in commands:
        assert ("w" in one.names()) == (amount < 5)
        if step == "a":
            amount = value
        one.complete(step, data={"amount": value} if step == "a" else {"ok": value > 4})
    assert ("w" in one.names()) == (amount < 5)
