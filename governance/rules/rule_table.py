"""The rule table as a value, and the canonical JSON a digest covers and an evidence pack carries.

A key that a table does not use is left out of the JSON, so that the digest of a released table stays what it is when
tables learn something new.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from governance.rules.compile import names_in
from governance.rules.hit_policy import LISTS, Aggregator, Hit
from governance.rules.parse import parse, parse_tests
from governance.rules.syntax import Cell, Expr
from governance.rules.tree_json import to_tree_json
from governance.rules.types import INTEGER, Type, list_of, object_of


class Column(NamedTuple):
    """A declared input or output.

    `expression`: of an input, what is tested where that is not the value given under its name. `allowed`: unary tests
    of which one must hold; of an output, in falling order of priority. `default`: of an output, its value where no
    rule matches. All as source.
    """

    name: str
    type: Type
    expression: str | None = None
    allowed: str | None = None
    default: str | None = None


class Rule(NamedTuple):
    """One row as written: a cell of unary tests for each input, an expression for each output."""

    cells: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A read and checked table.

    `plain`: there is one output and the result is its value, not an object. `reads`: what is given beside the inputs.
    `complete`: the table says of itself that some rule matches whatever comes.
    """

    id: str
    title: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    plain: bool
    hit: Hit
    rules: tuple[Rule, ...]
    currency: str | None = None
    aggregator: Aggregator | None = None
    reads: tuple[Column, ...] = ()
    complete: bool = False

    @property
    def given(self) -> tuple[Column, ...]:
        """What an evaluation is handed: the inputs that are no expressions, and `reads`."""
        return (*[column for column in self.inputs if column.expression is None], *self.reads)

    @property
    def scope(self) -> dict[str, Type]:
        """What the cells may read, and the types `evaluate` asks for (`values.from_json`)."""
        return {column.name: column.type for column in self.given}

    @property
    def result(self) -> Type:
        """The type of what `evaluate` gives."""
        one = self.outputs[0].type if self.plain else object_of({column.name: column.type for column in self.outputs})
        if self.aggregator is not None:
            return INTEGER if self.aggregator == "count" else one
        return list_of(one) if self.hit in LISTS else one

    @property
    def policy(self) -> str:
        """The hit policy with its aggregator, as it is written: `collect sum`."""
        return self.hit if self.aggregator is None else f"{self.hit} {self.aggregator}"


@dataclass(frozen=True, slots=True)
class Reading:
    """How the sources of a table are read: `parse.parse` says what these are."""

    names: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    types: Mapping[str, Type] = field(default_factory=dict)

    def expression(self, source: str) -> Expr:
        """The tree of an expression."""
        return parse(source, self.names, self.functions, self.types)

    def tests(self, source: str) -> Cell:
        """The tree of a cell, or of allowed values."""
        return parse_tests(source, self.names, self.functions, self.types)


def reading_of(table: RuleTable) -> Reading:
    """How the sources of a table that stands by itself are read."""
    scope = table.scope
    functions = frozenset(name for name, kind in scope.items() if kind.name == "function")
    return Reading(names_in(scope), functions)


def table_to_json(table: RuleTable) -> dict[str, Any]:
    """The canonical value a digest covers and a pack carries: cells as source and as trees."""
    reading = reading_of(table)
    return {
        "rule_table": table.id,
        "title": table.title,
        "inputs": [_column_json(column, reading) for column in table.inputs],
        "outputs": [_column_json(column, reading) for column in table.outputs],
        "plain": table.plain,
        "hit": table.hit,
        "currency": table.currency,
        "rules": [
            {
                "cells": [{"source": c, "tree": to_tree_json(reading.tests(c))} for c in rule.cells],
                "then": [{"source": o, "tree": to_tree_json(reading.expression(o))} for o in rule.outputs],
            }
            for rule in table.rules
        ],
        **dict(_further_json(table)),
    }


def _further_json(table: RuleTable) -> Iterator[tuple[str, Any]]:
    if table.aggregator is not None:
        yield "aggregator", table.aggregator
    if table.reads:
        yield "reads", [{"name": column.name, "type": _type_json(column.type)} for column in table.reads]
    if table.complete:
        yield "complete", True


def _column_json(column: Column, reading: Reading) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "type": _type_json(column.type)}
    if column.expression is not None:
        told["expression"] = {"source": column.expression, "tree": to_tree_json(reading.expression(column.expression))}
    if column.allowed is not None:
        told["allowed"] = {"source": column.allowed, "tree": to_tree_json(reading.tests(column.allowed))}
    if column.default is not None:
        told["default"] = {"source": column.default, "tree": to_tree_json(reading.expression(column.default))}
    return told


def _type_json(kind: Type) -> Any:
    if kind.name == "list":
        return {"list": _type_json(kind.item) if kind.item else "any"}
    if kind.fields is not None:
        return {"object": [{"name": name, "type": _type_json(inner)} for name, inner in kind.fields]}
    return kind.name
