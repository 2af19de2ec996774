"""A substitute is offered the work of who is absent and gets nothing else by it: no role, no authority, no way out."""

from dataclasses import replace

import pytest

from governance.questions.facts import Record
from governance.questions.rederive import add_actors
from governance.substitution import Standing
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB, EVE, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, decide, end, task
from versioning import blueprint as b

CID = person("cid")
EVER = 2**53
FORM = (task("f", "done", expects=("amount",)), end())
DECISION = decide("d", (("approve", "done"),))
NOT_INITIATOR = (b.Duty("not initiator"),)


def office_of(*steps: b.Step) -> Office:
    """Bob and Cid are clerks and may approve; Cid stands in for Bob."""
    office = Office(*steps)
    office.house.roles["person:cid"] = {"clerks", "owners", "starters"}
    office.house.limits["person:cid"] = 100
    away(office, BOB.id, CID.id)
    return office


def away(office: Office, absent: str, substitute: str, until: int = EVER) -> None:
    office.house.stand_ins.known.append(Standing(absent, substitute, 0, until))


def approve(office: Office, task_id: str) -> c.CompleteTask:
    return c.CompleteTask(task_id, "approve", reason="fine", shown_digest=office.shown(task_id).shown_digest)


def test_a_substitute_takes_what_the_absent_person_holds() -> None:
    office = office_of(*FORM)
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), BOB)
    office.done(c.ClaimTask(task_id), CID)
    row = office.only(tables.TASK)
    assert (row.holder, row.stands_in_for) == (CID.id, BOB.id)
    taken = office.log.entries[-1].payload["transitions"][0]
    assert (taken["t"], taken["why"], taken["stands_in_for"]) == ("task.assigned", "substitute", BOB.id)
    assert office.refused(c.CompleteTask(task_id, data={"amount": 4}), BOB) is Reason.CLAIMED_BY_OTHER
    office.done(c.CompleteTask(task_id, data={"amount": 4}), CID)
    assert office.log.entries[-1].payload["stands_in_for"] == BOB.id
    office.check()


def test_nobody_else_does_and_not_when_the_time_is_over() -> None:
    office = office_of(*FORM)
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), CID)
    assert office.refused(c.ClaimTask(task_id), BOB) is Reason.CLAIMED_BY_OTHER  # it goes one way
    office.done(c.ReleaseTask(task_id), CID)
    office.done(c.ClaimTask(task_id), BOB)
    office.house.stand_ins.known.clear()
    away(office, BOB.id, CID.id, until=office.log.now)
    assert office.refused(c.ClaimTask(task_id), CID) is Reason.CLAIMED_BY_OTHER


def test_a_substitute_is_offered_what_the_absent_person_would_be() -> None:
    office = office_of(replace(FORM[0], offer=b.Offer(skill="mortgages")), end())
    office.house.attributes.known = {BOB.id: {("skill", "mortgages")}}
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), CID)
    assert office.only(tables.TASK).stands_in_for == BOB.id
    office.done(c.ReleaseTask(task_id), CID)
    assert office.only(tables.TASK).stands_in_for == ""
    office.done(c.ClaimTask(task_id), BOB)
    assert office.only(tables.TASK).stands_in_for == ""
    office.check()


@pytest.mark.parametrize("is_gone", [True, False])
def test_who_is_offered_nothing_any_more_lends_no_skill(is_gone: bool) -> None:
    """Neither who has left nor who has lost the role. Through them one stands in for others who are here."""
    office = office_of(replace(FORM[0], offer=b.Offer(skill="mortgages")), end())
    office.house.attributes.known = {BOB.id: {("skill", "mortgages")}}
    office.start(amount=3)
    task_id = office.task_id("f")
    office.house.left.update({BOB.id} if is_gone else set())
    office.house.roles[BOB.id] -= set() if is_gone else {"clerks"}
    assert office.refused(c.ClaimTask(task_id), CID) is Reason.NOT_OFFERED
    away(office, ANN.id, BOB.id)
    office.house.attributes.known[ANN.id] = {("skill", "mortgages")}
    office.done(c.ClaimTask(task_id), CID)
    assert office.only(tables.TASK).stands_in_for == ANN.id


def test_standing_in_lends_no_role() -> None:
    office = office_of(*FORM)
    away(office, BOB.id, EVE.id)
    office.start(amount=3)
    office.done(c.ClaimTask(office.task_id("f")), BOB)
    assert office.refused(c.ClaimTask(office.task_id("f")), EVE) is Reason.NO_RULE


@pytest.mark.parametrize(("limits", "expected"), [({}, Reason.NO_GRANT), ({"person:cid": 2}, Reason.LIMIT_CASE)])
def test_standing_in_lends_no_authority(limits: dict[str, int], expected: Reason) -> None:
    office = office_of(DECISION, end())
    office.start(amount=3)
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id), BOB)
    office.done(c.ClaimTask(task_id), CID)
    office.house.limits = {"person:bob": 100, **limits}
    assert office.refused(approve(office, task_id), CID) is expected


def test_a_substitute_of_the_initiator_cannot_approve() -> None:
    office = office_of(replace(DECISION, duties=NOT_INITIATOR), end())
    away(office, ANN.id, CID.id)
    office.start(amount=3, actor=ANN)
    task_id = office.task_id("d")
    assert office.refused(c.ClaimTask(task_id), CID) is Reason.SOD
    assert office.refused(approve(office, task_id), CID) is Reason.SOD
    office.house.stand_ins.known.clear()
    office.done(c.ClaimTask(task_id), CID)
    office.done(approve(office, task_id), CID)


def test_a_substitute_through_another_is_barred_as_well() -> None:
    office = office_of(replace(DECISION, duties=NOT_INITIATOR), end())
    away(office, ANN.id, BOB.id)  # so Cid stands in for Ann through Bob
    office.start(amount=3, actor=ANN)
    assert office.refused(c.ClaimTask(office.task_id("d")), CID) is Reason.SOD
    assert office.refused(approve(office, office.task_id("d")), CID) is Reason.SOD


def test_who_took_it_for_somebody_stays_bound_when_that_is_lifted() -> None:
    second = replace(DECISION, duties=(b.Duty("not step", "f"),), next=(("approve", ""),))
    side_by_side = b.AllStep("s", HERE, branches=("f", "d"), next="done")
    office = office_of(side_by_side, task("f", "", expects=("amount",)), second, end())
    office.start(amount=3)
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id), BOB)
    office.done(c.ClaimTask(task_id), CID)
    office.complete("f", BOB, data={"amount": 4})
    office.house.stand_ins.known.clear()
    assert office.refused(approve(office, task_id), CID) is Reason.SOD


def test_a_form_is_barred_alike() -> None:
    office = office_of(replace(FORM[0], duties=NOT_INITIATOR), end())
    away(office, ANN.id, CID.id)
    office.start(amount=3, actor=ANN)
    assert office.refused(c.ClaimTask(office.task_id("f")), CID) is Reason.SOD
    assert office.refused(c.CompleteTask(office.task_id("f"), data={"amount": 4}), CID) is Reason.SOD


def test_who_was_stood_in_for_has_acted_in_the_step() -> None:
    second = replace(DECISION, duties=(b.Duty("not step", "f"),))
    office = office_of(task("f", "d", expects=("amount",)), second, end())
    office.start(amount=3)
    first = office.task_id("f")
    office.done(c.ClaimTask(first), BOB)
    office.done(c.ClaimTask(first), CID)
    office.done(c.CompleteTask(first, data={"amount": 4}), CID)
    office.house.stand_ins.known.clear()
    decision = office.task_id("d")
    assert office.refused(c.ClaimTask(decision), BOB) is Reason.SOD
    assert office.refused(approve(office, decision), BOB) is Reason.SOD
    office.check()
    acted: dict[str, dict[str, None]] = {}
    for entry in office.log.entries:
        add_actors(acted, _record(entry))
    assert set(acted["f"]) == {BOB.id, CID.id}


def _record(entry: object) -> Record:
    value = {name: getattr(entry, name) for name in ("kind", "subject", "actor", "payload")}
    return Record(getattr(entry, "index"), "", value)  # noqa: B009 - any entry of the log in memory


def test_a_decision_records_whom_the_decider_stood_in_for() -> None:
    office = office_of(replace(DECISION, duties=NOT_INITIATOR), end())
    office.start(amount=3, actor=ANN)
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id), CID)
    office.done(approve(office, task_id), CID)
    assert office.log.entries[-1].payload["decision"]["stands_in_for"] == [BOB.id]
    assert "stands_in_for" not in office.log.entries[-1].payload  # it was offered to Cid by himself
