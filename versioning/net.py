"""The workflow net that the machine executes: places hold tokens, transitions are what may happen at a step.

A token lives at a step *in a scope*: the forks (`all`, `any of`) it runs under and the branch it came from, outermost
first. A step without `next` arrives at the join of the innermost one. That is how the machine carries its activations,
so the net of a blueprint has one place for each step and scope in which the machine can reach it, and the branches of a
fork meet again only at their join. What the machine decides (outcomes, conditions, lateness) the net leaves open: each
possibility is a transition. A branch that people pass over while it is open, or begin again, leads to no marking that
is not here: its token is where it is when it was passed over before, or has not yet arrived. One that a join does not
count waits, for the net, until the join fires without it, as the machine sees to it that it can.

A join that does not wait for every branch, and a fork that is left when it is late, close what is open inside: such a
transition also *clears* places, whatever they hold (reset arcs; C. Dufourd, A. Finkel and P. Schnoebelen, "Reset nets
between decidability and undecidability", 1998). The fork keeps a token of its own meanwhile, which says how many of
its branches have arrived where that counts.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from ledger.errors import TooLarge
from versioning.blueprint import (
    AllStep,
    Blueprint,
    EndStep,
    ForkStep,
    Step,
    heads_of,
)
from versioning.net_ways import Cause, Way, ways_out
from versioning.whole_errors import answered

PLACES_MAX = 20_000  # a blueprint of the largest size whose branches do not cross has fewer than 1,000

BESIDE = "+"  # with the number of the watch: the branch of what runs beside a step
Scope = tuple[tuple[str, str], ...]  # (fork, first step of the branch), outermost first


class NetPlace(NamedTuple):
    """Where a token may be: `at` a step, `arrived` at the join of `step` from `branch`, at the `end`, or `lost`.

    `maybe` is before a branch that is entered or passed over; `open` is the fork's own, with as many branches arrived
    as `branch` says. `lost` is where a step leads that names no next step outside any branch, or enters a fork inside
    itself.
    """

    kind: Literal["at", "arrived", "maybe", "open", "end", "lost"]
    step: str
    branch: str = ""
    scope: Scope = ()


class Transition(NamedTuple):
    """Something that may happen: it takes one token from each of `takes` and gives one to each of `gives`.

    Between the two it empties `clears`. `detail` is the outcome, the number of the way out (from 0) or the step that
    follows, as `cause` says.
    """

    step: str
    cause: Cause
    detail: str
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    clears: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Net:
    """A workflow net: one token at `first` in the beginning, one at `last` and nowhere else in the end."""

    places: tuple[NetPlace, ...]
    transitions: tuple[Transition, ...]
    first: int
    last: int


def net_of(blueprint: Blueprint) -> Net:
    """The net of a blueprint. `TooLarge` where branches cross so often that it would not fit in memory."""
    return _Builder(blueprint).build()


class _Builder:
    def __init__(self, blueprint: Blueprint) -> None:
        self.steps = {step.id: step for step in blueprint.steps}
        self.numbers: dict[NetPlace, int] = {}
        self.places: list[NetPlace] = []
        self.transitions: list[Transition] = []
        self.clearing: list[tuple[int, str, Scope]] = []  # transitions that close what is open inside a fork
        self.closing: list[int] = []  # transitions that close all that is open
        self.answered = answered(blueprint)
        self.answers = tuple(dict.fromkeys([watch.next for watch in blueprint.watches]))
        self.first = self.place(self.entered(blueprint.first, ()))
        self.last = self.place(NetPlace("end", ""))

    def build(self) -> Net:
        done = 0
        while done < len(self.places):
            place = self.places[done]
            if place.kind == "at":
                self.expand(done, place)
            done += 1
        for number in self.closing:
            one, kept = self.transitions[number], (self.last, *self.transitions[number].takes)
            self.transitions[number] = one._replace(clears=tuple([at for at in range(done) if at not in kept]))
        for number, fork, scope in self.clearing:  # once every place is known
            inside = tuple([at for at, place in enumerate(self.places) if _is_inside(place, fork, scope)])
            one = self.transitions[number]
            self.transitions[number] = one._replace(clears=tuple([at for at in inside if at not in one.takes]))
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
            for way in ways_out(step):
                self.way(step, way, scope, (number,))
            return
        if isinstance(step, ForkStep):
            self.failing(step, (number,))
            self.fork(number, step, scope)
            return
        armed = self.armed(step, scope)
        takes = (number,)
        if armed:
            takes = (self.place(NetPlace("open", step.id, "", scope)),)
            self.transitions.append(Transition(step.id, "fork", "", (number,), (*takes, *armed)))
        self.failing(step, takes)
        for way in ways_out(step):
            self.way(step, way, scope, takes, clears=bool(armed))

    def failing(self, step: Step, takes: tuple[int, ...]) -> None:
        """What the blueprint says of a failure as a whole: all that is open is closed, wherever it is."""
        for target in self.answers if step.id in self.answered else ():
            self.closing.append(len(self.transitions))
            self.transitions.append(
                Transition(step.id, "failed", target, takes, (self.place(self.entered(target, ())),))
            )

    def armed(self, step: Step, scope: Scope) -> tuple[int, ...]:
        """A place for each watch that begins something beside the step; it does so once, which stands for any number.

        What it begins shares nothing with the rest but its end: it is closed with the step.
        """
        places = []
        for number, watch in enumerate(step.watches):
            if watch.meanwhile:
                inside = (*scope, (step.id, f"{BESIDE}{number}"))
                places.append(self.place(NetPlace("maybe", watch.next, "", inside)))
                begun = (self.place(self.entered(watch.next, inside)),)
                self.transitions.append(Transition(step.id, "watch", str(number), (places[-1],), begun))
        return tuple(places)

    def way(self, step: Step, way: Way, scope: Scope, takes: tuple[int, ...], clears: bool = False) -> None:
        gives = (self.place(self.entered(way.target, scope)),)
        if clears:
            self.clearing.append((len(self.transitions), step.id, scope))
        self.transitions.append(Transition(step.id, way.cause, way.detail, takes, gives))

    def fork(self, number: int, step: ForkStep, scope: Scope) -> None:
        heads = heads_of(step)
        join, *others = ways_out(step)
        late = [way for way in others if way.cause != "skipped"]
        for way in others:
            if way.cause in ("skipped", "failed"):  # before any branch begins
                self.way(step, way, scope, (number,))
        armed = self.armed(step, scope)
        counts = step.need > 1
        opened = self.place(NetPlace("open", step.id, "0" if counts else "", scope)) if late or counts else None
        own: tuple[int, ...] = () if opened is None else (opened,)
        before = [self.branch(step, place, (*scope, (step.id, head))) for place, head in enumerate(heads)]
        self.transitions.append(Transition(step.id, "fork", "", (number,), (*before, *own, *armed)))
        arrived = [self.place(NetPlace("arrived", step.id, head, scope)) for head in heads]
        if not step.need:
            self.way(step, join, scope, (*arrived, *own), clears=bool(armed))
            ends = own
        elif not counts:
            for one in arrived:
                self.way(step, join, scope, (one, *own), clears=True)
            ends = own
        else:
            ends = self.counted(step, scope, arrived, own[0])
            self.way(step, join, scope, ends[-1:], clears=True)
        for way in late:
            for end in ends:
                self.way(step, way, scope, (end,), clears=True)

    def branch(self, step: ForkStep, place: int, inside: Scope) -> int:
        """Where the token of a branch begins; one with a condition, or that people may pass over, is entered or not."""
        outer, head = inside[-1]
        entered = self.place(self.entered(head, inside))
        if isinstance(step, AllStep) and (step.need or head not in step.may_pass_over):
            return entered
        before = self.place(NetPlace("maybe", head, "", inside))
        arrived = self.place(NetPlace("arrived", outer, head, inside[:-1]))
        self.transitions.append(Transition(step.id, "branch", str(place), (before,), (entered,)))
        self.transitions.append(Transition(step.id, "passed", str(place), (before,), (arrived,)))
        return before

    def counted(self, step: ForkStep, scope: Scope, arrived: list[int], first: int) -> tuple[int, ...]:
        """The fork's own places with none, one, ... and as many branches arrived as it needs."""
        places = (first, *[self.place(NetPlace("open", step.id, str(n), scope)) for n in range(1, step.need + 1)])
        for before, after in pairwise(places):
            for one in arrived:
                self.transitions.append(Transition(step.id, "arrived", "", (one, before), (after,)))
        return places


def _is_inside(place: NetPlace, fork: str, scope: Scope) -> bool:
    """Whether a place lies in a branch of a fork, or is where one has arrived."""
    if place.kind == "arrived" and place.step == fork and place.scope == scope:
        return True
    return (
        place.scope[: len(scope)] == scope
        and place.scope[len(scope) :][:1] != ()
        and place.scope[len(scope)][0] == fork
    )
