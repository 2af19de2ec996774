"""Expressions and tests of a model compiled in the scope of their place, every fault a finding with its place."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from governance.rules.closures import Run, RunTest, closure_of, closure_of_tests
from governance.rules.compile import names_in
from governance.rules.dmn.model import (
    BoxedContext,
    BoxedTable,
    Expression,
    Finding,
    LiteralExpression,
    Relation,
    Source,
    parts_of,
)
from governance.rules.dmn.reading import Path, told
from governance.rules.dmn.typing import typed, typed_tests
from governance.rules.errors import BrokenExpression, LimitBreached
from governance.rules.errors import Finding as Typing
from governance.rules.local_names import local_names, possible_names
from governance.rules.parse import parse, parse_tests, unknown_name
from governance.rules.scope import scopes_in
from governance.rules.signatures import STANDARD
from governance.rules.syntax import Call, Cell, Expr, Invoke, Name, Part
from governance.rules.types import ANY, FUNCTION, Type

NO_TESTS = Cell(())


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may name.

    `properties` are names of what the variables may hold, `kinds` the types of variables as far as they are declared
    (the last of a name counts), `allowed` the tests that their values have passed. `functions` stand before standard
    functions of the same name, `mixed` are services that are called by name only. `is_open`: names that are not known
    may be those of an item that is filtered; `is_unsure`: they may be those of something that could not be read.
    """

    names: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()
    kinds: tuple[tuple[str, Type], ...] = ()
    functions: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    allowed: tuple[tuple[str, Source], ...] = ()
    is_open: bool = False
    is_unsure: bool = False

    def opened(self) -> "Scope":
        """The scope of the match of a filter."""
        return replace(self, is_open=True)

    def with_variable(
        self,
        name: str,
        kind: Type | None = None,
        made_by: Expression | None = None,
        allowed: Source | None = None,
    ) -> "Scope":
        """The scope with one name more; what it may hold is known from its type, else from what makes it."""
        if not name:  # a fault that is told where it stands
            return replace(self, is_unsure=True)
        properties = names_in({name: kind}) if kind is not None and kind.name != "any" else frozenset()
        if not properties and made_by is not None:
            properties = frozenset(filter(None, _names_inside(made_by)))
        tests = tuple(one for one in self.allowed if one[0] != name)
        return replace(
            self,
            names=self.names | {name},
            properties=self.properties | properties,
            kinds=(*self.kinds, (name, kind or ANY)),
            allowed=tests if allowed is None else (*tests, (name, allowed)),
        )

    def with_function(self, name: str, is_mixed: bool = False) -> "Scope":
        """The scope with a function that a model names."""
        if not name:
            return replace(self, is_unsure=True)
        kinds = (*self.kinds, (name, FUNCTION))
        made = replace(self, names=self.names | {name}, functions=self.functions | {name}, kinds=kinds)
        return replace(made, mixed=made.mixed | {name}) if is_mixed else made


class PlacedTable(NamedTuple):
    """A table of a model with what it reads: for those who look at it as a whole. `inputs` and `outputs`: the types of
    its columns, and the tests of their types where a clause has none."""

    path: Path
    table: BoxedTable
    scope: Scope
    inputs: tuple[tuple[Type, Source | None], ...]
    outputs: tuple[tuple[Type, Source | None], ...]


def _names_inside(expression: Expression) -> Iterator[str]:
    match expression:
        case LiteralExpression(source=source):
            yield from local_names(source.text)
        case BoxedContext(entries=entries):
            yield from (variable.name for variable, _ in entries if variable is not None)
        case Relation(columns=columns):
            yield from (column.name for column in columns)
        case BoxedTable(outputs=outputs):
            yield from (output.name for output in outputs if output.name)
    for _, inner in parts_of(expression):
        yield from _names_inside(inner)


@dataclass(slots=True)
class Sources:
    """Compiles, and collects the findings, and as `remarks` what cannot be right by its static type.

    `types` are the named types that expressions may ask for; `trees` are what was read, and `kinds` the static types of
    expressions, by the path as it is told. In a draft something could not be read, and may have declared the names of
    several words that an expression has.
    """

    types: Mapping[str, Type]
    is_draft: bool = False
    findings: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    kinds: dict[str, Type] = field(default_factory=dict)
    trees: dict[str, Expr | Cell] = field(default_factory=dict)
    tables: list["PlacedTable"] = field(default_factory=list)

    def error(self, path: Path, message: str, source: Source | None = None, at: int = 0) -> None:
        """A finding about an expression, or about a place that has none."""
        line, column = source.place(at) if source is not None else (1, 1)
        self.findings.append(
            Finding("error", told(path), message, line, column, source.text if source is not None else "", at)
        )

    def expression(self, source: Source, scope: Scope, path: Path, wanted: Type = ANY) -> Run:
        """The closure of an expression. `wanted` is the type of the place it stands in."""
        tree = self._tree(parse, source, scope, path)
        if tree is None:
            return _null
        found, findings = typed(tree, dict(scope.kinds), wanted, is_open=scope.is_open or scope.is_unsure)
        self.kinds[told(path)] = found
        self._remark(path, source, findings)
        return closure_of(tree, None)

    def cell(self, source: Source | None, scope: Scope, path: Path, tested: Type = ANY) -> Cell:
        """The tree of tests of a value of some type; nothing written and `-` take anything."""
        if source is None or not source.text or source.is_refused:
            return NO_TESTS
        tree = self._tree(parse_tests, source, scope, path)
        if tree is None:
            return NO_TESTS
        findings = typed_tests(tree, dict(scope.kinds), tested, is_open=scope.is_open or scope.is_unsure)
        self._remark(path, source, findings)
        return cast("Cell", tree)

    def tests(self, source: Source | None, scope: Scope, path: Path, tested: Type = ANY) -> RunTest | None:
        """The closure of tests; None where they take anything."""
        cell = self.cell(source, scope, path, tested)
        return closure_of_tests(cell, None) if cell.tests else None

    def _remark(self, path: Path, source: Source, findings: tuple[Typing, ...]) -> None:
        for message, at in findings:
            self.remarks.append(Finding("warning", told(path), message, *source.place(at), source.text, at))

    def _tree(self, read: Callable[..., Any], source: Source, scope: Scope, path: Path) -> Any:
        if source.is_refused:
            return None
        try:
            tree = self._read(read, source, scope)
        except BrokenExpression as broken:
            for finding in broken.findings:
                self.error(path, finding.message, source, finding.at)
            return None
        except LimitBreached as breach:
            self.error(path, str(breach), source)
            return None
        count = len(self.findings)
        for message, at in faults(tree, scope):
            self.error(path, message, source, at)
        if len(self.findings) > count:
            return None
        self.trees[told(path)] = tree
        return tree

    def _read(self, read: Callable[..., Any], source: Source, scope: Scope) -> Any:
        names = scope.names | scope.properties
        try:
            return read(source.text, names, scope.functions, self.types)
        except BrokenExpression:
            if not self.is_draft:
                raise
            with suppress(BrokenExpression):
                return read(source.text, names | possible_names(source.text), scope.functions, self.types)
            raise


def faults(tree: Expr | Cell, scope: Scope) -> Iterator[tuple[str, int]]:
    """What an expression names that is not in its scope: (message, offset)."""
    yield from _faults(tree, scope, frozenset(), scope.is_open)


def _faults(node: Part | Cell, scope: Scope, bound: frozenset[str], is_open: bool) -> Iterator[tuple[str, int]]:
    known = scope.names | bound
    if isinstance(node, Invoke) and isinstance(node.callee, Name):
        name = node.callee.name
        if name not in known:
            if not scope.is_unsure:
                yield _unknown_function(name, scope), node.at
            is_open = True  # told once
        elif name in scope.mixed and node.arguments and not node.names:
            yield f"expected arguments by name for `{name}`, which takes input data and decisions", node.at
    elif isinstance(node, Call) and node.names and not STANDARD[node.function].names:
        yield f"arguments by name are not supported for `{node.function}`", node.at
    elif isinstance(node, Name) and node.name not in known and not (is_open or scope.is_unsure):
        yield unknown_name(node.name, known), node.at
    for child, inner, opens in scopes_in(node, bound):
        yield from _faults(child, scope, inner, is_open or opens)


def _unknown_function(name: str, scope: Scope) -> str:
    return unknown_name(name, {*STANDARD, *scope.functions}).replace("declared name", "function").split("; a")[0]


def _null(_context: Mapping[str, Any]) -> None:
    return None
