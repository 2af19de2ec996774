"""Decision tables of models evaluated as they are written. `hit_policy` says what becomes of the rules that match."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from governance.rules.closures import Run, RunTest, closure_of_tests
from governance.rules.dmn.item_types import TypeDef
from governance.rules.dmn.model import BoxedTable
from governance.rules.dmn.reading import Path, told
from governance.rules.dmn.sources import NO_TESTS, Scope, Sources
from governance.rules.env import Context, Env, budget_in
from governance.rules.errors import NotAllowed
from governance.rules.hit_policy import POLICIES, Policy, Rows, settle
from governance.rules.syntax import Cell
from governance.rules.table_index import Index, Tests, index_of, missed
from governance.rules.types import ANY, Type

TRACE: Any = object()  # key in the context, which no name and no data can be: where tables tell what they did


class Missed(NamedTuple):
    """Why a rule did not match: its number and the first test that did not hold (`held` None: not known)."""

    rule: int
    input: str
    test: str
    held: bool | None


class TableTrace(NamedTuple):
    """What one evaluation of a table did: the rules that matched, and those that did not."""

    path: str
    matched: tuple[int, ...]
    missed: tuple[Missed, ...]


class _Input(NamedTuple):
    text: str
    run: Run
    type: TypeDef
    allowed: RunTest | None
    values: str


class _Output(NamedTuple):
    name: str
    type: TypeDef
    allowed: RunTest | None
    values: str
    ranks: tuple[RunTest, ...]
    default: Run | None


class _Row(NamedTuple):
    tests: Tests
    texts: tuple[str, ...]  # of its cells, by their places
    outputs: tuple[Run, ...]


class Compiled(NamedTuple):
    """A table ready to evaluate."""

    path: str
    policy: Policy
    inputs: tuple[_Input, ...]
    outputs: tuple[_Output, ...]
    rows: tuple[_Row, ...]
    by_value: Index | None

    def evaluate(self, context: Context) -> Any:
        """The result; `RuleError` when there is no certain answer."""
        budget_in(context).spend(1 + len(self.rows) * (1 + len(self.inputs)) // 4)
        trace: list[TableTrace] | None = context.get(TRACE)
        values = []
        for asked in self.inputs:
            value = asked.type.convert(asked.run(context), context)
            if asked.allowed is not None and asked.allowed(context, value) is not True:
                # Null to some, an error to others; a refusal is neither of the two wrong answers.
                raise NotAllowed(self.path, "input", asked.text, asked.values)
            values.append(value)
        first = self.policy.hit == "first"
        if trace is None and self.by_value is not None:
            found = self.by_value.matching(context, values, first)
            if found is not None:
                return self._result(context, found)
        matched, passed = self._one_by_one(context, values, first)
        if trace is not None:
            trace.append(TableTrace(self.path, tuple(number + 1 for number in matched), tuple(passed)))
        return self._result(context, matched)

    def _one_by_one(self, context: Context, values: Sequence[Any], first: bool) -> tuple[list[int], list[Missed]]:
        """The rules that match, and why those before or between them do not."""
        matched, passed = [], []
        for number, row in enumerate(self.rows):
            found = missed(row.tests, context, values)
            if found is not None:
                place, held = found
                passed.append(Missed(number + 1, self.inputs[place].text, row.texts[place], held))
                continue
            matched.append(number)
            if first:
                break
        return matched, passed

    def _result(self, context: Context, matched: Sequence[int]) -> Any:
        if not matched and any(output.default is not None for output in self.outputs):
            return self._default(context)
        env = Env(None, budget_in(context))
        rows = Rows(
            self.path, env, lambda number: self._told(self._values(context, number)), partial(self._rank, context)
        )
        return settle(self.policy, tuple(matched), rows).result

    def _default(self, context: Context) -> Any:
        return self._told(
            [None if one.default is None else one.type.convert(one.default(context), context) for one in self.outputs]
        )

    def _values(self, context: Context, number: int) -> list[Any]:
        values = []
        for output, run in zip(self.outputs, self.rows[number].outputs, strict=True):
            value = output.type.convert(run(context), context)
            if output.allowed is not None and output.allowed(context, value) is not True:
                raise NotAllowed(self.path, "output", output.name or f"of rule {number + 1}", output.values)
            values.append(value)
        return values

    def _told(self, values: Sequence[Any]) -> Any:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _rank(self, context: Context, told: Any) -> tuple[int, ...]:
        ranks = []
        for output in self.outputs:
            if output.ranks:
                value = told if len(self.outputs) == 1 else told[output.name]
                held = [number for number, test in enumerate(output.ranks) if test(context, value) is True]
                if not held:
                    raise NotAllowed(self.path, "output", output.name, output.values)
                ranks.append(held[0])
        return tuple(ranks)


class TableNeeds(NamedTuple):
    """What compiling a table needs from around it: its scope, and the types its clauses refer to, in order."""

    sources: Sources
    scope: Scope
    inputs: tuple[TypeDef, ...]
    outputs: tuple[TypeDef, ...]


def compile_boxed_table(table: BoxedTable, needs: TableNeeds, path: Path) -> Compiled:
    """The table ready to evaluate; findings go to `needs.sources`."""
    sources, scope = needs.sources, needs.scope
    inputs = tuple(
        _Input(
            one.expression.text,
            sources.expression(one.expression, scope, (*path, f"input {n}")),
            kind,
            sources.tests(one.values, scope, (*path, f"input {n}", "allowed values"), kind.type),
            one.values.text if one.values is not None else "",
        )
        for n, (one, kind) in enumerate(zip(table.inputs, needs.inputs, strict=True), start=1)
    )
    _check(table, needs, path)
    written = " ".join(filter(None, (table.hit, table.aggregation if table.hit == "COLLECT" else None)))
    policy = POLICIES[written.lower()]
    rows, cells = _rows(table, needs, path)
    is_whole = all(len(row) == len(inputs) for row in cells)  # else it is refused already
    index = index_of([row.tests for row in rows], cells, None) if rows and is_whole else None
    return Compiled(told(path), policy, inputs, _outputs(table, needs, path), rows, index)


def _check(table: BoxedTable, needs: TableNeeds, path: Path) -> None:
    names = [output.name for output in table.outputs]
    place = table.inputs[0].expression if table.inputs else None
    if len(names) > 1 and (not all(names) or len(set(names)) < len(names)):
        needs.sources.error(path, "expected a name of its own for every output", place)
    several = table.hit in ("COLLECT", "RULE ORDER", "OUTPUT ORDER") and table.aggregation in (None, "COUNT")
    if several and any(output.default is not None for output in table.outputs):
        # The standard does not say whether it stands alone or in a list.
        needs.sources.error(path, f"a default output is not supported for {table.hit}", place)
    if table.aggregation is not None and (table.hit != "COLLECT" or len(names) > 1):
        needs.sources.error(path, "an aggregation is supported for COLLECT with one output", place)


def _outputs(table: BoxedTable, needs: TableNeeds, path: Path) -> tuple[_Output, ...]:
    sources, scope = needs.sources, needs.scope
    made = []
    for number, (one, kind) in enumerate(zip(table.outputs, needs.outputs, strict=True), start=1):
        here = (*path, f"output {number}")
        cell = sources.cell(one.values, scope, (*here, "allowed values"), kind.type)
        ordered = cell if cell.tests else sources.cell(kind.allowed, Scope(), here)
        ranks = tuple(closure_of_tests(Cell((test,)), None) for test in ordered.tests)
        made.append(
            _Output(
                one.name,
                kind,
                closure_of_tests(cell, None) if cell != NO_TESTS else None,
                one.values.text if one.values is not None else kind.allowed.text if kind.allowed is not None else "",
                ranks if table.hit in ("PRIORITY", "OUTPUT ORDER") and not ordered.negated else (),
                None if one.default is None else sources.expression(one.default, scope, (*here, "default"), kind.type),
            )
        )
    is_refused = any(one.values is not None and one.values.is_refused for one in table.outputs)
    if table.hit in ("PRIORITY", "OUTPUT ORDER") and not any(output.ranks for output in made) and not is_refused:
        place = table.inputs[0].expression if table.inputs else None
        sources.error(path, "expected output values, whose order is the priority", place)
    return tuple(made)


def _rows(table: BoxedTable, needs: TableNeeds, path: Path) -> tuple[tuple[_Row, ...], list[list[Cell]]]:
    """The rules, and the trees of their cells."""
    rows, trees = [], []
    asked = [_asked(needs, path, number, kind) for number, kind in enumerate(needs.inputs, start=1)]
    given = [kind.type for kind in needs.outputs]
    for number, rule in enumerate(table.rules, start=1):
        here = (*path, f"rule {number}")
        cells = [
            needs.sources.cell(cell, needs.scope, (*here, f"test {n}"), asked[n - 1] if n <= len(asked) else ANY)
            for n, cell in enumerate(rule.tests, start=1)
        ]
        tests = tuple((place, closure_of_tests(cell, None)) for place, cell in enumerate(cells) if cell.tests)
        outputs = tuple(
            needs.sources.expression(one, needs.scope, (*here, f"output {n}"), given[n - 1] if n <= len(given) else ANY)
            for n, one in enumerate(rule.outputs, start=1)
        )
        rows.append(_Row(tests, tuple(cell.text for cell in rule.tests), outputs))
        trees.append(cells)
    return tuple(rows), trees


def _asked(needs: TableNeeds, path: Path, number: int, kind: TypeDef) -> Type:
    """The type of what a column tests: as it is declared, else as its expression says."""
    return kind.type if kind.type != ANY else needs.sources.kinds.get(told((*path, f"input {number}")), ANY)
