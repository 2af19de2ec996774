"""Whatever a function or an operator is given, it answers with a value of the language, null, or refuses as it may."""

from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules import operations as ops
from governance.rules.env import Env
from governance.rules.errors import RuleError
from governance.rules.functions import invoke
from governance.rules.properties import PROPERTIES, property_of
from governance.rules.signatures import STANDARD
from governance.rules.temporal import YearsMonths, offset_zone, parse_date, parse_date_time, parse_time
from governance.rules.types import ANY
from governance.rules.values import Function, Money, Range, kind_of
from governance.rules.zones import zone_named

ZONES = st.sampled_from(
    [None, UTC, offset_zone(timedelta(hours=14)), zone_named("Europe/Paris"), zone_named("Etc/UTC")]
)
NUMBERS = st.one_of(
    st.integers(-(10**34) + 1, 10**34 - 1),
    st.integers(-4, 12),
    st.decimals(-(10**9), 10**9, places=3),
    st.sampled_from(["1E+6144", "-9E+6144", "1E-6143", "0E+3", "-0", "0.5"]).map(Decimal),
)
TEXTS = st.one_of(
    st.text("ab1,. -TZ:@P[](){}$\\|*+?^", max_size=8),
    st.sampled_from(["2026-02-28", "23:59:59Z", "P1Y", "PT0.5S", "[1..2]", "(..)", "[a-z-[b]]", "smix", "\u0131"]),
)
FAR = ["-0044-03-15", "10000-01-01", "999999999-12-31"]
SIMPLE: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    NUMBERS,
    TEXTS,
    st.dates(),
    st.times(timezones=ZONES),
    st.datetimes(timezones=ZONES),
    st.timedeltas(),
    st.integers(-(10**9), 10**9).map(YearsMonths),
    st.sampled_from(FAR).map(parse_date),
    st.sampled_from(["10:00:00.1234567", "10:00:00.00000001Z", "10:00:00.1234567@Europe/Paris"]).map(parse_time),
    st.sampled_from(["12026-01-01T10:00:00+01:00", "-0044-03-15T10:00:00", "2026-01-01T00:00:00.00000001"]).map(
        parse_date_time
    ),
    st.builds(Money, st.decimals(-100, 100, places=2), st.sampled_from(["GBP", "EUR"])),
)
ANYTHING = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.sampled_from(["a", "key", "value", "", "x y"]), inner, max_size=3),
        st.builds(Range, inner, inner, st.booleans(), st.booleans()),
        inner.map(lambda result: Function(("x", "y"), (ANY, ANY), lambda _arguments, _budget: result)),
    ),
    max_leaves=6,
)


def _answers(run: Callable[[], Any]) -> None:
    try:
        found = run()
    except RuleError:
        return
    kind_of(found)


@pytest.mark.parametrize("name", sorted(STANDARD))
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_functions(name: str, data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(STANDARD[name].ways))
    size = data.draw(st.integers(way.required, len(way.takes) + (2 if way.more else 0)))
    arguments = [data.draw(ANYTHING) for _ in range(size)]
    _answers(lambda: invoke(name, arguments, Env("GBP")))


@given(ANYTHING, ANYTHING, st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "in"]))
@settings(max_examples=1500, deadline=None)
def test_operators(left: Any, right: Any, op: str) -> None:
    if op == "in":
        _answers(lambda: ops.satisfies("in", left, right, None))
    elif op in "+-*/**":
        _answers(lambda: ops.arithmetic(op, left, right, "GBP"))
    else:
        _answers(lambda: ops.compare(op, left, right, "GBP"))


@given(ANYTHING, st.sampled_from(sorted({name for known in PROPERTIES.values() for name in known})))
@settings(max_examples=400, deadline=None)
def test_properties(value: Any, name: str) -> None:
    _answers(lambda: property_of(value, name))
    _answers(lambda: ops.negate(value))
