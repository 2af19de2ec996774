"""Standard functions on numbers."""

import math
import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.errors import LimitBreached, Unanswerable, UnlikeCurrencies
from governance.rules.values import money
from tests.governance.rules.calls import holds, value


@pytest.mark.parametrize(
    "source",
    [
        "decimal(1/3, 2) = 0.33",
        "decimal(2.5, 0) = 2",
        "decimal(1.5, 0) = 2",
        "decimal(0.515, 2) = 0.52",
        "decimal(1/3, 2.5) = 0.33",
        "decimal(1234, -2) = 1200",
        "floor(-1.56, 1) = -1.6",
        "floor(1.5) = 1",
        "ceiling(-1.56, 1) = -1.5",
        "ceiling(1.5) = 2",
        "round up(-5.5, 0) = -6",
        "round up(1.121, 2) = 1.13",
        "round down(5.5, 0) = 5",
        "round down(-1.126, 2) = -1.12",
        "round half up(5.5, 0) = 6",
        "round half up(-1.125, 2) = -1.13",
        "round half down(5.5, 0) = 5",
        "round half down(-1.126, 2) = -1.13",
        "abs(-10) = 10",
        'abs(@"-PT5H") = @"PT5H"',
        'abs(@"-P1Y") = @"P1Y"',
        "modulo(-12, 5) = 3",
        "modulo(12, -5) = -3",
        "modulo(-12, -5) = -2",
        "modulo(10.1, 4.5) = 1.1",
        "modulo(-10.1, 4.5) = 3.4",
        "modulo(10.1, -4.5) = -3.4",
        "modulo(9999999999999999999999999999999999, 7) = 3",
        "sqrt(16) = 4",
        "decimal(log(10), 2) = 2.30",
        "decimal(exp(5), 2) = 148.41",
        "odd(5)",
        "not(odd(-2))",
        "even(0)",
        "odd(-5)",
        "sum(1, 2, 3) = 6",
        "mean([1, 2, 4]) = 7/3",
        "product([2, 3, 4]) = 24",
        "median(8, 2, 5, 3, 4) = 4",
        "median([6, 1, 2, 3]) = 2.5",
        "stddev(2, 4, 7, 5) = 2.081665999466132735282297706979931",
        "mode(6, 3, 9, 6, 6) = [6]",
        "mode([6, 1, 9, 6, 1]) = [1, 6]",
        "mode([]) = []",
        'number("1 000,5", " ", ",") = 1000.5',
        'number("007") = 7',
        'number(".5") = 0.5',
    ],
)
def test_numbers(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        "sum([])",
        "mean([])",
        "median([])",
        "product([])",
        "stddev([])",
        "stddev(47)",
        "sum([1, null])",
        'mean([1, "a"])',
        "mode([1, null])",
        "mode(null)",
        "sqrt(-1)",
        "log(0)",
        "log(-1)",
        "modulo(1, 0)",
        "decimal(1, 6177)",
        "decimal(1, -6112)",
        'number("1,000", ",", ",")',
        'number("1x")',
        'abs("a")',
        "odd(null)",
        "product([pounds])",
        "stddev([pounds, pounds])",
    ],
)
def test_no_number(source: str) -> None:
    assert value(source, pounds=money("1", "GBP")) is None


@pytest.mark.parametrize(
    "source", ["odd(2.5)", "even(0.5)", 'sum([@"P1D"])', "sum([[1]])", "modulo(1E+6000, 7)", "stddev([1E+200, 1])"]
)
def test_what_is_not_certain_is_refused(source: str) -> None:
    with pytest.raises(Unanswerable):
        value(source)


def test_too_large_is_a_limit() -> None:
    for source in ("exp(1000000)", "product([10 ** 6000, 10 ** 6000])"):
        with pytest.raises(LimitBreached):
            value(source)


def test_what_takes_long_is_paid_for() -> None:
    for name in ("exp", "log"):
        with pytest.raises(LimitBreached, match="steps"):
            value(f"for i in 1..200 return for j in 1..200 return {name}(i + j) > 0")


def test_money() -> None:
    pounds, more = money("10.00", "GBP"), money("5.00", "GBP")
    names = {"a": pounds, "b": more, "c": money("1", "EUR")}
    assert value("mean([a, b])", names=names) == money("7.5", "GBP")
    assert value("median([a, b, 1])", "GBP", names=names) == more
    assert value("median([a, b])", names=names) == money("7.5", "GBP")
    assert value("sum([a, 1])", "GBP", names=names) == money("11.00", "GBP")
    for source in ("sum([a, c])", "mean([a, c])", "median([a, c])", "sum([a, 1])"):
        with pytest.raises(UnlikeCurrencies):
            value(source, names=names)


NUMBERS = st.decimals(-(10**9), 10**9, places=4)


@given(NUMBERS, NUMBERS.filter(bool))
@settings(max_examples=80, deadline=None)
def test_modulo_is_the_standard_s_formula(dividend: Decimal, divisor: Decimal) -> None:
    one, other = Fraction(dividend), Fraction(divisor)
    assert Fraction(value("modulo(a, b)", a=dividend, b=divisor)) == one - other * math.floor(one / other)


@given(NUMBERS, st.integers(-3, 6))
@settings(max_examples=80, deadline=None)
def test_roundings_are_next_to_the_number_and_on_the_side_they_say(number: Decimal, scale: int) -> None:
    step = Decimal(10) ** -scale
    found = {
        name: value(f"{name}(n, {scale})", n=number)
        for name in ("floor", "ceiling", "round up", "round down", "round half up", "round half down", "decimal")
    }
    assert all(abs(result - number) < step for result in found.values())
    assert found["floor"] <= number <= found["ceiling"]
    assert abs(found["round down"]) <= abs(number) <= abs(found["round up"])
    nearest = {found[name] for name in ("round half up", "round half down", "decimal")}
    assert all(abs(result - number) <= step / 2 for result in nearest)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_statistics_are_those_of_python(numbers: list[int]) -> None:
    given_ = tuple(numbers)
    assert value("median(a)", a=given_) == Decimal(str(statistics.median(numbers)))
    assert list(value("mode(a)", a=given_)) == sorted(statistics.multimode(numbers))
    variance = statistics.variance([Fraction(number) for number in numbers])
    assert abs(Fraction(value("stddev(a)", a=given_)) ** 2 - variance) < Fraction(1, 10**20)
