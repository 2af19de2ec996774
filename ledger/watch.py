"""What a writer knows of its log beyond its database: the last head it saw, the mark kept elsewhere, and the seal.

Nothing is appended to a log that is less than what is known of it. A log restored from a backup would otherwise grow a
second history, while receipts of the first are in other hands. Reads go on.
"""

import logging
from collections.abc import Iterator, Sequence

from ledger.connection import Connection
from ledger.entry import parse_entry
from ledger.errors import BrokenInput, BrokenState, Unavailable
from ledger.high_water import HighWater, Leaves, high_water, lost_by
from ledger.log_state import LogStateRow
from ledger.marks import LogIdentity, MarkFolder, first_key_of
from ledger.tables import ENTRY, SUBJECT, HeadRow
from ledger.verify.acts import RESTORED, Gap, covering, gap_of

logger = logging.getLogger("muniment")

_WAY_ON = "put the newer copy back, or declare the gap with `muniment restore`"
_LEAVES = "SELECT leaf_hash FROM entry WHERE log_id = {log} AND idx >= ? AND idx < ? ORDER BY idx"
_NEVER = -1


class LessThanKnown(Unavailable):
    """The log does not continue what is known of it; only a declaration of that may be appended."""


class RolledBack(LessThanKnown):
    """It is smaller."""

    def __init__(self, name: str, found: str) -> None:
        super().__init__("LOG_ROLLED_BACK", f"log {name} is an older copy: {found}; nothing is written. {_WAY_ON}")


class Forked(LessThanKnown):
    """It is another history."""

    def __init__(self, name: str, found: str) -> None:
        super().__init__("LOG_FORKED", f"log {name} is another history: {found}; nothing is written. {_WAY_ON}")


class Watch:
    """The watch of one desk. Not shared between threads.

    `marks` None: nothing is kept elsewhere, and only what this process saw counts.
    """

    def __init__(self, log: tuple[int, str, str], marks: MarkFolder | None = None) -> None:
        self._log_id, self._name, self._origin = log
        self._marks = marks
        self._size = _NEVER  # of the last head seen
        self._chain = b""
        self._is_checked = False  # against the mark
        self.epoch: int | None = None  # at which `is_sealed` was read
        self.is_sealed = False
        self._identity: LogIdentity | None = None
        self._is_new = False  # it was empty when this process first saw it
        self._alarm = ""

    def look(self, head: HeadRow, connection: Connection) -> None:
        """Hold a head that is locked against what is known.

        Raises `RolledBack`, `Forked`, or `Unavailable` (MARK_UNREADABLE) for a mark that cannot be read.
        """
        if head.size < self._size or (head.size == self._size and head.chain_hash != self._chain):
            # A declared gap does not reach back to what was seen and never marked: this process has to start anew.
            is_less = head.size < self._size
            found = f"this process saw {self._size} entries and finds {head.size if is_less else 'others'}"
            raise self._said(RolledBack(self._name, found) if is_less else Forked(self._name, found))
        if self._marks is not None and not self._is_checked:
            self._judge_mark(self._marks, head, connection)
        self._size, self._chain = head.size, head.chain_hash

    def learn(self, epoch: int, state: LogStateRow | None) -> None:
        """The state of the log at a register epoch; it holds until the epoch is another."""
        self.epoch, self.is_sealed = epoch, state is not None and state.final_size is not None

    def saw(self, head: HeadRow) -> None:
        """A head of this process's own, committed."""
        self._size, self._chain = head.size, head.chain_hash

    def keep(self, head: HeadRow) -> None:
        """Keep a mark of a committed head. A folder that takes none is an alarm, said once for each reason."""
        if self._marks is None or self._identity is None or not self._is_checked:
            return
        try:
            self._marks.keep(self._identity, high_water(head))
            self._alarm = ""
        except (Unavailable, BrokenInput) as error:
            self._say(str(error))

    def _judge_mark(self, marks: MarkFolder, head: HeadRow, connection: Connection) -> None:
        if not head.size:
            self._is_new = True
            if marks.knows(self._name, self._origin):
                raise self._said(RolledBack(self._name, f"it is empty, and there is a mark of it in {marks.folder}"))
            return
        identity = self._identity = self._identity or self._identify(connection)
        mark = self._read(marks, identity)
        lost = None if mark is None else lost_by(high_water(head), mark, self._leaves(connection))
        if lost is not None:
            if covering(self._gaps(connection), lost.size, lost.root) is None:
                found = f"it has {lost.found_size} entries" if lost.is_rollback else "it does not continue them"
                found = f"the mark in {marks.folder} is of {lost.size} entries, and {found}"
                raise self._said(RolledBack(self._name, found) if lost.is_rollback else Forked(self._name, found))
            self._lower(marks, identity, high_water(head))
        elif mark is None and not self._is_new:
            logger.warning(
                "there is no high-water mark of log %s in %s: an older copy put in place before now is not noticed",
                self._name,
                marks.folder,
            )
        self._is_checked = True

    def _identify(self, connection: Connection) -> LogIdentity:
        first = connection.load(self._log_id, ENTRY, [(0,)])
        if not first:
            raise BrokenState("expected the first entry of the log, found none")
        return LogIdentity(self._name, self._origin, first_key_of(first[0].bytes))

    def _read(self, marks: MarkFolder, identity: LogIdentity) -> HighWater | None:
        try:
            return marks.read(identity)
        except BrokenInput as error:
            message = f"{error}; verify the log against a checkpoint kept elsewhere, then take the file away"
            raise self._said(Unavailable("MARK_UNREADABLE", message)) from error

    def _lower(self, marks: MarkFolder, identity: LogIdentity, mark: HighWater) -> None:
        try:
            marks.lower(identity, mark)
        except (Unavailable, BrokenInput) as error:
            self._say(str(error))

    def _leaves(self, connection: Connection) -> Leaves:
        """Stored leaf hashes, read in the open transaction."""

        def leaves(start: int, end: int) -> Sequence[bytes]:
            return [bytes(leaf) for (leaf,) in connection.query(self._log_id, _LEAVES, (start, end))]

        return leaves

    def _gaps(self, connection: Connection) -> Iterator[Gap]:
        """The gaps that the log declares, newest first."""
        subjects = connection.load(self._log_id, SUBJECT, [(f"log:{self._name}",)])
        index = subjects[0].last if subjects else None
        while index is not None:
            rows = connection.load(self._log_id, ENTRY, [(index,)])
            if not rows:
                return
            entry = parse_entry(rows[0].bytes)
            gap = gap_of(index, entry.payload) if entry.kind == RESTORED else None
            if gap is not None:
                yield gap
            index = rows[0].previous

    def _said(self, error: Unavailable) -> Unavailable:
        self._say(error.message)
        return error

    def _say(self, message: str) -> None:
        if message != self._alarm:
            logger.error("%s", message)
        self._alarm = message
