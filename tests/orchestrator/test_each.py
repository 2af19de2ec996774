"""Steps for each element of a list: order, results, the end before the last, failures, what is closed."""

from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.each import ELEMENTS_MAX
from orchestrator.sending import FOLLOWING_MAX
from tests.orchestrator.house import ANN, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, HOUR, end, evaluate, task, version
from versioning import blueprint as b

JOB = b.JobStep("e", HERE, type="score", arguments=(("n", "item"),))


def each(**fields: Any) -> b.EachStep:
    return b.EachStep("e", HERE, of="items", element="item", next="f", **{"body": JOB, "into": "scores", **fields})


def office(**fields: Any) -> Office:
    return Office(each(**fields), task("f", "done"), end())


def jobs(office: Office) -> dict[int, str]:
    """The open jobs: their argument to their id."""
    rows = office.log.view.rows.get("job", {}).values()
    return {
        int(row.arguments.split(":")[1][:-1]): f"{row.instance}.{row.number}" for row in rows if row.state == "created"
    }


def work(office: Office, argument: int) -> Any:
    activated = office.done(c.ActivateJobs("score", "w", 50), WORKER).result["jobs"]
    (job,) = [one for one in activated if one["arguments"]["n"] == argument]
    done = office.done(c.CompleteJob(job["job"], job["lease"], {"of": argument}), WORKER)
    office.log.now += HOUR  # the leases of the others are over
    return done


def scores(office: Office) -> Any:
    return office.row(tables.VARIABLE, office.only(tables.INSTANCE).id, "scores").value


def test_one_after_the_other_in_the_order_of_the_list() -> None:
    desk = office()
    desk.start(items=[30, 10, 20])
    for argument, left in ((30, [10]), (10, [20]), (20, [])):
        assert list(jobs(desk)) == [argument]
        job = desk.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"][0]
        desk.done(c.CompleteJob(job["job"], job["lease"], {"of": argument}), WORKER)
        assert list(jobs(desk)) == left
    assert scores(desk) == '[{"of":30},{"of":10},{"of":20}]'
    assert desk.only(tables.TASK).step == "f"
    desk.check()


def test_at_once_results_keep_the_place_of_their_element() -> None:
    desk = office(at_once=True)
    desk.start(items=[30, 10, 20])
    assert list(jobs(desk)) == [30, 10, 20]
    open_ = desk.done(c.ActivateJobs("score", "w", 3), WORKER).result["jobs"]
    for place in (2, 0):
        desk.done(c.CompleteJob(open_[place]["job"], open_[place]["lease"], {"of": place}), WORKER)
    assert scores(desk) == '[{"of":0},null,{"of":2}]'
    desk.done(c.CompleteJob(open_[1]["job"], open_[1]["lease"], {"of": 1}), WORKER)
    assert scores(desk) == '[{"of":0},{"of":1},{"of":2}]'
    assert desk.only(tables.TASK).step == "f"
    desk.check()


@pytest.mark.parametrize("items", [[], None])
def test_of_nothing_it_goes_on(items: Any) -> None:
    desk = office()
    desk.start(**({} if items is None else {"items": items}))
    assert scores(desk) == "[]"
    assert desk.only(tables.TASK).step == "f"
    desk.check()


def test_as_soon_as_it_is_enough_the_others_are_closed() -> None:
    desk = office(at_once=True, until="scores")  # the toy evaluator: anything but true goes on
    desk.start(items=[1, 2])
    assert work(desk, 1).outcome == "completed"
    assert len(jobs(desk)) == 1
    enough = Office(each(at_once=True, until="true"), task("f", "done"), end())
    enough.start(items=[1, 2, 3])
    open_ = enough.done(c.ActivateJobs("score", "w", 3), WORKER).result["jobs"]
    enough.done(c.CompleteJob(open_[1]["job"], open_[1]["lease"], {"of": 2}), WORKER)
    assert jobs(enough) == {}
    late = c.CompleteJob(open_[0]["job"], open_[0]["lease"], {"of": 1})
    assert enough.refused(late, WORKER) is Reason.WRONG_STATE
    assert scores(enough) == '[null,{"of":2}]'
    followed = enough.log.entries[-1].payload["transitions"]
    assert {"t": "each.ended", "activation": 1, "early": True} in followed
    enough.check()


def test_an_element_that_is_added_meanwhile_is_done_as_well() -> None:
    adds = task("adds", expects=("items",))
    both = b.AllStep("both", HERE, branches=("e", "adds"), next="f")
    desk = Office(both, b.EachStep("e", HERE, of="items", element="item", body=JOB), adds, task("f", "done"), end())
    desk.start(items=[1])
    desk.complete("adds", data={"items": [1, 2]})
    work(desk, 1)
    assert list(jobs(desk)) == [2]
    work(desk, 2)
    assert desk.task_id("f")
    desk.check()


def test_an_element_that_has_gone_when_its_turn_comes_is_not_done() -> None:
    desk = office()
    instance = desk.start(items=[1, 2, 3])
    desk.done(c.CorrectData(instance, {"items": [1]}, "two were wrong"), ANN)
    work(desk, 1)
    assert jobs(desk) == {}
    assert scores(desk) == '[{"of":1}]'
    assert desk.task_id("f")
    followed = desk.log.entries[-1].payload["transitions"]
    assert [one["by"] for one in followed if one["t"] == "step.skipped"] == ["gone", "gone"]
    assert [one["element"] for one in followed if one["t"] == "element.ended"] == [1, 2, 3]
    desk.check()


def test_an_element_that_has_gone_is_not_tried_again() -> None:
    desk = office()
    instance = desk.start(items=[1])
    job = desk.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"][0]
    desk.done(c.FailJob(job["job"], job["lease"], "NO_SUCH_ACCOUNT", retryable=False), WORKER)
    incident = desk.only(tables.INCIDENT)
    done = c.ResolveIncident(f"{instance}.{incident.number}", "correct", {"items": []}, reason="paid nobody")
    desk.done(done)
    assert jobs(desk) == {}
    assert desk.task_id("f")
    desk.check()


def test_a_result_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    desk = office()
    desk.start(items=[1])
    job = desk.done(c.ActivateJobs("score", "w"), WORKER).result["jobs"][0]
    assert desk.refused(c.CompleteJob(job["job"], job["lease"], "text"), WORKER) is Reason.INVALID_DATA


def test_too_many_elements_are_an_incident() -> None:
    desk = office()
    desk.start(items=[1] * (ELEMENTS_MAX + 1))
    assert desk.only(tables.INCIDENT).code == "TOO_MANY_ELEMENTS"
    most = office(at_once=True)
    most.start(items=[*range(ELEMENTS_MAX)])
    assert len(jobs(most)) == ELEMENTS_MAX


def test_a_failure_holds_its_element_alone_and_can_be_skipped() -> None:
    desk = office(at_once=True)
    desk.start(items=[1, 2])
    open_ = desk.done(c.ActivateJobs("score", "w", 2), WORKER).result["jobs"]
    desk.done(c.FailJob(open_[0]["job"], open_[0]["lease"], "DOWN"), WORKER)
    incident = desk.only(tables.INCIDENT)
    assert (incident.step, incident.code) == ("e", "DOWN")
    desk.done(c.CompleteJob(open_[1]["job"], open_[1]["lease"], {"of": 2}), WORKER)
    assert desk.only(tables.INSTANCE).status == "active"
    desk.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "skip", reason="not needed"), ANN)
    assert scores(desk) == '[null,{"of":2}]'
    assert desk.task_id("f")
    desk.check()


def test_a_failure_may_lead_out_of_the_step() -> None:
    desk = office(at_once=True, watches=(b.Watch("error", "any", "f"),))
    desk.start(items=[1, 2])
    open_ = desk.done(c.ActivateJobs("score", "w", 2), WORKER).result["jobs"]
    desk.done(c.FailJob(open_[0]["job"], open_[0]["lease"], "DOWN"), WORKER)
    assert jobs(desk) == {}
    assert desk.task_id("f")
    desk.check()


def test_each_may_run_an_instance_of_its_own() -> None:
    body = b.RunStep("e", HERE, blueprint="child", arguments=(("number", "note"), ("amount", "item")))
    desk = office(body=body, into=None, at_once=False)
    child = version(task("t", "over"), end("over"), blueprint="child", reuse="after end")
    desk.house.release(child)
    desk.start(items=[1, 2], note="C-1")
    desk.complete("t")
    assert len(desk.log.view.rows["instance"]) == 3
    desk.complete("t")
    assert desk.task_id("f")
    desk.check()


def test_cancelling_closes_all_elements() -> None:
    desk = office(at_once=True)
    instance = desk.start(items=[1, 2])
    desk.done(c.CancelInstance(instance))
    assert jobs(desk) == {}
    assert desk.instance(instance).status == "cancelled"
    desk.check()


def keyed(source: str, context: dict[str, Any]) -> Any:
    """As the toy's expressions, with a key for every element and every number."""
    value = evaluate(source, context)
    return f"C-{value}" if source == "item" or source.isdecimal() else value


def running(child: tuple[b.Step, ...], *steps: b.Step) -> Office:
    """An office whose blueprint runs another."""
    desk = Office(*steps, end())
    desk.house.release(version(*child, blueprint="child"))
    desk.house.expressions = lambda plan, now: keyed
    desk.log = desk.house.log()
    return desk


def run_each(*child: b.Step, **fields: Any) -> Office:
    """An office that runs an instance for each element, which is its key."""
    body = b.RunStep("e", HERE, blueprint="child", arguments=(("number", "item"),))
    return running(child, each(body=body, into=None, **fields), task("f", "done"))


def in_turns(desk: Office) -> int:
    """Fire what is due until nothing is; how many commands that took."""
    for fired in range(ELEMENTS_MAX + 1):
        row = next((row for row in desk.log.view.rows["timer"].values() if row.state == "set"), None)
        if row is None:
            return fired
        assert (row.name, row.due_at) == ("delay", desk.log.now)
        desk.done(c.FireTimer(f"{row.instance}.{row.number}/{row.name}", row.due_at), SYSTEM)
    raise AssertionError("expected an end of the turns, found none")


@pytest.mark.parametrize("at_once", [True, False])
def test_more_instances_than_one_command_begins_are_begun_in_turns(at_once: bool) -> None:
    """They end at once, so that all of them would be run by the first command."""
    desk = run_each(end("over"), at_once=at_once)
    desk.start(items=[*range(ELEMENTS_MAX)])
    begun = len(desk.log.view.rows["instance"])
    assert begun == FOLLOWING_MAX
    turns = in_turns(desk)
    assert turns == (ELEMENTS_MAX - FOLLOWING_MAX + 1 if at_once else ELEMENTS_MAX // FOLLOWING_MAX)
    assert len(desk.log.view.rows["instance"]) == ELEMENTS_MAX + 1
    assert desk.log.view.rows.get("incident", {}) == {}
    assert desk.task_id("f")
    desk.check()


def test_instances_that_wait_for_their_turn_end_with_the_step() -> None:
    desk = run_each(task("t", "over"), end("over"), at_once=True)
    instance = desk.start(items=[*range(FOLLOWING_MAX + 10)])
    assert len([row for row in desk.log.view.rows["timer"].values() if row.state == "set"]) == 11
    row = next(row for row in desk.log.view.rows["timer"].values() if row.state == "set")
    desk.done(c.FireTimer(f"{row.instance}.{row.number}/{row.name}", row.due_at), SYSTEM)
    assert len(desk.log.view.rows["instance"]) == FOLLOWING_MAX + 1
    desk.done(c.CancelInstance(instance))
    assert [row for row in desk.log.view.rows["timer"].values() if row.state == "set"] == []
    assert {row.status for row in desk.log.view.rows["instance"].values()} == {"cancelled"}
    desk.check()


def test_a_step_that_runs_one_instance_waits_for_no_turn() -> None:
    """Nothing bounds how often it comes round, so it is held where one command can begin no more."""
    heads = [b.RunStep(f"r{n}", HERE, blueprint="child", arguments=(("number", str(n)),)) for n in range(60)]
    fork = b.AllStep("all", HERE, branches=tuple([head.id for head in heads]), next="done")
    desk = running((task("t", "over"), end("over")), fork, *heads)
    desk.start()
    incidents = desk.log.view.rows["incident"].values()
    assert [row.code for row in incidents] == ["CHILD_LIMIT"] * (60 - FOLLOWING_MAX + 1)
    assert desk.log.view.rows.get("timer", {}) == {}
    desk.check()
