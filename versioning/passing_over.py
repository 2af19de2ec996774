"""Where a step leads that is passed over by its own condition. Pure.

A step with one way on goes that way. One whose ways lead to different steps says it: nobody has decided which of them.
"""

from versioning.blueprint import ChooseStep, DecideStep, EndStep, Step, is_first_of


def passed_over_to(step: Step) -> str | None:
    """The step that follows, empty for the join of the branch; None where the step does not say it."""
    if step.skip_to is not None:
        return step.skip_to
    ways = set(_ways_on(step))
    return ways.pop() if len(ways) == 1 else None


def names_its_ways(step: Step) -> bool:
    """Whether a step says with each of its ways when it is taken, so that passing it over is a way of its own."""
    return isinstance(step, DecideStep | ChooseStep | EndStep) or is_first_of(step)


def _ways_on(step: Step) -> tuple[str, ...]:
    """Where a step leads that is done; an end leads nowhere."""
    if isinstance(step, DecideStep):
        return tuple([target for _, target in step.next])
    if isinstance(step, ChooseStep):
        return tuple([branch.next for branch in step.branches])
    if isinstance(step, EndStep):
        return ()
    if is_first_of(step):
        return tuple([watch.next for watch in step.watches if watch.kind != "error" and not watch.meanwhile])
    return (step.next,)
