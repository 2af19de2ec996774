"""Whether an instance went the way its blueprint version allows, from its entries alone. Standard library only.

The recorded transitions are walked in order: a step is entered only when the step before pointed to it, as its `next`,
a branch, the outcome of its decision, or where it goes when late. It says nothing of whether a branch was the right
one; conditions are evaluated by the service and, where they decide who may decide, by `rederive`.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record, Records
from governance.questions.registers import ReleasedBlueprint

ENTRIES_FOLLOWED = ("step.entered", "step.left", "branches.opened", "task.completed")


class Deviation(NamedTuple):
    """A step that was entered or left otherwise than the version allows."""

    record: Record
    text: str


def deviations(records: Records, instance: str, version: ReleasedBlueprint) -> tuple[Deviation, ...]:
    """Every deviation, in order; empty when the instance went as its version allows."""
    walk = _Walk(version)
    for record in records.of(instance):
        for one in record.transitions(*ENTRIES_FOLLOWED):
            text = walk.take(one)
            if text:
                walk.found.append(Deviation(record, text))
    return tuple(walk.found)


class _Walk:
    """Which steps may be entered next, and which step each activation is."""

    def __init__(self, version: ReleasedBlueprint) -> None:
        self._steps = version.steps()
        self._pending: Counter[str] = Counter((str(version.value.get("first", "")),))
        self._activations: dict[int, str] = {}
        self._outcomes: dict[int, str] = {}
        self.found: list[Deviation] = []

    def take(self, one: Mapping[str, Any]) -> str:
        """What is wrong with this transition, "" when nothing is."""
        kind, number = one["t"], one["activation"]
        if kind == "step.entered":
            return self._entered(number, str(one["step"]))
        step = self._activations.get(number)
        if step is None:
            return f"activation {number} was never entered"
        if kind == "task.completed":
            self._outcomes[number] = str(one.get("outcome", ""))
            return "" if one["step"] == step else f"`{one['step']}` was completed where `{step}` was entered"
        if kind == "branches.opened":
            return self._opened(step, [str(name) for name in one["branches"]])
        return self._left(number, step, str(one.get("to", "")))

    def _entered(self, number: int, step: str) -> str:
        self._activations[number] = step
        if step not in self._steps:
            return f"`{step}` was entered, which the version does not have"
        if self._pending[step] < 1:
            return f"`{step}` was entered without a step that leads to it"
        self._pending[step] -= 1
        return ""

    def _opened(self, step: str, branches: list[str]) -> str:
        self._pending.update(branches)
        allowed = self._steps[step].get("branches", []) if step in self._steps else []
        return "" if sorted(branches) == sorted(allowed) else f"`{step}` opened other branches than it has"

    def _left(self, number: int, step: str, to: str) -> str:
        if not to:
            return ""
        self._pending[to] += 1
        allowed = targets(self._steps.get(step, {}))
        if to not in allowed:
            return f"`{step}` was left to `{to}`, to which it does not lead"
        outcome = self._outcomes.get(number)
        by_outcome = dict(self._steps[step].get("next", ())) if self._steps[step].get("step") == "decide" else {}
        if outcome and by_outcome.get(outcome) not in (to, None) and self._steps[step].get("on_late") != to:
            return f"`{step}` was decided `{outcome}` and left to `{to}`"
        return ""


def targets(step: Mapping[str, Any]) -> frozenset[str]:
    """Every step a step leads to."""
    found = {step.get("on_late")}
    after = step.get("next")
    if isinstance(after, str):
        found.add(after)
    elif after:
        found.update(target for _, target in after)
    for branch in step.get("branches", ()):
        if not isinstance(branch, str):
            found.add(branch["next"])
    return frozenset(target for target in found if target)
