"""Votes are on what was put before who cast them: once that is another, none of them counts."""

from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.office import Office
from tests.orchestrator.test_votes import CREDIT, P1, P2, P3, P4, PEOPLE, instance, members_of, office_of, vote, votes
from tests.orchestrator.toy import HERE, decide, end, task
from versioning import blueprint as b


def correct(office: Office, **values: Any) -> list[str]:
    """Correct data of the one instance; what its entry tells, by kind."""
    office.done(c.CorrectData(instance(office).id, values, "a slip"), BOB)
    return [one["t"] for one in office.log.entries[-1].payload["transitions"]]


def beside(**fields: Any) -> Office:
    """A committee that votes beside a form which lays the amount."""
    office = Office(
        b.AllStep("s", HERE, branches=("d", "f"), next="done"),
        decide("d", (("approve", ""), ("decline", "")), quorum=CREDIT, **fields),
        task("f", "", expects=("amount",)),
        end(),
    )
    office.house.limits = {one.id: 100 for one in PEOPLE}
    office.house.offices[members_of("credit")] = {one.id for one in PEOPLE}
    office.start(amount=3)
    return office


@pytest.mark.parametrize("shows", [("amount",), ()])
def test_votes_on_another_amount_are_void_and_all_are_asked_anew(shows: tuple[str, ...]) -> None:
    """Whether it is shown, or limits are measured on it alone. Two have agreed to 3; nobody has agreed to 90."""
    office = office_of(shows=shows)
    for one in (P2, P3):
        vote(office, one, "approve", shown_digest=office.shown(office.task_id("d")).shown_digest)
    assert correct(office, amount=90) == ["variable.set", "votes.voided"]
    seen = office.shown(office.task_id("d")).shown_digest
    assert "decided" not in vote(office, P4, "approve", shown_digest=seen)
    assert (votes(office), votes(office, "void")) == ([(P4.id, "approve")], [(P2.id, "approve"), (P3.id, "approve")])
    vote(office, P2, "approve", shown_digest=seen)
    assert office.refused(c.CompleteTask(office.task_id("d"), "approve", shown_digest=seen), P2) is Reason.ALREADY_VOTED
    assert vote(office, P1, "approve", shown_digest=seen)["decided"]["outcome"] == "approve"
    office.check()


def test_no_amount_is_agreed_to_by_limits_that_did_not_reach_it() -> None:
    """One member's limit reaches it: that is one vote, whoever had agreed to less before."""
    office = office_of(shows=("amount",))
    office.house.limits[P4.id] = 10_000
    for one in (P2, P3):
        vote(office, one, "approve", shown_digest=office.shown(office.task_id("d")).shown_digest)
    correct(office, amount=5_000)
    seen = office.shown(office.task_id("d")).shown_digest
    decided = vote(office, P4, "approve", shown_digest=seen)["decided"]
    assert decided == {"outcome": "decline", "how": "tied"}  # nobody else could vote on that


@pytest.mark.parametrize("values", [{"amount": 3}, {"note": "seen"}, {"risk.grade": 4}])
def test_the_same_value_and_another_datum_leave_them(values: dict[str, Any]) -> None:
    office = office_of(shows=("amount", "risk.bureau"))
    vote(office, P2, "approve", shown_digest=office.shown(office.task_id("d")).shown_digest)
    assert "votes.voided" not in correct(office, **values)
    assert votes(office) == [(P2.id, "approve")]


def test_a_classed_value_that_is_laid_again_leaves_them_though_its_commitment_is_another() -> None:
    office = Office(decide("d", (("approve", "done"), ("decline", "done")), quorum=CREDIT, shows=("secret",)), end())
    office.house.limits = {one.id: 100 for one in PEOPLE}
    office.house.offices[members_of("credit")] = {one.id for one in PEOPLE}
    office.start(amount=3, secret={"name": "Jo Doe"})
    vote(office, P2, "approve", shown_digest=office.shown(office.task_id("d")).shown_digest)
    correct(office, **{"secret.name": "Jo Doe"})
    assert votes(office) == [(P2.id, "approve")]
    correct(office, **{"secret.name": "Joe Doe"})
    assert votes(office) == []
    office.check()


@pytest.mark.parametrize("suspended", [False, True])
def test_what_a_branch_beside_it_lays_makes_them_void_as_well(suspended: bool) -> None:
    office = beside()
    vote(office, P2, "approve")
    if suspended:
        office.done(c.SuspendInstance(instance(office).id), BOB)
        correct(office, amount=4)
        office.done(c.ResumeInstance(instance(office).id), BOB)
    else:
        office.complete("f", BOB, data={"amount": 4})
    assert (votes(office), votes(office, "void")) == ([], [(P2.id, "approve")])
    assert office.only(tables.TASK, step="d").state == "offered"
    office.check()


def test_of_two_that_vote_side_by_side_one_is_on_what_the_other_decides() -> None:
    """The decision of the one is shown at the other: votes that were cast before it are void."""
    ways = (("approve", ""), ("decline", ""))
    office = Office(
        b.AllStep("s", HERE, branches=("d", "e"), next="done"),
        decide("d", ways, quorum=b.Quorum(1, "credit", tie="fails"), into="note"),
        decide("e", ways, quorum=b.Quorum(2, "credit", tie="fails"), shows=("note",)),
        end(),
    )
    office.house.limits = {one.id: 100 for one in PEOPLE}
    office.house.offices[members_of("credit")] = {one.id for one in PEOPLE}
    office.start(amount=3, actor=ANN)
    seen = office.shown(office.task_id("e")).shown_digest
    office.done(c.CompleteTask(office.task_id("e"), "approve", shown_digest=seen), P2)
    vote(office, P3, "decline")
    assert (votes(office), votes(office, "void")) == ([(P3.id, "decline")], [(P2.id, "approve")])
    office.done(c.CancelInstance(instance(office).id), BOB)
    office.check()


def test_a_deadline_that_only_escalates_leaves_them() -> None:
    office = office_of(deadline=b.Deadline("PT1H"), shows=("amount",))
    vote(office, P2, "approve", shown_digest=office.shown(office.task_id("d")).shown_digest)
    timer = office.only(tables.TIMER)
    office.log.now = timer.due_at
    office.done(c.FireTimer(f"{timer.instance}.{timer.number}/deadline", timer.due_at), SYSTEM)
    assert votes(office) == [(P2.id, "approve")]
