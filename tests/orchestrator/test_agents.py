"""An agent over HTTP that is right, slow, wrong, over-confident, talkative and down; and the people behind it."""

from collections.abc import Iterator
from typing import Any

import pytest

from examples.services import agents as server
from ledger.actor import Actor, ActorKind
from ledger.canonical import encode
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.agent_tables import AGENT_FIGURE, PROPOSAL
from orchestrator.runner import CallFailure
from orchestrator.shown import shown_digest
from tests.orchestrator.agency import BUREAU, CONDITION, Agency, agent
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HOUR, SECOND, decide, end

RETRY = "retry: {times: 1, first: 2 seconds}"
GATED = f"{CONDITION}\ngate rules: sane-grade"


@pytest.fixture
def running() -> Iterator[server.Running]:
    with agent() as found:
        yield found


def incident(office: Agency) -> tuple[str, str]:
    row = office.only(tables.INCIDENT, state="open")
    return row.code, row.place


def reviewed(office: Agency, outcome: str, actor: Actor = BOB, **fields: Any) -> Any:
    """Claim the review and do this."""
    task = office.task_id("summary")
    office.done(c.ClaimTask(task), actor)
    return office.send(c.CompleteTask(task, outcome, shown_digest=office.shown(task).shown_digest, **fields), actor)


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


def test_below_the_threshold_a_person_decides(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    instance = office.begin()
    assert office.instance(instance).status == "active"
    assert office.gated() == ("condition", "")
    shown = office.shown(office.task_id("summary"))
    assert (shown.kind, shown.outcomes) == ("review", ("accept", "correct", "reject"))
    assert shown.proposal.output["confidence"] == "0.31"
    assert (shown.proposal.agent, shown.proposal.gate) == ("summariser", "condition")
    assert shown.row.due_at == office.log.now + 4 * HOUR
    assert reviewed(office, "accept").outcome == "accept"
    assert office.risk(instance)["confidence"] == "0.31"
    assert office.instance(instance).status == "ended"
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


def judged_right(office: Agency) -> dict[str, Any]:
    output = office.shown(office.task_id("summary")).proposal.output
    return {**output, "grade": 8}


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


@pytest.mark.parametrize(
    ("mode", "gate", "code"),
    [("prose", "output", "PROSE"), ("html", "output", "BAD_ANSWER"), ("misfit", "schema", "")],
)
def test_what_is_no_proposal_is_reviewed_and_cannot_be_accepted(
    running: server.Running, mode: str, gate: str, code: str
) -> None:
    office = Agency(running)
    running.state.set(mode)
    instance = office.begin()
    assert office.gated() == (gate, code)
    assert reviewed(office, "accept").reason is Reason.INVALID_DATA
    task = office.task_id("summary")
    data = {"grade": 4, "summary": "by hand", "confidence": 1, "findings": []}
    digest = office.shown(task).shown_digest
    assert office.refused(c.CompleteTask(task, "correct", {**data, "grade": 77}, shown_digest=digest)) is (
        Reason.INVALID_DATA
    )
    office.done(c.CompleteTask(task, "correct", data, shown_digest=digest))
    assert office.risk(instance)["summary"] == "by hand"
    office.check()


def test_a_correction_is_kept_member_by_member_and_goes_on(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    instance = office.begin(score=800)
    output = office.shown(office.task_id("summary")).proposal.output
    assert reviewed(office, "correct", data=output).reason is Reason.INVALID_DATA  # nothing was changed
    task = office.task_id("summary")
    digest = office.shown(task).shown_digest
    office.done(c.CompleteTask(task, "correct", {**output, "grade": 3, "findings": ["a gap"]}, shown_digest=digest))
    (done,) = office.transitions("proposal.reviewed")
    assert done["changes"] == [
        {"path": "grade", "before": 1, "after": 3},
        {"path": "findings", "before": [], "after": ["a gap"]},
    ]
    assert office.risk(instance)["grade"] == 3
    office.check()


def test_a_rejection_needs_a_reason_and_leads_where_the_step_says(running: server.Running) -> None:
    running.state.set("doubtful")
    held, led = Agency(running), Agency(running, f"{CONDITION}\nrejected: turned-down")
    for office in (held, led):
        instance = office.begin()
        assert reviewed(office, "reject").reason is Reason.REASON_MISSING
        task = office.task_id("summary")
        digest = office.shown(task).shown_digest
        office.done(c.CompleteTask(task, "reject", reason="not from the report", shown_digest=digest))
        assert office.risk(instance) is None
        office.check()
    assert incident(held) == ("PROPOSAL_REJECTED", "review")
    assert led.only(tables.INSTANCE).outcome == "turned down"


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


def test_the_lot_is_drawn_once_and_recorded(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\nsample: 30%")
    rolls = []
    for number in range(30):
        office.begin(key=f"A-{number}")
        found = office.transitions("proposal.gated")[-1]
        assert (found.get("gate") == "sample") is (found["roll"] < 3_000)
        rolls.append(found["roll"])
    assert 0 < sum(roll < 3_000 for roll in rolls) < 30
    assert len(set(rolls)) > 25
    office.check()


def test_retrying_does_not_draw_the_lot_again(running: server.Running) -> None:
    """A proposal that is drawn, rejected and asked for again has the lot it had."""
    office = Agency(running, f"{CONDITION}\nsample: 99.99%")
    office.begin()
    (first,) = office.transitions("proposal.gated")
    reviewed(office, "reject", reason="again")
    office.done(c.ResolveIncident(f"{office.only(tables.INSTANCE).id}.{office.only(tables.INCIDENT).number}", "retry"))
    office.runner().round()
    assert [one["roll"] for one in office.transitions("proposal.gated")] == [first["roll"]] * 2
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


def test_no_agent_completes_a_review_or_sends_for_a_person(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    office.begin()
    task = office.task_id("summary")
    machine = Actor(ActorId("agent:summariser"), ActorKind.AGENT, method="api-key")
    assert office.refused(c.ClaimTask(task), machine) is Reason.NOT_A_PERSON
    assert office.refused(c.CompleteTask(task, "accept"), machine) is Reason.NOT_A_PERSON
    assert office.refused(c.CompleteTask(task, "accept"), WORKER) is Reason.NOT_A_PERSON


def test_a_review_is_bound_to_what_was_shown(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    office.begin()
    task = office.task_id("summary")
    office.done(c.ClaimTask(task))
    assert office.refused(c.CompleteTask(task, "accept")) is Reason.SHOWN_CHANGED
    assert office.refused(c.CompleteTask(task, "accept", shown_digest=shown_digest({}))) is Reason.SHOWN_CHANGED


def test_figures_are_counts_over_the_entries(running: server.Running) -> None:
    office = Agency(running)
    first = office.profile().digest
    outcomes = ("accept", "correct", "reject", "accept")
    for number, outcome in enumerate(outcomes):
        if number == 2:
            office.profile(('version: "1"', 'version: "2"'))
        running.state.set("doubtful")
        office.begin(key=f"A-{number}")
        task = office.task_id("summary")
        office.done(c.ClaimTask(task), ANN if number == 0 else BOB)
        office.log.now += (number + 1) * 60 * SECOND
        shown = office.shown(task)
        fields: dict[str, Any] = {"data": {**shown.proposal.output, "grade": 5}} if outcome == "correct" else {}
        office.done(
            c.CompleteTask(task, outcome, reason="r", shown_digest=shown.shown_digest, **fields),
            ANN if number == 0 else BOB,
        )
    running.state.set("")
    office.begin(key="A-9")
    rows = {row.profile: row for row in office.log.view.rows["agent_figure"].values()}
    assert len(rows) == 2
    for profile, row in rows.items():
        made = [one for one in office.transitions("proposal.made") if one["profile"] == profile]
        done = [one for one in office.transitions("proposal.reviewed") if one["profile"] == profile]
        counted = (row.made, row.accepted, row.corrected, row.rejected, row.referred, row.timed)
        verdicts = [sum(one["verdict"] == verdict for one in done) for verdict in ("accept", "correct", "reject")]
        assert counted == (len(made), *verdicts, len(done), len(done))
    assert rows[first].spent == 180 * SECOND
    assert sum(row.passed for row in rows.values()) == 1
    assert {row.state for row in office.log.view.rows["agent_proposal"].values()} == {
        "accept", "correct", "reject", "passed"
    }  # fmt: skip
    office.check()


def test_a_review_that_is_late_leaves_for_where_the_step_says(running: server.Running) -> None:
    office = Agency(running, f"{CONDITION}\non late: turned-down")
    running.state.set("doubtful")
    office.start(bureau={"score": 800, "defaults": 0})
    office.log.now += 10 * HOUR  # the clock is that of the review, which has not begun
    office.runner().round()
    office.log.now += 3 * HOUR
    assert office.runner().fire_timers() == 0
    office.log.now += 2 * HOUR
    office.runner().fire_timers()
    assert office.only(tables.INSTANCE).outcome == "turned down"
    assert office.only(tables.TASK).state == "cancelled"
    office.check()


def test_a_runner_that_dies_between_answer_and_record_gets_the_same_answer_again(running: server.Running) -> None:
    """The answer is lost with the runner; its lease runs out, and the next asks with the same key."""
    office = Agency(running)
    instance = office.start(bureau={"score": 800, "defaults": 0})
    leased = office.send(c.LeaseCalls("dies", 10, 180), actor=_system())
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


def _system() -> Actor:
    from ledger.actor import SYSTEM

    return SYSTEM


def test_cancelling_takes_everything_back(running: server.Running) -> None:
    for mode, table, state in (("", tables.CALL, "cancelled"), ("doubtful", tables.TASK, "cancelled")):
        office = Agency(running)
        running.state.set(mode)
        instance = office.start(bureau={"score": 800, "defaults": 0})
        if mode:
            office.runner().round()
        office.done(c.CancelInstance(instance), ANN)
        assert office.row(table, instance, 1).state == state
        assert not isinstance(office.runner().round(), CallFailure)
        assert office.row(PROPOSAL, instance, 1).state in ("asked", "reviewing")
        assert office.row(AGENT_FIGURE, "summariser", office.profile().digest).asked == 1
        office.check()


@pytest.mark.parametrize(
    ("person", "method"), [(None, "api-key"), ("person:bob", "api-key"), ("person:bob", "password")]
)
def test_no_agent_takes_a_decision(person: str | None, method: str) -> None:
    """Whoever it is said to act for, and whatever it may do: what decides is a person."""
    office = Office(decide("d", (("yes", "done"), ("no", "done")), shows=("amount",)), end())
    office.start(amount=5)
    task = office.task_id("d")
    office.done(c.ClaimTask(task))
    of = None if person is None else PersonId(person)
    machine = Actor(ActorId("agent:summariser"), ActorKind.AGENT, of, method=method)
    decision = c.CompleteTask(task, "yes", shown_digest=office.shown(task).shown_digest)
    assert office.refused(decision, machine) is Reason.NOT_A_PERSON
    assert office.done(decision).outcome == "yes"
