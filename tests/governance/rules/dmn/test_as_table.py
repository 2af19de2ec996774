"""Rule tables as decision models and back: the same table, the same answers, and what has no counterpart."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from governance.rules.dmn.as_table import model_of, read_any_table, table_of, table_text
from governance.rules.dmn.evaluate import compile_model
from governance.rules.dmn.read import read_model
from governance.rules.dmn.write import write_model
from governance.rules.errors import OverlappingRules, RuleError
from governance.rules.table import RuleTable, compile_table, table_to_json
from governance.rules.table_source import read_table
from ledger.errors import BrokenInput
from tests.conftest import ROOT
from tests.governance.rules.dmn.files import decision, dmn, given, literal

GRADE = """\
rule-table: credit-grade
title: Credit grade from the bureau's answer
inputs: {score: number, defaults count: integer, since: date, tags: [string], home: {properties: {area: string}}}
output: grade
type: integer
hit: first
rules:
  - {score: ">= 720", defaults count: "0", since: '< date("2026-01-01")', tags: "-", home: "-", then: 2}
  - {score: "[600..720)", defaults count: "-", since: "-", tags: 'list contains(?, "new")', home: "-", then: 1 + 4}
  - {score: "-", defaults count: "-", since: "-", tags: "-", home: '? = {area: "N"}', then: 7}
  - {score: "-", defaults count: "-", since: "-", tags: "-", home: "-", then: 9}
"""
PAIR = """\
rule-table: route
inputs: {amount: number, region: string}
outputs: {who: string, days: integer}
hit: collect
rules:
  - {amount: "> 1000", region: '"UK", "IE"', then: {who: '"committee"', days: 5}}
  - {amount: "-", region: 'not("UK")', then: {who: 'region + " desk"', days: "1 + 1"}}
"""


def there_and_back(table: RuleTable) -> RuleTable:
    return read_any_table(write_model(model_of(table)).decode())


@pytest.mark.parametrize("text", [GRADE, PAIR, PAIR.replace("collect", "unique")])
def test_a_table_written_as_a_model_reads_back_to_the_same_table(text: str) -> None:
    table = read_table(text)
    assert there_and_back(table) == table
    assert table_to_json(there_and_back(table)) == table_to_json(table)
    model = read_model(write_model(model_of(table))).model
    assert model is not None
    assert read_table(table_text(model)) == table


def test_the_tables_of_the_examples_survive() -> None:
    files = sorted((ROOT / "examples").rglob("rule-tables/*.yaml"))
    assert files
    for file in files:
        table = read_table(file.read_text())
        if "money" in {column.type.name for column in (*table.inputs, *table.outputs)} or table.currency:
            with pytest.raises(BrokenInput):
                model_of(table)
        else:
            assert there_and_back(table) == replace(table, complete=False)  # a mark of ours that DMN has no place for


@pytest.mark.parametrize("hit", ["collect", "first", "unique"])
def test_a_table_and_its_model_give_the_same_answers(hit: str) -> None:
    table = read_table(PAIR.replace("collect", hit))
    model = compile_model(model_of(table))
    for amount in (None, Decimal(1), Decimal(1500)):
        for region in (None, "UK", "IE", "FR"):
            given_values: dict[str, Any] = {"amount": amount, "region": region}
            try:
                wanted = compile_table(table).evaluate(given_values)
            except OverlappingRules:
                with pytest.raises(OverlappingRules):
                    model.evaluate("route", given_values)
                continue
            assert model.evaluate("route", given_values) == wanted


def test_a_file_of_another_tool_becomes_a_table() -> None:
    logic = (
        "<decisionTable typeRef='string'><input><inputExpression typeRef='number'><text>score</text>"
        "</inputExpression></input><output/>"
        '<rule><inputEntry><text></text></inputEntry><outputEntry><text>"low"</text></outputEntry></rule>'
        "</decisionTable>"
    )
    table = read_any_table(
        dmn(given("score") + decision("Risk Class", logic, "i_score").replace("d_Risk Class", "d")).decode()
    )
    assert (table.id, table.title, table.hit, table.plain) == ("risk-class", "Risk Class", "unique", True)
    assert [(column.name, column.type.name) for column in table.inputs] == [("score", "number")]
    assert [(column.name, column.type.name) for column in table.outputs] == [("Risk Class", "string")]
    assert table.rules[0].cells == ("-",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GRADE.replace("number", "money"), "money"),
        (GRADE.replace("hit:", "currency: GBP\nhit:"), "currency"),
        (GRADE.replace("date,", "duration,").replace('< date("2026-01-01")', "-"), "duration"),
        (
            PAIR.replace(", days: integer", "").replace(", days: 5", "").replace(', days: "1 + 1"', ""),
            "single output",
        ),
    ],
)
def test_what_a_model_cannot_say_is_refused(text: str, message: str) -> None:
    with pytest.raises(BrokenInput) as caught:
        model_of(read_table(text))
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (decision("d", literal("1")), "expected a decision table"),
        (decision("d", literal("1")) + decision("e", literal("1")), "found 2"),
        (given("a"), "found 0"),
    ],
)
def test_what_a_table_cannot_be_is_refused(body: str, message: str) -> None:
    with pytest.raises(BrokenInput) as caught:
        read_any_table(dmn(body).decode())
    assert message in caught.value.message


def test_faults_of_a_file_have_their_place_in_it() -> None:
    text = write_model(model_of(read_table(PAIR))).decode()
    with pytest.raises(BrokenInput) as caught:
        read_any_table(text.replace("region + ", "nothing + "))
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "region + " in one)
    assert caught.value.location.startswith(f"{line}:")
    with pytest.raises(BrokenInput) as caught:
        read_any_table(text.replace("1 + 1", "true"))
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "1 + 1" in one)
    assert caught.value.message.startswith("expected a result of type integer, found boolean")
    assert caught.value.message.endswith("(in rule 2)")


def test_a_model_of_a_table_is_a_sound_model() -> None:
    model = model_of(read_table(GRADE))
    assert read_model(write_model(model)).model == model
    assert table_of(model).id == "credit-grade"


RICH = """\
rule-table: offer
title: Which offer
inputs:
  score: {type: number, allowed: "[0..1000]"}
  yearly: {type: number, expression: 12 * monthly}
  mood: {type: string, allowed: '"good", "bad"'}
outputs:
  offer: {type: string, allowed: '"gold", "silver", "none"', default: '"none"'}
  rate: {type: number, default: 0.5}
hit: priority
reads: {monthly: number, home: {properties: {area: string, floors: integer}}}
rules:
  - {score: "> 500", yearly: "> 100", mood: "-", then: {offer: '"gold"', rate: 1}}
  - {score: "> 100", yearly: "-", mood: '"good"', then: {offer: '"silver"', rate: if home.area = "N" then 2 else 3}}
"""
SUMMED = """\
rule-table: points
inputs: {score: number}
output: points
type: number
hit: collect {}
rules:
  - {score: "> 5", then: 1}
  - {score: "> 1", then: 10}
"""


@pytest.mark.parametrize(
    "text",
    [
        RICH,
        RICH.replace("hit: priority", "hit: any"),
        RICH.replace("hit: priority", "hit: output order")
        .replace(""", default: '"none"'""", "")
        .replace(", default: 0.5", ""),
        *[SUMMED.replace("{}", one) for one in ("sum", "min", "max", "count", "")],
    ],
)
def test_policies_allowed_values_defaults_and_expressions_survive(text: str) -> None:
    table = read_table(text)
    assert there_and_back(table) == table


@pytest.mark.parametrize("policy", ["priority", "any", "first", "unique"])
def test_a_rich_table_and_its_model_give_the_same_answers(policy: str) -> None:
    table = read_table(RICH.replace("hit: priority", f"hit: {policy}"))
    compiled, model = compile_table(table), compile_model(model_of(table))
    for score in (None, Decimal(5), Decimal(200), Decimal(700)):
        for monthly in (None, Decimal(1), Decimal(90)):
            for mood in (None, "good", "bad"):
                values = {"score": score, "monthly": monthly, "mood": mood, "home": {"area": "N", "floors": 1}}
                assert answer_of(compiled.evaluate, values) == answer_of(model.evaluate, "offer", values), values


def answer_of(ask: Any, *arguments: Any) -> Any:
    """A value, or why there is none."""
    try:
        return ask(*arguments)
    except RuleError as error:
        return type(error)
