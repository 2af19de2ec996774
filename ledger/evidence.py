"""What evidence needs of a view of the log: leaf hashes, counts as they stood at an entry, openings with salts."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, NamedTuple

from ledger.canonical import b64url, encode, from_b64url
from ledger.chain import HASH_BYTES
from ledger.commitment import commit
from ledger.completeness import COUNT_AFTER
from ledger.counts import COUNTED, Count, CountTree
from ledger.entry import parse_entry
from ledger.errors import BrokenInput, BrokenState
from ledger.proof import prove_inclusion
from ledger.reading import View
from ledger.tables import DATA_KEY, OPENING
from ledger.verify.pack_parts import Opening
from ledger.verify.subject_proof import proof_value

ENTRIES_AT_ONCE = 1_000  # read together

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
    """Every subject's count just before the entry at `index`, which is no further back than `walk_max` allows.

    Subjects that went on since show in the entries from `index` on, which are read once: the first one of a subject
    tells how many came before it, and which was the last. `BrokenInput` for a count that lies too far back.
    """
    rows = view.query("SELECT subject, size, last, last_leaf FROM subject WHERE log_id = {log}")
    if view.head.size - index > walk_max(len(rows)):
        raise BrokenInput(f"expected a count at most {walk_max(len(rows))} entries back", "query.counted")
    counts = [Count(subject, int(size), bytes(leaf)) for subject, size, last, leaf in rows if last < index]
    seen: set[str] = set()
    for start in range(index, view.head.size, ENTRIES_AT_ONCE):
        for row in view.entries(start, min(start + ENTRIES_AT_ONCE, view.head.size)):
            entry = parse_entry(row.bytes)
            if entry.subject not in seen and row.previous is not None:
                (leaf,) = view.leaf_hashes(row.previous, row.previous + 1)
                counts.append(Count(entry.subject, entry.subject_index, leaf))
            seen.add(entry.subject)
    return CountTree(counts)


def walk_max(subjects: int) -> int:
    """How many entries a count may lie back to be proved from: no more work than twice that of the count itself."""
    return 2 * max(COUNT_AFTER, subjects)


def newest_count(view: View) -> tuple[int, int, int] | None:
    """(index, `recorded_at` in microseconds, subjects) of the newest `subjects.counted` entry; it is looked for among
    the latest thousand entries about the log itself."""
    for row in view.history(f"log:{view.log.name}"):
        entry = parse_entry(row.bytes)
        if entry.kind == COUNTED:
            return row.idx, entry.recorded, entry.payload["subjects"]
    return None


def opened(view: View) -> tuple[int, int, int]:
    """(0, `recorded_at` of the entry that opened the log, 0): what stands for the newest count before there is one."""
    row = view.entry(0)
    return 0, 0 if row is None else parse_entry(row.bytes).recorded, 0


class CountTrees:
    """The tree of the count asked for last, kept: building one reads every subject. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[str, int, CountTree] | None = None

    def before(self, view: View, index: int) -> CountTree:
        """See `counts_before`; one at a time, however many ask."""
        with self._lock:
            if self._kept is None or self._kept[:2] != (view.origin, index):
                self._kept = (view.origin, index, counts_before(view, index))
            return self._kept[2]


def subject_proof(view: View, trees: CountTrees, subject: str, counted: int) -> dict[str, Any]:
    """What `ledger.verify.subject_proof` reads: how many entries a subject had at the count at index `counted`, or that
    it had none, against the view's checkpoint. `BrokenInput` when there is no count there."""
    row = view.entry(counted)
    entry = None if row is None else parse_entry(row.bytes)
    if row is None or entry is None or entry.kind != COUNTED:
        raise BrokenInput("expected the index of an entry that counts subjects", "query.counted")
    tree = trees.before(view, counted)
    if b64url(tree.root) != entry.payload["root"]:
        raise BrokenState(f"expected the subjects to have the counts that entry {counted} states")
    size = view.head.size
    inclusion = prove_inclusion(counted, size, view.leaf_hashes)
    return proof_value(subject, row.bytes, inclusion, tree.look_up(subject), view.head.checkpoint)


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
