"""`undo` of a decision: what is carried out to compensate what a person, or votes, had decided."""

import pytest

from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.undo_transitions import UndoBegun, UndoKept
from tests.orchestrator.house import BOB
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b

UNDO = b.CallStep("d", HERE, operation="register.withdraw", arguments=(("who", "number"), ("outcome", "note")))
DECIDED = decide("d", (("yes", "t"), ("no", "t")), into="note", undo=UNDO)
BACK = b.UndoStep("back", HERE, next="done")


def test_what_was_decided_is_undone_once_with_what_was_decided() -> None:
    driver = Driver(version(DECIDED, task("t", "back"), BACK, end()))
    driver.complete("d", "yes")
    (kept,) = driver.all(UndoKept)
    assert (kept.step, kept.operation, kept.arguments) == ("d", UNDO.operation, {"who": "A-1", "outcome": "yes"})
    driver.complete("t")
    assert [one.step for one in driver.all(UndoBegun)] == ["d"]
    (call,) = [one for one in driver.instance.live if one.state == "requested"]
    driver.do(c.SucceedCall(f"pi_toy.{call.number}", "", None))
    assert driver.instance.status == "ended"


def test_cancelling_undoes_a_decision_and_not_one_that_was_never_taken() -> None:
    taken = Driver(version(DECIDED, task("t", "done"), end()))
    taken.complete("d", "no")
    taken.do(c.CancelInstance("pi_toy", "x"))
    assert [one.step for one in taken.all(UndoBegun)] == ["d"]
    open_ = Driver(version(DECIDED, task("t", "done"), end()))
    open_.do(c.CancelInstance("pi_toy", "x"))
    assert (open_.all(UndoBegun), open_.instance.status) == ([], "cancelled")


@pytest.mark.parametrize("passed", [True, False])
def test_a_decision_that_was_passed_over_has_nothing_to_undo(passed: bool) -> None:
    step = decide("d", (("yes", "t"), ("no", "t")), undo=UNDO, skip_when="ok")
    driver = Driver(version(step, task("t", "done"), end()), {"number": "A-1", "ok": passed})
    if not passed:
        driver.complete("d", "yes")
    assert len(driver.all(UndoKept)) == (0 if passed else 1)
    assert len(driver.all(t.StepSkipped)) == (1 if passed else 0)


def test_what_votes_have_decided_is_undone_too() -> None:
    step = decide("d", (("yes", "t"), ("no", "t")), undo=UNDO, quorum=b.Quorum(1))
    office = Office(step, task("t", "done"), end())
    office.house.roles[BOB.id] = {"clerks", "owners"}
    office.start(amount=5)
    task_id = office.task_id("d")
    office.done(c.CompleteTask(task_id, "yes", shown_digest=office.shown(task_id).shown_digest))
    (kept,) = [one for one in office.log.entries[-1].payload["transitions"] if one["t"] == "undo.kept"]
    assert kept["step"] == "d"
    office.check()
