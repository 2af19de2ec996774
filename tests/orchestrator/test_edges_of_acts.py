"""What acts on instances, calls and messages do at the line between yes and no, through the engine's own door."""

from dataclasses import replace
from typing import Any

import pytest

from examples.services import agents as server
from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import each, tables
from orchestrator.calendars import NoReleased
from orchestrator.paths import is_commitment
from orchestrator.plan import plan_of
from orchestrator.recording import basis_of, person_of
from orchestrator.service import task as read_task
from orchestrator.stopped_clocks import TaskClock, stopped_clocks
from tests.orchestrator.agency import CONDITION, Agency
from tests.orchestrator.house import ANN, BOB, WORKER, Permit
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import ALL, Office
from tests.orchestrator.test_clocks import FRIDAY
from tests.orchestrator.test_late_answers import followed, out
from tests.orchestrator.test_offering import CID, LEAST, ZOE, form, held_by, newest, office_of
from tests.orchestrator.test_steering import FORK, SECOND, governed, proposed
from tests.orchestrator.test_undoing import call, decided, make, took
from tests.orchestrator.test_undoing_kept import PAY, asked, pay
from tests.orchestrator.toy import HERE, end, task, version
from tests.orchestrator.wide_blueprints import CALENDAR
from tests.simulation.wide_company import Shelf
from versioning import blueprint as b
from versioning.act_rules import ActRule
from versioning.blueprint import DataClass

# Proposed acts


def test_a_proposal_expires_at_its_instant_and_not_before() -> None:
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    said = proposed(office, instance)
    expire = c.ExpireAct(instance, said["proposal"], said["expires_at"])
    assert office.refused(expire, SYSTEM) is Reason.WRONG_STATE
    office.log.now = Instant(said["expires_at"])
    assert office.refused(replace(expire, due=Instant(expire.due - 1)), SYSTEM) is Reason.WRONG_STATE
    assert office.done(expire, SYSTEM).outcome == "expired"
    assert office.refused(expire, SYSTEM) is Reason.WRONG_STATE


def test_a_proposal_names_roles_beside_the_first_only_where_there_are_more() -> None:
    office = governed(*FORK, acts=(SECOND,))
    proposed(office, office.start())
    assert (office.log.entries[-1].payload["proposed"]["role"], office.log.entries[-1].kind) == ("ops", "act.proposed")
    assert "roles" not in office.log.entries[-1].payload["proposed"]


def test_what_was_proposed_with_values_that_are_erased_is_not_done() -> None:
    office = governed(task("f", "done"), end(), acts=(ActRule("correct", second="role ops"),))
    instance = office.start(secret={"name": "Jo Doe"})
    said = office.done(c.CorrectData(instance, {"secret": {"name": "Jo Doe-Ray"}}, "a slip"), ANN).result
    for token, (subject, path, _) in list(office.log.openings.items()):
        if path.startswith("act."):
            office.log.openings[token] = (subject, path, None)  # as an erasure leaves it
    assert office.refused(c.ConfirmAct(instance, said["proposal"], said["digest"])) is Reason.PROPOSAL_STALE


def test_an_entry_names_what_there_is_and_nothing_for_what_there_is_not() -> None:
    one, other = Permit("task claim"), Permit("task complete")
    assert basis_of(one) == {"permit": one.as_basis()}
    assert basis_of(one, other) == {"permit": one.as_basis(), "further": [other.as_basis()]}
    assert (person_of(BOB), person_of(WORKER), person_of(SYSTEM)) == ({"person": "person:bob"}, {}, {})


def test_who_begins_a_branch_gives_no_reason_and_none_is_recorded() -> None:
    fork = b.AllStep("p", HERE, branches=("x", "y"), begun_by="role clerks", may_pass_over=("y",), next="done")
    office = Office(fork, task("x"), task("y"), end())
    instance = office.start()
    office.done(c.BeginBranch(f"{instance}.1", "x"))
    assert "reason" not in office.log.entries[-1].payload
    office.done(c.PassOverBranch(f"{instance}.1", "y", "not needed"))
    assert office.log.entries[-1].payload["role"] == "clerks"
    assert is_commitment(office.log.entries[-1].payload["reason"])


def test_a_duty_keeps_from_passing_over_the_branch_it_stands_in_and_no_other() -> None:
    barred = b.JobStep("x", HERE, type="w", next="x2"), task("x2", duties=(b.Duty("not initiator"),))
    fork = b.AllStep("p", HERE, branches=("x", "y"), begun_by="role clerks", may_pass_over=("x", "y"), next="done")
    office = Office(fork, *barred, task("y"), end())
    over = c.PassOverBranch(f"{office.start(actor=ANN)}.1", "x", "not needed")
    assert office.refused(over, ANN) is Reason.SOD
    office.done(replace(over, branch="y"), ANN)
    office.done(over, BOB)


def test_what_a_reader_may_not_open_is_shown_as_it_is_recorded() -> None:
    office = Office(task("f", "done", shows=("amount", "secret.name")), end())
    office.start(amount=3, secret={"name": "Jo Doe"})
    task_id, plain = office.task_id("f"), frozenset[DataClass](("public", "internal"))
    shown = {may: read_task(MemoryUow(office.log, BOB), office.house, task_id, may) for may in (ALL, plain)}
    assert shown[ALL].shown == {"amount": 3, "secret.name": "Jo Doe"}  # type: ignore[union-attr]
    assert shown[plain].shown["amount"] == 3  # type: ignore[union-attr]
    assert is_commitment(shown[plain].shown["secret.name"])  # type: ignore[union-attr]
    assert shown[ALL].shown_digest == shown[plain].shown_digest  # type: ignore[union-attr]


def test_what_lay_inside_a_value_that_is_erased_is_shown_as_nothing() -> None:
    office = Office(task("f", "done", shows=("secret.name",)), end())
    office.start(secret={"name": "Jo Doe"})
    assert office.shown(office.task_id("f")).shown == {"secret.name": "Jo Doe"}
    for token, (subject, path, _) in list(office.log.openings.items()):
        office.log.openings[token] = (subject, path, None)  # as an erasure leaves it
    assert office.shown(office.task_id("f")).shown == {"secret.name": None}


# Moved, suspended


def test_what_is_not_there_is_neither_moved_nor_ended() -> None:
    steps = (
        task("f", "done", watches=(b.Watch("after", "PT1H", "late"),)), task("late", "done"), end(),
    )  # fmt: skip
    office = Office(*steps)
    instance = office.start()
    (watch,) = followed(office, "watch.set")
    for moved in (99, watch["activation"]):
        assert office.refused(c.ModifyInstance(instance, ((moved, "late"),), reason="so")) is Reason.WRONG_STATE
        assert office.refused(c.ModifyInstance(instance, ends=(moved,), reason="so")) is Reason.WRONG_STATE


def test_instances_that_are_run_stand_still_with_their_parent_and_who_holds_a_task_does_not() -> None:
    office = Office(
        b.AllStep("all", HERE, branches=("r", "f"), next="done"),
        b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),)), task("f"), end(),
    )  # fmt: skip
    office.house.release(version(task("g", "done"), end(), blueprint="child"))
    instance = office.start()
    office.done(c.ClaimTask(office.task_id("f")))
    office.done(c.SuspendInstance(instance, "an audit"))
    assert len(followed(office, "child.suspended")) == 1
    office.done(c.ResumeInstance(instance, "it is over"))
    assert len(followed(office, "child.resumed")) == 1
    office.check()


def test_a_task_whose_instance_there_is_not_has_no_clock_that_stands_still() -> None:
    office = Office(task("f", "done"), end())
    uow: Any = MemoryUow(office.log, BOB)
    instance = office.start()
    (plan,) = {plan_of(one) for one in office.house.released.values()}
    asked = [TaskClock(one, 1, None, plan) for one in ("pi_none", instance)]
    assert stopped_clocks(uow, NoReleased(), asked) == {}
    office.done(c.SuspendInstance(instance))
    assert [*stopped_clocks(MemoryUow(office.log, BOB), NoReleased(), asked)] == [(instance, 1)]


# Given to somebody


def test_each_task_that_a_command_gives_counts_once_for_what_it_gives_next() -> None:
    """Bob holds none and Cid two: two more go to Bob, who then holds as many."""
    barred = (b.Duty("not step", "f"),)
    one, other = (replace(task(name, "", expects=("amount",), duties=barred), offer=LEAST) for name in ("x", "y"))
    fork = b.AllStep("p", HERE, branches=("x", "y"), next="done")
    office = office_of(replace(form(None), next="p"), fork, one, other, end())
    office.house.roles["person:dan"] = {"typists"}
    for key in ("B-1", "B-2"):
        office.start(key=key, amount=3)
        office.done(c.ClaimTask(newest(office)), CID)
    office.start(key="B-9", amount=3)
    task_id = newest(office)
    office.house.roles["person:zoe"] = {"clerks"}
    office.done(c.ClaimTask(task_id), ZOE)
    office.done(c.CompleteTask(task_id, data={"amount": 4}), ZOE)
    assert held_by(office) == ["person:bob", "person:bob", "person:cid", "person:cid"]


def test_a_task_that_is_held_as_it_is_offered_is_given_to_nobody() -> None:
    """It is offered when the customer has answered, and the clock around it goes on by no calendar."""
    office = office_of(
        b.AllStep("both", HERE, branches=("ask", "x"), next="done", deadline=b.Deadline("business P5D")),
        b.WaitStep("ask", HERE, message="m", key="number", for_customer=True, next="f"),
        replace(form(LEAST), next=""), task("x"), end(),
    )  # fmt: skip
    found = office.house.released["toy"]
    office.house.release(replace(found, blueprint=replace(found.blueprint, calendar=CALENDAR)))
    office.log = replace(office.house, calendars=(shelf := Shelf())).log()
    office.log.now = FRIDAY
    office.start(amount=3)
    shelf.retire()
    office.done(c.Correlate("m", "A-1"))
    row = office.only(tables.INCIDENT, state="open")
    assert (row.code, row.step) == ("NO_SUCH_CALENDAR", "f")
    assert len(followed(office, "task.offered")) == 2
    assert followed(office, "task.assigned") == []


def test_a_late_task_is_offered_to_another_role_though_nobody_has_it_yet() -> None:
    late = b.Deadline("PT1H", late=(b.Late("PT0S", reassign="role auditors"),))
    office = office_of(replace(form(LEAST), deadline=late), end())
    office.start(amount=3)
    timer = office.only(tables.TIMER, state="set")
    office.log.now = timer.due_at
    office.done(c.FireTimer(f"{timer.instance}.{timer.number}/deadline", Instant(timer.due_at)), SYSTEM)
    row = office.only(tables.TASK, instance=timer.instance)
    assert (row.state, row.role) == ("offered", "auditors")
    assert not office.log.view.rows.get(tables.INCIDENT.name)


# What can be undone


def test_a_taking_back_that_is_answered_wrongly_is_made_once_more_and_no_second_time_beside_that() -> None:
    office = decided()
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    office.done(c.SucceedCall(leased["call"], leased["lease"], None, unfit="TOO_LARGE"), SYSTEM)
    assert office.only(tables.INCIDENT, state="open").code == "TOO_LARGE"
    office.done(c.CancelInstance(leased["call"].partition(".")[0]))
    made = []
    while took(office):
        made.append(make(office))
    assert made == ["bank.undo_b", "bank.undo_f", "bank.undo_a"]


def test_where_nothing_can_be_undone_an_instance_is_cancelled_at_once() -> None:
    office = Office(replace(call("a", "done", into="amount"), undo=None), end())
    instance = office.start()
    went = out(office)
    office.done(c.SucceedCall(*went, "no number"), SYSTEM)
    assert office.only(tables.INCIDENT, state="open").place == "into"
    office.done(c.CancelInstance(instance))
    assert followed(office, "cancelling.begun") == []
    assert office.instance(instance).status == "cancelled"


@pytest.mark.parametrize("first", [0, 1])
def test_whichever_comes_back_first_the_other_is_waited_for(first: int) -> None:
    office = Office(
        b.AllStep("f", HERE, branches=("a", "x", "t"), need=1, next="back"), call("a", ""), call("x", ""), task("t"),
        b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    office.start(amount=5)
    leased = [(one["call"], one["lease"]) for one in office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]]
    for went in leased:
        office.done(c.StartCall(*went), SYSTEM)
    office.complete("t")
    office.done(c.SucceedCall(*leased[first], {}), SYSTEM)
    assert took(office) == []
    assert office.only(tables.TIMER, name="delay", state="set")


@pytest.mark.parametrize("result", ["no number", 7])
def test_what_comes_late_and_does_not_fit_is_held_again(result: Any) -> None:
    late = b.Deadline("PT1H")
    office = Office(call("a", "f", deadline=late, into="amount"), task("f", "done"), end())
    instance = office.start()
    went = out(office)
    timer = office.only(tables.TIMER, state="set")
    office.log.now = timer.due_at
    office.done(c.FireTimer(f"{instance}.1/deadline", Instant(timer.due_at)), SYSTEM)
    office.done(c.SucceedCall(*went, result), SYSTEM)
    held = [row.code for row in office.log.view.rows["incident"].values() if row.state == "open"]
    assert held == ([] if result == 7 else ["RESULT_INVALID"])
    assert len(followed(office, "task.offered")) == (result == 7)


def test_what_came_late_for_an_element_is_read_in_its_place() -> None:
    """Undoing reads the answers in the list, as if this one had been laid."""
    step = replace(
        PAY, into="scores",
        undo=b.CallStep("e", HERE, operation="bank.take", arguments=(("n", "item"), ("all", "scores"))),
    )  # fmt: skip
    office = Office(step, task("f", "done"), end())
    instance = office.start(items=[10, 20, 30])
    left = pay(office)
    office.done(c.CancelInstance(instance))
    office.done(c.SucceedCall(*left["20"], {"grade": 2}), SYSTEM)
    ((arguments, _),) = asked(office, "bank.take")
    assert arguments == '{"all":[null,{"grade":2}],"n":20}'


# Elements, messages


def test_a_list_that_grows_while_it_is_gone_through_ends_at_the_most_there_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(each, "ELEMENTS_MAX", 2)
    body = b.JobStep("e", HERE, type="score")
    office = Office(b.EachStep("e", HERE, of="items", element="item", next="done", body=body), end())
    instance = office.start(items=[1, 2])
    office.done(c.CorrectData(instance, {"items": [1, 2, 3]}, "one more"), ANN)
    for _ in range(2):
        (job,) = office.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"]
        office.done(c.CompleteJob(job["job"], job["lease"], None), WORKER)
    assert office.only(tables.INCIDENT, state="open").code == "TOO_MANY_ELEMENTS"
    assert office.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"] == []


def test_a_message_that_there_never_was_does_not_expire() -> None:
    office = Office(task("f", "done"), end())
    assert office.refused(c.ExpireMessage("ms_none", Instant(office.log.now)), SYSTEM) is Reason.NOT_FOUND


# Agents


def test_a_judge_whose_try_failed_has_accepted_nothing(running: server.Running) -> None:
    """Whatever it said before it failed."""
    office = Agency(running, f"{CONDITION}\njudge: checker")
    office.profile(("agent: summariser", "agent: checker"))
    running.state.say(confidence=0.99, findings=[])
    instance = office.begin()
    for fault in ("TOO_MANY_TOOLS", ""):
        (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
        office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
        said = {"output": {"accept": True}, "fault": fault, "model": "m", "prompt": "p"}
        office.done(c.SucceedCall(leased["call"], leased["lease"], said), SYSTEM)
        assert (office.risk(instance) is None) == bool(fault)
        if fault:
            assert office.gated() == ("judge", fault)
            instance = office.begin(key="A-2")
