"""Duties over several steps, under the engine: parallel steps, substitutes, rework, and judged again by the record."""

from typing import Any

from governance.duties import Duty, DutyFacts, check_duties
from governance.questions.rederive import duty_of
from governance.substitution import Standing
from ledger.actor import Actor, ActorKind
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator.handing import DelegateTask, ReturnTask
from tests.orchestrator.house import ANN, BOB, House
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, decide, end, task
from versioning import blueprint as b
from versioning.kinds.blueprint import blueprint_value

EVE = Actor(ActorId("person:eve"), ActorKind.PERSON, PersonId("person:eve"))


def together(name: str, *others: str, needed: int = 3) -> Any:
    duty = b.Duty("at least persons", needed=needed, shared=others)
    return task(name, "", expects=("amount",), duties=(duty,))


def parallel() -> Office:
    """Three steps side by side, by three persons."""
    made = Office(
        b.AllStep("s", HERE, branches=("x", "y", "z"), next="done"),
        together("x", "y", "z"), together("y", "x", "z"), together("z", "x", "y"), end(),
    )  # fmt: skip
    made.house.roles["person:eve"] = {"clerks"}
    made.start()
    return made


def fill(made: Office, step: str, actor: Any) -> None:
    made.complete(step, actor, data={"amount": 1})


def test_steps_side_by_side_are_done_by_as_many_as_are_asked_for() -> None:
    made = parallel()
    held = made.task_id("y")
    made.done(c.ClaimTask(held), ANN)  # before anything bars her
    fill(made, "x", ANN)
    assert made.refused(c.CompleteTask(held, data={"amount": 1}), ANN) is Reason.SOD
    made.done(c.ReleaseTask(held), ANN)
    assert made.refused(c.ClaimTask(held), ANN) is Reason.SOD
    fill(made, "y", BOB)
    task_id = made.task_id("z")
    assert made.refused(c.ClaimTask(task_id), BOB) is Reason.SOD
    assert made.refused(c.CompleteTask(task_id, data={"amount": 1}), BOB) is Reason.SOD
    made.check()


def test_who_stands_in_for_one_of_them_is_no_third() -> None:
    made = parallel()
    fill(made, "x", ANN)
    fill(made, "y", BOB)
    made.house.stand_ins.known.append(Standing("person:ann", "person:eve", 0, made.log.now + 10**12))
    task_id = made.task_id("z")
    assert made.refused(c.ClaimTask(task_id), EVE) is Reason.SOD
    made.house.stand_ins.known.clear()
    made.done(c.ClaimTask(task_id), EVE)
    made.house.stand_ins.known.append(Standing("person:ann", "person:eve", 0, made.log.now + 10**12))
    assert made.refused(c.CompleteTask(task_id, data={"amount": 1}), EVE) is Reason.SOD
    made.house.stand_ins.known.clear()
    made.done(c.CompleteTask(task_id, data={"amount": 1}), EVE)


def test_who_prepared_something_for_the_initiator_is_in_their_chain() -> None:
    """Ann begins it and takes the first form; Bob prepares that for her: neither may fill in the second."""
    made = Office(
        task("f", "g", expects=("amount",)),
        task("g", "done", expects=("amount",), duties=(b.Duty("not on behalf of initiator"),)), end(),
    )  # fmt: skip
    made.house.roles["person:eve"] = {"clerks"}
    made.start(actor=ANN)
    first = made.task_id("f")
    made.done(c.ClaimTask(first), ANN)
    made.done(DelegateTask(first, "person:bob"), ANN)
    made.done(ReturnTask(first, data={"amount": 3}), BOB)
    made.done(c.CompleteTask(first, data={"amount": 3}), ANN)
    second = made.task_id("g")
    for act in (c.ClaimTask(second), c.CompleteTask(second, data={"amount": 1})):
        assert made.refused(act, BOB) is Reason.SOD
    fill(made, "g", EVE)
    made.check()


def decided() -> Office:
    duties = (b.Duty("not same unit as step", "f"), b.Duty("not same unit as initiator"))
    made = Office(
        task("f", "d", expects=("amount",)),
        decide("d", (("yes", "done"),), duties=duties), end(),
    )  # fmt: skip
    made.start()
    fill(made, "f", ANN)
    return made


def of_unit(house: House, person: str, *units: str) -> None:
    house.attributes.known[person] = {("skill", "north"), *[("unit", unit) for unit in units]}


def take(made: Office) -> Any:
    task_id = made.task_id("d")
    made.send(c.ClaimTask(task_id), BOB)
    return c.CompleteTask(task_id, "yes", shown_digest=made.shown(task_id).shown_digest)


def test_who_decides_is_of_another_unit_and_the_record_says_of_which() -> None:
    made = decided()
    assert made.refused(take(made), BOB) is Reason.SOD  # of no unit that is known
    of_unit(made.house, "person:ann", "north")
    of_unit(made.house, "person:bob", "south", "north")
    assert made.refused(take(made), BOB) is Reason.SOD
    of_unit(made.house, "person:bob", "south")
    made.done(take(made), BOB)
    decision = next(entry.payload["decision"] for entry in made.log.entries if "decision" in entry.payload)
    assert decision["units"] == {"person:bob": ["south"], "person:ann": ["north"]}
    assert decision["duties"] == ["not same unit as step f", "not same unit as initiator"]
    made.check()


def test_what_is_on_record_is_judged_by_the_same_function() -> None:
    duties = (
        b.Duty("at least persons", needed=3, shared=("x", "y")), b.Duty("not same unit as step", "f"),
        b.Duty("not same unit as initiator"), b.Duty("not step", "x"),
    )  # fmt: skip
    made = Office(task("f", "d"), decide("d", (("yes", "done"),), duties=duties), end())
    version = made.house.current(None, "toy")
    assert version is not None
    (step,) = [one for one in blueprint_value(version.blueprint)["steps"] if one["id"] == "d"]
    again = [duty_of(value) for value in step["duties"]]
    assert again == [Duty(one.kind, one.step, one.needed, one.shared) for one in duties]
    facts = DutyFacts("person:i", (("x", ("person:a",)), ("y", ("person:a",))))
    assert check_duties(again[:1], ("person:p",), facts) is not None


def test_a_decision_without_such_duties_records_no_units() -> None:
    made = Office(decide("d", (("yes", "done"),), duties=(b.Duty("not step", "d"),)), end())
    made.start(amount=1)
    made.done(take(made), BOB)
    decision = next(entry.payload["decision"] for entry in made.log.entries if "decision" in entry.payload)
    assert "units" not in decision
