"""Acts on running instances: what is moved and corrected, who has to confirm it; incidents with them."""

import dataclasses
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.act_pages import open_proposals
from tests.orchestrator.house import ANN, BOB, EVE, WORKER
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b
from versioning.act_rules import ActRule

SECOND = ActRule("modify", role="role owners", second="role ops", within="PT4H")


def governed(*steps: b.Step, acts: tuple[ActRule, ...]) -> Office:
    office = Office(*steps)
    found = version(*steps)
    office.house.release(dataclasses.replace(found, blueprint=dataclasses.replace(found.blueprint, acts=acts)))
    return office


def number(office: Office, step: str) -> int:
    return int(office.task_id(step).rpartition(".")[2])


# Moved


FORK = (
    b.AllStep("all", HERE, branches=("a", "c"), next="z"),
    task("a", "a2"),
    task("a2"),
    task("c"),
    task("z", "done"),
    end(),
)


def test_an_instance_is_moved_back_and_forth_in_its_branch_and_still_joins_once() -> None:
    office = Office(*FORK)
    instance = office.start()
    office.done(c.ModifyInstance(instance, ((number(office, "a"), "a2"),), reason="done on paper"))
    office.done(c.ModifyInstance(instance, ((number(office, "a2"), "a"),), reason="not done on paper"))
    office.complete("a")
    office.complete("a2")
    office.complete("c")
    office.complete("z")
    assert office.instance(instance).status == "ended"
    entry = next(entry for entry in office.log.entries if entry.kind == "instance.modified")
    assert entry.payload["transitions"][0] == {"t": "step.moved", "activation": 2, "to": "a2"}
    office.check()


@pytest.mark.parametrize(
    ("moves", "ends", "reason"),
    [
        ((("a", "c"),), (), Reason.UNSOUND_MARKING),  # into the other branch: two tokens there, none here
        ((("a", "z"),), (), Reason.UNSOUND_MARKING),  # behind the join, which would wait for ever
        ((), ("a",), Reason.UNSOUND_MARKING),  # a branch that never arrives
        ((("a", "nowhere"),), (), Reason.INVALID_DATA),
        ((("a", "a2"), ("a", "a")), (), Reason.INVALID_DATA),
        ((), (), Reason.INVALID_DATA),
    ],
)
def test_a_marking_from_which_the_end_is_not_reached_is_refused(moves: Any, ends: Any, reason: Reason) -> None:
    office = Office(*FORK)
    instance = office.start()
    moved = tuple((number(office, step), to) for step, to in moves)
    command = c.ModifyInstance(instance, moved, tuple(number(office, step) for step in ends), "why")
    assert office.refused(command) is reason


def test_moving_a_fork_ends_all_that_is_open_in_it() -> None:
    office = Office(*FORK)
    instance = office.start()
    inside = c.ModifyInstance(instance, ((1, "z"), (2, "a2")), reason="both at once")
    assert office.refused(inside) is Reason.INVALID_DATA
    office.done(c.ModifyInstance(instance, ((1, "z"),), reason="cleared"))
    assert {row.step for row in office.log.view.rows["task"].values() if row.state == "offered"} == {"z"}
    office.complete("z")
    office.check()


def test_what_runs_beside_a_step_may_just_end() -> None:
    watches = (b.Watch("message", "m", "beside", "number", meanwhile=True),)
    office = Office(task("f", "done", watches=watches), task("beside"), end())
    instance = office.start()
    office.done(c.Correlate("m", "A-1"), WORKER)
    office.done(c.ModifyInstance(instance, ends=(number(office, "beside"),), reason="not needed"))
    office.complete("f")
    assert office.instance(instance).status == "ended"
    office.check()


def test_modifying_needs_a_reason_and_the_revision_that_was_seen() -> None:
    office = Office(*FORK)
    instance = office.start()
    moves = ((number(office, "a"), "a2"),)
    assert office.refused(c.ModifyInstance(instance, moves)) is Reason.REASON_MISSING
    stale = c.ModifyInstance(instance, moves, reason="why", expected_revision=9)
    assert office.refused(stale) is Reason.STALE_REVISION
    office.house.refused.add(("instance", "modify"))
    assert office.refused(c.ModifyInstance(instance, moves, reason="why")) is Reason.NO_RULE


# Corrected


def test_corrected_data_leave_old_and_new_on_record_sealed_by_class() -> None:
    office = Office(task("f", "done", expects=("secret",)), end())
    instance = office.start(secret={"name": "Jo Doe"}, amount=3)
    office.done(c.CorrectData(instance, {"secret": {"name": "Jo Doe-Ray"}, "amount": 4}, "a slip of the pen"))
    entry = office.log.entries[-1]
    assert entry.kind == "instance.corrected"
    before = {one["path"]: one["before"] for one in entry.payload["corrections"]}
    assert before["amount"] == 3
    assert set(before["secret"]) >= {"$commitment"}
    assert b"Jo" not in encode(dict(entry.payload))
    assert office.row(tables.VARIABLE, instance, "amount").value == "4"
    office.check()


@pytest.mark.parametrize(
    "values", [{}, {"amount": "four"}, {"number": "A-9"}, {"nothing": 1}, {"secret": {"name": "x"}, "secret.name": "y"}]
)
def test_data_that_do_not_fit_are_not_laid(values: Any) -> None:
    office = Office(task("f", "done"), end())
    instance = office.start()
    assert office.refused(c.CorrectData(instance, values, "why")) is Reason.INVALID_DATA


# Governed


def test_the_blueprint_says_which_role_and_whether_a_reason_is_needed() -> None:
    office = governed(task("f", "done"), end(), acts=(ActRule("cancel", "role ops", True),))
    instance = office.start()
    assert office.refused(c.CancelInstance(instance, "why"), ANN) is Reason.NO_RULE
    assert office.refused(c.CancelInstance(instance, "  "), BOB) is Reason.REASON_MISSING
    assert office.done(c.CancelInstance(instance, "why"), BOB).outcome == "cancelled"
    office.check()


def proposed(office: Office, instance: str) -> Any:
    moves = ((number(office, "a"), "a2"),)
    return office.done(c.ModifyInstance(instance, moves, reason="done on paper"), ANN).result


def test_what_a_second_person_confirms_is_what_was_proposed() -> None:
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    said = proposed(office, instance)
    assert office.instance(instance).revision == 1
    assert {a.step for a in office.log.view.rows["task"].values()} == {"a", "c"}
    confirm = c.ConfirmAct(instance, said["proposal"], said["digest"])
    assert office.refused(dataclasses.replace(confirm, digest="other")) is Reason.PROPOSAL_STALE
    done = office.done(confirm)
    assert done.outcome == "modified"
    entry = office.log.entries[-1]
    assert entry.payload["closes"] == {
        "id": said["proposal"], "as": "confirmed", "by": "person:bob", "proposed_by": "person:ann",
        "digest": said["digest"],
    }  # fmt: skip
    assert office.row(tables.ACT_PROPOSAL, instance, said["proposal"]).state == "confirmed"
    assert office.refused(confirm) is Reason.WRONG_STATE
    office.check()


def test_nobody_confirms_their_own_act_nor_without_the_role_nor_as_a_machine() -> None:
    office = governed(*FORK, acts=(SECOND,))
    office.house.roles["person:ann"].add("ops")
    office.house.roles["svc:worker"] = {"ops"}
    instance = office.start()
    said = proposed(office, instance)
    confirm = c.ConfirmAct(instance, said["proposal"], said["digest"])
    assert office.refused(confirm, ANN) is Reason.OWN_PROPOSAL
    assert office.refused(confirm, EVE) is Reason.NO_RULE
    assert office.refused(confirm, WORKER) is Reason.NOT_A_PERSON
    office.house.refused.add(("instance", "modify"))
    assert office.refused(confirm, BOB) is Reason.NO_RULE


def test_a_proposal_is_stale_once_the_instance_moved_on_or_its_time_is_over() -> None:
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    said = proposed(office, instance)
    office.complete("c")  # it touches nothing of it
    confirm = c.ConfirmAct(instance, said["proposal"], said["digest"])
    office.log.now = said["expires_at"]
    assert office.refused(confirm) is Reason.PROPOSAL_STALE
    office.log.now -= 1
    office.done(c.ClaimTask(office.task_id("a")))
    assert office.refused(confirm) is Reason.PROPOSAL_STALE


def test_a_proposal_to_end_a_fork_is_stale_once_something_moved_in_it() -> None:
    """Who confirms it agrees to end what was open then, and not a step that was reached since."""
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    moves = ((1, "z"),)
    first = office.done(c.ModifyInstance(instance, moves, reason="not needed"), ANN).result
    office.complete("a")
    assert office.refused(c.ConfirmAct(instance, first["proposal"], first["digest"])) is Reason.PROPOSAL_STALE
    second = office.done(c.ModifyInstance(instance, moves, reason="not needed"), ANN).result
    office.done(c.ConfirmAct(instance, second["proposal"], second["digest"]))
    assert [row.step for row in office.log.view.rows["task"].values() if row.state == "offered"] == ["z"]
    office.check()


def test_a_proposal_to_resume_is_of_the_suspension_it_was_made_in() -> None:
    """Two ask that it goes on; it does, and is stopped again for another reason: that takes another word of two."""
    office = governed(task("f", "done"), end(), acts=(ActRule("resume", second="role ops"),))
    instance = office.start()
    office.done(c.SuspendInstance(instance, "an audit"))
    first, second = [office.done(c.ResumeInstance(instance, "it is over"), ANN).result for _ in range(2)]
    office.done(c.ConfirmAct(instance, first["proposal"], first["digest"]))
    office.log.now += 1
    office.done(c.SuspendInstance(instance, "fraud"))
    assert office.refused(c.ConfirmAct(instance, second["proposal"], second["digest"])) is Reason.PROPOSAL_STALE
    assert office.instance(instance).suspended == "itself"


def test_nothing_waits_for_a_second_person_in_an_instance_that_is_over() -> None:
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    said = proposed(office, instance)

    def waiting() -> list[str]:
        found = open_proposals(office.log.deps, MemoryUow(office.log, BOB), ("organisation",))
        return [one.row.id for one in found]

    assert waiting() == [said["proposal"]]
    office.done(c.CancelInstance(instance, "withdrawn"))
    assert waiting() == []
    assert office.refused(c.ConfirmAct(instance, said["proposal"], said["digest"])) is Reason.PROPOSAL_STALE
    office.log.now = said["expires_at"]
    office.done(c.ExpireAct(instance, said["proposal"], said["expires_at"]), SYSTEM)
    office.check()


def test_a_correction_that_is_confirmed_has_its_values_from_the_vault_and_is_stale_over_another_value() -> None:
    rule = ActRule("correct", second="role ops")
    office = governed(task("f", "done", expects=("amount",)), end(), acts=(rule,))
    instance = office.start(secret={"name": "Jo Doe"}, amount=3)
    said = office.done(c.CorrectData(instance, {"secret": {"name": "Jo Doe-Ray"}}, "a slip"), ANN).result
    office.done(c.ConfirmAct(instance, said["proposal"], said["digest"]))
    assert [entry.kind for entry in office.log.entries][-2:] == ["act.proposed", "instance.corrected"]
    said = office.done(c.CorrectData(instance, {"amount": 4}, "a slip"), ANN).result
    office.complete("f", data={"amount": 5})
    assert office.refused(c.ConfirmAct(instance, said["proposal"], said["digest"])) in (
        Reason.PROPOSAL_STALE,
        Reason.WRONG_STATE,
    )
    office.check()


def test_what_is_rejected_or_withdrawn_cannot_be_confirmed() -> None:
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    said = proposed(office, instance)
    assert office.refused(c.RejectAct(instance, said["proposal"]), EVE) is Reason.NO_RULE
    assert office.done(c.RejectAct(instance, said["proposal"], "it is not")).outcome == "rejected"
    again = proposed(office, instance)
    assert office.done(c.RejectAct(instance, again["proposal"]), ANN).outcome == "withdrawn"
    for one in (said, again):
        assert office.refused(c.ConfirmAct(instance, one["proposal"], one["digest"])) is Reason.WRONG_STATE
    assert office.refused(c.ConfirmAct(instance, "ap_none", "x")) is Reason.NOT_FOUND
    office.check()


def test_what_could_not_be_done_is_not_proposed() -> None:
    office = governed(*FORK, acts=(SECOND,))
    instance = office.start()
    unsound = c.ModifyInstance(instance, ((number(office, "a"), "z"),), reason="why")
    assert office.refused(unsound, ANN) is Reason.UNSOUND_MARKING


# Incidents


def held(office: Office) -> str:
    row = office.only(tables.INCIDENT, state="open")
    return f"{row.instance}.{row.number}"


def test_an_incident_is_resolved_by_another_path_or_not_at_all() -> None:
    office = Office(b.RulesStep("r", HERE, table="broken", into="risk.grade", next="f"), task("f", "done"), end())
    instance = office.start()
    assert office.refused(c.ResolveIncident(held(office), "other", to="nowhere")) is Reason.INVALID_DATA
    assert office.refused(c.ResolveIncident(held(office), "retry", to="d")) is Reason.INVALID_DATA
    office.done(c.ResolveIncident(held(office), "other", {"amount": 3}, "decided by hand", "done"))
    assert office.instance(instance).status == "ended"
    assert office.only(tables.INCIDENT).how == "other"
    office.check()


def test_an_incident_is_given_to_a_person_of_its_role() -> None:
    office = Office(b.RulesStep("r", HERE, table="broken", into="risk.grade", next="done"), end())
    office.start()
    incident = held(office)
    assert office.refused(c.AssignIncident(incident, "person:eve")) is Reason.NO_RULE
    assert office.done(c.AssignIncident(incident, "person:ann")).outcome == "assigned"
    assert office.only(tables.INCIDENT).assignee == "person:ann"
    assert office.refused(c.AssignIncident(incident, "person:ann")) is Reason.WRONG_STATE
    assert office.done(c.AssignIncident(incident)).outcome == "given back"
    office.house.refused.add(("incident", "assign"))
    assert office.refused(c.AssignIncident(incident, "person:ann")) is Reason.NO_RULE
    office.check()
