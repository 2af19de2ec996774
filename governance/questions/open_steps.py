"""What is open in an instance, and whether it can go on in another version. Pure, standard library only.

What is open goes on where its step stands in the same place of both versions and is the same in both, but for what it
is called, where it leads and whether it is passed over. What has been entered, or is held, and asked nobody for
anything is begun again: as the other version has it, where that is a step of the same kind, with the same deadline and
the same events. `versioning.alike` says so of steps that are read; these are their values, as they were released.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record
from governance.questions.registers import ReleasedBlueprint
from governance.questions.sequence import MOVED, heads, targets

Place = tuple[tuple[str, str], ...]
"""The forks and branches that a step lies in, outermost first."""

_ENTERED, _WATCH, _LEFT = "step.entered", "watch.set", "step.left"
_PARTS = ("element.begun", "undo.begun")  # they visit a part of a step that is at work
_AT_WORK = (
    "task.offered", "task.claimed", "task.assigned", "task.released", "task.returned", "job.created", "job.failed",
    "job.retried", "call.requested", "call.failed", "call.retried", "child.started", "child.failed", "undo.opened",
    "message.subscribed", "delay.started", "condition.awaited", "first.awaited", "branches.opened", "each.opened",
)  # fmt: skip
_AT_REST = (
    "task.completed", "task.cancelled", "job.completed", "job.cancelled", "call.succeeded", "call.cancelled",
    "child.ended", "child.cancelled", "child.retried", "message.correlated", "message.unsubscribed", "condition.met",
    "join.fired", "each.ended", "incident.raised", "incident.resolved",
)  # fmt: skip
_HELD = ("incident.raised", "incident.resolved")
_VOTED, _CALLED = "vote.cast", "call.requested"
_FOLLOWED = (_ENTERED, _WATCH, _LEFT, *_PARTS, *_AT_WORK, *_AT_REST, _VOTED, "votes.voided")
_ASKING = ("agent", "each", "job", "run")  # what they asked others for stands apart from what holds them
_NOT_DONE = ("title", "next", "on_failure_next", "rejected", "skip_when", "skip_to")
_BESIDE = "+"  # what the branch begins with of what runs beside a step, before the number of its event


class OpenStep(NamedTuple):
    """An activation that has not ended: its step, the activation it lies in (0 for none), and in which branch of it."""

    step: str
    around: int
    branch: str = ""
    is_watch: bool = False
    is_part: bool = False
    is_at_work: bool = False
    is_voted: bool = False
    has_called: bool = False

    def has_asked(self, kind: str) -> bool:
        """Whether somebody was asked for something, in a step of this kind."""
        is_out = self.is_at_work or self.is_voted or kind in _ASKING
        return is_out or self.is_part or (kind == "call" and self.has_called)


def open_steps(trail: Iterable[Record]) -> dict[int, OpenStep]:
    """The activations of an instance that have not ended, by its entries (oldest first)."""
    found: dict[int, OpenStep] = {}
    for record in trail:
        for one in record.transitions(*_FOLLOWED):
            kind, number = one["t"], int(one["activation"])
            if kind == _LEFT:
                found.pop(number, None)
            elif kind == _ENTERED:
                found[number] = OpenStep(str(one["step"]), int(one.get("scope", 0)), str(one.get("branch", "")))
            elif kind == _WATCH or kind in _PARTS:
                around = int(one["of"])
                step = str(one["step"]) if "step" in one else found[around].step if around in found else ""
                found[number] = OpenStep(step, around, is_watch=kind == _WATCH, is_part=kind in _PARTS)
            elif number in found:
                found[number] = _gone_on(found[number], kind)
    return found


def _gone_on(one: OpenStep, kind: str) -> OpenStep:
    if kind in (_VOTED, "votes.voided"):
        return one._replace(is_voted=kind == _VOTED)
    is_voted = one.is_voted and (kind not in _AT_REST or kind in _HELD)  # else what was voted on is over
    has_called = one.has_called or kind == _CALLED
    return one._replace(is_at_work=kind in _AT_WORK, is_voted=is_voted, has_called=has_called)


def not_kept(
    parts: Iterable[Record], trail: Iterable[Record], versions: tuple[ReleasedBlueprint, ReleasedBlueprint]
) -> Iterator[str]:
    """What was open before an instance was migrated and can neither go on nor was moved to a step in its place.

    `parts` are the entry by which it was and those that go on from it, `trail` its entries before; `versions` are the
    one before and the other.
    """
    old, new = versions[0].steps(), versions[1].steps()
    found, places = open_steps(trail), versions[1].once(places_of, lambda: places_of(versions[1].value))
    moved = {int(one["activation"]): str(one["to"]) for part in parts for one in part.transitions(MOVED)}
    for number, one in found.items():
        what = f"`{one.step}` (activation {number}) was open"
        if number in moved:
            to = moved[number]
            if places.get(to) != _place(found, one):
                yield f"{what} and was moved to `{to}`, which is no step in its place"
        elif _is_inside(found, one.around, moved):
            continue
        elif one.step not in new:
            yield f"{what} and not moved, and is no step of the version that the instance goes on under"
        elif not (one.is_watch or one.is_part) and places.get(one.step) != _place(found, one):
            yield f"{what} and not moved, and stands elsewhere in the version that the instance goes on under"
        elif not _goes_on(one, old.get(one.step, {}), new[one.step]):
            yield f"{what} and not moved, and is another step in the version that the instance goes on under"


def places_of(value: Mapping[str, Any]) -> dict[str, Place]:
    """Where each step of a blueprint's value lies that can be reached; as `versioning.branches` has it."""
    steps = {step["id"]: step for step in value.get("steps", ())}
    found: dict[str, Place] = {}
    todo: list[tuple[str, Place]] = [(str(value.get("first", "")), ())]
    todo += [(str(watch["next"]), ()) for watch in value.get("watches", ())]
    for name, place in todo:
        if name not in steps or name in found:
            continue
        found[name], step = place, steps[name]
        todo += [(head, (*place, (name, head))) for head in heads(step)]
        watches = list(enumerate(step.get("watches", ())))
        beside = [(one["next"], f"{_BESIDE}{number}") for number, one in watches if one.get("meanwhile")]
        todo += [(target, (*place, (name, branch))) for target, branch in beside]
        within = {**step, "watches": [one for _, one in watches if not one.get("meanwhile")]}
        todo += [(target, place) for target in sorted(targets(within))]
    return found


def _place(found: Mapping[int, OpenStep], one: OpenStep) -> Place:
    place: list[tuple[str, str]] = []
    while one.around in found:
        branch, one = one.branch, found[one.around]
        place.append((one.step, branch))
    return tuple(reversed(place))


def _is_inside(found: Mapping[int, OpenStep], number: int, around: Iterable[int]) -> bool:
    """Whether an activation is one of these or lies in one, at any depth."""
    known = set(around)
    while number in found and number not in known:
        number = found[number].around
    return number in known


def _goes_on(one: OpenStep, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    before, after = _done(old), _done(new)
    if one.has_asked(str(old.get("step", ""))):
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
