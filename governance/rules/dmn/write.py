"""A decision model as XML of DMN 1.5. The same model gives the same bytes, and reads back to the same model."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from governance.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedList,
    BoxedRule,
    BoxedTable,
    Conditional,
    Decision,
    DecisionService,
    Definitions,
    Expression,
    InputData,
    Invocation,
    ItemDefinition,
    Knowledge,
    LiteralExpression,
    Loop,
    Node,
    Relation,
    Source,
    Variable,
    parts_of,
)
from ledger.errors import BrokenInput

_NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}

Attributes = dict[str, str | None]


def write_model(model: Definitions) -> bytes:
    """The file. `BrokenInput` for a character that XML cannot hold."""
    writer = _Writer(model)
    attributes: Attributes = {"xmlns": _NAMESPACE, "id": model.id, "name": model.name, "namespace": model.namespace}
    with writer.element("definitions", attributes):
        writer.words("description", model.description)
        for item in model.items:
            writer.item(item)
        for node in model.nodes:
            writer.node(node)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(writer.lines)).encode()


class _Writer:
    def __init__(self, model: Definitions) -> None:
        self.lines: list[str] = []
        self._nodes = {node.name: node for node in model.nodes}
        self._depth = 0

    @contextmanager
    def element(self, name: str, attributes: Attributes | None = None) -> Iterator[None]:
        """An element with what is written inside; attributes that are empty are left out."""
        told = "".join(f' {key}="{_escaped(text, _ATTRIBUTE)}"' for key, text in (attributes or {}).items() if text)
        self._line(f"<{name}{told}>")
        count = len(self.lines)
        self._depth += 1
        yield
        self._depth -= 1
        if len(self.lines) == count:
            self.lines.pop()
            self._line(f"<{name}{told}/>")
        else:
            self._line(f"</{name}>")

    def _line(self, text: str) -> None:
        self.lines.append(f"{'  ' * self._depth}{text}\n")

    def empty(self, name: str, attributes: Attributes) -> None:
        """An element without anything inside."""
        with self.element(name, attributes):
            pass

    def words(self, name: str, text: str | None) -> None:
        """An element that holds a text, where there is one."""
        if text:
            self._line(f"<{name}>{_escaped(text, _TEXT)}</{name}>")

    def source(self, name: str, source: Source | None, attributes: Attributes | None = None) -> None:
        """An element that holds a source, where there is one."""
        if source is not None:
            with self.element(name, attributes):
                self._line(f"<text>{_escaped(source.text, _TEXT)}</text>")

    def variable(self, name: str, variable: Variable) -> None:
        """A name with its type."""
        self.empty(name, {"name": variable.name, "typeRef": variable.type})

    def item(self, item: ItemDefinition, name: str = "itemDefinition") -> None:
        """An item definition or a component of one."""
        is_list = "true" if item.is_list else None
        with self.element(name, {"id": item.id, "name": item.name, "label": item.label, "isCollection": is_list}):
            self.words("description", item.description)
            self.words("typeRef", item.type)
            self.source("allowedValues", item.allowed)
            self.source("typeConstraint", item.constraint)
            for component in item.components:
                self.item(component, "itemComponent")
            if item.function is not None:
                with self.element("functionItem", {"outputTypeRef": item.function.result}):
                    for parameter in item.function.parameters:
                        self.variable("parameters", parameter)

    def node(self, node: Node) -> None:
        """An element of the requirements graph."""
        with self.element(_NODES[type(node)], {"id": node.id, "name": node.name, "label": node.label}):
            self.words("description", node.description)
            if isinstance(node, Decision):
                self.words("question", node.question)
                self.words("allowedAnswers", node.answers)
            self.variable("variable", node.variable)
            match node:
                case Decision():
                    self._decision(node)
                case Knowledge():
                    if node.function is not None:
                        self._function("encapsulatedLogic", node.function)
                    self._knowledge(node.knowledge)
                case DecisionService():
                    self._service(node)

    def _decision(self, node: Decision) -> None:
        for name in node.information:
            kind = "requiredInput" if isinstance(self._nodes[name], InputData) else "requiredDecision"
            with self.element("informationRequirement"):
                self._reference(kind, name)
        self._knowledge(node.knowledge)
        if node.logic is not None:
            self.expression(node.logic)

    def _knowledge(self, names: Iterable[str]) -> None:
        for name in names:
            with self.element("knowledgeRequirement"):
                self._reference("requiredKnowledge", name)

    def _service(self, node: DecisionService) -> None:
        for kind, names in (
            ("outputDecision", node.outputs),
            ("encapsulatedDecision", node.encapsulated),
            ("inputDecision", node.input_decisions),
            ("inputData", node.input_data),
        ):
            for name in names:
                self._reference(kind, name)

    def _reference(self, kind: str, name: str) -> None:
        self.empty(kind, {"href": f"#{self._nodes[name].id}"})

    def expression(self, box: Expression) -> None:
        """A boxed expression."""
        typed: Attributes = {"typeRef": box.type}
        match box:
            case LiteralExpression(source=source):
                self.source("literalExpression", source, typed)
            case BoxedTable():
                self._table(box)
            case BoxedFunction():
                self._function("functionDefinition", box)
            case BoxedContext(entries=entries):
                with self.element("context", typed):
                    for variable, one in entries:
                        with self.element("contextEntry"):
                            if variable is not None:
                                self.variable("variable", variable)
                            self.expression(one)
            case Invocation():
                self._invocation(box)
            case Relation(columns=columns, rows=rows):
                with self.element("relation", typed):
                    for column in columns:
                        self.variable("column", column)
                    for row in rows:
                        self._holding("row", row)
            case BoxedList(items=items):
                self._holding("list", items, typed)
            case _:
                self._branching(box, typed)

    def _branching(self, box: Conditional | BoxedFilter | Loop, typed: Attributes) -> None:
        name = {Conditional: "conditional", BoxedFilter: "filter"}.get(type(box), "")
        if isinstance(box, Loop):
            name, typed = box.kind, {"iteratorVariable": box.variable.name, **typed}
        with self.element(name, typed):
            for part, one in parts_of(box):
                self._holding(part, (one,))

    def _holding(self, name: str, parts: Iterable[Expression], attributes: Attributes | None = None) -> None:
        with self.element(name, attributes):
            for one in parts:
                self.expression(one)

    def _function(self, name: str, box: BoxedFunction) -> None:
        with self.element(name, {"typeRef": box.type}):
            for parameter in box.parameters:
                self.variable("formalParameter", parameter)
            if box.body is not None:
                self.expression(box.body)

    def _invocation(self, box: Invocation) -> None:
        with self.element("invocation", {"typeRef": box.type}):
            self.expression(box.function)
            for variable, bound in box.bindings:
                with self.element("binding"):
                    self.variable("parameter", variable)
                    if bound is not None:
                        self.expression(bound)

    def _table(self, box: BoxedTable) -> None:
        attributes: Attributes = {
            "hitPolicy": box.hit,
            "aggregation": box.aggregation,
            "preferredOrientation": box.orientation,
            "outputLabel": box.label,
            "typeRef": box.type,
        }
        with self.element("decisionTable", attributes):
            for asked in box.inputs:
                with self.element("input", {"label": asked.label}):
                    self.source("inputExpression", asked.expression, {"typeRef": asked.type})
                    self.source("inputValues", asked.values)
            for given in box.outputs:
                with self.element("output", {"name": given.name, "label": given.label, "typeRef": given.type}):
                    self.source("outputValues", given.values)
                    self.source("defaultOutputEntry", given.default)
            for name in box.note_names:
                self.empty("annotation", {"name": name})
            for rule in box.rules:
                self._rule(rule)

    def _rule(self, rule: BoxedRule) -> None:
        with self.element("rule"):
            self.words("description", rule.description)
            for name, sources in (("inputEntry", rule.tests), ("outputEntry", rule.outputs)):
                for source in sources:
                    self.source(name, source)
            for note in rule.notes:
                self.source("annotationEntry", Source(note))


_NODES = {
    InputData: "inputData",
    Decision: "decision",
    Knowledge: "businessKnowledgeModel",
    DecisionService: "decisionService",
}


def _escaped(text: str, marks: dict[str, str]) -> str:
    bad = _NOT_XML.search(text)
    if bad is not None:
        raise BrokenInput(f"expected text that XML can hold, found the character U+{ord(bad[0]):04X}")
    return "".join(marks.get(char, char) for char in text)
