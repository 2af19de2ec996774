"""Standard functions on ranges and points, and properties of ranges."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.errors import Unanswerable
from governance.rules.values import Range
from tests.governance.rules.calls import holds, value

YES = """
before(1, 10) | before(1, (1..10]) | before(1, [5..10]) | before([1..10), 10) | before([1..10], [15..20])
before([1..10), [10..20]) | before([1..10], (10..20]) | after(10, 5) | after(12, [1..10]) | after(10, [1..10))
after([11..20], 10) | after((11..20], 11) | after([11..20], [1..11)) | after((11..20], [1..11])
meets([1..5], [5..10]) | met by([5..10], [1..5]) | overlaps([1..5], [3..8]) | overlaps([1..8], [3..5])
overlaps([3..5], [1..8]) | overlaps([1..5], [5..8]) | overlaps before([1..5], [3..8]) | overlaps before([1..5], [5..8])
overlaps before([1..5), (1..5]) | overlaps before([1..5], (1..5]) | overlaps after([3..8], [1..5])
overlaps after([5..8], [1..5]) | overlaps after((1..5], [1..5)) | overlaps after((1..5], [1..5]) | finishes(10, [1..10])
finishes([5..10], [1..10]) | finishes([5..10), [1..10)) | finishes([1..10], [1..10]) | finishes((1..10], [1..10])
finished by([1..10], 10) | finished by([1..10], [5..10]) | finished by([1..10], (1..10]) | includes([1..10], 5)
includes([1..10], 1) | includes([1..10], [4..6]) | includes((1..10], (1..5]) | includes([1..10], (1..10))
includes([1..10), [5..10)) | includes([1..10], [1..10]) | during(5, [1..10]) | during([1..5], [1..10])
during((1..10], [1..10]) | starts(1, [1..10]) | starts([1..5], [1..10])
starts((1..5], (1..10]) | starts([1..10), [1..10])
started by([1..10], 1) | started by([1..10], [1..5]) | started by([1..10], [1..10)) | coincides(5, 5)
coincides([1..5], [1..5]) | before("a", ["b".."c"]) | during(@"2026-02-01", [@"2026-01-01"..@"2026-12-31"])
"""
NO = """
before(10, 1) | before(1, [1..10]) | before([1..10], 10) | before([1..10], [10..20]) | after(5, 10) | after(10, [1..10])
after([11..20], 12) | after([11..20], 11) | after([1..10], [11..20]) | meets([1..5), [5..10]) | meets([1..5], (5..10])
meets([1..5], [6..10]) | met by([5..10], [1..5)) | overlaps([1..5], [6..8]) | overlaps([1..5], (5..8])
overlaps([1..5), [5..8]) | overlaps((5..8], [1..5]) | overlaps before([1..5], [6..8]) | overlaps before([1..5], (5..8])
overlaps before([1..5), [1..5]) | overlaps before([1..5], [1..5]) | overlaps after([6..8], [1..5])
overlaps after((5..8], [1..5]) | overlaps after([1..5], [1..5)) | overlaps after((1..5), [1..5])
overlaps after((1..5], [1..6]) | overlaps after((1..5], (1..5]) | overlaps after((1..5], [2..5]) | finishes(10, [1..10))
finishes([5..10), [1..10]) | finished by([1..10), 10) | finished by([1..10], [5..10)) | includes([1..10], 12)
includes((1..10], 1) | includes([1..10), 10) | during(12, [1..10]) | during(10, [1..10)) | starts(1, (1..10])
starts(2, [1..10]) | starts((1..5], [1..10]) | starts([1..5], (1..10]) | started by((1..10], 1) | started by([1..10], 2)
started by([1..10], (1..5]) | coincides(3, 4) | coincides((1..5), [1..5]) | coincides([1..5], [2..6])
"""


def _each(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", " | ").split(" | ") if part.strip()]


@pytest.mark.parametrize("source", _each(YES))
def test_ranges_that_stand_so(source: str) -> None:
    assert value(source) is True


@pytest.mark.parametrize("source", _each(NO))
def test_ranges_that_do_not(source: str) -> None:
    assert value(source) is False


@pytest.mark.parametrize(
    "source",
    ['before(1, "a")', 'includes([1..2], "a")', "meets([1..2], 2)",
     'meets([1..2), ["a".."b"])', "coincides([1..2], 1)", "starts(null, [1..2])",
     'overlaps([1..2], ["a".."b"])', "before(1)", "finishes([1..2], 2)"],
)  # fmt: skip
def test_points_and_ranges_of_unlike_kinds_are_null(source: str) -> None:
    assert value(source) is None


@pytest.mark.parametrize("source", ["includes((>=5), 7)", "before([1..2], (>5))", "coincides((<1), (<1))"])
def test_ranges_open_to_one_side_are_refused(source: str) -> None:
    with pytest.raises(Unanswerable):
        value(source)


SPANS = st.builds(lambda low, size, a, b: Range(low, low + size, a, b), st.integers(0, 6), st.integers(1, 5),
                  st.booleans(), st.booleans())  # fmt: skip


@given(SPANS, SPANS)
@settings(max_examples=100, deadline=None)
def test_relations_are_those_of_the_points_in_the_ranges(one: Range, other: Range) -> None:
    """On a grid of halves every range has points of its own, and what is said of ranges shows in their points."""

    def points(span: Range) -> set[int]:
        low, high = 2 * span.low, 2 * span.high
        return {p for p in range(low, high + 1) if (p > low or span.low_closed) and (p < high or span.high_closed)}

    mine, its = points(one), points(other)
    names = {"a": one, "b": other}
    assert value("overlaps(a, b)", names=names) is bool(mine & its)
    assert value("before(a, b)", names=names) is (max(mine) < min(its))
    assert value("after(a, b)", names=names) is (min(mine) > max(its))
    assert value("includes(a, b)", names=names) is (its <= mine)
    assert value("during(a, b)", names=names) is (mine <= its)
    assert value("coincides(a, b)", names=names) is (mine == its)
    for name, turned in (("meets", "met by"), ("finishes", "finished by"), ("starts", "started by")):
        assert value(f"{name}(a, b)", names=names) is value(f"{turned}(b, a)", names=names)


def test_properties_of_ranges() -> None:
    read = "[r.start, r.end, r.start included, r.end included]"
    for source, wanted in (
        ("[1..10]", (1, 10, True, True)),
        ("(1..10)", (1, 10, False, False)),
        ("]1..10[", (1, 10, False, False)),
        ("(<10)", (None, 10, False, False)),
        ("(<=10)", (None, 10, False, True)),
        ("(>10)", (10, None, False, False)),
        ("(>=10)", (10, None, True, False)),
        ("(=10)", (10, 10, True, True)),
    ):
        assert value(read, r=value(source)) == wanted, source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("[1..3]", "[1..3]"),
        (" [ 1 .. 3 ] ", "[1..3]"),
        ("]18..21[", "(18..21)"),
        ("[2..)", "(>=2)"),
        ("(2..)", "(>2)"),
        ("(..2]", "(<=2)"),
        ("(..2)", "(<2)"),
        ("[-2..1.5]", "[-2..1.5]"),
        ('[\\"a..\\"..\\"c\\"]', '["a..".."c"]'),
        ('[@\\"1970-01-01\\"..date(\\"1970-01-02\\")]', '[@"1970-01-01"..@"1970-01-02"]'),
        ('[duration(\\"P1D\\")..@\\"P2D\\"]', '[@"P1D"..@"P2D"]'),
    ],
)
def test_a_range_from_its_text(text: str, source: str) -> None:
    assert holds(f'range("{text}") = {source}')


@pytest.mark.parametrize(
    "text",
    ["[..2]", "[1..]", "(..)", "1..2", "[1,2]", "", "[a..b]", '[1..\\"a\\"]', "[1..2..3]", "[1+1..3]",
     '[date(string(\\"1970-01-01\\"))..date(\\"1970-01-02\\")]', "[[1]..2]", "[null..2]"],
)  # fmt: skip
def test_a_text_that_is_no_range_is_null(text: str) -> None:
    assert value(f'range("{text}")') is None


def test_a_range_is_in_a_list_of_ranges() -> None:
    for number, span in product((1, 5, 10), ("[[1..3], 5]", "[[8..12]]")):
        wanted: Any = (number in (1, 5)) if "5" in span else number == 10
        assert value(f"{number} in {span}") is wanted


def test_a_range_may_run_from_a_far_day_to_a_near_one() -> None:
    old = 'range("[date(\\"-0044-03-15\\")..date(\\"2026-01-01\\")]")'
    assert holds(f'includes({old}, @"2000-01-01")')
    assert holds(f'before(date("-0045-01-01"), {old})')
    assert holds(f'starts(date("-0044-03-15"), {old})')
