"""The blueprint: the design of a process as a frozen value.

One value stands behind source, words, diagram, checks and the machine, so they cannot disagree. `versioning.parse`
makes it from YAML or JSON; nothing else builds one outside tests. Expressions are kept as their source text (FEEL,
without the leading `= `). Durations are ISO 8601 text (`P2D`), elapsed time; after `business ` working time.

The one module that others read the value from: `__all__` names its parts, its data and its steps beside the whole.
"""

from dataclasses import dataclass, replace
from typing import Any

from versioning.act_rules import ActRule
from versioning.blueprint_parts import Deadline, Duty, Late, Offer, Quorum, Recipient, Retry, SignRule
from versioning.data_fields import INNER, DataClass, DataField, Place, TypeName
from versioning.starts import Start
from versioning.steps import (
    AgentStep,
    AllStep,
    AnyOfStep,
    Branch,
    CallStep,
    ChooseStep,
    DecideStep,
    EachStep,
    EndStep,
    ForkStep,
    JobStep,
    RulesStep,
    RunStep,
    SendStep,
    Step,
    StepBase,
    TaskStep,
    TellStep,
    UndoStep,
    WaitStep,
    Watch,
    heads_of,
    inner_of,
    is_first_of,
    kind_of,
    watch_key,
)

__all__ = [
    "INNER",
    "AgentStep",
    "AllStep",
    "AnyOfStep",
    "Blueprint",
    "BlueprintVersion",
    "Branch",
    "CallStep",
    "ChooseStep",
    "DataClass",
    "DataField",
    "Deadline",
    "DecideStep",
    "Duty",
    "EachStep",
    "EndStep",
    "ForkStep",
    "JobStep",
    "Late",
    "Offer",
    "Place",
    "Quorum",
    "Recipient",
    "Retry",
    "RulesStep",
    "RunStep",
    "SendStep",
    "SignRule",
    "Step",
    "StepBase",
    "TaskStep",
    "TellStep",
    "TypeName",
    "UndoStep",
    "WaitStep",
    "Watch",
    "element_of",
    "heads_of",
    "inner_of",
    "is_first_of",
    "kind_of",
    "watch_key",
]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A parsed, not yet released blueprint. `steps` in source order; ids are unique."""

    id: str
    title: str
    purpose: str
    owner: str  # role that owns the process and its incidents
    currency: str
    data: tuple[DataField, ...]
    start: Start
    first: str
    steps: tuple[Step, ...]
    regimes: tuple[str, ...] = ()
    calendar: str | None = None
    deadline: Deadline | None = None  # of the whole instance, from its start
    acts: tuple[ActRule, ...] = ()
    gives: tuple[str, ...] = ()  # paths that a step which runs it may bring home
    watches: tuple[Watch, ...] = ()  # errors of any step that says nothing of them itself; all that is open is closed
    more_starts: tuple[Start, ...] = ()  # beside the first: each begins instances in its own way

    @property
    def starts(self) -> tuple[Start, ...]:
        """Every way to begin, in the order of the source; their names are unique."""
        return (self.start, *self.more_starts)

    def step(self, step_id: str) -> Step:
        """The step with this id; `KeyError` if there is none (a parsed blueprint refers only to its own steps)."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


@dataclass(frozen=True, slots=True)
class BlueprintVersion:
    """A released form: immutable, named by number and digest (of value and source text)."""

    blueprint: Blueprint
    number: int
    digest: str
    authors: tuple[str, ...]  # persons who wrote it; duties read this
    approvers: tuple[str, ...]
    source: str
    released_at: int
    tables: tuple[tuple[str, Any], ...] = ()  # reserved for rule tables resolved at release


def element_of(blueprint: Blueprint, step: EachStep) -> DataField:
    """The element of a list as a datum of its own, as the list declares its items, which the checks demand."""
    fields, found = blueprint.data, None
    for name in step.of.split("."):
        found = next((field for field in fields if field.name == name), None)
        fields = () if found is None else found.properties
    item = None if found is None else found.items
    return DataField(step.element, "object") if item is None else replace(item, name=step.element)
