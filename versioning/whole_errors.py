"""Failures that a blueprint answers as a whole, where the step that failed says nothing of it itself. Pure.

It answers for the steps of its course: those that are reached from the first one. A step that is reached only by such
an answer is not answered for again, so that what deals with a failure does not begin anew when it fails.
"""

from versioning.blueprint import Blueprint, EndStep, Step, Watch, heads_of
from versioning.net_ways import ways_out


def answered(blueprint: Blueprint) -> frozenset[str]:
    """The steps whose failures the blueprint answers as a whole."""
    if not blueprint.watches:
        return frozenset()
    steps = {step.id: step for step in blueprint.steps}
    found: set[str] = set()
    todo = [blueprint.first]
    while todo:
        step = steps.get(todo.pop())
        if step is None or step.id in found:
            continue
        found.add(step.id)
        beside = [watch.next for watch in step.watches if watch.meanwhile]
        todo += [*heads_of(step), *beside, *[way.target for way in ways_out(step)]]
    return frozenset([name for name in found if _is_left_to_it(steps[name])])


def answer(blueprint: Blueprint, code: str) -> Watch | None:
    """What the blueprint says of a failure with this code: its own word for it, else what it says for any."""
    errors = {watch.on: watch for watch in blueprint.watches}
    return errors.get(code) or errors.get("any")


def _is_left_to_it(step: Step) -> bool:
    """What a step says itself of its failures stands nearer."""
    return step.hold_for is None and step.on_failure_next is None and not isinstance(step, EndStep)
