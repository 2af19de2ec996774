"""A column of a rule table cut into regions: values that every plain cell of the column answers alike. Pure.

A region has one sample that stands for all its values. For every region it is known which rules hold there for certain
and which may: a cell that is not plain (it reads a name, or asks about `?`) may hold anywhere. Null is a region of its
own; it is *asked* only where a cell or the allowed values name it, as a table that does not is not meant for it. Where
the type of a column is not known, values of another kind than its constants are one further region without a sample.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import accumulate
from operator import xor
from typing import Any, NamedTuple

from governance.rules.closures import RunTest, closure_of_tests
from governance.rules.constants import Plain, plain_of
from governance.rules.errors import RuleError
from governance.rules.lines import LINES, NOTHING, Runs, in_order, runs_of, samples_on
from governance.rules.rule_table import Column
from governance.rules.syntax import Cell, Constant, RangeOf, UnaryTest
from governance.rules.table_texts import tell
from governance.rules.temporal import YearsMonths
from governance.rules.values import Money, kind_of
from governance.rules.words import tests_in_words
from ledger.wording import NOTHING as NO_WORDS
from ledger.wording import Wording, as_it_is, joined

_TYPES = (Decimal, int, str, date, datetime, time, timedelta, YearsMonths, bool)
STRETCHES_MAX = 5  # told one by one
_NOT_KNOWN = ("any", "duration")


class Region(NamedTuple):
    """`low` and `high` are its ends on the line, the same for a point. A name or a truth value is a point too."""

    sample: Any
    asked: bool = True
    low: Any = None
    high: Any = None
    is_point: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A column: its regions, and for each the rules (as bits) that hold there, for certain and perhaps.

    `held`: for each rule the regions in which its cell may hold. `loose`: the rules whose cell is not plain.
    `why`: what keeps the column from being decided whole, if anything does.
    """

    name: str
    regions: tuple[Region, ...]
    sure: tuple[int, ...]
    maybe: tuple[int, ...]
    held: tuple[Runs, ...]
    loose: int
    why: Wording = NO_WORDS
    is_line: bool = False

    def words(self, regions: Sequence[int]) -> Wording:
        """Where a value is in these regions, given in rising order, as a predicate: `is below 600`."""
        known = [place for place in regions if self.regions[place].sample is not None]
        told = [tests_in_words(Cell((_is(None),)))] if len(known) < len(regions) else []
        if self.is_line:
            stretches = [_in_words(self.regions[first], self.regions[last]) for first, last in _stretches(known)]
            return _either([*_few(stretches), *told])
        named = [self.regions[place] for place in known if self.regions[place].is_point]
        if len(named) < len(known):
            outside = [region for region in self.regions if region.is_point and region not in named]
            tests = Cell(tuple(_is(region.sample) for region in outside), negated=True)
            return _either([tests_in_words(tests if outside else Cell(())), *told])
        own = [tests_in_words(Cell(tuple(_is(region.sample) for region in named)))] if named else []
        return _either([*own, *told])


def _is(value: Any) -> UnaryTest:
    return UnaryTest("in", Constant(value))


def _stretches(places: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place in places:
        if found and place == found[-1][1] + 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found


def _either(parts: list[Wording]) -> Wording:
    return joined(parts, "list.or", " or ")


def _few(parts: list[Wording]) -> list[Wording]:
    """As many as a person reads."""
    if len(parts) <= STRETCHES_MAX:
        return parts
    return [*parts[: STRETCHES_MAX - 1], tell("more-stretches", count=len(parts) - STRETCHES_MAX + 1)]


def _in_words(first: Region, last: Region) -> Wording:
    if first is last and first.is_point:
        return tests_in_words(Cell((_is(first.low),)))
    if first.low is None and last.high is None:
        return tests_in_words(Cell(()))
    low = None if first.low is None else Constant(first.low)
    high = None if last.high is None else Constant(last.high)
    return tests_in_words(Cell((UnaryTest("in", RangeOf(low, high, first.is_point, last.is_point)),)))


class Given(NamedTuple):
    """What an axis is made from: the column with its allowed values, and the cell of each rule."""

    column: Column
    allowed: Cell | None
    cells: Sequence[Cell]
    currency: str | None


class _Cut(NamedTuple):
    """Regions: `width` of them on the line or by name, then null, then values of another kind if there can be any."""

    regions: list[Region]
    width: int
    points: tuple[Any, ...] = ()
    is_line: bool = False
    has_others: bool = False


def axis_of(given: Given) -> Axis:
    """The axis of a column."""
    plain = _plain_cells(given)
    points = [point for known in plain.values() for point in known.points]
    kind, why = _kind_of(given.column, given.currency, points)
    if not kind:
        return whole_axis(given, why)
    cut = _cut(given, kind, points, list(plain.values()))
    if cut is None:
        return whole_axis(given, tell("no-common-order", name=as_it_is(given.column.name)))
    return _Builder(given, cut, plain).axis(NO_WORDS)


def whole_axis(given: Given, why: Wording = NO_WORDS) -> Axis:
    """A column of one region: only a cell that takes anything is known to hold."""
    cut = _Cut([Region(_any_value(given.column.type.name)), Region(None, False)], 1)
    is_tested = any(cell.tests for cell in given.cells) or given.allowed is not None
    reason = why or tell("values-not-told-apart", name=as_it_is(given.column.name))
    return _Builder(given, cut, {}).axis(reason if is_tested else NO_WORDS)


def _any_value(name: str) -> Any:
    line = LINES.get(name)
    if line is not None:
        return line.inside(None, None)
    return {"boolean": True, "list": (), "object": {}}.get(name)


def _plain_cells(given: Given) -> dict[int, Plain]:
    """What the plain cells name, by the identity of the cell."""
    found: dict[int, Plain] = {}
    allowed = () if given.allowed is None else (given.allowed,)
    for cell in {id(cell): cell for cell in (*given.cells, *allowed)}.values():
        known = plain_of(cell, given.currency) if cell.tests else None
        if known is not None and all(map(_stands_on_a_line, known.points)):
            found[id(cell)] = known
    return found


def _stands_on_a_line(point: Any) -> bool:
    """Far days, fine clocks and zones with a name are left out: they order, but have no plain neighbours."""
    return type(point) in _TYPES and isinstance(getattr(point, "tzinfo", None), timezone | None)


def _kind_of(column: Column, currency: str | None, points: Sequence[Any]) -> tuple[str, Wording]:
    """The kind of the values of a column, empty where there is no single one, and then why."""
    kind = column.type
    if kind.name == "money":
        known = kind.currency or currency
        if known:
            return "money", NO_WORDS
        return "", tell("currency-unknown", name=as_it_is(column.name))
    if kind.name in LINES or kind.name == "boolean":
        return kind.name, NO_WORDS
    if kind.name in _NOT_KNOWN:
        kinds = {kind_of(point) for point in points}
        if len(kinds) == 1:
            return kinds.pop(), NO_WORDS
    return "", NO_WORDS


def _cut(given: Given, kind: str, points: Sequence[Any], plain: Sequence[Plain]) -> _Cut | None:
    """The regions of a kind; None where its values have no common order."""
    column, currency = given.column, given.currency
    has_others = column.type.name in _NOT_KNOWN
    end = [Region(None, any(known.names_null for known in plain))]
    if has_others:
        end.append(Region(NOTHING, False))
    own = [point for point in points if kind_of(point) == ("number" if kind in ("money", "integer") else kind)]
    if kind == "boolean":
        return _Cut([Region(True, is_point=True), Region(False, is_point=True), *end], 2, has_others=has_others)
    if kind == "string" and not any(known.orders_text for known in plain):
        names = list(dict.fromkeys(own))
        named = [Region(name, is_point=True) for name in names]
        return _Cut([*named, Region(_other(names)), *end], len(named) + 1, has_others=has_others)
    ordered = in_order(own)
    if ordered is None:
        return None
    samples = samples_on(LINES["number" if kind == "money" else kind], ordered)
    if kind == "money":
        known = column.type.currency or currency or ""
        samples = [sample if sample is NOTHING else Money(sample, known) for sample in samples]
    line = [Region(sample, True, *_ends(ordered, place)) for place, sample in enumerate(samples)]
    return _Cut([*line, *end], len(line), ordered, True, has_others)


def _ends(points: Sequence[Any], place: int) -> tuple[Any, Any, bool]:
    if place % 2:
        return points[place // 2], points[place // 2], True
    low = points[place // 2 - 1] if place else None
    return low, points[place // 2] if place // 2 < len(points) else None, False


def _other(names: Sequence[str]) -> str:
    """A text that is none of these."""
    number = 1
    while (text := "other" if number == 1 else f"other {number}") in names:
        number += 1
    return text


class _Builder:
    """Which rules hold where."""

    def __init__(self, given: Given, cut: _Cut, plain: dict[int, Plain]) -> None:
        self._given = given
        self._cut = cut
        self._plain = plain
        self._samples = [region.sample for region in cut.regions[: cut.width]]
        self._known: dict[int, Runs | None] = {}

    def axis(self, why: Wording) -> Axis:
        column = self._given.column.name
        allowed = None if self._given.allowed is None else self._holds(self._given.allowed)
        if self._given.allowed is not None and allowed is None:
            why = why or tell("allowed-no-constants", name=as_it_is(column))
        kept = self._kept(allowed)
        places = [place for place, is_kept in enumerate(kept) if is_kept]
        before = [0, *accumulate(kept)]
        held: list[Runs] = []
        loose = 0
        for rule, cell in enumerate(self._given.cells):
            runs = self._holds(cell)
            if runs is None:
                loose |= 1 << rule
                why = why or tell("cell-no-comparison", name=as_it_is(column))
                runs = ((0, len(kept) - 1),)
            moved = [(before[first], before[last + 1] - 1) for first, last in runs]
            held.append(tuple((first, last) for first, last in moved if first <= last))
        maybe = _sets(held, len(places))
        sure = tuple(bits & ~loose for bits in maybe)
        regions = tuple(self._cut.regions[place] for place in places)
        return Axis(column, regions, sure, maybe, tuple(held), loose, why, self._cut.is_line)

    def _kept(self, allowed: Runs | None) -> list[bool]:
        regions, width = self._cut.regions, self._cut.width
        kept = [place > width or region.sample is not NOTHING for place, region in enumerate(regions)]
        if allowed is not None:
            inside = {place for first, last in allowed for place in range(first, last + 1)}
            kept = [is_kept and place in inside for place, is_kept in enumerate(kept)]
        return kept

    def _holds(self, cell: Cell) -> Runs | None:
        """The regions in which a cell holds; None when it is not plain."""
        if not cell.tests:
            return ((0, len(self._cut.regions) - 1),)
        if id(cell) not in self._known:
            self._known[id(cell)] = self._tested(cell)
        return self._known[id(cell)]

    def _tested(self, cell: Cell) -> Runs | None:
        known = self._plain.get(id(cell))
        if known is None:
            return None
        width, has_others = self._cut.width, self._cut.has_others
        test = closure_of_tests(cell, self._given.currency)
        try:
            runs = self._on_line(test, known) if self._cut.is_line else self._by_name(test, known)
            if test({}, None) is True:
                runs.append((width, width))
        except RuleError:
            return None
        if has_others and (cell.negated or any(test.op == "!=" for test in cell.tests)):
            runs.append((width + 1, width + 1))  # nothing equals a value of another kind: only what denies can pass it
        return tuple(runs)

    def _on_line(self, test: RunTest, known: Plain) -> list[tuple[int, int]]:
        line = self._cut.points
        own = {bisect_left(line, point) for point in known.points if line and kind_of(point) == kind_of(line[0])}
        return list(runs_of(lambda value: test({}, value), sorted(own), self._samples))

    def _by_name(self, test: RunTest, known: Plain) -> list[tuple[int, int]]:
        """A name that the cell does not name is answered as any other text is."""
        elsewhere = test({}, self._samples[-1]) is True
        own = {point for point in known.points if type(point) is str}
        is_text = type(self._samples[0]) is str
        return [
            (place, place)
            for place, sample in enumerate(self._samples)
            if (elsewhere if is_text and sample not in own else test({}, sample) is True)
        ]


def _sets(held: Sequence[Runs], width: int) -> tuple[int, ...]:
    """For each region the rules that hold there."""
    changes = [0] * (width + 1)
    for rule, runs in enumerate(held):
        for first, last in runs:
            changes[first] ^= 1 << rule
            changes[last + 1] ^= 1 << rule
    return tuple(accumulate(changes[:-1], xor))
