"""What expressions give: null logic, arithmetic, time, money, functions, limits."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from governance.rules import limits
from governance.rules.closures import closure_of
from governance.rules.compile import compile_expression
from governance.rules.errors import LimitBreached, RuleError, Unanswerable, UnlikeCurrencies
from governance.rules.parse import parse
from governance.rules.temporal import YearsMonths
from governance.rules.types import ANY, BOOLEAN, MONEY, NUMBER, object_of
from governance.rules.values import money
from ledger.errors import Misuse
from ledger.refusal import Reason

POUNDS = money("84000.00", "GBP")
DATA: dict[str, Any] = {
    "n": Decimal("5.5"),
    "i": 7,
    "s": "abc",
    "nothing": None,
    "pounds": POUNDS,
    "euros": money("1", "EUR"),
    "items": (1, Decimal("2.0"), 3),
    "risk": {"grade": 7, "findings": ()},
    "day": date(2026, 1, 31),
}


def value(source: str) -> Any:
    """The value by the standard's untyped reading (no static check)."""
    return closure_of(parse(source, DATA), "GBP")(DATA)


T, F, N = True, False, None


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (T, T, T, T), (T, F, F, T), (T, N, N, T),
        (F, T, F, T), (F, F, F, F), (F, N, F, N),
        (N, T, N, T), (N, F, F, N), (N, N, N, N),
    ],
)  # fmt: skip
def test_null_logic(left: bool | None, right: bool | None, both: bool | None, either: bool | None) -> None:
    scope = {"a": BOOLEAN, "b": BOOLEAN}
    context = {"a": left, "b": right}
    assert compile_expression("a and b", scope).evaluate(context) is both
    assert compile_expression("a or b", scope).evaluate(context) is either
    assert compile_expression("not(a)", scope).evaluate(context) is (None if left is None else not left)
    assert compile_expression("a", scope).holds(context) is (left is True)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        # arithmetic: decimals, null in null out
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("10 ** -2", Decimal("0.01")),
        ("1 / 0", None),
        ("(-8) ** 0.5", None),
        ("n + nothing", None),
        ('1 + "a"', None),
        ('"a" + "b"', "ab"),
        ('"a" - "b"', None),
        ("-i", Decimal(-7)),
        # comparison
        ("nothing = null", True),
        ("n = null", False),
        ("n != null", True),
        ("n < null", None),
        ('1 = "1"', None),
        ("true = 1", None),
        ("true < false", None),
        ("[1, null] = [1, null]", True),
        ("[1, null] = [1, 2]", False),
        ("[1] = [1, 2]", False),
        ('"a" < "b"', True),
        ("i between 7 and 8", True),
        ("nothing between 1 and 2", None),
        # membership
        ("i in [7..10]", True),
        ("i in (7..10]", False),
        ("i in [1..7)", False),
        ("i in (< 5, > 6)", True),
        ("i in >= 8", False),
        ("2 in items", True),
        ("4 in items", False),
        ("null in [1, null]", True),
        ('s in ("x", "abc")', True),
        ('s in ["x", "abc"]', True),
        ('n in ["x", "abc"]', False),
        ("not(s in nothing)", None),
        ("null in nothing", None),
        ("[1..5] = [1..5]", True),
        ("[1..5] = [1..5)", False),
        ("risk = risk", True),
        ("[2, 3] in [1..5]", None),
        ("true = false", False),
        ("i * nothing", None),
        ('-"a"', None),
        ("5 in ([1..3], [4..6])", True),
        ("nothing in [1..2]", None),
        ("1 in [null..2]", None),
        ("[1] in [[1], [2]]", True),
        ("2 in (<= 2)", True),
        # paths and choice
        ("risk.grade >= 7", True),
        ("risk.missing", None),
        ("nothing.grade", None),
        ("s.grade", None),
        ("if nothing then 1 else 2", Decimal(2)),
        ("if risk.grade > 6 then s else n", "abc"),
    ],
)
def test_values(source: str, wanted: Any) -> None:
    found = value(source)
    assert (type(found), found) == (type(wanted), wanted)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ('date("2026-01-31") + duration("P1M") = date("2026-02-28")', True),
        ('date("2024-03-31") - duration("P1M") = date("2024-02-29")', True),
        ('day + duration("P1D") = @"2026-02-01"', True),
        ('date("2026-03-01") - day', timedelta(days=29)),
        ('@"2026-01-31T10:00:00Z" < @"2026-01-31T10:00:00-01:00"', True),
        ('@"2026-01-31T10:00:00Z" = @"2026-01-31T11:00:00+01:00"', True),
        ('@"23:30:00" + duration("PT1H") = @"00:30:00"', True),
        ('duration("P1D") / 2', timedelta(hours=12)),
        ('duration("P1D") / duration("PT8H")', Decimal(3)),
        ('duration("P1Y") * 1.5', YearsMonths(18)),
        ('duration("P1Y6M") > duration("P17M")', True),
        ('duration("P1Y") = duration("P365D")', None),
        ('time("10:00:00") + duration("P1M")', None),
        ("day.month", Decimal(1)),
        ('duration("PT26H").hours', Decimal(2)),
        ('duration("PT26H").years', None),
        ('string(duration("PT26H"))', "P1DT2H"),
        ('string(duration("P13M"))', "P1Y1M"),
        ('string(@"2026-01-31T10:00:00.500+05:30")', "2026-01-31T10:00:00.5+05:30"),
        ('date("2026-02-29")', None),
        ('date(2024, 2, 29) = @"2024-02-29"', True),
        ('time(10, 30, 15.5, duration("PT1H")) = @"10:30:15.5+01:00"', True),
        ('date and time(day, time("09:00:00")) = @"2026-01-31T09:00:00"', True),
        ('date and time(date and time("2026-01-31T00:00:00"), @"09:00:00Z") = @"2026-01-31T09:00:00Z"', True),
        ('date(date and time("2026-01-31T10:00:00")) = day', True),
        ('time(date and time("2026-01-31T10:00:00")) = @"10:00:00"', True),
        ("date(day) = day", True),
        ("date(2024, 2)", None),
        ("date(2024, 13, 1)", None),
        ("time(10, 30)", None),
        ("time(24, 0, 0)", None),
        ('time("nonsense")', None),
        ('date and time("nonsense")', None),
        ('date and time("2026-01-31", @"10:00:00")', None),
        ('duration("P1Y2D")', None),
        ('duration("-PT1.5S") * 2 = duration("-PT3S")', True),
        ('-duration("P1M") < duration("P0M")', True),
        ('-duration("P1D") + duration("P1D") = duration("PT0S")', True),
        ('abs(-duration("P1M")) = duration("P1M")', True),
        ('abs(-duration("P1D")) = duration("P1D")', True),
        ('2 * duration("P1M") / duration("P1M")', Decimal(2)),
        ('@"10:00:00" - @"09:00:00" = duration("PT1H")', True),
        ('@"10:00:00Z" - @"09:00:00Z" = duration("PT1H")', True),
        ('@"2026-01-31T10:00:00Z" - @"2026-01-31T10:00:00+01:00" = duration("PT1H")', True),
        ('string(@"10:00:00+01:00:30")', "10:00:00+01:00:30"),
        ('string(duration("PT0.5S"))', "PT0.5S"),
        ('string(-duration("P0M"))', "P0M"),
    ],
)
def test_time(source: str, wanted: Any) -> None:
    assert value(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("count(items)", 3),
        ("count(nothing)", None),
        ("sum(items)", 6),
        ("sum([])", None),
        ("sum(1, nothing)", None),
        ("min(3, 1, 2)", 1),
        ('max(["a", "c", "b"])', "c"),
        ('max(1, "a")', None),
        ("all([true, null])", None),
        ("all([false, null])", False),
        ("all([])", True),
        ("any([])", False),
        ("any(true, null)", True),
        ('contains(s, "bc")', True),
        ('starts with(s, "b")', False),
        ('ends with(s, "c")', True),
        ('string length("\\U01F40E")', 1),
        ('upper case("aé") + lower case("B")', "AÉb"),
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("foobar", 0)', None),
        ('number("1,000.50", ",", ".")', Decimal("1000.50")),
        ('number("1 000,5", " ", ",")', Decimal("1000.5")),
        ('number("x")', None),
        ("string(1.50)", "1.50"),
        ('string([1, "a", null])', '[1, "a", null]'),
        ("abs(-1.5)", Decimal("1.5")),
        ('number("1.5", ".", ".")', None),
        ('number("1.5", " ", ",")', None),
        ('number("1.5", "")', None),
        ('number("-.5")', Decimal("-0.5")),
        ("string(nothing)", None),
        ("string(true)", "true"),
        ("floor(1.25, 1)", Decimal("1.2")),
        ("floor(1E40) = 1E40", True),
        ('sum(1, "a")', None),
        ("min(true, false)", None),
        ("any(nothing, false)", None),
        ('substring("foobar", 1, 0)', None),
        ("list contains([[1..2]], 1)", False),
        ("floor(-1.5)", -2),
        ("ceiling(-1.5)", -1),
        ("decimal(2.5, 0)", 2),
        ("decimal(1 / 3, 2)", Decimal("0.33")),
        ("list contains(items, 2)", True),
        ("list contains([1, null], null)", True),
        ("append(items, 4) = [1, 2, 3, 4]", True),
        ("concatenate(items, [4]) = append(items, 4)", True),
        ("not(nothing)", None),
        ("string length(nothing)", None),
        ("string length(5)", None),
    ],
)
def test_functions(source: str, wanted: Any) -> None:
    assert value(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("pounds > 50000", True),
        ("pounds in [0..84000]", True),
        ("pounds = 84000", True),
        ("pounds + 0.5", money("84000.50", "GBP")),
        ("2 * pounds", money("168000.00", "GBP")),
        ("pounds / 4", money("21000.00", "GBP")),
        ("pounds / pounds", Decimal(1)),
        ("sum([pounds, pounds])", money("168000.00", "GBP")),
        ("max(pounds, 90000)", Decimal(90000)),
        ("-pounds < 0", True),
        ("pounds * pounds", None),
        ("pounds.currency", "GBP"),
        ('pounds = "a"', None),
        ("pounds ** 2", None),
        ("pounds + day", None),
        ("abs(-pounds) = pounds", True),
        ("string(pounds)", "84000.00 GBP"),
        ("pounds.amount", Decimal("84000.00")),
    ],
)
def test_money(source: str, wanted: Any) -> None:
    assert value(source) == wanted


@pytest.mark.parametrize(
    "source", ["pounds > euros", "pounds = euros", "pounds + euros", "euros > 5", "max(pounds, euros)"]
)
def test_unlike_currencies_have_no_answer(source: str) -> None:
    scope = {"pounds": MONEY, "euros": MONEY}
    with pytest.raises(UnlikeCurrencies) as caught:
        compile_expression(source, scope, "GBP").evaluate(DATA)
    assert caught.value.reason is Reason.CURRENCY_UNCONVERTIBLE


@pytest.mark.parametrize(
    "source",
    [
        'date("20260-01-31") + duration("P1D")',
        'time("10:00:00.1234567").second',
        '@"10:00:00" < @"10:00:00Z"',
        'duration("PT1S") / 7',
        'day + duration("PT1H")',
        'day = date and time("2026-01-31T00:00:00")',
        "[1] < 1",
        "[true] and false",
        "0 ** 0",
        'number("+5")',
        "string(function(x) x)",
        "date(2024.5, 1, 1)",
        "date and time(day)",
        'time(1, 2, 3, duration("PT15H"))',
        'time("10:00:00+15:00")',
        'duration("P9999999999999D")',
        'duration("P999999999999D")',
        'sum([duration("P1D")])',
        'time("10:00:00Z") < time("10:00:00+01:00")',
        'date("9999-12-31") + duration("P1M")',
    ],
)
def test_what_is_not_certain_is_not_answered(source: str) -> None:
    with pytest.raises(Unanswerable):
        value(source)


def test_limits_hold_when_evaluating() -> None:
    half = "x" * (limits.STRING_CHARS_MAX // 2 + 1)
    many = tuple(range(limits.LIST_ITEMS_MAX // 2 + 1))
    for source, given in (
        ("a + a", half),
        ("exp(a)", 1_000_000),
        ('date("9999-12-31") + duration("P1D") * a', 1),
        ("concatenate(a, a)", many),
        ("10 ** a", 7000),
        ("a * a", Decimal("1E+6000")),
    ):
        with pytest.raises(LimitBreached):
            closure_of(parse(source), None)({"a": given})


def test_a_float_is_a_bug_not_a_number() -> None:
    for source in ("a > 1", "a + 1", "a in [1..2]", "a and true", "sum([a])"):
        with pytest.raises(Misuse):
            closure_of(parse(source), None)({"a": 1.5})


def test_the_operand_that_decides_ends_the_evaluation() -> None:
    scope = {"pounds": MONEY, "euros": MONEY}
    assert compile_expression("false and pounds > euros", scope).evaluate(DATA) is False
    with pytest.raises(RuleError):
        compile_expression("pounds > euros and false", scope).evaluate(DATA)


def test_reads_are_the_paths_as_written() -> None:
    scope = {"risk": object_of({"grade": NUMBER, "bureau": ANY}), "n": NUMBER, "unused": NUMBER}
    compiled = compile_expression("risk.grade > n and risk.bureau.score in [1..n]", scope)
    assert compiled.reads == {"risk.grade", "risk.bureau.score", "n"}
    assert compiled.roots == {"risk", "n"}


def test_in_a_filter_the_entries_of_an_item_stand_before_it() -> None:
    listed = "[{item: 1}, {item: 2}, {item: 3}]"
    compiled = compile_expression(f"{listed}[item >= 2]", {})
    assert compiled.evaluate({}) == ({"item": 2}, {"item": 3})
    assert compile_expression("[{a: 1}, {a: 2}][item.a = 2]", {}).evaluate({}) == ({"a": 2},)
