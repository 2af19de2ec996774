"""Undoing: what was done and only that, the last first, once; on a decision, and when an instance is cancelled."""

from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, decide, end, task, version
from versioning import blueprint as b


def undo(name: str) -> b.CallStep:
    return b.CallStep(name, HERE, operation=f"bank.undo_{name}", arguments=(("n", "amount"),), retry=b.Retry(1))


def call(name: str, next_: str, **fields: Any) -> b.CallStep:
    return b.CallStep(name, HERE, operation="bank.do", next=next_, undo=undo(name), **fields)


def took(office: Office) -> list[str]:
    """The operations that are to be called now."""
    return [row.operation for row in office.log.view.rows.get("call", {}).values() if row.state == "requested"]


def make(office: Office, succeeds: bool = True, retryable: bool = False) -> str:
    """Make the one call that is open; its operation."""
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    if succeeds:
        office.done(c.SucceedCall(leased["call"], leased["lease"], {}), SYSTEM)
    else:
        office.done(c.FailCall(leased["call"], leased["lease"], "DOWN", retryable), SYSTEM)
    return str(leased["operation"])


STEPS = (
    call("a", "f"),
    task("f", "b", expects=("amount",), undo=undo("f")),
    call("b", "d"),
    decide("d", (("yes", "done"), ("no", "back"))),
    b.UndoStep("back", HERE, next="sorry"),
    task("sorry", "done"),
    end(),
)


def decided(outcome: str = "no") -> Office:
    office = Office(*STEPS)
    office.start(amount=5)
    make(office)
    office.complete("f", data={"amount": 7})
    make(office)
    office.complete("d", ANN, outcome=outcome)
    return office


def test_on_a_decision_the_last_first_each_with_the_data_of_then() -> None:
    office = decided()
    seen = []
    while took(office):
        (row,) = [one for one in office.log.view.rows["call"].values() if one.state == "requested"]
        seen.append((make(office), row.arguments))
    assert seen == [("bank.undo_b", '{"n":7}'), ("bank.undo_f", '{"n":7}'), ("bank.undo_a", '{"n":5}')]
    assert office.task_id("sorry")
    office.check()


def test_what_is_not_taken_back_is_never_called() -> None:
    office = decided("yes")
    assert took(office) == []
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_cancelling_undoes_what_was_done_before_the_instance_is_cancelled() -> None:
    office = Office(*STEPS)
    instance = office.start(amount=5)
    make(office)
    office.complete("f", data={"amount": 7})
    assert took(office) == ["bank.do"]
    office.done(c.CancelInstance(instance))
    assert took(office) == ["bank.undo_f"]  # what was under way is closed, not undone
    assert office.instance(instance).status == "active"
    assert office.refused(c.CancelInstance(instance)) is Reason.WRONG_STATE
    make(office)
    make(office)
    assert office.instance(instance).status == "cancelled"
    assert [row.state for row in office.log.view.rows["task"].values()] == ["completed"]
    office.check()


def test_nothing_to_undo_is_cancelled_at_once() -> None:
    office = Office(*STEPS)
    instance = office.start(amount=5)
    office.done(c.CancelInstance(instance))
    assert office.instance(instance).status == "cancelled"
    office.check()


@pytest.mark.parametrize("how", ["retry", "skip"])
def test_an_undoing_that_fails_is_an_incident_and_goes_on_from_there(how: Any) -> None:
    office = decided()
    make(office, succeeds=False)
    incident = office.only(tables.INCIDENT)
    assert (incident.step, incident.code, took(office)) == ("b", "DOWN", [])
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", how, reason="by hand"), BOB)
    if how == "retry":
        assert make(office) == "bank.undo_b"
    assert make(office) == "bank.undo_f"
    assert make(office) == "bank.undo_a"
    assert office.task_id("sorry")
    office.check()


def test_a_visit_again_is_undone_again_and_each_once() -> None:
    steps = (call("a", "d"), decide("d", (("yes", "back"), ("no", "a"))), b.UndoStep("back", HERE, next="done"), end())
    office = Office(*steps)
    office.start(amount=5)
    make(office)
    office.complete("d", ANN, outcome="no")
    make(office)
    office.complete("d", ANN, outcome="yes")
    assert [make(office), make(office)] == ["bank.undo_a", "bank.undo_a"]
    assert took(office) == []
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_of_named_steps_alone() -> None:
    steps = [b.UndoStep("back", HERE, steps=("a",), next="sorry") if step.id == "back" else step for step in STEPS]
    office = Office(*steps)
    office.start(amount=5)
    make(office)
    office.complete("f", data={"amount": 7})
    make(office)
    office.complete("d", ANN, outcome="no")
    assert make(office) == "bank.undo_a"
    assert office.task_id("sorry")


def test_arguments_that_fail_do_not_undo_what_is_done_and_are_held_when_it_is_to_be_undone() -> None:
    broken = b.CallStep("a", HERE, operation="bank.undo", arguments=(("n", "fail"),))
    first = b.CallStep("a", HERE, operation="bank.do", next="back", undo=broken)
    office = Office(first, b.UndoStep("back", HERE, next="done"), end())
    office.start()
    make(office)
    incident = office.only(tables.INCIDENT)
    assert (incident.code, incident.step) == ("EXPRESSION_FAILED", "a")
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "skip", reason="by hand"), BOB)
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_an_instance_that_its_parent_takes_along_undoes_too() -> None:
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    child = version(call("a", "t"), task("t", "over"), end("over"), blueprint="child")
    office.house.release(child)
    parent = office.start()
    make(office)
    office.done(c.CancelInstance(parent))
    assert office.instance(parent).status == "cancelled"
    (inner,) = [row for row in office.log.view.rows["instance"].values() if row.id != parent]
    assert (inner.status, took(office)) == ("active", ["bank.undo_a"])
    make(office)
    assert office.instance(inner.id).status == "cancelled"
    said = [one for entry in office.log.entries for one in entry.payload.get("transitions", ())]
    assert {"t": "instance.cancelled", "by": "parent"} in said
    office.check()
