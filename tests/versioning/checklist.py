"""A diff done as a checklist: what `before` becomes when everything that is told is done to it."""

from dataclasses import replace
from typing import Any

from versioning.blueprint import (
    AllStep,
    AnyOfStep,
    Blueprint,
    Branch,
    ChooseStep,
    DataField,
    DecideStep,
    EndStep,
    Place,
    Step,
)
from versioning.diff import BlueprintDiff, FlowChange, flat_data
from versioning.flows import Flow, flows_of, renamed

BY_CONDITION = ("branch", "otherwise")
NOWHERE = Place(0, 0)


def normal(blueprint: Blueprint) -> tuple[Any, ...]:
    """The blueprint without the order of its steps and data, and without places."""
    head = replace(blueprint, steps=(), data=())
    steps = {step.id: replace(step, place=NOWHERE) for step in blueprint.steps}
    return head, steps, dict(flat_data(blueprint.data))


def nested(data: tuple[DataField, ...]) -> Any:
    """Data without an order, told by the fields themselves."""
    return frozenset(
        replace(one, properties=nested(one.properties), items=one.items and nested((one.items,))) for one in data
    )


def done(before: Blueprint, found: BlueprintDiff) -> tuple[Any, ...]:
    """`before` with everything done that the diff tells, in normal form."""
    before = renamed(before, dict(found.renamed))
    head, steps, data = normal(before)
    for change in found.head:
        assert change.before != change.after
        inside, _, name = change.field.rpartition(".")
        if inside:
            head = replace(head, start=replace(head.start, **{name: change.after}))
        else:
            head = replace(head, **{name: change.after})
    for step in found.steps:
        if step.after is None:
            del steps[step.step]
        elif step.what in ("added", "replaced"):
            steps[step.step] = replace(step.after, place=NOWHERE)
        else:
            assert step.fields or step.flows
            changed = replace(steps[step.step], **{field.field: field.after for field in step.fields})
            steps[step.step] = led(changed, ordered(flows_of(steps[step.step]), step.flows))
    for datum in found.data:
        if datum.after is None:
            del data[datum.path]
        elif datum.what == "added":
            data[datum.path] = datum.after
        else:
            assert datum.fields
            data[datum.path] = replace(data[datum.path], **{field.field: field.after for field in datum.fields})
    return head, steps, data


def ordered(flows: tuple[Flow, ...], changes: tuple[FlowChange, ...]) -> list[Flow]:
    """The ways out of a step after the changes to them."""
    kept = {flow.key: flow for flow in flows}
    placed: dict[int, Flow] = {}
    for change in changes:
        if change.what == "removed":
            assert change.before is not None
            del kept[change.before.key]
        elif change.what == "redirected":
            assert change.after is not None
            kept[change.after.key] = change.after
    for change in changes:
        if change.what in ("added", "moved"):
            assert change.after is not None
            assert change.after_order is not None
            placed[change.after_order] = kept.pop(change.after.key, change.after)
    rest = iter(kept.values())
    return [placed[order] if order in placed else next(rest) for order in range(len(kept) + len(placed))]


def led(step: Step, flows: list[Flow]) -> Step:
    """The step with these ways out of it."""
    on_late = next((flow.target for flow in flows if flow.cause == "late"), None)
    step = replace(step, on_late=on_late)
    if isinstance(step, ChooseStep):
        ways = [Branch(f.on if f.cause == "branch" else None, f.target) for f in flows if f.cause != "late"]
        return replace(step, branches=tuple(ways))
    if isinstance(step, DecideStep):
        return replace(step, next=tuple([(flow.on, flow.target) for flow in flows if flow.cause == "outcome"]))
    if isinstance(step, EndStep):
        return step
    after = next((flow.target for flow in flows if flow.cause in ("done", "join")), "")
    if isinstance(step, AnyOfStep):
        ways = [Branch(f.on if f.cause == "branch" else None, f.target) for f in flows if f.cause in BY_CONDITION]
        return replace(step, branches=tuple(ways), next=after)
    if isinstance(step, AllStep):
        return replace(step, branches=tuple([flow.target for flow in flows if flow.cause == "fork"]), next=after)
    return replace(step, next=after)
