"""Boxed expressions out of XML."""

from collections.abc import Callable

from governance.rules import limits
from governance.rules.dmn.model import (
    AGGREGATIONS,
    HITS,
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedList,
    BoxedRule,
    BoxedTable,
    Conditional,
    Expression,
    InputClause,
    Invocation,
    LiteralExpression,
    Loop,
    OutputClause,
    Relation,
    Source,
    Variable,
)
from governance.rules.dmn.reading import Path, Reading
from governance.rules.dmn.xml_in import Element

_TYPED = ("typeRef",)


def expression_in(reading: Reading, elements: list[Element], path: Path) -> Expression | None:
    """The one expression among child elements; None where there is none."""
    found = [element for element in elements if element.local in EXPRESSIONS]
    if len(found) > 1:
        reading.error(path, "expected one expression", found[1])
    return expression(reading, found[0], path) if found else None


def expression(reading: Reading, element: Element, path: Path) -> Expression:
    """The expression an element is."""
    return _READ[element.local](reading, element, path)


def variable(reading: Reading, element: Element, path: Path) -> Variable:
    """A `variable`, `parameter`, `formalParameter` or `column`."""
    reading.children(element, path, (), ("name", *_TYPED))
    return Variable(reading.name(element, path), reading.type(element))


def function(reading: Reading, element: Element, path: Path) -> BoxedFunction:
    """A function definition; only those in FEEL."""
    inside = reading.children(element, path, ("formalParameter", *EXPRESSIONS), ("kind", *_TYPED))
    kind = element.attributes.get("kind", "FEEL")
    if kind != "FEEL":
        reading.error(path, f"functions of kind `{kind}` are not supported, only FEEL", element)
    if kind != "FEEL" or reading.is_foreign_function(element):
        inside = [one for one in inside if one.local == "formalParameter"]  # the rest says what to call in Java
    parameters = tuple(variable(reading, one, path) for one in inside if one.local == "formalParameter")
    names = [one.name for one in parameters]
    for name in {name for name in names if names.count(name) > 1}:
        reading.error(path, f"expected the parameter `{name}` once", element)
    return BoxedFunction(parameters, expression_in(reading, inside, path), reading.type(element))


def _literal(reading: Reading, element: Element, path: Path) -> Expression:
    return LiteralExpression(reading.text(element, path, _TYPED), reading.type(element))


def _needed(reading: Reading, elements: list[Element], path: Path, parent: Element) -> Expression:
    found = expression_in(reading, elements, path)
    if found is None:
        reading.error(path, f"expected an expression in `{parent.local}`", parent)
        return LiteralExpression(Source("null", ((0, parent.line, parent.column),)))
    return found


def _context(reading: Reading, element: Element, path: Path) -> Expression:
    entries: list[tuple[Variable | None, Expression]] = []
    names: set[str] = set()
    inside = reading.children(element, path, ("contextEntry",), _TYPED)
    for number, entry in enumerate(inside, start=1):
        here = (*path, f"entry {number}")
        parts = reading.children(entry, here, ("variable", *EXPRESSIONS))
        named = [variable(reading, one, here) for one in parts if one.local == "variable"]
        if len(named) > 1 or (not named and number < len(inside)):
            reading.error(here, "expected one variable, or none in the last entry", entry, hides=True)
        if named and named[0].name in names:
            reading.error(here, f"expected the name `{named[0].name}` once", entry)
        names.update(one.name for one in named)
        within = (*path, f"entry `{named[0].name}`") if named else (*path, "result")
        entries.append((named[0] if named else None, _needed(reading, parts, within, entry)))
    return BoxedContext(tuple(entries), reading.type(element))


def _invocation(reading: Reading, element: Element, path: Path) -> Expression:
    inside = reading.children(element, path, ("binding", *EXPRESSIONS), _TYPED)
    bindings: list[tuple[Variable, Expression | None]] = []
    for number, binding in enumerate((one for one in inside if one.local == "binding"), start=1):
        here = (*path, f"argument {number}")
        parts = reading.children(binding, here, ("parameter", *EXPRESSIONS))
        named = [variable(reading, one, here) for one in parts if one.local == "parameter"]
        if len(named) != 1:
            reading.error(here, "expected one parameter", binding)
            continue
        if named[0].name in [one.name for one, _ in bindings]:
            reading.error(here, f"expected the argument `{named[0].name}` once", binding)
        within = (*path, f"argument `{named[0].name}`")
        bindings.append((named[0], expression_in(reading, parts, within)))
    return Invocation(_needed(reading, inside, path, element), tuple(bindings), reading.type(element))


def _relation(reading: Reading, element: Element, path: Path) -> Expression:
    inside = reading.children(element, path, ("column", "row"), _TYPED)
    columns = tuple(variable(reading, one, path) for one in inside if one.local == "column")
    if len({column.name for column in columns}) < len(columns):
        reading.error(path, "expected every column to have a name of its own", element)
    rows = []
    for number, row in enumerate((one for one in inside if one.local == "row"), start=1):
        here = (*path, f"row {number}")
        cells = reading.children(row, here, EXPRESSIONS)
        if len(cells) != len(columns):
            reading.error(here, f"expected {len(columns)} expressions, found {len(cells)}", row)
            continue
        rows.append(tuple(expression(reading, cell, here) for cell in cells))
    return Relation(columns, tuple(rows), reading.type(element))


def _list(reading: Reading, element: Element, path: Path) -> Expression:
    items = reading.children(element, path, EXPRESSIONS, _TYPED)
    made = [expression(reading, item, (*path, f"item {number}")) for number, item in enumerate(items, start=1)]
    return BoxedList(tuple(made), reading.type(element))


def _parts(reading: Reading, element: Element, path: Path, names: tuple[str, ...]) -> list[Expression]:
    """The expressions held by child elements of these names, each needed once."""
    attributes = _TYPED if element.local in ("conditional", "filter") else (*_TYPED, "iteratorVariable")
    inside = reading.children(element, path, names, attributes)
    found = []
    for name in names:
        held = [one for one in inside if one.local == name]
        if len(held) != 1:
            reading.error(path, f"expected `{name}` once in `{element.local}`", element)
        if held:
            within = (*path, name)
            parts = reading.children(held[0], within, EXPRESSIONS, _TYPED)
            if held[0].attributes.get("typeRef"):
                reading.error(within, "the attribute `typeRef` is supported at the expression inside", held[0])
            found.append(_needed(reading, parts, within, held[0]))
        else:
            found.append(LiteralExpression(Source("null")))
    return found


def _conditional(reading: Reading, element: Element, path: Path) -> Expression:
    condition, then, otherwise = _parts(reading, element, path, ("if", "then", "else"))
    return Conditional(condition, then, otherwise, reading.type(element))


def _filter(reading: Reading, element: Element, path: Path) -> Expression:
    items, match = _parts(reading, element, path, ("in", "match"))
    return BoxedFilter(items, match, reading.type(element))


def _for(reading: Reading, element: Element, path: Path) -> Expression:
    items, body = _parts(reading, element, path, ("in", "return"))
    named = Variable(reading.name(element, path, "iteratorVariable"))
    return Loop("for", named, items, body, reading.type(element))


def _every(reading: Reading, element: Element, path: Path) -> Expression:
    items, body = _parts(reading, element, path, ("in", "satisfies"))
    named = Variable(reading.name(element, path, "iteratorVariable"))
    return Loop("every" if element.local == "every" else "some", named, items, body, reading.type(element))


def _table(reading: Reading, element: Element, path: Path) -> Expression:
    inside = reading.children(
        element,
        path,
        ("input", "output", "rule", "annotation"),
        ("hitPolicy", "aggregation", "preferredOrientation", "outputLabel", *_TYPED),
    )
    hit = next((one for one in HITS if one == element.attributes.get("hitPolicy", "UNIQUE")), None)
    if hit is None:
        reading.error(path, f"expected a hit policy, found `{element.attributes['hitPolicy']}`", element)
    aggregation = next((one for one in AGGREGATIONS if one == element.attributes.get("aggregation")), None)
    if aggregation is None and "aggregation" in element.attributes:
        reading.error(path, f"expected an aggregation, found `{element.attributes['aggregation']}`", element)
    inputs = [_input(reading, one, (*path, f"input {n}")) for n, one in _numbered(inside, "input")]
    outputs = [_output(reading, one, (*path, f"output {n}")) for n, one in _numbered(inside, "output")]
    notes = []
    for _, one in _numbered(inside, "annotation"):
        reading.children(one, path, (), ("name",))
        notes.append(" ".join(one.attributes.get("name", "").split()))
    rules = _numbered(inside, "rule")
    for count, most, what in (
        (len(rules), limits.TABLE_RULES_MAX, "rules"),
        (len(inputs) + len(outputs), limits.TABLE_COLUMNS_MAX, "columns"),
    ):
        if count > most:
            reading.error(path, f"expected at most {most} {what}", element)
    if not outputs:
        reading.error(path, "expected an output", element)
    shape = (len(inputs), len(outputs))
    return BoxedTable(
        hit or "UNIQUE",
        tuple(inputs),
        tuple(outputs),
        tuple(_rule(reading, one, (*path, f"rule {n}"), shape) for n, one in rules),
        aggregation,
        reading.type(element),
        element.attributes.get("outputLabel", ""),
        element.attributes.get("preferredOrientation", ""),
        tuple(notes),
    )


def _numbered(elements: list[Element], local: str) -> list[tuple[int, Element]]:
    return list(enumerate((one for one in elements if one.local == local), start=1))


def _input(reading: Reading, element: Element, path: Path) -> InputClause:
    inside = reading.children(element, path, ("inputExpression", "inputValues"), ("label",))
    asked = [one for one in inside if one.local == "inputExpression"]
    if len(asked) != 1:
        reading.error(path, "expected one input expression", element)
    values = [one for one in inside if one.local == "inputValues"]
    return InputClause(
        reading.text(asked[0], path, _TYPED) if asked else Source("null"),
        reading.type(asked[0]) if asked else None,
        reading.optional_text(values[0], path) if values else None,
        element.attributes.get("label", ""),
    )


def _output(reading: Reading, element: Element, path: Path) -> OutputClause:
    inside = reading.children(element, path, ("outputValues", "defaultOutputEntry"), ("name", "label", *_TYPED))
    values = [one for one in inside if one.local == "outputValues"]
    default = [one for one in inside if one.local == "defaultOutputEntry"]
    for one in default:
        reading.children(one, path, ("text",), _TYPED)
    return OutputClause(
        " ".join(element.attributes.get("name", "").split()),
        reading.type(element),
        reading.optional_text(values[0], path) if values else None,
        _plain(reading, default[0], path) if default else None,
        element.attributes.get("label", ""),
    )


def _plain(reading: Reading, element: Element, path: Path) -> Source | None:
    found = reading.text(element, path, _TYPED)
    return found if found.text or found.is_refused else None


def _rule(reading: Reading, element: Element, path: Path, shape: tuple[int, int]) -> BoxedRule:
    inside = reading.children(element, path, ("inputEntry", "outputEntry", "annotationEntry", "description"))
    tests = [reading.text(one, (*path, f"test {n}")) for n, one in _numbered(inside, "inputEntry")]
    outputs = [reading.text(one, (*path, f"output {n}"), _TYPED) for n, one in _numbered(inside, "outputEntry")]
    for n, one in _numbered(inside, "outputEntry"):
        if one.attributes.get("typeRef"):
            reading.error((*path, f"output {n}"), "the attribute `typeRef` is supported at the output", one)
    if (len(tests), len(outputs)) != shape:
        wanted = f"{shape[0]} tests and {shape[1]} outputs"
        reading.error(path, f"expected {wanted}, found {len(tests)} and {len(outputs)}", element)
    notes = tuple(reading.text(one, path).text for _, one in _numbered(inside, "annotationEntry"))
    told = [reading.words(one, path) for _, one in _numbered(inside, "description")]
    return BoxedRule(tuple(tests), tuple(outputs), notes, told[0] if told else "")


_READ: dict[str, Callable[[Reading, Element, Path], Expression]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "invocation": _invocation,
    "relation": _relation,
    "list": _list,
    "functionDefinition": function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "every": _every,
    "some": _every,
}
EXPRESSIONS = tuple(_READ)
