"""Conditions of grants in the rule language."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.clock import parse_instant

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
