"""A decision table of a model as a rule table of ours, and a rule table as a model.

A file that holds one decision table and nothing else that decides may be released as a rule table: it is read as the
text of `table_source` would be, so both kinds of file are checked by the same eyes. What has no counterpart on the
other side is refused by its name: money has none in DMN, and an input of a rule table is a name with a type.
"""

import json
import re
from typing import Any

from governance.rules.dmn.checked import check_file
from governance.rules.dmn.item_types import TypeDef, Types
from governance.rules.dmn.model import (
    AGGREGATIONS,
    HITS,
    BoxedRule,
    BoxedTable,
    BrokenModel,
    Decision,
    Definitions,
    InputClause,
    InputData,
    ItemDefinition,
    OutputClause,
    Source,
    Variable,
)
from governance.rules.table import RuleTable, table_to_json
from governance.rules.table_source import read_table
from governance.rules.types import INTEGER, Type
from ledger.errors import BrokenInput

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_WHOLE = Source("? = floor(?)")  # what makes a number an integer
_INTEGER = ItemDefinition("integer", "number", allowed=_WHOLE)
_TOLD = frozenset(  # the keys of a table's canonical value that a model can say
    ("rule_table", "title", "inputs", "outputs", "plain", "hit", "currency", "rules", "aggregator", "reads", "complete")
)


def read_any_table(text: str) -> RuleTable:
    """The rule table of a text: YAML or JSON as `table_source` reads it, or a decision model with one decision table.

    `BrokenInput` with `line:column`.
    """
    if not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return read_table(text)
    compiled, findings = check_file(text.encode())  # its faults have places in this file
    if compiled is None:
        raise BrokenModel(findings)
    return table_of(compiled.model)


def table_of(model: Definitions) -> RuleTable:
    """The rule table of a model that holds one decision table; `BrokenInput` for what a rule table cannot be."""
    node, table = _only_table(model)
    text, lines = _text_of(model, node, table)
    try:
        return read_table(text)
    except BrokenInput as error:
        line = int(error.location.partition(":")[0] or 1) if error.location else 1
        place = node.place
        if line in lines and table.rules[lines[line]].outputs:
            place = table.rules[lines[line]].outputs[0].place()
            raise BrokenInput(f"{error.message} (in rule {lines[line] + 1})", f"{place[0]}:{place[1]}") from None
        raise BrokenInput(f"{error.message} (in decision `{node.name}`)", f"{place[0]}:{place[1]}") from None


def table_text(model: Definitions) -> str:
    """The rule table of a model as YAML. Errors of `table_of`."""
    table_of(model)
    return _text_of(model, *_only_table(model))[0]


def _only_table(model: Definitions) -> tuple[Decision, BoxedTable]:
    decisions = [node for node in model.nodes if not isinstance(node, InputData)]
    if len(decisions) != 1:
        raise BrokenInput(f"expected one decision with a table and nothing else that decides, found {len(decisions)}")
    node = decisions[0]
    if not isinstance(node, Decision) or not isinstance(node.logic, BoxedTable):
        raise BrokenInput(f"expected a decision table in `{node.name}`", f"{node.place[0]}:{node.place[1]}")
    return node, node.logic


def _text_of(model: Definitions, node: Decision, table: BoxedTable) -> tuple[str, dict[int, int]]:
    """The text, and which rule (from 0) each line holds."""
    types = Types(model.items)
    data = {one.variable.name: types.named(one.variable.type, ()) for one in model.of_kind(InputData)}
    inputs = _inputs(types, table, data)
    outputs = _outputs(types, node, table)
    top: dict[str, Any] = {"rule-table": _slug(node.name), "title": node.label or _title(node.name)}
    top["inputs"] = {name: _short(column) for name, column in inputs.items()}
    if len(outputs) == 1:
        (name, column), *_ = outputs.items()
        top |= {"output": name, **column}
    else:
        top["outputs"] = {name: _short(column) for name, column in outputs.items()}
    top["hit"] = " ".join((table.hit, *([table.aggregation] if table.aggregation else []))).lower()
    reads = {name: _type_text(kind, name) for name, kind in data.items() if name not in inputs}
    if reads:
        top["reads"] = reads
    lines = [*(f"{key}: {_json(value)}" for key, value in top.items()), "rules:"]
    numbers = {}
    for index, rule in enumerate(table.rules):
        then: Any = dict(zip(outputs, (output.text for output in rule.outputs), strict=True))
        if len(outputs) == 1:
            (then,) = then.values()
        cells = {name: test.text or "-" for name, test in zip(inputs, rule.tests, strict=True)}
        lines.append(f"  - {_json({**cells, 'then': then})}")
        numbers[len(lines)] = index
    return "\n".join(lines) + "\n", numbers


def _inputs(types: Types, table: BoxedTable, data: dict[str, TypeDef]) -> dict[str, dict[str, Any]]:
    columns: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(table.inputs, start=1):
        name = _input_name(number, one, data)
        if name in columns:
            raise BrokenInput(f"expected the input `{name}` of the table once")
        columns[name] = _column(types.named(one.type, ()) if one.type else data.get(name), one.values, name)
        if one.expression.text != name:
            columns[name]["expression"] = one.expression.text
    return columns


def _outputs(types: Types, node: Decision, table: BoxedTable) -> dict[str, dict[str, Any]]:
    columns: dict[str, dict[str, Any]] = {}
    for one in table.outputs:
        name = one.name or node.variable.name
        columns[name] = _column(_output_type(types, node, table, one), one.values, name)
        if one.default is not None:
            columns[name]["default"] = one.default.text
    return columns


def _input_name(number: int, clause: InputClause, data: dict[str, TypeDef]) -> str:
    """An input that is given has its name; one that is an expression is named by its label."""
    text = clause.expression.text
    if text in data:
        return text
    return " ".join(clause.label.split()) or f"input {number}"


def _column(kind: TypeDef | None, values: Source | None, name: str) -> dict[str, Any]:
    column: dict[str, Any] = {"type": _type_text(kind, name)}
    allowed = values or (kind.allowed if kind is not None and kind.allowed != _WHOLE else None)
    if allowed is not None:
        column["allowed"] = allowed.text
    return column


def _output_type(types: Types, node: Decision, table: BoxedTable, clause: OutputClause) -> TypeDef:
    named = clause.type or (table.type or node.variable.type if len(table.outputs) == 1 else None)
    kind = types.named(named, ())
    several = table.hit in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and table.aggregation is None
    if several and clause.type is None and kind.item is not None:
        return kind.item
    return kind


def _type_text(kind: TypeDef | None, name: str) -> Any:
    if kind is None:
        return "any"
    if kind.allowed == _WHOLE and kind.type.name == "number":
        return "integer"
    if kind.item is not None:
        if not kind.item.is_free and _type_text(kind.item, name) != "integer":
            raise BrokenInput(f"allowed values inside the type of `{name}` have no counterpart in a rule table")
        return [_type_text(kind.item, name)]
    if kind.fields:
        for field, inner in kind.fields:
            if not inner.is_free and _type_text(inner, name) != "integer":
                raise BrokenInput(f"allowed values of `{field}` in `{name}` have no counterpart in a rule table")
        return {"properties": {field: _type_text(inner, name) for field, inner in kind.fields}}
    return _plain_type(kind.type, name)


def _plain_type(kind: Type, name: str) -> Any:
    if kind.name in ("function", "range", "null"):
        raise BrokenInput(f"the type {kind} of `{name}` has no counterpart in a rule table")
    return [_plain_type(kind.item, name)] if kind.item is not None and kind.name == "list" else kind.name


def _short(column: dict[str, Any]) -> Any:
    return column["type"] if column.keys() == {"type"} else column


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _slug(name: str) -> str:
    found = "-".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()))
    return found if _ID.fullmatch(found) else f"table-{found}".rstrip("-")


def _title(name: str) -> str:
    return "" if _ID.fullmatch(name) else name


def model_of(table: RuleTable) -> Definitions:
    """A rule table as a decision model. `BrokenInput` for what DMN cannot say."""
    told = table_to_json(table)
    unknown = sorted(key for key in told if key not in _TOLD)
    if unknown:
        raise BrokenInput(f"`{unknown[0]}` of a rule table has no counterpart in DMN")
    if told["currency"] is not None:
        raise BrokenInput("a currency has no counterpart in DMN")
    if not told["plain"] and len(told["outputs"]) == 1:
        raise BrokenInput("a mapping with a single output has no counterpart in DMN: name it as `output`")
    items = _Items()
    given = [one for one in (*told["inputs"], *told.get("reads", ())) if "expression" not in one]
    data = tuple(
        InputData(one["name"], f"input-{number}", Variable(one["name"], items.named(one["type"], one["name"])))
        for number, one in enumerate(given, start=1)
    )
    hit = next(one for one in HITS if one.lower() == told["hit"])
    several = hit in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and told.get("aggregator") is None
    kinds = [items.named(one["type"], one["name"]) for one in told["outputs"]]
    boxed = BoxedTable(
        hit,
        tuple(
            InputClause(
                Source(one["expression"]["source"] if "expression" in one else one["name"]),
                items.named(one["type"], one["name"]),
                Source(one["allowed"]["source"]) if "allowed" in one else None,
                one["name"] if "expression" in one else "",
            )
            for one in told["inputs"]
        ),
        tuple(
            OutputClause(
                one["name"],
                kind,
                Source(one["allowed"]["source"]) if "allowed" in one else None,
                Source(one["default"]["source"]) if "default" in one else None,
            )
            for one, kind in zip(told["outputs"], kinds, strict=True)
        ),
        tuple(
            BoxedRule(
                tuple(Source(cell["source"]) for cell in rule["cells"]),
                tuple(Source(cell["source"]) for cell in rule["then"]),
            )
            for rule in told["rules"]
        ),
        next((one for one in AGGREGATIONS if one.lower() == told.get("aggregator")), None),
    )
    result = Variable(table.id, kinds[0] if len(kinds) == 1 and not several else None)
    node = Decision(table.id, "decision", result, tuple(one.name for one in data), logic=boxed, label=table.title)
    return Definitions(table.id, f"urn:muniment:rule-table:{table.id}", "model", items.made(), (*data, node))


class _Items:
    """Item definitions for the types that DMN has no name for."""

    def __init__(self) -> None:
        self._made: dict[str, ItemDefinition] = {}

    def made(self) -> tuple[ItemDefinition, ...]:
        """Those that were needed."""
        return tuple(self._made.values())

    def named(self, kind: Any, name: str) -> str | None:
        """The name of a type as `table_to_json` says it."""
        if kind == "any":
            return None
        if kind in ("money", "duration"):
            raise BrokenInput(f"the type {kind} of `{name}` has no counterpart in DMN")
        if kind == INTEGER.name:
            self._made["integer"] = _INTEGER
        elif not isinstance(kind, str):
            made = self._item(kind, f"t {name}")
            self._made[made.name] = made
            return made.name
        return str(kind)

    def _item(self, kind: Any, name: str) -> ItemDefinition:
        if isinstance(kind, str):
            return ItemDefinition(name, self.named(kind, name))
        if "list" in kind:
            inner = self._item(kind["list"], name)
            if inner.is_list:
                return ItemDefinition(name, self.named(kind["list"], f"{name} item"), is_list=True)
            return ItemDefinition(name, inner.type, inner.components, is_list=True)
        components = tuple(self._item(one["type"], one["name"]) for one in kind["object"])
        if not components:
            raise BrokenInput(f"an object without properties in `{name}` has no counterpart in DMN")
        return ItemDefinition(name, components=components)
