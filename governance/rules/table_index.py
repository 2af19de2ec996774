"""An index over the cells of a rule table, so that a value is looked up once in a column and not tested by every rule.

For each column and each kind of value it holds, for every region of the line (see `lines`), the set of rules whose cell
holds there, as the bits of a number. Rules that match are what is left when the sets of all columns are cut.

It answers as testing rule by rule, cell by cell from the left, would: a cell that is not plain is tested for the rules
whose cells before it hold, in the order of the rules, and raises when it raises there. A value of a kind that no cell
of a column names is not looked up; the caller then tests rule by rule.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from governance.rules.closures import RunTest
from governance.rules.constants import Plain, plain_of
from governance.rules.errors import RuleError
from governance.rules.lines import LINES, in_order, runs_of, samples_on
from governance.rules.syntax import Cell

_KINDS: dict[type, str] = {int: "number", Decimal: "number", str: "string", date: "date"}
_FIXED: tuple[Any, ...] = (None, True, False)
_ROWS_MIN = 4  # fewer are as quickly tested one by one

Tests = tuple[tuple[int, RunTest], ...]
"""Of a rule: the places of its cells that test something, and how."""


def missed(tests: Tests, context: Mapping[str, Any], values: Sequence[Any]) -> tuple[int, Any] | None:
    """The place of the first test of a rule that does not hold, from the left, and what it gave; None where the rule
    matches."""
    for place, test in tests:
        held = test(context, values[place])
        if held is not True:
            return place, held
    return None


class _Line(NamedTuple):
    """Rules by region."""

    points: tuple[Any, ...]
    bits: tuple[int, ...]


class _Names(NamedTuple):
    """Rules by text; `others` for any that is not named."""

    bits: dict[str, int]
    others: int


class _Column(NamedTuple):
    place: int
    lines: dict[type, _Line]
    names: _Names | None
    fixed: tuple[int, ...]


class Index(NamedTuple):
    """`rest`: for rules with cells that are not plain, the tests from the first such cell on."""

    every: int
    columns: tuple[_Column, ...]
    rest: Mapping[int, Tests]

    def candidates(self, values: Sequence[Any]) -> int | None:
        """The rules, as bits, whose plain cells before any other hold; None where a value is not looked up."""
        bits = self.every
        for place, lines, names, fixed in self.columns:
            value = values[place]
            kind = type(value)
            line = lines.get(kind)
            if line is not None:
                points, regions = line
                at = bisect_left(points, value)
                bits &= regions[2 * at + 1 if at < len(points) and points[at] == value else 2 * at]
            elif kind is str and names is not None:
                bits &= names.bits.get(value, names.others)
            elif value is None:
                bits &= fixed[0]
            elif kind is bool:
                bits &= fixed[1 if value else 2]
            else:
                return None
        return bits

    def matching(self, context: Mapping[str, Any], values: Sequence[Any], first: bool) -> tuple[int, ...] | None:
        """The rules that match, in order, only the first where that is asked; None as for `candidates`."""
        bits = self.candidates(values)
        if bits is None:
            return None
        found = []
        rest = self.rest
        while bits:
            lowest = bits & -bits
            bits ^= lowest
            number = lowest.bit_length() - 1
            if number in rest and not all(test(context, values[place]) is True for place, test in rest[number]):
                continue
            found.append(number)
            if first:
                break
        return tuple(found)


def index_of(rows: Sequence[Tests], cells: Sequence[Sequence[Cell]], currency: str | None) -> Index | None:
    """The index of the rules; None for a table that gains nothing by one. `cells` are the trees of each rule."""
    if len(rows) < _ROWS_MIN:
        return None
    try:
        return _built(rows, cells, currency)
    except RuleError:
        return None  # a cell that has no answer for some values: tested where it stands


def _built(rows: Sequence[Tests], cells: Sequence[Sequence[Cell]], currency: str | None) -> Index:
    tests = [dict(row) for row in rows]
    plain = [
        _Plain(place, [(row[place], test.get(place)) for row, test in zip(cells, tests, strict=True)], currency)
        for place in range(len(cells[0]))
    ]
    rest: dict[int, Tests] = {}
    for number, row in enumerate(rows):
        loose = next((place for place, _ in row if not plain[place].holds(number)), None)
        if loose is not None:
            rest[number] = tuple((place, test) for place, test in row if place >= loose)
            for column in plain[loose:]:
                column.leave(number)
    every = (1 << len(rows)) - 1
    return Index(every, tuple(column.built(every) for column in plain if column.is_asked), rest)


class _Plain:
    """The plain cells of one column."""

    def __init__(self, place: int, cells: Sequence[tuple[Cell, RunTest | None]], currency: str | None) -> None:
        self._place = place
        self._tests: dict[int, RunTest] = {}
        self._known: dict[int, Plain] = {}
        read: dict[int, Plain | None] = {}  # by identity: equal trees may differ in kind
        for number, (cell, test) in enumerate(cells):
            if test is None:
                continue
            if id(cell) not in read:
                found = plain_of(cell, currency)
                read[id(cell)] = found if found is not None and _is_certain(test, found.points) else None
            known = read[id(cell)]
            if known is not None:
                self._tests[number] = test
                self._known[number] = known

    @property
    def is_asked(self) -> bool:
        return bool(self._tests)

    def holds(self, number: int) -> bool:
        """Whether this rule's cell is plain."""
        return number in self._tests

    def leave(self, number: int) -> None:
        """Do not index this rule's cell: one before it is not plain."""
        self._tests.pop(number, None)
        self._known.pop(number, None)

    def built(self, every: int) -> _Column:
        untested = every
        for number in self._tests:
            untested ^= 1 << number
        fixed = tuple(untested | self._holding(value) for value in _FIXED)
        lines: dict[type, _Line] = {
            kind: line for kind in (int, date) if (line := self._line(kind, untested)) is not None
        }
        if int in lines:
            lines[Decimal] = lines[int]
        return _Column(self._place, lines, self._names(untested), fixed)

    def _holding(self, value: Any) -> int:
        bits = 0
        for number, test in self._tests.items():
            if test({}, value) is True:
                bits |= 1 << number
        return bits

    def _of_kind(self, name: str) -> dict[int, list[Any]]:
        return {
            number: [point for point in known.points if _KINDS.get(type(point)) == name]
            for number, known in self._known.items()
        }

    def _line(self, kind: type, untested: int) -> _Line | None:
        line = LINES[_KINDS[kind]]
        own = self._of_kind(line.name)
        points = in_order(point for several in own.values() for point in several)
        if not points:
            return None
        samples = samples_on(line, points)
        changes = [0] * (len(samples) + 1)
        for number, test in self._tests.items():
            places = sorted({bisect_left(points, point) for point in own[number]})
            for start, end in runs_of(_asked(test), places, samples):
                changes[start] ^= 1 << number
                changes[end + 1] ^= 1 << number
        bits, regions = untested, []
        for change in changes[:-1]:
            bits ^= change
            regions.append(bits)
        return _Line(points, tuple(regions))

    def _names(self, untested: int) -> _Names | None:
        """Rules by text, where no cell asks for the order of texts."""
        own = self._of_kind("string")
        names = {point for several in own.values() for point in several}
        if not names or any(known.orders_text for known in self._known.values()):
            return None
        other = "\x00".join(sorted(names)) + "\x00"  # longer than each, so none of them
        bits = dict.fromkeys(names, untested)
        others = untested
        for number, test in self._tests.items():
            bit = 1 << number
            elsewhere = test({}, other) is True
            if elsewhere:
                others |= bit
                for name in names.difference(own[number]):
                    bits[name] |= bit
            for name in own[number]:
                if test({}, name) is True:
                    bits[name] |= bit
        return _Names(bits, others)


def _asked(test: RunTest) -> Callable[[Any], Any]:
    return lambda value: test({}, value)


def _is_certain(test: RunTest, points: Sequence[Any]) -> bool:
    """Whether the cell answers for every kind of value that is looked up."""
    try:
        for value in (*_FIXED, Decimal(0), "", date(2000, 1, 1), *points):
            test({}, value)
    except RuleError:
        return False
    return True
