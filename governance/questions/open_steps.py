"""What is open in an instance, and whether it can go on in another version. Pure, standard library only.

What is open goes on where its step is the same in both versions but for what it is called, where it leads and whether
it is passed over. What was entered while an instance is suspended has not begun: it begins as the other version has it,
where that is a step of the same kind, with the same deadline and the same events. `versioning.alike` says so of steps
that are read; these are their values, as they were released.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record

Steps = Mapping[str, Mapping[str, Any]]

_ENTERED = ("step.entered", "watch.set", "element.begun", "undo.begun")
_PARTS = ("element.begun", "undo.begun")  # they visit a part of a step that is at work
_LEFT = "step.left"
_AT_WORK = (
    "task.offered", "job.created", "job.failed", "job.retried", "call.requested", "call.failed", "call.retried",
    "child.started", "child.failed", "message.subscribed", "delay.started", "condition.awaited", "first.awaited",
    "branches.opened", "each.opened", "undo.opened", "incident.raised",
)  # fmt: skip
_AT_REST = (
    "task.completed", "task.cancelled", "job.completed", "job.cancelled", "call.succeeded", "call.cancelled",
    "child.ended", "child.cancelled", "child.retried", "message.correlated", "message.unsubscribed", "condition.met",
    "join.fired", "each.ended", "incident.resolved",
)  # fmt: skip
_MOVED = "step.moved"
_NOT_DONE = ("title", "next", "on_failure_next", "rejected", "skip_when", "skip_to")


class OpenStep(NamedTuple):
    """An activation that has not ended: its step, and the activation it lies in (0 for none)."""

    step: str
    around: int
    is_part: bool = False
    is_at_work: bool = False

    @property
    def has_begun(self) -> bool:
        return self.is_part or self.is_at_work


def open_steps(trail: Iterable[Record]) -> dict[int, OpenStep]:
    """The activations of an instance that have not ended, by its entries (oldest first)."""
    found: dict[int, OpenStep] = {}
    for record in trail:
        for one in record.transitions(*_ENTERED, *_AT_WORK, *_AT_REST, _LEFT):
            kind, number = one["t"], int(one["activation"])
            if kind == _LEFT:
                found.pop(number, None)
            elif kind in _ENTERED:
                around = int(one.get("scope") or one.get("of") or 0)
                step = str(one["step"]) if "step" in one else _step_of(found, around)
                found[number] = OpenStep(step, around, kind in _PARTS)
            elif number in found:
                found[number] = found[number]._replace(is_at_work=kind in _AT_WORK)
    return found


def not_kept(record: Record, trail: Iterable[Record], steps: tuple[Steps, Steps]) -> Iterator[str]:
    """What was open before an entry by which an instance is migrated, was not moved and cannot go on; `steps` are those
    of the version before and of the other."""
    old, new = steps
    found = open_steps(trail)
    moved = {int(one["activation"]) for one in record.transitions(_MOVED)}
    for number, one in found.items():
        if _is_inside(found, number, moved):
            continue
        what = f"`{one.step}` (activation {number}) was open and not moved"
        if one.step not in new:
            yield f"{what}, and is no step of the version that the instance goes on under"
        elif not _goes_on(one, old.get(one.step, {}), new[one.step]):
            yield f"{what}, and is another step in the version that the instance goes on under"


def _step_of(found: Mapping[int, OpenStep], number: int) -> str:
    return found[number].step if number in found else ""


def _is_inside(found: Mapping[int, OpenStep], number: int, around: set[int]) -> bool:
    """Whether an activation is one of these or lies in one, at any depth."""
    while number and number not in around:
        number = found[number].around if number in found else 0
    return bool(number)


def _goes_on(one: OpenStep, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    before, after = _done(old), _done(new)
    if one.has_begun:
        return before == after
    return all(before.get(name) == after.get(name) for name in ("step", "deadline", "watches", "on_late"))


def _done(step: Mapping[str, Any]) -> dict[str, Any]:
    """What is done in a step, whatever it is called and wherever it leads."""
    found = {name: value for name, value in step.items() if name not in _NOT_DONE}
    for name in ("body", "undo"):
        if found.get(name):
            found[name] = _done(found[name])
    if "watches" in found:
        found["watches"] = [{key: value for key, value in watch.items() if key != "next"} for watch in found["watches"]]
    if "on_late" in found:  # a reaction of the deadline, whichever step it leads to
        found["on_late"] = True
    return found
