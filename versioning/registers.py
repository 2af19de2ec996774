"""What a blueprint may refer to, as the checks see it: a frozen picture of the organisation's registers.

Each part may be missing (None): the checks that need it are then reported as *not run*, never as passed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from versioning.blueprint import DataClass, DataField
from versioning.business_time import Calendar


@dataclass(frozen=True, slots=True)
class Operation:
    """A connector operation: what it takes and yields, None where the connector does not say.

    `classes` is the strictest class of data an argument may be given, by name; one that is not in it may be given any.
    """

    takes: tuple[DataField, ...] | None = None
    yields: DataField | None = None
    classes: Mapping[str, DataClass] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent in force: the strictest class of data it may see, and the types of task it serves."""

    sees: DataClass
    serves: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A released rule table: its inputs by name, and what it yields. `required` is ignored: null is an input too."""

    takes: tuple[DataField, ...]
    yields: DataField | None = None


Doing = Callable[[str, str], frozenset[tuple[str, str]]]
"""(role, act) -> (domain, person): who holds the role, as `role NAME` or empty for any, where they may do the act."""


@dataclass(frozen=True, slots=True)
class People:
    """Who could act today, by person id. The functions answer for the moment the picture was taken.

    `deciders(kind, role)`: persons with an authority in force for the decision kind and, where a role is given, that
    role. `holders(role)`: persons who hold the role. `authors`: who wrote the blueprint that is checked.
    `having(attribute, value)`: persons with a skill, or of a unit; None where that is not known.
    `doing(role, act)`: of an act on instances; None where that is not known. `units(person)`: of which they are.
    """

    deciders: Callable[[str, str | None], frozenset[str]]
    holders: Callable[[str], frozenset[str]]
    authors: frozenset[str] = frozenset()
    having: Callable[[str, str], frozenset[str]] | None = None
    doing: Doing | None = None
    units: Callable[[str], frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Committee:
    """Who is a member of a committee today, and who of them in its chair, by person id."""

    members: frozenset[str]
    chairs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Running:
    """A released blueprint as others meet it: how it starts where a step runs it, which blueprints its own steps run,
    what it gives, which messages it waits for or starts by. `key` is the path of its business key, which comes `again`
    when an instance has ended; empty where that is not known."""

    by: str
    runs: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    awaits: tuple[str, ...] = ()
    key: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Registers:
    """Everything a blueprint refers to by name. `may_read(role, class)` is what the access policy says; `now` is the
    instant the picture was taken, from which due times are tried. `starts`: the blueprint that starts by a message.
    `offices`: who holds each today.
    """

    roles: frozenset[str] | None = None
    decision_kinds: frozenset[str] | None = None
    operations: Mapping[str, Operation] | None = None
    tables: Mapping[str, Table] | None = None
    agents: Mapping[str, Agent] | None = None
    blueprints: Mapping[str, tuple[DataField, ...]] | None = None
    reason_codes: frozenset[str] | None = None
    calendars: Mapping[str, Calendar] | None = None
    starts: Mapping[str, str] | None = None
    running: Mapping[str, Running] | None = None
    committees: Mapping[str, Committee] | None = None
    offices: Mapping[str, frozenset[str]] | None = None
    now: int = 0
    may_read: Callable[[str, DataClass], bool] | None = None
    people: People | None = None


NO_REGISTERS = Registers()
