"""What happens to a task that changes hands. See `orchestrator.transitions`."""

from typing import NamedTuple

# Why somebody holds a task that they did not claim.
REASSIGNED = "reassigned"
LEAST_LOADED = "least loaded"
SUBSTITUTE = "substitute"

VACATED = "vacated"  # why somebody holds a task no more who did not give it back


class TaskAssigned(NamedTuple):
    """It is held by `to` without their having claimed it. `why`: `reassigned`; `least loaded`, the one of `among` able
    persons who held the fewest tasks, `holding` of them; `substitute`, in the place of who held it (`stands_in_for`).
    """

    activation: int
    to: str
    why: str
    holding: int = 0
    among: int = 0
    stands_in_for: str = ""


class TaskDelegated(NamedTuple):
    """Its holder stays its holder; `to` works on it."""

    activation: int
    to: str


class TaskReturned(NamedTuple):
    """It is with its holder alone again: `by` the delegate, with what they propose where they do, or the holder.
    `why`: `vacated` where the delegate may no longer do it, for a `reason` of refusals; empty where it was given or
    taken back.
    """

    activation: int
    step: str
    by: str
    proposes: bool = False
    why: str = ""
    reason: str = ""


class TaskDueMoved(NamedTuple):
    """What it lies in stood still for a while, so it is due later; 0 is never."""

    activation: int
    due: int


Handed = TaskAssigned | TaskDelegated | TaskReturned | TaskDueMoved

KINDS = {
    "task.assigned": TaskAssigned,
    "task.delegated": TaskDelegated,
    "task.returned": TaskReturned,
    "task.due_moved": TaskDueMoved,
}
