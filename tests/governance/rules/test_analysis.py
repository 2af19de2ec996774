"""Gaps, overlaps, masked and dead rules: what is told is so, what is so is told, and every example shows it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.rules import boxes
from governance.rules.analysis import GAPS_MAX, OVERLAPS_MAX, Analysis, analyse
from governance.rules.errors import OverlappingRules, RuleError, UnlikeOutputs
from governance.rules.rule_table import Reading
from governance.rules.table import Column, Hit, Rule, RuleTable, compile_table, compile_table_with
from governance.rules.table_findings import findings_of
from governance.rules.table_source import read_table
from governance.rules.temporal import YearsMonths
from governance.rules.types import ANY, BOOLEAN, DATE, INTEGER, MONTHS, NUMBER, STRING, Type, money_in, type_named
from governance.rules.values import Money
from tests.governance.rules.strategies import cells

HEAD = "rule-table: t\ninputs: {a: number, b: integer}\noutput: x\ntype: number\n"


def table(
    columns: Mapping[str, Type | Column], rules: Sequence[tuple[str, ...]], hit: Hit = "unique", **more: Any
) -> RuleTable:
    """Rules as cells with the output last."""
    inputs = tuple(kind if isinstance(kind, Column) else Column(name, kind) for name, kind in columns.items())
    rows = tuple(Rule(row[:-1], row[-1:]) for row in rules)
    return RuleTable("t", "", inputs, (more.pop("output", Column("x", ANY)),), True, hit, rows, **more)


def gaps(columns: dict[str, Type | Column], *rules: tuple[str, ...], **more: Any) -> list[Mapping[str, Any]]:
    return [gap.example for gap in analyse(table(columns, [(*rule, "1") for rule in rules], **more)).gaps]


def test_a_gap_is_told_with_an_input_of_it() -> None:
    found = analyse(table({"a": NUMBER, "b": INTEGER}, [("< 1", "-", "1"), (">= 1", "> 2", "2"), (">= 1", "< 2", "3")]))
    assert [gap.words for gap in found.gaps] == [
        "no rule matches when the a is at least 1 and the b is 2, for example a = 1, b = 2"
    ]
    assert found.gaps[0].example == {"a": 1, "b": 2}
    assert (found.overlaps, found.masked, found.never, found.undecided) == ((), (), (), ())


@pytest.mark.parametrize(
    ("kind", "cells", "examples"),
    [
        (NUMBER, ("< 1", "> 1"), [1]),
        (NUMBER, ("<= 1", ">= 2"), [Decimal("1.5")]),
        (INTEGER, ("<= 1", ">= 2"), []),
        (INTEGER, ("< 1.5", "> 1.5"), []),
        (INTEGER, ("< 1", "> 3"), [1]),
        (NUMBER, ("[1..3]", "not([1..3])"), []),
        (NUMBER, ("!= 3",), [3]),
        (NUMBER, ("[1, 2]", "< 1", "> 2"), [Decimal("1.5")]),
        (NUMBER, ("-1", "not(-1)"), []),
        (BOOLEAN, ("true",), [False]),
        (BOOLEAN, ("true", "false"), []),
        (STRING, ('"a"', '"b", "other"'), ["other 2"]),
        (STRING, ('"a"', 'not("a")'), []),
        (STRING, ('< "b"', '> "b"'), ["b"]),
        (STRING, ('<= "b"', '> "b\x00"'), ["b\x00"]),
        (DATE, ('< @"2026-01-01"', '> @"2026-01-02"'), [date(2026, 1, 1)]),
        (DATE, ('<= date("2026-01-01")', '>= @"2026-01-02"'), []),
        (MONTHS, ('< @"P1Y"', '> @"P1Y"'), [YearsMonths(12)]),
        (money_in("GBP"), ("< 10", "> 10"), [Money(Decimal(10), "GBP")]),
        (NUMBER, ("null",), [0]),
        (NUMBER, ("-",), []),
        (NUMBER, ("< 5", ">= 5"), []),
        (NUMBER, ("< 5", ">= 5", "null"), []),
        (ANY, ("< 5",), [5]),
        (ANY, ("true", "false"), []),
    ],
)
def test_gaps_of_one_column(kind: Type, cells: tuple[str, ...], examples: list[Any]) -> None:
    assert [example["a"] for example in gaps({"a": kind}, *[(cell,) for cell in cells], currency="GBP")] == examples


def test_null_is_a_gap_where_a_cell_names_it() -> None:
    assert gaps({"a": NUMBER, "b": BOOLEAN}, ("null", "true"), ("not(null)", "-")) == [{"a": None, "b": False}]
    assert gaps({"a": NUMBER}, ("not(null)",), ("< 5",), hit="first") == [{"a": None}]


def test_allowed_values_bound_what_is_asked() -> None:
    grade = Column("a", INTEGER, allowed="[1..3]")
    assert gaps({"a": grade}, ("1",), ("2",), ("3",)) == []
    assert gaps({"a": grade}, ("1",), ("3",)) == [{"a": 2}]
    risk = Column("a", STRING, allowed='"Low", "High", null')
    assert gaps({"a": risk}, ('"Low"',), ('"High"',)) == [{"a": None}]
    assert gaps({"a": Column("a", INTEGER, allowed='"none of these"')}, ("1",)) == []


def test_overlaps_are_told_with_an_input_of_both() -> None:
    found = analyse(table({"a": NUMBER, "b": BOOLEAN}, [("< 5", "-", "1"), ("-", "true", "2"), (">= 5", "false", "3")]))
    assert [(overlap.rules, overlap.example) for overlap in found.overlaps] == [((1, 2), {"a": 4, "b": True})]
    assert found.overlaps[0].words == "rules 1 and 2 match the same input, for example a = 4, b = true"


def test_rules_of_any_may_overlap_where_they_give_the_same() -> None:
    rules = [("< 5", "1"), ("< 4", "1.0"), ("< 3", "2"), ("> 2", "a - a + 1"), ("> 9", "2 * a")]
    found = analyse(table({"a": NUMBER}, rules, "any"))
    assert [overlap.rules for overlap in found.overlaps] == [(1, 3), (2, 3), (3, 4), (4, 5)]
    assert found.undecided == ("outputs that are reckoned were compared for one input only",)


def test_masked_rules_are_told_and_those_that_null_reaches_are_not() -> None:
    masked = analyse(table({"a": NUMBER}, [("< 5", "1"), (">= 5", "2"), ("[1..9]", "3"), ("-", "4")], "first")).masked
    assert [(one.rule, one.by) for one in masked] == [(3, (1, 2))]
    assert masked[0].words == "rule 3 never counts: wherever it matches, rules 1 and 2 go before it, for example a = 1"
    alone = analyse(table({"a": NUMBER}, [("-", "1"), ("7", "2")], "first")).masked
    assert [(one.rule, one.by) for one in alone] == [(2, (1,))]


def test_under_priority_a_rule_is_masked_by_those_above_it() -> None:
    output = Column("x", STRING, allowed='"high", "middle", "low"')
    rules = [("> 3", '"low"'), ("> 2", '"middle"'), ("> 9", '"low"'), ("> 4", '"high"')]
    found = analyse(table({"a": NUMBER}, rules, "priority", output=output))
    assert [(one.rule, one.by) for one in found.masked] == [(1, (2,)), (3, (2,))]


def test_a_rule_that_nothing_passes_is_told() -> None:
    grade = Column("a", INTEGER, allowed="[1..9]")
    found = analyse(
        table({"a": grade, "b": NUMBER}, [("> 9", "-", "1"), ("-", "not(null, < 1, >= 1)", "2"), ("9", "-", "3")])
    )
    assert [(one.rule, one.input) for one in found.never] == [(1, "a"), (2, "b")]
    assert found.never[0].words == "rule 1 never matches: no value of `a` passes `> 9`"


def test_what_is_no_comparison_is_said_and_what_is_certain_is_told() -> None:
    rules = [("< b", "-", "1"), ("? * 2 > 8", "1", "2"), ("-", "[2..4]", "3")]
    found = analyse(table({"a": NUMBER, "b": NUMBER}, rules))
    assert found.undecided == ("a cell of `a` is no comparison with constants",)
    assert all(
        compile_table(table({"a": NUMBER, "b": NUMBER}, rules)).matching(gap.example) == () for gap in found.gaps
    )
    certain = analyse(table({"a": NUMBER, "b": NUMBER}, [("< b", "1", "1"), ("-", "[2..4]", "2"), ("-", "4", "3")]))
    assert [gap.words.partition(",")[0] for gap in certain.gaps] == [
        "no rule matches when the b is below 1 or is above 1 and below 2 or is above 4"
    ]
    assert [overlap.rules for overlap in certain.overlaps] == [(2, 3)]


def test_inputs_that_are_reckoned_are_said() -> None:
    yearly = {
        "y": Column("y", NUMBER, "12 * monthly"),
        "a": Column("a", NUMBER, "person.age"),
        "b": Column("b", NUMBER, "person"),
    }
    reads = (Column("monthly", NUMBER), Column("person", ANY))
    found = analyse(table(yearly, [("> 1", "> 1", "-", "1"), ("-", "> 2", "-", "2")], reads=reads))
    assert found.undecided == ("the input `y` is reckoned",)
    assert [gap.example for gap in found.gaps] == [{"person": {"age": 0}}]
    assert "person.age = 0" in found.gaps[0].words
    doubled = {"a": Column("a", NUMBER, "person.age"), "b": Column("b", NUMBER, "person.age")}
    rules = [("> 1", "-", "1"), ("-", "> 2", "2")]
    twice = analyse(table(doubled, rules, reads=reads))
    assert twice.undecided == ("the input `b` tests what another one tests",)
    assert twice.overlaps == ()


def test_columns_without_a_type_take_it_from_their_cells() -> None:
    reading = Reading(frozenset({"Grade", "the rest"}))
    columns = {"Grade": Column("Grade", ANY, "Grade")}
    model = table(columns, [('"A"', '"x" + the rest'), ('"B"', '"y"'), ('"A"', '"z"')], "first")
    found = analyse(model, reading)
    assert [gap.example for gap in found.gaps] == [{"Grade": "other"}]
    assert [one.rule for one in found.masked] == [3]
    assert compile_table_with(model, reading).matching(found.gaps[0].example) == ()
    mixed = analyse(table({"a": ANY}, [('"A"', "1"), ("5", "2")]))
    assert mixed.undecided == ("the type of `a` is not one whose values are told apart",)


def test_a_rule_for_values_of_another_kind_alone_has_no_example() -> None:
    found = analyse(table({"a": ANY}, [("-", "1"), ("true", "2"), ("not(null + null)", "3")], "first"))
    assert [one.rule for one in found.masked] == [2]


def test_the_analysis_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [(f"[{n}..{n + 4})", f"[{n % 7}..{n % 7 + 2}]", "1") for n in range(60)]
    whole = analyse(table({"a": NUMBER, "b": NUMBER}, rules))
    assert whole.undecided == ()
    assert (len(whole.gaps), len(whole.overlaps)) == (GAPS_MAX, OVERLAPS_MAX)
    assert whole.more_overlaps > 0
    monkeypatch.setattr(boxes.Steps, "spend", lambda self, steps: _spend(self, steps, 50))
    cut = analyse(table({"a": NUMBER, "b": NUMBER}, rules))
    assert [why.partition(" was")[0] for why in cut.undecided] == ["the search for gaps", "the search for overlaps"]


def _spend(steps: boxes.Steps, count: int, most: int) -> None:
    steps.left -= count
    if steps.left < boxes.STEPS_MAX - most:
        raise boxes.OutOfSteps


POOLS: dict[Type, tuple[tuple[str, ...], tuple[Any, ...]]] = {
    NUMBER: (
        (
            "1", "3", "< 1", "<= 3", "> 1", ">= 3", "[1..3]", "(1..3)", "not(1)", "!= 3", "1, > 3", "null",
            "not(null)", "[1, 3]",
        ),
        (Decimal("0.5"), 1, 2, Decimal(3), 4),
    ),
    INTEGER: (("< 2.5", ">= 2.5", "1", "(1..2)", "2, 3", "not([2..3])", "> 1"), (0, 1, 2, 3, 4)),
    STRING: (('"a"', '"a", "b"', 'not("b")', '!= "a"', '["a", "c"]', 'null', 'not(null, "a")'), ("a", "b", "c", "d")),
    BOOLEAN: (("true", "false", "not(true)", "true, false", "null"), (True, False)),
    DATE: (
        ('< @"2026-01-02"', '>= @"2026-01-02"', '[@"2026-01-01"..@"2026-01-03")', 'date("2026-01-03")'),
        (date(2025, 12, 31), *[date(2026, 1, day) for day in (1, 2, 3, 4)]),
    ),
}  # fmt: skip


@st.composite
def tables(draw: Any) -> RuleTable:
    """Small tables of plain cells over every kind."""
    kinds = draw(st.lists(st.sampled_from(list(POOLS)), min_size=1, max_size=3))
    columns = {f"c{n}": kind for n, kind in enumerate(kinds)}
    row = st.tuples(*[st.sampled_from(("-", "-", *POOLS[kind][0])) for kind in kinds], st.sampled_from(("1", "2", "3")))
    hit = draw(st.sampled_from(["unique", "any", "first", "priority", "collect"]))
    output = Column("x", NUMBER, allowed="3, 1, 2")
    return table(columns, draw(st.lists(row, min_size=1, max_size=6)), hit, output=output)


def grid(made: RuleTable, *, with_null: bool) -> Iterator[dict[str, Any]]:
    """Inputs from every region of every column; null where it is asked, or everywhere."""
    pools = []
    for place, column in enumerate(made.inputs):
        names_null = any("null" in rule.cells[place] for rule in made.rules)
        pools.append((*POOLS[column.type][1], *([None] if with_null or names_null else [])))
    for values in product(*pools):
        yield dict(zip([column.name for column in made.inputs], values, strict=True))


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tables())
def test_the_analysis_agrees_with_every_input_tried(made: RuleTable) -> None:
    compiled = compile_table(made)
    found = analyse(made)
    asked = [(inputs, compiled.matching(inputs)) for inputs in grid(made, with_null=False)]
    assert bool(found.gaps) == any(not rules for _, rules in asked)
    assert all(compiled.matching(gap.example) == () for gap in found.gaps)
    pairs = {(a, b) for _, rules in asked for a in rules for b in rules if a < b}
    if made.hit == "unique":
        assert {overlap.rules for overlap in found.overlaps} == pairs
    if made.hit == "any":
        differ = {(a, b) for a, b in pairs if made.rules[a - 1].outputs != made.rules[b - 1].outputs}
        assert {overlap.rules for overlap in found.overlaps} == differ
    for overlap in found.overlaps:
        with pytest.raises(OverlappingRules if made.hit == "unique" else UnlikeOutputs):
            compiled.evaluate(overlap.example)
    _check_never_counting(made, found)


def _check_never_counting(made: RuleTable, found: Analysis) -> None:
    compiled = compile_table(made)
    matched, applied = set[int](), set[int]()
    for inputs in grid(made, with_null=True):
        matched.update(compiled.matching(inputs))
        if made.hit in ("first", "priority"):
            applied.update(compiled.explain(inputs).applied)
    every = set(range(1, len(made.rules) + 1))
    assert {one.rule for one in found.never} == every - matched
    if made.hit in ("first", "priority"):
        assert {one.rule for one in found.masked} == matched - applied
    for one in found.masked:
        assert one.rule in compiled.matching(one.example)
        assert one.rule not in compiled.explain(one.example).applied


def test_findings_say_what_refuses_a_table() -> None:
    overlapping = HEAD + 'hit: unique\nrules:\n  - {a: "-", b: "1", then: 1}\n  - {a: "> 1", b: "-", then: 2}\n'
    told = [(finding.rule, finding.severity) for finding in findings_of(read_table(overlapping))]
    assert told == [("table-overlap", "error"), ("table-gap", "warning")]
    one = HEAD + 'hit: unique\nrules:\n  - {a: "> 1", b: "-", then: 1}\n'
    assert [f.severity for f in findings_of(read_table(one))] == ["warning"]
    assert [f.severity for f in findings_of(read_table(one.replace("hit:", "complete: yes\nhit:")))] == ["error"]
    assert findings_of(read_table(one.replace("hit:", "default: 0\nhit:"))) == ()
    assert findings_of(read_table(one.replace("unique", "collect"))) == ()
    loose = one.replace('"> 1"', '"> b"')
    assert [(f.rule, f.severity) for f in findings_of(read_table(loose))] == [("table-undecided", "note")]
    assert findings_of(read_table(loose.replace("hit:", "complete: yes\nhit:")))[0].severity == "error"


def test_every_pair_beyond_those_told_is_counted() -> None:
    rules = [("-", "1")] * 10
    found = analyse(table({"a": NUMBER}, rules))
    assert (len(found.overlaps), found.more_overlaps) == (20, 25)
    lines = [f.line("t.yaml") for f in findings_of(table({"a": NUMBER}, rules))]
    assert lines[20] == "t.yaml: error: 25 more pairs of rules overlap [table-overlap]"


def test_examples_that_the_table_has_no_answer_for_are_not_told() -> None:
    rules = [('? > date("2026-01-01T00:00:00")', "1"), ("-", "2")]
    made = table({"a": DATE}, rules)
    assert analyse(made).overlaps == ()
    with pytest.raises(RuleError):
        compile_table(table({"a": ANY}, [('> @"2026-01-01T00:00:00"', "1")])).evaluate({"a": date(2026, 1, 1)})


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.tuples(cells(), cells()), min_size=1, max_size=5),
    st.sampled_from(
        [ANY, NUMBER, STRING, DATE, type_named("date and time"), type_named("time"), type_named("duration")]
    ),
    st.sampled_from(["unique", "any", "first", "priority"]),
)
def test_whatever_stands_in_cells_the_analysis_ends_with_what_is_so(
    rows: list[tuple[str, str]], kind: Type, hit: Hit
) -> None:
    reads = tuple(Column(name, ANY) for name in ("b", "amount", "risk", "date of birth", "items", "flag"))
    output = Column("x", ANY, allowed="1, 2, 3, 4, 5")
    made = table(
        {"a": kind, "c": ANY},
        [(*row, str(number)) for number, row in enumerate(rows, 1)],
        hit,
        output=output,
        reads=reads,
        currency="GBP",
    )
    found = analyse(made)
    compiled = compile_table(made)
    assert all(compiled.matching(gap.example) == () for gap in found.gaps)
    for overlap in found.overlaps:
        assert set(overlap.rules) <= set(compiled.matching(overlap.example))
