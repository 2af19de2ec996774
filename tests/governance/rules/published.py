"""Reads the published decision models (DMN compatibility kit) far enough to run what lies within our scope.

Only decisions whose logic is one literal expression over input data and other such decisions are taken; the rest is
out of scope and counted so. The whole kit is for the full reader of decision models.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from governance.rules.closures import closure_of
from governance.rules.errors import RuleError
from governance.rules.parse import parse
from governance.rules.scan import broken
from governance.rules.signatures import STANDARD
from governance.rules.syntax import Call, Name, children
from governance.rules.temporal import parse_date, parse_date_time, parse_duration, parse_time
from governance.rules.types import NAMES
from governance.rules.values import kind_of
from ledger.errors import BrokenInput

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass
class Outcome:
    """One expected result and what became of it: `right`, `wrong`, `refused` or `outside`."""

    model: str
    decision: str
    verdict: str
    detail: str = ""


@dataclass
class Model:
    """Sources of literal decisions by name, and the names of everything else that has a value."""

    literal: dict[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)


class Converted(Exception):
    """A declared type would convert the value or make it null: the business of the model, not of the language."""


def local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def read_model(path: Path) -> Model:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    model = Model()
    for element in etree.parse(str(path), parser).getroot():
        name = " ".join((element.get("name") or "").split())
        if local(element) == "inputData":
            model.given.add(name)
            model.types[name] = declared(element)
        elif local(element) == "decision":
            logic = [child for child in element if local(child) == "literalExpression"]
            text = next((c.text or "" for c in logic for c in c if local(c) == "text"), None)
            model.types[name] = declared(element)
            if text is not None:
                model.literal[name] = text
            else:
                model.other.add(name)
        elif local(element) in ("businessKnowledgeModel", "decisionService"):
            model.other.add(name)
    return model


def declared(element: Any) -> str:
    """The type of the variable, without its prefix; `Any` when there is none."""
    typed = next((child.get("typeRef") for child in element if local(child) == "variable"), None)
    name = (typed or "Any").split(":")[-1]
    return DECLARED.get(name, name)


DECLARED = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}


def as_declared(model: Model, name: str, value: Any) -> Any:
    """The value, unless its declared type would change it. Types of the model's own are taken for lists and objects."""
    typed = model.types.get(name, "Any")
    kind = kind_of(value)
    if typed == "Any" or kind in ("null", typed) or (typed not in NAMES and kind in ("list", "object")):
        return value
    raise Converted(f"`{name}` is declared {typed} and is a {kind}")


def value_of(node: Any) -> Any:
    """The value of a `resultNode`, `inputNode`, `component` or `item` of a test file."""
    for child in node:
        match local(child):
            case "value":
                return _simple(child)
            case "list":
                if child.get(f"{XSI}nil") == "true":
                    return None
                return tuple(value_of(item) for item in child if local(item) == "item")
            case "expected":
                return value_of(child)
            case "component":
                return {part.get("name"): value_of(part) for part in node if local(part) == "component"}
    return None


def _simple(element: Any) -> Any:
    if element.get(f"{XSI}nil") == "true":
        return None
    kind, text = (element.get(f"{XSI}type") or "xsd:string").split(":")[-1], element.text or ""
    match kind:
        case "decimal" | "double" | "integer" | "int":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case "date":
            return parse_date(text)
        case "time":
            return parse_time(text)
        case "dateTime":
            return parse_date_time(text)
        case "duration" | "dayTimeDuration" | "yearMonthDuration":
            return parse_duration(text)
    return text


def same(left: Any, right: Any) -> bool:
    """The kit compares numbers to eight places."""
    if type(left) in (int, Decimal) and type(right) in (int, Decimal):
        return abs(left - right) < Decimal("0.00000001")
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


def run_folder(folder: Path) -> list[Outcome]:
    """Every expected result of a folder's test files."""
    found: list[Outcome] = []
    for tests in sorted(folder.glob("*.xml")):
        root = etree.parse(str(tests)).getroot()
        model_path = folder / next(child.text for child in root if local(child) == "modelName").strip()
        if not model_path.exists():
            continue
        model = read_model(model_path)
        for case in root.iter("{*}testCase"):
            found.extend(run_case(model, case, folder.name))
    return found


def run_case(model: Model, case: Any, label: str) -> list[Outcome]:
    outcomes = []
    try:
        context = {" ".join(node.get("name").split()): value_of(node) for node in case if local(node) == "inputNode"}
    except (RuleError, BrokenInput) as error:
        context, broken_input = {}, str(error)
    else:
        broken_input = ""
    for node in case:
        if local(node) != "resultNode":
            continue
        name = " ".join((node.get("name") or "").split())
        if broken_input or name not in model.literal:
            outcomes.append(Outcome(label, name, "outside", broken_input))
            continue
        try:
            wanted = value_of(node)
            value = evaluate(model, name, dict(context), 0)
        except Converted as error:
            outcomes.append(Outcome(label, name, "outside", str(error)))
            continue
        except (RuleError, BrokenInput) as error:
            outcomes.append(Outcome(label, name, "refused", f"{model.literal[name]!r}: {error}"))
            continue
        verdict = "right" if same(value, wanted) else "wrong"
        outcomes.append(Outcome(label, name, verdict, f"{model.literal[name]!r}: {value!r} for {wanted!r}"))
    return outcomes


def evaluate(model: Model, name: str, context: dict[str, Any], depth: int) -> Any:
    """The value of a decision, the decisions it names first. The standard's untyped reading: no static check."""
    source = model.literal[name]
    names = model.given | set(model.literal) | model.other
    expr = parse(source, names | set(context))
    for given in model.given & context.keys():
        as_declared(model, given, context[given])
    pending = [expr]
    while pending:
        node = pending.pop()
        pending.extend(children(node))
        if isinstance(node, Call) and node.function in model.other:
            raise Converted(f"`{node.function}` is a function of the model")
        if isinstance(node, Call) and (node.function not in STANDARD or not _fits(node)):
            raise broken(f"the function `{node.function}` is not supported here", node.at, source)
        if isinstance(node, Name) and node.name not in context:
            if node.name in model.literal and depth < 20:
                context[node.name] = evaluate(model, node.name, context, depth + 1)
            elif node.name in model.other:
                raise Converted(f"`{node.name}` is more than a literal expression")
            else:
                raise broken(f"the name `{node.name}` has no value here", node.at, source)
    return as_declared(model, name, closure_of(expr, None)(context))


def _fits(call: Call) -> bool:
    signature = STANDARD[call.function]
    return signature.required <= len(call.arguments) and (signature.more or len(call.arguments) <= len(signature.takes))
