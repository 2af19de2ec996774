"""Reading without writing: one unchanging view of a log, and a small pool of connections that give it.

A view answers the same questions as a unit of work (`get`, `group`, `query`, `unseal`), so a check written for one
runs on both. It decides nothing that is recorded: decisions are made under the head lock.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from ledger.chain import leaf_hash
from ledger.clock import Clock, Instant
from ledger.commands import fingerprint
from ledger.connection import Connection, DatabaseFault
from ledger.entry import Entry, parse_entry
from ledger.erasure_tables import VAULT, VAULT_EPOCH
from ledger.errors import AlteredEntry, BrokenState
from ledger.overlay import Overlay
from ledger.rows import R, Table
from ledger.sealed_rows import open_row
from ledger.tables import ENTRY, SUBJECT, EntryRow, HeadRow
from ledger.unit import is_sealed, open_sealed, turn_to
from ledger.warm import Key
from ledger.workings import Log

_EPOCH = "SELECT register_epoch FROM head WHERE log_id = {log}"

ENTRIES_MAX = 1_000  # entries of one subject read at once; a longer history is read page by page


class View:
    """Rows as they were when the view was opened. `now` is the reader's clock, for what is in force; never before the
    newest entry, or a clock that was put back would bring back what is over: a session, a key, a role."""

    def __init__(self, connection: Connection, log: Log, now: Instant) -> None:
        self._connection = connection
        self.log = log
        self.head: HeadRow = connection.begin_read(log.log_id)
        self.now = Instant(max(now, self.head.recorded_at))
        self._overlay = Overlay(connection, log.log_id, set())
        vault = log.secrets.vault
        if vault.seen != self.head.register_epoch:
            turn_to(vault, self.read(VAULT_EPOCH, (VAULT,)), self.head.register_epoch)

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.log.origin

    @property
    def register_epoch(self) -> int:
        """See `ledger.work.UnitOfWork.register_epoch`."""
        return self.head.register_epoch

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key."""
        return self.read(table, key)

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        """All rows of the group, in key order."""
        return self.read_group(table, key)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A question no key answers; `?` marks a parameter, `{log}` stands for the log's number."""
        return self._connection.query(self.log.log_id, statement, parameters)

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        """The value behind a commitment; the caller has checked that this reader may see it."""
        if not is_sealed(sealed):
            return sealed
        return open_sealed(self, self.log.secrets.vault, (subject, path), sealed)

    def unseal_row(self, place: str, sealed: bytes, data_subject: str) -> Any:
        """See `ledger.sealed_rows.OpensRows`; the caller has checked that this reader may see it."""
        return open_row(self, self.log.secrets.vault, place, sealed, data_subject)

    def fingerprint(self, purpose: str, text: str) -> str:
        """See `ledger.work.UnitOfWork.fingerprint`."""
        return fingerprint(self.log.secrets.mac_key, purpose, text)

    def stored(self, index: int) -> EntryRow | None:
        """A row as it is stored, not re-hashed: for whoever looks for what belongs to a log and shows it to nobody."""
        return self.read(ENTRY, (index,))

    def newest(self, subject: str) -> int | None:
        """The index of the subject's newest entry."""
        row = self.read(SUBJECT, (subject,))
        return None if row is None else row.last

    def newest_entries(self, subjects: Sequence[str]) -> dict[str, Entry]:
        """The newest entry of each of these subjects that has one, in two statements."""
        self.prefetch([(SUBJECT, (subject,)) for subject in subjects])
        last = {subject: index for subject in subjects if (index := self.newest(subject)) is not None}
        self.prefetch([(ENTRY, (index,)) for index in last.values()])
        found = {subject: self.entry(index) for subject, index in last.items()}
        return {subject: parse_entry(row.bytes) for subject, row in found.items() if row is not None}

    def entry(self, index: int) -> EntryRow | None:
        """A recorded entry's row, its bytes re-hashed: an altered row is never handed out."""
        row = self.read(ENTRY, (index,))
        return None if row is None else _checked(row)

    def history(self, subject: str, before: int | None = None, limit: int = ENTRIES_MAX) -> list[EntryRow]:
        """The subject's entries, newest first, from the one before index `before`; each points to the one before."""
        start = self.read(SUBJECT, (subject,))
        index = before if before is not None else (None if start is None else start.last)
        if before is not None:
            row = self.entry(before)
            index = None if row is None else row.previous
        found: list[EntryRow] = []
        while index is not None and len(found) < min(limit, ENTRIES_MAX):
            row = self.entry(index)
            if row is None:
                raise BrokenState(f"expected entry {index} of `{subject}`, found none")
            found.append(row)
            index = row.previous
        return found

    def entries(self, start: int, end: int) -> list[EntryRow]:
        """Entries start..end-1 in order, re-hashed."""
        rows = self._connection.query(
            self.log.log_id,
            "SELECT idx, previous, leaf_hash, bytes FROM entry WHERE log_id = {log} AND idx >= ? AND idx < ? "
            "ORDER BY idx",
            (start, end),
        )
        return [_checked(EntryRow(*row)) for row in rows]

    def times(self, indexes: Sequence[int]) -> dict[int, Instant]:
        """When these entries were recorded, by index, in one statement."""
        self.prefetch([(ENTRY, (index,)) for index in indexes])
        rows = [self.entry(index) for index in indexes]
        return {row.idx: parse_entry(row.bytes).recorded for row in rows if row is not None}

    def leaf_hashes(self, start: int, end: int) -> list[bytes]:
        """The leaf hashes of entries start..end-1 in order: what a proof is computed from."""
        rows = self._connection.query(
            self.log.log_id,
            "SELECT leaf_hash FROM entry WHERE log_id = {log} AND idx >= ? AND idx < ? ORDER BY idx",
            (start, end),
        )
        return [bytes(row[0]) for row in rows]

    def prefetch(self, wanted: Sequence[tuple[Table[Any], Key]]) -> None:
        """Read these groups at once, one statement for each table, before they are asked for one by one."""
        self._overlay.load(wanted)

    def read(self, table: Table[R], key: Key) -> R | None:
        """`get` with the key as a tuple."""
        return self._overlay.row(table, key)

    def read_group(self, table: Table[R], group: Key) -> tuple[R, ...]:
        """`group` with the key as a tuple."""
        rows = self._overlay.rows(table, group)
        return tuple([rows[key] for key in sorted(rows)])


class Reader:
    """Opens views on a few connections of its own; safe to use from several threads."""

    def __init__(self, log: Log, clock: Clock, connect: Callable[[], Connection]) -> None:
        self._log = log
        self._clock = clock
        self._connect = connect
        self._idle: SimpleQueue[Connection] = SimpleQueue()

    @contextmanager
    def view(self) -> Iterator[View]:
        """A view for the length of the block."""
        connection, view = self._open()
        try:
            yield view
        except DatabaseFault:
            connection.close()
            raise
        except BaseException:
            connection.rollback()
            self._idle.put(connection)
            raise
        connection.rollback()
        self._idle.put(connection)

    @property
    def log(self) -> Log:
        """The log that is read."""
        return self._log

    def register_epoch(self) -> int:
        """The log's register epoch as it is now, by one statement: for whoever holds a cache that is good for one."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                with self.view() as view:
                    return view.register_epoch
            try:
                rows = connection.query(self._log.log_id, _EPOCH, ())
            except DatabaseFault:  # as in `_open`: the next idle one, at last a new one
                connection.close()
                continue
            self._idle.put(connection)
            if not rows:
                raise BrokenState("expected a head row for the log, found none")
            epoch: int = rows[0][0]
            return epoch

    def _open(self) -> tuple[Connection, View]:
        """A view on an idle connection, else on a new one. A server that was started again leaves dead idle ones."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                connection = self._connect()
                return connection, self._view(connection)
            with suppress(DatabaseFault):
                return connection, self._view(connection)

    def _view(self, connection: Connection) -> View:
        try:
            return View(connection, self._log, self._clock.wall())
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Give the idle connections back."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


def _checked(row: EntryRow) -> EntryRow:
    if leaf_hash(row.bytes) != row.leaf_hash:
        raise AlteredEntry(row.idx)
    return row
