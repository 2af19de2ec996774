"""What the tables of a model leave open and where their rules collide, with the place of each table.

Looked at as rule tables of ours: what a column asks about stands for a value that is given under that name.
"""

from collections.abc import Iterator, Mapping

from governance.rules.dmn.evaluate import CompiledModel
from governance.rules.dmn.model import Finding, Source
from governance.rules.dmn.reading import told
from governance.rules.dmn.sources import PlacedTable
from governance.rules.errors import RuleError
from governance.rules.hit_policy import AGGREGATORS, HITS
from governance.rules.rule_table import Column, Reading, Rule, RuleTable
from governance.rules.table_findings import findings_of
from governance.rules.types import Type
from ledger.errors import BrokenInput


def table_findings(compiled: CompiledModel) -> tuple[Finding, ...]:
    """Gaps, overlaps and rules that never count, in the order of the tables."""
    return tuple(finding for placed in compiled.tables for finding in _of(placed, compiled.named))


def _of(placed: PlacedTable, types: Mapping[str, Type]) -> Iterator[Finding]:
    table, path = _rule_table(placed), told(placed.path)
    source = _first(placed)
    scope = placed.scope
    try:
        found = findings_of(table, Reading(scope.names | scope.properties, scope.functions, types))
    except (RuleError, BrokenInput) as error:
        yield Finding("warning", path, f"the table was not looked at as a whole: {error}", *source.place())
        return
    for one in found:
        yield Finding("error" if one.severity == "error" else "warning", path, one.message, *source.place())


def _first(placed: PlacedTable) -> Source:
    """What stands first in a table: where in the file it is."""
    if placed.table.inputs:
        return placed.table.inputs[0].expression
    return placed.table.rules[0].outputs[0] if placed.table.rules else Source("")


def _rule_table(placed: PlacedTable) -> RuleTable:
    boxed = placed.table
    inputs = [
        Column(one.expression.text, kind, None, _text(one.values or allowed))
        for one, (kind, allowed) in zip(boxed.inputs, placed.inputs, strict=True)
    ]
    outputs = [
        Column(one.name or "result", kind, None, _text(one.values or allowed), _text(one.default))
        for one, (kind, allowed) in zip(boxed.outputs, placed.outputs, strict=True)
    ]
    rules = [
        Rule(tuple(test.text or "-" for test in rule.tests), tuple(output.text for output in rule.outputs))
        for rule in boxed.rules
    ]
    return RuleTable(
        told(placed.path),
        "",
        tuple(inputs),
        tuple(outputs),
        len(outputs) == 1,
        next(hit for hit in HITS if hit == boxed.hit.lower()),
        tuple(rules),
        None,
        next((one for one in AGGREGATORS if one.upper() == boxed.aggregation), None),
    )


def _text(source: Source | None) -> str | None:
    return None if source is None else source.text
