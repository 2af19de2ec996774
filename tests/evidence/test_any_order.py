"""Branches begun again and passed over, read back from entries: what verdict 5 takes and finds, and what is told."""

from types import SimpleNamespace
from typing import Any

import pytest

from governance.questions.left_out import decisions_left_out, left_out_words
from governance.questions.ordered import ordered_words
from governance.questions.sequence import deviations
from tests.evidence.test_telling import Version, arrived, completed, entered, fired, left, opened

FORK = {"step": "all", "branches": ["a", "b", "c"], "begun_by": "role clerks", "next": "yes"}
STEPS = {
    "fork": {**FORK, "may_repeat": ["a"], "may_pass_over": ["b", "c"]},
    "two": {**FORK, "may_repeat": ["a"], "may_pass_over": ["b", "c"], "need": 2},
    "all": {"step": "all", "branches": ["a", "b"], "next": "yes"},
    "a": {"step": "task"},
    "b": {"step": "task", "next": "judged"},
    "judged": {"step": "decide", "next": [["pass", ""], ["stop", ""]]},
    "c": {"step": "task"},
    "yes": {"step": "end"},
}
ANN = {"kind": "person", "id": "person:ann", "person": "person:ann"}


def version(first: str = "fork") -> Any:
    return Version(version=1, value={"first": first, "steps": STEPS}, steps=lambda: STEPS)


def inside(number: int, step: str, branch: str, fork: int = 1) -> dict[str, Any]:
    return {**entered(number, step), "scope": fork, "branch": branch}


def begun(branch: str, by: str = "person:ann") -> dict[str, Any]:
    return {"t": "branch.begun", "activation": 1, "branch": branch, "by": by}


def again(branch: str, by: str = "person:ann") -> dict[str, Any]:
    return {"t": "branch.begun_again", "activation": 1, "branch": branch, "by": by}


def over(branch: str, by: str = "person:ann") -> dict[str, Any]:
    return {"t": "branch.passed_over", "activation": 1, "branch": branch, "by": by}


def record(one: dict[str, Any], **members: Any) -> Any:
    """An entry with one transition, of the kind that it has in the product."""
    kind = one["t"] if one["t"].startswith("branch.") else "instance.advanced"
    said = {"kind": kind, "actor": ANN, "payload": {"role": "clerks", "reason": {"$commitment": "x"}}, **members}
    return SimpleNamespace(transitions=lambda *kinds: [one] if one["t"] in kinds else [], at="noon", **said)


def found(*transitions: dict[str, Any], first: str = "fork", **members: Any) -> list[str]:
    """What is wrong; `members` are those of the last entry."""
    records = [record(one) for one in transitions[:-1]] + [record(transitions[-1], **members)]
    log: Any = SimpleNamespace(of=lambda instance: records)
    return [one.text for one in deviations(log, "pi_1", version(first))]


BEGUN = (entered(1, "fork"), opened(1, "a", "b", "c"))
TWO = (entered(1, "two"), opened(1, "a", "b", "c"))
RUN_A = (inside(2, "a", "a"), left(2, ""), arrived(1, "a"))
RUN_B = (inside(3, "b", "b"), left(3, "judged"), inside(4, "judged", "b"), left(4, ""), arrived(1, "b"))
A, B = (begun("a"), *RUN_A), (begun("b"), *RUN_B)


def test_a_walk_that_people_may_go_has_no_deviation() -> None:
    end = (over("c"), fired(1), left(1, "yes"), entered(9, "yes"))
    assert found(*BEGUN, *A, again("a"), inside(5, "a", "a"), left(5, ""), arrived(1, "a"), *B, *end) == []
    assert found(*BEGUN, *A, over("b"), *end) == []
    assert found(*BEGUN, *A, begun("b"), inside(3, "b", "b"), over("b"), left(3, ""), *end) == []
    assert found(*BEGUN, *A, over("b"), again("b"), *RUN_B, *end) == []
    assert found(*BEGUN, *A, begun("b"), inside(3, "b", "b"), over("b"), left(3, ""), again("b"), *RUN_B, *end) == []
    assert found(*TWO, *A, *B, fired(1), left(1, "yes"), first="two") == []
    assert found(*TWO, over("c"), *A, *B, fired(1), left(1, "yes"), first="two") == []


@pytest.mark.parametrize(
    ("transitions", "first", "told"),
    [
        ((*BEGUN, *B, again("b")), "fork", "`b` was begun again, which the version does not let people do"),
        ((*BEGUN, again("a")), "fork", "`a` was begun again, which the version does not let people do"),
        ((*BEGUN, over("a")), "fork", "`a` was passed over, which the version does not let people do"),
        ((*BEGUN, *B, over("b")), "fork", "`b` was passed over, which the version does not let people do"),
        ((*BEGUN, over("b"), over("b")), "fork", "`b` was passed over, which the version does not let people do"),
        ((*TWO, over("b"), over("c")), "two", "`c` was passed over, though too few were left"),
        ((*BEGUN, *A, over("b"), fired(1)), "fork", "`fork` went on before enough branches had arrived"),
        ((*TWO, *A, over("b"), fired(1)), "two", "`two` went on before enough branches had arrived"),
        ((*BEGUN, *A, *B, over("c"), again("a"), fired(1)), "fork", "went on before enough branches had arrived"),
        ((*BEGUN, *A, inside(5, "a", "a")), "fork", "`a` was entered without a step that leads to it"),
        ((*BEGUN, over("b"), inside(3, "b", "b")), "fork", "`b` was entered without a step that leads to it"),
        ((*BEGUN, *RUN_A), "fork", "`a` was entered without a step that leads to it"),
        ((*TWO, *A, *RUN_B), "two", "`b` was entered without a step that leads to it"),
        ((*BEGUN, begun("b"), *RUN_A), "fork", "`a` was entered without a step that leads to it"),
        ((*BEGUN, *A, begun("a")), "fork", "`a` was begun, which the version does not let people do"),
        ((*BEGUN, over("b"), begun("b")), "fork", "`b` was begun, which the version does not let people do"),
        ((*BEGUN, begun("judged")), "fork", "`judged` was begun, which the version does not let people do"),
        ((entered(1, "all"), opened(1, "a", "b"), begun("a")), "all", "`a` was begun, which the version does not let"),
    ],
)
def test_what_nobody_may_do_is_found(transitions: tuple[dict[str, Any], ...], first: str, told: str) -> None:
    (said,) = found(*transitions, first=first)
    assert told in said


@pytest.mark.parametrize("one", [again("a"), over("b")])
@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"kind": "call.succeeded"}, "by `call.succeeded`, which is no act that may"),
        ({"kind": "branch.begun"}, "by `branch.begun`, which is no act that may"),
        ({"actor": {**ANN, "person": "person:eve"}}, "by another than the person who acted"),
        ({"actor": {"kind": "service", "id": "svc:x", "person": "person:ann"}}, "by another than the person"),
        ({"payload": {"role": "clerks"}}, "without a reason"),
        ({"payload": {"role": "owners", "reason": "x"}}, "in a role that the version does not give it to"),
        ({"payload": {"reason": "x"}}, "in a role that the version does not give it to"),
    ],
)
def test_it_is_an_act_of_who_may_and_says_why(one: dict[str, Any], members: Any, told: str) -> None:
    (said,) = found(*BEGUN, *A, one, **members)
    assert told in said


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"kind": "instance.advanced"}, "`a` was begun by `instance.advanced`, which is no act that may"),
        ({"kind": "branch.passed_over"}, "`a` was begun by `branch.passed_over`, which is no act that may"),
        ({"actor": {**ANN, "person": "person:eve"}}, "`a` was begun by another than the person who acted"),
        ({"payload": {"role": "owners"}}, "`a` was begun in a role that the version does not give it to"),
        ({"payload": {"role": ""}}, "`a` was begun in a role that the version does not give it to"),
        ({"actor": {"kind": "service", "id": "svc:x", "person": None}}, "`a` was begun by another than the person"),
    ],
)
def test_a_branch_is_begun_by_a_person_in_an_entry_of_its_own(members: dict[str, Any], told: str) -> None:
    (said,) = found(*BEGUN, begun("a"), **members)
    assert told in said
    assert found(*BEGUN, begun("a"), payload={"role": "clerks"}) == []  # why is not asked
    assert found(*BEGUN, begun("a"), payload={}) == []  # as it was recorded before: in which role its permit says


def test_a_decision_in_a_branch_that_was_passed_over_was_taken_by_nobody() -> None:
    records = [record(one) for one in (*BEGUN, *A, over("b"))]
    (out,) = decisions_left_out(records, version())
    assert (out.step, out.activation, out.since) == ("judged", 0, records[-1])
    assert left_out_words(out).startswith("the branch with `judged` was passed over at noon: nobody decided it")
    taken = (*BEGUN, inside(3, "b", "b"), inside(4, "judged", "b"), completed(4, "judged", "pass"), over("b"))
    assert decisions_left_out([record(one) for one in taken], version()) == ()
    once_more = (*taken[:-1], inside(5, "b", "b"), over("b"))  # gone back, the one before counts no more
    assert [one.step for one in decisions_left_out([record(one) for one in once_more], version())] == ["judged"]


def test_who_did_it_is_told() -> None:
    told = [text for one in (again("a"), over("b")) for text in ordered_words(record(one), one, str.upper)]
    assert told == [
        "PERSON:ANN began the branch of `a` again in the role clerks, giving a reason",
        "PERSON:ANN passed the branch of `b` over in the role clerks, giving a reason",
    ]
