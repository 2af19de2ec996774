"""Ids are types, and one maker makes them.

Ids of instances, change requests and our own command ids are time-ordered (UUIDv7, RFC 9562 section 5.7), so that
rows written together lie together; ids of persons and data subjects are random, since their order would tell
something. No id is derived from a value. Text form: prefix, underscore, 26 characters of Crockford base32 in lower
case (128 bits, order kept). An actor's id begins with its kind: `person:`, `svc:`, `agent:`, `system:`.
"""

import os
from collections.abc import Callable
from typing import NewType

InstanceId = NewType("InstanceId", str)  # pi_...
TaskId = NewType("TaskId", str)  # pi_....7   the instance and the activation's number within it
JobId = NewType("JobId", str)  # pi_....7
IncidentId = NewType("IncidentId", str)  # pi_....7
ActorId = NewType("ActorId", str)  # person:... svc:... agent:... system:...
PersonId = NewType("PersonId", str)  # person:...
GrantId = NewType("GrantId", str)  # ag_...
InstrumentId = NewType("InstrumentId", str)  # in_...
ChangeRequestId = NewType("ChangeRequestId", str)  # cr_...
DataSubjectId = NewType("DataSubjectId", str)  # ds_...

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_LOW = (1 << 60) - 1


def base32(value: int) -> str:
    """128 bits as 26 characters of Crockford base32, most significant first (order is kept)."""
    high, low = value >> 60, value & _LOW
    # Written out: an id is made for every subject, and this takes a third of a loop's time.
    return (
        f"{_PAIRS[high >> 60]}{_PAIRS[high >> 50 & 1023]}{_PAIRS[high >> 40 & 1023]}{_PAIRS[high >> 30 & 1023]}"
        f"{_PAIRS[high >> 20 & 1023]}{_PAIRS[high >> 10 & 1023]}{_PAIRS[high & 1023]}"
        f"{_PAIRS[low >> 50]}{_PAIRS[low >> 40 & 1023]}{_PAIRS[low >> 30 & 1023]}"
        f"{_PAIRS[low >> 20 & 1023]}{_PAIRS[low >> 10 & 1023]}{_PAIRS[low & 1023]}"
    )


class IdMaker:
    """The one maker of ids. `random_bytes` gives n random bytes; tests hand in a seeded source."""

    def __init__(self, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._random_bytes = random_bytes
        self._last = 0

    def random(self, prefix: str) -> str:
        """An id without order, for persons and data subjects: 128 random bits."""
        return f"{prefix}{base32(int.from_bytes(self._random_bytes(16), 'big'))}"

    def fraction(self) -> float:
        """A random number from 0 to 1, for the jitter of waits; it never stands in an entry."""
        return int.from_bytes(self._random_bytes(4), "big") / 0xFFFFFFFF

    def ordered(self, prefix: str, now: int) -> str:
        """UUIDv7: u48 milliseconds || 4 bits version || 12 bits random || 2 bits variant || 62 bits random.

        `now` is in microseconds. Two ids of one maker are strictly increasing even within a millisecond.
        """
        rand = int.from_bytes(self._random_bytes(10), "big")
        value = (now // 1000 & 0xFFFFFFFFFFFF) << 80
        value |= 0x7000 << 64 | (rand >> 68 & 0x0FFF) << 64
        value |= 0x8000000000000000 | rand & 0x3FFFFFFFFFFFFFFF
        if value <= self._last:
            value = self._last + 1
        self._last = value
        return f"{prefix}_{base32(value)}"
