"""Rework makes earlier decisions void, visibly: those it goes over again, and no other."""

from typing import Any

from governance.questions.facts import Record
from governance.questions.superseded import superseded


def entered(activation: int, step: str, **more: Any) -> dict[str, Any]:
    return {"t": "step.entered", "activation": activation, "step": step, **more}


def decided(activation: int, step: str) -> dict[str, Any]:
    return {"t": "task.completed", "activation": activation, "step": step}


def entry(index: int, *transitions: dict[str, Any]) -> Record:
    """An entry of an instance; one that completes a task is a decision."""
    payload: dict[str, Any] = {"transitions": list(transitions)}
    done = [one["activation"] for one in transitions if one["t"] == "task.completed"]
    if done:
        payload |= {"task": done[0], "decision": {"outcome": "x"}}
    return Record(index, "", {"subject": "pi_1", "kind": "k", "payload": payload})


def void(*entries: Record) -> list[tuple[int, str, int]]:
    return [(one.activation, one.step, one.since.index) for one in superseded(entries)]


def test_loop_back_makes_what_was_decided_since_void_but_not_what_led_back() -> None:
    clear = entry(1, decided(2, "clear"), entered(3, "officer"))
    back = entry(2, decided(3, "officer"), entered(4, "check"))
    again = entry(3, entered(5, "clear"))
    assert void(entry(0, entered(1, "check"), entered(2, "clear")), clear, back, again) == [(2, "check", 2)]
    third = entry(4, decided(5, "clear"), entered(6, "officer"))
    once_more = entry(5, decided(6, "officer"), entered(7, "check"))
    assert void(entry(0, entered(1, "check"), entered(2, "clear")), clear, back, again, third, once_more) == [
        (2, "check", 2),
        (5, "check", 5),
    ]


def test_what_is_decided_on_the_second_way_counts_though_it_meets_steps_of_the_first() -> None:
    first = (entry(0, entered(1, "check"), entered(2, "clear")), entry(1, decided(2, "clear"), entered(3, "call")))
    back = (entry(2, entered(4, "officer")), entry(3, decided(4, "officer"), entered(5, "check")))
    second = (entry(4, entered(6, "clear")), entry(5, decided(6, "clear"), entered(7, "call")))
    assert void(*first, *back, *second, entry(6, entered(8, "officer"))) == [(2, "check", 3)]


def test_straight_through_nothing_is_void() -> None:
    assert void(entry(0, entered(1, "a")), entry(1, decided(1, "a"), entered(2, "b")), entry(2, decided(2, "b"))) == []


def test_branch_that_loops_leaves_the_other_alone() -> None:
    fork = entry(0, entered(1, "fork"), entered(2, "a", scope=1, branch="a"), entered(3, "b", scope=1, branch="b"))
    other = entry(1, decided(3, "b"))
    onward = entry(2, decided(2, "a"), entered(4, "a2", scope=1, branch="a"))
    back = entry(3, entered(5, "a", scope=1, branch="a"))
    assert void(fork, other, onward, back) == [(2, "a", 3)]


def test_loop_around_a_fork_makes_void_what_was_decided_within() -> None:
    fork = entry(0, entered(1, "check"), entered(2, "fork"), entered(3, "a", scope=2, branch="a"))
    within = entry(1, decided(3, "a"), entered(4, "review"))
    assert void(fork, within, entry(2, entered(5, "check"))) == [(3, "check", 2)]
