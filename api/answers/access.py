"""Access and people: policies, rights, who could, persons, machines, roles."""

from typing import Literal

from pydantic import Field

from api.answers.values import Answer, Microseconds, Shut, Text, Worded


class PolicyListed(Answer):
    """A released access policy; `entry_index` is the entry that put it in force."""

    number: int
    name: str
    digest: str
    released_at: Microseconds
    entry_index: int


class PoliciesAnswer(Answer):
    """A page of policies, newest first."""

    items: list[PolicyListed]
    cursor: str | None


class RightValue(Answer):
    """One thing an actor may do, with the rules that allow it, the role paths, and the entries that assign them."""

    actor: str
    domain: str
    object: str
    action: str
    rules: list[str]
    paths: list[list[str]]
    assignments: list[int]


class RightsAnswer(Answer):
    """Rights; all of them, so `cursor` is always null."""

    items: list[RightValue]
    cursor: None


class PermitBasis(Answer):
    """What a permit rests on: rules, the policy's digest, the entries that assign the roles."""

    rules: list[str]
    policy: str
    assignments: list[int]


class ExplainAnswer(Answer):
    """Whether an actor may do something now, by the enforcement point itself.

    Where it is permitted `basis` and `roles` say why, else `reason`, `detail` and `details` why not.
    """

    permitted: bool
    actor: str
    reason: str | None
    detail: str | None = None
    wording: Worded = None
    details: dict[str, str] | None = None
    basis: PermitBasis | None = None
    roles: list[str] | None = None
    right: RightValue | None


class ActIn(Answer):
    """An act, and the domains in which it is gained or lost; `organisation` is all of them."""

    object: str
    action: str
    domains: list[str]


class GainValue(Answer):
    """Persons, services and agents for whom a policy means the same: what they gain by it, and what they lose."""

    actors: list[str]
    gained: list[ActIn]
    lost: list[ActIn]


class EffectAnswer(Answer):
    """Who gains and who loses which acts; those for whom nothing changes are not told.

    `groups` is null where there is nothing to compare: a change of another kind, a source shut to this reader (`shut`)
    or one that cannot be read. `left_out` counts actors of further groups.
    """

    digest: str
    groups: list[GainValue] | None
    left_out: int
    shut: Shut | None


class PersonValue(Answer):
    """A person; the name is opened for who may read personal fields, and never in lists."""

    id: str
    ref: str
    name: Text
    status: str
    registered_at: Microseconds


class PersonsAnswer(Answer):
    """A page of persons by reference."""

    items: list[PersonValue]
    cursor: str | None


class RoleHeldValue(Answer):
    """A role assignment: held from `valid_from`, no longer at `valid_until`."""

    actor: str
    role: str
    domain: str
    valid_from: Microseconds
    valid_until: Microseconds | None
    entry_index: int


class PersonAnswer(PersonValue):
    """One person with the roles assigned, past and future ones too."""

    roles: list[RoleHeldValue]


class CalledValue(Answer):
    """An actor as the organisation calls it: a person by reference, a service or agent by title; never by name."""

    id: str
    kind: Literal["person", "service", "agent"]
    called: str
    status: str


class NamesAnswer(Answer):
    """The ids that name an actor; all of them, so `cursor` is always null."""

    items: list[CalledValue]
    cursor: None


class HolderValue(CalledValue):
    """An actor with the roles held at the instant asked for."""

    roles: list[RoleHeldValue]


class HoldersAnswer(Answer):
    """A page of actors by what they are called."""

    items: list[HolderValue]
    cursor: str | None


class MachineValue(Answer):
    """A service or an agent."""

    id: str
    kind: str
    title: str
    status: str


class MachinesAnswer(Answer):
    """A page of services and agents by id."""

    items: list[MachineValue]
    cursor: str | None


class RuleValue(Answer):
    """A rule of a role: allow or deny an act within a domain."""

    effect: str
    object: str
    action: str
    within: str


class RoleValue(Answer):
    """A role of the policy in force, with the roles it includes."""

    name: str
    title: str
    includes: list[str]
    rules: list[RuleValue]


class RolesAnswer(Answer):
    """The roles; all of them, so `cursor` is always null."""

    items: list[RoleValue]
    cursor: None = Field(description="always null: all roles are told at once")
