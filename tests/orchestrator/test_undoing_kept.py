"""What was done stays undoable whatever comes between: undoing that is ended, a result that does not fit, elements."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.errors import BrokenState
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.fold import apply_one
from orchestrator.fold_rows import instance_of
from orchestrator.undo_transitions import UndoPutBack
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import answer, followed, out
from tests.orchestrator.test_undoing import call, decided, make, took
from tests.orchestrator.toy import HERE, HOUR, end, task
from versioning import blueprint as b


def all_of(office: Office) -> list[str]:
    """Make every call that is open, one after the other."""
    made = []
    while took(office):
        made.append(make(office))
    return made


# Undoing that is ended before it is over


@pytest.mark.parametrize("is_out", [False, True])
def test_cancelling_while_something_is_taken_back_undoes_that_too(is_out: bool) -> None:
    office = decided()
    instance = office.only(tables.INSTANCE).id
    (call_,) = [row for row in office.log.view.rows["call"].values() if row.state == "requested"]
    went = out(office) if is_out else None
    office.done(c.CancelInstance(instance))
    assert took(office) == ["bank.undo_b"]
    again = office.row(tables.CALL, instance, call_.number)
    assert (again.idempotency_key, again.arguments) == (call_.idempotency_key, call_.arguments)
    if went is not None:
        assert answer(office, went) == "succeeded"  # it is the same call
        assert all_of(office) == ["bank.undo_f", "bank.undo_a"]
    else:
        assert all_of(office) == ["bank.undo_b", "bank.undo_f", "bank.undo_a"]
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_the_last_that_is_taken_back_is_not_forgotten() -> None:
    office = decided()
    instance = office.only(tables.INSTANCE).id
    make(office)
    make(office)
    assert took(office) == ["bank.undo_a"]  # nothing is left but this
    office.done(c.CancelInstance(instance))
    assert office.instance(instance).status == "active"
    assert all_of(office) == ["bank.undo_a"]
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_one_that_is_held_is_undone_when_the_instance_is_cancelled() -> None:
    office = decided()
    make(office, succeeds=False)
    assert office.only(tables.INCIDENT).code == "DOWN"
    office.done(c.CancelInstance(office.only(tables.INSTANCE).id))
    assert all_of(office) == ["bank.undo_b", "bank.undo_f", "bank.undo_a"]
    office.check()


def test_arguments_that_could_not_be_worked_out_are_held_again() -> None:
    undo = b.CallStep("a", HERE, operation="bank.undo_a", arguments=(("n", "fail"),))
    office = Office(
        b.CallStep("a", HERE, operation="bank.do", undo=undo, next="back"), b.UndoStep("back", HERE, next="done"), end()
    )
    instance = office.start(amount=5)
    make(office)
    first = office.only(tables.INCIDENT)
    office.done(c.CancelInstance(instance))
    again = office.only(tables.INCIDENT, state="open")
    assert (again.step, again.code, again.number > first.number) == ("a", first.code, True)
    office.check()


def test_a_taking_back_that_is_late_can_be_gone_on_with() -> None:
    late = b.UndoStep("back", HERE, next="done", deadline=b.Deadline("PT1H"), on_late="by_hand")
    steps = (call("a", "back"), late, task("by_hand", "again"))
    office = Office(*steps, b.UndoStep("again", HERE, next="done"), end())
    instance = office.start(amount=5)
    make(office)
    office.log.now += 2 * HOUR
    timer = office.only(tables.TIMER, state="set")
    office.done(c.FireTimer(f"{instance}.{timer.number}/{timer.name}", Instant(timer.due_at)), SYSTEM)
    assert took(office) == []
    assert len(followed(office, "undo.put_back")) == 1
    office.complete("by_hand")
    assert all_of(office) == ["bank.undo_a"]
    assert office.instance(instance).status == "ended"
    office.check()


def test_nothing_is_put_back_that_was_not_begun() -> None:
    office = decided()
    instance = instance_of(office.only(tables.INSTANCE))
    for number in (instance.undo[0].number, instance.next_number):
        with pytest.raises(BrokenState, match="begun and left"):
            apply_one(instance, UndoPutBack(number, "a"))


# A result that does not fit


def unfit(**fields: Any) -> tuple[Office, str]:
    """An instance whose call was made and answered what does not fit."""
    office = Office(call("a", "f", into="amount", **fields), task("f", "done"), end())
    instance = office.start()
    answer(office, out(office), "no number")
    return office, instance


def test_what_was_done_and_answered_wrongly_is_undone_when_the_instance_is_cancelled() -> None:
    office, instance = unfit()
    assert office.only(tables.INCIDENT).code == "RESULT_INVALID"
    office.done(c.CancelInstance(instance))
    held = office.only(tables.INCIDENT, state="open")  # what it reads of the answer is not known
    assert (office.instance(instance).status, held.code) == ("active", "RESULT_INVALID")
    office.done(c.ResolveIncident(f"{instance}.{held.number}", "correct", {"amount": 3}, reason="asked them"), BOB)
    assert all_of(office) == ["bank.undo_a"]
    assert office.instance(instance).status == "cancelled"
    office.check()


@pytest.mark.parametrize("data", [{}, {"amount": 3}])
def test_what_was_done_and_is_gone_past_can_be_undone(data: dict[str, Any]) -> None:
    office, instance = unfit()
    incident = office.only(tables.INCIDENT)
    office.done(c.ResolveIncident(f"{instance}.{incident.number}", "skip", data, reason="by hand"), BOB)
    assert office.task_id("f")
    office.done(c.CancelInstance(instance))
    if data:
        assert office.only(tables.CALL, state="requested").arguments == '{"n":3}'
    else:
        assert office.only(tables.INCIDENT, state="open").code == "RESULT_INVALID"
    office.check()


def test_what_is_tried_again_is_kept_once() -> None:
    office, instance = unfit()
    incident = office.only(tables.INCIDENT)
    office.done(c.ResolveIncident(f"{instance}.{incident.number}", "retry", reason="again"), BOB)
    answer(office, out(office), 7)
    (kept,) = [row for row in office.log.view.rows["call"].values() if row.state == "kept"]
    assert kept.arguments == '{"n":7}'
    office.done(c.CancelInstance(instance))
    assert all_of(office) == ["bank.undo_a"]
    office.check()


# Elements of a list


PAY = b.EachStep(
    "e",
    HERE,
    of="items",
    element="item",
    body=b.CallStep("e", HERE, operation="bank.pay", arguments=(("n", "item"),)),
    at_once=True,
    next="f",
    undo=b.CallStep("e", HERE, operation="bank.take", arguments=(("n", "item"),)),
)


def listed(pay: b.EachStep = PAY) -> Office:
    return Office(pay, task("f", "done"), end())


def asked(office: Office, operation: str) -> list[tuple[str, str]]:
    rows = office.log.view.rows["call"].values()
    return [(row.arguments, row.state) for row in rows if row.operation == operation]


def pay(office: Office, *answers: str) -> dict[str, tuple[str, str]]:
    """Make the open calls; those that are answered now, and those that are out, by their argument."""
    left = {}
    for leased in office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]:
        office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
        went, argument = (leased["call"], leased["lease"]), str(leased["arguments"]["n"])
        if argument in answers:
            answer(office, went)
        else:
            left[argument] = went
    return left


def test_what_was_done_for_each_element_is_undone_for_each_the_last_first() -> None:
    office = listed()
    instance = office.start(items=[10, 20, 30])
    assert pay(office, "20", "10", "30") == {}
    assert office.task_id("f")
    office.done(c.CancelInstance(instance))
    seen = []
    while took(office):
        seen.append(office.only(tables.CALL, state="requested").arguments)
        make(office)
    assert seen == ['{"n":30}', '{"n":20}', '{"n":10}']
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_an_element_that_was_gone_past_was_not_done() -> None:
    office = listed()
    instance = office.start(items=[10, 20])
    left = pay(office, "10")
    office.done(c.FailCall(*left["20"], "DOWN", False), SYSTEM)
    incident = office.only(tables.INCIDENT)
    office.done(c.ResolveIncident(f"{instance}.{incident.number}", "skip", reason="not paid"), BOB)
    office.done(c.CancelInstance(instance))
    assert asked(office, "bank.take") == [('{"n":10}', "requested")]
    office.check()


def test_an_element_whose_answer_came_late_is_undone() -> None:
    office = listed()
    instance = office.start(items=[10, 20])
    left = pay(office, "10")
    office.done(c.CancelInstance(instance))
    make(office)
    assert office.instance(instance).status == "cancelled"
    assert answer(office, left["20"]) == "late"
    assert asked(office, "bank.take") == [('{"n":10}', "succeeded"), ('{"n":20}', "requested")]
    make(office)
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_a_list_that_has_changed_meanwhile_is_never_taken_for_what_was_done() -> None:
    undo = b.CallStep("e", HERE, operation="bank.take", arguments=(("from", "item"),))
    office = listed(replace(PAY, undo=undo))
    instance = office.start(items=[10, 20])
    left = pay(office, "10")
    office.done(c.CorrectData(instance, {"items": [10, 99]}, "wrong account"), ANN)
    office.done(c.CancelInstance(instance))
    answer(office, left["20"])
    assert asked(office, "bank.take")[1] == ("{}", "kept")
    make(office)
    held = office.only(tables.INCIDENT, state="open")
    assert (held.code, held.place) == ("ELEMENT_CHANGED", "undo")
    office.done(c.ResolveIncident(f"{instance}.{held.number}", "correct", {"items": [10, 20]}, reason="as paid"), BOB)
    assert asked(office, "bank.take")[1] == ('{"from":20}', "requested")
    make(office)
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_what_takes_the_same_as_the_call_did_is_told_what_that_was_told_whatever_the_list_says_now() -> None:
    office = listed()
    instance = office.start(items=[10, 20])
    left = pay(office, "10")
    office.done(c.CorrectData(instance, {"items": [99]}, "wrong account"), ANN)
    office.done(c.CancelInstance(instance))
    answer(office, left["20"])
    while took(office):
        make(office)
    assert asked(office, "bank.take") == [('{"n":10}', "succeeded"), ('{"n":20}', "succeeded")]
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_an_element_that_was_being_undone_is_put_back_as_what_it_is() -> None:
    office = Office(replace(PAY, next="back"), b.UndoStep("back", HERE, next="done"), end())
    instance = office.start(items=[10, 20])
    pay(office, "10", "20")
    office.done(c.CancelInstance(instance))
    back = followed(office, "undo.put_back")
    assert back == [{"t": "undo.put_back", "activation": back[0]["activation"], "step": "e", "element": 2}]
    assert asked(office, "bank.take") == [('{"n":10}', "kept"), ('{"n":20}', "requested")]
    assert all_of(office) == ["bank.take", "bank.take"]
    office.check()
