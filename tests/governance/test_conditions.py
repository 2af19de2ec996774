"""Conditions of grants in the rule language."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from governance.rules.values import Money
from ledger.clock import parse_instant
from ledger.errors import BrokenInput

conditions = pytest.importorskip("governance.conditions", exc_type=ImportError)


@pytest.mark.parametrize(
    ("grade", "held"), [(Decimal(6), True), (Decimal(7), True), (Decimal("7.01"), False), (None, None)]
)
def test_a_condition_reads_the_data_of_the_case(grade: object, held: object) -> None:
    assert conditions.condition_value("risk.grade <= 7", {"risk": {"grade": grade}}, 0) is held


def test_data_that_is_not_there_does_not_hold() -> None:
    assert conditions.condition_value("risk.grade <= 7", {}, 0) is not True
    assert conditions.condition_value("risk.grade <= 7", {"risk": None}, 0) is not True


@pytest.mark.parametrize("source", ["risk.grade <=", "", "frobnicate(1)"])
def test_what_does_not_compile_is_said_so(source: str) -> None:
    assert conditions.condition_fault(source)


def test_a_sound_condition_has_no_fault() -> None:
    assert conditions.condition_fault('risk.grade <= 7 and product in ["car", "home"]') == ""


LATE = parse_instant("2026-03-31T23:30:00.000000Z")  # the first of April already, east of Greenwich


@pytest.mark.parametrize(
    ("source", "now", "held"),
    [
        ("today() <= ends", LATE, True),
        ("today() <= ends", LATE + 1_800_000_000, False),
        ("now() < @\"2026-04-01T00:00:00Z\"", LATE + 1_799_999_999, True),
        ("now() < @\"2026-04-01T00:00:00Z\"", LATE + 1_800_000_000, False),
    ],
)  # fmt: skip
def test_the_moment_of_a_condition_is_the_instant_of_its_decision_in_utc(source: str, now: int, held: bool) -> None:
    assert conditions.condition_fault(source) == ""
    assert conditions.condition_value(source, {"ends": date(2026, 3, 31)}, now) is held


@pytest.mark.parametrize(
    ("source", "context"),
    [
        ("amount < other", {"amount": Money(Decimal(5), "GBP"), "other": Money(Decimal(5), "EUR")}),
        ('ends + duration("P8000Y") > ends', {"ends": date(2026, 1, 1)}),
        ("count(for i in 1..10000 return count(for j in 1..10000 return j)) > 0", {}),
    ],
)
def test_one_without_an_answer_is_said_so_in_the_one_way_that_a_decision_expects(source: str, context: Any) -> None:
    assert conditions.condition_fault(source) == ""
    with pytest.raises(BrokenInput):
        conditions.condition_value(source, context, 0)
