"""Static types: what cannot be right is found before there is data, each finding at its place."""

import pytest

from governance.rules.check import check
from governance.rules.compile import compile_expression
from governance.rules.errors import BrokenExpression
from governance.rules.parse import parse
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
    type_named,
)
from ledger.errors import BrokenInput

SCOPE = {
    "n": NUMBER,
    "i": INTEGER,
    "s": STRING,
    "flag": BOOLEAN,
    "day": DATE,
    "moment": DATE_TIME,
    "clock": TIME,
    "d": DURATION,
    "amount": MONEY,
    "pounds": money_in("GBP"),
    "euros": money_in("EUR"),
    "names": list_of(STRING),
    "any": ANY,
    "risk": object_of({"grade": INTEGER, "bureau": type_named("object")}),
    "cases": list_of(object_of({"grade": INTEGER, "note": STRING})),
}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("n + 1", "number"),
        ("i", "integer"),
        ("1", "integer"),
        ("1.5", "number"),
        ("s + s", "string"),
        ("n > 1 and flag", "boolean"),
        ("amount + 5", "money"),
        ("pounds - 1", "money in GBP"),
        ("amount / amount", "number"),
        ("amount * n", "money"),
        ("day - day", "days and time duration"),
        ("day + d", "date"),
        ("d * 2", "duration"),
        ('duration("P1D") + d', "days and time duration"),
        ("moment.year", "number"),
        ("day.weekday", "number"),
        ("risk.grade", "integer"),
        ("risk.bureau.anything.below", "any"),
        ("[1, 2.5]", "list of number"),
        ("[]", "list"),
        ("if flag then 1 else 2.5", "number"),
        ("if flag then pounds else euros", "money"),
        ("if flag then null else names", "list of string"),
        ("if flag then risk else risk.bureau", "object"),
        ('if flag then duration("P1D") else duration("P1M")', "duration"),
        ("if flag then [1] else [2.5]", "list of number"),
        ("if flag then null else day", "date"),
        ("if flag then 1 else s", "any"),
        ("count(names)", "number"),
        ("min(names)", "string"),
        ("sum([amount, amount])", "money"),
        ("abs(amount)", "money"),
        ("append(names, s)", "list of string"),
        ('duration("P1M")', "years and months duration"),
        ("s in names", "boolean"),
        ("amount in [1..2]", "boolean"),
        ("any > 5", "boolean"),
        ("[1..5]", "range of integer"),
        ("max(amount)", "money"),
        ("names[1]", "string"),
        ('names[item = "x"]', "list of string"),
        ("cases[grade > 3]", "list of object"),
        ("cases[grade > 3].grade", "list of integer"),
        ("cases[1].grade", "integer"),
        ("any[1]", "any"),
        ("any[x = 1]", "list"),
        ("[1..5].start", "integer"),
        ("[1..5].end included", "boolean"),
        ("for name in names return string length(name)", "list of number"),
        ("for k in 1..n, one in cases return one.grade * k", "list of number"),
        ("for step in day..day return step", "list of date"),
        ("for k in 1..3 return count(partial)", "list of number"),
        ("some name in names satisfies name = s", "boolean"),
        ("every one in cases satisfies one.grade in [1..7]", "boolean"),
        ("any instance of list<number>", "boolean"),
        ("{a: n, b: a + 1}.b", "number"),
        ("{a b: s}.a b", "string"),
        ("{f: function(x: number) x * 2, y: f(n)}.y", "number"),
        ("(function(x: money) x)(amount)", "money"),
        ("s in (? = s)", "boolean"),
        ("n in (? > 5, 3)", "boolean"),
    ],
)
def test_types(source: str, wanted: str) -> None:
    checked = check(parse(source, SCOPE), SCOPE, currency="GBP")
    assert checked.findings == ()
    assert str(checked.type) == wanted


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("amuont > 5", 1, "did you mean `amount`"),
        ("n > 1 and riks.grade", 11, "did you mean `risk`"),
        ("risk.grad", 6, "expected a property (bureau, grade), found `grad`"),
        ("s.length", 3, "expected a property of a string"),
        ("day.hour", 5, "expected a property of a date"),
        ("names.x", 7, "expected a property of a string"),
        ("cases.grad", 7, "expected a property (grade, note), found `grad`"),
        ("cases[grad = 1]", 7, "did you mean `grade`"),
        ('names["x"]', 7, "expected a condition or a number in a filter, found string"),
        ("[1..5].middle", 8, "expected a property of a range"),
        ("for x in n return x", 10, "expected a list to loop over, found number"),
        ('for x in 1.."b" return x', 10, "two numbers or two dates"),
        ("for x in names return y", 23, "found `y`"),
        ("some x in names satisfies x", 27, "expected a boolean in `some ... satisfies`"),
        ("{a: b, b: 1}", 5, "found `b`"),
        ("? > 5", 1, "only in a test"),
        ("n(1)", 1, "expected a function, found number"),
        ("(function(x: number) x)(s)", 25, "expected an argument of type number, found string"),
        ("(function(x) x)(1, 2)", 16, "expected 1 arguments, found 2"),
        ("substring(text: s)", 1, "expected arguments of `substring` by name"),
        ('n = "1"', 3, "found number and string"),
        ("flag > true", 6, "with an order"),
        ("n + s", 3, "found number and string"),
        ("amount * amount", 8, "`*` joins"),
        ("pounds > euros", 8, "found money in GBP and money in EUR"),
        ("pounds + euros", 8, "`+` joins"),
        ("euros > 5", 7, "found money in EUR and integer"),
        ("day < moment", 5, "found date and date and time"),
        ('duration("P1D") + duration("P1M")', 17, "`+` joins"),
        ('clock + duration("P1M")', 7, "`+` joins"),
        ("n and flag", 1, "expected a boolean in `and`, found number"),
        ("if n then 1 else 2", 4, "expected a boolean in `if`"),
        ("-s", 1, "expected a number after `-`"),
        ("s in [1..2]", 6, "expected a test of string, found integer"),
        ("n in names", 6, "expected a test of number, found string"),
        ("n in (1, s)", 10, "expected a test of number"),
        ("n in < s", 6, "found number and string"),
        ("n in [5..1]", 6, "the lower end of a range first"),
        ("s between 1 and 2", 11, "found string and integer"),
        ("now()", 1, "`now` has no value here"),
        ("cuont(names)", 1, "did you mean `count`"),
        ("count(n)", 7, "expected list in `count`, found number"),
        ("count()", 1, "expected 1 arguments in `count`, found 0"),
        ("substring(s)", 1, "expected 2 to 3 arguments"),
        ("sum(names)", 1, "expected numbers or money"),
        ("all(names)", 1, "expected booleans"),
        ('date("2026-02-30")', 1, "expected a date that exists"),
        ('duration("2 days")', 1, "expected a duration that exists"),
    ],
)
def test_findings(source: str, column: int, message: str) -> None:
    with pytest.raises(BrokenExpression) as caught:
        compile_expression(source, SCOPE, "GBP")
    assert caught.value.column == column
    assert message in caught.value.message


def test_every_finding_is_reported_in_order() -> None:
    findings = check(parse("x1 > 1 or n = s and y1", SCOPE), SCOPE).findings
    assert [finding.at for finding in findings] == [0, 12, 20]


def test_without_a_currency_a_bare_number_is_no_money() -> None:
    assert check(parse("amount > 5"), SCOPE, currency="GBP").findings == ()
    assert "no currency is declared" in check(parse("amount > 5"), SCOPE).findings[0].message


@pytest.mark.parametrize(
    ("source", "result", "fits"),
    [
        ("n", BOOLEAN, False),
        ("flag", BOOLEAN, True),
        ("any", BOOLEAN, True),
        ("null", BOOLEAN, True),
        ("1", INTEGER, True),
        ("1.5", INTEGER, False),
        ("n", INTEGER, True),
        ("1", MONEY, False),
        ("d", Type("days and time duration"), True),
        ("names", list_of(NUMBER), False),
        ("day", DURATION, False),
        ("euros", money_in("GBP"), False),
    ],
)
def test_the_asked_result(source: str, result: Type, fits: bool) -> None:
    assert (check(parse(source), SCOPE, result, "GBP").findings == ()) is fits


def test_the_declared_types_are_read() -> None:
    assert type_named("list", item=STRING) == list_of(STRING)
    assert type_named("object", {"a": STRING}) == object_of({"a": STRING})
    assert type_named("money") == MONEY


def test_unknown_types_are_named() -> None:
    with pytest.raises(BrokenInput, match="found `float`"):
        type_named("float")
