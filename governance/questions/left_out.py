"""Steps that an instance has passed over, by their own condition or as somebody resolved an incident. Standard library
only. So are branches that somebody passed over. A decision among them was taken by nobody, which is told as that and
never as a decision."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record
from governance.questions.ordered import PASSED_OVER
from governance.questions.registers import ReleasedBlueprint
from governance.questions.sequence import heads, targets
from governance.questions.under_version import MIGRATED, Known, nothing_known

SKIPPED = "step.skipped"


class LeftOut(NamedTuple):
    """One visit to a decision that nobody took, and the entry that passed it over; no visit (0) of a decision in a
    branch that somebody passed over."""

    step: str
    activation: int
    since: Record


def steps_entered(records: Iterable[Record]) -> Mapping[int, str]:
    """Which step each activation of an instance visits."""
    return {one["activation"]: str(one["step"]) for record in records for one in record.transitions("step.entered")}


def decisions_left_out(
    records: Iterable[Record], version: ReleasedBlueprint | None, later: Known = nothing_known
) -> tuple[LeftOut, ...]:
    """Of an instance, in order. `version` is the one it started on, `later` finds those it was migrated to; without its
    version nothing is known to be a decision."""
    known = tuple(records)
    entered, steps = steps_entered(known), {} if version is None else version.steps()
    found = []
    taken: set[str] = set()  # decisions, on the way that the instance has gone
    for record in known:
        for one in record.transitions(SKIPPED, PASSED_OVER, "step.entered", "task.completed", MIGRATED):
            if one["t"] == MIGRATED:
                version = later(str(one["version"]))
                steps = {} if version is None else version.steps()
                continue
            step = str(one.get("step") or entered.get(one["activation"], ""))
            if one["t"] == "step.entered":
                taken -= _behind(version, step)
            elif one["t"] == "task.completed":
                taken.add(step)
            elif one["t"] == SKIPPED:
                found += [LeftOut(step, one["activation"], record)] if _is_decision(steps, step) else []
            else:
                left = _behind(version, str(one["branch"])) - taken
                found += [LeftOut(name, 0, record) for name in steps if name in left and _is_decision(steps, name)]
    return tuple(found)


def _is_decision(steps: Mapping[str, Mapping[str, Any]], step: str) -> bool:
    return steps.get(step, {}).get("step") == "decide"


def _behind(version: ReleasedBlueprint | None, first: str) -> set[str]:
    if version is None:
        return set()
    return version.once((steps_behind, first), lambda: steps_behind(version.steps(), first))


def steps_behind(steps: Mapping[str, Mapping[str, Any]], first: str) -> set[str]:
    """The steps that can be reached from one, itself included; of a branch those that lie in it."""
    found, todo = set(), [first]
    while todo:
        name = todo.pop()
        if name in steps and name not in found:
            found.add(name)
            todo += [*targets(steps[name]), *heads(steps[name])]
    return found


def left_out_words(one: LeftOut) -> str:
    """What is said of a decision that nobody took."""
    which = f"`{one.step}` (activation {one.activation})" if one.activation else f"the branch with `{one.step}`"
    return f"{which} was passed over at {one.since.at}: nobody decided it, and nobody's authority was used"


def passed_over_words(one: Mapping[str, Any], step: str) -> str:
    """What is said of a step that was passed over."""
    if one["by"] == "condition":
        return f"`{step}` was passed over, since its condition held"
    return f"`{step}` was passed over, as its incident was resolved"
