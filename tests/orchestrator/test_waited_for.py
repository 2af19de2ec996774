"""Taking back waits for calls that are out, as long as they may come back: they are undone in their turn by nobody's
act."""

from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import answer, branches, followed, out
from tests.orchestrator.test_undoing import call, make, took
from tests.orchestrator.toy import HERE, decide, end, task
from versioning import blueprint as b

LEASE = 60_000_000  # microseconds, as the calls of these tests are leased


def back(office: Office) -> Any:
    """The timer of what is waited for, where it runs."""
    return office.only(tables.TIMER, name="delay", state="set")


def fire(office: Office) -> None:
    timer = back(office)
    office.log.now = Instant(timer.due_at)
    office.done(c.FireTimer(f"{timer.instance}.{timer.number}/delay", timer.due_at), SYSTEM)


def waiting(office: Office, **data: Any) -> tuple[str, tuple[str, str]]:
    """An instance that takes back while a call is out: its id, and the call."""
    instance = office.start(amount=5, **data)
    went = out(office)
    office.complete("t")
    office.complete("d", ANN, outcome="no")
    return instance, went


def test_what_comes_back_is_undone_by_nobodys_act() -> None:
    office = branches()
    instance, went = waiting(office)
    assert (took(office), back(office).due_at) == ([], office.log.now + LEASE)
    assert answer(office, went) == "late"
    assert not [one for one in office.log.view.rows["timer"].values() if one.state == "set"]
    assert make(office) == "bank.undo_a"
    office.complete("sorry")
    assert office.instance(instance).status == "ended"
    assert not office.log.view.rows.get(tables.INCIDENT.name)
    office.check()


def test_the_last_that_was_done_is_the_first_undone() -> None:
    office = Office(
        call("w", "f"), b.AllStep("f", HERE, branches=("a", "t"), need=1, next="d"), call("a", ""), task("t"),
        decide("d", (("yes", "done"), ("no", "back"))), b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=5)
    make(office)
    went = out(office)
    office.complete("t")
    office.complete("d", ANN, outcome="no")
    assert took(office) == []  # what was done before waits for its turn
    answer(office, went)
    assert [make(office), make(office)] == ["bank.undo_a", "bank.undo_w"]
    assert office.instance(instance).status == "ended"
    office.check()


def test_two_that_are_out_are_both_waited_for() -> None:
    office = Office(
        b.AllStep("f", HERE, branches=("a", "x", "t"), need=1, next="back"), call("a", ""), call("x", ""), task("t"),
        b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=5)
    leased = [(one["call"], one["lease"]) for one in office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]]
    for went in leased:
        office.done(c.StartCall(*went), SYSTEM)
    office.complete("t")
    answer(office, leased[1])
    assert (took(office), bool(back(office))) == ([], True)
    answer(office, leased[0])
    assert [make(office), make(office)] == ["bank.undo_a", "bank.undo_x"]
    assert office.instance(instance).status == "ended"
    office.check()


def test_what_closes_a_call_and_takes_back_in_one_command_waits_for_it() -> None:
    """No row says yet that nobody waits for the call."""
    office = Office(
        b.AllStep("f", HERE, branches=("a", "x"), next="done", watches=(b.Watch("message", "m", "back", "number"),)),
        call("a", ""), task("x"), b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=5)
    went = out(office)
    office.done(c.Correlate("m", "A-1"), BOB)
    assert took(office) == []
    answer(office, went)
    assert make(office) == "bank.undo_a"
    assert office.instance(instance).status == "ended"
    office.check()


def test_what_does_not_come_back_in_time_is_not_waited_for() -> None:
    office = branches()
    instance, went = waiting(office)
    fire(office)
    assert (took(office), bool(office.task_id("sorry"))) == ([], True)
    office.complete("sorry")
    answer(office, went)
    assert office.only(tables.INCIDENT, state="open").code == "ANSWERED_LATE"
    assert office.instance(instance).status == "active"
    office.check()


def is_waiting(office: Office) -> bool:
    """Whether somebody waits for a call to come back."""
    return any(one.state == "set" for one in office.log.view.rows.get(tables.TIMER.name, {}).values())


def failed(office: Office, went: tuple[str, str]) -> str:
    return office.done(c.FailCall(*went, "DOWN"), SYSTEM).outcome


def test_what_fails_is_waited_for_no_longer_and_not_undone() -> None:
    office = branches()
    instance, went = waiting(office)
    before = office.log.now
    assert failed(office, went) == "late"
    assert (took(office), is_waiting(office), office.log.now) == ([], False, before)
    assert followed(office, "call.failed_late") == [
        {
            "t": "call.failed_late",
            "activation": int(went[0].rpartition(".")[2]),
            "step": "a",
            "code": "DOWN",
            "branch": "a",
        }
    ]
    office.complete("sorry")
    assert office.instance(instance).status == "ended"
    assert not followed(office, "undo.begun")
    office.check()


def test_what_has_failed_before_it_is_taken_back_is_not_waited_for() -> None:
    office = branches()
    instance = office.start(amount=5)
    went = out(office)
    office.complete("t")
    assert failed(office, went) == "late"
    office.complete("d", ANN, outcome="no")
    assert (took(office), is_waiting(office)) == ([], False)
    assert office.refused(c.FailCall(*went, "DOWN"), SYSTEM) is Reason.WRONG_STATE  # once
    office.complete("sorry")
    assert office.instance(instance).status == "ended"
    office.check()


def test_of_two_that_are_out_the_one_that_may_come_back_is_waited_for() -> None:
    office = Office(
        b.AllStep("f", HERE, branches=("a", "x", "t"), need=1, next="back"), call("a", ""), call("x", ""), task("t"),
        b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=5)
    leased = [(one["call"], one["lease"]) for one in office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]]
    for went in leased:
        office.done(c.StartCall(*went), SYSTEM)
    office.complete("t")
    failed(office, leased[0])
    assert (took(office), bool(back(office))) == ([], True)
    answer(office, leased[1])
    assert make(office) == "bank.undo_x"
    assert office.instance(instance).status == "ended"
    office.check()


def test_what_fails_while_the_instance_stands_still_ends_no_waiting_before_it_goes_on() -> None:
    office = branches()
    instance, went = waiting(office)
    office.done(c.SuspendInstance(instance, "a look"))
    assert failed(office, went) == "late"
    assert not [one for one in office.log.view.rows["task"].values() if one.step == "sorry"]
    office.done(c.ResumeInstance(instance, "on"))
    fire(office)
    office.complete("sorry")
    assert office.instance(instance).status == "ended"
    office.check()


@pytest.mark.parametrize("how", ["not undoable", "lease over", "cancelled", "another lease"])
def test_a_failure_that_ends_no_waiting_is_not_recorded(how: str) -> None:
    first = b.CallStep("a", HERE, operation="bank.do") if how == "not undoable" else call("a", "")
    office = Office(
        b.AllStep("f", HERE, branches=("a", "t"), need=1, next="w"), first, task("t"), task("w", "done"), end()
    )
    instance = office.start(amount=5)
    number, lease = out(office)
    office.complete("t")
    if how == "lease over":
        office.log.now = Instant(office.log.now + LEASE)
    elif how == "cancelled":
        office.done(c.CancelInstance(instance))
    given = (number, "another" if how == "another lease" else lease)
    assert office.refused(c.FailCall(*given, "DOWN"), SYSTEM) is Reason.WRONG_STATE
    assert not followed(office, "call.failed_late")
    office.check()


@pytest.mark.parametrize("how", ["not named", "not undoable", "over", "not sent"])
def test_nothing_else_is_waited_for(how: str) -> None:
    first = b.CallStep("a", HERE, operation="bank.do") if how == "not undoable" else call("a", "")
    named = ("w",) if how == "not named" else ()
    office = Office(
        b.AllStep("f", HERE, branches=("a", "t"), need=1, next="back"), first, task("t"),
        b.UndoStep("back", HERE, steps=named, next="w"), call("w", "done"), end(),
    )  # fmt: skip
    office.start(amount=5)
    if how == "not sent":
        office.done(c.LeaseCalls("r", 50), SYSTEM)
    else:
        out(office)
    if how == "over":
        office.log.now = Instant(office.log.now + LEASE)
    office.complete("t")
    assert took(office) == ["bank.do"]  # it has gone on
    office.check()


def test_what_comes_back_while_the_instance_stands_still_is_undone_when_it_goes_on() -> None:
    office = branches()
    instance, went = waiting(office)
    office.done(c.SuspendInstance(instance, "a look"))
    answer(office, went)
    assert took(office) == []
    office.done(c.ResumeInstance(instance, "on"))
    fire(office)
    assert make(office) == "bank.undo_a"
    office.complete("sorry")
    assert office.instance(instance).status == "ended"
    office.check()


def test_cancelling_ends_the_waiting_and_undoes_what_comes_all_the_same() -> None:
    office = branches()
    instance, went = waiting(office)
    office.done(c.CancelInstance(instance))
    assert office.instance(instance).status == "cancelled"
    assert not [one for one in office.log.view.rows["timer"].values() if one.state == "set"]
    answer(office, went)
    assert make(office) == "bank.undo_a"
    assert office.instance(instance).status == "cancelled"
    assert office.refused(c.SucceedCall(*went, {}), SYSTEM) is Reason.WRONG_STATE
    assert followed(office, "cancelling.resumed")
    office.check()


def test_an_undoing_that_is_out_is_not_waited_for_by_the_next() -> None:
    """It was put back when it was closed, and is made again under its key."""
    office = Office(
        call("a", "back"), b.UndoStep("back", HERE, next="done", watches=(b.Watch("message", "m", "more", "number"),)),
        b.UndoStep("more", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=5)
    make(office)
    out(office)
    office.done(c.Correlate("m", "A-1"), BOB)
    assert took(office) == ["bank.undo_a"]
    assert office.instance(instance).status == "active"
    office.check()


def test_what_is_closed_by_the_very_act_that_lets_its_instance_go_on_is_waited_for_too() -> None:
    office = Office(
        b.AllStep("f", HERE, branches=("a", "w"), need=1, next="back"), call("a", ""),
        b.WaitStep("w", HERE, condition="ok"), b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=5)
    went = out(office)
    office.done(c.SuspendInstance(instance, "an audit"), BOB)
    office.done(c.CorrectData(instance, {"ok": True}, "a slip"), BOB)
    office.done(c.ResumeInstance(instance, "done"), BOB)
    assert office.row(tables.CALL, *c.split_id(went[0])).state == "cancelled"
    assert back(office).due_at == office.log.now + LEASE
    assert answer(office, went) == "late"
    assert make(office) == "bank.undo_a"
    assert office.instance(instance).status == "ended"
    office.check()
