"""How far an instance is at each step of its blueprint, for its drawing: from what its entries say and what is live.

Pure: transitions as recorded and live activations in, a status for each step out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ledger.clock import Instant
from orchestrator.instance import BACKING_OFF, CREATED, HELD, OFFERED, WAITING, Activation

Status = Literal["untouched", "waiting", "active", "done", "skipped", "stopped", "failed"]
_WAITS = frozenset((OFFERED, CREATED, BACKING_OFF, WAITING))  # for somebody, a worker or a time: nobody is at it now


class Visit(NamedTuple):
    """One visit to a step as far as it is over: when it was left, None where it was not, and whether it was skipped."""

    step: str
    entered_at: int
    left_at: int | None = None
    is_skipped: bool = False


class StepProgress(NamedTuple):
    """A step: its status, how often it was entered, since when it is live, when it was left last, what is live."""

    step: str
    status: Status
    visits: int
    since: int | None
    done_at: int | None
    live: tuple[Activation, ...]


def visits(recorded: Iterable[tuple[Instant, Sequence[Mapping[str, Any]]]]) -> dict[int, Visit]:
    """The visits by their activation, from (instant, transitions) of the entries, oldest first."""
    found: dict[int, Visit] = {}
    for at, transitions in recorded:
        for one in transitions:
            kind = one["t"]
            if kind == "step.entered":
                found[one["activation"]] = Visit(one["step"], one["at"])
            elif one.get("activation") in found:
                visit = found[one["activation"]]
                if kind == "step.left":
                    found[one["activation"]] = visit._replace(left_at=at)
                elif kind == "step.skipped":
                    found[one["activation"]] = visit._replace(is_skipped=True)
    return found


def progress(steps: Sequence[str], seen: Mapping[int, Visit], live: Sequence[Activation]) -> tuple[StepProgress, ...]:
    """Each of these steps in their order."""
    return tuple(
        _progress(
            step,
            [visit for _, visit in sorted(seen.items()) if visit.step == step],
            tuple([one for one in live if one.step == step]),
        )
        for step in steps
    )


def _progress(step: str, made: Sequence[Visit], live: tuple[Activation, ...]) -> StepProgress:
    left = [visit.left_at for visit in made if visit.left_at is not None]
    since = min([one.entered_at for one in live], default=None)
    count = max(len(made), len(live))
    return StepProgress(step, _status(made, live), count, since, max(left, default=None), live)


def _status(made: Sequence[Visit], live: Sequence[Activation]) -> Status:
    if any(one.state == HELD for one in live):
        return "failed"
    if live:
        return "waiting" if all(one.state in _WAITS for one in live) else "active"
    if not made:
        return "untouched"
    last = made[-1]
    if last.is_skipped:
        return "skipped"
    return "stopped" if last.left_at is None else "done"
