"""Check 10: whether given openings open the commitments that stand in an entry.

In an entry stands {"$commitment": "<index>.<base64url>"}; the index, of the first entry of the command that made the
commitment, finds the opening and proves nothing.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.commitment import check
from ledger.verify.canonical import encode

COMMITMENT = "$commitment"


class Opening(NamedTuple):
    """Salt and value behind the commitment at `path` of the entry's subject."""

    path: str
    salt: bytes
    value: Any


def commitments_in(value: Any) -> Iterator[tuple[str, str]]:
    """(index, commitment) for every commitment in an entry's value, as they are written there."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) is dict:
            commitment = item.get(COMMITMENT)
            if type(commitment) is str:
                index, _, digest = commitment.partition(".")
                yield index, digest
            else:
                waiting.extend(item.values())
        elif type(item) is list:
            waiting.extend(item)


def opens(commitment: bytes, entry: dict[str, Any], opening: Opening) -> bool:
    """Whether the opening is the one behind a commitment of this entry; origin and subject are the entry's own."""
    place = (entry["origin"], entry["subject"], opening.path)
    return check(commitment, opening.salt, place, encode(opening.value))
