"""What stands still in a suspended instance, and that nothing is lost by it."""

import dataclasses
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.act_pages import acts as acts_told
from orchestrator.bulk import waiting_items
from orchestrator.message_tables import MESSAGE
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_each import each
from tests.orchestrator.test_undoing import call as done_and_undone
from tests.orchestrator.test_undoing import decided, make, took
from tests.orchestrator.toy import DAY, HERE, HOUR, SECOND, end, task, version
from versioning import blueprint as b
from versioning.act_rules import ActRule

JOB = (b.JobStep("j", HERE, type="w", into="amount", next="f"), task("f", "done"), end())
CALL = (b.CallStep("k", HERE, operation="x.y", into="risk.bureau", next="f"), task("f", "done"), end())


def due(office: Office, after: int = 0) -> list[Any]:
    return store.due_timers(office.log.query, office.log.now + after, 100)


def test_nothing_of_a_suspended_instance_fires_and_what_was_due_fires_late() -> None:
    office = Office(task("f", "done", deadline=b.Deadline("PT4H"), on_late="done"), end())
    instance = office.start()
    office.done(c.SuspendInstance(instance, "an audit"))
    assert due(office, DAY) == []
    timer = office.only(tables.TIMER)
    assert timer.state == "suspended"
    office.log.now += DAY
    assert office.refused(c.FireTimer(f"{instance}.1/deadline", timer.due_at), SYSTEM) is Reason.INSTANCE_SUSPENDED
    office.done(c.ResumeInstance(instance))
    (late,) = due(office)
    assert late.due == timer.due_at  # it did not move: a promise does not wait for us
    office.done(c.FireTimer(late.timer_id, late.due), SYSTEM)
    assert office.instance(instance).status == "ended"
    office.check()


def test_no_job_is_handed_out_and_one_that_was_comes_back() -> None:
    office = Office(*JOB)
    instance, other = office.start(), office.start("A-2")
    taken = office.done(c.ActivateJobs("w", "worker", limit=1), WORKER).result["jobs"][0]
    assert taken["job"].startswith(instance)
    office.done(c.SuspendInstance(instance))
    office.done(c.SuspendInstance(other))
    office.log.now += HOUR
    assert office.done(c.ActivateJobs("w", "worker", limit=9), WORKER).result["jobs"] == []
    office.done(c.ResumeInstance(other))
    (job,) = office.done(c.ActivateJobs("w", "worker", limit=9), WORKER).result["jobs"]
    assert job["job"].startswith(other)
    office.check()


def test_a_result_of_what_was_out_is_kept_and_nothing_follows_until_it_goes_on() -> None:
    office = Office(*JOB)
    instance = office.start()
    (job,) = office.done(c.ActivateJobs("w", "worker"), WORKER).result["jobs"]
    office.done(c.SuspendInstance(instance))
    office.done(c.CompleteJob(job["job"], job["lease"], 7), WORKER)
    assert office.row(tables.VARIABLE, instance, "amount").value == "7"
    assert "task" not in office.log.view.rows
    office.done(c.ResumeInstance(instance))
    office.complete("f")
    assert office.instance(instance).status == "ended"
    office.check()


def test_no_call_goes_out_and_the_answer_of_one_that_did_is_taken() -> None:
    office = Office(*CALL)
    instance = office.start()
    (call,) = office.done(c.LeaseCalls("r"), SYSTEM).result["calls"]
    office.done(c.SuspendInstance(instance))
    assert office.refused(c.StartCall(call["call"], call["lease"]), SYSTEM) is Reason.INSTANCE_SUSPENDED
    office.log.now += HOUR
    assert not store.calls_wait(office.log.query, office.log.now)
    office.done(c.ResumeInstance(instance))
    (call,) = office.done(c.LeaseCalls("r"), SYSTEM).result["calls"]
    office.done(c.StartCall(call["call"], call["lease"]), SYSTEM)
    office.done(c.SuspendInstance(instance))
    office.done(c.SucceedCall(call["call"], call["lease"], {"score": 1}), SYSTEM)
    office.done(c.ResumeInstance(instance))
    office.complete("f")
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_try_that_failed_meanwhile_is_made_again_afterwards() -> None:
    office = Office(b.JobStep("j", HERE, type="w", retry=b.Retry(2), next="done"), end())
    instance = office.start()
    (job,) = office.done(c.ActivateJobs("w", "worker"), WORKER).result["jobs"]
    office.done(c.SuspendInstance(instance))
    office.done(c.FailJob(job["job"], job["lease"], "DOWN"), WORKER)
    assert due(office, DAY) == []
    office.done(c.ResumeInstance(instance))
    (retry,) = due(office, DAY)
    office.log.now += DAY
    office.done(c.FireTimer(retry.timer_id, retry.due), SYSTEM)
    assert len(office.done(c.ActivateJobs("w", "worker"), WORKER).result["jobs"]) == 1
    office.check()


def test_its_tasks_are_refused_and_stay_where_they_are() -> None:
    office = Office(task("f", "done"), end())
    instance = office.start()
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id))
    office.done(c.SuspendInstance(instance))
    assert office.refused(c.CompleteTask(task_id)) is Reason.INSTANCE_SUSPENDED
    assert office.refused(c.ReleaseTask(task_id)) is Reason.INSTANCE_SUSPENDED
    assert office.refused(c.SuspendInstance(instance)) is Reason.INSTANCE_SUSPENDED
    office.done(c.ResumeInstance(instance))
    assert office.refused(c.ResumeInstance(instance)) is Reason.WRONG_STATE
    office.done(c.CompleteTask(task_id))
    office.check()


def test_a_message_is_kept_or_refused_and_delivered_when_it_goes_on() -> None:
    office = Office(b.WaitStep("w", HERE, message="m", key="number", into="secret", next="done"), end())
    instance = office.start()
    office.done(c.SuspendInstance(instance))
    message = c.Correlate("m", "A-1", {"name": "Jo Doe"})
    assert office.refused(message, WORKER) is Reason.INSTANCE_SUSPENDED
    assert office.done(dataclasses.replace(message, keep_for="P1D"), WORKER).outcome == "kept"
    assert office.instance(instance).status == "active"
    office.done(c.ResumeInstance(instance))
    assert office.instance(instance).status == "ended"
    assert office.only(tables.SUBSCRIPTION).state == "correlated"
    office.check()


def test_a_message_goes_past_a_suspended_instance_to_one_that_runs() -> None:
    steps = (b.WaitStep("w", HERE, message="m", key="'same'", next="done"), end())
    office = Office(*steps)
    office.house.expressions = lambda plan, now: lambda source, context: "same"
    office.log = office.house.log()
    first, second = office.start(), office.start("A-2")
    office.done(c.SuspendInstance(first))
    assert office.done(c.Correlate("m", "same"), WORKER).result["instance"] == second


def test_children_are_suspended_and_go_on_with_their_parent() -> None:
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    office.house.release(version(task("f", "done"), end(), blueprint="child"))
    parent = office.start()
    child = office.only(tables.INSTANCE, parent=parent).id
    office.done(c.SuspendInstance(parent, "an audit"))
    assert (office.instance(child).suspended, office.instance(child).suspended_at) == ("parent", office.log.now)
    assert office.refused(c.ResumeInstance(child)) is Reason.WRONG_STATE
    office.done(c.ResumeInstance(parent))
    assert (office.instance(child).suspended, office.instance(child).suspended_at) == ("", None)
    assert [entry.kind for entry in office.log.entries if entry.subject == child][1:] == [
        "instance.suspended",
        "instance.resumed",
    ]
    office.complete("f")
    assert office.instance(parent).status == "ended"
    office.check()


def test_a_child_suspended_by_itself_stays_so_when_its_parent_goes_on() -> None:
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    office.house.release(version(task("f", "done"), end(), blueprint="child"))
    parent = office.start()
    child = office.only(tables.INSTANCE, parent=parent).id
    office.done(c.SuspendInstance(child))
    office.done(c.SuspendInstance(parent))
    assert office.refused(c.ResumeInstance(child)) is Reason.WRONG_STATE  # its parent stands still
    office.done(c.ResumeInstance(parent))
    assert office.instance(child).suspended == "itself"
    office.done(c.ResumeInstance(child))
    office.check()


@pytest.mark.parametrize("way", ["asked", "by a second person", "among many"])
def test_no_child_goes_on_in_a_parent_that_stands_still_whoever_says_so(way: str) -> None:
    """It was suspended by itself before its parent was: by one act after the other it goes on, and not before."""
    office = Office(b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="done"), end())
    child = version(task("f", "done"), end(), blueprint="child")
    acts = (ActRule("resume", second="role ops"),) if way == "by a second person" else ()
    office.house.release(dataclasses.replace(child, blueprint=dataclasses.replace(child.blueprint, acts=acts)))
    parent = office.start()
    inner = office.only(tables.INSTANCE, parent=parent).id
    office.done(c.SuspendInstance(inner))

    def resumed() -> str:
        if way == "among many":
            office.done(c.StartBulk("resume", (inner,)))
            (one,) = waiting_items(office.log.query, 5)
            return office.done(one.command, one.actor).outcome
        if way == "by a second person":
            said = office.send(c.ConfirmAct(inner, proposal["proposal"], proposal["digest"]))
        else:
            said = office.send(c.ResumeInstance(inner))
        return said.outcome if isinstance(said, Done) else said.reason.value

    proposal = office.done(c.ResumeInstance(inner), ANN).result if way == "by a second person" else {}
    office.done(c.SuspendInstance(parent))
    assert resumed() == ("refused" if way == "among many" else "WRONG_STATE")
    told = {one.act: one.barred for one in acts_told(office.log.deps, MemoryUow(office.log, BOB), inner)}
    assert told["resume"] is not None
    assert told["resume"].reason is Reason.WRONG_STATE
    office.done(c.ResumeInstance(parent))
    assert office.instance(inner).suspended == "itself"
    assert resumed() == "resumed"
    assert office.instance(inner).suspended == ""
    office.check()


@pytest.mark.parametrize("first", ["quick", "slow"])
def test_a_child_that_ends_as_it_goes_on_is_over_for_its_parent(first: str) -> None:
    """Its call was answered meanwhile, and beside it another one goes on: whichever is resumed first."""
    run = {name: b.RunStep(name, HERE, blueprint=name, arguments=(("number", "number"),)) for name in ("quick", "slow")}
    branches = ("quick", "slow") if first == "quick" else ("slow", "quick")
    office = Office(b.AllStep("all", HERE, branches=branches, next="t"), *run.values(), task("t", "done"), end())
    call = b.CallStep("a", HERE, operation="bank.do", next="over")
    office.house.release(version(call, end("over"), blueprint="quick"))
    office.house.release(version(task("f", "over"), end("over"), blueprint="slow"))
    parent = office.start()
    (asked,) = office.done(c.LeaseCalls("r"), SYSTEM).result["calls"]
    office.done(c.StartCall(asked["call"], asked["lease"]), SYSTEM)
    office.done(c.SuspendInstance(parent))
    office.done(c.SucceedCall(asked["call"], asked["lease"], {}), SYSTEM)
    office.done(c.ResumeInstance(parent))
    assert office.only(tables.INSTANCE, blueprint="quick").status == "ended"
    office.check()
    office.complete("f")
    office.complete("t")
    assert office.instance(parent).status == "ended"
    office.check()


def test_a_suspended_instance_can_be_cancelled_and_nothing_stays_open() -> None:
    office = Office(task("f", "done", deadline=b.Deadline("PT4H")), end())
    instance = office.start()
    office.done(c.SuspendInstance(instance))
    office.done(c.CancelInstance(instance, "withdrawn"))
    row = office.instance(instance)
    assert (row.status, row.suspended, row.suspended_at) == ("cancelled", "", None)
    assert office.only(tables.TIMER).state == "cancelled"
    office.check()


# What is done in parts


@pytest.mark.parametrize("way", ["cancelled", "moved on"])
def test_what_a_child_undoes_goes_on_when_its_parent_leaves_it_behind(way: str) -> None:
    """It was being cancelled, and stood still with its parent: nobody else could let it go on."""
    run = b.RunStep("r", HERE, blueprint="child", arguments=(("number", "number"),), next="t")
    office = Office(run, task("t", "done"), end())
    office.house.release(version(done_and_undone("a", "f"), task("f", "over"), end("over"), blueprint="child"))
    parent = office.start()
    make(office)
    child = office.only(tables.INSTANCE, parent=parent).id
    office.done(c.CancelInstance(child, "withdrawn"))
    office.done(c.SuspendInstance(parent))
    assert (office.instance(child).suspended, took(office)) == ("parent", [])
    if way == "cancelled":
        office.done(c.CancelInstance(parent, "withdrawn"))
    else:
        office.done(c.ModifyInstance(parent, ((1, "t"),), reason="it is not needed"))
    assert (office.instance(child).suspended, took(office)) == ("", ["bank.undo_a"])
    office.done(c.SuspendInstance(child))
    office.done(c.ResumeInstance(child))  # it is nobody's any more, whatever stands still
    make(office)
    assert office.instance(child).status == "cancelled"
    office.check()


def test_what_is_undone_stands_still_between_two_calls() -> None:
    office = decided()
    instance = office.only(tables.INSTANCE).id
    (call,) = office.done(c.LeaseCalls("r"), SYSTEM).result["calls"]
    office.done(c.StartCall(call["call"], call["lease"]), SYSTEM)
    office.done(c.SuspendInstance(instance))
    office.done(c.SucceedCall(call["call"], call["lease"], {}), SYSTEM)
    assert took(office) == []  # the next is kept, and is not to be made
    assert office.done(c.LeaseCalls("r"), SYSTEM).result["calls"] == []
    office.done(c.ResumeInstance(instance))
    assert [make(office), make(office)] == ["bank.undo_f", "bank.undo_a"]
    office.check()


def test_a_suspended_instance_that_is_cancelled_undoes_what_it_did() -> None:
    office = Office(done_and_undone("a", "f"), task("f", "done"), end())
    instance = office.start(amount=5)
    make(office)
    office.done(c.SuspendInstance(instance))
    office.done(c.CancelInstance(instance, "withdrawn"))
    row = office.instance(instance)
    assert (row.status, row.suspended, row.suspended_at) == ("active", "", None)
    move = c.ModifyInstance(instance, ((1, "f"),), reason="why")
    assert office.refused(move) is Reason.WRONG_STATE
    assert make(office) == "bank.undo_a"
    assert office.instance(instance).status == "cancelled"
    office.check()


def test_no_element_begins_before_it_goes_on() -> None:
    office = Office(each(), task("f", "done"), end())
    instance = office.start(items=[4, 5])
    (job,) = office.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"]
    office.done(c.SuspendInstance(instance))
    office.done(c.CompleteJob(job["job"], job["lease"], {"of": 4}), WORKER)
    assert office.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"] == []
    office.done(c.ResumeInstance(instance))
    (job,) = office.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"]
    office.done(c.CompleteJob(job["job"], job["lease"], {"of": 5}), WORKER)
    office.complete("f")
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_message_of_another_instance_is_kept_for_one_that_stands_still() -> None:
    office = Office(b.WaitStep("w", HERE, message="m", key="number", next="done"), end())
    sends = b.SendStep("s", HERE, message="m", key="number", keep_for="P1D", next="done")
    office.house.release(version(sends, end(), blueprint="sender"))
    waits = office.start()
    office.done(c.SuspendInstance(waits))
    office.done(c.StartInstance("sender", "A-1", {}), ANN)
    assert office.only(MESSAGE).state == "kept"
    office.done(c.ResumeInstance(waits))
    assert office.instance(waits).status == "ended"
    office.check()


def test_a_worker_keeps_its_job_while_the_instance_stands_still() -> None:
    office = Office(b.JobStep("j", HERE, type="w", into="amount", next="done"), end())
    instance = office.start()
    (job,) = office.done(c.ActivateJobs("w", "one", lease_seconds=60), WORKER).result["jobs"]
    office.done(c.SuspendInstance(instance, "look at it"))
    office.log.now += 50 * SECOND
    office.done(c.ExtendJob(job["job"], job["lease"], 60), WORKER)
    office.log.now += 50 * SECOND
    office.done(c.ResumeInstance(instance, "go on"))
    assert office.done(c.ActivateJobs("w", "two"), WORKER).result["jobs"] == []  # the first still works on it
    office.done(c.CompleteJob(job["job"], job["lease"], 3), WORKER)
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_job_given_back_while_the_instance_stands_still_is_for_others_when_it_goes_on() -> None:
    office = Office(b.JobStep("j", HERE, type="w", into="amount", next="done"), end())
    instance = office.start()
    (job,) = office.done(c.ActivateJobs("w", "one", lease_seconds=60), WORKER).result["jobs"]
    office.done(c.SuspendInstance(instance, "look at it"))
    office.done(c.ReleaseJob(job["job"], job["lease"]), WORKER)
    assert office.done(c.ActivateJobs("w", "two"), WORKER).result["jobs"] == []
    office.done(c.ResumeInstance(instance, "go on"))
    (again,) = office.done(c.ActivateJobs("w", "two"), WORKER).result["jobs"]
    assert again["job"] == job["job"]
    office.check()
