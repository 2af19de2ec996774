"""What evidence needs of a view of the log: leaf hashes, counts as they stood at an entry, openings with salts."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ledger.canonical import b64url, encode, from_b64url
from ledger.chain import HASH_BYTES
from ledger.commitment import commit
from ledger.counts import Count, CountTree
from ledger.entry import parse_entry
from ledger.errors import BrokenState
from ledger.reading import View
from ledger.tables import DATA_KEY, OPENING
from ledger.verify.pack_parts import Opening

Allowed = Callable[[str, str], bool]
"""(data class, data subject or "") -> whether the reader may see such a value."""


class Sealed(NamedTuple):
    """A commitment in an entry: the entry and its subject, the commitment, and where its opening lies."""

    number: int
    subject: str
    commitment: str
    opened_at: int


def leaf_hashes(view: View, size: int) -> list[bytes]:
    """The stored leaf hashes of the first `size` entries, in one pass."""
    rows = view.query("SELECT leaf_hash FROM entry WHERE log_id = {log} AND idx < ? ORDER BY idx", (size,))
    leaves = [bytes(leaf) for (leaf,) in rows]
    if len(leaves) != size or any(len(leaf) != HASH_BYTES for leaf in leaves):
        raise BrokenState(f"expected {size} leaf hashes, found {len(leaves)}")
    return leaves


def counts_before(view: View, index: int) -> CountTree:
    """Every subject's count just before the entry at `index`; subjects that went on since are walked back."""
    counts = []
    rows = view.query("SELECT subject, size, last, last_leaf FROM subject WHERE log_id = {log}")
    for subject, size, last, leaf in rows:
        if last < index:
            counts.append(Count(subject, int(size), bytes(leaf)))
        elif (count := _walked_back(view, subject, index)) is not None:
            counts.append(count)
    return CountTree(counts)


def _walked_back(view: View, subject: str, index: int) -> Count | None:
    before: int | None = None
    while True:
        page = view.history(subject, before)
        for row in page:
            if row.idx < index:
                return Count(subject, parse_entry(row.bytes).subject_index + 1, row.leaf_hash)
        if not page or page[-1].previous is None:
            return None
        before = page[-1].idx


def key_entries(view: View) -> tuple[int, ...]:
    """The indexes of the entries that say which keys sign for the log: the first, and every change of them."""
    rows = view.query("SELECT from_size, to_size, changed, certified FROM log_key WHERE log_id = {log}")
    return tuple(sorted({0, *[int(index) for row in rows for index in row if index is not None]}))


def open_commitments(view: View, sealed: Iterable[Sealed], allowed: Allowed) -> tuple[Opening, ...]:
    """The openings of these commitments that the reader may see and that were not destroyed, with their salts."""
    wanted: dict[int, list[Sealed]] = {}
    for one in sealed:
        wanted.setdefault(one.opened_at, []).append(one)
    found: list[Opening] = []
    for opened_at, ones in sorted(wanted.items()):
        known = {one.commitment: one for one in reversed(ones)}
        for row in view.read_group(OPENING, (opened_at,)):
            data_key = view.read(DATA_KEY, (row.data_subject, row.record_class))
            if data_key is None or not data_key.wrapped or not allowed(row.record_class, row.data_subject):
                continue
            for subject, path, salt, value in view.log.secrets.vault.open(data_key, row.idx, row.sealed):
                raw = from_b64url(salt)
                stands = known.get(b64url(commit(raw, view.origin, subject, path, encode(value))))
                if stands is not None and stands.subject == subject:
                    found.append(Opening(stands.number, subject, path, raw, value))
    return tuple(found)
