"""Which branch of which `all` or `any of` every step lies in, and where branches cross.

Each branch has steps of its own: a step reached from two branches, or from inside and outside of one, would make it
unclear what a reader of the blueprint sees in parallel with what.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ledger.wording import Wording, as_it_is, joined
from versioning.blueprint import AllStep, Blueprint, heads_of
from versioning.finding_texts import say
from versioning.net import BESIDE, Scope
from versioning.net_ways import ways_out


class Crossing(NamedTuple):
    """`step` is reached in `first` and, from `source`, in `second`; `inside` when it is an `all` within itself."""

    step: str
    source: str
    first: Scope
    second: Scope
    inside: bool


class Branches(NamedTuple):
    """The scope of each step that can be reached, the crossings, and the steps that end a branch or lead nowhere."""

    scopes: Mapping[str, Scope]
    crossings: tuple[Crossing, ...]
    nowhere: tuple[str, ...]  # steps with a way out to a join where there is none
    in_turn: frozenset[str]  # forks whose branches are begun one after the other

    def meet(self, one: str, other: str, *, in_turn: bool = False) -> bool:
        """Whether two different steps may be open together: in branches of one fork that are, one of them around the
        other, or beside it. `in_turn`: or in branches of which either may be begun after the other is over. A step
        that is never reached meets nothing."""
        if one not in self.scopes or other not in self.scopes:
            return False
        first, second = (*self.scopes[one], (one, "")), (*self.scopes[other], (other, ""))
        for (outer, branch), (around, beside) in zip(first, second, strict=False):
            if (outer, branch) != (around, beside):
                return outer == around and (in_turn or outer not in self.in_turn or not _are_branches(branch, beside))
        return False


def branches_of(blueprint: Blueprint) -> Branches:
    """Follow every way from the first step; a step keeps the scope it was first reached in."""
    steps = {step.id: step for step in blueprint.steps}
    scopes: dict[str, Scope] = {}
    crossings: list[Crossing] = []
    nowhere: list[str] = []
    todo: list[tuple[str, str, Scope]] = [(blueprint.first, "", ())]
    todo += [(watch.next, "", ()) for watch in blueprint.watches]
    for name, source, scope in todo:
        step = steps.get(name)
        if step is None:
            continue
        inside = any(name == outer for outer, _ in scope)
        if name in scopes:
            if scopes[name] != scope:
                crossings.append(Crossing(name, source, scopes[name], scope, inside))
            continue
        scopes[name] = scope
        todo += [(head, name, (*scope, (name, head))) for head in heads_of(step)]
        beside = [(place, watch) for place, watch in enumerate(step.watches) if watch.meanwhile]
        todo += [(watch.next, name, (*scope, (name, f"{BESIDE}{place}"))) for place, watch in beside]
        ways = ways_out(step)
        todo += [(way.target, name, scope) for way in ways if way.target]
        if not scope and any(not way.target for way in ways):
            nowhere.append(name)
    in_turn = frozenset([step.id for step in blueprint.steps if isinstance(step, AllStep) and step.begun_by])
    return Branches(scopes, tuple(crossings), tuple(nowhere), in_turn)


def _are_branches(one: str, other: str) -> bool:
    """Whether both are branches of their fork; else one is the fork itself, or beside it."""
    return all(branch and not branch.startswith(BESIDE) for branch in (one, other))


def scope_words(scope: Scope) -> Wording:
    """A scope for a message, innermost first."""
    if not scope:
        return say("outside-any-branch")
    said = [
        say("beside", outer=as_it_is(outer))
        if branch.startswith(BESIDE)
        else say("in-branch", branch=as_it_is(branch), outer=as_it_is(outer))
        for outer, branch in reversed(scope)
    ]
    return joined(said)
