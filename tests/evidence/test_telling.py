"""Small readings that answers and records rest on: conditions, walks, what followed, what a version changed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.questions import q30
from governance.questions.facts import Record, Records, Remembering
from governance.questions.left_out import decisions_left_out
from governance.questions.plain_conditions import holds
from governance.questions.q30 import changed
from governance.questions.record_words import followed_words, shown_value
from governance.questions.recorded import Recorded
from governance.questions.rederive import rederive
from governance.questions.sequence import deviations, targets
from governance.questions.verdicts import main
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Status

STEPS: dict[str, dict[str, Any]] = {
    "grade": {"step": "rules", "next": "fork"},
    "fork": {"step": "all", "branches": ["officer", "letter"], "next": "officer"},
    "officer": {"step": "decide", "next": [["approve", "yes"], ["decline", "no"]], "on_late": "no"},
    "letter": {"step": "call", "next": "yes"},
    "some": {"step": "any of", "branches": [{"when": "x", "next": "a"}, {"next": "b"}], "next": "yes"},
    "a": {"step": "job"},
    "b": {"step": "job"},
    "first": {"step": "all", "branches": ["a", "b"], "need": 1, "next": "yes"},
    "list": {"step": "each", "body": {"step": "job"}, "until": "x", "next": "yes"},
    "whole": {"step": "each", "body": {"step": "job"}, "next": "yes"},
    "waived": {"step": "decide", "next": [["yes", "yes"], ["no", "no"]], "skip_when": "x", "skip_to": "b"},
    "shaky": {"step": "call", "next": "yes", "on_failure_next": "no"},
    "book": {"step": "call", "undo": {"step": "call"}, "next": "yes"},
    "yes": {"step": "end"},
    "no": {"step": "end"},
}


class Version(SimpleNamespace, Remembering):
    """A released version, as far as a walk asks for it."""


def version(number: int = 1, **members: Any) -> Any:
    value = {"first": "grade", "steps": STEPS, **members}
    return Version(version=number, value=value, steps=lambda: value["steps"])


def walked(
    *transitions: dict[str, Any], first: str = "grade", kind: str = "instance.modified", **members: Any
) -> list[str]:
    """What is wrong with these transitions, each in an entry of its own."""
    records = [SimpleNamespace(kind=kind, payload={}, transitions=lambda *kinds, one=one: [one]) for one in transitions]
    log: Any = SimpleNamespace(of=lambda instance: records)
    return [one.text for one in deviations(log, "pi_1", version(first=first, **members))]


def entered(number: int, step: str) -> dict[str, Any]:
    return {"t": "step.entered", "activation": number, "step": step}


def left(number: int, to: str) -> dict[str, Any]:
    return {"t": "step.left", "activation": number, "to": to}


def completed(number: int, step: str, outcome: str) -> dict[str, Any]:
    return {"t": "task.completed", "activation": number, "step": step, "outcome": outcome}


def opened(number: int, *branches: str) -> dict[str, Any]:
    return {"t": "branches.opened", "activation": number, "branches": list(branches)}


def arrived(number: int, branch: str) -> dict[str, Any]:
    return {"t": "join.arrived", "activation": number, "branch": branch}


def fired(number: int) -> dict[str, Any]:
    return {"t": "join.fired", "activation": number}


BEGUN = (entered(1, "grade"), left(1, "fork"), entered(2, "fork"))
FORKED = (*BEGUN, opened(2, "letter", "officer"), entered(3, "officer"))


def test_a_walk_as_the_version_allows_has_no_deviation() -> None:
    assert walked(*FORKED, completed(3, "officer", "approve"), left(3, "yes"), entered(4, "yes"), left(4, "")) == []
    assert walked(*FORKED, left(3, "no"), entered(4, "no")) == []  # late


@pytest.mark.parametrize(
    ("transitions", "told"),
    [
        ((entered(1, "elsewhere"),), "`elsewhere` was entered, which the version does not have"),
        ((entered(1, "officer"),), "`officer` was entered without a step that leads to it"),
        ((entered(1, "grade"), entered(2, "grade")), "`grade` was entered without a step that leads to it"),
        ((left(7, "yes"),), "activation 7 was never entered"),
        ((entered(1, "grade"), left(1, "yes")), "`grade` was left to `yes`, to which it does not lead"),
        ((*BEGUN, opened(2, "officer")), "`fork` opened other branches than it has"),
        ((*FORKED, completed(3, "letter", "")), "`letter` was completed where `officer` was entered"),
        (
            (*FORKED, completed(3, "officer", "decline"), left(3, "yes")),
            "`officer` was decided `decline` and left to `yes`",
        ),
    ],
)
def test_a_walk_otherwise_is_told(transitions: tuple[dict[str, Any], ...], told: str) -> None:
    assert told in walked(*transitions)


def skipped(number: int, by: str = "condition") -> dict[str, Any]:
    return {"t": "step.skipped", "activation": number, "by": by}


def test_a_decision_is_passed_over_where_its_version_says_so_and_nowhere_else() -> None:
    begun = entered(1, "waived")
    assert walked(begun, skipped(1), left(1, "b"), entered(2, "b"), first="waived") == []
    only = ["`waived` was left to `b`, to which only passing it over leads"]
    assert walked(begun, completed(1, "waived", ""), left(1, "b"), first="waived") == only
    both = walked(begun, completed(1, "waived", "yes"), skipped(1), left(1, "b"), first="waived")
    assert "`waived` was passed over, though it was decided" in both
    told = walked(*FORKED, skipped(3), left(3, "no"))
    assert told == ["`officer` was passed over by a condition it does not have"]
    assert walked(*FORKED, skipped(3, "incident"), left(3, "no")) == []


def test_what_was_passed_over_is_told_by_its_step() -> None:
    assert followed_words(skipped(3), {3: "officer"}) == "`officer` was passed over, since its condition held"
    told = followed_words(skipped(3, "incident"), {3: "officer"})
    assert told == "`officer` was passed over, as its incident was resolved"


def test_a_failure_leads_where_its_version_says_and_nothing_else_leads_there() -> None:
    caught = {"t": "error.caught", "activation": 1, "code": "DOWN", "to": "no"}
    begun = entered(1, "shaky")
    assert walked(begun, caught, left(1, "no"), entered(2, "no"), first="shaky") == []
    only = ["`shaky` was left to `no`, to which only a failure leads"]
    assert walked(begun, left(1, "no"), first="shaky") == only
    assert walked(begun, {**caught, "to": "yes"}, first="shaky") == [
        "`shaky` failed and was left to `yes`, to which no failure leads"
    ]


def test_a_failure_that_the_blueprint_answers_as_a_whole_leads_from_every_step() -> None:
    caught = {"t": "error.caught", "activation": 3, "code": "DOWN", "to": "b"}
    ways = (*FORKED, caught, left(3, ""), left(2, ""), entered(4, "b"))
    assert walked(*ways) == [
        "`officer` failed and was left to `b`, to which no failure leads",
        "`b` was entered without a step that leads to it",
    ]
    answers = [{"kind": "error", "on": "DOWN", "next": "b"}]
    assert walked(*ways, watches=answers) == []
    late = walked(*ways, entered(5, "letter"), watches=answers)
    assert late == ["`letter` was entered without a step that leads to it"]


def test_which_decisions_nobody_took() -> None:
    def record(*transitions: dict[str, Any]) -> Any:
        return SimpleNamespace(transitions=lambda *kinds: [one for one in transitions if one["t"] in kinds])

    records = [record(entered(1, "waived"), skipped(1)), record(entered(2, "shaky"), skipped(2))]
    found = decisions_left_out(records, version())
    assert [(one.step, one.activation, one.since) for one in found] == [("waived", 1, records[0])]
    assert decisions_left_out(records, None) == ()


MOVED = {"t": "step.moved", "activation": 1, "to": "officer"}


def test_a_step_that_a_person_moved_is_followed_and_no_other() -> None:
    assert walked(entered(1, "grade"), MOVED, left(1, "officer"), entered(2, "officer"), left(2, "no")) == []
    elsewhere = walked(entered(1, "grade"), MOVED, left(1, "yes"))
    assert elsewhere == ["`grade` was left to `yes`, to which it does not lead"]
    twice = walked(entered(1, "grade"), MOVED, left(1, "officer"), entered(2, "officer"), entered(3, "officer"))
    assert twice == ["`officer` was entered without a step that leads to it"]
    assert walked(MOVED) == ["activation 1 was never entered"]


def test_only_an_act_of_a_person_moves_a_step() -> None:
    told = walked(entered(1, "grade"), MOVED, left(1, "officer"), kind="call.succeeded")
    assert told == ["a step was moved by `call.succeeded`, which is no act that may"]


@pytest.mark.parametrize("branches", [("a",), ("b",), ("b", "a")])
def test_branches_by_their_conditions_are_some_of_those_the_step_has(branches: tuple[str, ...]) -> None:
    begun = (entered(1, "some"), opened(1, *branches), *[arrived(1, one) for one in branches])
    assert walked(*begun, fired(1), left(1, "yes"), first="some") == []
    early = "`some` went on before enough branches had arrived"
    assert walked(*begun[:-1], fired(1), left(1, "yes"), first="some") == [early]


@pytest.mark.parametrize("branches", [(), ("a", "a"), ("a", "yes")])
def test_other_branches_than_those_it_has_are_told(branches: tuple[str, ...]) -> None:
    told = "`some` opened other branches than it has"
    assert walked(entered(1, "some"), opened(1, *branches), first="some") == [told]


def test_a_join_of_one_fires_after_one() -> None:
    begun = (entered(1, "first"), opened(1, "a", "b"))
    assert walked(*begun, arrived(1, "b"), fired(1), left(1, "yes"), first="first") == []
    assert walked(*begun, fired(1), first="first") == ["`first` went on before enough branches had arrived"]
    assert walked(*begun, left(1, "a"), first="first") == ["`first` was left to `a`, to which it does not lead"]


@pytest.mark.parametrize(
    ("source", "data", "verdict"),
    [
        ("ok = true", {"ok": True}, True),
        ("ok != true", {"ok": True}, False),
        ("ok < true", {"ok": True}, None),
        ("ok = true", {"ok": "true"}, None),
        ('kind = "car"', {"kind": "car"}, True),
        ('kind != "car"', {"kind": "car"}, False),
        ('kind < "car"', {"kind": "bus"}, None),
        ('kind = "car"', {"kind": 7}, None),
        ("grade <= 7", {"grade": {"$decimal": "7.0"}}, True),
        ("grade > 7", {"grade": 7}, False),
        ("grade = 7", {"grade": "7"}, None),
        ("grade = 7", {"grade": None}, None),
        ("grade = 7", {}, None),
        ("grade = 7", {"grade": {"$commitment": "1.x"}}, None),
        ("grade >= 7 and ok = true", {"grade": 8, "ok": False}, False),
        ("not(ok)", {"ok": True}, None),
    ],
)
def test_a_condition_is_judged_or_left(source: str, data: dict[str, Any], verdict: bool | None) -> None:
    assert holds(source, data) is verdict


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (7, "7"),
        ({"$decimal": "1.50"}, "1.50"),
        ({"amount": "5.00", "currency": "GBP"}, "5.00 GBP"),
        ({"b": 1, "a": {"$decimal": "2"}}, "a 2, b 1"),
        ({"$commitment": "4.abc"}, "classed, commitment 4.abc"),
    ],
)
def test_a_shown_value_in_words(value: Any, words: str) -> None:
    assert shown_value(value) == words


@pytest.mark.parametrize(
    ("transition", "words"),
    [
        ({"t": "step.entered", "step": "s"}, "`s` was reached"),
        ({"t": "task.completed", "step": "s", "outcome": "approve"}, "`s` was completed 'approve'"),
        ({"t": "task.completed", "step": "s"}, "`s` was completed"),
        ({"t": "call.requested", "operation": "a.b"}, "call of a.b was requested"),
        ({"t": "instance.ended", "outcome": "paid"}, "the instance ended `paid`"),
        ({"t": "call.failed", "code": "TIME_OUT"}, "call failed TIME_OUT"),
        ({"t": "incident.raised"}, "incident raised"),
        ({"t": "instance.cancelled"}, "the instance was cancelled"),
        ({"t": "variable.set"}, ""),
        ({"t": "step.moved", "to": "s"}, "`s` was entered by this act and not by the blueprint"),
        ({"t": "instance.suspended"}, "nothing began or fired in it until it was resumed"),
        ({"t": "instance.resumed"}, "it went on"),
        ({"t": "vote.cast", "step": "s", "outcome": "approve"}, "a vote for `approve` was cast at `s`"),
        ({"t": "votes.counted", "how": "vetoed", "outcome": "decline"}, "the voting was over, vetoed"),
        ({"t": "votes.voided", "votes": [3]}, "the votes cast so far became void"),
    ],
)
def test_what_followed_in_words(transition: dict[str, Any], words: str) -> None:
    assert followed_words(transition) == words


def test_what_a_version_changed_is_told_step_by_step() -> None:
    assert changed(None, version(1))["text"] == "the first version"
    assert changed(None, version(2))["text"] == "the version before is not at hand"
    steps = {name: step for name, step in STEPS.items() if name != "letter"}
    new = version(2, steps={**steps, "late": {"step": "end"}, "grade": {"step": "rules", "next": "no"}}, title="T")
    told = changed(version(1), new)
    assert (told["from_version"], told["steps_added"], told["steps_removed"]) == (1, ["late"], ["letter"])
    assert (told["steps_changed"], told["members_changed"]) == (["grade"], ["title"])


def review(index: int, person: str, verdict: str = "approve", needed: int = 1) -> Any:
    payload = {"person": person, "verdict": verdict, "approvals_needed": needed}
    return SimpleNamespace(index=index, payload=payload, subject="cr_1", at="")


def released(**other: Any) -> Any:
    """A version released by entry 7, written by `a`, approved by `b`; `other` tells it otherwise."""
    approvals = other.pop("approvals", (review(6, "b"),))
    found = {
        "record": SimpleNamespace(index=7, at="", subject="cr_1", payload={}),
        "content_digest": "d",
        "digest": "d",
        "authors": ("a",),
        "approvers": ("b",),
        "approvals": approvals,
        "reviews": approvals,
    }
    return SimpleNamespace(**{**found, **other})


@pytest.mark.parametrize(
    ("other", "start", "told"),
    [
        ({}, 9, ["independence: nobody who wrote this version approved it"]),
        ({}, 7, ["released-after: the version was released after the instance had started"]),
        ({"content_digest": None}, 9, ["source: the source text of the version is not at hand"]),
        ({"content_digest": "e"}, 9, ["digest: value and source text do not hash to the approved digest"]),
        ({"authors": ("a", "b")}, 9, ["independence: wrote and approved it: b"]),
        ({"approvals": ()}, 9, ["approvals: the approvals of the change request are not at hand"]),
        ({"approvals": (review(8, "b"),)}, 9, ["approvals: expected 1 approvals of this text, found 0"]),
        ({"approvals": (review(6, "b", needed=2),)}, 9, ["approvals: expected 2 approvals of this text, found 1"]),
        ({"approvers": ("c",)}, 9, ["approvals: the release names other approvers than the approvals do"]),
    ],
)
def test_independence_of_a_version_is_told_as_it_is(other: dict[str, Any], start: int, told: list[str]) -> None:
    begun: Any = SimpleNamespace(index=start, at="", subject="pi_1", payload={})
    assert [f"{one.rule}: {one.text}" for one in q30._findings(begun, released(**other))] == told


def test_where_a_step_leads() -> None:
    assert targets(STEPS["officer"]) == {"yes", "no"}
    assert targets({"step": "choose", "branches": [{"when": "x", "next": "a"}, {"next": "b"}]}) == {"a", "b"}
    assert targets({"step": "end"}) == frozenset()


def test_a_decision_that_cannot_be_read_has_failed() -> None:
    record: Any = SimpleNamespace(index=4, payload={}, basis={})
    [part] = rederive(Records([]), Recorded(record, "pi_1", 3, "officer")).failures
    assert part.status is Status.FAILED
    assert "expected a decision that can be read" in part.text


def test_no_file_and_no_pack_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.zip")], verify_ed25519) == 2
    (tmp_path / "text.zip").write_text("no zip")
    assert main([str(tmp_path / "text.zip"), "--trust", "no key"], verify_ed25519) == 2
    assert main([str(tmp_path / "text.zip")], verify_ed25519) == 1
    assert "this is no evidence pack" in capsys.readouterr().err


def each(number: int, kind: str, **members: Any) -> dict[str, Any]:
    return {"t": kind, "activation": number, **members}


def listed(step: str, *more: dict[str, Any]) -> list[str]:
    begun = (entered(1, step), each(1, "each.opened", elements=2), each(2, "element.begun", of=1, element=1, at=0))
    return walked(*begun, each(2, "step.left"), *more, left(1, "yes"), entered(9, "yes"), first=step)


def test_a_step_for_each_element_ends_with_the_last_or_where_it_may_before() -> None:
    first, second = each(1, "element.ended", element=1), each(1, "element.ended", element=2)
    assert listed("whole", first, second, each(1, "each.ended")) == []
    assert listed("list", first, each(1, "each.ended", early=True)) == []
    for step, more in (
        ("whole", (first, each(1, "each.ended"))),
        ("whole", (first, first, each(1, "each.ended"))),
        ("whole", (first, each(1, "each.ended", early=True))),
        ("list", (first, each(1, "each.ended"))),
    ):
        assert listed(step, *more) == [f"`{step}` ended before its last element"]


def test_what_is_undone_was_done_and_is_undone_once() -> None:
    done = (entered(1, "book"), each(2, "undo.kept", step="book", of=1), left(1, "yes"), entered(3, "yes"))
    undone = each(2, "undo.begun", step="book", of=0, at=0)
    assert walked(*done, undone, each(2, "step.left"), first="book") == []
    assert walked(*done, undone, undone, first="book") == [
        "`book` was undone, though it was not done or was undone before"
    ]
    again = each(3, "undo.kept", step="book", of=1, instead=2)
    over = left(1, "yes"), entered(4, "yes")
    assert walked(*done[:2], again, *over, each(3, "undo.begun", step="book", of=0, at=0), first="book") == []
    assert walked(*done[:2], again, *over, undone, first="book") == [
        "`book` was undone, though it was not done or was undone before"
    ]
    assert walked(done[0], again, *over, first="book") == [
        "`book` was kept in the place of what was not done or was undone before"
    ]
    assert walked(entered(1, "list"), each(2, "undo.kept", step="list", of=1), first="list") == [
        "`list` cannot be undone"
    ]


KINDS_TOLD: tuple[Any, ...] = ("step.entered", "step.left", "task.claimed", None, 7, ["step.left"], {})


@given(
    st.lists(st.sampled_from(KINDS_TOLD)),
    st.lists(st.sampled_from(("step.entered", "step.left", "vote.cast")), max_size=3),
)
def test_transitions_of_some_kinds_are_found_in_their_order(told: list[Any], asked: list[str]) -> None:
    """A kind that is no text, as a forged entry may have, is of no kind and stops nobody."""
    found = [{"t": kind, "number": number} for number, kind in enumerate(told)]
    record = Record(0, "", {"payload": {"transitions": found}})
    assert record.transitions(*asked) == [one for one in found if not asked or one["t"] in asked]
    assert record.transitions(*asked) == record.transitions(*asked)
    assert record.transitions(*asked) is not record.transitions(*asked)
    assert Record(0, "", {"payload": {}}).transitions(*asked) == []
