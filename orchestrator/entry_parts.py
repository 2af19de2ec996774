"""Where what follows from one command in one instance is cut, when it is more than one entry may hold. Pure.

So an instance of which much is open can be left, moved and cancelled like any other. What comes after the first entry
goes on from it: it is the same command, at the same revision.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.canonical import encode
from ledger.clock import Instant

GOES_ON = "goes_on"  # the member of a payload that says so

FEW = 100  # so many transitions are not weighed: what is too much in them is a value, which no cut makes smaller
WHOLE_BYTES_MAX = 52 * 1024  # of transitions in one entry; the rest is for what the command says beside them
PART_BYTES_MAX = 40 * 1024


def parts_of(transitions: Sequence[Any]) -> tuple[slice, ...]:
    """The parts in which these transitions, as they are recorded, are staged; in order, and one where they fit."""
    count = len(transitions)
    whole = slice(0, count)
    if count <= FEW:
        return (whole,)
    sizes = [len(encode(one)) + 1 for one in transitions]
    if sum(sizes) <= WHOLE_BYTES_MAX:
        return (whole,)
    cuts, size = [0], 0
    for place, one in enumerate(sizes):
        if size and size + one > PART_BYTES_MAX:
            cuts.append(place)
            size = 0
        size += one
    return tuple(map(slice, cuts, [*cuts[1:], len(sizes)]))


def put_together(payloads: Iterable[tuple[Instant, Mapping[str, Any]]]) -> list[tuple[Instant, Sequence[Any]]]:
    """The transitions of each command, with its instant, from the payloads of an instance's entries, oldest first."""
    found: list[tuple[Instant, Sequence[Any]]] = []
    for at, payload in payloads:
        transitions = payload.get("transitions", ())
        if GOES_ON in payload and found:
            found[-1] = at, [*found[-1][1], *transitions]
        else:
            found.append((at, transitions))
    return found
