"""Where every item of a layered graph lies across the flow: near its neighbours, and never nearer than it may.

Each layer in turn is drawn to the weighted mean of its neighbours in the layers before and after; where that would
bring two items too near, they share the shift (least squares under an order, by pooling). Whole numbers throughout, so
that every machine draws the same.
"""

from collections.abc import Sequence

from versioning.layers import Layered

ROUNDS = 8
SLACK = 4  # how much nearer than the gap two items may come for a straight line
SNAP = 14  # a bend smaller than this is taken out where there is room
GAP, GAP_OF_POINTS = 28, 16
FAR = 1 << 40  # wider than any drawing


def columns(found: Layered, breadths: Sequence[int], nodes: int) -> list[int]:
    """The centre of every item across the flow; items of less than `nodes` are nodes, the others points of edges."""
    apart = [_apart(items, breadths, nodes) for items in found.layers]
    at = [0] * len(found.layer)
    for items, steps in zip(found.layers, apart, strict=True):
        for item, step in zip(items, steps, strict=True):
            at[item] = step
    weights = [[_weight(item, other, nodes) for other in found.above[item]] for item in range(len(at))]
    below = [[_weight(item, other, nodes) for other in found.below[item]] for item in range(len(at))]
    down, up = (found.above, weights), (found.below, below)
    for turn in range(ROUNDS):
        for level in range(len(found.layers)) if turn % 2 == 0 else reversed(range(len(found.layers))):
            _relax(found.layers[level], apart[level], at, (down if turn % 2 == 0 else up,))
    for level in range(len(found.layers)):
        _relax(found.layers[level], apart[level], at, (down, up))
    room = _Room(found, apart, at)
    for near, levels in ((found.above, range(len(found.layers))), (found.below, range(len(found.layers) - 1, -1, -1))):
        for level in levels:
            room.snap(found.layers[level], near)
    for _ in range(2):
        for edge in sorted(found.chains, key=lambda edge: (-len(found.chains[edge]), edge)):
            room.straighten(found.chains[edge])
        for node in range(nodes):
            room.settle(node)
    return at


def _apart(items: list[int], breadths: Sequence[int], nodes: int) -> list[int]:
    """Where each item of a layer lies at least, counted from the first."""
    steps, step = [], 0
    for number, item in enumerate(items):
        if number:
            before = items[number - 1]
            gap = GAP if item < nodes and before < nodes else GAP_OF_POINTS
            step += (breadths[before] + breadths[item]) // 2 + gap
        steps.append(step)
    return steps


def _weight(item: int, other: int, nodes: int) -> int:
    return (1, 2, 8)[(item >= nodes) + (other >= nodes)]


def _relax(
    items: list[int], steps: list[int], at: list[int], sides: tuple[tuple[list[list[int]], list[list[int]]], ...]
) -> None:
    """Move the items of one layer to the weighted mean of their neighbours, in order and apart."""
    blocks: list[list[int]] = []  # weighted sum, weight, items
    for item, step in zip(items, steps, strict=True):
        total = weight = 0
        for near, weights in sides:
            for other, heavy in zip(near[item], weights[item], strict=True):
                total += heavy * (at[other] - step)
                weight += heavy
        blocks.append([total, weight, 1] if weight else [at[item] - step, 1, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    number = 0
    for total, weight, count in blocks:
        for _ in range(count):
            at[items[number]] = total // weight + steps[number]
            number += 1


class _Room:
    """Moves of single items and of whole edges, where nothing is in their way."""

    def __init__(self, found: Layered, apart: list[list[int]], at: list[int]) -> None:
        self.found, self.apart, self.at = found, apart, at
        self.place = {item: number for items in found.layers for number, item in enumerate(items)}

    def between(self, item: int) -> tuple[int, int]:
        """How far the item may be moved either way."""
        level, number = self.found.layer[item], self.place[item]
        items, steps = self.found.layers[level], self.apart[level]
        low = self.at[items[number - 1]] + steps[number] - steps[number - 1] - SLACK if number else -FAR
        last = number + 1 == len(items)
        return low, FAR if last else self.at[items[number + 1]] - steps[number + 1] + steps[number] + SLACK

    def snap(self, items: list[int], near: list[list[int]]) -> None:
        """Take small bends out of the edges that have one end only on this side."""
        for item in items:
            if len(near[item]) != 1:
                continue
            wanted = self.at[near[item][0]]
            low, high = self.between(item)
            if abs(wanted - self.at[item]) <= SNAP and low <= wanted <= high:
                self.at[item] = wanted

    def settle(self, item: int) -> None:
        """Move a node a little where that makes more of its edges straight."""
        near = [self.at[other] for other in (*self.found.above[item], *self.found.below[item])]
        low, high = self.between(item)
        best, most = self.at[item], near.count(self.at[item])
        for column in near:
            if abs(column - self.at[item]) <= SNAP and low <= column <= high and near.count(column) > most:
                best, most = column, near.count(column)
        self.at[item] = best

    def straighten(self, chain: list[int]) -> None:
        """Bring all points of an edge into one line where there is room, best into that of its target or source."""
        points = chain[1:-1]
        if not points:
            return
        rooms = [self.between(item) for item in points]
        low, high = max(room[0] for room in rooms), min(room[1] for room in rooms)
        if low > high:
            return
        target, source, middle = self.at[chain[-1]], self.at[chain[0]], self.at[points[len(points) // 2]]
        ends = [end for end in (target, source) if low <= end <= high]
        line = ends[0] if ends else min(max(middle, low), high)
        for item in points:
            self.at[item] = line
