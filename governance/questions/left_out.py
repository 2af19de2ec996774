"""Steps that an instance has passed over, by their own condition or as somebody resolved an incident. Standard library
only. A decision among them was taken by nobody, which is told as that and never as a decision."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record
from governance.questions.registers import ReleasedBlueprint

SKIPPED = "step.skipped"


class LeftOut(NamedTuple):
    """One visit to a decision that nobody took, and the entry that passed it over."""

    step: str
    activation: int
    since: Record


def steps_entered(records: Iterable[Record]) -> Mapping[int, str]:
    """Which step each activation of an instance visits."""
    return {one["activation"]: str(one["step"]) for record in records for one in record.transitions("step.entered")}


def decisions_left_out(records: Iterable[Record], version: ReleasedBlueprint | None) -> tuple[LeftOut, ...]:
    """Of an instance, in order. Without its version nothing is known to be a decision."""
    known = tuple(records)
    entered, steps = steps_entered(known), {} if version is None else version.steps()
    found = []
    for record in known:
        for one in record.transitions(SKIPPED):
            step = entered.get(one["activation"], "")
            if steps.get(step, {}).get("step") == "decide":
                found.append(LeftOut(step, one["activation"], record))
    return tuple(found)


def passed_over_words(one: Mapping[str, Any], step: str) -> str:
    """What is said of a step that was passed over."""
    if one["by"] == "condition":
        return f"`{step}` was passed over, since its condition held"
    return f"`{step}` was passed over, as its incident was resolved"
