"""What a rule table leaves open and where its rules collide, each with an input that shows it. Pure.

The columns are cut into regions (`regions`); a rule covers a box of them, so what no rule covers and which two rules
meet is reckoned with sets of rules, without trying values. Every example is then evaluated by the table itself: one
that does not show what it should is not told. What cannot be decided is said in `undecided`: cells that are no
comparisons with constants, inputs that are reckoned, and an end of the steps allowed.

Gaps and overlaps are looked for where the table is meant to answer: null only where a column names it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from governance.rules.boxes import Joined, OutOfSteps, Search, Steps, members, places_of, shared
from governance.rules.constants import constant_of
from governance.rules.errors import RuleError, UnlikeOutputs
from governance.rules.examples import Examples, examples_of
from governance.rules.lines import NOTHING
from governance.rules.operations import equal
from governance.rules.regions import Axis, Given, axis_of, whole_axis
from governance.rules.rule_table import Reading, RuleTable, reading_of
from governance.rules.table import CompiledTable, compile_table, compile_table_with
from governance.rules.table_texts import tell
from governance.rules.table_words import box_in_words, inputs_in_words, rules_in_words
from governance.rules.values import kind_of
from ledger.wording import Wording, as_it_is

T = TypeVar("T")

GAPS_MAX = 10  # more than a person reads at once
OVERLAPS_MAX = 20
UNIONS_A_STEP = 8  # uniting two sets is so much cheaper than a step of a search
NAMED_MAX = 5  # rules named together


@dataclass(frozen=True, slots=True)
class Gap:
    """Inputs that no rule matches, and one of them."""

    example: Mapping[str, Any]
    words: Wording


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules, by their numbers, that match an input for which the hit policy has no answer then."""

    rules: tuple[int, int]
    example: Mapping[str, Any]
    words: Wording


@dataclass(frozen=True, slots=True)
class Masked:
    """A rule that matches only where a rule before it counts, or one of a higher priority."""

    rule: int
    by: tuple[int, ...]
    example: Mapping[str, Any]
    words: Wording


@dataclass(frozen=True, slots=True)
class Never:
    """A rule with a cell that no value passes."""

    rule: int
    input: str
    words: Wording


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that was found. `more_overlaps`: pairs of rules that meet and were not told one by one."""

    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]
    masked: tuple[Masked, ...]
    never: tuple[Never, ...]
    undecided: tuple[Wording, ...]
    more_overlaps: int = 0


def analyse(table: RuleTable, reading: Reading | None = None) -> Analysis:
    """The analysis of a checked table. `reading`: of a model's table, as for `table.compile_table_with`."""
    compiled = compile_table(table) if reading is None else compile_table_with(table, reading)
    return _Analyst(compiled, reading or reading_of(table)).found()


class _Analyst:
    def __init__(self, compiled: CompiledTable, reading: Reading) -> None:
        self._compiled = compiled
        self._table = compiled.table
        self._steps = Steps()
        self._examples = examples_of(self._table, reading)
        self._axes = _axes(compiled, reading, self._examples)
        # What is not asked (null, another kind) stands last on every axis.
        self._asked = [range(sum(region.asked for region in axis.regions)) for axis in self._axes]
        self._undecided = list(dict.fromkeys(axis.why for axis in self._axes if axis.why))
        self._outputs = [_key(rule.outputs, reading, self._table.currency) for rule in self._table.rules]
        self._more = 0

    def found(self) -> Analysis:
        """Everything, each part as far as the steps go."""
        never = tuple(self._never())
        gaps = self._part(tell("gaps"), self._gaps)
        overlaps: tuple[Overlap, ...] = ()
        masked: tuple[Masked, ...] = ()
        if self._table.hit in ("unique", "any"):
            overlaps = self._part(tell("overlaps"), self._overlaps)
        elif self._table.hit in ("first", "priority"):
            masked = self._part(tell("never-counting"), self._masked)
        return Analysis(gaps, overlaps, masked, never, tuple(self._undecided), self._more)

    def _part(self, what: Wording, find: Callable[[], Iterator[T]]) -> tuple[T, ...]:
        """What is found until the steps are used up."""
        self._steps = Steps()
        found = []
        try:
            for one in find():
                found.append(one)
        except OutOfSteps:
            self._undecided.append(tell("cut-off", what=what))
        return tuple(found)

    def _never(self) -> Iterator[Never]:
        for number, rule in enumerate(self._table.rules):
            for axis, cell in zip(self._axes, rule.cells, strict=True):
                if not axis.held[number]:
                    words = tell("never-matches", number=number + 1, name=as_it_is(axis.name), cell=as_it_is(cell))
                    yield Never(number + 1, axis.name, words)
                    break

    def _gaps(self) -> Iterator[Gap]:
        if not all(self._asked):
            return  # a column that allows nothing: nothing can be asked
        search = Search([axis.maybe for axis in self._axes], self._asked, self._steps)
        told = 0
        for box in search.boxes((1 << len(self._table.rules)) - 1):
            within = dict(box)
            example = self._example([within.get(column, asked)[0] for column, asked in enumerate(self._asked)])
            if self._matching(example) != ():
                continue
            where = box_in_words([(self._axes[column].name, self._axes[column].words(p)) for column, p in box])
            yield Gap(example, tell("no-match", where=where, given=inputs_in_words(example)))
            told += 1
            if told == GAPS_MAX:
                return

    def _overlaps(self) -> Iterator[Overlap]:
        uncertain = 0
        for axis in self._axes:
            uncertain |= axis.loose
        if self._table.hit == "any":
            uncertain |= sum(1 << number for number, key in enumerate(self._outputs) if key[0] == _RECKONED)
        told = 0
        for first, later in self._pairs():
            left = later
            for second in members(later):
                if told == OVERLAPS_MAX:
                    break
                left ^= 1 << second
                self._steps.spend(1)
                overlap = self._overlap(first, second)
                if overlap is not None:
                    told += 1
                    yield overlap
            if not uncertain >> first & 1:
                self._more += (left & ~uncertain).bit_count()

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Each rule with the later ones it may meet, as bits; under `any` only those that may give something else."""
        meeting = [(1 << len(self._table.rules)) - 1] * len(self._table.rules)
        for axis, asked in zip(self._axes, self._asked, strict=True):
            joined = Joined(axis.maybe[: len(asked)])
            self._steps.spend(joined.cost // UNIONS_A_STEP)
            for number, runs in enumerate(axis.held):
                meeting[number] &= joined.of(runs)
            self._steps.spend(len(axis.held) // UNIONS_A_STEP)
        alike: dict[object, int] = {}
        if self._table.hit == "any":
            for number, key in enumerate(self._outputs):
                alike[key] = alike.get(key, 0) | 1 << number
        for number, met in enumerate(meeting):
            others = met & ~alike.get(self._outputs[number], 0)
            yield number, others >> (number + 1) << (number + 1)

    def _overlap(self, first: int, second: int) -> Overlap | None:
        meeting = [shared(axis.held[first], axis.held[second]) for axis in self._axes]
        example = self._example([0 if place is None else place for place in meeting])
        matched = self._matching(example)
        if matched is None or not {first + 1, second + 1} <= set(matched):
            return None
        differ = self._table.hit == "any"
        if differ and not self._differ(first + 1, second + 1, example):
            return None
        rules = (first + 1, second + 1)
        told, given = rules_in_words(rules), inputs_in_words(example)
        words = tell("overlap-differs" if differ else "overlap", rules=told, given=given)
        return Overlap(rules, example, words)

    def _differ(self, first: int, second: int, example: Mapping[str, Any]) -> bool:
        """Whether the table has no answer for an example because these two rules differ."""
        try:
            one, other = self._compiled.outputs(first, example), self._compiled.outputs(second, example)
            if equal(one, other, self._table.currency) is True:
                self._undecide(tell("compared-once"))
                return False
            self._compiled.evaluate(example)
        except UnlikeOutputs:
            return True
        except RuleError:
            self._undecide(tell("no-answer"))
        return False

    def _masked(self) -> Iterator[Masked]:
        never = {one.rule - 1 for one in self._never()}
        before = dict(self._counting_before())
        everywhere = -1
        for axis in self._axes:  # one column after the other: their unions take much memory
            unions = Joined(axis.sure)
            self._steps.spend(unions.cost // UNIONS_A_STEP)
            for number, runs in enumerate(axis.held):
                if number in before:
                    before[number] &= unions.of(runs)
            self._steps.spend(len(axis.held) // UNIONS_A_STEP)
            for bits in axis.sure:
                everywhere &= bits
        for number, covering in before.items():
            if not covering or number in never:
                continue
            alone = covering & everywhere or self._cover(number, covering)
            if alone is None:
                continue
            by = tuple(other + 1 for other in list(members(alone))[:1] or list(members(covering))[:NAMED_MAX])
            where = [axis.held[number][0][0] for axis in self._axes]
            if any(axis.regions[place].sample is NOTHING for axis, place in zip(self._axes, where, strict=True)):
                continue  # only values of another kind, of which none can be shown
            example = self._example(where)
            if number + 1 not in (self._matching(example) or ()):
                continue
            first = tell("goes-before" if len(by) == 1 else "go-before", rules=rules_in_words(by))
            words = tell("never-counts", number=number + 1, before=first, given=inputs_in_words(example))
            yield Masked(number + 1, by, example, words)

    def _cover(self, number: int, covering: int) -> int | None:
        """Those of some rules that cover a rule by themselves, if they do so together; else None."""
        places = [tuple(places_of(axis.held[number])) for axis in self._axes]
        self._steps.spend(sum(map(len, places)))
        search = Search([axis.sure for axis in self._axes], places, self._steps)
        return None if next(search.boxes(covering), None) is not None else covering & search.ends[0]

    def _counting_before(self) -> Iterator[tuple[int, int]]:
        """Each rule with those that count before it where both match."""
        if self._table.hit == "first":
            yield from ((number, (1 << number) - 1) for number in range(len(self._table.rules)))
            return
        ranks: dict[int, tuple[int, ...]] = {}
        for number, key in enumerate(self._outputs):
            if key[0] != _RECKONED:
                try:
                    ranks[number] = self._compiled.rank(self._compiled.outputs(number + 1, {}))
                except RuleError:
                    continue
        for number, rank in ranks.items():
            yield number, sum(1 << other for other, higher in ranks.items() if higher < rank)

    def _example(self, places: Sequence[int]) -> dict[str, Any]:
        return self._examples.given(
            [axis.regions[place].sample for axis, place in zip(self._axes, places, strict=True)]
        )

    def _matching(self, example: Mapping[str, Any]) -> tuple[int, ...] | None:
        """What the table says of an example; None when it has no answer."""
        self._steps.attempt()
        try:
            return self._compiled.matching(example)
        except RuleError:
            return None

    def _undecide(self, why: Wording) -> None:
        if why not in self._undecided:
            self._undecided.append(why)


def _axes(compiled: CompiledTable, reading: Reading, examples: Examples) -> tuple[Axis, ...]:
    axes = []
    table = compiled.table
    for place, column in enumerate(table.inputs):
        allowed = None if column.allowed is None else reading.tests(column.allowed)
        given = Given(column, allowed, [compiled.trees[rule.cells[place]] for rule in table.rules], table.currency)
        why = examples.why[place]
        axes.append(whole_axis(given, why) if why else axis_of(given))
    return tuple(axes)


_RECKONED = "reckoned"


def _key(sources: Sequence[str], reading: Reading, currency: str | None) -> tuple[object, ...]:
    """What two rules have in common when their outputs are equal whatever comes."""
    known = [constant_of(reading.expression(source), currency) for source in sources]
    if None in known:
        return (_RECKONED, *sources)
    values = [one.value for one in known if one is not None]
    if any(kind_of(value) in ("list", "range", "object") for value in values):
        return ("written", *sources)
    return ("known", *[(kind_of(value), value) for value in values])
