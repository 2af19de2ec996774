"""Votes: who has one, once each; what they come to; and what becomes of them when the decision is taken back."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.quorum import AGREED, TIED, VETOED, Counted, Rule, Seat, chair_of, count, members_of
from governance.signature import Signed
from ledger.actor import SYSTEM, Actor
from ledger.refusal import Reason
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.handing import ReassignTask
from orchestrator.telling import reason_path_of, words
from orchestrator.vote_tables import VOTE
from tests.orchestrator.house import ANN, BOB, EVE, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import decide, end
from versioning import blueprint as b

PEOPLE = tuple([person(name) for name in ("p1", "p2", "p3", "p4", "p5")])
P1, P2, P3, P4, P5 = PEOPLE
WAYS = (("approve", "done"), ("decline", "declined"))
CREDIT = b.Quorum(3, "credit", "chair", "fails")


def office_of(quorum: b.Quorum = CREDIT, ways: Sequence[tuple[str, str]] = WAYS, **fields: object) -> Office:
    """A committee of five, all with authority up to 100; P1 is in its chair."""
    office = Office(decide("d", tuple(ways), quorum=quorum, **fields), end(), end("declined", "declined"))
    for one in PEOPLE:
        office.house.limits[one.id] = 100
    office.house.offices[members_of("credit")] = {one.id for one in PEOPLE}
    office.house.offices[chair_of("credit")] = {P1.id}
    office.start(amount=3)
    return office


def vote(office: Office, who: Actor, outcome: str, **said: object) -> dict[str, Any]:
    return dict(office.done(c.CompleteTask(office.task_id("d"), outcome, **said), who).result)  # type: ignore[arg-type]


def refused(office: Office, who: Actor, outcome: str = "approve") -> Reason:
    return office.refused(c.CompleteTask(office.task_id("d"), outcome), who)


def instance(office: Office) -> tables.InstanceRow:
    return office.only(tables.INSTANCE)


def votes(office: Office, state: str = "cast") -> list[tuple[str, str]]:
    rows = sorted(office.log.view.rows.get(VOTE.name, {}).values())
    return [(row.person, row.outcome) for row in rows if row.state == state]


def test_an_outcome_is_reached_by_as_many_votes_as_it_needs() -> None:
    office = office_of()
    assert "decided" not in vote(office, P2, "approve")
    assert "decided" not in vote(office, P3, "decline")
    assert "decided" not in vote(office, P4, "approve")
    assert instance(office).status == "active"
    result = vote(office, P5, "approve")
    assert result["decided"] == {"outcome": "approve", "how": AGREED}
    assert instance(office).outcome == "done"
    assert votes(office) == [(P2.id, "approve"), (P3.id, "decline"), (P4.id, "approve"), (P5.id, "approve")]
    assert office.only(tables.TASK).state == "completed"
    office.check()


def test_each_vote_is_a_decision_with_an_entry_of_its_own() -> None:
    office = office_of()
    for who, outcome in ((P2, "approve"), (P3, "decline"), (P4, "approve"), (P5, "approve")):
        vote(office, who, outcome, reason="seen")
    cast = [entry for entry in office.log.entries if entry.kind == "vote.cast"]
    assert [entry.payload["decision"]["person"] for entry in cast] == [P2.id, P3.id, P4.id, P5.id]
    assert [entry.payload["decision"]["outcome"] for entry in cast] == ["approve", "decline", "approve", "approve"]
    assert len({entry.payload["vote"] for entry in cast}) == 4
    assert len({str(entry.payload["reason"]) for entry in cast}) == 4
    assert all(entry.basis["decision"]["grants"] == [f"ag_{entry.payload['decision']['person'][7:]}"] for entry in cast)
    assert len({reason_path_of(entry) for entry in cast}) == 4
    assert "voted `approve` under grant" in words(cast[-1])[0]
    assert "The voting is over, approve: enough votes agree." in words(cast[-1])
    actors = {row.person for row in office.log.view.rows[tables.STEP_ACTOR.name].values()}
    assert actors == {P2.id, P3.id, P4.id, P5.id}


def test_a_person_votes_once() -> None:
    office = office_of()
    vote(office, P2, "approve")
    assert refused(office, P2) is Reason.ALREADY_VOTED
    assert refused(office, P2, "decline") is Reason.ALREADY_VOTED
    assert votes(office) == [(P2.id, "approve")]


def test_only_members_with_authority_vote() -> None:
    office = office_of()
    office.house.limits[BOB.id] = 100
    assert refused(office, BOB) is Reason.NOT_A_MEMBER
    assert refused(office, EVE) is Reason.NO_GRANT
    office.house.limits[P2.id] = 2
    assert refused(office, P2) is Reason.LIMIT_CASE
    assert votes(office) == []


def test_without_a_committee_whoever_holds_the_authority_votes() -> None:
    office = office_of(b.Quorum(2, tie="fails"))
    vote(office, BOB, "approve")
    assert vote(office, P2, "approve")["decided"]["how"] == AGREED


def test_nobody_holds_what_is_voted_on() -> None:
    office = office_of()
    task = office.task_id("d")
    assert office.refused(c.ClaimTask(task), P2) is Reason.WRONG_STATE
    assert office.refused(ReassignTask(task, P3.id, "he knows"), ANN) is Reason.WRONG_STATE
    vote(office, P2, "approve")
    assert office.only(tables.TASK).state == "offered"


def test_a_vote_against_what_is_moved_by_the_chair_ends_it() -> None:
    office = office_of()
    vote(office, P2, "approve")
    assert vote(office, P1, "decline")["decided"] == {"outcome": "decline", "how": VETOED}
    assert instance(office).outcome == "declined"
    office.check()


def test_a_vote_of_the_chair_for_what_is_moved_is_one_vote() -> None:
    office = office_of()
    assert "decided" not in vote(office, P1, "approve")


def test_the_chair_has_no_veto_that_the_blueprint_does_not_give() -> None:
    office = office_of(b.Quorum(3, "credit", tie="fails"))
    assert "decided" not in vote(office, P1, "decline")


def test_a_tie_fails_as_soon_as_no_outcome_can_be_reached() -> None:
    office = office_of(b.Quorum(3, "credit", tie="fails"))
    office.house.offices[members_of("credit")] = {P1.id, P2.id, P3.id, P4.id}
    vote(office, P1, "approve")
    vote(office, P2, "approve")
    vote(office, P3, "decline")
    assert vote(office, P4, "decline")["decided"] == {"outcome": "decline", "how": TIED}
    assert instance(office).outcome == "declined"
    office.check()


def test_who_could_not_vote_is_not_waited_for() -> None:
    """Of four others one has no authority, one a limit below the amount and one is barred by a duty."""
    office = office_of(b.Quorum(2, "credit", tie="fails"), duties=(b.Duty("not initiator"),))
    office.house.offices[members_of("credit")] = {P1.id, P2.id, P3.id, P4.id, ANN.id}
    del office.house.limits[P3.id]
    office.house.limits[P4.id] = 2
    vote(office, P1, "approve")
    assert vote(office, P2, "decline")["decided"] == {"outcome": "decline", "how": TIED}


def test_who_has_left_is_not_waited_for_though_a_grant_still_names_them() -> None:
    office = office_of(b.Quorum(2, "credit", tie="fails"))
    office.house.offices[members_of("credit")] = {P1.id, P2.id, P3.id}
    office.house.left.add(P3.id)
    vote(office, P1, "approve")
    assert vote(office, P2, "decline")["decided"] == {"outcome": "decline", "how": TIED}
    office.check()


def test_a_tie_without_an_outcome_is_an_incident_and_is_voted_on_anew() -> None:
    office = office_of(b.Quorum(2, "credit"))
    office.house.offices[members_of("credit")] = {P1.id, P2.id}
    vote(office, P1, "approve")
    assert vote(office, P2, "decline")["decided"] == {"outcome": "", "how": TIED}
    incident = office.only(tables.INCIDENT)
    assert (incident.code, incident.state) == ("VOTES_TIED", "open")
    assert (votes(office), votes(office, "void")) == ([], [(P1.id, "approve"), (P2.id, "decline")])
    assert "The votes cast so far count no more." in words(office.log.entries[-1])
    office.check()
    office.done(c.ResolveIncident(f"{incident.instance}.{incident.number}", "retry"), BOB)
    vote(office, P1, "approve", reason="again")
    assert vote(office, P2, "approve", reason="again")["decided"]["outcome"] == "approve"
    office.check()


def test_a_vote_is_judged_by_the_seat_and_authority_at_its_instant() -> None:
    office = office_of()
    vote(office, P2, "approve")
    vote(office, P3, "approve")
    del office.house.limits[P2.id]
    office.house.offices[members_of("credit")] -= {P3.id}
    assert vote(office, P4, "approve")["decided"]["outcome"] == "approve"


def test_votes_are_void_when_the_instance_goes_another_way_meanwhile() -> None:
    office = office_of(deadline=b.Deadline("PT1H"), on_late="declined")
    vote(office, P2, "approve")
    timer = office.only(tables.TIMER)
    office.log.now = timer.due_at + 1
    office.done(c.FireTimer(f"{timer.instance}.{timer.number}/deadline", timer.due_at), SYSTEM)
    assert instance(office).outcome == "declined"
    assert (votes(office), votes(office, "void")) == ([], [(P2.id, "approve")])
    kinds = [one["t"] for one in office.log.entries[-1].payload["transitions"]]
    assert kinds.index("votes.voided") < kinds.index("task.cancelled")
    office.check()


def test_who_comes_late_is_told_that_it_is_over() -> None:
    office = office_of(b.Quorum(1, "credit", tie="fails"))
    task = office.task_id("d")
    vote(office, P2, "approve")
    assert office.refused(c.CompleteTask(task, "approve"), P3) is Reason.WRONG_STATE


def test_a_statement_stands_while_others_vote() -> None:
    """What each signs is about the task as it was put before them, which the vote of another does not change."""
    office = office_of(sign=b.SignRule("I vote"))
    task = office.task_id("d")
    stated = {one: office.done(c.StateStatement(task, "approve", "seen"), one).result for one in (P2, P3, P4)}
    for one, result in stated.items():
        proof = Signed("password", one.id, office.log.now)
        said = c.CompleteTask(task, "approve", reason="seen", statement_nonce=result["nonce"], signature=proof)
        done = office.send(said, one)
        assert isinstance(done, Done), done
    assert instance(office).outcome == "done"
    office.check()


def test_an_unknown_outcome_and_data_are_refused() -> None:
    office = office_of(reason_required=True)
    assert refused(office, P2, "perhaps") is Reason.UNKNOWN_OUTCOME
    assert refused(office, P2) is Reason.REASON_MISSING
    task = office.task_id("d")
    assert office.refused(c.CompleteTask(task, "approve", {"amount": 4}, "seen"), P2) is Reason.INVALID_DATA


OUTCOMES = ("approve", "decline", "hold")


@given(
    st.lists(st.tuples(st.sampled_from(OUTCOMES), st.booleans()), min_size=1, max_size=9),
    st.integers(1, 5),
    st.booleans(),
)
def test_counting(cast: list[tuple[str, bool]], need: int, has_veto: bool) -> None:
    """Against the plain reading: the first veto, the first outcome with enough votes, or nothing left to reach."""
    rule = Rule(need, OUTCOMES, has_veto, "hold")
    before: list[str] = []
    for place, (outcome, in_chair) in enumerate(cast, 1):
        left = len(cast) - place
        counted = count(rule, before, outcome, Seat(left, in_chair))
        before.append(outcome)
        tally = {one: before.count(one) for one in OUTCOMES}
        reachable = [one for one in OUTCOMES if tally[one] + left >= need]
        if has_veto and in_chair and outcome != "approve":
            assert counted == Counted(outcome, VETOED)
        elif tally[outcome] >= need:
            assert counted == Counted(outcome, AGREED)
        else:
            assert counted == (None if reachable else Counted("hold", TIED))
        if counted is not None:
            break


@pytest.mark.parametrize(("tie", "outcome"), [("fails", "decline"), ("outcome approve", "approve"), ("", None)])
def test_what_a_tie_comes_to(tie: str, outcome: str | None) -> None:
    assert b.Quorum(2, tie=tie).tied(("approve", "decline")) == outcome
