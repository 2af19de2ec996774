"""Which layer every node of a graph lies in, and in which order: the first half of `versioning.layout`.

Longest paths from the start give the layers; an edge that closes a loop is left out of that, and is led around the
layers afterwards. Other edges pass every layer between their ends through a point of their own, so that none runs
through a node; a label is a point with a size, in a layer that holds labels only. The order is that of the branches
in the source, changed where a fixed number of barycentre sweeps finds fewer crossings.
"""

import itertools
from bisect import bisect_right, insort
from dataclasses import dataclass

from versioning.graph import Graph

SWEEPS = 12
POINTS_MAX = 3_000  # beyond, the longest edges are led around the layers as well: a bound on time, not on looks


@dataclass(slots=True)
class Layered:
    """Items are the nodes by number, then the points of edges. `chains[e]` are the items of edge e, ends included.

    An edge without a chain is led around. `labels` are the items that carry the label of an edge. `layers` hold items
    in order; `above[i]` and `below[i]` are the neighbours of an item in the layers before and after its own.
    """

    layer: list[int]
    layers: list[list[int]]
    chains: dict[int, list[int]]
    labels: dict[int, int]  # item -> edge
    backs: frozenset[int]
    above: list[list[int]]
    below: list[list[int]]


def layered(graph: Graph) -> Layered:
    """Layers of the graph, ordered."""
    numbers = {node.id: number for number, node in enumerate(graph.nodes)}
    ends = [(numbers[edge.source], numbers[edge.target]) for edge in graph.edges]
    outs: list[list[int]] = [[] for _ in graph.nodes]
    for edge, (source, _) in enumerate(ends):
        outs[source].append(edge)
    met, backs = _walked(ends, outs)
    ranks = _ranks(ends, outs, backs, met)
    around = _around(ends, ranks, backs)
    found = _spread(graph, ends, ranks, (backs, around))
    _order(found, _first_order(found, met, ends))
    return found


def _walked(ends: list[tuple[int, int]], outs: list[list[int]]) -> tuple[list[int], frozenset[int]]:
    """Nodes in the order in which a walk leaves them for good, last first; edges that lead back into that walk."""
    state = [0] * len(outs)  # 1 on the way, 2 left
    left: list[int] = []
    backs: set[int] = set()
    for root in range(len(outs)):
        if state[root]:
            continue
        state[root] = 1
        way = [(root, iter(reversed(outs[root])))]
        while way:
            node, edges = way[-1]
            for edge in edges:
                target = ends[edge][1]
                if state[target] == 1:
                    backs.add(edge)
                elif not state[target]:
                    state[target] = 1
                    way.append((target, iter(reversed(outs[target]))))
                    break
            else:
                state[node] = 2
                left.append(node)
                way.pop()
    return left[::-1], frozenset(backs)


def _ranks(ends: list[tuple[int, int]], outs: list[list[int]], backs: frozenset[int], met: list[int]) -> list[int]:
    ranks = [0] * len(outs)
    for node in met:  # sources before their targets
        for edge in outs[node]:
            if edge not in backs:
                target = ends[edge][1]
                ranks[target] = max(ranks[target], ranks[node] + 1)
    return ranks


def _around(ends: list[tuple[int, int]], ranks: list[int], backs: frozenset[int]) -> frozenset[int]:
    spans = sorted((2 * (ranks[target] - ranks[source]) - 1, edge) for edge, (source, target) in enumerate(ends))
    points, around = 0, set(backs)
    for span, edge in spans:
        if edge in backs:
            continue
        points += span
        if points > POINTS_MAX and span > 1:
            around.add(edge)
    return frozenset(around)


def _spread(
    graph: Graph, ends: list[tuple[int, int]], ranks: list[int], apart: tuple[frozenset[int], frozenset[int]]
) -> Layered:
    """Layers of nodes, with a layer of labels between two of them where an edge has one; points where edges pass."""
    backs, around = apart
    straight = [edge for edge in range(len(ends)) if edge not in around]
    used = {2 * rank for rank in ranks} | {2 * ranks[ends[edge][0]] + 1 for edge in straight if graph.edges[edge].label}
    levels = {level: number for number, level in enumerate(sorted(used))}
    layer = [levels[2 * rank] for rank in ranks]
    chains: dict[int, list[int]] = {}
    labels: dict[int, int] = {}
    for edge in straight:
        source, target = ends[edge]
        chain = [source]
        for level in range(layer[source] + 1, layer[target]):
            chain.append(len(layer))
            layer.append(level)
        if graph.edges[edge].label:
            labels[chain[1]] = edge
        chains[edge] = [*chain, target]
    above: list[list[int]] = [[] for _ in layer]
    below: list[list[int]] = [[] for _ in layer]
    for chain in chains.values():
        for one, other in itertools.pairwise(chain):
            below[one].append(other)
            above[other].append(one)
    return Layered(layer, [[] for _ in levels], chains, labels, backs, above, below)


def _first_order(found: Layered, met: list[int], ends: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What every item is sorted by at first: the walk's order of its node, or of the node its edge comes from."""
    place = {node: number for number, node in enumerate(met)}
    keys = [(place[node], -1) for node in range(len(place))]
    keys += [(0, 0)] * (len(found.layer) - len(keys))
    for edge, chain in found.chains.items():
        for item in chain[1:-1]:
            keys[item] = (place[ends[edge][0]], edge)
    return keys


def _order(found: Layered, keys: list[tuple[int, int]]) -> None:
    for item, level in enumerate(found.layer):
        found.layers[level].append(item)
    for items in found.layers:
        items.sort(key=lambda item: keys[item])
    place = [0] * len(found.layer)
    _number(found.layers, place)
    best, fewest, idle = [list(items) for items in found.layers], _crossings(found, place), 0
    for sweep in range(SWEEPS):
        if not fewest or idle == 4:
            break
        down = sweep % 2 == 0
        near = found.above if down else found.below
        for items in found.layers if down else reversed(found.layers):
            items.sort(key=lambda item: _middle(near[item], place, place[item]))
            for number, item in enumerate(items):
                place[item] = number
        crossings = _crossings(found, place)
        idle += 1
        if crossings < fewest:
            best, fewest, idle = [list(items) for items in found.layers], crossings, 0
    found.layers[:] = best


def _number(layers: list[list[int]], place: list[int]) -> None:
    for items in layers:
        for number, item in enumerate(items):
            place[item] = number


def _middle(near: list[int], place: list[int], own: int) -> int:
    return sum([place[item] for item in near]) * 1_000 // len(near) if near else own * 1_000


def _crossings(found: Layered, place: list[int]) -> int:
    count = 0
    for items in found.layers:
        passed: list[int] = []
        for item in items:
            ends = sorted([place[other] for other in found.below[item]])
            count += sum([len(passed) - bisect_right(passed, end) for end in ends])
            for end in ends:
                insort(passed, end)
    return count
