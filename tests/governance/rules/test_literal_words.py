"""Numbers in words are read back as what they were, and have their marks where a reader looks for them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.literal_words import number_in_words, value_in_words


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=3))
def test_a_number_in_words_is_that_number(number: Decimal) -> None:
    told = value_in_words(number)
    assert Decimal(told.replace(",", "")) == number
    assert Decimal(dict(told.arguments)["number"]) == number


@pytest.mark.parametrize(
    ("text", "told"),
    [("-0.5", "-0.5"), ("0.5", "0.5"), ("-1234567.25", "-1,234,567.25"), ("1000", "1,000"), ("1E+40", "1E+40")],
)
def test_a_number_has_marks_between_its_thousands(text: str, told: str) -> None:
    assert number_in_words(text) == told
