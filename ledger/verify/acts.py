"""Acts on a log as a whole, as a verification meets them: the log is a successor, was restored, was sealed.

    ledger.opened      its payload may name a `forerunner` {origin, size, root, note}
    ledger.restored    `lost` and `present` {size, root}: an older copy was put in place, and this is the gap
    ledger.sealed      the last entry there may be

Standard library only.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ledger.errors import BrokenInput
from ledger.verify.source import Source

RESTORED = "ledger.restored"
SEALED = "ledger.sealed"
ACT_KINDS = frozenset((RESTORED, SEALED))

_PAGE = 256
_MARKER = b'"kind":"ledger.restored"'  # canonical: within a text the quotes would be escaped
_HASH_BYTES = 32


class Gap(NamedTuple):
    """What a `ledger.restored` entry states: the head that was lost, and the size the log went on from."""

    index: int  # type: ignore[assignment]  # hides `tuple.index`
    lost_size: int
    lost_root: bytes
    present_size: int

    def covers(self, size: int, root: bytes) -> bool:
        """Whether a contradicted checkpoint lies in the stated gap. Where the log was larger than what was lost, the
        gap has no known beginning, and every smaller checkpoint that is contradicted counts."""
        begins = self.present_size if self.present_size < self.lost_size else 0
        return begins < size < self.lost_size or (size, root) == (self.lost_size, self.lost_root)


def gap_of(index: int, payload: Any) -> Gap | None:
    """The gap that the payload of a `ledger.restored` entry states; None for what cannot be read."""
    try:
        lost, present = payload["lost"], payload["present"]
        root = urlsafe_b64decode(lost["root"] + "=")
        sizes = lost["size"], present["size"]
    except (KeyError, TypeError, ValueError):
        return None
    if len(root) != _HASH_BYTES or any(type(size) is not int for size in sizes):
        return None
    return Gap(index, sizes[0], root, sizes[1])


def covering(gaps: Iterable[Gap], size: int, root: bytes) -> Gap | None:
    """The first gap that covers a contradicted checkpoint."""
    return next((gap for gap in gaps if gap.covers(size, root)), None)


def gaps_in(source: Source, end: int, decode: Callable[[bytes], Any]) -> Iterator[Gap]:
    """The gaps that a log declares among its first `end` entries, without looking at anything else of them."""
    for start in range(0, end, _PAGE):
        for index, _, _, data in source.entries(start, min(start + _PAGE, end)):
            if _MARKER not in data:
                continue
            try:
                value = decode(data)
            except BrokenInput:
                continue
            gap = gap_of(index, value.get("payload")) if value.get("kind") == RESTORED else None
            if gap is not None:
                yield gap


def forerunner_words(payload: Any) -> str | None:
    """The log that a `ledger.opened` payload says it continues, in words."""
    before = payload.get("forerunner") if isinstance(payload, dict) else None
    if not isinstance(before, dict):
        return None
    return f"continues {before.get('origin')}, sealed at size {before.get('size')} with root {before.get('root')}"
