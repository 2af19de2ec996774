"""A small organisation around the engine: who holds which role and authority, which versions are released."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance.above import Height, Kind, heights
from governance.authority import Register
from governance.decision import Decision, DecisionRequest, Named, decide, out_of_force
from governance.grant import EVER, Grant, Instrument, Limit, Per, Power
from governance.substitution import Standing, standing_in, stood_in_for
from ledger.actor import Actor, ActorKind
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from orchestrator.calendars import NoReleased
from orchestrator.ports import Deps
from orchestrator.released_agents import NoneReleased
from rbac.refusal_texts import why
from tests.orchestrator import toy
from tests.orchestrator.memory import MemoryLog
from versioning.blueprint import BlueprintVersion


def person(name: str, method: str = "password") -> Actor:
    return Actor(ActorId(f"person:{name}"), ActorKind.PERSON, PersonId(f"person:{name}"), method)


ANN, BOB, EVE = person("ann"), person("bob"), person("eve")
WORKER = Actor(ActorId("svc:worker"), ActorKind.SERVICE, method="api-key")


@dataclass(frozen=True)
class Permit:
    act: str

    def as_basis(self) -> dict[str, Any]:
        return {"rules": [self.act], "policy": "policy-digest"}


MINUTE = Instrument("in_1", 1, "board-minute", "minute", "Toy", "1", "board", "2020-01-01", "", 1)


def grant(person_id: str, limit: int) -> Grant:
    """The authority to approve in the whole organisation, up to a plain number."""
    return Grant(
        id=f"ag_{person_id[7:]}",
        version=1,
        name="toy",
        instrument="in_1",
        grantee=person_id,
        grantor="",
        parent=None,
        domain="organisation",
        powers=(Power("approve"),),
        limits=(Limit(Per.CASE, "", Decimal(limit)),),
        conditions=(),
        valid_from=1,
        valid_to=EVER,
        recorded_at=1,
    )


@dataclass
class Having:
    """Skills and units: person -> what they have, as (attribute, value)."""

    known: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def having(self, rows: Any, now: int, attribute: str, value: str) -> tuple[str, ...]:
        return tuple(sorted(one for one, has in self.known.items() if (attribute, value) in has))

    def of(self, rows: Any, now: int, person: str) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.known.get(person, ())))


@dataclass
class StandIns:
    """Substitutions, followed as the product follows them."""

    known: list[Standing] = field(default_factory=list)

    def stood_in_for(self, rows: Any, person: str, now: int) -> tuple[str, ...]:
        return stood_in_for(self.known, person, now)

    def standing_in(self, rows: Any, absent: str, now: int) -> tuple[str, ...]:
        return standing_in(self.known, absent, now)

    def absent(self, rows: Any, now: int) -> frozenset[str]:
        return frozenset(one.absent for one in self.known if one.covers(now))


@dataclass
class House:
    """Everything other rooms would answer. Roles, limits and refused acts may be changed between commands."""

    roles: dict[str, set[str]] = field(
        default_factory=lambda: {
            "person:ann": {"starters", "clerks", "owners"},
            "person:bob": {"clerks", "owners", "ops"},
            "person:eve": set(),
        }
    )
    limits: dict[str, int] = field(default_factory=lambda: {"person:bob": 100, "person:ann": 100})
    refused: set[tuple[str, str]] = field(default_factory=set)
    left: set[str] = field(default_factory=set)  # persons without an account any more
    offices: dict[str, set[str]] = field(default_factory=dict)
    released: dict[str, BlueprintVersion] = field(default_factory=dict)
    by_digests: dict[str, BlueprintVersion] = field(default_factory=dict)
    by_numbers: dict[tuple[str, int], BlueprintVersion] = field(default_factory=dict)
    expressions: Any = field(default=lambda plan, now: toy.evaluate)
    calendars: Any = field(default_factory=NoReleased)
    agents: Any = field(default_factory=NoneReleased)
    attributes: Having = field(default_factory=Having)
    stand_ins: StandIns = field(default_factory=StandIns)

    def release(self, version: BlueprintVersion) -> None:
        self.released[version.blueprint.id] = version
        self.by_digests[version.digest] = version
        self.by_numbers[(version.blueprint.id, version.number)] = version

    # Versions

    def current(self, uow: Any, name: str) -> BlueprintVersion | None:
        return self.released.get(name)

    def version(self, uow: Any, name: str, number: int) -> BlueprintVersion | None:
        return self.by_numbers.get((name, number))

    def by_digest(self, uow: Any, digest: str) -> BlueprintVersion | None:
        return self.by_digests.get(digest)

    def starting_by(self, uow: Any, message: str) -> tuple[BlueprintVersion, ...]:
        found = self.released.values()
        return tuple([one for one in found if any(start.message == message for start in one.blueprint.starts)])

    # Access

    def check(self, uow: Any, actor: Actor, domain: str, obj: str, act: str) -> Permit | Refusal:
        if (obj, act) in self.refused or actor.id in self.left:
            return Refusal(Reason.NO_RULE, why("no-rule"))
        return Permit(f"{obj} {act}")

    def holds(self, uow: Any, actor: Actor, domain: str, role: str) -> bool:
        return role in self.roles.get(actor.id, set()) and actor.id not in self.left

    def holders(self, uow: Any, now: int, domain: str, role: str) -> tuple[str, ...]:
        return tuple(sorted(one for one, roles in self.roles.items() if role in roles and one not in self.left))

    def is_here(self, uow: Any, person: str) -> bool:
        return person not in self.left

    # Authority

    def decide(self, uow: Any, request: DecisionRequest) -> Decision | Refusal:
        register = Register((MINUTE,), tuple(grant(person_id, limit) for person_id, limit in self.limits.items()))
        named = tuple(one.id for one in register.grants if one.grantee == request.person)
        return decide(request, Named(named, register.digest), register, uow.now, lambda source, context, now: True)

    def unnamed(self, uow: Any, kind: Kind, measure: Any = None) -> Refusal | None:
        register = Register((MINUTE,), tuple(grant(person_id, limit) for person_id, limit in self.limits.items()))
        named = tuple(one.id for one in register.grants if one.grantee == uow.actor.person)
        step = (kind.decision_kind, kind.blueprint, kind.step)
        found = None
        for outcome in kind.outcomes:
            asked = DecisionRequest(uow.actor.person, kind.domain, *step, outcome, measure)
            found = out_of_force(asked, Named(named, register.digest), register, uow.now)
            if found is None:
                return None
        return found

    def register_digest(self, uow: Any) -> str:
        return Register((MINUTE,), tuple(grant(person_id, limit) for person_id, limit in self.limits.items())).digest

    def heights(self, uow: Any, kind: Kind) -> dict[str, Height]:
        register = Register((MINUTE,), tuple(grant(person_id, limit) for person_id, limit in self.limits.items()))
        return heights(register, kind, uow.now)

    def seated(self, uow: Any, office: str) -> frozenset[str]:
        return frozenset(self.offices.get(office, ()))

    # Rules

    def evaluate(self, uow: Any, version: BlueprintVersion, table: str, given: tuple[Mapping[str, Any], Any]) -> Any:
        return toy.rules(table, dict(given[0]), given[1])

    def log(self) -> MemoryLog:
        return MemoryLog(
            Deps(
                versions=self,
                access=self,
                authorities=self,
                rules=self,
                expressions=self.expressions,
                calendars=self.calendars,
                agents=self.agents,
                attributes=self.attributes,
                stand_ins=self.stand_ins,
            )
        )
