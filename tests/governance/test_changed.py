"""Data that were shown for a decision or a signature, and corrected afterwards: each, and no other."""

from typing import Any

import pytest

from governance.questions.changed import changed
from governance.questions.facts import Record


def entry(index: int, kind: str, *transitions: dict[str, Any], **payload: Any) -> Record:
    """An entry of an instance."""
    value = {"subject": "pi_1", "kind": kind, "payload": {"transitions": list(transitions), **payload}}
    return Record(index, "", value)


def decided(index: int, number: int, *shown: str, **payload: Any) -> Record:
    done = {"t": "task.completed", "activation": number, "step": "officer"}
    more = {"decision": {"outcome": "x"}, **payload}
    return entry(index, "task.completed", done, task=number, shown=dict.fromkeys(shown, 1), **more)


def corrected(index: int, *paths: str, kind: str = "instance.corrected") -> Record:
    laid = [{"t": "variable.set", "path": path, "value": 2} for path in paths]
    return entry(index, kind, *laid, corrections=[{"path": path, "before": 1} for path in paths])


def told(*entries: Record) -> list[tuple[int, str, int]]:
    return [(one.number, one.path, one.since.index) for one in changed(entries)]


@pytest.mark.parametrize(
    ("shown", "path"), [("amount", "amount"), ("risk", "risk.grade"), ("risk.grade", "risk"), ("risk.a.b", "risk.a")]
)
def test_what_was_shown_and_is_other_now_is_told(shown: str, path: str) -> None:
    assert told(decided(1, 3, "number", shown), corrected(2, path)) == [(3, shown, 2)]


@pytest.mark.parametrize("path", ["purpose", "amount_due", "risk.other"])
def test_what_was_not_shown_is_not(path: str) -> None:
    assert told(decided(1, 3, "amount", "risk.grade"), corrected(2, path)) == []


def test_only_what_is_corrected_after_it_counts_each_time() -> None:
    before, first, again = corrected(0, "amount"), corrected(2, "amount"), corrected(4, "amount", "number")
    entries = (before, decided(1, 3, "amount", "number"), first, decided(3, 5, "amount"), again)
    assert told(*entries) == [(3, "amount", 2), (3, "amount", 4), (3, "number", 4), (5, "amount", 4)]


def test_one_correction_of_several_members_is_told_once() -> None:
    assert told(decided(1, 3, "risk"), corrected(2, "risk.a", "risk.b")) == [(3, "risk", 2)]


def test_steps_of_the_blueprint_correct_nothing() -> None:
    laid = {"t": "variable.set", "path": "amount", "value": 2}
    assert told(decided(1, 3, "amount"), entry(2, "task.completed", laid), entry(3, "call.succeeded", laid)) == []


def test_a_resolution_lays_what_stands_before_all_that_follows_from_it() -> None:
    resolved = {"t": "incident.resolved", "activation": 4, "incident": 5, "how": "correct"}
    laid, later = [{"t": "variable.set", "path": path, "value": 2} for path in ("amount", "risk")]
    old = entry(2, "incident.resolved", resolved, laid, {"t": "rules.evaluated", "activation": 4}, later)
    assert told(decided(1, 3, "amount", "risk"), old) == [(3, "amount", 2)]
    assert told(decided(1, 3, "amount"), corrected(2, "amount", kind="incident.resolved")) == [(3, "amount", 2)]


def test_votes_and_signed_tasks_are_told_too_and_unsigned_ones_are_not() -> None:
    cast = {"t": "vote.cast", "activation": 3, "step": "committee", "vote": 7}
    vote = entry(1, "vote.cast", cast, task=3, shown={"amount": 1}, decision={"outcome": "x"})
    signed = decided(2, 4, "amount", decision=None, signature={"factor": "password"})
    plain = decided(3, 5, "amount", decision=None)
    assert told(vote, signed, plain, corrected(4, "amount")) == [(7, "amount", 4), (4, "amount", 4)]
