"""In which order the cross lines between two layers lie, so that they cross little and never run over each other."""

from collections.abc import Sequence
from typing import NamedTuple

ORDERED_MAX = 60  # beyond, lines of one gap lie in the order they come: finding the best order is quadratic
OVER = 1_000  # two lines that would run over each other, beside crossings that count 1
NEAR = 16  # lines whose ends are nearer than this would look like one


class Cross(NamedTuple):
    """A cross line from `low` to `high`; stubs lead to the layer before it at `before` and after it at `after`."""

    low: int
    high: int
    before: tuple[int, ...]
    after: tuple[int, ...]


def tracks(crosses: Sequence[Cross]) -> list[int]:
    """The track of each cross line, from 0 nearest the layer before; lines that are far apart share one."""
    order: list[int] = []
    for number in sorted(range(len(crosses)), key=lambda number: (crosses[number], number)):
        order.insert(_best(crosses, order, number) if len(crosses) <= ORDERED_MAX else len(order), number)
    track = [0] * len(crosses)
    for place, number in enumerate(order):
        one = crosses[number]
        for other in order[:place] if len(order) <= ORDERED_MAX else order[max(0, place - 1) : place]:
            if len(order) > ORDERED_MAX or _meet(one, crosses[other]):
                track[number] = max(track[number], track[other] + 1)
    return track


def _meet(one: Cross, other: Cross) -> bool:
    return one.low - NEAR <= other.high and other.low - NEAR <= one.high


def _best(crosses: Sequence[Cross], order: list[int], number: int) -> int:
    """Where in the order the line costs least; the last of equal places."""
    new = crosses[number]
    cost = sum([_cost(new, crosses[other]) for other in order])
    best, least = 0, cost
    for place, other in enumerate(order):
        cost += _cost(crosses[other], new) - _cost(new, crosses[other])
        if cost <= least:
            best, least = place + 1, cost
    return best


def _cost(first: Cross, second: Cross) -> int:
    """What it costs to lay `first` nearer the layer before than `second`."""
    cost = sum([first.low <= stub <= first.high for stub in second.before])
    cost += sum([second.low <= stub <= second.high for stub in first.after])
    return cost + OVER * len(set(second.before) & set(first.after))
