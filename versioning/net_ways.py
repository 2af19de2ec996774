"""The ways out of a step, as the net has them: each is a transition."""

from typing import Literal, NamedTuple

from versioning.blueprint import AgentStep, ChooseStep, DecideStep, EndStep, ForkStep, Step, is_first_of
from versioning.passing_over import passed_over_to

Cause = Literal[
    "done",
    "outcome",
    "branch",
    "fork",
    "passed",
    "arrived",
    "join",
    "late",
    "skipped",
    "failed",
    "watch",
    "rejected",
    "end",
    "start",
]


class Way(NamedTuple):
    """One way out of a step; an empty target is the join of the innermost fork."""

    cause: Cause
    detail: str
    target: str


def ways_out(step: Step) -> tuple[Way, ...]:
    """Every way a token may leave a step, in the order of the source. A fork has its join's; an `end` has none but
    that on which it is passed over."""
    ways: list[Way] = []
    if isinstance(step, ChooseStep):
        ways += [Way("branch", str(number), branch.next) for number, branch in enumerate(step.branches)]
    elif isinstance(step, DecideStep):
        ways += [Way("outcome", outcome, target) for outcome, target in step.next]
    elif isinstance(step, ForkStep):
        ways.append(Way("join", step.next, step.next))
    elif not isinstance(step, EndStep) and not is_first_of(step):
        ways.append(Way("done", step.next, step.next))
        if isinstance(step, AgentStep) and step.rejected is not None:
            ways.append(Way("rejected", step.rejected, step.rejected))
    passed = passed_over_to(step) if step.skip_when is not None else None
    if passed is not None:
        ways.append(Way("skipped", passed, passed))
    if step.on_failure_next is not None:
        ways.append(Way("failed", step.on_failure_next, step.on_failure_next))
    if step.on_late is not None:
        ways.append(Way("late", step.on_late, step.on_late))
    watches = enumerate(step.watches)
    ways += [Way("watch", str(place), watch.next) for place, watch in watches if not watch.meanwhile]
    return tuple(ways)
