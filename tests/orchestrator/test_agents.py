"""An agent over HTTP that is right, slow, wrong, over-confident, talkative and down, and what stops it."""

from typing import Any

import pytest

from examples.services import agents as server
from ledger.actor import Actor
from ledger.canonical import encode
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.agency import BUREAU, CONDITION, Agency, incident, reviewed
from tests.orchestrator.house import WORKER
from tests.orchestrator.toy import SECOND

RETRY = "retry: {times: 1, first: 2 seconds}"
GATED = f"{CONDITION}\ngate rules: sane-grade"


def test_a_sure_proposal_goes_into_the_data_with_all_that_made_it(running: server.Running) -> None:
    office = Agency(running)
    profile = office.profile()
    instance = office.begin(score=800)
    assert office.instance(instance).status == "ended"
    assert office.risk(instance)["grade"] == 1
    (made,) = office.transitions("proposal.made")
    assert (made["agent"], made["profile"], made["model"]) == ("summariser", profile.digest, server.MODEL)
    assert made["prompt"] == profile.value["prompt_digest"]
    assert made["tokens_in"] > 0 < made["tokens_out"]
    (called,) = office.transitions("call.succeeded")
    assert called["connector"] == profile.digest
    assert called["request"]
    assert called["answer"]
    (asked,) = running.state.asked
    assert asked["body"]["temperature"] == 0
    assert asked["body"]["top_p"] == 0.5
    assert asked["body"]["messages"][0]["content"].strip() == "Summarise the report."
    office.check()


def test_an_answer_that_is_sure_and_wrong_is_stopped_by_the_rule_table_alone(running: server.Running) -> None:
    """Confidence 0.99 on a bad report: the threshold lets it through, the rules do not."""
    running.state.set("wrong")
    ungated, gated = Agency(running), Agency(running, GATED)
    gated.gate()
    assert ungated.risk(ungated.begin(score=400, defaults=2, key="A-1"))["grade"] == 1
    running.state.kept.clear()
    instance = gated.begin(score=400, defaults=2)
    assert gated.gated() == ("rules", "")
    assert gated.transitions("proposal.gated")[-1]["table"] == "digest-of-the-table"
    assert gated.risk(instance) is None
    gated.check()


def test_an_over_confident_agent_is_stopped_by_its_judge(running: server.Running) -> None:
    """The judge works the grade out for itself; the proposal says 1 with all confidence."""
    office = Agency(running, f"{CONDITION}\njudge: checker")
    office.profile(("agent: summariser", "agent: checker"))
    running.state.set("wrong", times=1)
    instance = office.begin(score=400)
    office.runner().round()
    assert office.gated() == ("judge", "")
    (judged,) = office.transitions("proposal.judged")
    assert (judged["agent"], judged["said"]["accept"]) == ("checker", False)
    assert office.risk(instance) is None
    assert reviewed(office, "correct", data={**judged_right(office)}).outcome == "correct"
    assert office.risk(instance)["grade"] == 8
    office.check()


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_agent_that_is_asked_for_a_task_never_judges_its_own_answer(running: server.Running, version: str) -> None:
    """The judge is who the routing came to, also where another version of it has been released meanwhile."""
    serving = ("sees", "serves: [{task: summarise-risk, order: 1}]\nsees")
    office = Agency(running, "judge: summariser", agent="summarise-risk")
    office.profile(serving)
    running.state.set("over-confident")
    instance = office.start("A-1", score=800, bureau={"score": 800, "defaults": 0})
    office.profile(serving, ('version: "1"', f'version: "{version}"'))
    office.runner().round()
    assert office.gated() == ("judge", "JUDGES_ITSELF")
    assert office.transitions("proposal.judged") == []
    assert office.risk(instance) is None
    assert reviewed(office, "correct", data={**judged_right(office)}).outcome == "correct"


def test_an_agent_that_serves_the_task_judges_the_answer_of_another(running: server.Running) -> None:
    office = Agency(running, "judge: summariser", agent="summarise-risk")
    office.profile(("sees", "serves: [{task: summarise-risk, order: 2}]\nsees"))
    office.profile(("agent: summariser", "agent: first"), ("sees", "serves: [{task: summarise-risk, order: 1}]\nsees"))
    office.begin(score=800)
    office.runner().round()
    assert [one["agent"] for one in office.transitions("proposal.judged")] == ["summariser"]


def test_a_judge_that_accepts_lets_it_through_and_one_that_is_down_does_not(running: server.Running) -> None:
    for mode, gate in (("", ""), ("down", "judge"), ("prose", "judge")):
        office = Agency(running, f"{CONDITION}\njudge: checker")
        office.profile(("agent: summariser", "agent: checker"))
        running.state.kept.clear()
        office.begin(score=800)
        running.state.set(mode)
        office.runner().round()
        assert office.gated()[0] == gate, mode
        running.state.set("")
        office.check()


def test_a_slow_agent_is_tried_again_then_held(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\n{RETRY}")
    office.profile(("2 seconds", "200 milliseconds"))
    running.state.set("", delay_ms=700)
    office.begin()
    office.log.now += 3 * SECOND
    assert office.runner().round() == 2  # the timer of the retry, and the try
    assert [one["code"] for one in office.transitions("call.failed")] == ["TIME_OUT", "TIME_OUT"]
    assert incident(office) == ("TIME_OUT", "agent")
    running.state.set("")
    office.done(c.ResolveIncident(f"{office.only(tables.INSTANCE).id}.{office.only(tables.INCIDENT).number}", "retry"))
    office.runner().round()
    assert office.only(tables.INSTANCE).status == "ended"
    office.check()


def test_an_agent_that_is_down_is_followed_by_the_next_that_serves_the_task(running: server.Running) -> None:
    office = Agency(running, agent="summarise-risk")
    office.house.artefacts.clear()
    serves = "serves: [{task: summarise-risk, order: ORDER}]\nsees"
    office.profile(("sees", serves.replace("ORDER", "1")), address="http://127.0.0.1:9")
    office.profile(("agent: summariser", "agent: stand-in"), ("sees", serves.replace("ORDER", "2")))
    office.calls.egress._allowed |= {"127.0.0.1:9"}
    instance = office.begin()
    assert [one["code"] for one in office.transitions("call.failed")] == ["UNREACHABLE"]
    office.runner().round()
    assert office.transitions("proposal.made")[-1]["agent"] == "stand-in"
    assert office.instance(instance).status == "ended"
    assert office.row(tables.CALL, instance, 1).state == "succeeded"
    office.check()


def test_routing_reads_the_data_and_what_cannot_be_told_is_not_served(running: server.Running) -> None:
    office = Agency(running, agent="summarise-risk")
    office.house.artefacts.clear()
    for name, when in (("small", "= amount < 1000"), ("broken", "= amont < 1"), ("large", "= amount >= 1000")):
        serves = f"serves: [{{task: summarise-risk, when: {when}}}]\nsees"
        office.profile(("agent: summariser", f"agent: {name}"), ("sees", serves))
    for amount, name in (("10.00", "small"), ("5000.00", "large")):
        office.begin(key=f"A-{name}", amount={"amount": amount, "currency": "GBP"})
        assert office.transitions("proposal.made")[-1]["agent"] == name
    office.start("A-none", bureau={"score": 800})
    assert incident(office) == ("NO_SUCH_AGENT", "agent")
    office.check()


def test_data_of_a_stricter_class_than_it_may_see_never_reach_it(running: server.Running) -> None:
    office = Agency(running, shows="bureau, secret")
    office.start(bureau={"score": 800, "defaults": 0}, secret={"name": "Jo Doe"})
    assert incident(office) == ("AGENT_MAY_NOT_SEE", "agent")
    assert running.state.asked == []


def test_a_profile_made_stricter_after_the_request_is_asked_again_before_anything_goes_out(
    running: server.Running,
) -> None:
    office = Agency(running, shows="bureau, secret")
    office.profile(("sees: internal", "sees: personal"))
    office.start(bureau={"score": 800, "defaults": 0}, secret={"name": "Jo Doe"})
    office.profile()
    office.runner().round()
    assert incident(office) == ("AGENT_MAY_NOT_SEE", "agent")
    assert running.state.asked == []
    office.check()


def test_personal_data_in_prompts_and_answers_are_sealed_and_erased_ones_stay_out(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\n{RETRY}", shows="bureau, secret")
    office.profile(("sees: internal", "sees: personal"))
    running.state.set("down", times=1)
    instance = office.begin(secret={"name": "Jo Doe"})
    assert "Jo Doe" in next(running.messages())
    office.check()
    for token, (subject, path, _) in list(office.log.openings.items()):
        if path == "#1.with.secret":
            office.log.openings[token] = (subject, path, None)  # as an erasure leaves it
    office.log.now += 3 * SECOND
    office.runner().round()
    first, second = running.messages()
    assert "Jo Doe" in first
    assert "Jo Doe" not in second
    assert office.instance(instance).status == "ended"
    (made,) = office.transitions("proposal.made")
    assert set(made["output"]) >= {"$commitment"}
    (called,) = office.transitions("call.succeeded")
    assert set(called["request"]) >= {"$commitment"}


def test_only_tools_of_the_profile_that_read_are_used(running: server.Running) -> None:
    for tool, fault in (("bureau__read_report", ""), ("bureau__order_report", "TOOL_NOT_ALLOWED"), ("x", None)):
        office = Agency(running)
        office.house.put_in_force("connector", BUREAU.replace("ENDPOINT", running.address))
        tools = "[bureau.read_report]" if fault is None or not fault else "[bureau.read_report, bureau.order_report]"
        office.profile(("sees", f"tools: {tools}\nsees"))
        running.state.kept.clear()
        running.state.asked.clear()
        running.state.set("tool", tool=tool)
        office.begin()
        offered = [one["function"]["name"] for one in running.state.asked[0]["body"]["tools"]]
        assert offered == ["bureau__read_report"]
        (made,) = office.transitions("proposal.made")
        if fault == "":
            assert made["tools"] == ["bureau.read_report"]
            assert office.gated() == ("", "")
        else:
            assert office.gated() == ("output", "TOOL_NOT_ALLOWED")
        office.check()


@pytest.mark.parametrize(("sees", "shows", "offered"), [("personal", "bureau", 1), ("personal", "secret", 0)])
def test_a_tool_is_not_given_what_its_arguments_may_not_hold(
    running: server.Running, sees: str, shows: str, offered: int
) -> None:
    """What an agent was shown it may say to a tool: so it has none whose argument takes data of that class no more."""
    office = Agency(running, shows=shows)
    bureau = BUREAU.replace("ENDPOINT", running.address).replace("type: string}", "type: string, class: internal}")
    office.house.put_in_force("connector", bureau)
    office.profile(("sees: internal", f"tools: [bureau.read_report]\nsees: {sees}"))
    running.state.set("tool", tool="bureau__read_report")
    office.begin(secret={"name": "Jo Doe"})
    assert len(running.state.asked[0]["body"].get("tools", ())) == offered
    (made,) = office.transitions("proposal.made")
    assert made.get("tools", []) == ["bureau.read_report"] * offered
    assert office.gated() == (("", "") if offered else ("output", "TOOL_NOT_ALLOWED"))
    office.check()


def test_a_worker_proposes_as_a_job(running: server.Running) -> None:
    office = Agency(running)
    office.house.put_in_force(
        "agent", 'agent: summariser\nworker: summarise\nmodel: own\nversion: "2"\nprompt: p\nsees: internal\n'
    )
    instance = office.start(bureau={"score": 800})
    (job,) = office.done(c.ActivateJobs("summarise", "one"), WORKER).result["jobs"]
    assert job["arguments"]["bureau"] == {"score": 800}
    assert job["arguments"]["Expects"]["required"] == ["grade", "summary", "confidence", "findings"]
    answer = {"grade": 2, "summary": "s", "confidence": {"$decimal": "0.9"}, "findings": []}
    office.done(c.CompleteJob(job["job"], job["lease"], answer), WORKER)
    assert office.instance(instance).status == "ended"
    assert office.risk(instance)["confidence"] == "0.9"
    assert office.transitions("proposal.made")[0]["model"] == "own"
    office.check()


def test_what_a_worker_answers_is_not_said_to_be_of_a_profile_released_meanwhile(running: server.Running) -> None:
    source = 'agent: summariser\nworker: summarise\nmodel: own\nversion: "2"\nprompt: p\nsees: internal\n'
    office = Agency(running)
    asked = office.house.put_in_force("agent", source)
    office.start(bureau={"score": 800})
    (job,) = office.done(c.ActivateJobs("summarise", "one"), WORKER).result["jobs"]
    office.house.put_in_force("agent", source.replace("own", "another"))
    answer = {"grade": 2, "summary": "s", "confidence": {"$decimal": "0.9"}, "findings": []}
    office.done(c.CompleteJob(job["job"], job["lease"], answer), WORKER)
    (made,) = office.transitions("proposal.made")
    assert made["profile"] == asked.digest
    assert (made.get("model", ""), made.get("prompt", "")) == ("", "")
    office.check()


def test_a_runner_that_dies_between_answer_and_record_gets_the_same_answer_again(running: server.Running) -> None:
    """The answer is lost with the runner; its lease runs out, and the next asks with the same key."""
    office = Agency(running)
    instance = office.start(bureau={"score": 800, "defaults": 0})
    leased = office.done(c.LeaseCalls("dies", 10, 180), actor=_system())
    (call,) = leased.result["calls"]
    office.send(c.StartCall(call["call"], call["lease"]), actor=_system())
    office.calls.call(call["operation"], call["arguments"], call["idempotency_key"])
    assert office.runner().round() == 0
    office.log.now += 200 * SECOND
    office.runner().round()
    assert office.instance(instance).status == "ended"
    one, other = running.state.asked
    assert one == other
    assert len(running.state.kept) == 1
    assert len(office.transitions("proposal.made")) == 1
    assert encode(office.calls.answers[0].value) == encode(office.calls.answers[1].value)  # type: ignore[union-attr]
    office.check()


def judged_right(office: Agency) -> dict[str, Any]:
    output = office.shown(office.task_id("summary")).proposal.output
    return {**output, "grade": 8}


def _system() -> Actor:
    from ledger.actor import SYSTEM

    return SYSTEM
