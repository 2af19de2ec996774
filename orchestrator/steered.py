"""Transitions of commands that steer an instance: suspended and resumed, a step moved, another version, an incident
given to somebody.

They belong to the closed set of `orchestrator.transitions`, whose rules hold for them.
"""

from typing import NamedTuple

ITSELF, PARENT = "itself", "parent"  # by which act an instance is suspended: one on it, or one on its parent


class InstanceSuspended(NamedTuple):
    """Nothing begins, fires, goes out or is handed out until it is resumed. `by` as in `ITSELF`."""

    by: str = ITSELF


class InstanceResumed(NamedTuple):
    by: str = ITSELF


class ChildSuspended(NamedTuple):
    """The instance that this activation runs is suspended with it."""

    activation: int
    instance: str


class ChildResumed(NamedTuple):
    activation: int
    instance: str


class StepMoved(NamedTuple):
    """By a person's act and not by the blueprint: the step is left, and `to` is entered in its place."""

    activation: int
    to: str


class InstanceMigrated(NamedTuple):
    """By a person's act it goes on under another version of its blueprint, by digest and number, from here on."""

    version: str
    number: int


class IncidentAssigned(NamedTuple):
    """`to` is the person who is to resolve it; empty when it is nobody's again."""

    incident: int
    to: str = ""


Steered = (
    InstanceSuspended
    | InstanceResumed
    | ChildSuspended
    | ChildResumed
    | StepMoved
    | InstanceMigrated
    | IncidentAssigned
)

KINDS = {
    "instance.suspended": InstanceSuspended,
    "instance.resumed": InstanceResumed,
    "child.suspended": ChildSuspended,
    "child.resumed": ChildResumed,
    "step.moved": StepMoved,
    "instance.migrated": InstanceMigrated,
    "incident.assigned": IncidentAssigned,
}
