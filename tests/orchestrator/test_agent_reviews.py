"""The people behind an agent: what they are shown, what they may do with a proposal, and what is counted of it."""

from typing import Any

import pytest

from examples.services import agents as server
from ledger.actor import SYSTEM, Actor, ActorKind
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.agent_tables import AGENT_FIGURE, PROPOSAL
from orchestrator.handing import NOBODY
from orchestrator.runner import CallFailure
from orchestrator.shown import shown_digest
from orchestrator.transition_values import from_value
from tests.orchestrator import agency
from tests.orchestrator.agency import CONDITION, Agency, incident, reviewed
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.shadow import Shadow
from tests.orchestrator.toy import HOUR, SECOND, decide, end
from versioning.blueprint import BlueprintVersion
from versioning.parse import parse_blueprint


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


def test_what_was_rejected_is_asked_for_anew_and_reviewed_again(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    instance = office.begin()
    assert reviewed(office, "reject", reason="not from the report").outcome == "reject"
    office.done(c.ResolveIncident(f"{instance}.{office.only(tables.INCIDENT).number}", "retry"))
    office.runner().round()
    assert reviewed(office, "accept").outcome == "accept"
    assert office.instance(instance).status == "ended"
    office.check()
    shadow = Shadow()  # by which histories are judged: the same visit is completed twice, and may be
    for entry in office.log.entries:
        for value in entry.payload.get("transitions", ()):
            shadow.read(from_value(value))
    assert not shadow.steps


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


@pytest.mark.parametrize("skilled", [True, False])
def test_a_review_is_offered_and_given_like_any_task(
    running: server.Running, monkeypatch: pytest.MonkeyPatch, skilled: bool
) -> None:
    offered = "within: 4 hours, offer to: {skill: credit, give to: least loaded}}"
    monkeypatch.setattr(agency, "BLUEPRINT", agency.BLUEPRINT.replace("within: 4 hours}", offered))
    office = Agency(running)
    office.house.attributes.known = {"person:bob": {("skill", "credit")}} if skilled else {}
    running.state.set("doubtful")
    instance = office.begin()
    if not skilled:
        assert office.only(tables.INCIDENT).code == NOBODY
        office.house.attributes.known = {"person:bob": {("skill", "credit")}}
        office.done(c.ResolveIncident(f"{instance}.{office.only(tables.INCIDENT).number}", "retry"))
        office.runner().round()
    row = office.only(tables.TASK)
    assert (row.state, row.holder, row.skill) == ("claimed", "person:bob", "credit")
    digest = office.shown(office.task_id("summary")).shown_digest
    office.done(c.CompleteTask(office.task_id("summary"), "accept", shown_digest=digest))
    assert office.instance(instance).status == "ended"
    office.check()


LOOKS = """first: both
steps:
  both: {all: [summary, look], join: {wait: all, next: done}}
  look: {each: risk.findings, as: finding, do: {job: look, with: {at: = finding}}}
"""


SHORTER = {"grade": 2, "summary": "s", "confidence": {"$decimal": "0.9"}, "findings": ["b"]}


@pytest.mark.parametrize("judged", [False, True])
def test_what_would_move_elements_that_are_over_is_reviewed_and_not_accepted(
    running: server.Running, judged: bool
) -> None:
    office = Agency(running)
    office.profile(("agent: summariser", "agent: checker"))
    keys = "    KEYS\n    next: done\n"
    text = agency.BLUEPRINT.replace("AGENT", "summariser").replace("SHOWS", "bureau")
    text = text.replace(keys, "    judge: checker\n" if judged else "").replace("first: summary\nsteps:\n", LOOKS)
    text = text.replace("  turned-down: {end: turned down}\n", "")
    office.house.release(BlueprintVersion(parse_blueprint(text), 2, "digest-2", ("person:author",), (), text, 0))
    instance = office.start(bureau={"score": 800}, risk={"findings": ["a", "b"]})

    def look() -> None:
        (job,) = office.done(c.ActivateJobs("look", "one"), WORKER).result["jobs"]
        office.done(c.CompleteJob(job["job"], job["lease"]), WORKER)

    def say(output: Any) -> None:
        (call,) = office.done(c.LeaseCalls("r", 10, 180), SYSTEM).result["calls"]
        office.done(c.StartCall(call["call"], call["lease"]), SYSTEM)
        office.done(c.SucceedCall(call["call"], call["lease"], {"output": output}), SYSTEM)

    if judged:
        say(SHORTER)
        look()  # while the judge has it
        say({"accept": True})
    else:
        look()
        say(SHORTER)
    assert office.gated() == ("schema", "")
    said = reviewed(office, "accept")
    assert isinstance(said, Refusal)
    assert (said.reason, "to keep their places" in said.message) == (Reason.INVALID_DATA, True)
    look()
    assert [row.arguments for row in office.log.view.rows["job"].values()] == ['{"at":"a"}', '{"at":"b"}']
    task = office.task_id("summary")
    office.done(c.CompleteTask(task, "accept", shown_digest=office.shown(task).shown_digest))
    assert office.risk(instance)["findings"] == ["b"]
    office.check()


def test_what_was_proposed_on_other_values_is_accepted_by_who_sees_those_of_now_alone(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    instance = office.begin()
    task = office.task_id("summary")
    office.done(c.ClaimTask(task), BOB)
    before = office.shown(task)
    office.done(c.CorrectData(instance, {"bureau": {"score": 300}}, "another report"), ANN)
    assert office.row(PROPOSAL, *c.split_id(task)).state == "reviewing"
    accept = c.CompleteTask(task, "accept", shown_digest=before.shown_digest)
    assert office.refused(accept, BOB) is Reason.SHOWN_CHANGED
    now = office.shown(task)
    assert (before.shown["bureau"]["score"], now.shown["bureau"]["score"]) == (800, 300)
    office.done(c.CompleteTask(task, "accept", shown_digest=now.shown_digest), BOB)
    assert office.instance(instance).status == "ended"
    office.check()
