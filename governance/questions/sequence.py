"""Whether an instance went the way its blueprint versions allow, from its entries alone. Standard library only.

The recorded transitions are walked in order: a step is entered only when the step before pointed to it, as its `next`,
a branch, the outcome of its decision, where it goes when late or where an act on record moved it; the first of a branch
that people begin only when somebody has begun it; and a join fires when enough branches have arrived. Once an instance
is migrated it is the other version that says where a step leads. It says nothing of whether a branch was the right one;
conditions are evaluated by the service and, where they decide who may decide, by `rederive`.
"""

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from governance.questions.facts import Record, Records, goes_on
from governance.questions.ordered import CHOSEN, PASSED_OVER, Branches, no_act
from governance.questions.registers import ReleasedBlueprint, blueprint
from governance.questions.under_version import MIGRATED, Known, nothing_known

ENTRIES_FOLLOWED = (
    "step.entered", "step.left", "branches.opened", "join.arrived", "join.fired", "task.completed", "watch.set",
    "watch.fired", "each.opened", "element.begun", "element.ended", "each.ended", "undo.begun", "undo.kept",
    "undo.put_back", "step.moved", "step.skipped", "error.caught", MIGRATED, *CHOSEN,
)  # fmt: skip


MOVED = "step.moved"
BY_AN_ACT = ("instance.modified", "incident.resolved", MIGRATED)  # acts of persons, with permits of their own


class Deviation(NamedTuple):
    """A step that was entered or left otherwise than the version allows."""

    record: Record
    text: str


def deviations(
    records: Records, instance: str, version: ReleasedBlueprint, known: Known = nothing_known
) -> tuple[Deviation, ...]:
    """Every deviation, in order; empty when the instance went as its versions allow.

    `version` is the one it started on, `known` finds those it was migrated to: of what came after one that is not at
    hand, nothing is said.
    """
    walk = _Walk(version)
    act: Record | None = None
    for record in records.of(instance):
        act = act if act is not None and goes_on(record, act) else record
        for one in record.transitions(*ENTRIES_FOLLOWED):
            if one["t"] == MIGRATED:
                other = known(str(one["version"]))
                if other is None:
                    return tuple(walk.found)
                walk.go_by(other)
                continue
            if one["t"] == MOVED and act.kind not in BY_AN_ACT:
                walk.found.append(Deviation(record, f"a step was moved by `{record.kind}`, which is no act that may"))
            text = walk.take(one) or (
                no_act(record, one, walk.step_at(one["activation"])) if one["t"] in CHOSEN else ""
            )
            if text:
                walk.found.append(Deviation(record, text))
    return tuple(walk.found)


def walked(records: Records, instance: str, version: ReleasedBlueprint) -> tuple[Deviation, ...]:
    """`deviations` from versions that stand among these entries: an answer and a verdict ask for the same."""
    about = (deviations, instance, version.record.index)
    known = partial(blueprint, records)
    return records.once(about, lambda: deviations(records, instance, version, known))


class _Walk:
    """Which steps may be entered next, and which step each activation is."""

    def __init__(self, version: ReleasedBlueprint) -> None:
        self.go_by(version)
        self._pending: Counter[str] = Counter((str(version.value.get("first", "")),))
        self._activations: dict[int, str] = {}
        self._outcomes: dict[int, str] = {}
        self._forks: dict[int, Branches] = {}  # a fork's activation: its branches; or the elements of a list
        self._watches: dict[int, int] = {}  # an activation that waits for an event: which of its step, from 1
        self._moved: dict[int, str] = {}  # an activation that somebody moved: the step entered in its place
        self._caught: dict[int, str] = {}  # activations that have failed: where that led
        self._skipped: set[int] = set()  # activations passed over
        self._undoable: set[int] = set()  # calls that undo what was done
        self._begun: set[int] = set()  # and those that were to be made
        self.found: list[Deviation] = []

    def go_by(self, version: ReleasedBlueprint) -> None:
        """Judge what comes now by this version; what is open stays so."""
        self._version = version
        self._steps = version.steps()
        self._answers = frozenset(str(watch["next"]) for watch in version.value.get("watches", ()))

    def step_at(self, number: int) -> Mapping[str, Any]:
        """The step that an activation visits, as the version has it."""
        step: Mapping[str, Any] = self._steps.get(self._activations.get(number, ""), {})
        return step

    def take(self, one: Mapping[str, Any]) -> str:
        """What is wrong with this transition, "" when nothing is."""
        kind, number = one["t"], one["activation"]
        if kind == "step.entered":
            return self._entered(number, str(one["step"]))
        if kind == "watch.set":
            return self._watched(number, one["of"], one["watch"])
        if kind.startswith("undo."):
            return self._undone(kind, number, one)
        if kind == "element.begun":
            self._activations[number] = self._activations.get(one["of"], "")
            return ""
        step = self._activations.get(number)
        if step is None:
            return f"activation {number} was never entered"
        if kind == "task.completed":
            self._outcomes[number] = str(one.get("outcome", ""))
            return "" if one["step"] == step else f"`{one['step']}` was completed where `{step}` was entered"
        if kind == MOVED:
            self._moved[number] = str(one["to"])
            return ""
        if kind == "error.caught":
            self._caught[number] = str(one["to"])
            named = one["to"] in failures(self._steps.get(step, {}))
            if not named and one["to"] in self._answers:  # of the blueprint as a whole, which closes all that is open
                self._pending.clear()
                self._pending[str(one["to"])] += 1
                return ""
            return "" if named else f"`{step}` failed and was left to `{one['to']}`, to which no failure leads"
        if kind == "step.skipped":
            return self._passed_over(number, step, one)
        if kind == "branches.opened":
            self._forks[number] = Branches(set(one["branches"]))
            return self._opened(step, [str(name) for name in one["branches"]])
        if kind == "watch.fired":
            return self._fired(step, self._watches.get(number, 0), one)
        if kind == "join.arrived":
            self._fork(number).arrived.add(str(one["branch"]))
            return ""
        if kind in CHOSEN:
            return self._chosen(self._fork(number), step, one)
        if kind == "join.fired":
            return self._joined(number, step)
        if kind.startswith(("each.", "element.")):
            return self._each(kind, number, step, one)
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
        if not self._steps.get(step, {}).get("begun_by"):  # else each is entered when somebody begins it
            self._pending.update(branches)
        allowed = heads(self._steps.get(step, {}))
        if self._steps.get(step, {}).get("step") == ANY_OF:
            allowed = [head for head in allowed if head in branches]  # each by its condition, one at least
        return "" if branches and sorted(branches) == sorted(allowed) else f"`{step}` opened other branches than it has"

    def _watched(self, number: int, of: int, watch: int) -> str:
        step = self._activations.get(of, "")
        self._activations[number], self._watches[number] = step, watch
        count = len(self._steps.get(step, {}).get("watches", ()))
        return "" if 0 < watch <= count else f"`{step}` was watched for an event it does not name"

    def _fired(self, step: str, watch: int, one: Mapping[str, Any]) -> str:
        watches = self._steps.get(step, {}).get("watches", ())
        named = watches[watch - 1] if 0 < watch <= len(watches) else {}
        beside = bool(one.get("meanwhile"))
        if beside:
            self._pending[str(one["to"])] += 1
        is_told = named.get("next") == one["to"] and bool(named.get("meanwhile")) == beside
        return "" if is_told else f"`{step}` went to `{one['to']}` for an event, which does not lead there"

    def _joined(self, number: int, step: str) -> str:
        is_met = self._fork(number).is_met(self._steps.get(step, {}).get("need", 0))
        return "" if is_met else f"`{step}` went on before enough branches had arrived"

    def _fork(self, number: int) -> Branches:
        return self._forks.setdefault(number, Branches(set()))

    def _chosen(self, branches: Branches, step: str, one: Mapping[str, Any]) -> str:
        """A branch that is begun, or begun again, is entered, once for each time."""
        if one["t"] != PASSED_OVER:
            self._pending[str(one["branch"])] += 1
        return branches.take(one, self._steps.get(step, {}))

    def _each(self, kind: str, number: int, step: str, one: Mapping[str, Any]) -> str:
        """A step that goes through a list ends with its last element, or before it where it may."""
        if kind == "each.opened":
            self._forks[number] = Branches({str(place) for place in range(1, one["elements"] + 1)})
        elif kind == "element.ended":
            self._fork(number).arrived.add(str(one["element"]))
        elif one.get("early"):
            return "" if self._steps.get(step, {}).get("until") else f"`{step}` ended before its last element"
        elif not self._fork(number).opened <= self._fork(number).arrived:
            return f"`{step}` ended before its last element"
        return ""

    def _undone(self, kind: str, number: int, one: Mapping[str, Any]) -> str:
        """What is undone has been done, and once; what was ended before that was over can be undone again."""
        step, instead = str(one["step"]), one.get("instead", 0)
        if kind == "undo.kept":
            self._undoable.add(number)
            if instead and instead not in self._undoable:
                return f"`{step}` was kept in the place of what was not done or was undone before"
            self._undoable.discard(instead)
            return "" if self._steps.get(step, {}).get("undo") else f"`{step}` cannot be undone"
        if kind == "undo.put_back":
            is_begun = number in self._begun
            self._begun.discard(number)
            self._undoable.add(number)
            return "" if is_begun else f"`{step}` was put back, though nothing of it was being undone"
        self._activations[number] = step
        self._begun.add(number)
        if number not in self._undoable:
            return f"`{step}` was undone, though it was not done or was undone before"
        self._undoable.remove(number)
        return ""

    def _passed_over(self, number: int, step: str, one: Mapping[str, Any]) -> str:
        """A step is passed over by its own condition only where it has one; a person's act has permits of its own."""
        self._skipped.add(number)
        if one["by"] == "condition" and not self._steps.get(step, {}).get("skip_when"):
            return f"`{step}` was passed over by a condition it does not have"
        is_decided = number in self._outcomes and self._steps.get(step, {}).get("step") == "decide"
        return f"`{step}` was passed over, though it was decided" if is_decided else ""

    def _left(self, number: int, step: str, to: str) -> str:
        if not to:
            return ""
        self._pending[to] += 1
        if self._moved.pop(number, "") == to:
            return ""
        if to not in self._version.once((targets, step), lambda: targets(self._steps.get(step, {}))):
            return f"`{step}` was left to `{to}`, to which it does not lead"
        outcome = self._outcomes.get(number)
        if number not in self._skipped and self._is_only(step, "skip_to", to):
            return f"`{step}` was left to `{to}`, to which only passing it over leads"
        if self._caught.get(number) != to and self._is_only(step, "on_failure_next", to):
            return f"`{step}` was left to `{to}`, to which only a failure leads"
        if self._is_only(step, "rejected", to) and outcome != "reject":
            return f"`{step}` was left to `{to}`, to which only a rejection leads"
        by_outcome = dict(self._steps[step].get("next", ())) if self._steps[step].get("step") == "decide" else {}
        if outcome and by_outcome.get(outcome) not in (to, None) and self._steps[step].get("on_late") != to:
            return f"`{step}` was decided `{outcome}` and left to `{to}`"
        return ""

    def _is_only(self, step: str, key: str, to: str) -> bool:
        """Whether what stands at a key of a step leads there, and nothing else of it does."""
        if self._steps[step].get(key) != to:
            return False
        return to not in targets({name: value for name, value in self._steps[step].items() if name != key})


ANY_OF = "any of"


def heads(step: Mapping[str, Any]) -> list[str]:
    """The first step of each branch of a fork; none for another step."""
    branches = step.get("branches", ()) if step.get("step") in ("all", ANY_OF) else ()
    return [branch if isinstance(branch, str) else branch["next"] for branch in branches]


def failures(step: Mapping[str, Any]) -> frozenset[str]:
    """Every step that a failure of a step leads to."""
    errors = [watch["next"] for watch in step.get("watches", ()) if watch["kind"] == "error"]
    return frozenset([*errors, str(step.get("on_failure_next", ""))]) - {""}


def targets(step: Mapping[str, Any]) -> frozenset[str]:
    """Every step a step leads to; those that a fork begins are not among them."""
    found = {step.get("on_late"), step.get("rejected"), step.get("skip_to"), step.get("on_failure_next")}
    after = step.get("next")
    if isinstance(after, str):
        found.add(after)
    elif after:
        found.update(target for _, target in after)
    found.update(watch["next"] for watch in step.get("watches", ()))
    if step.get("step") == "choose":
        found.update(branch["next"] for branch in step["branches"])
    return frozenset(target for target in found if target)
