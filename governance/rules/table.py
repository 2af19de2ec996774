"""Rule tables: the value, its evaluation and the explanation of a result.

Hit policies: `unique` (at most one rule matches; more is `OverlappingRules`), `first` (the first in order counts) and
`collect` (all, as a list). No match is null, for `collect` the empty list. `table_source` reads tables from text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from governance.rules.closures import Run, RunTest, closure_of, closure_of_tests
from governance.rules.compile import names_in
from governance.rules.errors import OverlappingRules
from governance.rules.parse import parse, parse_tests
from governance.rules.tree_json import to_tree_json
from governance.rules.types import Type, list_of, object_of

Hit = Literal["unique", "first", "collect"]
HITS: tuple[Hit, ...] = ("unique", "first", "collect")


class Column(NamedTuple):
    """A declared input or output."""

    name: str
    type: Type


class Rule(NamedTuple):
    """One row as written: a cell of unary tests for each input, an expression for each output."""

    cells: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A read and checked table. `plain`: there is one output and the result is its value, not an object."""

    id: str
    title: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    plain: bool
    hit: Hit
    rules: tuple[Rule, ...]
    currency: str | None = None

    @property
    def scope(self) -> dict[str, Type]:
        """What the cells may read, and the types `evaluate` asks for (`values.from_json`)."""
        return dict(self.inputs)

    @property
    def result(self) -> Type:
        """The type of what `evaluate` gives."""
        one = self.outputs[0].type if self.plain else object_of(dict(self.outputs))
        return list_of(one) if self.hit == "collect" else one


class Failed(NamedTuple):
    """Why a rule did not match: the first cell that did not hold (`held` None: not known, as for null)."""

    rule: int
    input: str
    cell: str
    held: bool | None


class Explanation(NamedTuple):
    """`applied`: the rules (from 1) the result comes from; `failed`: the rules passed over; `result` as evaluated."""

    applied: tuple[int, ...]
    failed: tuple[Failed, ...]
    result: Any


class _Row(NamedTuple):
    tests: tuple[tuple[int, RunTest], ...]
    outputs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table ready to evaluate; pure and shared."""

    table: RuleTable
    rows: tuple[_Row, ...]

    def evaluate(self, inputs: Mapping[str, Any]) -> Any:
        """The result for these inputs; a missing one is null. `RuleError` when there is no certain answer."""
        return self._result(self._matching(inputs), inputs)

    def explain(self, inputs: Mapping[str, Any]) -> Explanation:
        """The result with the rules that matched and, for each passed over, the cell that failed.

        Under `first`, rules after the one that counts are not looked at. Errors as for `evaluate`.
        """
        applied: list[int] = []
        failed: list[Failed] = []
        for number, row in enumerate(self.rows):
            missed = self._missed(number, row, inputs)
            if missed is not None:
                failed.append(missed)
                continue
            applied.append(number)
            if self.table.hit == "first":
                break
        return Explanation(tuple(number + 1 for number in applied), tuple(failed), self._result(tuple(applied), inputs))

    def _matching(self, inputs: Mapping[str, Any]) -> tuple[int, ...]:
        values = [inputs.get(column.name) for column in self.table.inputs]
        first = self.table.hit == "first"
        found: list[int] = []
        for number, row in enumerate(self.rows):
            for index, test in row.tests:
                if test(inputs, values[index]) is not True:
                    break
            else:
                found.append(number)
                if first:
                    break
        return tuple(found)

    def _missed(self, number: int, row: _Row, inputs: Mapping[str, Any]) -> Failed | None:
        for index, test in row.tests:
            column = self.table.inputs[index]
            held = test(inputs, inputs.get(column.name))
            if held is not True:
                return Failed(number + 1, column.name, self.table.rules[number].cells[index], held)
        return None

    def _result(self, matching: tuple[int, ...], inputs: Mapping[str, Any]) -> Any:
        if self.table.hit == "collect":
            return tuple(self._output(number, inputs) for number in matching)
        if len(matching) > 1:
            raise OverlappingRules(self.table.id, tuple(number + 1 for number in matching))
        return self._output(matching[0], inputs) if matching else None

    def _output(self, number: int, inputs: Mapping[str, Any]) -> Any:
        outputs = self.rows[number].outputs
        if self.table.plain:
            return outputs[0](inputs)
        return {column.name: run(inputs) for column, run in zip(self.table.outputs, outputs, strict=True)}


@lru_cache(maxsize=256)
def compile_table(table: RuleTable) -> CompiledTable:
    """The table ready to evaluate, cached. Cells have been checked when the table was read."""
    names = names_in(table.scope)
    rows = []
    for rule in table.rules:
        tests = [(index, parse_tests(cell, names)) for index, cell in enumerate(rule.cells)]
        rows.append(
            _Row(
                tuple((index, closure_of_tests(cell, table.currency)) for index, cell in tests if cell.tests),
                tuple(closure_of(parse(output, names), table.currency) for output in rule.outputs),
            )
        )
    return CompiledTable(table, tuple(rows))


def table_to_json(table: RuleTable) -> dict[str, Any]:
    """The canonical value a digest covers and a pack carries: cells as source and as trees."""
    names = names_in(table.scope)
    return {
        "rule_table": table.id,
        "title": table.title,
        "inputs": [{"name": column.name, "type": _type_json(column.type)} for column in table.inputs],
        "outputs": [{"name": column.name, "type": _type_json(column.type)} for column in table.outputs],
        "plain": table.plain,
        "hit": table.hit,
        "currency": table.currency,
        "rules": [
            {
                "cells": [{"source": c, "tree": to_tree_json(parse_tests(c, names))} for c in rule.cells],
                "then": [{"source": o, "tree": to_tree_json(parse(o, names))} for o in rule.outputs],
            }
            for rule in table.rules
        ],
    }


def _type_json(kind: Type) -> Any:
    if kind.name == "list":
        return {"list": _type_json(kind.item) if kind.item else "any"}
    if kind.fields is not None:
        return {"object": [{"name": name, "type": _type_json(inner)} for name, inner in kind.fields]}
    return kind.name
