"""Conditions of grants in the rule language."""

from decimal import Decimal

import pytest

conditions = pytest.importorskip("governance.conditions", exc_type=ImportError)


@pytest.mark.parametrize(
    ("grade", "held"), [(Decimal(6), True), (Decimal(7), True), (Decimal("7.01"), False), (None, None)]
)
def test_a_condition_reads_the_data_of_the_case(grade: object, held: object) -> None:
    assert conditions.condition_value("risk.grade <= 7", {"risk": {"grade": grade}}) is held


def test_data_that_is_not_there_does_not_hold() -> None:
    assert conditions.condition_value("risk.grade <= 7", {}) is not True
    assert conditions.condition_value("risk.grade <= 7", {"risk": None}) is not True


@pytest.mark.parametrize("source", ["risk.grade <=", "", "frobnicate(1)"])
def test_what_does_not_compile_is_said_so(source: str) -> None:
    assert conditions.condition_fault(source)


def test_a_sound_condition_has_no_fault() -> None:
    assert conditions.condition_fault('risk.grade <= 7 and product in ["car", "home"]') == ""
