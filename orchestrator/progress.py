"""How far an instance is at each step of its blueprint, for its drawing: from what its entries say and what is live.

Pure: transitions as recorded and live activations in, a status for each step out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ledger.clock import Instant
from orchestrator.deadlines import LEFT
from orchestrator.instance import BACKING_OFF, CREATED, HELD, OFFERED, PARTS, WAITING, Activation
from versioning.blueprint import Blueprint
from versioning.branches import branches_of

Status = Literal["untouched", "waiting", "active", "done", "skipped", "stopped", "failed"]
_WAITS = frozenset((OFFERED, CREATED, BACKING_OFF, WAITING))  # for somebody, a worker or a time: nobody is at it now


PASSED_OVER = "branch.passed_over"
_WITHDRAWN = frozenset(("task.cancelled", "job.cancelled", "call.cancelled", "message.unsubscribed", "child.cancelled"))


class Visit(NamedTuple):
    """One visit to a step: when it was left, None where it was not, and how: `done`, `skipped` or `stopped`."""

    step: str
    entered_at: int
    left_at: int | None = None
    how: Literal["done", "skipped", "stopped"] = "done"


class StepProgress(NamedTuple):
    """A step: its status, how often it was entered, since when it is live, when it was done last, what is live."""

    step: str
    status: Status
    visits: int
    since: int | None
    done_at: int | None
    live: tuple[Activation, ...]


def visits(recorded: Iterable[tuple[Instant, Sequence[Mapping[str, Any]]]]) -> dict[int, Visit]:
    """The visits by their activation, from (instant, transitions) of the entries, oldest first."""
    found: dict[int, Visit] = {}
    awaiting: set[int] = set()
    forks: set[int] = set()  # left without their join having fired, they were closed
    for at, transitions in recorded:
        stopped = {one["activation"] for one in transitions if _stops(one)}
        awaiting |= {one["activation"] for one in transitions if one["t"] == "first.awaited"}
        leaving = {one["of"] for one in transitions if one["t"] == "watch.fired" and not one.get("meanwhile")}
        stopped |= leaving - awaiting  # a step that does nothing but wait for events is done when one comes
        forks |= {one["activation"] for one in transitions if one["t"] == "branches.opened"}
        stopped |= forks - {one["activation"] for one in transitions if one["t"] == "join.fired"}
        stopped |= _closed_with_its_branch(transitions)
        is_over = any(one["t"] == "instance.cancelled" for one in transitions)
        for one in transitions:
            number = one.get("activation", 0)
            if one["t"] == "step.entered":
                found[number] = Visit(one["step"], one["at"])
            elif number in found and one["t"] == "step.skipped":
                found[number] = found[number]._replace(how="skipped")
            elif number in found and one["t"] == "step.left":
                left = found[number]._replace(left_at=at)
                found[number] = left._replace(how="stopped") if is_over or number in stopped else left
    return found


def _closed_with_its_branch(transitions: Sequence[Mapping[str, Any]]) -> set[int]:
    """What a person has ended by passing over the branch it lies in; what follows at the join was not ended so."""
    found: set[int] = set()
    is_closing = False
    for one in transitions:
        is_closing = one["t"] == PASSED_OVER or (is_closing and one["t"] != "join.fired")
        if is_closing and one["t"] == "step.left":
            found.add(one["activation"])
    return found


def passed_over(recorded: Iterable[tuple[Instant, Sequence[Mapping[str, Any]]]]) -> frozenset[str]:
    """The branches that are passed over as it stands, by their first steps."""
    found: set[str] = set()
    for _, transitions in recorded:
        for one in transitions:
            if one["t"] == PASSED_OVER:
                found.add(one["branch"])
            elif one["t"] == "branch.begun_again":
                found.discard(one["branch"])
            elif one["t"] == "branches.opened":
                found -= set(one["branches"])
    return frozenset(found)


def left_out(blueprint: Blueprint, branches: frozenset[str]) -> frozenset[str]:
    """The steps that lie in some of the branches of a blueprint."""
    scopes = branches_of(blueprint).scopes
    return frozenset([step for step, scope in scopes.items() if any(branch in branches for _, branch in scope)])


def _stops(one: Mapping[str, Any]) -> bool:
    """Whether a transition takes work away; where the step is left with it, it was not done."""
    if one["t"] == "deadline.escalated":
        return bool(one["act"] == LEFT)
    if one["t"] == "error.caught":
        return True
    return one["t"] in _WITHDRAWN or (one["t"] == "incident.resolved" and one["how"] == LEFT)


def progress(
    steps: Sequence[str],
    seen: Mapping[int, Visit],
    live: Sequence[Activation],
    left_out: frozenset[str] = frozenset(),
) -> tuple[StepProgress, ...]:
    """Each of these steps in their order; of those that were left out with their branch that they were passed over."""
    found = [
        _progress(
            step,
            [visit for _, visit in sorted(seen.items()) if visit.step == step],
            tuple([one for one in live if one.step == step and one.watch is None]),
        )
        for step in steps
    ]
    untouched = [one.step in left_out and one.status == "untouched" for one in found]
    return tuple(
        [one._replace(status="skipped") if is_out else one for one, is_out in zip(found, untouched, strict=True)]
    )


def _progress(step: str, made: Sequence[Visit], live: tuple[Activation, ...]) -> StepProgress:
    left = [visit.left_at for visit in made if visit.left_at is not None and visit.how == "done"]
    since = min([one.entered_at for one in live], default=None)
    count = max(len(made), sum(not one.branch.startswith(PARTS) for one in live))
    return StepProgress(step, _status(made, live), count, since, max(left, default=None), live)


def _status(made: Sequence[Visit], live: Sequence[Activation]) -> Status:
    if any(one.state == HELD for one in live):
        return "failed"
    if live:
        return "waiting" if all(one.state in _WAITS for one in live) else "active"
    if not made:
        return "untouched"
    return made[-1].how
