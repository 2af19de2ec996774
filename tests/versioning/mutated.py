"""Sound blueprints with what a few random changes make of them."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from tests.versioning.checklist import led
from tests.versioning.structured import spoiled, structured
from versioning.blueprint import AllStep, Blueprint, ChooseStep, DataField, EndStep, JobStep, Place
from versioning.flows import flows_of, renamed


def _added(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    """A job put before the end."""
    name = draw(st.sampled_from(("new-one", "new-two")))
    if any(step.id == name for step in blueprint.steps):
        return blueprint
    target = draw(st.sampled_from(blueprint.steps)).id
    job = JobStep(name, Place(5, 5), type="work", next=target)
    return replace(blueprint, steps=(job, *blueprint.steps), first=name if draw(st.booleans()) else blueprint.first)


def _removed(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    gone = draw(st.sampled_from(blueprint.steps))
    return replace(blueprint, steps=tuple([step for step in blueprint.steps if step is not gone]) or blueprint.steps)


def _retitled(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    step = draw(st.sampled_from(blueprint.steps))
    return spoiled(blueprint, step, title=draw(st.sampled_from(("", "One", "Two"))), hold_for="back-office")


def _redirected(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    step = draw(st.sampled_from(blueprint.steps))
    flows = list(flows_of(step))
    if not flows:
        return blueprint
    place = draw(st.integers(0, len(flows) - 1))
    flows[place] = flows[place]._replace(target=draw(st.sampled_from(blueprint.steps)).id)
    return replace(blueprint, steps=tuple([led(one, flows) if one is step else one for one in blueprint.steps]))


def _shuffled(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    return replace(blueprint, steps=tuple(draw(st.permutations(blueprint.steps))))


def _reordered(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    chosen = [step for step in blueprint.steps if isinstance(step, ChooseStep | AllStep)]
    if not chosen:
        return blueprint
    step = draw(st.sampled_from(chosen))
    return spoiled(blueprint, step, branches=tuple(draw(st.permutations(step.branches))))


def _other_kind(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    step = draw(st.sampled_from(blueprint.steps))
    end = EndStep(step.id, step.place, outcome="other")
    return replace(blueprint, steps=tuple([end if one is step else one for one in blueprint.steps]))


def _other_data(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    inner = (
        DataField("x", "string"),
        DataField("l", "list", items=DataField("", draw(st.sampled_from(("money", "date"))))),
    )
    more = (DataField("o", "object", "personal", properties=inner[: draw(st.integers(0, 2))]),)
    kept = [replace(one, required=draw(st.booleans())) for one in blueprint.data if draw(st.booleans())]
    return replace(
        blueprint, data=(*[one for one in kept if one.name != "o"], *more), title=draw(st.sampled_from("AB"))
    )


def _called_otherwise(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    old = draw(st.sampled_from(blueprint.steps)).id
    return renamed(blueprint, {old: f"{old}-x"})


def _started(blueprint: Blueprint, draw: st.DrawFn) -> Blueprint:
    return replace(blueprint, start=replace(blueprint.start, requires=draw(st.sampled_from(("staff", "others")))))


MUTATIONS: tuple[Callable[[Blueprint, st.DrawFn], Blueprint], ...] = (
    _added, _removed, _retitled, _redirected, _shuffled, _reordered, _other_kind, _other_data, _called_otherwise,
    _started,
)  # fmt: skip


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Blueprint, Blueprint]:
    """A sound blueprint, and one that came of it by a few changes, sound or not."""
    before = after = draw(structured())
    for mutate in draw(st.lists(st.sampled_from(MUTATIONS), max_size=4)):
        after = mutate(after, draw)
    return before, after
