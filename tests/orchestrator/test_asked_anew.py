"""A call that is asked for again with other arguments is another call: neither is taken for the other, and what the
first has done is not forgotten."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.run import Failed
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import answer, out
from tests.orchestrator.toy import HERE, HOUR, end, evaluate, task
from versioning import blueprint as b

NUMBER = (("n", "amount"),)
SAME = b.CallStep("p", HERE, operation="bank.take", arguments=NUMBER)
OWN = b.CallStep("p", HERE, operation="bank.take", arguments=(("from", "amount"),))


def paying(undo: b.CallStep = SAME, evaluating: Any = evaluate, **fields: Any) -> tuple[Office, str]:
    """An instance that is to pay 5."""
    call = b.CallStep("p", HERE, operation="bank.pay", arguments=NUMBER, undo=undo, next="f", **fields)
    office = Office(call, task("f", "done"), end())
    office.house.expressions = lambda plan, now: evaluating
    office.log = office.house.log()
    return office, office.start(amount=5)


def late(office: Office, instance: str) -> None:
    """The call is held since no answer has come in time; its lease holds still."""
    row = office.row(tables.TIMER, instance, 1, "deadline")
    office.log.now = row.due_at
    office.done(c.FireTimer(f"{instance}.1/deadline", Instant(row.due_at)), SYSTEM)


def held(office: Office) -> str:
    return str(office.only(tables.INCIDENT, state="open").code)


def resolve(office: Office, how: Any = "retry", **data: Any) -> None:
    found = office.only(tables.INCIDENT, state="open")
    office.done(c.ResolveIncident(f"{found.instance}.{found.number}", how, data, "as agreed"), BOB)


def call(office: Office) -> tuple[str, str]:
    """The arguments and key of the call that waits to be made."""
    row = office.only(tables.CALL, state="requested")
    return row.arguments, row.idempotency_key.partition(".")[2]


def undone(office: Office, instance: str) -> list[str]:
    """What is called, and with what, when the instance is cancelled."""
    office.done(c.CancelInstance(instance), ANN)
    seen = []
    while open_ := [row for row in office.log.view.rows["call"].values() if row.state == "requested"]:
        seen.append(f"{open_[0].operation} {open_[0].arguments}")
        answer(office, out(office))
    assert office.instance(instance).status == "cancelled"
    return seen


SLOW: dict[str, Any] = {"deadline": b.Deadline("PT1S")}


def test_while_the_first_is_out_the_other_is_not_made() -> None:
    office, instance = paying(**SLOW)
    went = out(office)
    late(office, instance)
    resolve(office, "correct", amount=6)
    assert held(office) == "CALL_OUT"
    assert answer(office, went) == "late"
    assert held(office) == "ARGUMENTS_CHANGED"
    resolve(office)
    assert call(office) == ('{"n":6}', "1.2")
    answer(office, out(office))
    assert undone(office, instance) == ['bank.take {"n":6}', 'bank.take {"n":5}']
    office.check()


def test_the_first_may_be_what_was_wanted_after_all() -> None:
    office, instance = paying(**SLOW)
    went = out(office)
    late(office, instance)
    resolve(office, "correct", amount=6)
    answer(office, went)
    resolve(office, "skip", amount=5)
    assert office.task_id("f")
    assert undone(office, instance) == ['bank.take {"n":5}']
    office.check()


def test_when_the_first_can_come_no_more_the_other_is_made() -> None:
    office, instance = paying(**SLOW)
    out(office)
    late(office, instance)
    resolve(office, "correct", amount=6)
    office.log.now += HOUR
    resolve(office)
    assert call(office) == ('{"n":6}', "1.2")


def test_with_the_same_arguments_it_is_the_same_call_and_its_answer_counts() -> None:
    office, instance = paying(**SLOW)
    went = out(office)
    late(office, instance)
    resolve(office)
    assert call(office) == ('{"n":5}', "1")
    assert answer(office, went) == "succeeded"
    assert undone(office, instance) == ['bank.take {"n":5}']
    office.check()


@pytest.mark.parametrize(("undo", "first"), [(SAME, 'bank.take {"n":5}'), (OWN, "")])
def test_what_was_done_before_the_data_were_corrected_is_undone_as_well(undo: b.CallStep, first: str) -> None:
    office, instance = paying(undo, into="amount")
    answer(office, out(office), "no number")
    assert held(office) == "RESULT_INVALID"
    resolve(office, "correct", amount=6)
    assert call(office) == ('{"n":6}', "1.2")
    answer(office, out(office), 60)
    kept = [row for row in office.log.view.rows["call"].values() if row.state == "kept"]
    assert len(kept) == 2
    if first:
        assert undone(office, instance) == ['bank.take {"n":6}', first]
    else:  # nobody knows any more from whom: a person says
        office.done(c.CancelInstance(instance), ANN)
        answer(office, out(office))
        assert held(office) == "RESULT_INVALID"
    office.check()


@pytest.mark.parametrize(("undo", "told"), [(SAME, '{"n":5}'), (OWN, '{"from":6}')])
def test_undoing_that_takes_what_the_call_took_takes_it_as_it_was_made(undo: b.CallStep, told: str) -> None:
    office, instance = paying(undo)
    went = out(office)
    office.done(c.CorrectData(instance, {"amount": 6}, "a slip"), ANN)
    answer(office, went)
    assert undone(office, instance) == [f"bank.take {told}"]
    office.check()


def test_what_is_corrected_while_it_stands_still_is_another_call_when_it_goes_on() -> None:
    office, instance = paying()
    office.done(c.FailCall(*out(office), "DOWN", False), SYSTEM)
    office.done(c.SuspendInstance(instance), ANN)
    resolve(office, "correct", amount=6)
    office.done(c.ResumeInstance(instance), ANN)
    assert call(office) == ('{"n":6}', "1.2")
    office.check()


def test_what_is_tried_again_while_it_stands_still_is_the_same_call_when_it_goes_on() -> None:
    office, instance = paying()
    office.done(c.FailCall(*out(office), "DOWN", False), SYSTEM)
    office.done(c.SuspendInstance(instance), ANN)
    resolve(office)
    office.done(c.ResumeInstance(instance), ANN)
    assert call(office) == ('{"n":5}', "1")
    office.check()


def test_an_undoing_that_is_corrected_while_it_stands_still_is_made_as_corrected() -> None:
    pay = b.CallStep("p", HERE, operation="bank.pay", arguments=NUMBER, undo=SAME, next="back")
    office = Office(pay, b.UndoStep("back", HERE, next="done"), end())
    instance = office.start(amount=5)
    answer(office, out(office))
    office.done(c.FailCall(*out(office), "DOWN", False), SYSTEM)
    office.done(c.SuspendInstance(instance), ANN)
    resolve(office, "correct", amount=6)
    assert office.done(c.LeaseCalls("r", 5), SYSTEM).result["calls"] == []
    office.done(c.ResumeInstance(instance), ANN)
    assert office.only(tables.CALL, state="requested").arguments == '{"n":6}'
    answer(office, out(office))
    assert office.instance(instance).status == "ended"
    office.check()


READS = b.CallStep("p", HERE, operation="bank.take", arguments=(("n", "amount"), ("found", "risk.grade")))


@pytest.mark.parametrize(("undo", "first"), [(SAME, ['bank.take {"n":5}']), (READS, [])])
def test_what_was_answered_and_is_asked_for_again_is_not_forgotten_when_that_is_closed(
    undo: b.CallStep, first: list[str]
) -> None:
    office, instance = paying(undo, into="risk.grade")
    answer(office, out(office), "no number")
    resolve(office)
    assert call(office) == ('{"n":5}', "1")
    went = out(office)
    if first:
        assert undone(office, instance) == first
    else:
        office.done(c.CancelInstance(instance), ANN)
        assert held(office) == "RESULT_INVALID"  # a person says what was found
    again = office.send(c.SucceedCall(*went, 7), SYSTEM)
    assert isinstance(again, Refusal)  # that it has happened is known, and it is undone once
    office.check()


@pytest.mark.parametrize("undo", [SAME, READS])
def test_what_is_answered_twice_under_one_key_is_undone_once_with_what_fits(undo: b.CallStep) -> None:
    office, instance = paying(undo, into="risk.grade")
    for one in ("no number", "none either", 7):
        answer(office, out(office), one)
        if one != 7:
            resolve(office)
    told = '{"n":5}' if undo is SAME else '{"found":7,"n":5}'
    assert undone(office, instance) == [f"bank.take {told}"]
    office.check()


def test_after_a_failure_in_between_other_arguments_are_another_call_all_the_same() -> None:
    office, instance = paying(into="risk.grade")
    answer(office, out(office), "no number")
    resolve(office)
    office.done(c.FailCall(*out(office), "DOWN", False), SYSTEM)
    resolve(office, "correct", amount=6)
    assert call(office) == ('{"n":6}', "1.2")
    answer(office, out(office), 7)
    assert undone(office, instance) == ['bank.take {"n":6}', 'bank.take {"n":5}']
    office.check()


def test_who_takes_back_beside_it_leaves_what_is_asked_for_again() -> None:
    pay = b.CallStep("p", HERE, operation="bank.pay", arguments=NUMBER, undo=SAME, into="risk.grade")
    both = b.AllStep("both", HERE, branches=("p", "t"), next="f")
    office = Office(both, pay, task("t", "back"), b.UndoStep("back", HERE), task("f", "done"), end())
    instance = office.start(amount=5)
    answer(office, out(office), "no number")
    resolve(office)
    office.complete("t")
    assert call(office) == ('{"n":5}', "2")
    answer(office, out(office), 7)
    assert office.task_id("f")
    assert undone(office, instance) == ['bank.take {"n":5}']
    office.check()


@pytest.mark.parametrize("how", ["cancelled", "moved"])
def test_what_is_to_be_asked_again_when_its_instance_goes_on_is_not_forgotten_when_it_does_not(how: str) -> None:
    office, instance = paying(into="risk.grade")
    answer(office, out(office), "no number")
    office.done(c.SuspendInstance(instance), ANN)
    resolve(office)
    if how == "moved":
        office.done(c.ModifyInstance(instance, ((1, "f"),), reason="by hand"), ANN)
        office.done(c.ResumeInstance(instance), ANN)
    assert undone(office, instance) == ['bank.take {"n":5}']
    office.check()


def test_what_was_done_for_an_element_that_is_gone_when_it_is_to_be_asked_again_is_undone() -> None:
    body = b.CallStep("e", HERE, operation="bank.pay", arguments=(("n", "item"),))
    undo = b.CallStep("e", HERE, operation="bank.take", arguments=(("n", "item"),))
    each = b.EachStep("e", HERE, of="items", element="item", body=body, undo=undo, into="scores", next="f")
    office = Office(each, task("f", "done"), end())
    instance = office.start(items=[1, 2])
    answer(office, out(office), SCORE)
    answer(office, out(office), "no score")
    office.done(c.SuspendInstance(instance), ANN)
    resolve(office)
    office.done(c.CorrectData(instance, {"items": [1]}, "one alone"), ANN)
    office.done(c.ResumeInstance(instance), ANN)
    assert office.task_id("f")
    assert undone(office, instance) == ['bank.take {"n":2}', 'bank.take {"n":1}']
    office.check()


SCORE = {"a": 1}


def unless_six(source: str, context: Mapping[str, Any]) -> Any:
    """As the toy's expressions; of 6 nothing can be worked out."""
    value = evaluate(source, context)
    return Failed("EXPRESSION_FAILED") if value == 6 else value


def test_what_was_done_is_undone_though_it_cannot_be_asked_again() -> None:
    office, instance = paying(into="risk.grade", evaluating=unless_six)
    answer(office, out(office), "no number")
    resolve(office, "correct", amount=6)
    assert held(office) == "EXPRESSION_FAILED"
    assert undone(office, instance) == ['bank.take {"n":5}']
    office.check()


@pytest.mark.parametrize(("amount", "owed"), [(5, [5]), (7, [7, 5])])
def test_what_can_be_asked_again_after_all_is_undone_as_often_as_it_was_done(amount: int, owed: list[int]) -> None:
    office, instance = paying(into="risk.grade", evaluating=unless_six)
    answer(office, out(office), "no number")
    resolve(office, "correct", amount=6)
    resolve(office, "correct", amount=amount)
    answer(office, out(office), 7)
    assert undone(office, instance) == [f'bank.take {{"n":{one}}}' for one in owed]
    office.check()


def test_what_is_gone_past_for_another_step_is_undone_once() -> None:
    office, instance = paying(into="risk.grade")
    answer(office, out(office), "no number")
    found = office.only(tables.INCIDENT, state="open")
    office.done(c.ResolveIncident(f"{instance}.{found.number}", "other", {}, "by hand", "f"), BOB)
    assert undone(office, instance) == ['bank.take {"n":5}']
    office.check()


@pytest.mark.parametrize("meanwhile", ["cancelled", "moved"])
def test_what_comes_back_of_the_first_is_not_the_answer_of_the_other(meanwhile: str) -> None:
    office, instance = paying(**SLOW)
    first = out(office)
    late(office, instance)
    office.log.now += HOUR
    resolve(office, "correct", amount=6)
    other = out(office)
    if meanwhile == "cancelled":
        office.done(c.CancelInstance(instance), ANN)
    else:
        office.done(c.ModifyInstance(instance, ((1, "f"),), reason="by hand"), ANN)
    assert office.refused(c.SucceedCall(*first, {}), SYSTEM) is Reason.LEASE_LOST
    assert answer(office, other) == "late"
    if meanwhile == "moved":
        assert undone(office, instance) == ['bank.take {"n":6}']
    else:
        assert call(office)[0] == '{"n":6}'
    office.check()
