"""A decision model out of the XML of DMN 1.1 to 1.5.

What has no meaning for a result (diagrams, knowledge sources, extensions of tools) is left out and told as a warning;
whatever else is not supported is an error with its place, and then there is no model.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from governance.rules.dmn.graph import needs
from governance.rules.dmn.model import (
    VERSIONS,
    BoxedFunction,
    Decision,
    DecisionService,
    Definitions,
    Draft,
    Finding,
    FunctionItem,
    InputData,
    ItemDefinition,
    Knowledge,
    Node,
    Source,
    Variable,
)
from governance.rules.dmn.read_logic import EXPRESSIONS, expression_in, function, variable
from governance.rules.dmn.reading import Path, Reading
from governance.rules.dmn.xml_in import Element, read_xml
from ledger.errors import BrokenInput

WITHOUT_MEANING = frozenset(
    {
        "knowledgeSource", "textAnnotation", "association", "group", "elementCollection", "performanceIndicator",
        "organizationUnit", "authorityRequirement", "supportedObjective", "impactedPerformanceIndicator",
        "decisionMaker", "decisionOwner", "usingProcess", "usingTask",
    }
)  # fmt: skip
_KINDS = {
    "inputData": "input data",
    "decision": "decision",
    "businessKnowledgeModel": "knowledge",
    "decisionService": "decision service",
}


class ReadModel(NamedTuple):
    """`model` is None when a finding is an error."""

    model: Definitions | None
    findings: tuple[Finding, ...]


class ReadDraft(NamedTuple):
    """What was read, whole or not, with findings; a finding that is an error refuses it."""

    draft: Draft
    findings: tuple[Finding, ...]


def read_model(data: bytes) -> ReadModel:
    """The model a file holds, with findings about its structure; `checked.check_file` has those of its expressions
    too. Errors of `read_draft`."""
    draft, findings = read_draft(data)
    return ReadModel(None if any(one.severity == "error" for one in findings) else draft.model, findings)


def read_draft(data: bytes) -> ReadDraft:
    """What can be read of a file. `BrokenInput` with line and column for what is no DMN at all, `TooLarge` over a
    limit of `xml_in`."""
    document = read_xml(data)
    root = document.root
    if root.local != "definitions" or root.namespace not in VERSIONS:
        known = ", ".join(VERSIONS.values())
        raise BrokenInput(f"expected `definitions` of DMN {known}, found `{root.local}`", f"{root.line}:{root.column}")
    reading = Reading(document)
    draft = _draft(reading, root)
    return ReadDraft(draft, reading.all_findings())


def _draft(reading: Reading, root: Element) -> Draft:
    known = ("import", "itemDefinition", *_KINDS, *WITHOUT_MEANING, "description")
    inside = reading.children(root, (), known, ("name", "namespace"))
    items: list[ItemDefinition] = []
    drawn: list[tuple[Element, str]] = []
    for element in inside:
        if element.local == "import":
            told = element.attributes.get("name") or element.attributes.get("namespace", "")
            reading.models.add(element.attributes.get("name", told))
            reading.error((), f"the import of `{told}` is not supported", element)
        elif element.local == "itemDefinition":
            items.append(_item(reading, element, ()))
        elif element.local in WITHOUT_MEANING:
            reading.left_out(f"`{element.local}`", element)
        elif element.local in _KINDS:
            drawn.append((element, reading.name(element, (_KINDS[element.local],))))
    references = _References(reading, drawn)
    name = reading.name(root, ())
    kept = _unique_items(reading, tuple(items), root)
    nodes: list[Node] = []
    unsure: set[str] = set()
    for element, _ in drawn:
        hidden = reading.hidden
        nodes.append(_node(reading, element, references))
        if reading.hidden > hidden:
            unsure.add(nodes[-1].name)
    words = _words(reading, inside, "description")
    key, version = root.attributes.get("id", ""), VERSIONS[root.namespace]
    model = Definitions(name, reading.own, key, kept, tuple(nodes), words, version)
    nameless = {node.name for node in nodes if not node.variable.name}
    unsure.update(node.name for node in nodes if not nameless.isdisjoint(needs(node)))
    return Draft(model, frozenset(unsure), all(item.name for item in items))


class _References:
    """Elements by their ids. Elements of one name are an error, and told apart for what else is to be said."""

    def __init__(self, reading: Reading, drawn: list[tuple[Element, str]]) -> None:
        self._reading = reading
        self._found: dict[str, tuple[str, str]] = {}
        self._apart: dict[int, str] = {}
        taken: set[str] = set()
        names = Counter(name for _, name in drawn)
        for element, name in drawn:
            key, path = element.attributes.get("id", ""), (f"{_KINDS[element.local]} `{name}`",)
            if not key:
                reading.error(path, "expected an id", element)
            elif key in self._found:
                reading.error(path, f"expected an id of its own, found `{key}` again", element)
            if name and names[name] > 1:
                reading.error(path, f"expected a name of its own, found `{name}` {names[name]} times", element)
            apart, number = name, len(taken)
            while not apart or apart in taken:
                number += 1
                apart = f"{name} ({number})".lstrip()
            taken.add(apart)
            self._apart[id(element)] = apart
            self._found[key] = (element.local, apart)

    def apart(self, element: Element) -> str:
        """The name by which an element is told from every other; its own, unless that is an error."""
        return self._apart[id(element)]

    def name(self, element: Element, path: Path, *kinds: str) -> str:
        """The name of what an element refers to; it has to be of one of these kinds."""
        self._reading.children(element, path, (), ("href",))
        href = element.attributes.get("href", "")
        namespace, mark, key = href.rpartition("#")
        if namespace not in ("", self._reading.own) or not mark:
            self._reading.error(path, f"the reference `{href}` to another model is not supported", element, hides=True)
        elif key not in self._found or self._found[key][0] not in kinds:
            wanted = " or ".join(_KINDS[kind] for kind in kinds)
            self._reading.error(path, f"expected a reference to {wanted}, found `{href}`", element, hides=True)
        else:
            return self._found[key][1]
        return ""


def _item(reading: Reading, element: Element, outside: Path) -> ItemDefinition:
    hidden = reading.hidden
    name = reading.name(element, (*outside, "type"))
    path = (*outside, f"type `{name}`")
    inside = reading.children(
        element,
        path,
        ("typeRef", "allowedValues", "typeConstraint", "itemComponent", "functionItem", "description"),
        ("name", "isCollection", "label"),
    )
    by_kind = {kind: [one for one in inside if one.local == kind] for kind in {one.local for one in inside}}
    base = by_kind.get("typeRef", [])
    components = tuple(_item(reading, one, path) for one in by_kind.get("itemComponent", []))
    functions = by_kind.get("functionItem", [])
    if (len(base) > 1) + len(functions) + bool(components) + bool(base) > 1:
        reading.error(path, "expected either a type, components or a function", element, hides=True)
    for one in base:
        reading.children(one, path)
    if reading.hidden > hidden:  # nobody knows what its values may hold
        return ItemDefinition(name, place=(element.line, element.column))
    return ItemDefinition(
        name,
        reading.type_named(base[0].source().text, base[0]) if base else None,
        components,
        _function_item(reading, functions[0], path) if functions else None,
        reading.flag(element, path, "isCollection"),
        _tests(reading, by_kind.get("allowedValues", []), path),
        _tests(reading, by_kind.get("typeConstraint", []), path),
        element.attributes.get("id", ""),
        element.attributes.get("label", ""),
        _words(reading, inside, "description"),
        (element.line, element.column),
    )


def _tests(reading: Reading, elements: list[Element], path: Path) -> Source | None:
    return reading.optional_text(elements[0], path) if elements else None


def _function_item(reading: Reading, element: Element, path: Path) -> FunctionItem:
    inside = reading.children(element, path, ("parameters",), ("outputTypeRef",))
    parameters = tuple(variable(reading, one, path) for one in inside)
    return FunctionItem(parameters, reading.type(element, "outputTypeRef"))


def _unique_items(reading: Reading, items: tuple[ItemDefinition, ...], root: Element) -> tuple[ItemDefinition, ...]:
    broken: set[str] = set()
    for name, count in Counter(item.name for item in items if item.name).items():
        if count > 1:
            reading.error((f"type `{name}`",), f"expected one type of this name, found {count}", root)
            broken.add(name)
    for item in items:
        for name, count in Counter(one.name for one in item.components).items():
            if count > 1:
                reading.error((f"type `{item.name}`",), f"expected the component `{name}` once", root)
                broken.add(item.name)
    return tuple(ItemDefinition(one.name, place=one.place) if one.name in broken else one for one in items)


class _Drawn(NamedTuple):
    """An element of the requirements graph while it is read."""

    reading: Reading
    element: Element
    name: str
    own_name: str
    path: Path
    references: _References
    inside: list[Element]

    def variable(self) -> Variable:
        found = [one for one in self.inside if one.local == "variable"]
        if len(found) > 1:
            self.reading.error(self.path, "expected one variable", found[1])
            return Variable("")
        return variable(self.reading, found[0], self.path) if found else Variable(self.own_name)

    def words(self, local: str) -> str:
        return _words(self.reading, self.inside, local)

    def attribute(self, name: str) -> str:
        return self.element.attributes.get(name, "")

    def references_to(self, local: str, *kinds: str) -> tuple[str, ...]:
        """The names child elements refer to; what could not be found is left out."""
        names = (self.references.name(one, self.path, *kinds) for one in self.inside if one.local == local)
        return tuple(name for name in names if name)

    def required(self, local: str, kinds: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The names that requirements of one sort refer to."""
        names = []
        for one in self.inside:
            if one.local == local:
                for target in self.reading.children(one, self.path, tuple(kinds)):
                    names.append(self.references.name(target, self.path, *kinds[target.local]))
        for name, count in Counter(names).items():
            if count > 1 and name:
                self.reading.error(self.path, f"expected the requirement of `{name}` once", self.element)
        return tuple(dict.fromkeys(name for name in names if name))

    def knowledge(self) -> tuple[str, ...]:
        return self.required(
            "knowledgeRequirement", {"requiredKnowledge": ("businessKnowledgeModel", "decisionService")}
        )

    @property
    def place(self) -> tuple[int, int]:
        return self.element.line, self.element.column


_INSIDE: dict[str, tuple[str, ...]] = {
    "inputData": (),
    "decision": ("question", "allowedAnswers", "informationRequirement", "knowledgeRequirement", *EXPRESSIONS),
    "businessKnowledgeModel": ("encapsulatedLogic", "knowledgeRequirement"),
    "decisionService": ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData"),
}


def _node(reading: Reading, element: Element, references: _References) -> Node:
    name, own_name = references.apart(element), " ".join(element.attributes.get("name", "").split())
    path = (f"{_KINDS[element.local]} `{own_name}`",)
    known = ("variable", "description", *_INSIDE[element.local], *WITHOUT_MEANING)
    inside = []
    for one in reading.children(element, path, known, ("name", "label")):
        if one.local in WITHOUT_MEANING:
            reading.left_out(f"`{one.local}`", one)
        else:
            inside.append(one)
    drawn = _Drawn(reading, element, name, own_name, path, references, inside)
    match element.local:
        case "decision":
            return _decision(drawn)
        case "businessKnowledgeModel":
            return _knowledge(drawn)
        case "decisionService":
            return _service(drawn)
    key, label = drawn.attribute("id"), drawn.attribute("label")
    return InputData(name, key, drawn.variable(), label, drawn.words("description"), drawn.place)


def _decision(drawn: _Drawn) -> Decision:
    information = {"requiredInput": ("inputData",), "requiredDecision": ("decision",)}
    return Decision(
        drawn.name,
        drawn.attribute("id"),
        drawn.variable(),
        drawn.required("informationRequirement", information),
        drawn.knowledge(),
        expression_in(drawn.reading, drawn.inside, drawn.path),
        drawn.words("question"),
        drawn.words("allowedAnswers"),
        drawn.attribute("label"),
        drawn.words("description"),
        drawn.place,
    )


def _knowledge(drawn: _Drawn) -> Knowledge:
    logic = [one for one in drawn.inside if one.local == "encapsulatedLogic"]
    made: BoxedFunction | None = function(drawn.reading, logic[0], drawn.path) if logic else None
    return Knowledge(
        drawn.name,
        drawn.attribute("id"),
        drawn.variable(),
        made,
        drawn.knowledge(),
        drawn.attribute("label"),
        drawn.words("description"),
        drawn.place,
    )


def _service(drawn: _Drawn) -> DecisionService:
    return DecisionService(
        drawn.name,
        drawn.attribute("id"),
        drawn.variable(),
        drawn.references_to("outputDecision", "decision"),
        drawn.references_to("encapsulatedDecision", "decision"),
        drawn.references_to("inputDecision", "decision"),
        drawn.references_to("inputData", "inputData"),
        drawn.attribute("label"),
        drawn.words("description"),
        drawn.place,
    )


def _words(reading: Reading, inside: list[Element], local: str) -> str:
    found = [one for one in inside if one.local == local]
    return reading.words(found[0], ()) if found else ""
