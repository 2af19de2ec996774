"""Rule tables compiled: their evaluation and the explanation of a result. The public door of rule tables.

What is evaluated, in this order: every input once (those that are expressions, and the allowed values, from the left);
the rules in order, the cells of each from the left up to the first that does not hold, under `first` up to the first
rule that matches; the outputs of the rules that match, in order; where none matches, the defaults. What is not reached
raises nothing. `hit_policy` says what becomes of the outputs, `table_source` reads tables from text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from governance.rules.closures import Run, RunTest, closure_of, closure_of_tests
from governance.rules.constants import Known, constant_of
from governance.rules.env import BUDGET, Env, budget_in, walk_paid
from governance.rules.errors import NotAllowed, RuleError
from governance.rules.hit_policy import LISTS, POLICIES, RANKED, Aggregator, Hit, Policy, Rows, Settled, settle
from governance.rules.rule_table import Column, Reading, Rule, RuleTable, reading_of, table_to_json
from governance.rules.syntax import (
    Arithmetic,
    Between,
    Cell,
    Compare,
    Constant,
    Expr,
    If,
    ListOf,
    Logic,
    Name,
    Negation,
    Path,
    RangeOf,
    UnaryTest,
    children,
)
from governance.rules.syntax import Part as Node
from governance.rules.table_index import Index, Tests, index_of, missed

__all__ = [
    "POLICIES",
    "Aggregator",
    "Column",
    "CompiledTable",
    "Explanation",
    "Failed",
    "Hit",
    "Reading",
    "Rule",
    "RuleTable",
    "compile_table",
    "compile_table_with",
    "table_to_json",
]  # fmt: skip


class Failed(NamedTuple):
    """Why a rule did not match: the first cell that did not hold for `value` (`held` None: not known, as for null)."""

    rule: int
    input: str
    cell: str
    held: bool | None
    value: Any = None


class Explanation(NamedTuple):
    """`applied`: the rules (from 1) the result comes from, in its order; `failed`: the rules passed over; `result` as
    evaluated. `matched`: every rule found to match; `values`: what an aggregator was given; `defaulted`: no rule
    matched and the defaults are the result."""

    applied: tuple[int, ...]
    failed: tuple[Failed, ...]
    result: Any
    matched: tuple[int, ...] = ()
    values: tuple[Any, ...] | None = None
    defaulted: bool = False


class _Row(NamedTuple):
    tests: Tests
    outputs: tuple[Run, ...]
    checked: tuple[int, ...]  # outputs whose value is known only when it is evaluated


class _Columns(NamedTuple):
    """What belongs to the columns, by their place; None or left out where a column has none."""

    inputs: tuple[tuple[str, Run | None], ...]
    allowed: tuple[tuple[int, RunTest], ...]
    outputs: Mapping[int, RunTest]
    ranks: Mapping[int, tuple[RunTest, ...]]
    defaults: tuple[Run | None, ...] | None


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table ready to evaluate; pure and shared. `trees`: the cells by their source."""

    table: RuleTable
    rows: tuple[_Row, ...]
    columns: _Columns
    trees: Mapping[str, Cell]
    index: Index | None = None
    repeats: bool = False

    def evaluate(self, inputs: Mapping[str, Any]) -> Any:
        """The result for these inputs; a missing one is null. `RuleError` when there is no certain answer."""
        context = self._context(inputs)
        return self._settled(self._found(context, self._values(context)), context).result

    def answer(self, inputs: Mapping[str, Any]) -> tuple[Any, tuple[int, ...]]:
        """The result as evaluated, with the rules (from 1) it comes from: `Explanation.applied`."""
        context = self._context(inputs)
        settled = self._settled(self._found(context, self._values(context)), context)
        return settled.result, tuple([number + 1 for number in settled.applied])

    def explain(self, inputs: Mapping[str, Any]) -> Explanation:
        """The result with the rules that matched and, for each passed over, the cell that failed.

        Tests rule by rule without the index. Under `first`, rules after the one that counts are not looked at. Errors
        as for `evaluate`.
        """
        context = self._context(inputs)
        values = self._values(context)
        matched: list[int] = []
        failed: list[Failed] = []
        for number in range(len(self.rows)):
            failure = self._missed(number, context, values)
            if failure is not None:
                failed.append(failure)
                continue
            matched.append(number)
            if self.table.hit == "first":
                break
        settled = self._settled(tuple(matched), context)
        return Explanation(
            tuple(number + 1 for number in settled.applied),
            tuple(failed),
            settled.result,
            tuple(number + 1 for number in matched),
            settled.values,
            settled.defaulted,
        )

    def matching(self, inputs: Mapping[str, Any]) -> tuple[int, ...]:
        """The numbers, from 1, of every rule that matches, whatever the hit policy. `RuleError` as for `evaluate`."""
        context = self._context(inputs)
        values = self._values(context)
        return tuple(n + 1 for n in range(len(self.rows)) if self._missed(n, context, values) is None)

    def outputs(self, rule: int, inputs: Mapping[str, Any]) -> Any:
        """What one rule, by its number from 1, would give if it were the only one. `RuleError` as for `evaluate`."""
        return self._output(rule - 1, self._context(inputs))

    def _context(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """One budget for the whole table, where any part of it can use one."""
        return {**inputs, BUDGET: budget_in(inputs)} if self.repeats else inputs

    def _values(self, context: Mapping[str, Any]) -> list[Any]:
        values = [context.get(name) if run is None else run(context) for name, run in self.columns.inputs]
        for place, test in self.columns.allowed:
            if test(context, values[place]) is not True:
                column = self.table.inputs[place]
                raise NotAllowed(self.table.id, "input", column.name, column.allowed or "")
        return values

    def _found(self, context: Mapping[str, Any], values: Sequence[Any]) -> tuple[int, ...]:
        first = self.table.hit == "first"
        if self.index is not None:
            found = self.index.matching(context, values, first)
            if found is not None:
                return found
        one_by_one: list[int] = []
        for number, row in enumerate(self.rows):
            if missed(row.tests, context, values) is None:
                one_by_one.append(number)
                if first:
                    break
        return tuple(one_by_one)

    def _missed(self, number: int, context: Mapping[str, Any], values: Sequence[Any]) -> Failed | None:
        found = missed(self.rows[number].tests, context, values)
        if found is None:
            return None
        place, held = found
        cell = self.table.rules[number].cells[place]
        return Failed(number + 1, self.table.inputs[place].name, cell, held, values[place])

    def _settled(self, matching: tuple[int, ...], context: Mapping[str, Any]) -> Settled:
        table = self.table
        if not matching and self.columns.defaults is not None:
            return Settled(self._default(context), (), None, True)
        if len(matching) == 1 and table.hit not in LISTS:
            return Settled(self._output(matching[0], context), matching)
        rows = Rows(
            table.id, Env(table.currency, context.get(BUDGET)), lambda number: self._output(number, context), self.rank
        )
        return settle(Policy(table.hit, table.aggregator), matching, rows)

    def _output(self, number: int, context: Mapping[str, Any]) -> Any:
        row = self.rows[number]
        values = [run(context) for run in row.outputs]
        walk_paid(context, *values)
        for place in row.checked:
            self._check_output(place, values[place], context)
        return self._result(values)

    def _default(self, context: Mapping[str, Any]) -> Any:
        runs = self.columns.defaults or ()
        values = [None if run is None else run(context) for run in runs]
        walk_paid(context, *values)
        for place, run in enumerate(runs):
            if run is not None:
                self._check_output(place, values[place], context)
        return self._result(values)

    def _result(self, values: Sequence[Any]) -> Any:
        if self.table.plain:
            return values[0]
        return {column.name: value for column, value in zip(self.table.outputs, values, strict=True)}

    def _check_output(self, place: int, value: Any, context: Mapping[str, Any]) -> None:
        test = self.columns.outputs.get(place)
        if test is not None and test(context, value) is not True:
            column = self.table.outputs[place]
            raise NotAllowed(self.table.id, "output", column.name, column.allowed or "")

    def rank(self, value: Any) -> tuple[int, ...]:
        """The priority of a result, the least first: the places of its outputs among their allowed values, from the
        left column on; an output without allowed values is passed over."""
        ranks = []
        for place, tests in self.columns.ranks.items():
            column = self.table.outputs[place]
            one = value if self.table.plain else value[column.name]
            rank = next((number for number, test in enumerate(tests) if test({}, one) is True), None)
            if rank is None:
                raise NotAllowed(self.table.id, "output", column.name, column.allowed or "")
            ranks.append(rank)
        return tuple(ranks)


@lru_cache(maxsize=256)
def compile_table(table: RuleTable) -> CompiledTable:
    """The table ready to evaluate, cached. Cells have been checked when the table was read."""
    return compile_table_with(table, reading_of(table))


def compile_table_with(table: RuleTable, reading: Reading) -> CompiledTable:
    """A table of a model, whose cells read what the model says. `BrokenExpression`, `LimitBreached`."""
    trees: dict[str, Cell] = {}
    tests: dict[str, RunTest] = {}
    for source in {cell for rule in table.rules for cell in rule.cells}:
        trees[source] = reading.tests(source)
        tests[source] = closure_of_tests(trees[source], table.currency)
    outputs = {source: reading.expression(source) for rule in table.rules for source in rule.outputs}
    runs = {source: closure_of(expr, table.currency) for source, expr in outputs.items()}
    known = {source: constant_of(expr, table.currency) for source, expr in outputs.items()}
    columns = _columns(table, reading)
    rows = tuple(
        _Row(
            tuple((place, tests[cell]) for place, cell in enumerate(rule.cells) if trees[cell].tests),
            tuple(runs[source] for source in rule.outputs),
            tuple(p for p, source in enumerate(rule.outputs) if not _is_allowed(columns.outputs.get(p), known[source])),
        )
        for rule in table.rules
    )
    cells = [[trees[cell] for cell in rule.cells] for rule in table.rules]
    index = index_of([row.tests for row in rows], cells, table.currency) if rows else None
    return CompiledTable(
        table, rows, columns, trees, index, _repeats(table, reading, [*trees.values(), *outputs.values()])
    )


def _is_allowed(test: RunTest | None, known: Known | None) -> bool:
    """Whether an output is known to be allowed before it is evaluated."""
    if test is None:
        return True
    try:
        return known is not None and test({}, known.value) is True
    except RuleError:
        return False


def _columns(table: RuleTable, reading: Reading) -> _Columns:
    currency = table.currency
    defaults = [
        None if c.default is None else closure_of(reading.expression(c.default), currency) for c in table.outputs
    ]
    allowed = {place: reading.tests(c.allowed) for place, c in enumerate(table.outputs) if c.allowed is not None}
    ranked = allowed.items() if table.hit in RANKED else ()
    return _Columns(
        tuple(
            (c.name, None if c.expression is None else closure_of(reading.expression(c.expression), currency))
            for c in table.inputs
        ),
        tuple(
            (place, closure_of_tests(reading.tests(c.allowed), currency))
            for place, c in enumerate(table.inputs)
            if c.allowed is not None
        ),
        {place: closure_of_tests(cell, currency) for place, cell in allowed.items()},
        {
            place: tuple(closure_of_tests(Cell((t,)), currency) for t in in_falling_order(cell))
            for place, cell in ranked
        },
        tuple(defaults) if any(run is not None for run in defaults) else None,
    )


def in_falling_order(allowed: Cell) -> tuple[UnaryTest, ...]:
    """The allowed values one by one, the first the highest; a list that is written as one test is taken apart."""
    tests: list[UnaryTest] = []
    for test in allowed.tests:
        if test.op == "in" and isinstance(test.operand, ListOf):
            tests += [UnaryTest("in", item, at=item.at) for item in test.operand.items]
        else:
            tests.append(test)
    return tuple(tests)


_ONCE = (
    Constant
    | Name
    | Path
    | Negation
    | ListOf
    | RangeOf
    | UnaryTest
    | Cell
    | Arithmetic
    | Compare
    | Logic
    | Between
    | If
)
"""Nodes that never ask for a budget."""


def _repeats(table: RuleTable, reading: Reading, trees: Sequence[Cell | Expr]) -> bool:
    columns = [c.expression for c in table.inputs] + [c.default for c in table.outputs]
    allowed = [c.allowed for c in (*table.inputs, *table.outputs) if c.allowed is not None]
    more = [reading.expression(source) for source in columns if source is not None]
    return not all(map(_is_once, [*trees, *more, *map(reading.tests, allowed)]))


def _is_once(node: Node | Cell) -> bool:
    return isinstance(node, _ONCE) and all(map(_is_once, children(node)))
