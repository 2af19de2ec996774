"""A small organisation around the engine: who holds which role and authority, which versions are released."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from governance.duties import check_duties
from ledger.actor import Actor, ActorKind
from ledger.entry import EntryDraft
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from orchestrator.ports import Deps
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


@dataclass(frozen=True)
class Decided:
    basis: Mapping[str, Any]
    capacity: str
    grant: str = "ag_1"
    grant_digest: str = "grant-digest"
    drafts: tuple[EntryDraft, ...] = ()


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
    released: dict[str, BlueprintVersion] = field(default_factory=dict)
    by_digest: dict[str, BlueprintVersion] = field(default_factory=dict)

    def release(self, version: BlueprintVersion) -> None:
        self.released[version.blueprint.id] = version
        self.by_digest[version.digest] = version

    # Versions

    def current(self, uow: Any, blueprint: str) -> BlueprintVersion | None:
        return self.released.get(blueprint)

    def get(self, uow: Any, digest: str) -> BlueprintVersion | None:
        return self.by_digest.get(digest)

    # Access

    def check(self, uow: Any, actor: Actor, domain: str, obj: str, act: str) -> Permit | Refusal:
        if (obj, act) in self.refused:
            return Refusal(Reason.NO_RULE, "expected a rule, found none")
        return Permit(f"{obj} {act}")

    def holds(self, uow: Any, actor: Actor, domain: str, role: str) -> bool:
        return role in self.roles.get(actor.id, set())

    # Authority

    def decide(self, uow: Any, request: Any) -> Decided | Refusal:
        limit = self.limits.get(request.person or "")
        if limit is None:
            return Refusal(Reason.NO_GRANT, "expected a grant, found none")
        refusal = check_duties(request.duties, [request.person], request.facts)
        if refusal is not None:
            return refusal
        if request.measure is not None and request.measure > limit:
            return Refusal(
                Reason.LIMIT_CASE, "expected less", (("limit", str(limit)), ("measure", str(request.measure)))
            )
        return Decided({"grant": "ag_1", "register": "register-digest"}, request.person)

    # Rules

    def evaluate(self, uow: Any, version: BlueprintVersion, table: str, arguments: Mapping[str, Any]) -> Any:
        return toy.rules(table, dict(arguments))

    def log(self) -> MemoryLog:
        return MemoryLog(
            Deps(
                versions=self,
                access=self,
                authorities=self,
                rules=self,
                expressions=lambda plan: toy.evaluate,
                mac=lambda text: sha256(b"key" + text.encode()).hexdigest(),
            )
        )
