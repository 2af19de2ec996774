"""The answer of a call came when nobody waited for it any more: it happened, so it is recorded and can be undone."""

from typing import Any

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.test_undoing import call, make, took
from tests.orchestrator.toy import HERE, HOUR, decide, end, task, version
from versioning import blueprint as b


def out(office: Office) -> tuple[str, str]:
    """The one open call goes out: its id and lease."""
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    return leased["call"], leased["lease"]


def answer(office: Office, went: tuple[str, str], result: Any = None) -> str:
    return office.done(c.SucceedCall(*went, {} if result is None else result), SYSTEM).outcome


def followed(office: Office, kind: str) -> list[Any]:
    return [one for entry in office.log.entries for one in entry.payload.get("transitions", ()) if one["t"] == kind]


def test_a_cancelled_instance_undoes_what_it_learns_has_happened_and_is_cancelled_again() -> None:
    office = Office(call("a", "done"), end())
    instance = office.start(amount=5)
    went = out(office)
    office.done(c.CancelInstance(instance))
    assert office.instance(instance).status == "cancelled"
    office.log.now += HOUR  # the lease is over, and nobody else could have got another
    assert answer(office, went) == "late"
    row = office.instance(instance)
    assert (row.status, row.ended_at, took(office)) == ("active", None, ["bank.undo_a"])
    make(office)
    row = office.instance(instance)
    assert (row.status, row.ended_at, took(office)) == ("cancelled", office.log.now, [])
    assert followed(office, "call.answered_late") == [{"t": "call.answered_late", "activation": 1, "step": "a"}]
    assert office.row(tables.CALL, instance, 1).state == "late"
    office.check()


def test_it_counts_once_and_a_failure_or_a_call_that_never_went_out_does_not() -> None:
    office = Office(call("a", "done"), end())
    first = office.start(amount=5)
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.CancelInstance(first))
    assert office.refused(c.SucceedCall(leased["call"], leased["lease"], {}), SYSTEM) is Reason.WRONG_STATE
    second = office.start("A-2", amount=5)
    went = out(office)
    office.done(c.CancelInstance(second))
    assert office.refused(c.FailCall(*went, "DOWN"), SYSTEM) is Reason.WRONG_STATE
    answer(office, went)
    assert office.refused(c.SucceedCall(*went, {}), SYSTEM) is Reason.WRONG_STATE
    assert took(office) == ["bank.undo_a"]


def test_while_others_are_undone_it_is_the_next() -> None:
    office = Office(call("a", "b"), call("b", "done"), end())
    instance = office.start(amount=5)
    make(office)
    went = out(office)
    office.done(c.CancelInstance(instance))
    assert took(office) == ["bank.undo_a"]
    answer(office, went)
    assert make(office) == "bank.undo_a"
    assert make(office) == "bank.undo_b"
    assert office.instance(instance).status == "cancelled"
    assert followed(office, "cancelling.resumed") == []
    office.check()


def branches(*, undo: bool = True) -> Office:
    first = call("a", "") if undo else b.CallStep("a", HERE, operation="bank.do")
    steps = (
        b.AllStep("f", HERE, branches=("a", "t"), need=1, next="d"),
        first,
        task("t"),
        decide("d", (("yes", "done"), ("no", "back"))),
        b.UndoStep("back", HERE, next="sorry"),
        task("sorry", "done"),
        end(),
    )
    return Office(*steps)


def test_a_branch_that_a_join_closed_has_been_done_for_undoing() -> None:
    office = branches()
    office.start(amount=5)
    went = out(office)
    office.complete("t")
    assert answer(office, went) == "late"
    assert office.task_id("d")  # nothing else follows from it
    office.complete("d", ANN, outcome="no")
    assert make(office) == "bank.undo_a"
    assert office.task_id("sorry")
    office.check()


def test_what_cannot_be_undone_is_on_record_and_an_instance_that_has_ended_stays_so() -> None:
    office = branches(undo=False)
    instance = office.start(amount=5)
    went = out(office)
    office.complete("t")
    office.complete("d", ANN, outcome="yes")
    assert answer(office, went) == "late"
    assert (office.instance(instance).status, took(office)) == ("ended", [])
    assert len(followed(office, "call.answered_late")) == 1
    office.check()


def test_a_step_that_a_time_has_interrupted() -> None:
    watched = call("a", "done", watches=(b.Watch("after", "PT1H", "late"),))
    office = Office(watched, task("late", "done"), end())
    instance = office.start(amount=5)
    went = out(office)
    office.log.now += 2 * HOUR
    timer = office.only(tables.TIMER, state="set")
    office.done(c.FireTimer(f"{instance}.{timer.number}/{timer.name}", Instant(timer.due_at)), SYSTEM)
    answer(office, went)
    office.done(c.CancelInstance(instance))
    assert took(office) == ["bank.undo_a"]
    office.check()


def test_the_undoing_reads_the_answer_and_the_data_stay_as_they_were() -> None:
    undo = b.CallStep("a", HERE, operation="bank.undo_a", arguments=(("n", "amount"),))
    office = Office(b.CallStep("a", HERE, operation="bank.do", into="amount", undo=undo, next="done"), end())
    instance = office.start(amount=5)
    went = out(office)
    office.done(c.CancelInstance(instance))
    answer(office, went, 9)
    assert office.only(tables.CALL, state="requested").arguments == '{"n":9}'
    assert office.row(tables.VARIABLE, instance, "amount").value == "5"
    office.check()


def test_a_step_held_since_no_answer_came_goes_on_with_it() -> None:
    late = b.Deadline("PT1H")
    office = Office(call("a", "f", deadline=late), task("f", "done"), end())
    instance = office.start(amount=5)
    went = out(office)
    office.log.now += HOUR
    timer = office.only(tables.TIMER, state="set")
    office.done(c.FireTimer(f"{instance}.1/deadline", Instant(timer.due_at)), SYSTEM)
    incident = office.only(tables.INCIDENT)
    assert (incident.code, incident.state) == ("LATE", "open")
    assert answer(office, went) == "late"
    assert office.only(tables.INCIDENT).how == "answered"
    assert office.task_id("f")
    office.done(c.CancelInstance(instance), BOB)
    assert took(office) == ["bank.undo_a"]
    office.check()


def test_a_child_whose_parent_is_gone_undoes_by_itself() -> None:
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    office.house.release(version(call("a", "over"), end("over"), blueprint="child"))
    parent = office.start()
    went = out(office)
    office.done(c.CancelInstance(parent))
    assert {row.status for row in office.log.view.rows["instance"].values()} == {"cancelled"}
    answer(office, went)
    make(office)
    assert {row.status for row in office.log.view.rows["instance"].values()} == {"cancelled"}
    office.check()
