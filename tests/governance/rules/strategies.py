"""Random sources and data for the properties."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from governance.rules.temporal import YearsMonths
from governance.rules.values import Money

NAMES = ("a", "b", "amount", "risk", "date of birth", "items", "flag")
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))])

numbers = st.one_of(
    st.integers(-1000, 1000),
    st.decimals(-1000, 1000, places=2),
    st.sampled_from([Decimal("1E+30"), Decimal("0.1"), Decimal("-0"), Decimal(10) ** 33]),
)
texts = st.sampled_from(["", "a", "abc", "2026-01-31", "P2D", "1.5", "naïve \U0001f40e", 'say "x"'])
dates = st.dates(date(1990, 1, 1), date(2040, 1, 1))
times = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), st.times(), ZONES)
simple = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    texts,
    dates,
    times,
    st.builds(datetime.combine, dates, times),
    st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    st.builds(YearsMonths, st.integers(-50, 50)),
    st.builds(Money, st.decimals(0, 1000, places=2), st.sampled_from(["GBP", "EUR"])),
)
values = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(st.sampled_from(["grade", "a"]), inner, max_size=2)
    ),
    max_leaves=5,
)
contexts = st.dictionaries(st.sampled_from(NAMES), values)

_LITERALS = (
    "null", "true", "false", "0", "1", "2.50", "10", "34", ".5", "1e3", '"a"', '"abc"', '""', '"2026-01-31"',
    '@"2026-01-31"',
    '@"P2DT4H"', '@"P1Y6M"', '@"09:30:00Z"', '@"2026-01-31T09:30:00"', "[]", '["a", "b"]', "[1..5]", "(1..5.5)",
    "(> 3)",
    '["a".."m"]', 'date("2026-02-28")', 'duration("P1D")',
)  # fmt: skip
_CALLS = (
    "not($)", "count($)", "sum($)", "sum($, $)", "min($)", "max($, $)", "all($)", "any($, $)", "abs($)",
    "contains($, $)", "starts with($, $)", "string length($)", "upper case($)", "substring($, $)", "floor($)",
    "substring($, $, $)", "number($)", "string($)", "date($)", "date($, $, $)", "time($)", "ceiling($, $)",
    "date and time($)", "date and time($, $)", "duration($)", "decimal($, $)", "list contains($, $)",
    "append($, $)", "concatenate($, $)", "lower case($)", "ends with($, $)",
    "is($, $)", "substring before($, $)", "substring after($, $)", "matches($, $)", "replace($, $, $)", "split($, $)",
    "string join($)", "string join($, $)", "list replace($, 1, $)", "list replace($, function(x, y) $x,y, $)",
    "mean($)", "median($)", "product($, $)", "stddev($)", "mode($)", "sublist($, $)", "insert before($, $, $)",
    "remove($, $)", "reverse($)", "index of($, $)", "union($, $)", "distinct values($)", "flatten($)",
    "sort($, function(x, y) $x,y)", "round up($, $)", "round half down($, $)", "modulo($, $)", "sqrt($)", "log($)",
    "odd($)", "day of week($)", "week of year($)", "years and months duration($, $)", "range($)",
    "before($, $)", "overlaps($, $)", "during(point: $, range: $)", "before(range: $, point: $)", "includes($, $)",
    "starts($, $)", "coincides($, $)", "get value($, $)", "get entries($)", "context([$, $])", "context put($, $, $)",
    "context merge([$, $])", "date(from: $)", "contains(match: $, string: $)", "number(from: $)",
)  # fmt: skip
_FORMS = (
    "($ + $)", "($ - $)", "($ * $)", "($ / $)", "($ ** $)", "(-$)", "($ and $)", "($ or $)",
    "($ and $ and $)", "($ = $)", "($ != $)", "($ < $)", "($ <= $)", "($ > $)", "($ >= $)",
    "($ between $ and $)", "($ in $)", "($ in ($, $))", "($ in (< $, $))", "($ in >= $)", "[$, $]",
    "[$..$]", "(]$..$[)", "(if $ then $ else $)", "risk.grade", "($).year", "($).grade", "(<= $)",
)  # fmt: skip
_BINDERS = (
    "(for x in $ return $x,partial)", "(for x in $, y in $x return [x, $x,y])", "(for x in 1..3 return $x,partial)",
    "(for x in 3..1, y in 1..x return $x,y)", '(for x in @"2026-02-27"..@"2026-03-02" return $x)',
    "(for x in [1, 2], x in [x, $x] return $x)", "(for my day in [1, 2] return my day + $)",
    "(some x in $ satisfies $x)", "(every x in $, y in $x satisfies $x,y)", "(some x in $ satisfies x = $x)",
    "($)[$item]", "($)[item > $item]", "($)[1]", "($)[-1]", "([$, $])[$item]", "([{a: $}, {a: $}])[a = $]",
    "($ instance of number)", "($ instance of list<string>)", "($ instance of context<a: number>)",
    "($ instance of function<Any> -> Any)", "($ instance of range<number>)", "($ instance of date and time)",
    "(function(x) $x)", "((function(x) $x)($))", "((function(x: number, y) [x, $x,y])($, $))",
    "((function(x: list<number>) $x)(x: $))", "((function(x, a b: date) [a b, $x])(a b: $, x: $))",
    "{a: $, b: $a}", "{a: $, b: [a, $a]}.b", "{my sum: $, c: my sum}", "{a-b: $, c: a-b}.c", '{"in b": $}', "{}",
    "{f: function(x) $x, r: [f($), $]}.r", "{f: function(x: string) $x, r: for y in $ return f(y)}",
    "($ in (? > $))", "($ in ($, ? = $))", "($ in (not(? in [$, $]), null))", "({g: $}).g",
    "substring(string: $, start position: $)", "not(negand: $)", "count(list: $)",
)  # fmt: skip
_HOLE = re.compile(r"\$([a-z]+(?:,[a-z]+)*)?")


@st.composite
def sources(draw: Any, depth: int = 3, bound: tuple[str, ...] = ()) -> str:
    """The source of an expression: always grammatical, often ill-typed. `bound` are names in force."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from((*_LITERALS, *NAMES, *bound)))
    form = draw(st.sampled_from(draw(st.sampled_from((_FORMS + _CALLS, _BINDERS)))))

    def filled(hole: re.Match[str]) -> str:
        names = hole[1].split(",") if hole[1] else ()
        return draw(sources(depth=depth - 1, bound=(*bound, *names)))

    return _HOLE.sub(filled, form)


@st.composite
def cells(draw: Any) -> str:
    """The source of a cell of a rule table."""
    tests = ", ".join(
        draw(st.sampled_from(("", "", "< ", ">= ", "= ", "!= ", "? < ", "not(?) or "))) + draw(sources(depth=1))
        for _ in range(draw(st.integers(1, 3)))
    )
    return draw(st.sampled_from(("-", tests, tests, f"not({tests})")))
