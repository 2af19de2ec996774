"""Decisions that a later visit has made void: a loop back for rework goes over the same ground again. Pure.

A decision is void once a step before it is entered again where it was entered before: in the same branch of the same
scope, or around it. What led back is not: by it the instance went there. Nothing is taken off the record.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from governance.questions.facts import Record

_Place = tuple[str, int, str]
"""A step, the activation it runs under, and the branch of that."""


class Void(NamedTuple):
    """The decision of an activation no longer counts since `step` was entered again by this entry."""

    activation: int
    decided: str  # the step at which it was taken
    step: str
    since: Record


def superseded(records: Iterable[Record]) -> Iterator[Void]:
    """Every decision of an instance's entries (oldest first) that is void, each once, when it became so."""
    visits: dict[_Place, int] = {}
    places: dict[int, _Place] = {}
    standing: dict[int, tuple[str, int]] = {}  # decisions that count: the step, and the entry they were taken by
    for record in records:
        for one in record.transitions("step.entered", "task.completed", "element.begun", "watch.set"):
            number = int(one["activation"])
            if "of" in one:  # it visits no step of its own
                places[number] = ("", int(one["of"]), one["t"])
                continue
            if one["t"] == "task.completed":
                if record.payload.get("decision") and record.payload.get("task") == number:
                    standing[number] = (str(one["step"]), record.index)
                continue
            place = (str(one["step"]), int(one.get("scope", 0)), str(one.get("branch", "")))
            last, places[number] = visits.get(place), place
            if last is not None:  # the way from there on is gone again: what it meets is no second going back
                visits = {at: n for at, n in visits.items() if n < last or not _is_within(places, n, place)}
            visits[place] = number
            if last is None:
                continue
            for decision, (step, index) in list(standing.items()):
                if decision >= last and _is_within(places, decision, place):
                    del standing[decision]
                    if index != record.index:  # else it is what led back
                        yield Void(decision, step, place[0], record)


def _is_within(places: dict[int, _Place], activation: int, place: _Place) -> bool:
    """Whether an activation lies in the branch in which the step was entered again, at any depth."""
    while True:
        _, scope, branch = places.get(activation, ("", 0, ""))
        if (scope, branch) == place[1:]:
            return True
        if not scope:
            return False
        activation = scope
