"""Is a net sound: can it always end, does it end clean, can every step happen? By search over all its markings.

A marking is a set of places with a token (bits of one integer). Sound means: from every marking that can be reached
the end can be reached; where the end is reached nothing else holds a token; no place ever gets a second token; every
transition can happen. The search runs on the net as reduced by `versioning.reduce`; where it finds a fault it is run
again on the net itself for a shortest trace in the steps' own names. Source: W. van der Aalst, "The application of
Petri nets to workflow management", 1998, definition 11; the ban on second tokens is ours, and follows from soundness
for free-choice nets, which those of blueprints are where no transition clears places.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.wording import NOTHING, Wording, joined, listed
from versioning.finding_texts import say
from versioning.net import Net, Transition
from versioning.net_words import marking_words, transition_words
from versioning.reduce import Core, core_of, reduced

MARKINGS_MAX = 1_000_000  # below it well under a minute and a gigabyte; a net above it is not decided

Fault = Literal["", "stuck", "left behind", "twice", "endless", "dead"]


@dataclass(frozen=True, slots=True)
class Soundness:
    """The answer. `trace` is a shortest way to the fault, `steps` those concerned, `words` both in a sentence."""

    verdict: Literal["sound", "unsound", "not decided"]
    fault: Fault = ""
    words: Wording = NOTHING
    steps: tuple[str, ...] = ()
    trace: tuple[Transition, ...] = ()
    markings: int = 0


def soundness(net: Net, markings_max: int = MARKINGS_MAX) -> Soundness:
    """Whether a net is sound, with a shortest trace to the fault where it is not."""
    for transition in net.transitions:
        if len(set(transition.gives)) < len(transition.gives):
            words = say("same-step-twice", transition=transition_words(transition))
            return Soundness("unsound", "twice", words, (transition.step,))
    dead = _never(net)
    if dead:
        # The rules of reduction ask for a net without these. What makes them dead is the better answer, if found.
        why = _search(core_of(net), markings_max)
        return _told(net, why) if why.fault not in ("", "dead") else _dead(net, why.dead or dead, why.markings)
    small = reduced(core_of(net))
    found = _search(small, markings_max)
    if found.fault == "":
        verdict: Literal["sound", "not decided"] = "sound" if found.complete else "not decided"
        words = NOTHING if found.complete else say("too-many-markings", most=markings_max)
        return Soundness(verdict, words=words, markings=found.markings)
    whole = _search(core_of(net), markings_max)
    if whole.fault == "":
        # The net itself is too large to search; the fault is proved on the reduced net, whose steps have no names.
        return Soundness("unsound", found.fault, _FAULT_WORDS[found.fault], markings=found.markings)
    if whole.fault == "dead":
        return _dead(net, whole.dead, whole.markings)
    return _told(net, whole)


_FAULT_WORDS: dict[Fault, Wording] = {
    "stuck": say("stuck"),
    "left behind": say("left-behind"),
    "twice": say("entered-twice"),
    "endless": say("endless"),
    "dead": say("dead"),
}


@dataclass(slots=True)
class _Found:
    fault: Fault
    markings: int
    complete: bool
    path: tuple[int, ...] = ()
    marking: int = 0
    dead: tuple[int, ...] = ()
    circle: tuple[int, ...] = ()


def _never(net: Net) -> tuple[int, ...]:
    """Transitions that could not happen even if joins did not wait for each other to come at once."""
    reached = {net.first}
    left = set(range(len(net.transitions)))
    grown = True
    while grown:
        able = [number for number in left if all(place in reached for place in net.transitions[number].takes)]
        grown = bool(able)
        for number in able:
            reached.update(net.transitions[number].gives)
            left.discard(number)
    return tuple(sorted(left))


class _Graph:
    """Markings in the order found, how each was found, and every move between them (compact: there may be millions).

    Markings are expanded in that order, so the moves out of marking n are those from `starts[n]` to `starts[n + 1]`.
    """

    def __init__(self, start: int) -> None:
        self.numbers = {start: 0}
        self.markings = [start]
        self.parents = array("l", [-1])
        self.moves = array("l", [-1])  # the transition by which each marking was found first
        self.starts = array("l")
        self.targets = array("l")
        self.edge_moves = array("l")

    def add(self, source: int, move: int, marking: int) -> None:
        number = self.numbers.get(marking)
        if number is None:
            number = len(self.markings)
            self.numbers[marking] = number
            self.markings.append(marking)
            self.parents.append(source)
            self.moves.append(move)
        self.targets.append(number)
        self.edge_moves.append(move)

    def after(self, number: int) -> array[int]:
        """The markings one move away."""
        return self.targets[self.starts[number] : self.starts[number + 1]]

    def before(self) -> tuple[array[int], array[int]]:
        """All moves backwards: the sources of marking n stand from `first[n]` to `first[n + 1]`."""
        first = array("l", bytes(array("l").itemsize * (len(self.markings) + 2)))
        for target in self.targets:
            first[target + 2] += 1
        for number in range(2, len(first)):
            first[number] += first[number - 1]
        sources = array("l", self.targets)
        for source in range(len(self.markings)):
            for target in self.after(source):
                sources[first[target + 1]] = source
                first[target + 1] += 1
        return first, sources

    def path(self, number: int) -> tuple[int, ...]:
        """The moves by which a marking was found: breadth first, so none is shorter."""
        moves: list[int] = []
        while number:
            moves.append(self.moves[number])
            number = self.parents[number]
        return tuple(reversed(moves))


def _search(core: Core, markings_max: int) -> _Found:
    bits = [(_mask(one.takes), _mask(one.gives), ~_mask(one.takes | one.clears)) for one in core.transitions]
    by_place: dict[int, list[int]] = {}
    for number, one in enumerate(core.transitions):
        # Each transition is tried where the lowest of its places is marked, and nowhere else.
        by_place.setdefault(_lowest(_mask(one.takes)), []).append(number)
    last = 1 << core.last
    graph = _Graph(1 << core.first)
    happened = bytearray(len(bits))
    current = 0
    while current < len(graph.markings):
        if len(graph.markings) > markings_max:
            return _Found("", len(graph.markings), complete=False)
        marking = graph.markings[current]
        if marking & last and marking != last:
            return _Found("left behind", len(graph.markings), True, graph.path(current), marking)
        graph.starts.append(len(graph.targets))
        moved = False
        rest = marking
        while rest:
            low = rest & -rest
            rest ^= low
            for number in by_place.get(low.bit_length() - 1, ()):
                takes, gives, stays = bits[number]
                if marking & takes != takes:
                    continue
                kept = marking & stays
                if kept & gives:
                    path = (*graph.path(current), number)
                    return _Found("twice", len(graph.markings), True, path, kept & gives)
                moved = True
                happened[number] = 1
                graph.add(current, number, kept | gives)
        if not moved and marking != last:
            return _Found("stuck", len(graph.markings), True, graph.path(current), marking)
        current += 1
    graph.starts.append(len(graph.targets))
    return _judged(graph, last, happened)


def _judged(graph: _Graph, last: int, happened: bytearray) -> _Found:
    """All markings are known: does the end lie before each of them, and has every transition happened?"""
    count = len(graph.markings)
    first_before, sources = graph.before()
    ends = bytearray(count)
    queue: deque[int] = deque()
    if last in graph.numbers:
        queue.append(graph.numbers[last])
        ends[queue[0]] = 1
    while queue:
        number = queue.popleft()
        for source in sources[first_before[number] : first_before[number + 1]]:
            if not ends[source]:
                ends[source] = 1
                queue.append(source)
    first = ends.find(0)
    if first >= 0:
        circle = _bottom(graph, first)
        number = min(circle)
        around = {graph.edge_moves[edge] for one in circle for edge in range(graph.starts[one], graph.starts[one + 1])}
        path = graph.path(number)
        return _Found("endless", count, True, path, graph.markings[number], circle=tuple(sorted(around)))
    dead = tuple([number for number, seen in enumerate(happened) if not seen])
    return _Found("dead" if dead else "", count, True, dead=dead)


def _bottom(graph: _Graph, start: int) -> frozenset[int]:
    """Markings that lead only to each other, reached from `start`: what an instance turns in for ever.

    Tarjan's search for strongly connected components, without recursion, stopped at the first component it closes:
    nothing leads out of that one.
    """
    order: dict[int, int] = {start: 0}
    low: dict[int, int] = {start: 0}
    stack = [start]
    walk = [(start, iter(graph.after(start)))]
    while True:
        here, ways = walk[-1]
        way = next(ways, None)
        if way is None:
            if low[here] == order[here]:
                return frozenset(stack[stack.index(here) :])
            walk.pop()
            low[walk[-1][0]] = min(low[walk[-1][0]], low[here])
        elif way not in order:
            order[way] = low[way] = len(order)
            stack.append(way)
            walk.append((way, iter(graph.after(way))))
        else:
            # No component has been closed yet, so whatever was seen is still on the stack.
            low[here] = min(low[here], order[way])


def _mask(places: frozenset[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def _dead(net: Net, dead: tuple[int, ...], markings: int) -> Soundness:
    never = [net.transitions[number] for number in dead]
    steps = tuple(dict.fromkeys(item.step for item in never))
    words = say("can-never-happen", transition=transition_words(never[0]))
    return Soundness("unsound", "dead", words, steps, (), markings)


def _told(net: Net, found: _Found) -> Soundness:
    trace = tuple([net.transitions[number] for number in found.path])
    places = [place for number, place in enumerate(net.places) if found.marking >> number & 1]
    steps = tuple(dict.fromkeys(place.step for place in places if place.step))
    way = _way(trace) if trace else say("instance-starts")
    words = say("way-to-fault", way=way, fault=_FAULT_WORDS[found.fault], open=marking_words(places))
    if found.circle:
        steps = tuple(dict.fromkeys(net.transitions[number].step for number in found.circle))
        words = say("only-these-happen", words=words, steps=listed(f"`{step}`" for step in steps))
    return Soundness("unsound", found.fault, words, steps, trace, found.markings)


def _way(trace: Sequence[Transition]) -> Wording:
    """What happens one after the other."""
    return joined([transition_words(one) for one in trace], "list.then", ", then ")
