"""Decision models evaluated (DMN 1.5, section 10.4): requirements first, each decision once, types kept on the way.

`compile_model` checks a whole model and compiles it once; the result is immutable and evaluated any number of times.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from governance.rules.closures import Run
from governance.rules.dmn.boxes import Boxes, MakeFunction
from governance.rules.dmn.graph import cycles, order
from governance.rules.dmn.item_types import FREE, TypeDef, Types
from governance.rules.dmn.model import (
    BoxedFunction,
    BrokenModel,
    Decision,
    DecisionService,
    Definitions,
    Draft,
    Finding,
    InputData,
    Knowledge,
    Node,
)
from governance.rules.dmn.sources import PlacedTable, Scope, Sources
from governance.rules.dmn.tables import TRACE, TableTrace
from governance.rules.env import BUDGET, MOMENT
from governance.rules.errors import LimitBreached
from governance.rules.limits import BOXED_LEVELS, Budget
from governance.rules.syntax import Cell, Expr
from governance.rules.types import Type
from governance.rules.values import Function
from ledger.errors import BrokenInput


class Step(NamedTuple):
    """A decision as it was evaluated: its value, and what its tables did."""

    name: str
    value: Any
    tables: tuple[TableTrace, ...]


class Explained(NamedTuple):
    """The result, and the decisions that were made for it, in order."""

    value: Any
    steps: tuple[Step, ...]


class _Service(NamedTuple):
    node: DecisionService
    order: tuple[str, ...]
    result: TypeDef


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A model ready to evaluate; pure and shared."""

    model: Definitions
    types: Mapping[str, TypeDef]  # of the variable of each element
    runs: Mapping[str, Run]  # of decisions
    functions: Mapping[str, MakeFunction]  # of business knowledge models
    services: Mapping[str, _Service]
    trees: Mapping[str, Expr | Cell]  # of every expression, by the path of its place
    tables: tuple[PlacedTable, ...]
    named: Mapping[str, Type]  # types that expressions may ask for
    remarks: tuple[Finding, ...] = ()  # warnings: what cannot be right by its static type

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names that `evaluate` takes."""
        return tuple(node.name for node in self.model.nodes if isinstance(node, Decision | DecisionService))

    def inputs(self, name: str) -> dict[str, Type]:
        """What a decision or service takes, with types (`values.from_json`); `BrokenInput` for an unknown name."""
        return {one: self.types[one].type for one in self._takes(self._asked(name))}

    def evaluate(self, name: str, inputs: Mapping[str, Any], moment: datetime | None = None) -> Any:
        """The value of a decision, or of a service: that of its one output, or a context of all.

        A missing input is null, one that does not conform to its type as well. `moment` is the one of the decision,
        with an offset, for `now` and `today`. `RuleError` when there is no certain answer; `BrokenInput` for a name
        that is none of the model.
        """
        return self._run(name, inputs, moment, None)

    def explain(self, name: str, inputs: Mapping[str, Any], moment: datetime | None = None) -> Explained:
        """The value, with every decision made for it and the rules that matched. Errors as for `evaluate`."""
        steps: list[Step] = []
        value = self._run(name, inputs, moment, steps)
        return Explained(value, tuple(steps))

    def _asked(self, name: str) -> Decision | DecisionService:
        node = self.model.node(name)
        if not isinstance(node, Decision | DecisionService):
            raise BrokenInput(f"expected a decision or service ({', '.join(self.decisions)}), found `{name}`")
        return node

    def _takes(self, node: Decision | DecisionService) -> tuple[str, ...]:
        if isinstance(node, DecisionService):
            return (*node.input_data, *node.input_decisions)
        found = (self.model.node(name) for name in order(self.model, (node.name,)))
        return tuple(one.name for one in found if isinstance(one, InputData))

    def _run(self, name: str, inputs: Mapping[str, Any], moment: datetime | None, steps: list[Step] | None) -> Any:
        node = self._asked(name)
        known = {one.name for one in self.model.of_kind(InputData)}
        known |= set(node.input_decisions) if isinstance(node, DecisionService) else set()
        for one in inputs:
            if one not in known:
                raise BrokenInput(f"expected an input of the model ({', '.join(sorted(known))}), found `{one}`")
        evaluation = _Evaluation(self, Budget(), moment, steps)
        try:
            if isinstance(node, DecisionService):
                return evaluation.service(self.services[name], inputs)
            return evaluation.values(order(self.model, (name,)), inputs)[name]
        except RecursionError:
            raise LimitBreached("expected expressions less deep inside each other") from None


class _Evaluation:
    """One evaluation: what it may spend, and where it tells what it did."""

    def __init__(
        self, compiled: CompiledModel, budget: Budget, moment: datetime | None, steps: list[Step] | None
    ) -> None:
        self._compiled = compiled
        self._budget = budget
        self._moment = moment
        self._steps = steps
        self._trace: list[TableTrace] = []
        self._functions: dict[str, Function] = {}

    def values(self, names: Sequence[str], inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The values of input data and decisions in order, by the names of the elements."""
        found: dict[str, Any] = {}
        for name in names:
            node = self._compiled.model.node(name)
            if isinstance(node, Decision) and name not in inputs:
                found[name] = self._decided(node, found)
            else:
                found[name] = self._converted(name, inputs.get(name))
        return found

    def _converted(self, name: str, value: Any) -> Any:
        return self._compiled.types[name].convert(value, {BUDGET: self._budget})

    def _decided(self, node: Decision, found: Mapping[str, Any]) -> Any:
        self._budget.spend(1)
        context = self._around(node.knowledge)
        for name in node.information:
            required = self._compiled.model.node(name)
            assert required is not None  # a requirement names an element
            context[required.variable.name] = found[name]
        before = len(self._trace)
        value = self._converted(node.name, self._compiled.runs[node.name](context))
        if self._steps is not None:
            self._steps.append(Step(node.name, value, tuple(self._trace[before:])))
            del self._trace[before:]  # told once, where a decision inside a service told it
        return value

    def _around(self, knowledge: Sequence[str]) -> dict[str, Any]:
        context: dict[str, Any] = {BUDGET: self._budget, MOMENT: self._moment}
        if self._steps is not None:
            context[TRACE] = self._trace
        for name in knowledge:
            node = self._compiled.model.node(name)
            assert node is not None  # a requirement names an element
            context[node.variable.name] = self._function(node)
        return context

    def _function(self, node: Node) -> Function:
        if node.name not in self._functions:
            if isinstance(node, DecisionService):
                self._functions[node.name] = self._of_service(self._compiled.services[node.name])
            else:
                assert isinstance(node, Knowledge)  # nothing else is required as knowledge
                self._functions[node.name] = self._compiled.functions[node.name](self._around(node.knowledge))
        return self._functions[node.name]

    def _of_service(self, service: _Service) -> Function:
        taken = (*service.node.input_data, *service.node.input_decisions)
        nodes = [self._compiled.model.node(name) for name in taken]
        parameters = tuple(node.variable.name for node in nodes if node is not None)
        types = tuple(self._compiled.types[name].type for name in taken)

        def run(arguments: Sequence[Any], budget: Budget) -> Any:
            budget.spend(4)
            budget.enter(BOXED_LEVELS)
            try:
                return self.service(service, dict(zip(taken, arguments, strict=True)))
            finally:
                budget.leave(BOXED_LEVELS)

        return Function(parameters, types, run)

    def service(self, service: _Service, inputs: Mapping[str, Any]) -> Any:
        """The value of a service for its input data and input decisions."""
        given = {name: inputs.get(name) for name in (*service.node.input_data, *service.node.input_decisions)}
        found = self.values(service.order, given)
        outputs = service.node.outputs
        names = [node.variable.name for name in outputs if (node := self._compiled.model.node(name)) is not None]
        values = [found[name] for name in outputs]
        whole = values[0] if len(values) == 1 else dict(zip(names, values, strict=True))
        return service.result.convert(whole, {BUDGET: self._budget})


def compile_model(model: Definitions) -> CompiledModel:
    """The model ready to evaluate; keep it. `BrokenModel` with every finding when something in it is not supported."""
    compiler = _Compiler(Draft(model), is_whole=True)
    compiled = compiler.compiled()
    if findings := compiler.all_findings():
        raise BrokenModel((*findings, *compiled.remarks))
    return compiled


def draft_findings(draft: Draft) -> tuple[Finding, ...]:
    """What else is wrong in a model that is refused for what could not be read of it; nothing that follows from that
    alone."""
    compiler = _Compiler(draft, is_whole=False)
    compiled = compiler.compiled()
    return (*compiler.all_findings(), *compiled.remarks)


class _Compiler:
    def __init__(self, draft: Draft, *, is_whole: bool) -> None:
        self.model = model = draft.model
        self.types = Types(model.items, has_all=draft.has_all_types)
        self.boxes = Boxes(self.types, Sources(self.types.for_expressions(), is_draft=not is_whole))
        self._unsure = draft.unsure
        self.findings: list[Finding] = list(cycles(model))
        self._nodes = {node.name: node for node in model.nodes}

    def all_findings(self) -> tuple[Finding, ...]:
        """In the order of their places."""
        return tuple(_by_place(*self.types.findings, *self.boxes.sources.findings, *self.findings))

    def compiled(self) -> CompiledModel:
        is_ordered = not self.findings
        types = {
            node.name: self.types.named(node.variable.type, (f"`{node.name}`",), node.place)
            for node in self.model.nodes
        }
        runs = {node.name: self._decision(node, types) for node in self.model.of_kind(Decision)}
        functions = {node.name: self._knowledge(node, types) for node in self.model.of_kind(Knowledge)}
        asked = self.model.of_kind(DecisionService) if is_ordered else ()  # a circle has no order
        services = {node.name: self._service(node, types) for node in asked}
        sources = self.boxes.sources
        return CompiledModel(
            self.model,
            types,
            runs,
            functions,
            services,
            sources.trees,
            tuple(sources.tables),
            sources.types,
            tuple(_by_place(*self.types.remarks, *sources.remarks)),
        )

    def _scope(self, asking: Decision | Knowledge, types: Mapping[str, TypeDef]) -> Scope:
        scope = Scope(is_unsure=asking.name in self._unsure)
        for name in asking.information if isinstance(asking, Decision) else ():
            node = self._nodes[name]
            logic = node.logic if isinstance(node, Decision) else None
            scope = scope.with_variable(node.variable.name, types[name].type, logic, types[name].allowed)
        for name in asking.knowledge:
            node = self._nodes[name]
            mixed = isinstance(node, DecisionService) and bool(node.input_data) and bool(node.input_decisions)
            scope = scope.with_function(node.variable.name, mixed)
        return scope

    def _decision(self, node: Decision, types: Mapping[str, TypeDef]) -> Run:
        if node.logic is None:
            return lambda _context: None
        scope = self._scope(node, types)
        return self.boxes.expression(node.logic, scope, (f"decision `{node.name}`",), types[node.name].type)

    def _knowledge(self, node: Knowledge, types: Mapping[str, TypeDef]) -> MakeFunction:
        path = (f"knowledge `{node.name}`",)
        function = node.function or BoxedFunction((), None)
        return self.boxes.function(function, self._scope(node, types), path, types[node.name])

    def _service(self, node: DecisionService, types: Mapping[str, TypeDef]) -> _Service:
        given = frozenset(node.input_decisions)
        needed = order(self.model, node.outputs, given) if given.isdisjoint(node.outputs) else ()
        for name in needed:
            if isinstance(self._nodes[name], InputData) and name not in node.input_data:
                self._find(node, f"expected `{name}` among its input data, which its decisions need")
        if not node.outputs or not given.isdisjoint(node.outputs):
            self._find(node, "expected output decisions that are no input decisions")
        declared = types[node.name]
        result = declared.result if declared.result is not None else declared
        return _Service(node, (*node.input_decisions, *needed), result or FREE)

    def _find(self, node: Node, message: str) -> None:
        if node.name in self._unsure:
            return
        self.findings.append(Finding("error", f"decision service `{node.name}`", message, *node.place))


def _by_place(*findings: Finding) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.line, one.column))
