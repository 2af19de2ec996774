"""The rule language over an instance's data: typed in, canonical JSON out, and never an exception."""

import dataclasses
from typing import Any

import pytest

from governance.rules.limits import Allowance
from governance.rules.table import compile_table
from governance.rules.table_source import read_table
from ledger.clock import parse_instant
from orchestrator.feel import (
    FAILED,
    NO_RULE_MATCHES,
    OUT_OF_RANGE,
    UNCONVERTIBLE,
    UNREADABLE,
    TypedData,
    evaluate_at,
    paying,
    rule,
)
from orchestrator.plan import Plan
from orchestrator.run import Failed, Ruled
from tests.orchestrator.toy import end, version
from versioning import blueprint as b

FIELDS = (
    b.DataField("amount", "money", "internal"),
    b.DataField("count", "integer", "internal"),
    b.DataField("ratio", "number", "internal"),
    b.DataField("day", "date", "internal"),
    b.DataField("risk", "object", "internal", properties=(b.DataField("grade", "integer", "internal"),)),
)
VERSION = version(end())
PLAN = Plan(dataclasses.replace(VERSION, blueprint=dataclasses.replace(VERSION.blueprint, data=FIELDS)))
DATA = {
    "amount": {"amount": "250000.01", "currency": "GBP"},
    "count": 3,
    "ratio": "0.50",
    "day": "2026-11-22",
    "risk": {"grade": 7},
}


NOW = parse_instant("2026-11-22T23:59:59.999999Z")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("amount > 250000", True),
        ("amount > 250000.01", False),
        ("amount", {"amount": "250000.01", "currency": "GBP"}),
        ("count + 1", "4"),
        ("count", 3),
        ("ratio * 2 = 1", True),
        ("risk.grade >= 7 and count = 3", True),
        ("day", "2026-11-22"),
        ("amount >", Failed(UNREADABLE)),
        ("nothing = 1", Failed(UNREADABLE)),
        ("1 / (count - 3)", Failed(FAILED)),
    ],
)
def test_expressions_over_declared_data(source: str, value: Any) -> None:
    found = evaluate_at(PLAN, NOW)(source, DATA)
    assert found == value or (source.startswith("1 /") and found is None)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "250000.01",
        {"amount": "250000.01", "currency": "GBP"},
        {"amount": "-0.00", "currency": "EUR"},
        {"amount": "1E+2", "currency": "GBP"},
        {"amount": "1", "currency": "pounds"},
        {"$commitment": "1.x", "$at": "2026-11-22T23:59:59Z"},
        3,
        True,
        "2026-11-22",
    ],
)
@pytest.mark.parametrize(
    "name", ["amount", "count", "ratio", "day", "title", "done", "risk", "nobody", " title ", "(done)"]
)
def test_a_name_alone_yields_the_same_however_often_and_whoever_pays(name: str, value: Any) -> None:
    fields = (*FIELDS, b.DataField("title", "string", "internal"), b.DataField("done", "boolean", "internal"))
    plan = Plan(dataclasses.replace(VERSION, blueprint=dataclasses.replace(VERSION.blueprint, data=fields)))
    context = {name.strip(" ()"): value}
    unpaid = evaluate_at(plan, NOW)(name, context)
    paid = paying(evaluate_at(plan, NOW), Allowance())
    assert [paid(name, context) for _ in range(3)] == [unpaid] * 3


@pytest.mark.parametrize("source", ["9007199254740992", "[1, -99999999999999999999]", "{a: [9007199254740993]}"])
def test_a_whole_number_that_no_entry_may_hold_is_no_value(source: str) -> None:
    assert evaluate_at(PLAN, NOW)(source, DATA) == Failed(OUT_OF_RANGE)


def test_the_greatest_whole_number_of_an_entry_is_one() -> None:
    assert evaluate_at(PLAN, NOW)("9007199254740991", DATA) == 9_007_199_254_740_991


def test_missing_data_is_null_and_null_decides_nothing() -> None:
    assert evaluate_at(PLAN, NOW)("risk.grade >= 7", {}) is None
    assert evaluate_at(PLAN, NOW)("amount > 1", {}) is None


def test_unlike_currencies_are_not_guessed() -> None:
    data = {"amount": {"amount": "5", "currency": "USD"}}
    assert evaluate_at(PLAN, NOW)("amount > 1", data) == Failed(UNCONVERTIBLE)


def test_data_of_another_type_than_declared_fails() -> None:
    assert evaluate_at(PLAN, NOW)("count = 1", {"count": "text"}) == Failed(UNREADABLE)


def test_conditions_read_typed_data_when_they_ask() -> None:
    asked: list[str] = []

    def read(name: str) -> Any:
        asked.append(name)
        return DATA[name]

    data = TypedData(PLAN, read, Allowance())
    assert list(data) == [field.name for field in FIELDS]
    assert asked == []
    assert str(data["ratio"]) == "0.50"
    assert asked == ["ratio"]


TABLE = compile_table(
    read_table("""
rule-table: grade
title: Grade
inputs: {count: integer}
output: grade
type: integer
hit: first
rules:
  - {count: "> 10", then: 1}
  - {count: "> 2", then: 7}
""")
)


def test_rule_table_names_its_rows() -> None:
    into = PLAN.field_at("risk.grade")
    assert rule(TABLE, "digest", {"count": 3}, into) == Ruled(7, "digest", (2,))
    assert rule(TABLE, "digest", {"count": 1}, into) == Failed(NO_RULE_MATCHES)
    assert rule(TABLE, "digest", {"count": "x"}, into) == Failed(FAILED)


def test_the_moment_of_an_expression_is_the_instant_of_the_command_in_utc() -> None:
    for source, before, after in (
        ("today()", "2026-11-22", "2026-11-23"),
        ("day = today()", True, False),
        ("today() - day", "PT0S", "P1D"),
        ("now()", "2026-11-22T23:59:59.999999Z", "2026-11-23T00:00:00Z"),
        ("string(now().time offset)", "PT0S", "PT0S"),
    ):
        assert evaluate_at(PLAN, NOW)(source, DATA) == before, source
        assert evaluate_at(PLAN, NOW + 1)(source, DATA) == after, source
        assert evaluate_at(PLAN, NOW)(source, DATA) == before, "an answer is kept by no one"
