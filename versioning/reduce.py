"""Smaller nets with the same verdict, so that the search of `versioning.soundness` stays short.

Four rules (after Murata, "Petri nets: properties, analysis and applications", 1989, section V, and Berthelot):
a place that only feeds one transition with nothing else on either side is fused with the place after it; one of two
transitions, or of two places, with the same neighbours goes; so does a transition that puts back what it takes. They
keep, both ways: the end can be reached from everywhere, nothing is left behind, no place holds two tokens, and - since
the caller has made sure that every transition can be reached when joins need not wait - no transition is dead.
A blueprint of properly nested branches shrinks to a handful of places however many steps it has.
"""

from collections.abc import Iterable
from typing import NamedTuple

from versioning.net import Net


class Core(NamedTuple):
    """What the search needs of a net. `first` and `last` may have become one place."""

    transitions: tuple[tuple[frozenset[int], frozenset[int]], ...]
    first: int
    last: int


def core_of(net: Net) -> Core:
    """The net without names. No transition of it takes or gives a place twice."""
    return Core(
        tuple([(frozenset(item.takes), frozenset(item.gives)) for item in net.transitions]), net.first, net.last
    )


def reduced(core: Core) -> Core:
    """The core after every rule that applies, until none does."""
    work = _Work(core)
    todo = True
    while todo:
        todo = work.simplify_transitions()
        todo = work.fuse() or todo
        todo = work.merge_places() or todo
    return Core(tuple(work.arcs.values()), work.first, work.last)


class _Work:
    def __init__(self, core: Core) -> None:
        self.arcs = dict(enumerate(core.transitions))
        self.first = core.first
        self.last = core.last
        self.producers: dict[int, set[int]] = {}
        self.consumers: dict[int, set[int]] = {}
        self.producers.setdefault(core.first, set())
        self.producers.setdefault(core.last, set())
        for number, (takes, gives) in self.arcs.items():
            self._link(number, takes, gives)

    def _link(self, number: int, takes: Iterable[int], gives: Iterable[int]) -> None:
        for place in takes:
            self.consumers.setdefault(place, set()).add(number)
            self.producers.setdefault(place, set())
        for place in gives:
            self.producers.setdefault(place, set()).add(number)
            self.consumers.setdefault(place, set())

    def _drop(self, number: int) -> None:
        takes, gives = self.arcs.pop(number)
        for place in takes:
            self.consumers[place].discard(number)
        for place in gives:
            self.producers[place].discard(number)

    def _set(self, number: int, takes: frozenset[int], gives: frozenset[int]) -> None:
        self._drop(number)
        self.arcs[number] = (takes, gives)
        self._link(number, takes, gives)

    def simplify_transitions(self) -> bool:
        """Drop transitions without effect and all but one of those with the same effect."""
        seen: set[tuple[frozenset[int], frozenset[int]]] = set()
        changed = False
        for number, arcs in list(self.arcs.items()):
            if arcs in seen or (arcs[0] == arcs[1] and len(arcs[0]) == 1):
                self._drop(number)
                changed = True
            seen.add(arcs)
        return changed

    def fuse(self) -> bool:
        """Fuse a place with the one after it where the step between them is the only thing that can happen."""
        changed = False
        for place in list(self.consumers):
            consumers = self.consumers.get(place)
            if consumers is None or len(consumers) != 1 or place == self.last:
                continue
            (number,) = consumers
            takes, gives = self.arcs[number]
            if len(takes) != 1 or len(gives) != 1 or takes == gives:
                continue
            (after,) = gives
            # A transition that fills both would put two tokens on the fused place, and a set cannot say so.
            if any(after in self.arcs[filler][1] for filler in self.producers[place]):
                continue
            self._fuse(number, place, after)
            changed = True
        return changed

    def _fuse(self, number: int, place: int, after: int) -> None:
        self._drop(number)
        for filler in list(self.producers[place]):
            takes, gives = self.arcs[filler]
            self._set(filler, takes, (gives - {place}) | {after})
        del self.producers[place], self.consumers[place]
        if place == self.first:
            self.first = after

    def merge_places(self) -> bool:
        """Keep one of the places that are always filled and emptied together."""
        changed = False
        seen: dict[tuple[frozenset[int], frozenset[int]], int] = {}
        for place in list(self.producers):
            if place in (self.first, self.last):
                continue
            key = (frozenset(self.producers[place]), frozenset(self.consumers[place]))
            if seen.setdefault(key, place) == place:
                continue
            for number in key[0] | key[1]:
                takes, gives = self.arcs[number]
                self._set(number, takes - {place}, gives - {place})
            del self.producers[place], self.consumers[place]
            changed = True
        return changed
