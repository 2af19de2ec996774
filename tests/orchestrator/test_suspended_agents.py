"""An agent answers, or fails, in an instance that was suspended meanwhile: what it leads to stands still as well."""

from typing import Any

from examples.services import agents as server
from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import store, tables
from tests.orchestrator.agency import CONDITION, Agency
from tests.orchestrator.house import ANN, BOB, WORKER

ADVICE = {"grade": 2, "summary": "fine", "confidence": {"$decimal": "0.9"}, "findings": []}
DOUBTFUL = {**ADVICE, "confidence": {"$decimal": "0.2"}}
SERVES = "serves: [{task: summarise-risk, order: ORDER}]\nsees"


def asked(office: Agency) -> tuple[str, Any]:
    """An instance that was suspended while an agent was asked, and that call."""
    instance = office.start(bureau={"score": 800, "defaults": 0})
    (call,) = office.done(c.LeaseCalls("r", 10, 180), SYSTEM).result["calls"]
    office.done(c.StartCall(call["call"], call["lease"]), SYSTEM)
    office.done(c.SuspendInstance(instance, "an audit"), ANN)
    return instance, call


def test_no_judge_is_called_until_it_goes_on(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\njudge: checker")
    office.profile(("agent: summariser", "agent: checker"))
    instance, call = asked(office)
    office.done(c.SucceedCall(call["call"], call["lease"], {"output": ADVICE}), SYSTEM)
    assert office.only(tables.CALL).state == "suspended"
    assert not store.calls_wait(office.log.query, office.log.now)
    assert office.done(c.LeaseCalls("r", 10, 180), SYSTEM).result["calls"] == []
    office.done(c.ResumeInstance(instance, "done"), ANN)
    office.runner().round()
    (judged,) = office.transitions("proposal.judged")
    assert judged["agent"] == "checker"
    office.check()


def test_no_worker_is_handed_the_work_of_an_agent_that_failed_until_it_goes_on(running: server.Running) -> None:
    office = Agency(running, agent="summarise-risk")
    office.profile(("sees", SERVES.replace("ORDER", "1")))
    worker = 'agent: hand\nworker: summarise\nmodel: own\nversion: "2"\nprompt: p\nsees: internal\n'
    office.house.put_in_force("agent", worker + SERVES.replace("ORDER", "2").removesuffix("\nsees") + "\n")
    instance, call = asked(office)
    office.done(c.FailCall(call["call"], call["lease"], "DOWN", retryable=False), SYSTEM)
    assert office.only(tables.JOB).state == "suspended"
    assert office.done(c.ActivateJobs("summarise", "one"), WORKER).result["jobs"] == []
    office.done(c.ResumeInstance(instance, "done"), ANN)
    (job,) = office.done(c.ActivateJobs("summarise", "one"), WORKER).result["jobs"]
    office.done(c.CompleteJob(job["job"], job["lease"], ADVICE), WORKER)
    assert office.instance(instance).status == "ended"
    office.check()


def test_a_review_is_nobodys_until_it_goes_on(running: server.Running) -> None:
    office = Agency(running)
    instance, call = asked(office)
    office.done(c.SucceedCall(call["call"], call["lease"], {"output": DOUBTFUL}), SYSTEM)
    task = office.task_id("summary")
    assert office.refused(c.ClaimTask(task), BOB) is Reason.INSTANCE_SUSPENDED
    assert office.only(tables.TIMER).state == "suspended"
    office.done(c.ResumeInstance(instance, "done"), ANN)
    assert office.done(c.ClaimTask(task), BOB).outcome == "claimed"
    assert office.only(tables.TIMER).state == "set"
    office.check()
