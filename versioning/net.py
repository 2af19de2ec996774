"""The workflow net that the machine executes: places hold tokens, transitions are what may happen at a step.

A token lives at a step *in a scope*: the `all` steps it runs under and the branch it came from, outermost first. A
step without `next` arrives at the join of the innermost one. That is how the machine carries its activations, so the
net of a blueprint has one place for each step and scope in which the machine can reach it, and the branches of an
`all` meet again only at their join. What the machine decides (outcomes, conditions, lateness) the net leaves open:
each possibility is a transition.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from ledger.errors import TooLarge
from versioning.blueprint import AllStep, Blueprint, ChooseStep, DecideStep, EndStep, Step

PLACES_MAX = 20_000  # a blueprint of the largest size whose branches do not cross has fewer than 1,000

Scope = tuple[tuple[str, str], ...]  # (`all` step, first step of the branch), outermost first
Cause = Literal["done", "outcome", "branch", "fork", "join", "late", "skipped", "end"]


class NetPlace(NamedTuple):
    """Where a token may be: `at` a step, `arrived` at the join of `step` from `branch`, at the `end`, or `lost`.

    `lost` is where a step leads that names no next step outside any branch, or enters an `all` inside itself.
    """

    kind: Literal["at", "arrived", "end", "lost"]
    step: str
    branch: str = ""
    scope: Scope = ()


class Transition(NamedTuple):
    """Something that may happen: it takes one token from each of `takes` and gives one to each of `gives`.

    `detail` is the outcome, the number of the way out (from 0) or the step that follows, as `cause` says.
    """

    step: str
    cause: Cause
    detail: str
    takes: tuple[int, ...]
    gives: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Net:
    """A workflow net: one token at `first` in the beginning, one at `last` and nowhere else in the end."""

    places: tuple[NetPlace, ...]
    transitions: tuple[Transition, ...]
    first: int
    last: int


class Way(NamedTuple):
    """One way out of a step; an empty target is the join of the innermost `all`."""

    cause: Cause
    detail: str
    target: str


def ways_out(step: Step) -> tuple[Way, ...]:
    """Every way a token may leave a step, in the order of the source. An `end` has none; an `all` its join's."""
    ways: list[Way] = []
    if isinstance(step, ChooseStep):
        ways += [Way("branch", str(number), branch.next) for number, branch in enumerate(step.branches)]
    elif isinstance(step, DecideStep):
        ways += [Way("outcome", outcome, target) for outcome, target in step.next]
    elif isinstance(step, AllStep):
        ways.append(Way("join", step.next, step.next))
    elif not isinstance(step, EndStep):
        ways.append(Way("done", step.next, step.next))
        if step.skip_when is not None:
            ways.append(Way("skipped", step.next, step.next))
    if step.on_late is not None:
        ways.append(Way("late", step.on_late, step.on_late))
    return tuple(ways)


def net_of(blueprint: Blueprint) -> Net:
    """The net of a blueprint. `TooLarge` where branches cross so often that it would not fit in memory."""
    return _Builder(blueprint).build()


class _Builder:
    def __init__(self, blueprint: Blueprint) -> None:
        self.steps = {step.id: step for step in blueprint.steps}
        self.numbers: dict[NetPlace, int] = {}
        self.places: list[NetPlace] = []
        self.transitions: list[Transition] = []
        self.first = self.place(self.entered(blueprint.first, ()))
        self.last = self.place(NetPlace("end", ""))

    def build(self) -> Net:
        done = 0
        while done < len(self.places):
            place = self.places[done]
            if place.kind == "at":
                self.expand(done, place)
            done += 1
        return Net(tuple(self.places), tuple(self.transitions), self.first, self.last)

    def place(self, place: NetPlace) -> int:
        number = self.numbers.get(place)
        if number is None:
            number = len(self.places)
            if number >= PLACES_MAX:
                raise TooLarge(f"the net has more than {PLACES_MAX} places")
            self.numbers[place] = number
            self.places.append(place)
        return number

    def entered(self, target: str, scope: Scope) -> NetPlace:
        """Where a token goes that is sent to `target`; an empty target is the join."""
        if not target:
            if not scope:
                return NetPlace("lost", "")
            outer, branch = scope[-1]
            return NetPlace("arrived", outer, branch, scope[:-1])
        if target not in self.steps or any(target == outer for outer, _ in scope):
            return NetPlace("lost", target, "", scope)
        return NetPlace("at", target, "", scope)

    def expand(self, number: int, place: NetPlace) -> None:
        step, scope = self.steps[place.step], place.scope
        if isinstance(step, EndStep):
            self.transitions.append(Transition(step.id, "end", step.outcome, (number,), (self.last,)))
            return
        takes: tuple[int, ...] = (number,)
        if isinstance(step, AllStep):
            heads = [self.place(self.entered(branch, (*scope, (step.id, branch)))) for branch in step.branches]
            self.transitions.append(Transition(step.id, "fork", "", takes, tuple(heads)))
            takes = tuple([self.place(NetPlace("arrived", step.id, branch, scope)) for branch in step.branches])
        for way in ways_out(step):
            gives = (self.place(self.entered(way.target, scope)),)
            self.transitions.append(Transition(step.id, way.cause, way.detail, takes, gives))
