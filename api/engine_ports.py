"""What the engine asks of other rooms (`orchestrator.ports`), answered by those rooms' services."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from governance.decision import DecisionRequest
from governance.rules.compile import Compiled, compile_expression
from governance.rules.errors import RuleError
from governance.rules.table import CompiledTable, compile_table
from governance.rules.table_source import read_table
from governance.rules.values import from_json, to_json
from governance.service import Authorities, Decision, decision_basis, decision_payload
from ledger.actor import Actor
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator.plan import Plan
from orchestrator.run import Failed, Ruled
from rbac.service import Access, Permit
from versioning.blueprint import BlueprintVersion
from versioning.feel import scope_of, type_of
from versioning.service import Blueprints, Versions

CACHED_MAX = 512  # rule tables and plans in use at once in one process

Evaluate = Callable[[str, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class EngineVersions:
    """Released blueprint versions."""

    blueprints: Blueprints

    def current(self, uow: UnitOfWork, blueprint: str) -> BlueprintVersion | None:
        """The version in force."""
        return self.blueprints.current(uow, blueprint)

    def get(self, uow: UnitOfWork, digest: str) -> BlueprintVersion | None:
        """The version with this digest."""
        return self.blueprints.by_digest(uow, digest)


@dataclass(frozen=True, slots=True)
class EngineAccess:
    """The access check."""

    access: Access

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Permit | Refusal:
        """A permit or a refusal."""
        return self.access.check(uow, actor, domain, obj, act)

    def holds(self, uow: UnitOfWork, actor: Actor, domain: str, role: str) -> bool:
        """Whether the actor has the role in force."""
        return self.access.holds(uow, actor, domain, role)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that authority allows, as the engine records it."""

    basis: Mapping[str, Any]
    record: Mapping[str, Any]
    capacity: str
    grant: str
    grant_digest: str
    drafts: Sequence[EntryDraft] = ()


@dataclass(frozen=True, slots=True)
class EngineAuthorities:
    """Named authority."""

    authorities: Authorities

    def decide(self, uow: UnitOfWork, request: DecisionRequest) -> Decided | Refusal:
        """A decision or a refusal."""
        decision = self.authorities.decide(uow, replace(request, context=_RuleValues(request.context)))
        if isinstance(decision, Refusal):
            return decision
        return _decided(decision)


class _RuleValues(Mapping[str, Any]):
    """Canonical JSON data as values of the rule language, each turned when a condition asks for it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def __getitem__(self, name: str) -> Any:
        return from_json(self._data[name])

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def _decided(decision: Decision) -> Decided:
    return Decided(
        basis=decision_basis(decision),
        record=decision_payload(decision),
        capacity=decision.capacity,
        grant=decision.grant.id,
        grant_digest=decision.digests[0],
    )


class EngineRules:
    """Rule tables in force, compiled once per digest."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._compiled: dict[str, CompiledTable] = {}

    def evaluate(
        self,
        uow: UnitOfWork,
        version: BlueprintVersion,  # noqa: ARG002 - tables are taken in force; the entry names the digest used
        table: str,
        arguments: Mapping[str, Any],
    ) -> Ruled | Failed:
        """What the table yields for these arguments, or why it yields nothing."""
        found = self._versions.current(uow, "rule-table", table)
        if found is None or found.source is None:
            return Failed("NO_SUCH_TABLE")
        compiled = self._compiled.get(found.digest)
        if compiled is None:
            if len(self._compiled) >= CACHED_MAX:
                self._compiled.clear()
            compiled = self._compiled[found.digest] = compile_table(read_table(found.source))
        try:
            inputs = {
                column.name: from_json(arguments.get(column.name), column.type) for column in compiled.table.inputs
            }
            explanation = compiled.explain(inputs)
            return Ruled(to_json(explanation.result, compiled.table.result), found.digest, explanation.applied)
        except (RuleError, BrokenInput) as error:
            return Failed(_code(error))


class EngineExpressions:
    """Evaluators of plans: FEEL over the declared data, canonical JSON in and out."""

    def __init__(self) -> None:
        self._evaluators: dict[str, Evaluate] = {}

    def __call__(self, plan: Plan) -> Evaluate:
        """The evaluator of a plan, made once per version."""
        evaluator = self._evaluators.get(plan.version.digest)
        if evaluator is None:
            if len(self._evaluators) >= CACHED_MAX:
                self._evaluators.clear()
            evaluator = self._evaluators[plan.version.digest] = _evaluator(plan)
        return evaluator


def _evaluator(plan: Plan) -> Evaluate:
    blueprint = plan.version.blueprint
    currency = blueprint.currency or None
    scope = scope_of(blueprint.data, blueprint.currency)
    types = {field.name: type_of(field, blueprint.currency) for field in blueprint.data}
    known: dict[str, Compiled] = {}

    def evaluate(source: str, context: Mapping[str, Any]) -> Any:
        compiled = known.get(source)
        try:
            if compiled is None:
                compiled = known[source] = compile_expression(source, scope, currency)
            values = {
                name: from_json(context[name], types[name]) for name in compiled.roots if context.get(name) is not None
            }
            return to_json(compiled.evaluate(values), compiled.type)
        except BrokenState:
            raise
        except (RuleError, BrokenInput) as error:
            return Failed(_code(error))

    return evaluate


def _code(error: Exception) -> str:
    """The closed code of an evaluation that failed: the error's own class, in capitals."""
    name = type(error).__name__
    return "".join(f"_{char}" if char.isupper() and place else char for place, char in enumerate(name)).upper()
