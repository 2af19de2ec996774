"""Check 10: whether given openings open the commitments that stand in an entry."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.commitment import check
from ledger.verify.canonical import encode

COMMITMENT = "$commitment"
OPENED_AT = "$at"  # index of the first entry of the command that made the commitment


class Opening(NamedTuple):
    """Salt and value behind the commitment at `path` of the entry's subject."""

    path: str
    salt: bytes
    value: Any


def commitments_in(value: Any) -> Iterator[tuple[str, int | None]]:
    """(commitment, index of the entry it was made in) for every commitment in an entry's value."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) is dict:
            commitment = item.get(COMMITMENT)
            if type(commitment) is str:
                yield commitment, item.get(OPENED_AT)
            else:
                waiting.extend(item.values())
        elif type(item) is list:
            waiting.extend(item)


def opens(commitment: bytes, entry: dict[str, Any], opening: Opening) -> bool:
    """Whether the opening is the one behind a commitment of this entry; origin and subject are the entry's own."""
    place = (entry["origin"], entry["subject"], opening.path)
    return check(commitment, opening.salt, place, encode(opening.value))
