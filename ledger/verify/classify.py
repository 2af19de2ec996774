"""What a break is: from where the walk stopped to the class of the fault.

The chain is the witness. Each entry states the chain hash before it, so an entry is *vouched for* when the entry after
it (or the head) states the chain hash that includes it: then it stands as it was written, and what is wrong with it
was written so. Else it was changed afterwards.
"""

from base64 import urlsafe_b64decode
from typing import Any

from ledger.chain import GENESIS, chain_hash, leaf_hash
from ledger.errors import BrokenInput
from ledger.verify.report import Fault, Finding, Place
from ledger.verify.source import Decode, Source, StoredEntry, StoredHead
from ledger.verify.stretch import Break


class Classifier:
    """Looks at the entries around a break."""

    def __init__(self, source: Source, head: StoredHead, decode: Decode) -> None:
        self._source = source
        self._head = head
        self._decode = decode

    def finding(self, broken: Break, chain: bytes | None) -> Finding:
        """The finding for a break; `chain` is the chain hash before it, where the walk knows it."""
        fault, index, place = self._fault(broken, chain)
        return Finding(broken.check, fault, broken.expected, broken.found, index, place)

    def rewritten(self, size: int, chain: bytes) -> tuple[Fault, int | None]:
        """The class when a signed checkpoint of this size contradicts the entries, whose chain held so far.

        Where the chain breaks right behind the checkpoint its last entry was changed; where it goes on, history was
        written a second time.
        """
        after = self._prev(size)
        if after is not None and after != chain:
            return Fault.ALTERED, size - 1
        return Fault.FORKED, None

    def beyond(self, chain: bytes) -> tuple[Fault, int | None]:
        """The class of entries beyond the head: they continue the chain where the head was moved back."""
        index = self._head.size
        row = self._row(index)
        value = None if row is None else self._value(row)
        if value is not None and _unb64(value.get("prev")) == chain:
            return Fault.ROLLED_BACK, None
        return Fault.INSERTED, self._head.entries_end - 1

    def _fault(self, broken: Break, chain: bytes | None) -> tuple[Fault, int | None, Place | None]:
        index, what = broken.index, broken.what
        if what == "gap":
            return self._gap(broken), index, None
        if what == "previous":
            return Fault.ALTERED, index, Place("entry", (index,), "previous")
        if what == "checkpoint":
            return Fault.ALTERED, index, Place("checkpoint", (index + 1,))
        row = self._row(index)
        value = None if row is None else self._value(row)
        if row is None:
            return Fault.MISSING, index, None
        before = chain if chain is not None else self._chain_before(index)
        after = self._prev(index + 1)
        vouched = before is not None and after == chain_hash(before, leaf_hash(row.data))
        if what == "leaf_hash":
            return Fault.ALTERED, index, Place("entry", (index,), "leaf_hash" if vouched else "bytes")
        bytes_place = Place("entry", (index,), "bytes")
        if value is None or what in ("bytes", "origin"):
            return Fault.ALTERED, index, bytes_place
        if what in ("prev", "index"):
            return self._out_of_place(row, value, before)
        if not vouched and after is not None:
            return Fault.ALTERED, index, bytes_place
        if what == "recorded_at":
            return Fault.TIME_REVERSED, index, None
        if what == "vkey":
            return Fault.RE_SIGNED, index, None
        if what == "order":
            return Fault.WRONG_KEY, index, None
        if what == "subject_index" and _number(broken.found) < _number(broken.expected):
            return Fault.INSERTED, index, None
        return Fault.MISSING, index, None

    def _gap(self, broken: Break) -> Fault:
        if broken.found == "none":
            return Fault.TRUNCATED if self._head.entries_end <= broken.index else Fault.MISSING
        return Fault.MISSING if _number(broken.found) > broken.index else Fault.INSERTED

    def _out_of_place(
        self, row: StoredEntry, value: Any, before: bytes | None
    ) -> tuple[Fault, int | None, Place | None]:
        index, claimed = row.idx, value["index"]
        prev = _unb64(value["prev"])
        if claimed != index:
            if prev == before:  # it continues the chain: the entry is the right one, with another index written in
                return Fault.ALTERED, index, Place("entry", (index,), "bytes")
            other = self._row(claimed)
            there = None if other is None else self._value(other)
            if there is not None and there.get("index") == index:
                return Fault.REORDERED, index, None
            return (Fault.INSERTED if claimed < index else Fault.MISSING), index, None
        if index and prev is not None and prev == self._chain_before(index - 1):
            return Fault.FORKED, index, None  # it continues the entry before the last: two entries, one forerunner
        # Either this entry was changed or the one before. This one stands if the next agrees with what it says.
        after = self._prev(index + 1)
        stands = prev is not None and after == chain_hash(prev, leaf_hash(row.data))
        changed = index - 1 if stands and index else index
        return Fault.ALTERED, changed, Place("entry", (changed,), "bytes")

    def _chain_before(self, index: int) -> bytes | None:
        """The chain hash that the entry at `index` states."""
        return GENESIS if index == 0 else self._prev(index)

    def _prev(self, index: int) -> bytes | None:
        """The chain hash of the entries before `index`, as the entry there states it, or the head."""
        if index == self._head.size:
            return self._head.chain_hash
        row = self._row(index)
        value = None if row is None else self._value(row)
        return None if value is None else _unb64(value.get("prev"))

    def _row(self, index: int) -> StoredEntry | None:
        rows = self._source.entries(index, index + 1)
        return StoredEntry(*rows[0]) if rows else None

    def _value(self, row: StoredEntry) -> Any:
        try:
            value = self._decode(row.data)
        except BrokenInput:
            return None
        return value if isinstance(value, dict) else None


def _unb64(text: Any) -> bytes | None:
    try:
        data = urlsafe_b64decode(f"{text}=")
    except ValueError:
        return None
    return data if len(data) == len(GENESIS) else None


def _number(told: str) -> int:
    """The number a break's expected or found ends in."""
    return int(told.rpartition(" ")[2])
