"""Boxed expressions compiled to closures over a context (DMN 1.5, sections 7.3 and 10.2.2)."""

from collections.abc import Sequence
from typing import Any

from governance.rules import limits
from governance.rules import operations as ops
from governance.rules.binders import called, items_of
from governance.rules.closures import Run
from governance.rules.dmn.item_types import FREE, TypeDef, Types
from governance.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedList,
    BoxedTable,
    Conditional,
    Expression,
    Invocation,
    LiteralExpression,
    Loop,
    Relation,
    Variable,
)
from governance.rules.dmn.reading import Path
from governance.rules.dmn.sources import PlacedTable, Scope, Sources
from governance.rules.dmn.tables import TableNeeds, compile_boxed_table
from governance.rules.env import Context, budget_in, inner
from governance.rules.errors import Unanswerable
from governance.rules.limits import BOXED_LEVELS, Budget
from governance.rules.scope import ITEM, PARTIAL
from governance.rules.types import ANY, BOOLEAN, Type
from governance.rules.values import NUMBER_TYPES, Function, kind_of


class Boxes:
    """Compiles the expressions of one model."""

    def __init__(self, types: Types, sources: Sources) -> None:
        self.types = types
        self.sources = sources

    def expression(self, box: Expression, scope: Scope, path: Path, wanted: Type = ANY) -> Run:
        """The closure of an expression; its value is of the type the expression declares, or null. `wanted` is the type
        of the place it stands in."""
        if box.type is None or isinstance(box, BoxedFunction):
            return self._bare(box, scope, path, wanted)
        declared = self.types.named(box.type, path)
        return self._typed(self._bare(box, scope, path, declared.type), declared)

    def _bare(self, box: Expression, scope: Scope, path: Path, wanted: Type) -> Run:
        match box:
            case LiteralExpression():
                return self.sources.expression(box.source, scope, path, wanted)
            case BoxedFunction():
                return self._function(box, scope, path)
            case Conditional():
                return self._conditional(box, scope, path, wanted)
            case BoxedTable():
                return self._table(box, scope, path)
            case BoxedContext():
                return self._context(box, scope, path)
            case Invocation():
                return self._invocation(box, scope, path)
            case Relation():
                return self._relation(box, scope, path)
            case BoxedList():
                return _list([self.expression(one, scope, (*path, f"item {n}")) for n, one in _numbered(box.items)])
            case BoxedFilter():
                return self._filter(box, scope, path)
            case Loop():
                return self._loop(box, scope, path)

    def variable(self, variable: Variable, path: Path) -> TypeDef:
        """The type of a variable."""
        return self.types.named(variable.type, path)

    def _typed(self, run: Run, kind: TypeDef) -> Run:
        if kind.type.name == "any" and kind.is_free:
            return run
        return lambda context: kind.convert(run(context), context)

    def _table(self, box: BoxedTable, scope: Scope, path: Path) -> Run:
        inputs = tuple(self.types.named(one.type, (*path, f"input {n}")) for n, one in _numbered(box.inputs))
        outputs = tuple(self.types.named(one.type, (*path, f"output {n}")) for n, one in _numbered(box.outputs))
        if box.type is not None and len(outputs) == 1 and outputs[0] == FREE:
            outputs = (self._of_one_result(box, path),)
        here = (*path, "table")
        passed = dict(scope.allowed)
        asked = tuple(
            (kind.type, kind.allowed or passed.get(one.expression.text))
            for kind, one in zip(inputs, box.inputs, strict=True)
        )
        given = tuple((kind.type, kind.allowed) for kind in outputs)
        self.sources.tables.append(PlacedTable(here, box, scope, asked, given))
        return compile_boxed_table(box, TableNeeds(self.sources, scope, inputs, outputs), here).evaluate

    def _of_one_result(self, box: BoxedTable, path: Path) -> TypeDef:
        """The type of the one output where only the whole table declares one."""
        whole = self.types.named(box.type, path)
        is_several = box.hit in ("COLLECT", "RULE ORDER", "OUTPUT ORDER")
        return FREE if is_several else whole

    def _context(self, box: BoxedContext, scope: Scope, path: Path) -> Run:
        entries: list[tuple[str | None, Run]] = []
        for variable, one in box.entries:
            here = (*path, f"entry `{variable.name}`") if variable is not None else (*path, "result")
            kind = self.variable(variable, here) if variable is not None else FREE
            run = self.expression(one, scope, here, kind.type)
            if variable is None:
                entries.append((None, run))
                continue
            entries.append((variable.name, self._typed(run, kind)))
            scope = scope.with_variable(variable.name, kind.type, one, kind.allowed)
            if isinstance(one, BoxedFunction):
                scope = scope.with_function(variable.name)

        def run_context(context: Context) -> Any:
            inside = inner(context, {}, budget_in(context))
            value: dict[str, Any] = {}
            for name, run in entries:
                found = run(inside)
                if name is None:
                    return found
                inside[name] = value[name] = found
            return value

        return run_context

    def _invocation(self, box: Invocation, scope: Scope, path: Path) -> Run:
        callee = self.expression(box.function, scope, (*path, "function"))
        names = tuple(variable.name for variable, _ in box.bindings)
        arguments: list[Run] = []
        for variable, bound in box.bindings:
            here = (*path, f"argument `{variable.name}`")
            kind = self.variable(variable, here)
            run = _null if bound is None else self.expression(bound, scope, here, kind.type)
            arguments.append(self._typed(run, kind))

        def run_invocation(context: Context) -> Any:
            function = callee(context)
            given = [argument(context) for argument in arguments]
            if type(function) is Function:
                return called(function, given, names, budget_in(context))
            return None

        return run_invocation

    def _relation(self, box: Relation, scope: Scope, path: Path) -> Run:
        kinds = [self.variable(column, (*path, f"column `{column.name}`")) for column in box.columns]
        rows = [
            [
                (
                    column.name,
                    self._typed(self.expression(one, scope, (*path, f"row {n}", f"column `{column.name}`")), kind),
                )
                for column, kind, one in zip(box.columns, kinds, row, strict=True)
            ]
            for n, row in _numbered(box.rows)
        ]
        return lambda context: tuple({name: run(context) for name, run in row} for row in rows)

    def _function(self, box: BoxedFunction, scope: Scope, path: Path) -> Run:
        make = self.function(box, scope, path)
        return lambda context: make(dict(context))

    def function(self, box: BoxedFunction, scope: Scope, path: Path, declared: TypeDef = FREE) -> "MakeFunction":
        """What makes the function of a box, given what it sees around it. `declared` is the type of its variable: that
        of the function, or that of its result as older files have it."""
        kinds = tuple(self.variable(one, (*path, f"parameter `{one.name}`")) for one in box.parameters)
        for parameter, kind in zip(box.parameters, kinds, strict=True):
            scope = scope.with_variable(parameter.name, kind.type, None, kind.allowed)
        body = _null if box.body is None else self.expression(box.body, scope, path)
        for kind in (self.types.named(box.type, path), declared):
            if kind.type.name != "function" or kind.result is not None:
                body = self._typed(body, kind.result or kind)
        return MakeFunction(tuple(one.name for one in box.parameters), kinds, body)

    def _conditional(self, box: Conditional, scope: Scope, path: Path, wanted: Type) -> Run:
        condition = self.expression(box.condition, scope, (*path, "if"), BOOLEAN)
        then = self.expression(box.then, scope, (*path, "then"), wanted)
        otherwise = self.expression(box.otherwise, scope, (*path, "else"), wanted)

        def run_conditional(context: Context) -> Any:
            holds = condition(context)
            if holds is not None and type(holds) is not bool:
                return None
            return then(context) if holds else otherwise(context)

        return run_conditional

    def _filter(self, box: BoxedFilter, scope: Scope, path: Path) -> Run:
        items = self.expression(box.items, scope, (*path, "in"))
        # Names of an item are known only when there is one, so the match is compiled as the condition of a filter is.
        match = self.expression(box.match, scope.opened().with_variable(ITEM, None, box.items), (*path, "match"))

        def run_filter(context: Context) -> Any:
            given = items(context)
            if given is None:
                return None
            budget = budget_in(context)
            kept = []
            for item in given if kind_of(given) == "list" else (given,):
                budget.spend(2)
                found = match(inner(context, {ITEM: item, **item} if type(item) is dict else {ITEM: item}, budget))
                if type(found) in NUMBER_TYPES:
                    raise Unanswerable("expected a condition in a boxed filter, found a number")
                if found is True:
                    kept.append(item)
            return tuple(kept)

        return run_filter

    def _loop(self, box: Loop, scope: Scope, path: Path) -> Run:
        source = self.expression(box.items, scope, (*path, "in"))
        word = "return" if box.kind == "for" else "satisfies"
        inside = scope.with_variable(box.variable.name, None, box.items)
        inside = inside.with_variable(PARTIAL) if box.kind == "for" else inside
        return _LOOPS[box.kind == "for"](box, source, self.expression(box.body, inside, (*path, word)))


class MakeFunction:
    """Makes a function of a context around it."""

    def __init__(self, names: tuple[str, ...], kinds: tuple[TypeDef, ...], body: Run) -> None:
        self._names, self._kinds, self._body = names, kinds, body

    def __call__(self, around: dict[str, Any]) -> Function:
        def run(arguments: Sequence[Any], budget: Budget) -> Any:
            budget.spend(4)
            budget.enter(BOXED_LEVELS)
            try:
                context = inner(around, dict(zip(self._names, arguments, strict=True)), budget)
                for value, kind in zip(arguments, self._kinds, strict=True):
                    if not kind.admits(value, context):
                        return None
                return self._body(context)
            finally:
                budget.leave(BOXED_LEVELS)

        return Function(self._names, tuple(kind.type for kind in self._kinds), run)


def _for(box: Loop, source: Run, body: Run) -> Run:
    def run(context: Context) -> Any:
        budget = budget_in(context)
        results: list[Any] = []
        items = items_of(source(context))
        if items is None:
            return None
        for item in items:
            budget.spend(2 + len(results) // 16)
            names = {box.variable.name: item, PARTIAL: tuple(results)}
            found = body(inner(context, names, budget))
            budget.spend(limits.cost_of(found))
            results.append(found)
            limits.bounded_list(len(results))
        return tuple(results)

    return run


def _quantified(box: Loop, source: Run, body: Run) -> Run:
    decides = box.kind == "some"

    def run(context: Context) -> Any:
        budget = budget_in(context)
        result: bool | None = not decides
        items = items_of(source(context))
        if items is None:
            return None
        for item in items:
            budget.spend(2)
            found = body(inner(context, {box.variable.name: item}, budget))
            if found is decides:
                return decides
            if found is not (not decides):
                ops.as_boolean(found)
                result = None
        return result

    return run


_LOOPS = {True: _for, False: _quantified}


def _list(runs: Sequence[Run]) -> Run:
    return lambda context: tuple(run(context) for run in runs)


def _null(_context: Context) -> None:
    return None


def _numbered(items: Sequence[Any]) -> list[tuple[int, Any]]:
    return list(enumerate(items, start=1))
