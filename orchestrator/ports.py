"""What the engine asks of other rooms, as protocols; the wiring hands in what answers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from governance.above import Height, Kind
from governance.decision import Decision, DecisionRequest, MoneyLike
from governance.proving import NoPasskeys, Passkeys
from ledger.actor import Actor
from ledger.clock import Instant
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator.calendars import NoReleased
from orchestrator.deadlines import Dated
from orchestrator.feel import evaluate_at
from orchestrator.plan import Plan
from orchestrator.reason_codes import NoLists, ReasonLists
from orchestrator.released_agents import NoneReleased, ReleasedAgents
from orchestrator.run import Failed, Ruled
from versioning.blueprint import BlueprintVersion, DataField


class Versions(Protocol):
    """Released blueprint versions: immutable, cached, hashed again on load."""

    def current(self, uow: UnitOfWork, name: str) -> BlueprintVersion | None:
        """The version in force, or None when there is none."""
        ...

    def version(self, uow: UnitOfWork, name: str, number: int) -> BlueprintVersion | None:
        """One version by its number, in force or not."""
        ...

    def by_digest(self, uow: UnitOfWork, digest: str) -> BlueprintVersion | None:
        """The newest version with this digest."""
        ...

    def starting_by(self, uow: UnitOfWork, message: str) -> tuple[BlueprintVersion, ...]:
        """The versions in force that start an instance by a message of this name."""
        ...


class Permitted(Protocol):
    """A permit, as it goes into the basis of an entry."""

    def as_basis(self) -> Mapping[str, Any]: ...


class AccessPoint(Protocol):
    """The access check."""

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Permitted | Refusal:
        """May the actor do this to this kind of object in this domain, now?"""
        ...

    def holds(self, uow: UnitOfWork, actor: Actor, domain: str, role: str) -> bool:
        """Whether the actor has the role in force; `role` is its bare name."""
        ...

    def holders(self, uow: UnitOfWork, now: Instant, domain: str, role: str) -> tuple[str, ...]:
        """The persons who have the role in force in this domain, by id."""
        ...

    def is_here(self, uow: UnitOfWork, person: str) -> bool:
        """Whether a person is registered and has not left."""
        ...


class Authorities(Protocol):
    """Named authority: which grants, and whether one of them suffices."""

    def decide(self, uow: UnitOfWork, request: DecisionRequest) -> Decision | Refusal: ...

    def unnamed(self, uow: UnitOfWork, kind: Kind, measure: MoneyLike | Decimal | None = None) -> Refusal | None:
        """Why no grant in force names who acts for any outcome of these decisions and reaches this measure; None when
        one does. A measure that is not known is not judged."""
        ...

    def register_digest(self, uow: UnitOfWork) -> str:
        """The digest of the register that is asked now; "" for one that does not hash."""
        ...

    def seated(self, uow: UnitOfWork, office: str) -> frozenset[str] | Refusal:
        """Who holds an office now, by its id; nobody where there is none."""
        ...

    def heights(self, uow: UnitOfWork, kind: Kind) -> Mapping[str, Height] | Refusal:
        """Who holds an authority for these decisions now, and up to which limit."""
        ...


class PersonAttributes(Protocol):
    """Skills and units of persons: whom work is offered to, and nothing else."""

    def having(self, rows: UnitOfWork, now: Instant, attribute: str, value: str) -> tuple[str, ...]:
        """The persons who have it now, by id."""
        ...

    def of(self, rows: UnitOfWork, now: Instant, person: str) -> tuple[tuple[str, str], ...]:
        """What a person has now, as (attribute, value)."""
        ...


class NoAttributes:
    """Nobody has any."""

    def having(self, _rows: UnitOfWork, _now: Instant, _attribute: str, _value: str) -> tuple[str, ...]:
        """Nobody."""
        return ()

    def of(self, _rows: UnitOfWork, _now: Instant, _person: str) -> tuple[tuple[str, str], ...]:
        """Nothing."""
        return ()


class StandIns(Protocol):
    """Substitutions in force."""

    def stood_in_for(self, rows: UnitOfWork, person: str, now: Instant) -> tuple[str, ...]:
        """Whom a person stands in for now, the nearest first."""
        ...

    def standing_in(self, rows: UnitOfWork, absent: str, now: Instant) -> tuple[str, ...]:
        """Who stands in for a person now, the nearest first."""
        ...

    def absent(self, rows: UnitOfWork, now: Instant) -> frozenset[str]:
        """Who is stood in for now."""
        ...


class NoStandIns:
    """Nobody stands in for anybody."""

    def stood_in_for(self, _rows: UnitOfWork, _person: str, _now: Instant) -> tuple[str, ...]:
        """Nobody."""
        return ()

    def standing_in(self, _rows: UnitOfWork, _absent: str, _now: Instant) -> tuple[str, ...]:
        """Nobody."""
        return ()

    def absent(self, _rows: UnitOfWork, _now: Instant) -> frozenset[str]:
        """Nobody."""
        return frozenset()


class RuleTables(Protocol):
    """The rule tables a blueprint version was released with, or those in force."""

    def evaluate(
        self, uow: UnitOfWork, version: BlueprintVersion, table: str, given: tuple[Mapping[str, Any], DataField | None]
    ) -> Ruled | Failed:
        """The value of the table for arguments in canonical JSON, as canonical JSON of the field it is laid into."""
        ...


class BusinessCalendars(Protocol):
    """The calendars deadlines count by."""

    def in_force(self, uow: UnitOfWork, name: str) -> Dated | None:
        """The one in force of this name."""
        ...

    def released(self, uow: UnitOfWork, digest: str) -> Dated | None:
        """The one with this digest, in force or not."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """All of them. `expressions` gives what evaluates the expressions of a plan at an instant, over canonical JSON
    typed by its declared data."""

    versions: Versions
    access: AccessPoint
    authorities: Authorities
    rules: RuleTables
    expressions: Callable[[Plan, int], Callable[[str, Mapping[str, Any]], Any]] = evaluate_at
    reason_lists: ReasonLists = field(default_factory=NoLists)
    passkeys: Passkeys = field(default_factory=NoPasskeys)
    calendars: BusinessCalendars = field(default_factory=NoReleased)
    agents: ReleasedAgents = field(default_factory=NoneReleased)
    attributes: PersonAttributes = field(default_factory=NoAttributes)
    stand_ins: StandIns = field(default_factory=NoStandIns)
