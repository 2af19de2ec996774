"""Smaller nets with the same verdict, so that the search of `versioning.soundness` stays short.

Four rules (after Murata, "Petri nets: properties, analysis and applications", 1989, section V, and Berthelot):
a place from where a token can only go on by itself is taken out, and what fills it fills what comes after; one of two
transitions, or of two places, with the same neighbours goes; so does a transition that puts back what it takes. They
keep, both ways: the end can be reached from everywhere, nothing is left behind, no place holds two tokens, and - since
the caller has made sure that every transition can be reached when joins need not wait - no transition is dead.
A blueprint of properly nested branches shrinks to a handful of places however many steps it has.

Where transitions clear places, a place is only fused or merged with one that the same transitions clear: then it is
the same to each of them whether the token has moved on.
"""

from typing import NamedTuple

from versioning.net import Net

_PRODUCT_MAX = 64  # ways in times ways out of a place that is taken out: more would make the net larger


class Arcs(NamedTuple):
    """What a transition takes, gives, and clears in between."""

    takes: frozenset[int]
    gives: frozenset[int]
    clears: frozenset[int] = frozenset()


class Core(NamedTuple):
    """What the search needs of a net. `first` and `last` may have become one place."""

    transitions: tuple[Arcs, ...]
    first: int
    last: int


def core_of(net: Net) -> Core:
    """The net without names. No transition of it takes or gives a place twice."""
    return Core(
        tuple([Arcs(frozenset(one.takes), frozenset(one.gives), frozenset(one.clears)) for one in net.transitions]),
        net.first,
        net.last,
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
        self.next = len(core.transitions)
        self.first = core.first
        self.last = core.last
        self.producers: dict[int, set[int]] = {}
        self.consumers: dict[int, set[int]] = {}
        self.producers.setdefault(core.first, set())
        self.producers.setdefault(core.last, set())
        cleared: dict[int, set[frozenset[int]]] = {}
        for number, arcs in self.arcs.items():
            self._link(number, arcs)
            for place in arcs.clears:
                cleared.setdefault(place, set()).add(arcs.clears)
        # By the whole set that is cleared: places are never added to one, and a place taken out is never filled.
        self.cleared = {place: frozenset(sets) for place, sets in cleared.items()}

    def _link(self, number: int, arcs: Arcs) -> None:
        for place in arcs.takes:
            self.consumers.setdefault(place, set()).add(number)
            self.producers.setdefault(place, set())
        for place in arcs.gives:
            self.producers.setdefault(place, set()).add(number)
            self.consumers.setdefault(place, set())

    def _drop(self, number: int) -> None:
        arcs = self.arcs.pop(number)
        for place in arcs.takes:
            self.consumers[place].discard(number)
        for place in arcs.gives:
            self.producers[place].discard(number)

    def _add(self, arcs: Arcs) -> None:
        self.arcs[self.next] = arcs
        self._link(self.next, arcs)
        self.next += 1

    def _set(self, number: int, arcs: Arcs) -> None:
        self._drop(number)
        self.arcs[number] = arcs
        self._link(number, arcs)

    def _alike(self, one: int, other: int) -> bool:
        """Whether a token is cleared away from both places by the same transitions."""
        return self.cleared.get(one) == self.cleared.get(other)

    def simplify_transitions(self) -> bool:
        """Drop transitions without effect and all but one of those with the same effect."""
        seen: set[Arcs] = set()
        changed = False
        for number, arcs in list(self.arcs.items()):
            if arcs in seen or (arcs.takes == arcs.gives and len(arcs.takes) == 1 and not arcs.clears):
                self._drop(number)
                changed = True
            seen.add(arcs)
        return changed

    def fuse(self) -> bool:
        """Take out a place from where a token can only go on by itself: whoever fills it fills what comes after.

        With one way out this fuses two places; with several the choice is made one move earlier.
        """
        changed = False
        for place in list(self.consumers):
            if place in self.consumers and self._passes_on(place):
                self._take_out(place)
                changed = True
        return changed

    def _passes_on(self, place: int) -> bool:
        consumers, producers = self.consumers[place], self.producers[place]
        if not consumers or place == self.last or (place == self.first and len(consumers) > 1):
            return False
        if len(consumers) > 1 and len(consumers) * len(producers) > _PRODUCT_MAX:
            return False
        after: set[int] = set()
        for number in consumers:
            takes, gives, clears = self.arcs[number]
            if len(takes) != 1 or len(gives) != 1 or takes == gives or clears:
                return False
            if not self._alike(place, next(iter(gives))):
                return False
            after |= gives
        # A transition that fills both would put two tokens on one place, and a set cannot say so.
        return not any(after & self.arcs[filler].gives for filler in producers)

    def _take_out(self, place: int) -> None:
        after = [next(iter(self.arcs[number].gives)) for number in sorted(self.consumers[place])]
        for number in list(self.consumers[place]):
            self._drop(number)
        for filler in list(self.producers[place]):
            takes, gives, clears = self.arcs[filler]
            self._drop(filler)
            for target in after:
                self._add(Arcs(takes, (gives - {place}) | {target}, clears))
        del self.producers[place], self.consumers[place]
        if place == self.first:
            (self.first,) = after

    def merge_places(self) -> bool:
        """Keep one of the places that are always filled and emptied together."""
        changed = False
        seen: dict[tuple[frozenset[int], frozenset[int]], int] = {}
        for place in list(self.producers):
            if place in (self.first, self.last):
                continue
            key = (frozenset(self.producers[place]), frozenset(self.consumers[place]))
            kept = seen.setdefault(key, place)
            if kept == place or not self._alike(kept, place):
                continue
            for number in key[0] | key[1]:
                takes, gives, clears = self.arcs[number]
                self._set(number, Arcs(takes - {place}, gives - {place}, clears))
            del self.producers[place], self.consumers[place]
            changed = True
        return changed
