"""Plain words of conditions and cells."""

import pytest

from governance.rules.parse import parse, parse_tests
from governance.rules.words import condition_in_words, in_words
from governance.rules.words import tests_in_words as cell_in_words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("amount > 250000", "the amount is above 250,000"),
        ("amount > 1 or risk.grade in [7..10]", "the amount is above 1 or the risk grade is from 7 to 10"),
        ("(a = 1 or b != 2) and c", "(the a is 1 or the b is not 2) and the c is true"),
        ("count(findings) = 0", "the number of the findings is 0"),
        ("x in (1..5]", "the x is above 1 and at most 5"),
        ("x in (> 5)", "the x is above 5"),
        ('s in ("a", "b", "c")', "the s is one of “a”, “b” or “c”"),
        ('list contains(["a"], s)', "the s is one of “a”"),
        ("x between 1 and 2", "the x is from 1 to 2"),
        ('start_date <= @"2026-02-01"', "the start date is not after 1 February 2026"),
        ('age > @"P1Y2M"', "the age is above 1 year and 2 months"),
        ('late < -@"P2DT1H"', "the late is below minus 2 days and 1 hour"),
        ("not(a = null)", "it is not so that the a is not known"),
        ('contains(name, "x")', "the name contains “x”"),
        ("true", "always"),
    ],
)  # fmt: skip
def test_conditions(source: str, words: str) -> None:
    assert condition_in_words(parse(source)) == words


def test_values() -> None:
    assert in_words(parse("a * (b + 1.50)")) == "the a times (the b plus 1.50)"
    assert in_words(parse("if a then 1 else 2")) == "1 if the a is true, else 2"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("-", "is anything"),
        (">= 720", "is at least 720"),
        ("[600..720)", "is at least 600 and below 720"),
        ("not(1, 2)", "is none of 1 or 2"),
        ("not(null)", "is known"),
        ("not(< 5)", "is none of this: is below 5"),
        ("< 1, > 5", "is below 1 or is above 5"),
    ],
)
def test_cells(cell: str, words: str) -> None:
    assert cell_in_words(parse_tests(cell)) == words
