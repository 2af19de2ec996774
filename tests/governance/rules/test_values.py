"""Values from and to canonical JSON of a declared type."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
from governance.rules.values import Money, from_json, number_text, printed_back, to_json
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


CURRENCIES = ("GBP", "EUR", "gbp")
TYPES = (
    ANY,
    BOOLEAN,
    DATE,
    DURATION,
    INTEGER,
    MONEY,
    *map(money_in, CURRENCIES),
    NUMBER,
    STRING,
    TIME,
    list_of(),
)
amount_texts = st.one_of(
    st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{0,4})?", fullmatch=True),
    st.from_regex(r"[0-9]{15,40}(\.[0-9]{1,45})?", fullmatch=True),
    st.sampled_from(["0", "-0", "-0.00", "0.00", "00.1", "1.", "1e3", "1E+40", "\u0661", "1\n", f"0.{'0' * 41}1"]),
)
currencies = st.sampled_from([*CURRENCIES, "GB", "GBP\n", "", 5, None])
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), amount_texts, st.floats())
monies = st.fixed_dictionaries({"amount": st.one_of(amount_texts, scalars), "currency": currencies})
anything = st.one_of(
    monies,
    scalars,
    st.lists(scalars, max_size=2),
    st.dictionaries(st.sampled_from(["amount", "currency", "$money", "$commitment", "a"]), scalars, max_size=3),
)


@given(anything, st.sampled_from(TYPES))
@example("x" * 100_000, STRING)
@example("x" * 100_001, STRING)
@example({"amount": "1.50", "currency": "GBP", "$at": "1"}, MONEY)
def test_what_is_printed_back_at_once_is_what_reading_and_printing_gives(data: Any, kind: Type) -> None:
    at_once = printed_back(data, kind)
    if at_once is not None:
        assert at_once == to_json(from_json(data, kind), kind)
        assert type(at_once) is type(data)


@given(st.decimals(0, 10**15, places=2), st.sampled_from(["GBP", "EUR"]))
def test_plain_money_is_printed_back_at_once_and_is_no_part_of_the_data(amount: Decimal, currency: str) -> None:
    data = {"amount": format(amount, "f"), "currency": currency}
    for kind in (MONEY, money_in(currency)):
        found = printed_back(data, kind)
        assert found == data
        assert found is not data
    assert printed_back(data, money_in("CHF")) is None
