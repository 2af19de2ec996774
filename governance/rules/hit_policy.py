"""What a rule table makes of the rules that match (DMN 1.5, section 8.2.10): hit policies and aggregators. Pure.

| policy | letter | result |
|---|---|---|
| `unique` | U | of the one rule that matches; more is `OverlappingRules` |
| `any` | A | of any rule that matches; they must be equal, else `UnlikeOutputs` |
| `first` | F | of the first rule that matches |
| `priority` | P | of the rule whose outputs stand first among the allowed values |
| `rule order` | R | of all, a list in the order of the rules |
| `output order` | O | of all, a list in the order of the allowed values |
| `collect` | C | of all, a list in the order of the rules |
| `collect sum`, `min`, `max`, `count` | C+ C< C> C# | one number or value of all |

The standard leaves open which of several rules of one priority counts. Equal outputs make no difference, others are
`UnlikeOutputs`; in a list they stand in the order of the rules. `count` counts every rule that matches. An aggregator
of no rule is what the function of its name says of the empty list: null, for `count` 0.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from governance.rules.env import Env
from governance.rules.errors import OverlappingRules, UnlikeOutputs
from governance.rules.functions import invoke
from governance.rules.operations import equal

Hit = Literal["unique", "any", "first", "priority", "rule order", "output order", "collect"]
Aggregator = Literal["sum", "min", "max", "count"]
HITS: tuple[Hit, ...] = ("unique", "any", "first", "priority", "rule order", "output order", "collect")
AGGREGATORS: tuple[Aggregator, ...] = ("sum", "min", "max", "count")
LISTS: tuple[Hit, ...] = ("rule order", "output order", "collect")
RANKED: tuple[Hit, ...] = ("priority", "output order")
_SIGNS: dict[str, Aggregator] = {"+": "sum", "<": "min", ">": "max", "#": "count"}

Numbers = tuple[int, ...]
"""Rules by their place, from 0."""


class Policy(NamedTuple):
    """A hit policy, with what `collect` makes of the values."""

    hit: Hit
    aggregator: Aggregator | None = None


POLICIES: dict[str, Policy] = {
    **{hit: Policy(hit) for hit in HITS},
    **{f"collect {aggregator}": Policy("collect", aggregator) for aggregator in AGGREGATORS},
    **{hit[0].upper(): Policy(hit) for hit in HITS},
    **{f"C{sign}": Policy("collect", aggregator) for sign, aggregator in _SIGNS.items()},
}
"""Every way a policy may be written."""


class Rows(NamedTuple):
    """What the policies ask of a table: its name, what evaluates beside it, the outputs of a rule, their places among
    the allowed values."""

    table: str
    env: Env
    output: Callable[[int], Any]
    rank: Callable[[Any], tuple[int, ...]]


class Settled(NamedTuple):
    """`applied`: the rules the result comes from, in its order; `values`: what an aggregator was given."""

    result: Any
    applied: Numbers
    values: tuple[Any, ...] | None = None
    defaulted: bool = False


def settle(policy: Policy, matching: Numbers, rows: Rows) -> Settled:
    """The result of the rules that match. `RuleError` where the policy forbids what matched."""
    hit, aggregator = policy
    if hit in LISTS:
        return _several(hit, aggregator, matching, rows)
    if not matching:
        return Settled(None, ())
    if hit == "unique" and len(matching) > 1:
        raise OverlappingRules(rows.table, _from_one(matching))
    if hit == "any":
        return Settled(_same(matching, [rows.output(number) for number in matching], rows), matching)
    if hit == "priority" and len(matching) > 1:
        return _foremost(matching, rows)
    return Settled(rows.output(matching[0]), matching[:1])


def _several(hit: Hit, aggregator: Aggregator | None, matching: Numbers, rows: Rows) -> Settled:
    values = tuple(rows.output(number) for number in matching)
    if aggregator is not None:
        return Settled(invoke(aggregator, [values], rows.env), matching, values)
    if hit == "output order" and len(matching) > 1:
        order = sorted(range(len(values)), key=lambda place: rows.rank(values[place]))
        return Settled(tuple(values[place] for place in order), tuple(matching[place] for place in order))
    return Settled(values, matching)


def _foremost(matching: Numbers, rows: Rows) -> Settled:
    values = [rows.output(number) for number in matching]
    ranks = [rows.rank(value) for value in values]
    best = [place for place, rank in enumerate(ranks) if rank == min(ranks)]
    level = tuple(matching[place] for place in best)
    return Settled(_same(level, [values[place] for place in best], rows), level)


def _same(matching: Numbers, values: Sequence[Any], rows: Rows) -> Any:
    for value in values[1:]:
        if equal(values[0], value, rows.env.currency) is not True:
            raise UnlikeOutputs(rows.table, _from_one(matching))
    return values[0]


def _from_one(numbers: Numbers) -> Numbers:
    return tuple(number + 1 for number in numbers)
