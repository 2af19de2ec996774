"""The ways out of a step as a comparison sees them: named by what they depend on, not by their number."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from versioning.blueprint import (
    AgentStep,
    AllStep,
    AnyOfStep,
    Blueprint,
    ChooseStep,
    Deadline,
    DecideStep,
    Duty,
    EachStep,
    EndStep,
    Place,
    Recipient,
    Step,
    TellStep,
    UndoStep,
    is_first_of,
)

FLOW_FIELDS = frozenset(
    ("next", "branches", "on_late", "rejected", "skip_to", "on_failure_next")
)  # of a step: where it leads
NOT_COMPARED = FLOW_FIELDS | {"id", "place"}
ITSELF = "/itself"  # no step is called so: a name holds no slash


class Flow(NamedTuple):
    """One way: `cause` as in the net, `otherwise` for the last of a choice; `on` is the outcome or the condition.

    `again` counts equal causes and conditions of one step from 0. An empty target is the join of the branch.
    """

    cause: str
    on: str
    again: int
    target: str

    @property
    def key(self) -> tuple[str, str, int]:
        return self.cause, self.on, self.again


def flows_of(step: Step) -> tuple[Flow, ...]:
    """Every way out of a step, in the order of the source; where an event leads is told with the event."""
    found: list[tuple[str, str, str]] = []
    if isinstance(step, ChooseStep | AnyOfStep):
        found += [("otherwise" if one.when is None else "branch", one.when or "", one.next) for one in step.branches]
        found += [("join", "", step.next)] if isinstance(step, AnyOfStep) else []
    elif isinstance(step, DecideStep):
        found += [("outcome", outcome, target) for outcome, target in step.next]
    elif isinstance(step, AllStep):
        found += [("fork", branch, branch) for branch in step.branches]
        found.append(("join", "", step.next))
    elif not isinstance(step, EndStep) and not is_first_of(step):
        found.append(("done", "", step.next))
    if step.on_late is not None:
        found.append(("late", "", step.on_late))
    if isinstance(step, AgentStep) and step.rejected is not None:
        found.append(("rejected", "", step.rejected))
    if step.on_failure_next is not None:
        found.append(("failed", "", step.on_failure_next))
    if step.skip_to is not None:
        found.append(("skipped", "", step.skip_to))
    seen: dict[tuple[str, str], int] = {}
    flows = []
    for cause, on, target in found:
        seen[cause, on] = again = seen.get((cause, on), -1) + 1
        flows.append(Flow(cause, on, again, target))
    return tuple(flows)


def renamed(blueprint: Blueprint, names: dict[str, str]) -> Blueprint:
    """The blueprint with steps called otherwise, wherever one is named."""
    name = _namer(names)
    steps = tuple([_renamed(step, name) for step in blueprint.steps])
    watches = tuple([replace(watch, next=name(watch.next)) for watch in blueprint.watches])
    deadline = None if blueprint.deadline is None else _renamed_deadline(blueprint.deadline, name)
    return replace(blueprint, first=name(blueprint.first), steps=steps, watches=watches, deadline=deadline)


def _namer(names: dict[str, str]) -> Callable[[str], str]:
    return lambda old: names.get(old, old)


def _renamed(step: Step, name: Callable[[str], str]) -> Step:
    fields: dict[str, Any] = {"id": name(step.id)}
    if step.on_late is not None:
        fields["on_late"] = name(step.on_late)
    if step.on_failure_next is not None:
        fields["on_failure_next"] = name(step.on_failure_next)
    if step.deadline is not None:
        fields["deadline"] = _renamed_deadline(step.deadline, name)
    if step.skip_to is not None:
        fields["skip_to"] = name(step.skip_to)
    if isinstance(step, AgentStep) and step.rejected is not None:
        fields["rejected"] = name(step.rejected)
    if step.watches:
        fields["watches"] = tuple([replace(watch, next=name(watch.next)) for watch in step.watches])
    duties = getattr(step, "duties", ())
    if duties:
        fields["duties"] = tuple([_renamed_duty(duty, name) for duty in duties])
    if isinstance(step, ChooseStep | AnyOfStep):
        fields["branches"] = tuple([replace(branch, next=name(branch.next)) for branch in step.branches])
    if isinstance(step, DecideStep):
        fields["next"] = tuple([(outcome, name(target)) for outcome, target in step.next])
    elif not isinstance(step, EndStep | ChooseStep):
        fields["next"] = name(step.next)
    if isinstance(step, AllStep):
        fields["branches"] = tuple([name(branch) for branch in step.branches])
        fields["may_repeat"] = tuple([name(branch) for branch in step.may_repeat])
        fields["may_pass_over"] = tuple([name(branch) for branch in step.may_pass_over])
    if isinstance(step, TellStep):
        fields["to"] = _renamed_recipients(step.to, name)
    if isinstance(step, UndoStep):
        fields["steps"] = tuple([name(one) for one in step.steps])
    if isinstance(step, EachStep) and step.body is not None:
        fields["body"] = replace(step.body, id=name(step.id))
    if step.undo is not None:
        fields["undo"] = replace(step.undo, id=name(step.id))
    return replace(step, **fields)


def _renamed_deadline(deadline: Deadline, name: Callable[[str], str]) -> Deadline:
    late = [replace(one, whom=_renamed_recipients(one.whom, name)) for one in deadline.late]
    return replace(deadline, late=tuple(late))


def _renamed_recipients(to: tuple[Recipient, ...], name: Callable[[str], str]) -> tuple[Recipient, ...]:
    return tuple([replace(one, name=name(one.name)) if one.kind == "step" else one for one in to])


def _renamed_duty(duty: Duty, name: Callable[[str], str]) -> Duty:
    return replace(duty, step=duty.step and name(duty.step), shared=tuple([name(one) for one in duty.shared]))


def certain_names(before: Blueprint, after: Blueprint) -> dict[str, str]:
    """Old name to new of the steps that were certainly only called otherwise.

    A step that is gone and one that is new are the same where everything that stands in them is the same, they lead
    to the same steps and are led to by the same, and no other gone or new step could be meant as well.
    """
    names: dict[str, str] = {}
    there, had = {step.id for step in after.steps}, {step.id for step in before.steps}
    while True:
        now = renamed(before, names)
        new = _told_apart(after, there - had - set(names.values()))
        gone = _told_apart(now, {step.id for step in now.steps} - there)
        found = {gone[kept]: new[kept] for kept in gone if kept in new}
        if not found:
            return names
        names |= found


def _told_apart(blueprint: Blueprint, steps: set[str]) -> dict[Any, str]:
    """Of these steps those that no other one equals, by everything but their name: what stands in them, where they
    lead, and everything in the blueprint that names them.
    """
    led: dict[str, set[tuple[str, ...]]] = {name: set() for name in steps}
    if blueprint.first in led:
        led[blueprint.first].add(("first",))
    for watch in blueprint.watches:
        if watch.next in led:
            led[watch.next].add(("error", watch.on))
    for step in blueprint.steps:
        for flow in flows_of(step):
            if flow.target in led:
                source = ITSELF if flow.target == step.id else step.id
                on = "" if flow.cause == "fork" else flow.on  # a fork's is the name of the branch
                led[flow.target].add((source, flow.cause, on, str(flow.again)))
        for duty in getattr(step, "duties", ()):
            for named in (duty.step, *duty.shared):
                if named in led:
                    led[named].add((ITSELF if named == step.id else step.id, "duty"))
        for told in (*getattr(step, "to", ()), *(step.deadline.told if step.deadline else ())):
            if told.kind == "step" and told.name in led:
                led[told.name].add((step.id, "told"))
    found: dict[Any, list[str]] = {}
    for step in blueprint.steps:
        if step.id in led:
            bare = replace(_renamed(step, _namer({step.id: ITSELF})), place=Place(0, 0))
            found.setdefault((bare, frozenset(led[step.id])), []).append(step.id)
    return {kept: names[0] for kept, names in found.items() if len(names) == 1}
