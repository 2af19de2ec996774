"""Standard functions on lists, and sorting."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules import limits
from governance.rules.errors import LimitBreached, Unanswerable, UnlikeCurrencies
from governance.rules.values import money
from tests.governance.rules.calls import holds, value


@pytest.mark.parametrize(
    "source",
    [
        "list contains([1, 2, null], null)",
        "not(list contains([[1]], 1))",
        "list contains([[1]], [1])",
        "list contains([[1..2]], [1..2])",
        "not(list contains([[1..2]], 1))",
        "count([1, [2, 3]]) = 2",
        "count([]) = 0",
        "min([3, 1, 2]) = 1",
        'max("b", "a") = "b"',
        'max([@"2026-01-01", @"2025-01-01"]) = @"2026-01-01"',
        "all([])",
        "all([true, true])",
        "not(all([true, null, false]))",
        "any([false, null, true])",
        "not(any([]))",
        "sublist([4, 5, 6], 1, 2) = [4, 5]",
        "sublist([4, 5, 6], -1) = [6]",
        "sublist([4, 5, 6], -2, 1) = [5]",
        "append([1], 2, [3]) = [1, 2, [3]]",
        "concatenate([1, 2], [3], []) = [1, 2, 3]",
        "insert before([1, 3], 2, 2) = [1, 2, 3]",
        "insert before([1, 3], -1, 2) = [1, 2, 3]",
        "remove([1, 2, 3], 2) = [1, 3]",
        "remove([1, 2, 3], -1) = [1, 2]",
        "reverse([1, 2, 3]) = [3, 2, 1]",
        "index of([1, 2, 3, 2], 2) = [2, 4]",
        "index of([1, null], null) = [2]",
        "index of([1], 5) = []",
        "union([1, 2], [2, 3], [3, 4]) = [1, 2, 3, 4]",
        'distinct values([1, 2, "2", 2.0, null, null, [1], [1], 1]) = [1, 2, "2", null, [1]]',
        "distinct values([{a: 1}, {a: 1.0}, {a: 2}]) = [{a: 1}, {a: 2}]",
        "distinct values([true, 1]) = [true, 1]",
        "flatten([[1, 2], [[3]], 4, []]) = [1, 2, 3, 4]",
        "list replace([2, 4, 7], 3, 6) = [2, 4, 6]",
        "list replace([1, 2], -1, null) = [1, null]",
        "list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) = [5, 5, 7, 8]",
        "sort([3, 1, 2], function(x, y) x < y) = [1, 2, 3]",
        "sort([{n: 2, k: 1}, {n: 1, k: 2}, {n: 2, k: 3}], function(x, y) x.n < y.n).k = [2, 1, 3]",
        "sort([], function(x, y) x < y) = []",
    ],
)
def test_lists(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        "min([])",
        "max([1, null])",
        'max([1, "a"])',
        "all([0])",
        "all(0)",
        'any(["a"])',
        "sublist([1], 0)",
        "sublist([1], 2)",
        "sublist([1], 1, 0)",
        "insert before([], 1, 1)",
        "insert before([1], 0, 1)",
        "remove([1], 2)",
        "list replace([1], 2, 1)",
        "list replace([1], 0, 1)",
        "list replace([1], 1.5, 1)",
        'list replace([1], "1", 1)',
        "list replace([2, 4], function(item) true, 5)",
        "list replace([2, 4], function(item, newItem) item, 5)",
        "sort([2, 1], function(x) true)",
        "sort([2, 1], function(x, y) 1)",
        'sort([2, "a"], function(x, y) x < y)',
        "reverse(null)",
        "index of(null, 1)",
        "concatenate([1], null)",
    ],
)
def test_null_where_a_list_has_no_answer(source: str) -> None:
    assert value(source) is None


@pytest.mark.parametrize(
    "source",
    [
        "sublist([1, 2], 2, 5)",
        "remove([1, 2], 1.5)",
        'all([false, "a"])',
        'index of([@"2026-01-01"], @"2026-01-01T00:00:00")',
        "list contains([function(x) x], function(x) x)",
    ],
)
def test_what_the_standard_leaves_open_is_refused(source: str) -> None:
    with pytest.raises(Unanswerable):
        value(source)


def test_money_in_lists() -> None:
    pounds, euros = money("3", "GBP"), money("3", "EUR")
    assert value("distinct values([a, 3, a])", "GBP", a=pounds) == (pounds,)
    assert value("max([a, 2, 5])", "GBP", a=pounds) == Decimal(5)
    for source in ("union([a], [b])", "index of([a], b)", "max(a, b)", "list contains([a], b)"):
        with pytest.raises(UnlikeCurrencies):
            value(source, a=pounds, b=euros)


@given(st.lists(st.integers(-5, 5), max_size=40))
@settings(max_examples=60, deadline=None)
def test_sorting_is_stable_and_keeps_every_item(numbers: list[int]) -> None:
    rows = tuple({"n": number, "place": place} for place, number in enumerate(numbers))
    found = value("sort(rows, function(x, y) x.n < y.n)", rows=rows)
    assert list(found) == sorted(rows, key=lambda row: row["n"])
    backwards = value("sort(rows, function(x, y) x.n > y.n)", rows=rows)
    assert list(backwards) == sorted(rows, key=lambda row: -row["n"])


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 2**30))
@settings(max_examples=40, deadline=None)
def test_a_function_that_contradicts_itself_still_gives_every_item_the_same_way(numbers: list[int], odd: int) -> None:
    source = f"sort(n, function(x, y) modulo(x * 7 + y * {odd % 11} + {odd % 3}, 2) = 0)"
    once, again = value(source, n=tuple(numbers)), value(source, n=tuple(numbers))
    assert once == again
    assert sorted(once) == sorted(numbers)


@given(st.lists(st.one_of(st.integers(-3, 3), st.sampled_from(["a", "b"]), st.none(), st.booleans()), max_size=20))
@settings(max_examples=60, deadline=None)
def test_distinct_values_are_the_first_of_each(items: list[Any]) -> None:
    wanted: list[Any] = []
    for item in items:
        if not any(type(item) is type(one) and item == one for one in wanted):
            wanted.append(item)
    assert list(value("distinct values(a)", a=tuple(items))) == wanted
    assert list(value("union(a, a)", a=tuple(items))) == wanted


def test_what_is_long_is_bounded_and_paid_for() -> None:
    many = tuple(range(limits.LIST_ITEMS_MAX))
    contexts = tuple({"n": number} for number in range(4_000))
    for source, given_ in (
        ("append(a, 1)", many),
        ("concatenate(a, a)", many),
        ("insert before(a, 1, 1)", many),
        ("distinct values(a)", contexts),
        ("flatten(for i in 1..3 return a)", many),
        ("sort(for i in 1..10000 return i, function(x, y) sum(a) > x)", (1,) * 500),
    ):
        with pytest.raises(LimitBreached):
            value(source, a=given_)
    assert len(value("distinct values(a)", a=many)) == len(many)


def test_values_that_are_nested_too_deep_are_a_limit() -> None:
    deep: Any = ()
    for _ in range(5_000):
        deep = (deep,)
    for source in ("a = a", "string(a)", "is(a, a)", "a.b"):
        with pytest.raises(LimitBreached):
            value(source, a=deep)
    assert value("flatten(a)", a=deep) == ()
