"""Regions of a line: every sample lies in its region, and a region without one holds no value."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.lines import LINES, NOTHING, in_order, runs_of, samples_on
from governance.rules.temporal import YearsMonths

TICK = timedelta(microseconds=1)
_numbers = st.one_of(
    st.integers(-9, 9).map(Decimal),
    st.decimals(-9, 9, places=3),
    st.sampled_from(
        [Decimal("1E+6000"), Decimal("-1E+6000"), Decimal("1E-6000"), Decimal(10) ** 33 + 1, Decimal(10) ** 33]
    ),
    st.decimals(allow_nan=False, allow_infinity=False, places=34, min_value=0, max_value=Decimal("0.9")),
)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "number": _numbers,
    "integer": st.one_of(st.integers(-5, 5).map(Decimal), st.decimals(-3, 3, places=1)),
    "string": st.text("a\x00b ", max_size=3),
    "date": st.one_of(st.dates(date(2026, 1, 1), date(2026, 1, 9)), st.sampled_from([date.min, date.max])),
    "date and time": st.one_of(
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 3), timezones=st.just(UTC)),  # noqa: DTZ001
        st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]),
    ),
    "time": st.one_of(
        st.times(time(9), time(9, 0, 1)), st.sampled_from([time.min, time.max, time(9, 0, 0, 1), time(9)])
    ),
    "days and time duration": st.one_of(
        st.timedeltas(TICK, 9 * TICK), st.timedeltas(), st.sampled_from([timedelta.min, timedelta.max])
    ),
    "years and months duration": st.builds(YearsMonths, st.integers(-4, 4)),
}  # fmt: skip


def is_empty(kind: str, low: Any, high: Any) -> bool:
    """Whether no value lies strictly between, reckoned another way."""
    match kind:
        case "integer":
            return None not in (low, high) and floor(low) + 1 > ceil(high) - 1
        case "string":
            return high == "" or (None not in (low, high) and high == low + "\x00")
        case "date":
            return (low, high) in ((None, date.min), (date.max, None)) or (
                None not in (low, high) and (high - low).days == 1
            )
        case "time":
            return (low, high) in ((None, time.min), (time.max, None)) or (
                None not in (low, high) and _micros(high) - _micros(low) == 1
            )
        case "date and time":
            if None in (low, high):
                first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
                return (low, high) in ((None, first), (last, None))
            return bool(high - low == TICK)
        case "days and time duration":
            if None in (low, high):
                return (low, high) in ((None, timedelta.min), (timedelta.max, None))
            return bool(low + TICK == high)
        case "years and months duration":
            return None not in (low, high) and high.months - low.months == 1
    return False


def _micros(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


@given(st.data(), st.sampled_from(list(KINDS)))
def test_samples_lie_in_their_regions(data: Any, kind: str) -> None:
    points = in_order(data.draw(st.lists(KINDS[kind], min_size=0, max_size=5)))
    assert points is not None
    assert all(one < other for one, other in pairwise(points))
    samples = samples_on(LINES[kind], points)
    assert len(samples) == 2 * len(points) + 1
    for place, sample in enumerate(samples):
        low = points[(place - 1) // 2] if place else None
        high = points[place // 2] if place // 2 < len(points) else None
        if place % 2:
            assert low is not None
            assert sample == low or (kind == "integer" and sample is NOTHING and low != int(low))
        elif sample is NOTHING:
            is_fine = kind == "number" and None not in (low, high)
            assert is_fine or is_empty(kind, low, high), (low, high)
        else:
            assert type(sample) is type(points[0] if points else sample)
            assert low is None or low < sample
            assert high is None or sample < high
            assert kind != "integer" or sample == int(sample)
            assert not isinstance(sample, Decimal) or len(sample.as_tuple().digits) <= 34


@pytest.mark.parametrize(
    ("low", "high"),
    [(1, 2), ("1.1", "1.2"), ("1E-30", "2E-30"), (None, "1E+6000"), ("-1E+6000", None), ("-1E+6000", "1E+6000")],
)
def test_between_two_numbers_there_is_one(low: Any, high: Any) -> None:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    assert LINES["number"].inside(*ends) is not NOTHING


def test_only_between_neighbours_of_34_digits_there_is_none() -> None:
    near = Decimal("1.000000000000000000000000000000001")
    assert LINES["number"].inside(Decimal(1), near) is NOTHING


def test_times_with_and_without_an_offset_have_no_order() -> None:
    assert in_order([time(9), time(9, tzinfo=UTC)]) is None
    assert in_order([datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)]) is None  # noqa: DTZ001


def test_the_runs_of_a_cell_are_where_it_holds() -> None:
    points = tuple(map(Decimal, (1, 2, 3)))
    samples = samples_on(LINES["number"], points)
    assert runs_of(lambda value: value < 2, [1], samples) == ((0, 2),)
    assert runs_of(lambda value: value != 2, [1], samples) == ((0, 2), (4, 6))
    assert runs_of(lambda value: value in (1, 3), [0, 2], samples) == ((1, 1), (5, 5))
    assert runs_of(lambda _: None, [], samples) == ()
