"""Timestamps on record: read with their checkpoints, for check 8 of a verification and for renewals.

Check 8 on a database first asks whether a stamped note states the tree that the entries make: its root hash is computed
again from the stored leaf hashes, which the walk has verified, a stretch at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from ledger.clock import Instant, instant_text, parse_instant
from ledger.errors import BrokenInput
from ledger.publication import TIMESTAMP
from ledger.skeleton import decode
from ledger.stored import DatabaseSource
from ledger.timestamp import Chain, CheckToken
from ledger.tree import CompactRange
from ledger.verify.log import Verified
from ledger.verify.report import Check, Fault, Finding, Place, Status
from ledger.verify.signing import read_checkpoint
from ledger.verify.timestamps import (
    NO_ROOTS,
    NO_TOKENS,
    StampedCheckpoint,
    TimeVerdict,
    chains_of,
    check_chain,
    judge_timestamps,
)

SIZES_AT_ONCE = 100
ANCHORS_SHOWN = 3
LEAVES_AT_ONCE = 10_000

Query = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""A question about one log: the statement, and its parameters."""

_SIZES = """
SELECT DISTINCT size FROM published_line WHERE log_id = {log} AND kind = ? AND size > ? ORDER BY size LIMIT ?
"""
_STAMPED = """
SELECT p.size, p.note, l.value FROM published p JOIN published_line l ON l.log_id = p.log_id AND l.size = p.size
WHERE p.log_id = {log} AND l.kind = ? AND p.size >= ? AND p.size <= ? ORDER BY p.size, l.key_id
"""


def stamped_notes(query: Query) -> Iterator[tuple[int, str, tuple[bytes, ...]]]:
    """(size, note, tokens) of every stamped publication, smallest first, a few at a time."""
    after = 0
    while sizes := [row[0] for row in query(_SIZES, (TIMESTAMP, after, SIZES_AT_ONCE))]:
        after = sizes[-1]
        rows = query(_STAMPED, (TIMESTAMP, sizes[0], after))
        for (size, note), lines in groupby(rows, key=lambda row: (row[0], row[1])):
            yield size, note, tuple(bytes(line[2]) for line in lines)


def chains_on_record(query: Query, check: CheckToken) -> Iterator[Chain]:
    """The chains that hold, for whoever renews them; what does not hold is passed over here and told by check 8."""
    for size, note, tokens in stamped_notes(query):
        try:
            chains = chains_of(note, tokens)
            for chain in chains:
                yield Chain(size, note, chain, check_chain(note, chain, check))
        except BrokenInput:
            continue


@dataclass(slots=True)
class StampedTimes:
    """Check 8 on a database, a `ledger.verify.log.More`; `verdict` is there once it ran."""

    source: DatabaseSource
    check: CheckToken | None
    verdict: TimeVerdict | None = None
    _tree: CompactRange = field(default_factory=CompactRange)

    @property
    def note(self) -> str:
        """See `ledger.verify.log.More`."""
        return ""

    def __call__(self, verified: Verified) -> Finding | None:
        """The first fault."""
        try:
            self.verdict = judge_timestamps(self._checkpoints(verified.size), self.check)
        except _Misstated as fault:
            return fault.finding
        return self.verdict.finding

    def outcome(self) -> Check:
        """What came of check 8 where no fault was found."""
        if self.verdict is not None:
            return self.verdict.check
        is_any = bool(self._query(_SIZES, (TIMESTAMP, 0, 1)))
        return Check(8, Status.NOT_DETERMINABLE, NO_ROOTS) if is_any else Check(8, Status.NOT_RUN, NO_TOKENS)

    def words(self) -> tuple[str, ...]:
        """The newest anchors, each with the interval in which its checkpoint came to be."""
        anchors = self.verdict.anchors[-ANCHORS_SHOWN:] if self.verdict is not None else ()
        return tuple(
            f"anchored in time: size {one.size} "
            f"between {instant_text(one.earliest) if one.earliest is not None else 'the start'} "
            f"and {instant_text(one.latest)}, certificates good until {instant_text(one.valid_until)}"
            for one in anchors
        )

    def _query(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self.source.connection.query(self.source.log_id, statement, values)

    def _checkpoints(self, upto: int) -> Iterator[StampedCheckpoint]:
        for size, note, tokens in stamped_notes(self._query):
            if size > upto:  # published since the walk began, or moved there: the next verification walks so far
                return
            self._judge_note(size, note)
            times = self._times(size)
            yield StampedCheckpoint(size, note, times.get(size - 1), times.get(size), tokens)

    def _judge_note(self, size: int, note: str) -> None:
        place = Place("published", (size,), "note")
        read = read_checkpoint(note, self.source.origin, place)
        if isinstance(read, Finding):
            raise _Misstated(read)
        checkpoint, _ = read
        while self._tree.size < size:
            start = self._tree.size
            self._tree = self._tree.extend(self.source.leaf_hashes(start, min(size, start + LEAVES_AT_ONCE)))
        if (checkpoint.size, checkpoint.root) != (size, self._tree.root()):
            told = f"size {size} and root {self._tree.root().hex()}", f"{checkpoint.size} and {checkpoint.root.hex()}"
            raise _Misstated(Finding(6, Fault.FORKED, *told, None, place))

    def _times(self, size: int) -> dict[int, Instant]:
        """recorded_at of the entries on both sides of the checkpoint, by index."""
        rows = self.source.entries(size - 1, size + 1)
        return {idx: parse_instant(decode(data)["recorded_at"]) for idx, _, _, data in rows}


class _Misstated(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding
