"""The way of every edge of a layered graph: right-angled, through gaps between layers, never through a node.

Positions are (along the flow, across it). Edges out of one node leave it together and edges into one node reach it
together; an edge that is led around leaves on the same side as the others, runs beside the layers it passes, outside of
everything drawn there, and comes in where the others come in.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from versioning.layers import Layered
from versioning.tracks import Cross, tracks

LANE = 20  # between what is drawn in the layers and an edge beside them, and between two such edges
TRACK = 14
LEAVING, ARRIVING = 12, 22  # before the first and after the last cross line of a gap; the latter holds an arrow head
ASIDE, TRIES = 5, 8  # less than what lies between two items of a layer
LEAST, LEAST_AT_LABELS = 40, 20  # a gap without cross lines, and one before a layer of labels

Point = tuple[int, int]


class Size(NamedTuple):
    """How much an item takes along the flow and across it; 0 for a point."""

    depth: int
    breadth: int


@dataclass(slots=True)
class Routed:
    """Centre of each item (nodes and labels), centre of each label of an edge led around, and the points of edges."""

    centres: list[Point]
    beside: dict[int, Point]
    points: list[list[Point]]


@dataclass(slots=True)
class _Gap:
    """The lines of one gap in the making: those of one group are one cross line."""

    groups: dict[tuple[str, int], tuple[list[int], list[int]]] = field(default_factory=dict)
    track: dict[tuple[str, int], int] = field(default_factory=dict)
    crosses: dict[tuple[str, int], Cross] = field(default_factory=dict)
    count: int = 0
    start: int = 0

    def join(self, key: tuple[str, int], before: Sequence[int], after: Sequence[int]) -> None:
        group = self.groups.setdefault(key, ([], []))
        group[0].extend(before)
        group[1].extend(after)

    def order(self) -> None:
        crosses = {}
        for key, (before, after) in self.groups.items():
            every = [*before, *after]
            if min(every) != max(every):
                crosses[key] = Cross(min(every), max(every), tuple(sorted(set(before))), tuple(sorted(set(after))))
        self.track = dict(zip(crosses, tracks(list(crosses.values())), strict=True))
        self.count = max(self.track.values(), default=-1) + 1
        self.crosses = crosses

    def over(self) -> set[int]:
        """Where the stub of one line that goes on runs over that of another which comes in."""
        comes: dict[int, list[tuple[str, int]]] = {}
        for key, cross in self.crosses.items():
            for stub in cross.before:
                comes.setdefault(stub, []).append(key)
        return {
            stub
            for key, cross in self.crosses.items()
            for stub in cross.after
            if any(self.track[other] > self.track[key] for other in comes.get(stub, ()))
        }

    def line(self, key: tuple[str, int]) -> int:
        return self.start + LEAVING + TRACK * self.track[key]


class Router:
    """Routes one graph: `ends` are the nodes of each edge, `sizes` those of items, `beside` those of labels of edges
    without a chain, `at` the centres of items across the flow."""

    def __init__(
        self,
        found: Layered,
        ends: Sequence[tuple[int, int]],
        at: Sequence[int],
        sizes: Sequence[Size],
        beside: dict[int, Size],
    ) -> None:
        self.found, self.ends, self.at, self.sizes, self.beside = found, ends, list(at), sizes, beside
        self.around = [edge for edge in range(len(ends)) if edge not in found.chains]
        self.outs = [len(below) for below in found.below]
        for edge in self.around:
            self.outs[ends[edge][0]] += 1
        self.lanes: dict[int, int] = {}
        self.gaps = [_Gap() for _ in range(len(found.layers) + 1)]

    def route(self) -> Routed:
        """Every position."""
        self._lay_lanes()
        self._fill_gaps()
        middles = self._lay_layers()
        layer = self.found.layer
        centres = [(middles[layer[item]], self.at[item]) for item in range(len(layer))]
        beside = {edge: (middles[self._label_layer(edge)], self.lanes[edge]) for edge in self.beside}
        points = [_plain(list(self._points(edge, centres))) for edge in range(len(self.ends))]
        return Routed(centres, beside, points)

    def _span(self, edge: int) -> tuple[int, int]:
        """First and last layer beside which an edge led around runs; none between them for one that leads forward."""
        source, target = (self.found.layer[node] for node in self.ends[edge])
        return (target, source) if target <= source else (source + 1, target - 1)

    def _label_layer(self, edge: int) -> int:
        source, target = (self.found.layer[node] for node in self.ends[edge])
        return source if target <= source else source + 1

    def _lay_lanes(self) -> None:
        """Short ones next to the layers, longer ones outside of them."""
        edge_of = [
            max([self.at[item] + self.sizes[item].breadth // 2 for item in items], default=0)
            for items in self.found.layers
        ]
        spans = {edge: self._span(edge) for edge in self.around}
        for edge in sorted(self.around, key=lambda edge: (spans[edge][1] - spans[edge][0], spans[edge], edge)):
            first, last = max(spans[edge][0] - 1, 0), spans[edge][1] + 2
            half = self.beside[edge].breadth // 2 if edge in self.beside else 0
            lane = max(edge_of[first:last]) + LANE + half
            self.lanes[edge] = lane
            edge_of[first:last] = [lane + half] * len(edge_of[first:last])

    def _key(self, item: int, target: int) -> tuple[str, int]:
        return ("from", item) if self.outs[item] > 1 else ("to", target)

    def _fill_gaps(self) -> None:
        """Gap by gap along the flow. Where two lines would run over each other whatever their order, the item that one
        of them leads to is moved aside: nothing before it is drawn by its place yet."""
        leaving: list[list[int]] = [[] for _ in self.gaps]
        reaching: list[list[int]] = [[] for _ in self.gaps]
        for edge in self.around:
            source, target = self.ends[edge]
            leaving[self.found.layer[source] + 1].append(edge)
            reaching[self.found.layer[target]].append(edge)
        for level, gap in enumerate(self.gaps):
            for _ in range(TRIES):
                gap.groups.clear()
                self._fill(level, leaving[level], reaching[level])
                gap.order()
                over = gap.over() if level < len(self.found.layers) else set()
                if not over:
                    break
                for item in self.found.layers[level]:
                    if self.at[item] in over:
                        self.at[item] += ASIDE

    def _fill(self, level: int, leaving: Sequence[int], reaching: Sequence[int]) -> None:
        """All lines of one gap."""
        gap, at, layer = self.gaps[level], self.at, self.found.layer
        for item in self.found.layers[level - 1] if level else ():
            for target in self.found.below[item]:
                gap.join(self._key(item, target), (at[item],), (at[target],))
        for edge in leaving:
            (source, target), lane = self.ends[edge], self.lanes[edge]
            ahead = layer[target] > layer[source]
            lines = ((at[source],), (lane,)) if ahead else ((at[source], lane), ())
            gap.join(self._leaving(source, edge), *lines)
        for edge in reaching:
            (source, target), lane = self.ends[edge], self.lanes[edge]
            ahead = layer[target] > layer[source]
            gap.join(self._reaching(target, ahead), *(((lane,), (at[target],)) if ahead else ((), (lane, at[target]))))

    def _leaving(self, source: int, edge: int) -> tuple[str, int]:
        return ("from", source) if self.outs[source] > 1 else ("alone", edge)

    def _reaching(self, target: int, ahead: bool) -> tuple[str, int]:
        return ("ahead" if ahead else "back", target)

    def _lay_layers(self) -> list[int]:
        """The middle of each layer along the flow; gaps learn where they start."""
        middles, along = [], 0
        beside = [0] * len(self.found.layers)  # a label beside a layer is no deeper than the layer
        for edge, size in self.beside.items():
            beside[self._label_layer(edge)] = max(beside[self._label_layer(edge)], size.depth)
        for level, items in enumerate(self.found.layers):
            gap = self.gaps[level]
            gap.start = along
            is_labels = items[0] in self.found.labels or not self.sizes[items[0]].depth
            least = LEAST_AT_LABELS if is_labels else LEAST
            wanted = LEAVING + TRACK * (gap.count - 1) + (LEAVING if is_labels else ARRIVING)
            along += max(least, wanted) if level else (wanted if gap.count else 0)
            depth = max(beside[level], *(self.sizes[item].depth for item in items))
            middles.append(along + depth // 2)
            along += depth
        self.gaps[-1].start = along
        return middles

    def _points(self, edge: int, centres: Sequence[Point]) -> Iterator[Point]:
        source, target = self.ends[edge]
        start = (centres[source][0] + self.sizes[source].depth // 2, self.at[source])
        end = (centres[target][0] - self.sizes[target].depth // 2, self.at[target])
        yield start
        if edge in self.found.chains:
            chain = self.found.chains[edge]
            for one, other in itertools.pairwise(chain):
                if self.at[one] != self.at[other]:
                    line = self.gaps[self.found.layer[other]].line(self._key(one, other))
                    yield (line, self.at[one])
                    yield (line, self.at[other])
        else:
            lane, layer = self.lanes[edge], self.found.layer
            leaving = self.gaps[layer[source] + 1].line(self._leaving(source, edge))
            reaching = self.gaps[layer[target]].line(self._reaching(target, layer[target] > layer[source]))
            yield from ((leaving, start[1]), (leaving, lane), (reaching, lane), (reaching, end[1]))
        yield end


def _plain(points: list[Point]) -> list[Point]:
    """Without points that lie on the line between their neighbours."""
    kept = points[:1]
    for point, following in itertools.pairwise(points):
        (one, other) = kept[-1]
        straight = (one == point[0] == following[0]) or (other == point[1] == following[1])
        if point != kept[-1] and not straight:
            kept.append(point)
    return [*kept, points[-1]]
