"""Deadlines: what has to happen when a step takes too long, and when a failed try is made again.

A deadline is one timer per activation that walks through the step's reactions in order of time. How many have fired
stands in the activation, so each fires once, whatever is restarted; the timer ends with the activation, so none fires
after completion. Offsets run from the moment the step was reached, in elapsed time.
"""

from typing import NamedTuple

from orchestrator.durations import microseconds
from versioning.blueprint import CallStep, DecideStep, ForkStep, JobStep, Retry, RunStep, Step, TaskStep, WaitStep

DEADLINE = "deadline"  # the name of the timer
WARNED = "warned"  # a share of the time is over
LATE = "late"  # the deadline is over; recorded for the breach rate even where nothing else follows
TOLD = "told"  # a role is told
PASSED_ON = "passed on"  # offered to holders of a higher authority
LEFT = "left"  # the step is left for another
HELD = "held"  # an incident

_WAITING = (TaskStep, DecideStep, CallStep, JobStep, WaitStep, RunStep, ForkStep)
_DOUBLINGS_MAX = 40  # 2^40 times any delay is beyond any limit; keeps the power small


class Reaction(NamedTuple):
    """`offset` in microseconds from entering; `to` is a role, a decision kind or a step, as `act` says."""

    offset: int
    act: str
    to: str = ""


def reactions(step: Step) -> tuple[Reaction, ...]:
    """The reactions of a step's deadline in the order in which they fire; empty where the step cannot wait."""
    deadline = step.deadline
    if deadline is None or not isinstance(step, _WAITING):
        return ()
    within = microseconds(deadline.within)
    planned = []
    if deadline.warn_at is not None:
        planned.append(Reaction(within * deadline.warn_at // 100, WARNED))
    planned.append(Reaction(within, LATE))
    for late in deadline.late:
        offset = within + microseconds(late.after)
        if late.tell is not None:
            planned.append(Reaction(offset, TOLD, late.tell))
        if late.pass_to is not None:
            planned.append(Reaction(offset, PASSED_ON, late.pass_to))
    if step.on_late is not None:
        planned.append(Reaction(within, LEFT, step.on_late))
    elif isinstance(step, CallStep | JobStep) and not deadline.late:
        planned.append(Reaction(within, HELD))
    # Stable: of two at one instant the one stated first fires first, and leaving the step comes after telling.
    return tuple(sorted(planned, key=lambda reaction: reaction.offset))


def backoff(retry: Retry, failures: int) -> int:
    """Microseconds to wait before the next try after this many failures (from 1)."""
    first = microseconds(retry.first)
    if retry.backoff == "fixed":
        return first
    return min(microseconds(retry.limit), first << min(failures - 1, _DOUBLINGS_MAX))


def due_at(step: Step, entered_at: int) -> int:
    """When the step is late; 0 when it has no deadline."""
    return 0 if step.deadline is None else entered_at + microseconds(step.deadline.within)
