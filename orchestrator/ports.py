"""What the engine asks of other rooms, as protocols; the wiring hands in what answers them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from governance.decision import DecisionRequest
from ledger.actor import Actor
from ledger.entry import EntryDraft
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator.plan import Plan
from orchestrator.run import Failed, Ruled
from versioning.blueprint import BlueprintVersion


class Versions(Protocol):
    """Released blueprint versions: immutable, cached by digest, hashed again on load."""

    def current(self, uow: UnitOfWork, blueprint: str) -> BlueprintVersion | None:
        """The version in force, or None when there is none."""
        ...

    def get(self, uow: UnitOfWork, digest: str) -> BlueprintVersion | None:
        """The released version with this digest."""
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


class Decided(Protocol):
    """A decision that authority allows: what it rests on, and what else has to be recorded with it."""

    @property
    def basis(self) -> Mapping[str, Any]:
        """Grants, register digest, chain, limits and headroom as canonical JSON."""
        ...

    @property
    def capacity(self) -> str:
        """The office or person in whose capacity the decider signs."""
        ...

    @property
    def grant(self) -> str:
        """The id of the grant relied upon."""
        ...

    @property
    def grant_digest(self) -> str:
        """The digest of that grant."""
        ...

    @property
    def drafts(self) -> Sequence[EntryDraft]:
        """Entries on other subjects that go with the decision (what was used of a period's limit)."""
        ...


class Authorities(Protocol):
    """Named authority: which grants, and whether one of them suffices."""

    def decide(self, uow: UnitOfWork, request: DecisionRequest) -> Decided | Refusal: ...


class RuleTables(Protocol):
    """The rule tables a blueprint version was released with, or those in force."""

    def evaluate(
        self, uow: UnitOfWork, version: BlueprintVersion, table: str, arguments: Mapping[str, Any]
    ) -> Ruled | Failed: ...


@dataclass(frozen=True, slots=True)
class Deps:
    """All of them. `expressions` gives the evaluator of a plan, typed by its declared data; values are canonical JSON.

    `mac` is a keyed digest (HMAC with the log's lookup key), by which classed keys are found again.
    """

    versions: Versions
    access: AccessPoint
    authorities: Authorities
    rules: RuleTables
    expressions: Callable[[Plan], Callable[[str, Mapping[str, Any]], Any]]
    mac: Callable[[str], str]
