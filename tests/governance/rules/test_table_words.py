"""Tables, explanations and inputs in words: what is told is what is evaluated."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from governance.rules.table import compile_table
from governance.rules.table_source import read_table
from governance.rules.table_words import explanation_in_words, inputs_in_words, plain_value, table_in_words
from governance.rules.values import Money, Range

ROUTE = """\
rule-table: route
title: Where an invoice goes
inputs:
  amount: money
  risk: {type: string, allowed: '"low", "high"'}
  yearly: {type: number, expression: 12 * monthly}
reads: {monthly: number}
currency: GBP
outputs: {who: {type: string, allowed: '"board", "desk"', default: '"desk"'}, days: integer}
hit: priority
rules:
  - {amount: "> 250000", risk: "-", yearly: "not(0)", then: {who: '"board"', days: 2 + 3}}
  - {amount: "-", risk: '"high"', yearly: "-", then: {who: '"desk"', days: 1}}
  - {amount: "-", risk: "-", yearly: "? > monthly", then: {who: '"desk"', days: 1}}
"""
FEES = """\
rule-table: fees
inputs: {years: number}
output: fee
type: number
hit: POLICY
rules:
  - {years: "> 1", then: 20}
  - {years: "> 2", then: 1.5 * years}
"""


def explained(text: str, **inputs: Any) -> tuple[str, ...]:
    table = read_table(text)
    return explanation_in_words(table, compile_table(table).explain(inputs))


def test_a_table_is_told_in_sentences() -> None:
    assert table_in_words(read_table(ROUTE)) == (
        "Where an invoice goes. Of the rules that match, the one whose result stands first among the allowed values"
        " counts.",
        "The risk always is one of “low” or “high”.",
        "The yearly is 12 times the monthly.",
        "The who always is one of “board” or “desk”.",
        "Rule 1: when the amount is above 250,000 and the yearly is not 0, the who is “board” and the days is 2 plus"
        " 3.",
        "Rule 2: when the risk is “high”, the who is “desk” and the days is 1.",
        "Rule 3: when the yearly is such that the value is above the monthly, the who is “desk” and the days is 1.",
        "When no rule matches, the who is “desk” and the days is not known.",
    )
    told = table_in_words(read_table(FEES.replace("POLICY", "collect sum\ncomplete: yes")))
    assert told[0] == "fees. The result is the sum of what every rule that matches gives."
    assert told[-1] == "Some rule matches whatever comes."
    assert table_in_words(read_table(FEES.replace('"> 1"', '"-"').replace("POLICY", "first")))[1] == (
        "Rule 1: whatever comes, the fee is 20."
    )


def test_an_evaluation_is_told_with_what_failed() -> None:
    invoice = {"amount": Money(Decimal(300_000), "GBP"), "risk": "high", "monthly": None}
    assert explained(ROUTE, **invoice) == (
        'Rules 1 and 2 match; rule 1 counts, and the result is {who: "board", days: 5}.',
        "Rule 3 asks that the yearly is such that the value is above the monthly; it is null, and whether that is so is"
        " not known.",
    )
    small = {"amount": Money(Decimal("9.50"), "GBP"), "risk": "low", "monthly": -1}
    assert explained(ROUTE, **small)[:2] == (
        'No rule matches; the result is the default, {who: "desk", days: null}.',
        "Rule 1 asks that the amount is above 250,000; it is 9.50 GBP, and that is not so.",
    )


def test_what_an_aggregator_did_is_told() -> None:
    assert explained(FEES.replace("POLICY", "C+"), years=4) == ("Rules 1 and 2 match; the sum of 20, 6.0 is 26.0.",)
    assert explained(FEES.replace("POLICY", "collect count"), years=4)[0] == (
        "Rules 1 and 2 match; the count of 20, 6.0 is 2."
    )
    assert explained(FEES.replace("POLICY", "R"), years=2)[0] == "Rule 1 matches; the result is [20]."
    assert explained(FEES.replace("POLICY", "first"), years=0)[0] == "No rule matches; the result is null."


def test_values_of_every_kind_are_told() -> None:
    assert inputs_in_words({"a": {"b": (1, "x"), "c": {}}, "d": True}) == 'a.b = [1, "x"], a.c = {}, d = true'
    assert plain_value(Range(1, 2, True, True)) == "a range"
    assert plain_value(Decimal("1234.50")) == "1234.50"


@given(st.integers(-1, 5), st.sampled_from(["first", "any", "collect", "collect max", "unique", "rule order"]))
def test_the_explanation_agrees_with_the_evaluation(years: int, policy: str) -> None:
    table = read_table(FEES.replace("POLICY", policy).replace("1.5 * years", "20"))
    compiled = compile_table(table)
    if policy == "unique" and years > 2:
        return
    found = compiled.explain({"years": years})
    assert found.result == compiled.evaluate({"years": years})
    assert compiled.answer({"years": years}) == (found.result, found.applied)
    passed_over = {failed.rule for failed in found.failed}
    looked_at = {1} if policy == "first" and years > 1 else {1, 2}
    assert passed_over | set(found.matched) == looked_at
    assert passed_over.isdisjoint(found.matched)
    assert set(found.applied) <= set(found.matched)
