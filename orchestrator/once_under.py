"""The blueprint version in which a step is read that an instance is past: a task that is done, an incident resolved.

An instance may have gone on under another version since, which has no such step, or another by its name. No row says
under which version what is past was; its entries do, and whoever proves something reads those. Here it is only told.
"""

from itertools import count
from typing import Any

from orchestrator.ports import Versions
from versioning.blueprint import AgentStep, BlueprintVersion, DecideStep, TaskStep

TASKS = (TaskStep, DecideStep, AgentStep)  # steps that offer work to a person


def version_with(
    rows: Any, versions: Versions, under: BlueprintVersion, step: str, kinds: tuple[type, ...] = ()
) -> BlueprintVersion:
    """The version an instance is under, where it has the step, of one of these kinds if any are named; else the newest
    before it that has, else the first after it. The version itself where none has."""
    if _has(under, step, kinds):
        return under
    name = under.blueprint.id
    for number in range(under.number - 1, 0, -1):
        found = versions.version(rows, name, number)
        if found is not None and _has(found, step, kinds):
            return found
    for number in count(under.number + 1):
        found = versions.version(rows, name, number)
        if found is None or _has(found, step, kinds):
            return found or under
    raise AssertionError("there is a number after every other")


def _has(version: BlueprintVersion, step: str, kinds: tuple[type, ...]) -> bool:
    return any(one.id == step and (not kinds or isinstance(one, kinds)) for one in version.blueprint.steps)
