"""How standard functions are called: by place, by name, with what converts, and what no way takes."""

from datetime import UTC, date, datetime

import pytest

from governance.rules.compile import compile_expression
from governance.rules.env import MOMENT
from governance.rules.errors import BrokenExpression, Unanswerable
from governance.rules.functions import RUN
from governance.rules.parse import parse
from governance.rules.signatures import PARAMETERS, STANDARD, arranged, way_named
from governance.rules.tree_eval import evaluate_tree
from governance.rules.tree_json import to_tree_json
from governance.rules.types import DATE
from tests.governance.rules.calls import holds, value


def test_every_function_of_the_table_is_computed_and_none_else() -> None:
    assert RUN.keys() == STANDARD.keys()


def test_the_moment_is_the_one_that_is_said() -> None:
    """Never that of the machine: a decision judged again in ten years has the same answer."""
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    for source, answer in (
        ("now()", moment),
        ("today()", date(2026, 3, 1)),
        ('now() > date and time("2026-03-01T10:00:00+01:00")', True),
        ('for k in 1..2 return today() + duration("P1D") * k', (date(2026, 3, 2), date(2026, 3, 3))),
        ("{f: function(x) today(), r: f(1)}.r", date(2026, 3, 1)),
        ("now(1)", None),
    ):
        if answer is not None:  # a wrong number of arguments is a finding
            assert compile_expression(source, {}, has_moment=True).evaluate({}, moment) == answer, source
        assert evaluate_tree(to_tree_json(parse(source)), {MOMENT: moment}) == answer, source
    with pytest.raises(Unanswerable, match="the moment of the decision, which `now` asks for"):
        compile_expression("now()", {}, has_moment=True).evaluate({})
    with pytest.raises(BrokenExpression, match="give the moment as an input"):
        compile_expression("today() > day", {"day": DATE})


@pytest.mark.parametrize(
    "source",
    [
        'date(from: "2026-03-01") = date(year: 2026, day: 1, month: 3)',
        'time(hour: 9, minute: 30, second: 0) = time(from: "09:30:00")',
        'time(hour: 9, minute: 30, second: 0, offset: duration("PT1H")) = @"09:30:00+01:00"',
        'date and time(time: @"09:30:00", date: @"2026-03-01") = date and time(from: "2026-03-01T09:30:00")',
        'substring(string: "ledger", start position: 4) = "ger"',
        'substring(length: 2, start position: 4, string: "ledger") = "ge"',
        "decimal(n: 2.675, scale: 2) = 2.68",
        'split(delimiter: ";", string: "a;b") = ["a", "b"]',
        'context(entries: [{key: "k", value: 1}]) = {k: 1}',
        'day of week(date: @"2026-03-01") = "Sunday"',
        "sort(precedes: function(x, y) x > y, list: [1, 3, 2]) = [3, 2, 1]",
        "list replace(position: 2, newItem: 9, list: [1, 2]) = [1, 9]",
        "list replace(match: function(item, newItem) item = 2, newItem: 9, list: [1, 2]) = [1, 9]",
        'number(from: "1.234,5", grouping separator: ".", decimal separator: ",") = 1234.5',
        "before(point: 1, range: [2..3])",
        "before(range: [2..3], point: 4)",
        "before(range1: [1..2], range2: [3..4])",
        'context put(context: {}, keys: ["a"], value: 1) = {a: 1}',
        'matches(input: "abc", pattern: "B", flags: "i")',
        "modulo(divisor: 5, dividend: 12) = 2",
        'years and months duration(to: @"2026-03-01", from: @"2025-01-01") = @"P1Y2M"',
        "is(value1: 1, value2: 1.0)",
    ],
)
def test_arguments_by_name(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        'date(text: "2026-03-01")',
        "date(year: 2026, month: 3)",
        'date(from: "2026-03-01", year: 2026)',
        'day of week(value: @"2026-03-01")',
        'split(str: "a", delimiter: ",")',
        "list replace(list: [1], position: 1, match: function(a, b) true, newItem: 2)",
        'context put(context: {}, key: ["a"], value: 1, other: 2)',
        'context put(context: {a: {}}, key: ["a", "b"], value: 1)',
        "date(2026, 3)",
        "date()",
        "count()",
        "count([1], [2])",
        'number("1 000", " ")',
        "split()",
        'contains("a")',
        "sum()",
        'string("a", "b")',
        "round up(1.5)",
    ],
)
def test_a_call_that_no_way_takes_is_null(source: str) -> None:
    assert value(source) is None


@pytest.mark.parametrize(
    "source",
    [
        "abs([-1]) = 1",
        'string length(["abc"]) = 3',
        "count(5) = 1",
        'reverse("a") = ["a"]',
        "concatenate(1, [2], 3) = [1, 2, 3]",
        'context({key: "a", value: 1}) = {a: 1}',
        'string join("a", "-") = "a"',
        "list contains(1, 1)",
        "modulo([12], [5]) = 2",
    ],
)
def test_one_item_and_a_list_of_one_stand_for_each_other(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_null_and_another_kind_are_null_where_a_kind_is_asked_for(name: str) -> None:
    for way in STANDARD[name].ways:
        for place, kinds in enumerate(way.takes):
            if "any" in kinds or "null" in kinds or place >= way.required:
                continue
            arguments = ["null" if number == place else "[[], []]" for number in range(way.required)]
            assert value(f"{name}({', '.join(arguments)})") is None


def test_names_arrange_arguments_and_fill_gaps() -> None:
    assert arranged("substring", ("length", "string", "start position")) == (1, 2, 0)
    assert arranged("time", ("hour", "minute", "second")) == (0, 1, 2)
    assert arranged("date", ("year", "month")) is None
    assert way_named("date", ("year", "month", "day")) == 1
    assert way_named("date", ("day",)) is None
    assert {"start position", "newItem", "grouping separator", "range1"} <= PARAMETERS
