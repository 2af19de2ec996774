"""Reassign, delegate and return: a task changes hands and nothing else passes with it."""

from typing import Any

import pytest

from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.handing import DelegateTask, ReassignTask, ReturnTask
from orchestrator.people_tables import PROPOSAL
from orchestrator.telling import reason_path_of, words
from tests.orchestrator.house import ANN, BOB, EVE, WORKER, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import decide, end, task
from versioning import blueprint as b

FORM = (task("f", "done", shows=("amount",), expects=("amount", "secret")), end())
DECISION = (decide("d", (("approve", "done"), ("decline", "done"))), end())
CID = person("cid")
GIVEN = {"amount": 4, "secret": {"name": "Jo Doe"}}


def office_of(*steps: b.Step, **data: Any) -> Office:
    office = Office(*steps)
    office.house.roles["person:cid"] = {"clerks", "owners"}
    office.house.limits["person:cid"] = 100
    office.start(**(data or {"amount": 3}))
    return office


def claimed(*steps: b.Step) -> tuple[Office, str]:
    office = office_of(*steps)
    (row,) = office.log.view.rows["task"].values()
    task_id = f"{row.instance}.{row.number}"
    office.done(c.ClaimTask(task_id), BOB)
    return office, task_id


def row_of(office: Office, task_id: str) -> tables.TaskRow:
    row = office.row(tables.TASK, *c.split_id(task_id))
    assert isinstance(row, tables.TaskRow)
    return row


def test_reassigned_task_is_the_others_alone() -> None:
    office, task_id = claimed(*FORM)
    done = office.done(ReassignTask(task_id, "person:cid", "Bob is away"), ANN)
    assert (done.outcome, done.result["holder"]) == ("reassigned", "person:cid")
    entry = office.log.entries[-1]
    assert (entry.kind, entry.payload["transitions"][0]["t"]) == ("task.reassigned", "task.assigned")
    assert "away" not in str(entry.payload)
    assert reason_path_of(entry) == f"#{row_of(office, task_id).number}.handed.3"
    assert "gave a task to somebody else" in words(entry)[0]
    assert office.refused(c.CompleteTask(task_id, data=GIVEN), BOB) is Reason.CLAIMED_BY_OTHER
    office.done(c.CompleteTask(task_id, data=GIVEN), CID)
    office.check()


def test_task_nobody_holds_can_be_given_to_somebody() -> None:
    office = office_of(*FORM)
    task_id = office.task_id("f")
    office.done(ReassignTask(task_id, "person:cid", "you know this customer"), ANN)
    assert row_of(office, task_id)[5:12] == ("claimed", "clerks", "", 0, "person:cid", "", 2)
    office.check()


@pytest.mark.parametrize(
    ("to", "reason", "expected"),
    [
        ("person:cid", " ", Reason.REASON_MISSING),
        ("person:bob", "why not", Reason.WRONG_STATE),
        ("person:eve", "why not", Reason.NO_RULE),
    ],
)
def test_reassigning_asks_for_a_reason_and_somebody_able(to: str, reason: str, expected: Reason) -> None:
    office, task_id = claimed(*FORM)
    assert office.refused(ReassignTask(task_id, to, reason), ANN) is expected


def test_reassigning_needs_its_permission_and_the_revision_that_was_seen() -> None:
    office, task_id = claimed(*FORM)
    assert office.refused(ReassignTask(task_id, "person:cid", "x", 7), ANN) is Reason.STALE_REVISION
    office.house.refused.add(("task", "reassign"))
    assert office.refused(ReassignTask(task_id, "person:cid", "x"), ANN) is Reason.NO_RULE


def test_delegated_task_stays_its_holders_and_waits_for_the_delegate() -> None:
    office, task_id = claimed(*FORM)
    office.done(DelegateTask(task_id, "person:cid", "please prepare it"))
    row = row_of(office, task_id)
    assert (row.holder, row.delegate, row.state) == ("person:bob", "person:cid", "claimed")
    assert office.refused(c.CompleteTask(task_id, data=GIVEN), BOB) is Reason.DELEGATED
    assert office.refused(c.ReleaseTask(task_id), BOB) is Reason.DELEGATED
    assert office.refused(c.CompleteTask(task_id, data=GIVEN), CID) is Reason.DELEGATED
    assert office.refused(c.ClaimTask(task_id), CID) is Reason.CLAIMED_BY_OTHER
    assert office.refused(DelegateTask(task_id, "person:ann"), CID) is Reason.CLAIMED_BY_OTHER  # no chain of delegates
    assert office.refused(DelegateTask(task_id, "person:ann"), BOB) is Reason.DELEGATED
    assert office.refused(ReturnTask(task_id), ANN) is Reason.CLAIMED_BY_OTHER
    office.check()


def test_delegate_proposes_and_the_holder_completes() -> None:
    office, task_id = claimed(*FORM)
    office.done(DelegateTask(task_id, "person:cid"))
    done = office.done(ReturnTask(task_id, data=GIVEN, reason="as they told me"), CID)
    assert done.outcome == "proposed"
    proposal = office.row(PROPOSAL, *c.split_id(task_id))
    assert (proposal.by, proposal.revision) == ("person:cid", row_of(office, task_id).revision)
    assert "Jo Doe" not in proposal.data
    assert "they told" not in proposal.reason
    assert office.refused(ReturnTask(task_id), CID) is Reason.WRONG_STATE
    assert office.row(tables.STEP_ACTOR, c.split_id(task_id)[0], "f", "person:cid") is not None
    office.done(c.CompleteTask(task_id, data=GIVEN), BOB)
    office.check()


@pytest.mark.parametrize("looked_before", [False, True])
def test_what_was_proposed_on_other_values_stands_and_is_taken_over_by_who_sees_those_of_now_alone(
    looked_before: bool,
) -> None:
    office, task_id = claimed(decide("d", (("approve", "done"), ("decline", "done")), shows=("amount",)), end())
    office.done(DelegateTask(task_id, "person:cid", "on the road"), BOB)
    office.done(ReturnTask(task_id, outcome="approve", reason="it is little"), CID)
    seen = office.shown(task_id).shown_digest if looked_before else ""
    office.done(c.CorrectData(task_id.partition(".")[0], {"amount": 90}, "a slip"), ANN)
    assert office.row(PROPOSAL, *c.split_id(task_id)).outcome == "approve"
    assert office.refused(c.CompleteTask(task_id, "approve", shown_digest=seen), BOB) is Reason.SHOWN_CHANGED
    now = office.shown(task_id)
    assert now.shown == {"amount": 90}
    office.done(c.CompleteTask(task_id, "approve", shown_digest=now.shown_digest), BOB)
    office.check()


def test_delegate_gives_it_back_undone_and_counts_for_no_duty() -> None:
    office, task_id = claimed(*FORM)
    office.done(DelegateTask(task_id, "person:cid"))
    assert office.done(ReturnTask(task_id, reason="not mine"), CID).outcome == "returned"
    assert office.row(tables.STEP_ACTOR, c.split_id(task_id)[0], "f", "person:cid") is None
    assert office.row(PROPOSAL, *c.split_id(task_id)) is None
    office.done(c.CompleteTask(task_id, data=GIVEN), BOB)


def test_holder_takes_it_back_without_a_proposal_of_their_own() -> None:
    office, task_id = claimed(*FORM)
    office.done(DelegateTask(task_id, "person:cid"))
    assert office.refused(ReturnTask(task_id, data=GIVEN), BOB) is Reason.INVALID_DATA
    office.done(ReturnTask(task_id), BOB)
    assert office.refused(ReturnTask(task_id, data=GIVEN), CID) is Reason.WRONG_STATE
    office.check()


@pytest.mark.parametrize(
    "fields", [{"outcome": "approve"}, {"data": {"amount": "x", "secret": {}}}, {"data": {"amount": 1, "other": 2}}]
)
def test_what_is_proposed_is_what_could_be_completed(fields: dict[str, Any]) -> None:
    office, task_id = claimed(*FORM)
    office.done(DelegateTask(task_id, "person:cid"))
    assert office.refused(ReturnTask(task_id, **fields), CID) in (Reason.UNKNOWN_OUTCOME, Reason.INVALID_DATA)


def test_decision_is_delegated_to_whom_it_could_be_given_alone() -> None:
    office, task_id = claimed(*DECISION)
    del office.house.limits["person:cid"]
    assert office.refused(DelegateTask(task_id, "person:cid"), BOB) is Reason.NO_GRANT
    office.house.limits["person:cid"] = 2  # an authority that does not reach this decision
    assert office.refused(DelegateTask(task_id, "person:cid"), BOB) is Reason.LIMIT_CASE
    assert office.refused(ReassignTask(task_id, "person:cid", "x"), ANN) is Reason.LIMIT_CASE
    office.house.limits["person:cid"] = 100
    office.done(DelegateTask(task_id, "person:cid"))
    office.house.limits["person:cid"] = 2
    assert office.refused(ReturnTask(task_id, outcome="approve"), CID) is Reason.LIMIT_CASE  # asked again
    office.house.limits["person:cid"] = 100
    office.done(ReturnTask(task_id, outcome="approve"), CID)
    assert office.row(PROPOSAL, *c.split_id(task_id)).outcome == "approve"
    assert row_of(office, task_id).state == "claimed"  # nothing is decided by it
    office.check()


def test_duty_bars_whom_a_task_would_be_handed_to() -> None:
    duty = (b.Duty("not initiator"),)
    office, task_id = claimed(decide("d", (("approve", "done"), ("decline", "done")), duties=duty), end())
    said = office.send(DelegateTask(task_id, "person:ann"), BOB)
    assert isinstance(said, Refusal)
    assert said.reason is Reason.SOD
    assert office.refused(ReassignTask(task_id, "person:ann", "x"), BOB) is Reason.SOD


def test_whoever_prepared_it_is_barred_where_a_duty_says_so() -> None:
    duty = (b.Duty("not step", "f"),)
    steps = (
        task("f", "d", expects=("amount",)),
        decide("d", (("approve", "done"), ("decline", "done")), duties=duty),
        end(),
    )
    office, task_id = claimed(*steps)
    office.done(DelegateTask(task_id, "person:cid"))
    office.done(ReturnTask(task_id, data={"amount": 3}), CID)
    office.done(ReassignTask(task_id, "person:ann", "Bob decides later"), ANN)
    office.done(c.CompleteTask(task_id, data={"amount": 3}), ANN)
    decision = office.task_id("d")
    assert office.refused(c.ClaimTask(decision), CID) is Reason.SOD
    shown = office.shown(decision).shown_digest
    said = c.CompleteTask(decision, "approve", reason="fine", shown_digest=shown)
    assert office.refused(said, CID) is Reason.SOD


def test_machines_and_strangers_are_given_nothing() -> None:
    office, task_id = claimed(*FORM)
    assert office.refused(DelegateTask(task_id, "person:eve"), BOB) is Reason.NO_RULE
    assert office.refused(DelegateTask(task_id, "person:bob"), BOB) is Reason.WRONG_STATE
    assert office.refused(ReturnTask(task_id), WORKER) is Reason.NOT_A_PERSON
    assert office.refused(DelegateTask(task_id, "person:cid"), EVE) is Reason.CLAIMED_BY_OTHER


def test_cancelling_takes_it_from_holder_and_delegate() -> None:
    office, task_id = claimed(*FORM)
    office.done(DelegateTask(task_id, "person:cid"))
    office.done(c.CancelInstance(c.split_id(task_id)[0]), ANN)
    row = row_of(office, task_id)
    assert (row.state, row.holder, row.delegate) == ("cancelled", "", "")
    office.check()
