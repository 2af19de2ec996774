"""Values from and to canonical JSON of a declared type."""

from decimal import Decimal
from typing import Any

import pytest

from governance.rules.errors import LimitBreached, Unanswerable
from governance.rules.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DURATION,
    INTEGER,
    MONEY,
    NUMBER,
    STRING,
    TIME,
    Type,
    list_of,
    money_in,
    object_of,
)
from governance.rules.values import Money, from_json, number_text, to_json
from ledger.errors import BrokenInput


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("1.50", NUMBER),
        ("-0.001", NUMBER),
        ("1E+40", NUMBER),
        (5, INTEGER),
        ("a", STRING),
        (True, BOOLEAN),
        (None, DATE),
        ("2026-01-31", DATE),
        ("09:30:00Z", TIME),
        ("2026-01-31T09:30:00.25+01:00", DATE_TIME),
        ("P2DT4H", DURATION),
        ("-P1Y6M", DURATION),
        ("PT0S", DURATION),
        ({"amount": "84000.00", "currency": "GBP"}, MONEY),
        ([1, 2], list_of(INTEGER)),
        ({"a": "1.0", "b": [{"$decimal": "2.0"}]}, object_of({"a": NUMBER, "b": list_of()})),
        ({"$date": "2026-01-31"}, ANY),
        ({"$money": {"amount": "1", "currency": "EUR"}}, ANY),
        ({"x": {"$duration": "P1Y"}}, ANY),
    ],
)
def test_declared_data_reads_and_writes_back_the_same(data: Any, kind: Type) -> None:
    assert to_json(from_json(data, kind), kind) == data


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (1.5, NUMBER, "found a floating-point number"),
        (True, NUMBER, "found a boolean"),
        (1, BOOLEAN, "found an integer"),
        ("1,000", NUMBER, "decimal number"),
        ("1.5", INTEGER, "expected an integer, found a text"),
        ("01.5", NUMBER, "decimal number"),
        ("NaN", NUMBER, "decimal number"),
        ("2026-02-30", DATE, "day that exists"),
        ("2026-1-1", DATE, "expected a date such as"),
        ({"amount": 5, "currency": "GBP"}, MONEY, "expected money such as"),
        ({"amount": "5", "currency": "gbp"}, MONEY, "expected a currency"),
        ({"amount": "5", "currency": "GBP"}, money_in("EUR"), "expected money in EUR"),
        ({"c": 1}, object_of({"a": NUMBER}), "found the property `c`"),
        ("P1Y", Type("days and time duration"), "days and time"),
        ([1], STRING, "found a list"),
    ],
)
def test_other_data_is_broken_input(data: Any, kind: Type, message: str) -> None:
    with pytest.raises(BrokenInput, match=message):
        from_json(data, kind)


def test_limits_hold_for_data() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    too_much: tuple[tuple[Any, Type], ...] = (
        ("1" * 35, NUMBER),
        (10**34, INTEGER),
        ("1E+7000", NUMBER),
        (["a"] * 10_001, ANY),
        ("x" * 100_001, ANY),
        (deep, ANY),
    )
    for data, kind in too_much:
        with pytest.raises(LimitBreached):
            from_json(data, kind)


def test_a_value_of_another_type_is_not_written() -> None:
    for value, kind in (
        (Decimal("1.5"), INTEGER),
        ("a", NUMBER),
        (Money(Decimal(1), "EUR"), money_in("GBP")),
        (True, STRING),
    ):
        with pytest.raises(Unanswerable):
            to_json(value, kind)


def test_numbers_are_written_without_loss() -> None:
    assert number_text(Decimal("-0.00")) == "0.00"
    assert number_text(Decimal("1E+3")) == "1000"
    assert number_text(Decimal("1E-7")) == "0.0000001"
    assert number_text(Decimal("1E+40")) == "1E+40"
