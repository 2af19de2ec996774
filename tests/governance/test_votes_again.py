"""A vote judged again: who had one, who was in the chair, and what the votes came to - from what is recorded alone."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from governance.authority import Register
from governance.grant import EVER, Holding, Office
from governance.questions.facts import Record
from governance.questions.recorded import Recorded
from governance.questions.superseded import superseded
from governance.questions.votes import take_votes, votes_part
from governance.quorum import chair_of, committee_in, members_of
from ledger.verify.report import Status

INSTANCE = "pi_1"
STEP = {
    "id": "d",
    "outcomes": ["approve", "decline"],
    "quorum": {"need": 2, "of": "credit", "veto": "chair", "tie": "fails"},
}


def office(name: str, *persons: str) -> Office:
    return Office(name, 1, "Office", tuple([Holding(person, 1, EVER) for person in persons]), 1)


REGISTER = Register(
    offices=(office(members_of("credit"), "person:a", "person:b", "person:c"), office(chair_of("credit"), "person:c"))
)


@dataclass
class Past:
    """What was recorded before: the register, the blueprint, the votes."""

    votes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    step: dict[str, Any] = field(default_factory=lambda: STEP)
    register: Register = REGISTER

    def blueprint(self, digest: str) -> Any:
        return SimpleNamespace(steps=lambda: {"d": self.step})


def entry(index: int, person: str, *transitions: dict[str, Any], kind: str = "vote.cast", vote: int = 9) -> Record:
    value = {
        "kind": kind,
        "subject": INSTANCE,
        "recorded_at": "2026-01-01T00:00:00.000000Z",
        "actor": {"id": person, "kind": "person", "person": person},
        "basis": {"blueprint": "bp", "decision": {}},
        "payload": {"task": 2, "vote": vote, "decision": {"outcome": "x"}, "transitions": [*transitions]},
    }
    return Record(index, "", value)


def cast(by: str, outcome: str, left: int, **more: Any) -> dict[str, Any]:
    return {
        "t": "vote.cast", "activation": 2, "vote": 9, "step": "d", "by": by, "outcome": outcome, "revision": 1,
        "left": left, **more,
    }  # fmt: skip


def over(outcome: str, how: str) -> tuple[dict[str, Any], dict[str, Any]]:
    counted = {"t": "votes.counted", "activation": 2, "how": how, "outcome": outcome}
    return counted, {"t": "task.completed", "activation": 2, "step": "d", "by": "x", "outcome": outcome}


def judged(past: Past, record: Record, vote: int = 9) -> tuple[Status, str]:
    (part,) = votes_part(past, Recorded(record, INSTANCE, 2, "d", vote))  # type: ignore[arg-type]
    return part.status, part.text


@pytest.mark.parametrize(
    ("before", "record"),
    [
        ([], entry(1, "person:a", cast("person:a", "approve", 2))),
        ([("person:a", "approve")], entry(1, "person:b", cast("person:b", "approve", 1), *over("approve", "agreed"))),
        ([], entry(1, "person:c", cast("person:c", "decline", 2, in_chair=True), *over("decline", "vetoed"))),
        ([("person:a", "approve")], entry(1, "person:b", cast("person:b", "decline", 0), *over("decline", "tied"))),
    ],
)
def test_what_was_recorded_rightly_passes(before: list[tuple[str, str]], record: Record) -> None:
    assert judged(Past({2: before}), record)[0] is Status.PASSED


@pytest.mark.parametrize(
    ("before", "record", "text"),
    [
        ([("person:a", "approve")], entry(1, "person:a", cast("person:a", "decline", 1)), "voted twice"),
        ([], entry(1, "person:z", cast("person:z", "approve", 2)), "no member"),
        ([], entry(1, "person:a", cast("person:b", "approve", 2)), "another person"),
        ([], entry(1, "person:c", cast("person:c", "decline", 2)), "the chair was another"),
        ([], entry(1, "person:a", cast("person:a", "decline", 2, in_chair=True)), "the chair was another"),
        ([], entry(1, "person:a", cast("person:a", "approve", 2), *over("approve", "agreed")), "counted otherwise"),
        ([("person:a", "approve")], entry(1, "person:b", cast("person:b", "approve", 1)), "counted otherwise"),
        (
            [("person:a", "approve")],
            entry(1, "person:b", cast("person:b", "approve", 1), over("approve", "agreed")[0]),
            "went on with another",
        ),
    ],
)
def test_what_was_recorded_otherwise_fails(before: list[tuple[str, str]], record: Record, text: str) -> None:
    status, told = judged(Past({2: before}), record)
    assert (status, text in told) == (Status.FAILED, True), told


def test_who_left_the_committee_before_has_no_vote() -> None:
    gone = office(members_of("credit"), "person:b", "person:c")
    past = Past(register=Register(offices=(gone, REGISTER.offices[1])))
    assert judged(past, entry(1, "person:a", cast("person:a", "approve", 1)))[0] is Status.FAILED


def test_one_person_cannot_decide_what_is_voted_on() -> None:
    record = entry(1, "person:a", over("approve", "agreed")[1], kind="task.completed", vote=0)
    assert judged(Past(), record, vote=0) == (Status.FAILED, "one person decided what is voted on")


def test_where_one_person_decides_there_is_no_vote() -> None:
    record = entry(1, "person:a", cast("person:a", "approve", 2))
    assert judged(Past(step={"id": "d", "outcomes": ["approve"]}), record)[0] is Status.FAILED


def test_votes_count_until_they_are_void_or_the_step_is_left() -> None:
    found: dict[int, list[tuple[str, str]]] = {}
    take_votes(found, entry(1, "person:a", cast("person:a", "approve", 2)))
    assert found == {2: [("person:a", "approve")]}
    take_votes(found, entry(2, "person:a", {"t": "votes.voided", "activation": 2, "votes": [9]}))
    assert found == {}


def test_votes_of_an_earlier_visit_are_void_when_a_step_before_is_entered_again() -> None:
    """What led back is not void: all votes of the decision that led back stand."""

    def entered(number: int, step: str) -> dict[str, Any]:
        return {"t": "step.entered", "activation": number, "step": step, "at": 1}

    def vote(number: int, of: int, by: str) -> dict[str, Any]:
        return {**cast(by, "approve", 1), "activation": of, "vote": number}

    def record(index: int, task: int, *transitions: dict[str, Any]) -> Record:
        found = entry(index, "person:a", *transitions)
        found.entry["payload"]["task"] = task
        return found

    done = {"t": "task.completed", "activation": 2, "step": "d", "by": "x", "outcome": "approve"}
    records = [
        record(1, 0, entered(1, "prepare"), entered(2, "d")),
        record(2, 2, vote(3, 2, "person:a")),
        record(3, 2, vote(4, 2, "person:b"), done, entered(5, "e")),
        record(4, 5, {**done, "activation": 5, "step": "e"}, entered(6, "prepare")),
    ]
    assert [(void.number, void.activation, void.step) for void in superseded(records)] == [
        (3, 2, "prepare"),
        (4, 2, "prepare"),
    ]
    back = [*records[:2], record(3, 2, vote(4, 2, "person:b"), done, entered(5, "prepare"))]
    assert list(superseded(back)) == []


@pytest.mark.parametrize(
    ("office_id", "name"),
    [
        ("office:committee-credit", "credit"),
        ("office:committee-credit-chair", None),
        ("office:committee-", None),
        ("office:head-of-lending", None),
    ],
)
def test_which_offices_are_committees(office_id: str, name: str | None) -> None:
    assert committee_in(office_id) == name
