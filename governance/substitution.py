"""Who stands in for whom, when: following it, and what would go round in a circle. Pure, standard library only.

A substitution brings the work of an absent person before another; it passes on no role, no authority and no way round
a duty. Intervals are half-open, [from, until), in microseconds.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

DEPTH_MAX = 5  # persons a chain of substitutes is followed over; a longer one has lost whose work it is


class Standing(NamedTuple):
    """`substitute` stands in for `absent` over [start, until)."""

    absent: str
    substitute: str
    start: int
    until: int

    def covers(self, now: int) -> bool:
        """Whether it counts at this instant."""
        return self.start <= now < self.until


def stood_in_for(found: Iterable[Standing], person: str, now: int) -> tuple[str, ...]:
    """Whom a person stands in for at this instant, the nearest first: directly, and through those who stand in for
    others themselves, over at most `DEPTH_MAX` persons. Never themselves.
    """
    return _followed([(one.substitute, one.absent) for one in found if one.covers(now)], person)


def standing_in(found: Iterable[Standing], absent: str, now: int) -> tuple[str, ...]:
    """Who stands in for a person at this instant: the same, seen from the other side."""
    return _followed([(one.absent, one.substitute) for one in found if one.covers(now)], absent)


def _followed(pairs: Iterable[tuple[str, str]], person: str) -> tuple[str, ...]:
    following: dict[str, list[str]] = {}
    for one, other in pairs:
        following.setdefault(one, []).append(other)
    reached: dict[str, None] = {}
    edge = [person]
    for _ in range(DEPTH_MAX):
        edge = [other for one in edge for other in sorted(following.get(one, ())) if other not in reached]
        reached.update(dict.fromkeys(edge))
    reached.pop(person, None)
    return tuple(reached)


def circle(found: Sequence[Standing], new: Standing) -> tuple[str, ...]:
    """The persons of a circle that a new substitution would close, from the absent person round to them again; empty
    when it closes none. Only what counts at one common instant makes a circle.
    """
    if new.absent == new.substitute:
        return new.absent, new.absent
    beside = [one for one in found if one.start < new.until and new.start < one.until]
    # What counts together begins to do so when one of it begins: no other instant has to be looked at.
    for instant in sorted({new.start, *[one.start for one in beside if one.start > new.start]}):
        way = _way([one for one in beside if one.covers(instant)], new.substitute, new.absent)
        if way:
            return new.absent, *way
    return ()


def _way(standing: Iterable[Standing], start: str, end: str) -> tuple[str, ...]:
    """The shortest way from who stands in over who stands in for them to `end`, both included; empty without one."""
    by_absent: dict[str, list[str]] = {}
    for one in standing:
        by_absent.setdefault(one.absent, []).append(one.substitute)
    before = {start: ""}
    edge = [start]
    while edge and end not in before:
        following = [(one, other) for one in edge for other in by_absent.get(one, ()) if other not in before]
        before.update({other: one for one, other in following})
        edge = list(dict.fromkeys([other for _, other in following]))
    way = [end] if end in before else []
    while way and before[way[-1]]:
        way.append(before[way[-1]])
    return tuple(reversed(way))
