"""Boxes of regions over the columns of a rule table, reckoned with sets of rules as the bits of a number. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from governance.rules.lines import Runs

STEPS_MAX = 1_000_000  # cuts of two sets of rules; a second or two for each thing looked for
TRIES_MAX = 200  # examples of a table evaluated whole


class OutOfSteps(Exception):
    """The steps of a search are used up; what was found stands."""


@dataclass(slots=True)
class Steps:
    """What a search may still spend."""

    left: int = STEPS_MAX
    tries: int = TRIES_MAX

    def spend(self, steps: int) -> None:
        """`OutOfSteps` when there is not so much left."""
        self.left -= steps
        if self.left < 0:
            raise OutOfSteps

    def attempt(self) -> None:
        """One evaluation of the table; `OutOfSteps` after too many."""
        self.tries -= 1
        if self.tries < 0:
            raise OutOfSteps


Box = tuple[tuple[int, tuple[int, ...]], ...]
"""Columns with the regions in them; a column that is not named may have any."""


@dataclass(slots=True)
class Search:
    """Boxes that no rule of a set covers, in one column after the other. For each column: `bits`, the rules that hold
    in each region, and `places`, the regions to look at."""

    bits: Sequence[Sequence[int]]
    places: Sequence[Sequence[int]]
    steps: Steps
    known: set[tuple[int, int]] = field(default_factory=set)
    ends: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """`ends`: for each column the rules that hold everywhere from there on."""
        everywhere = -1
        self.ends = [everywhere]
        for bits, places in zip(reversed(self.bits), reversed(self.places), strict=True):
            for place in places:
                everywhere &= bits[place]
            self.ends.insert(0, everywhere)

    def boxes(self, rules: int, column: int = 0) -> Iterator[Box]:
        """Boxes outside of every rule of the set."""
        if not rules:
            yield ()
            return
        if rules & self.ends[column] or column == len(self.bits) or (column, rules) in self.known:
            return
        groups: dict[int, list[int]] = {}
        bits = self.bits[column]
        self.steps.spend(len(self.places[column]) + 1)
        for place in self.places[column]:
            groups.setdefault(rules & bits[place], []).append(place)
        is_covered = True
        for left, places in groups.items():
            for box in self.boxes(left, column + 1):
                is_covered = False
                yield box if len(groups) == 1 else ((column, tuple(places)), *box)
        if is_covered:
            self.known.add((column, rules))


class Joined:
    """The union of the sets of a stretch of regions, by two unions of stretches prepared beforehand."""

    def __init__(self, bits: Sequence[int]) -> None:
        self._width = len(bits)
        self._levels = [tuple(bits)]
        width = 1
        while 2 * width <= len(bits):
            last = self._levels[-1]
            self._levels.append(tuple(last[at] | last[at + width] for at in range(len(last) - width)))
            width *= 2
        self.cost = len(bits) * len(self._levels)

    def of(self, runs: Runs) -> int:
        """The union of all regions of stretches, as far as there are sets for them."""
        union = 0
        for first, last in runs:
            if first < self._width:
                union |= self._within(first, min(last, self._width - 1))
        return union

    def _within(self, first: int, last: int) -> int:
        level = (last - first + 1).bit_length() - 1
        row = self._levels[level]
        return row[first] | row[last - (1 << level) + 1]


def shared(one: Runs, other: Runs) -> int | None:
    """The first region of both."""
    found = [max(a, c) for a, b in one for c, d in other if max(a, c) <= min(b, d)]
    return min(found, default=None)


def places_of(runs: Runs) -> Iterator[int]:
    """The regions of stretches."""
    return (place for first, last in runs for place in range(first, last + 1))


def members(bits: int) -> Iterator[int]:
    """The rules of a set, from the first."""
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        yield lowest.bit_length() - 1
