"""Rule tables: reading with places, hit policies, explanation."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules import limits
from governance.rules.errors import LimitBreached, OverlappingRules
from governance.rules.table import compile_table, table_to_json
from governance.rules.table_source import read_table
from governance.rules.types import INTEGER, STRING, list_of, object_of
from ledger.canonical import digest
from ledger.errors import BrokenInput

GRADE = """\
rule-table: credit-grade
title: Credit grade from the bureau answer
inputs: {score: number, defaults: integer}
output: grade
type: integer
hit: first
rules:
  - {score: ">= 720", defaults: "0", then: 2}
  - {score: "[600..720)", defaults: "-", then: 5}
  - {score: "-", defaults: "-", then: 9}
"""
PAIR = """\
{"rule-table": "route", "inputs": {"amount": "money", "region": "string", "tags": ["string"]}, "currency": "GBP",
 "outputs": {"who": "string", "days": "integer"}, "hit": "collect",
 "rules": [
  {"amount": "> 1000", "region": "\\"UK\\", \\"IE\\"", "tags": "-", "then": {"who": "\\"committee\\"", "days": 5}},
  {"amount": "-", "region": "not(\\"UK\\")", "tags": "-", "then": {"who": "region + \\" desk\\"", "days": "1 + 1"}}]}
"""


def grade(**inputs: Any) -> Any:
    return compile_table(read_table(GRADE)).evaluate(inputs)


def test_the_first_rule_that_matches_counts() -> None:
    assert grade(score=Decimal(720), defaults=0) == 2
    assert grade(score=Decimal("719.99"), defaults=0) == 5
    assert grade(score=800, defaults=1) == 9
    assert grade() == 9


def test_collect_gives_every_match_in_order() -> None:
    table = read_table(PAIR)
    pounds = {"amount": 1500, "region": "IE", "tags": ()}
    assert compile_table(table).evaluate(pounds) == (
        {"who": "committee", "days": 5},
        {"who": "IE desk", "days": 2},
    )
    assert compile_table(table).evaluate({"amount": 1, "region": "UK"}) == ()
    assert table.result == list_of(object_of({"who": STRING, "days": INTEGER}))


def test_overlap_in_a_unique_table_is_no_answer() -> None:
    table = compile_table(read_table(GRADE.replace("first", "unique")))
    with pytest.raises(OverlappingRules) as caught:
        table.evaluate({"score": 800, "defaults": 0})
    assert caught.value.rules == (1, 3)
    assert table.evaluate({"score": 100}) == 9
    bounded = GRADE.replace("first", "unique").replace('"-", defaults: "-"', '"< 0", defaults: "-"')
    assert compile_table(read_table(bounded)).evaluate({"score": 100}) is None


def test_the_explanation_names_rules_and_failed_cells() -> None:
    found = compile_table(read_table(GRADE)).explain({"score": 700, "defaults": None})
    assert found.applied == (2,)
    assert found.result == 5
    assert [(miss.rule, miss.input, miss.cell, miss.held) for miss in found.failed] == [(1, "score", ">= 720", False)]
    second = compile_table(read_table(GRADE)).explain({"score": 750})
    assert (second.failed[0].input, second.failed[0].held) == ("defaults", False)
    assert (second.failed[1].input, second.failed[1].held) == ("score", False)


@given(st.integers(0, 1000), st.one_of(st.none(), st.integers(0, 3)))
def test_explanation_and_evaluation_agree(score: int, defaults: int | None) -> None:
    table = compile_table(read_table(GRADE))
    inputs = {"score": score, "defaults": defaults}
    assert table.explain(inputs).result == table.evaluate(inputs)


def test_the_digest_is_of_the_meaning_and_the_text_of_cells() -> None:
    first = digest(table_to_json(read_table(GRADE)))
    assert digest(table_to_json(read_table(GRADE + "# a remark\n"))) == first
    assert digest(table_to_json(read_table(GRADE.replace("then: 9", "then: 8")))) != first


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('"0", then', '"zero", then', "8:34", "found `zero`"),
        ('">= 720"', "\">= 'a'\"", "8:17", "double quotes"),
        ('">= 720"', '">= flag"', "8:17", "found `flag`"),
        ('">= 720"', '"for x"', "8:19", "found the end"),
        ('">= 720"', "'\"high\"'", "8:14", "expected a test of number, found string"),
        ('">= 720"', '""', "8:14", "found nothing"),
        ('">= 720"', "", "8:13", "expected a value"),
        ('">= 720"', "[1]", "8:13", "expected a value"),
        ("then: 2}", "then: 2.5}", "8:44", "expected a result of type integer"),
        ("then: 2}", "then: approve}", "8:44", "a text needs double quotes"),
        ("then: 2}", "}", "8:5", "expected the key `then`"),
        ("then: 2}", "then: 2, when: 1}", "8:47", "found the key `when`"),
        ("hit: first", "hit: priority", "6:6", "expected `allowed` values of an output"),
        ("hit: first", "hit: highest", "6:6", "expected one of unique, any, first, priority, rule order"),
        ("hit: first", "hit: First", "6:6", "found `First`"),
        ("hit: first\n", "", "1:1", "expected the key `hit`"),
        ("output: grade\n", "", "1:1", "either `output`"),
        ("title: ", "titel: ", "2:1", "found the key `titel`"),
        ("title: ", "title: &x ", "2:8", "no anchor"),
        ("title: ", "title: !!str ", "2:8", "no tag"),
        ("title: ", "hit: unique\ntitle: ", "7:1", "the key `hit` once"),
        ("score: number,", "score: float,", "3:17", "found `float`"),
        ("rule-table: credit-grade", "rule-table: Credit", "1:13", "expected a name such as"),
        ("defaults: integer}", "defaults: integer", "4:7", "expected YAML"),
        ("type: integer", "type: integer\ncurrency: pounds", "6:11", "expected a currency"),
        ("inputs: {score", "inputs: {then", "1:1", "another name than `then`"),
        ("rules:\n", "rules: []\nx:\n", "8:1", "found the key `x`"),
        ("score: number,", "score: [number, string],", "3:17", "one type in brackets"),
        ("score: number,", "score: {items: number},", "3:17", "expected `properties`"),
        ("output: grade", "outputs: {}", "5:7", "expected `type` only beside `output`"),
        ("inputs: {score: number, defaults: integer}", "inputs: {}", "3:9", "at least one name"),
        ("inputs: {score: number, defaults: integer}", "inputs: score", "3:9", "expected a mapping"),
    ],
)
def test_errors_have_line_and_column(old: str, new: str, place: str, message: str) -> None:
    assert old in GRADE
    with pytest.raises(BrokenInput) as caught:
        read_table(GRADE.replace(old, new, 1))
    assert message in caught.value.message
    assert caught.value.location == place


@pytest.mark.parametrize("text", ["", "a", "- a", "a: *b", "a: 1\n---\nb: 2", "{" * 50, "\x00", "? [a]\n: 1"])
def test_other_text_is_broken_input(text: str) -> None:
    with pytest.raises(BrokenInput):
        read_table(text)


@given(st.text(st.sampled_from("rule-tbinpus:{}[]\"' \n0123&*!>|%@#,-\t"), max_size=80))
def test_any_text_raises_nothing_but_broken_input(text: str) -> None:
    with pytest.raises(BrokenInput):
        read_table(text)


def test_limits_hold_for_tables() -> None:
    rule = '  - {score: "-", defaults: "-", then: 9}\n'
    with pytest.raises(LimitBreached):
        read_table(GRADE + rule * limits.TABLE_RULES_MAX)
    with pytest.raises(BrokenInput):
        read_table(GRADE + " " * limits.TABLE_SOURCE_CHARS_MAX)
