"""What came late in an instance that ends by its blueprint is not forgotten: somebody is told and says what of it."""

from typing import Any, Literal

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.act_pages import acts
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import answer, branches, followed, out
from tests.orchestrator.test_undoing import call, make, took
from tests.orchestrator.toy import HERE, HOUR, decide, end, task, version
from versioning import blueprint as b

READS_ANSWER = b.CallStep("a", HERE, operation="bank.undo_a", arguments=(("n", "amount"),))


def ended(office: Office) -> tuple[str, tuple[str, str]]:
    """An instance that has ended while a call was out: its id, and the call."""
    instance = office.start(amount=5)
    went = out(office)
    office.complete("t")
    office.complete("d", ANN, outcome="yes")
    assert office.instance(instance).status == "ended"
    return instance, went


def incident(office: Office) -> Any:
    return office.only(tables.INCIDENT, state="open")


def resolve(office: Office, how: Literal["retry", "correct", "skip", "other"], **more: Any) -> None:
    found = incident(office)
    office.done(c.ResolveIncident(f"{found.instance}.{found.number}", how, reason="as agreed", **more))


def test_somebody_is_told_and_has_it_undone() -> None:
    office = branches()
    instance, went = ended(office)
    assert answer(office, went) == "late"
    found = incident(office)
    assert (found.code, found.step, bool(found.role)) == ("ANSWERED_LATE", "a", True)
    row = office.instance(instance)
    assert (row.status, row.ended_at, row.outcome, took(office)) == ("active", None, "done", [])
    resolve(office, "retry")
    assert make(office) == "bank.undo_a"
    row = office.instance(instance)
    assert (row.status, row.ended_at, row.outcome) == ("ended", office.log.now, "done")
    assert office.refused(c.SucceedCall(*went, {}), SYSTEM) is Reason.WRONG_STATE
    office.check()


def test_somebody_says_that_it_stands() -> None:
    office = branches()
    instance, went = ended(office)
    answer(office, went)
    resolve(office, "skip")
    assert (office.instance(instance).status, took(office)) == ("ended", [])
    office.check()


def test_what_is_looked_after_is_not_suspended() -> None:
    """It would end while it stands still, and be over and suspended for ever."""
    office = branches()
    instance, went = ended(office)
    answer(office, went)
    told = {one.act: one.barred for one in acts(office.log.deps, MemoryUow(office.log, BOB), instance)}
    assert told["suspend"] is not None
    assert office.refused(c.SuspendInstance(instance, "r")) is told["suspend"].reason is Reason.WRONG_STATE
    resolve(office, "skip")
    row = office.instance(instance)
    assert (row.status, row.suspended) == ("ended", "")
    office.check()


def test_what_came_shortly_before_the_end_is_looked_after_at_the_end() -> None:
    office = branches()
    instance = office.start(amount=5)
    went = out(office)
    office.complete("t")
    answer(office, went)
    office.complete("d", ANN, outcome="yes")
    assert incident(office).code == "ANSWERED_LATE"
    resolve(office, "retry")
    make(office)
    assert office.instance(instance).status == "ended"
    office.check()


def test_what_was_waited_for_stands_when_the_instance_ends() -> None:
    steps = (
        call("w", "f"),
        b.AllStep("f", HERE, branches=("a", "t"), need=1, next="d"),
        call("a", ""),
        task("t"),
        decide("d", (("yes", "done"), ("no", "done"))),
        end(),
    )
    office = Office(*steps)
    instance = office.start(amount=5)
    make(office)
    went = out(office)
    office.complete("t")
    office.complete("d", ANN, outcome="yes")
    answer(office, went)
    resolve(office, "retry")
    assert make(office) == "bank.undo_a"
    assert (office.instance(instance).status, took(office)) == ("ended", [])
    office.check()


def test_a_second_that_comes_late_waits_for_the_first() -> None:
    steps = (
        b.AllStep("f", HERE, branches=("a", "b", "t"), need=1, next="done"),
        call("a", ""),
        call("b", ""),
        task("t"),
        end(),
    )
    office = Office(*steps)
    instance = office.start(amount=5)
    leased = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    for one in leased:
        office.done(c.StartCall(one["call"], one["lease"]), SYSTEM)
    office.complete("t")
    for one in leased:
        answer(office, (one["call"], one["lease"]))
    for _ in leased:
        resolve(office, "retry")
        make(office)
    assert office.instance(instance).status == "ended"
    assert len(followed(office, "instance.ended")) == 2
    office.check()


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_undoing_never_takes_an_older_datum_for_an_answer_that_does_not_fit(is_cancelled: bool) -> None:
    first = b.CallStep("a", HERE, operation="bank.do", into="amount", undo=READS_ANSWER)
    steps = (b.AllStep("f", HERE, branches=("a", "t"), need=1, next="d"), first, task("t"))
    office = Office(*steps, decide("d", (("yes", "done"), ("no", "done"))), end())
    instance = office.start(amount=5)
    went = out(office)
    office.complete("t")
    if is_cancelled:
        office.done(c.CancelInstance(instance))
    else:
        office.complete("d", ANN, outcome="yes")
    answer(office, went, "no number")
    assert (incident(office).code, took(office)) == ("RESULT_INVALID", [])
    resolve(office, "correct", data={"amount": 8})
    assert office.only(tables.CALL, state="requested").arguments == '{"n":8}'
    make(office)
    assert office.instance(instance).status == ("cancelled" if is_cancelled else "ended")
    office.check()


def test_an_undoing_that_failed_is_tried_again_as_it_was_fixed() -> None:
    office = Office(call("a", "f"), task("f", "g", expects=("amount",)), task("g", "done"), end())
    instance = office.start(amount=5)
    make(office)
    office.complete("f", data={"amount": 7})
    office.done(c.CancelInstance(instance))
    key = office.only(tables.CALL, state="requested").idempotency_key
    make(office, succeeds=False)
    resolve(office, "retry")
    row = office.only(tables.CALL, state="requested")
    assert (row.arguments, row.idempotency_key) == ('{"n":5}', key)
    make(office)
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_an_undoing_that_failed_reads_what_was_corrected_for_it() -> None:
    office = Office(call("a", "f"), task("f", "done"), end())
    instance = office.start(amount=5)
    make(office)
    office.done(c.CancelInstance(instance))
    make(office, succeeds=False)
    resolve(office, "correct", data={"amount": 8})
    assert office.only(tables.CALL, state="requested").arguments == '{"n":8}'
    office.check()


def test_a_parent_that_has_gone_on_is_told_once() -> None:
    run = b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"), ("amount", "amount")), next="last")
    office = Office(run, task("last", "done"), end())
    steps = (b.AllStep("f", HERE, branches=("a", "t"), need=1, next="over"), call("a", ""), task("t"), end("over"))
    office.house.release(version(*steps, blueprint="child"))
    office.start(amount=5)
    went = out(office)
    office.complete("t")
    answer(office, went)
    assert office.task_id("last")
    resolve(office, "retry")
    make(office)
    office.complete("last", BOB)
    assert {row.status for row in office.log.view.rows["instance"].values()} == {"ended"}
    assert len(followed(office, "child.ended")) == 1
    office.check()


def test_a_child_that_ends_with_something_late_has_ended_for_its_parent() -> None:
    run = b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"), ("amount", "amount")), next="last")
    office = Office(run, task("last", "done"), end())
    steps = (
        b.AllStep("f", HERE, branches=("a", "t"), need=1, next="u"),
        call("a", ""),
        task("t"),
        task("u", "over"),
        end("over"),
    )
    office.house.release(version(*steps, blueprint="child"))
    office.start(amount=5)
    went = out(office)
    office.complete("t")
    answer(office, went)
    office.complete("u")
    assert incident(office).code == "ANSWERED_LATE"
    assert office.task_id("last")
    office.check()


# Taking back what came late is ended before it is over


def owed_and_taken_back(office: Office) -> str:
    """An instance in which what came late is being taken back; a deadline ends that, or a person moves on."""
    instance = office.start(amount=5)
    went = out(office)
    office.complete("t")
    answer(office, went)
    office.complete("d")
    assert took(office) == ["bank.undo_a"]
    return instance


def late_and_back() -> Office:
    back = b.UndoStep("back", HERE, next="done", deadline=b.Deadline("PT1H"), on_late="by_hand")
    steps = (b.AllStep("f", HERE, branches=("a", "t"), need=1, next="d"), call("a", ""), task("t"))
    return Office(*steps, task("d", "back"), back, task("by_hand", "done"), end())


def test_what_came_late_stays_owed_when_its_taking_back_is_ended() -> None:
    office = late_and_back()
    instance = owed_and_taken_back(office)
    office.log.now += 2 * HOUR
    timer = office.only(tables.TIMER, state="set")
    office.done(c.FireTimer(f"{instance}.{timer.number}/{timer.name}", Instant(timer.due_at)), SYSTEM)
    assert took(office) == []
    office.complete("by_hand")
    assert (incident(office).code, incident(office).step) == ("ANSWERED_LATE", "a")
    resolve(office, "retry")
    assert make(office) == "bank.undo_a"
    assert office.instance(instance).status == "ended"
    office.check()


def test_what_was_waited_for_is_owed_no_more_than_before_when_its_taking_back_is_ended() -> None:
    back = b.UndoStep("back", HERE, next="done", deadline=b.Deadline("PT1H"), on_late="by_hand")
    office = Office(call("a", "back"), back, task("by_hand", "done"), end())
    instance = office.start(amount=5)
    make(office)
    office.log.now += 2 * HOUR
    timer = office.only(tables.TIMER, state="set")
    office.done(c.FireTimer(f"{instance}.{timer.number}/{timer.name}", Instant(timer.due_at)), SYSTEM)
    office.complete("by_hand")
    assert office.instance(instance).status == "ended"
    assert followed(office, "undo.put_back")[0].keys() == {"t", "activation", "step"}  # as ever
    office.check()
