"""Decisions that a later visit has made void: a loop back for rework goes over the same ground again. Pure.

A decision is void once a step before it is entered again where it was entered before: in the same branch of the same
scope, or around it. What led back is not: by it the instance went there. Nothing is taken off the record.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record

_Place = tuple[str, int, str]
"""A step, the activation it runs under, and the branch of that."""


_Standing = tuple[int, str, int]
"""A decision that counts: its activation, the step, and the entry that led on from it."""


class Void(NamedTuple):
    """A decision of an activation no longer counts since `step` was entered again by this entry.

    `number` names the decision: that of its activation, or of the vote.
    """

    number: int
    activation: int
    decided: str  # the step at which it was taken
    step: str
    since: Record


def superseded(records: Iterable[Record]) -> Iterator[Void]:
    """Every decision of an instance's entries (oldest first) that is void, each once, when it became so."""
    visits: dict[_Place, int] = {}
    places: dict[int, _Place] = {}
    standing: dict[int, _Standing] = {}  # decisions that count, by their numbers
    for record in records:
        for one in record.transitions("step.entered", "task.completed", "vote.cast", "element.begun", "watch.set"):
            number = int(one["activation"])
            if "of" in one:  # it visits no step of its own
                places[number] = ("", int(one["of"]), one["t"])
                continue
            if one["t"] in ("task.completed", "vote.cast"):
                if record.payload.get("decision") and record.payload.get("task") == number:
                    _take(standing, one, record.index)
                continue
            place = (str(one["step"]), int(one.get("scope", 0)), str(one.get("branch", "")))
            last, places[number] = visits.get(place), place
            if last is not None:  # the way from there on is gone again: what it meets is no second going back
                visits = {at: n for at, n in visits.items() if n < last or not _is_within(places, n, place)}
            visits[place] = number
            if last is None:
                continue
            for decision, (of, step, index) in list(standing.items()):
                if of >= last and _is_within(places, of, place):
                    del standing[decision]
                    if index != record.index:  # else it is what led back
                        yield Void(decision, of, step, place[0], record)


def _take(standing: dict[int, _Standing], one: Mapping[str, Any], index: int) -> None:
    number, step = int(one["activation"]), str(one["step"])
    if one["t"] == "vote.cast":
        standing[int(one["vote"])] = (number, step, index)
        return
    votes = [vote for vote, (of, _, _) in standing.items() if of == number]
    for vote in votes:  # all of them together led on from here
        standing[vote] = (number, step, index)
    if not votes:
        standing[number] = (number, step, index)


def _is_within(places: dict[int, _Place], activation: int, place: _Place) -> bool:
    """Whether an activation lies in the branch in which the step was entered again, at any depth."""
    while True:
        _, scope, branch = places.get(activation, ("", 0, ""))
        if (scope, branch) == place[1:]:
            return True
        if not scope:
            return False
        activation = scope
