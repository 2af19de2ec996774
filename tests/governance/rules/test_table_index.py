"""The index over a table's cells against rule by rule, cell by cell: the same answer, the same error, for anything."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.rules.errors import LimitBreached, RuleError
from governance.rules.parse import parse_tests
from governance.rules.table import Column, Hit, Rule, RuleTable, compile_table
from governance.rules.types import ANY
from governance.rules.values import Money
from tests.governance.rules import direct
from tests.governance.rules.strategies import cells, values

CELLS = (
    "-", "5", "< 5", "[1..9)", "not(5)", "!= 5", "5, 7, null", "null", "not(null)", '"a"', '"a", "b"', 'not("b")',
    '< "b"', "true", "false", '@"2026-01-01"', '< @"2026-01-01"', '@"2026-01-01T00:00:00Z"', '[5, "a"]', "-1", "1 + 4",
    '!= "a"', "< c1", "c1", "? > 4", '[@"2026-01-01"..@"2026-02-01"]', '5, @"2026-01-01T00:00:00Z"', "[[5]]", "> 5.00",
    '["a".."c"]',
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from([None, True, False, 5, Decimal("5.0"), 1, 9, Decimal("8.99"), 7, -1, 0, "", "a", "b", "c", "bb"]),
    st.sampled_from(
        [date(2026, 1, 1), date(2025, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), (5,), (), Money(Decimal(5), "GBP")]
    ),
)


def made(rows: Sequence[tuple[str, ...]], hit: Hit) -> RuleTable:
    inputs = tuple(Column(f"c{n}", ANY) for n in range(len(rows[0])))
    rules = tuple(Rule(row, (str(number),)) for number, row in enumerate(rows))
    return RuleTable("t", "", inputs, (Column("x", ANY),), True, hit, rules, "GBP")


def one_by_one(table: RuleTable, inputs: dict[str, Any]) -> Any:
    """The rules that match, by the direct interpreter where it can, and the error it ends with."""
    found = []
    try:
        for number, rule in enumerate(table.rules):
            for column, cell in zip(table.inputs, rule.cells, strict=True):
                names = frozenset(column.name for column in table.inputs)
                context = {**inputs, "?": inputs[column.name]}
                if not _holds(cell, names, inputs[column.name], context):
                    break
            else:
                found.append(number)
                if table.hit == "first":
                    return number
    except RuleError as error:
        return type(error)
    return tuple(found) if table.hit == "collect" else None


def _holds(cell: str, names: frozenset[str], value: Any, context: dict[str, Any]) -> bool:
    if "?" in cell:
        number = value if type(value) in (int, Decimal) else value.amount if type(value) is Money else None
        if type(value) is tuple and len(value) == 1:
            raise RuleError("a list of one")
        return number is not None and number > 4
    return direct.passes(parse_tests(cell, names), value, context, "GBP") is True


def evaluated(table: RuleTable, inputs: dict[str, Any]) -> Any:
    try:
        return compile_table(table).evaluate(inputs)
    except RuleError as error:
        return type(error)


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, type) and isinstance(right, type):
        return issubclass(left, RuleError) and issubclass(right, RuleError)
    return left == right and isinstance(left, type) == isinstance(right, type)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.integers(1, 3), st.sampled_from(["first", "collect"]))
def test_the_index_agrees_with_rule_by_rule(data: Any, width: int, hit: Hit) -> None:
    rows = data.draw(st.lists(st.tuples(*[st.sampled_from(CELLS)] * width), min_size=4, max_size=9))
    if width == 1:
        rows = [tuple(cell.replace("c1", "c0") for cell in row) for row in rows]
    table = made(rows, hit)
    for _ in range(4):
        inputs = {f"c{n}": data.draw(VALUES) for n in range(width)}
        assert _same(evaluated(table, inputs), one_by_one(table, inputs)), (rows, inputs)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(cells(), min_size=4, max_size=6), values, st.sampled_from(["first", "collect"]))
def test_random_cells_agree_too(sources: list[str], value: Any, hit: Hit) -> None:
    names = ("a", "b", "amount", "risk", "date of birth", "items", "flag")
    inputs = (Column("a", ANY), *[Column(name, ANY) for name in names[1:]])
    rules = tuple(Rule((cell, *["-"] * 6), (str(number),)) for number, cell in enumerate(sources))
    table = RuleTable("t", "", inputs, (Column("x", ANY),), True, hit, rules, "GBP")
    context = {"a": value, "amount": 5, "flag": True}
    try:
        plain = compile_table(table).explain(context).result
    except RuleError as error:
        plain = type(error)
    assert evaluated(table, context) == plain


def test_a_cell_that_has_no_answer_still_has_none() -> None:
    rows = [("5", "-"), ('@"2026-01-01T00:00:00"', "-"), ("-", "< 3"), ("-", ">= 3")]
    table = made(rows, "first")
    assert compile_table(table).evaluate({"c0": 5, "c1": 1}) == 0
    with pytest.raises(RuleError):
        compile_table(table).evaluate({"c0": date(2026, 1, 1), "c1": 1})
    late = made([("< 3", "-"), ("-", "> 2"), ("7", '> @"2026-01-01T00:00:00"'), ("-", "-")], "first")
    day = date(2026, 1, 1)
    assert compile_table(late).evaluate({"c0": 1, "c1": day}) == 0
    assert compile_table(late).evaluate({"c0": 6, "c1": day}) == 3
    with pytest.raises(RuleError):
        compile_table(late).evaluate({"c0": 7, "c1": day})


def test_plain_tables_are_indexed_and_the_budget_is_one_for_the_table() -> None:
    plain = compile_table(made([("5", '"a"'), ("6", "true"), ("[1..2]", "-"), ("-", "null")], "first"))
    assert plain.index is not None
    assert not plain.index.rest
    assert not plain.repeats
    loop = "count(for i in 1..1000 return for j in 1..100 return i) > ?"
    heavy = compile_table(made([(loop,)] * 8, "collect"))
    assert heavy.repeats
    with pytest.raises(LimitBreached):
        heavy.evaluate({"c0": 1})
    assert compile_table(made([(loop,)] * 2, "collect")).evaluate({"c0": 1}) == (0, 1)
