"""Our own entries in a log of tiles, as a source for `ledger.verify.log`: checks 1 to 3 and 9 on what the tiles hold.

A bundle has the bytes of entries and nothing beside them. What a database stores beside an entry is derived: the leaf
hash, and the index of the subject's entry before it. So neither can be wrong here, and checks on them say nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.chain import leaf_hash
from ledger.errors import BrokenInput
from ledger.tiles import ENTRIES, WIDTH, TileName, width_at
from ledger.verify.places import Places
from ledger.verify.source import Decode, StoredEntry, StoredHead
from ledger.verify.tiles import Fetch, entries_of

_OURS = frozenset(("v", "origin", "index", "prev", "recorded_at", "kind", "schema", "subject", "subject_index"))


def are_ours(first: bytes, decode: Decode) -> bool:
    """Whether the first entry of a log is one of ours by its members."""
    try:
        value = decode(first)
    except BrokenInput:
        return False
    return isinstance(value, Mapping) and value.keys() >= _OURS


class BundledSource:
    """`ledger.verify.source.Source` over verified bundles. Read in order, as a verification does."""

    def __init__(self, fetch: Fetch, note: str, size: int, decode: Decode) -> None:
        self._fetch = fetch
        self._note = note
        self._size = size
        self._decode = decode
        self._places = Places()
        self._next = 0
        self._bundle: tuple[int, list[bytes]] = (-1, [])
        self.origin = note.partition("\n")[0]

    def head(self) -> StoredHead:
        """See `Source.head`."""
        return StoredHead(self._size, self._note, self._size, 0)

    def entries(self, start: int, end: int) -> Sequence[tuple[int, int | None, bytes, bytes]]:
        """See `Source.entries`."""
        found = []
        for index in range(start, min(end, self._size)):
            data = self._entry(index)
            found.append(StoredEntry(index, self._before(index, data), leaf_hash(data), data))
        return found

    def leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        """See `Source.leaf_hashes`."""
        return [leaf_hash(self._entry(index)) for index in range(start, min(end, self._size))]

    def checkpoints(self, after: int, upto: int) -> Sequence[tuple[int, str]]:  # noqa: ARG002 - a log shows its newest
        """None beside the one that stands for the head."""
        return ()

    def close(self) -> None:
        """Give back what is held outside memory."""
        self._places.close()

    def _entry(self, index: int) -> bytes:
        number, place = divmod(index, WIDTH)
        if self._bundle[0] != number:
            name = TileName(ENTRIES, number, width_at(0, number, self._size))
            self._bundle = number, entries_of(self._fetch, name)
        return self._bundle[1][place]

    def _before(self, index: int, data: bytes) -> int | None:
        """The subject's entry before this one; not known when an entry is looked at again."""
        if index != self._next:
            return None
        self._next += 1
        try:
            value: Any = self._decode(data)
            subject = value["subject"]
        except (BrokenInput, TypeError, KeyError):
            return None
        if not isinstance(subject, str):
            return None
        place = self._places.get(subject)
        self._places.update({subject: (0 if place is None else place[0] + 1, index)})
        return None if place is None else place[1]
