"""A list that a step is going through may change behind what is done: nothing is done twice, and nothing is missed."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.each import ELEMENTS_MAX
from orchestrator.run import Ruled
from tests.orchestrator import toy
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_late_answers import answer, out
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b

CALL = b.CallStep("e", HERE, operation="bank.pay", arguments=(("n", "item"),))
EACH = b.EachStep("e", HERE, of="items", element="item", body=CALL)
BOTH = b.AllStep("both", HERE, branches=("e", "adds"), next="done")


def paying(*items: int, adds: b.Step | None = None, **fields: Any) -> tuple[Office, str]:
    """An instance that pays the elements of a list, beside which something else may set that."""
    office = Office(BOTH, replace(EACH, **fields), adds or task("adds", expects=("items",)), end())
    return office, office.start(items=[*items])


def asked(office: Office) -> list[str]:
    return [row.arguments for row in office.log.view.rows["call"].values() if row.operation == "bank.pay"]


def pay_all(office: Office) -> list[str]:
    """Pay until nothing is to be paid; all that was."""
    while any(row.state == "requested" for row in office.log.view.rows["call"].values()):
        answer(office, out(office))
    return asked(office)


MOVED = [
    pytest.param([20, 30], id="one that is done is gone, and the next would be missed"),
    pytest.param([5, 10, 20, 30], id="one is put before, and what is done would be done again"),
    pytest.param([20, 10, 30], id="the order is another"),
    pytest.param([30], id="one to come is left alone"),
]


@pytest.mark.parametrize("items", MOVED)
def test_what_is_done_keeps_its_place(items: list[int]) -> None:
    office, instance = paying(10, 20, 30)
    answer(office, out(office))
    assert office.refused(c.CorrectData(instance, {"items": items}, "a slip"), ANN) is Reason.INVALID_DATA
    task_id = office.task_id("adds")
    office.done(c.ClaimTask(task_id))
    assert office.refused(c.CompleteTask(task_id, data={"items": items})) is Reason.INVALID_DATA
    office.done(c.FailCall(*out(office), "DOWN", False), SYSTEM)
    held = f"{instance}.{office.only(tables.INCIDENT).number}"
    assert office.refused(c.ResolveIncident(held, "correct", {"items": items}, "a slip")) is Reason.INVALID_DATA
    office.done(c.ResolveIncident(held, "retry", {}, "up again"), BOB)
    assert pay_all(office) == [f'{{"n":{n}}}' for n in (10, 20, 30)]
    office.check()


@pytest.mark.parametrize("items", [[10, 20], [10, 20, 30, 10], [10, 40], [11, 20, 30], [10], []])
def test_what_lies_behind_it_may_change_and_what_it_holds_may_be_corrected(items: list[int]) -> None:
    office, instance = paying(10, 20, 30)
    answer(office, out(office))
    office.done(c.CorrectData(instance, {"items": items}, "others came"), ANN)
    paid = pay_all(office)
    assert paid == [f'{{"n":{n}}}' for n in (10, 20, *items[2:])]  # the second was asked for before
    office.check()


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_message_that_moves_it_is_refused(meanwhile: bool) -> None:
    wait = b.WaitStep("adds", HERE, message="m", key="number", into="items")
    watch = b.Watch("message", "m", "beside", key="number", into="items", meanwhile=True)
    beside = (task("adds", watches=(watch,)), task("beside")) if meanwhile else (wait,)
    office = Office(BOTH, EACH, *beside, end())
    office.start(items=[10, 20])
    answer(office, out(office))
    assert office.refused(c.Correlate("m", "A-1", [20])) is Reason.INVALID_DATA
    office.done(c.Correlate("m", "A-1", [10, 20, 30]))
    assert pay_all(office) == [f'{{"n":{n}}}' for n in (10, 20, 30)]
    office.check()


def test_of_those_done_at_once_whichever_is_done_keeps_its_place() -> None:
    office, instance = paying(10, 20, 30, at_once=True)
    for leased in office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]:
        office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
        went = leased["call"], leased["lease"]
        if leased["arguments"]["n"] == 20:
            answer(office, went)
        else:
            office.done(c.FailCall(*went, "DOWN", False), SYSTEM)
    assert office.refused(c.CorrectData(instance, {"items": [20, 30]}, "a slip"), ANN) is Reason.INVALID_DATA
    office.done(c.CorrectData(instance, {"items": [11, 20, 31]}, "a slip"), ANN)
    for held in [row for row in office.log.view.rows["incident"].values() if row.state == "open"]:
        office.done(c.ResolveIncident(f"{instance}.{held.number}", "retry", {}, "again"), BOB)
    while any(row.state == "requested" for row in office.log.view.rows["call"].values()):
        for leased in office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]:
            office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
            answer(office, (leased["call"], leased["lease"]))
    assert sorted(asked(office)) == ['{"n":11}', '{"n":20}', '{"n":31}']
    office.check()


def test_a_list_that_has_become_too_long_is_cut_and_nothing_of_it_is_done_again() -> None:
    office, instance = paying(0)
    many = [*range(ELEMENTS_MAX + 1)]
    office.complete("adds", data={"items": many})
    assert len(pay_all(office)) == ELEMENTS_MAX
    held = office.only(tables.INCIDENT)
    assert (held.code, held.place) == ("TOO_MANY_ELEMENTS", "each")
    cut = c.ResolveIncident(f"{instance}.{held.number}", "correct", {"items": many[:-1]}, "one was too much")
    office.done(cut, BOB)
    assert len(asked(office)) == ELEMENTS_MAX
    assert office.instance(instance).status == "ended"
    office.check()


# What comes of work, which has been done and cannot be turned down


ADDS_CALL = b.CallStep("adds", HERE, operation="shop.read", into="items")
ADDS_JOB = b.JobStep("adds", HERE, type="w", into="items")


def both_out(office: Office) -> tuple[tuple[str, str], tuple[str, str]]:
    """The call that reads the list goes out, and that of its first element."""
    leased = {one["operation"]: one for one in office.done(c.LeaseCalls("r", 2), SYSTEM).result["calls"]}
    for one in leased.values():
        office.done(c.StartCall(one["call"], one["lease"]), SYSTEM)
    read, pay = leased["shop.read"], leased["bank.pay"]
    return (read["call"], read["lease"]), (pay["call"], pay["lease"])


@pytest.mark.parametrize("items", [one.values[0] for one in MOVED])
def test_an_answer_that_moves_it_is_held_until_the_list_is_through(items: list[int]) -> None:
    office, instance = paying(10, 20, 30, adds=ADDS_CALL)
    read, pay = both_out(office)
    answer(office, pay)
    answer(office, read, items)
    held = office.only(tables.INCIDENT)
    assert (held.code, held.place) == ("ELEMENT_MOVED", "into")
    assert pay_all(office) == [f'{{"n":{n}}}' for n in (10, 20, 30)]
    office.done(c.ResolveIncident(f"{instance}.{held.number}", "retry", {}, "it is through"), BOB)
    answer(office, out(office), items)
    assert office.instance(instance).status == "ended"
    assert office.row(tables.VARIABLE, instance, "items").value == encode(items).decode()
    assert len(asked(office)) == 3
    office.check()


def test_an_answer_that_adds_behind_it_is_taken() -> None:
    office, instance = paying(10, 20, adds=ADDS_CALL)
    read, pay = both_out(office)
    answer(office, pay)
    answer(office, read, [10, 20, 30])
    assert pay_all(office) == [f'{{"n":{n}}}' for n in (10, 20, 30)]
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_late_answer_that_moves_it_is_held() -> None:
    office, instance = paying(10, 20, adds=replace(ADDS_CALL, deadline=b.Deadline("PT1S")))
    read, pay = both_out(office)
    answer(office, pay)
    (timer,) = [row for row in office.log.view.rows["timer"].values() if row.state == "set"]
    office.log.now = timer.due_at
    office.done(c.FireTimer(f"{instance}.{timer.number}/deadline", Instant(timer.due_at)), SYSTEM)
    assert answer(office, read, [20]) == "late"
    assert office.only(tables.INCIDENT, state="open").code == "ELEMENT_MOVED"
    assert pay_all(office) == ['{"n":10}', '{"n":20}']
    office.check()


def test_a_result_of_a_job_that_moves_it_is_refused_and_the_job_is_still_the_workers() -> None:
    office, _ = paying(10, 20, adds=ADDS_JOB)
    answer(office, out(office))
    (job,) = office.done(c.ActivateJobs("w", "w"), WORKER).result["jobs"]
    assert office.refused(c.CompleteJob(job["job"], job["lease"], [20]), WORKER) is Reason.INVALID_DATA
    office.done(c.CompleteJob(job["job"], job["lease"], [10, 20, 30]), WORKER)
    assert pay_all(office) == [f'{{"n":{n}}}' for n in (10, 20, 30)]
    office.check()


def test_what_a_rule_table_says_that_moves_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toy, "rules", lambda *given: Ruled([20], "digest", (1,)))
    form = task("adds", "rule", expects=("note",))
    rule = b.RulesStep("rule", HERE, table="shorter", into="items")
    office = Office(BOTH, EACH, form, rule, end())
    office.start(items=[10, 20])
    answer(office, out(office))
    office.complete("adds", data={"note": "now"})
    held = office.only(tables.INCIDENT)
    assert (held.code, held.place) == ("ELEMENT_MOVED", "into")
    assert pay_all(office) == ['{"n":10}', '{"n":20}']
    office.check()


def test_what_is_brought_home_that_moves_it_is_held() -> None:
    run = b.RunStep("adds", HERE, blueprint="child", arguments=(("number", "number"),), bring=(("items", "items"),))
    office = Office(BOTH, EACH, run, end())
    child = version(task("t", "over", expects=("items",)), end("over"), blueprint="child")
    office.house.release(replace(child, digest="child", blueprint=replace(child.blueprint, gives=("items",))))
    office.start(items=[10, 20])
    answer(office, out(office))
    office.complete("t", data={"items": [20]})
    held = office.only(tables.INCIDENT)
    assert (held.code, held.place) == ("ELEMENT_MOVED", "bring")
    assert pay_all(office) == ['{"n":10}', '{"n":20}']
    office.check()
