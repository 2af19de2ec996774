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
        ("grade in allowed", "the grade is in the allowed"),
        ("some p in items satisfies p.price > 5", "there is a p in the items for which the p price is above 5"),
        (
            "every line in lines, day in 1..5 satisfies line.day = day",
            "for every line in the lines and every day from 1 to 5 it is so that the line day is the day",
        ),
        ("count(items[price > 5]) = 0", "the number of those of the items for which the price is above 5 is 0"),
        ("items[1].price < 5", "the price of item 1 of the items is below 5"),
        ("items[1] = 5", "item 1 of the items is 5"),
        ("items[-1] = 5", "the last of the items is 5"),
        ("items[chosen] = 5", "items[chosen] is 5"),
        ("sum(for i in items return i.price * i.count) > 5",
         "the sum of (the i price times the i count) for each i in the items is above 5"),
        ("a instance of list<number>", "the a is of the type list<number>"),
        ("a in (? > 5 and ? != b, null)",
         "the a is such that the value is above 5 and the value is not the b or is not known"),
        ("rate(amount, 2 + a) > {x_y: 1, z: 2}",
         "the rate of the amount and (2 plus the a) is above a record of x y 1 and z 2"),
    ],
)  # fmt: skip
def test_conditions(source: str, words: str) -> None:
    assert condition_in_words(parse(source)) == words


def test_arguments_by_name_are_told_in_the_order_of_the_function() -> None:
    assert condition_in_words(parse('contains(match: "x", string: name)')) == "the name contains “x”"
    assert condition_in_words(parse('contains(match: "x")')) == 'contains(match: "x") is true'
    assert in_words(parse("sum(nothing: 1)")) == "sum(nothing: 1)"


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
        ("? > 5", "is such that the value is above 5"),
        ("not(< 5)", "is none of this: is below 5"),
        ("< 1, > 5", "is below 1 or is above 5"),
    ],
)
def test_cells(cell: str, words: str) -> None:
    assert cell_in_words(parse_tests(cell)) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("today() < day", "today is before the day"),
        ("day >= today()", "the day is not before today"),
        ("now() > @\"2026-01-01T00:00:00Z\"", "now is after 2026-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_the_moment_of_a_condition_in_words(source: str, words: str) -> None:
    assert condition_in_words(parse(source)) == words
