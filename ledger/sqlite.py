"""SQLite: one file per log, WAL, synchronous=FULL. A receipt leaves only after the log file was flushed."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import compress
from operator import is_not
from pathlib import Path
from typing import Any

from ledger.connection import DatabaseFault, Load, Write, head_columns
from ledger.errors import BrokenState, LostRace
from ledger.rows import R, Table, TableClass
from ledger.tables import HeadRow
from ledger.wal import WAL_PAGES_MAX, WalCopier

BUSY_TIMEOUT_MS = 10_000  # how long a second process waits for the head before it reports the database busy
LOAD_WIDTH_MAX = 256  # keys per statement; above it the statement text costs more than a second statement
# Pages that a connection keeps of the file. A process has one connection that writes, and as many that read as were
# asked at once; the operating system keeps the file for all of them, so theirs hold what one question comes back to.
WRITING_KIB = 65_536
READING_KIB = 8_192
VACUUM_BYTES_MAX = 64 << 20  # written anew after an erasure: writers wait for 0.6 s, measured, and 3 s at 256 MiB

# From so many columns on, writing the changed ones alone pays for finding them: an upsert writes every column and every
# index again (measured: 6.2 and 2.8 microseconds for a row of `instance`).
CHANGED_FROM = 9

_HEAD = f"SELECT {head_columns()} FROM head WHERE log_id = ?"
_SWAP = (
    "UPDATE head SET size = ?, frontier = ?, chain_hash = ?, recorded_at = ?, register_epoch = ?, checkpoint = ? "
    "WHERE log_id = ? AND size = ? AND chain_hash = ?"
)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A driver connection with the durability the ledger stands on; the driver opens no transaction by itself."""
    if read_only:
        connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, cached_statements=512
        )
    else:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES_MAX}")
        connection.execute("PRAGMA secure_delete=ON")  # some builds have it on already, none may leave it off
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute(f"PRAGMA cache_size=-{READING_KIB if read_only else WRITING_KIB}")
    return connection


class SqliteConnection:
    """`ledger.connection.Connection` on one SQLite file."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        with _FAULTS:
            self._connection = connect(path, read_only=read_only)
        self._execute = self._connection.execute
        self._copier = None if read_only else WalCopier(path, self._connection, connect)

    def read_any_text(self) -> None:
        """Text that is not UTF-8 comes as bytes from now on, so that a verification can name it instead of failing."""
        self._connection.text_factory = _any_text

    def begin(self, log_id: int, loads: Sequence[Load]) -> tuple[HeadRow, list[list[Any]]]:
        with _FAULTS:
            self._execute("BEGIN IMMEDIATE")
            head = self._head(log_id)
            return head, [self._load(log_id, load.table, load.keys) for load in loads]

    def begin_read(self, log_id: int) -> HeadRow:
        with _FAULTS:
            self._execute("BEGIN")
            return self._head(log_id)

    def _head(self, log_id: int) -> HeadRow:
        row = self._execute(_HEAD, (log_id,)).fetchone()
        if row is None:
            raise BrokenState("expected a head row for the log, found none")
        return HeadRow(*row)

    def load(self, log_id: int, table: Table[R], keys: Sequence[tuple[Any, ...]]) -> list[R]:
        with _FAULTS:
            return self._load(log_id, table, keys)

    def load_all(self, log_id: int, loads: Sequence[Load]) -> list[list[Any]]:
        with _FAULTS:
            return [self._load(log_id, load.table, load.keys) for load in loads]

    def _load(self, log_id: int, table: Table[R], keys: Sequence[tuple[Any, ...]]) -> list[R]:
        make: Callable[[Any], R] = partial(tuple.__new__, table.row)  # the statement lists the row's own columns
        if len(keys) == 1:
            return list(map(make, self._execute(_select(log_id, table, 1), keys[0])))
        found: list[R] = []
        for start in range(0, len(keys), LOAD_WIDTH_MAX):
            chunk = keys[start : start + LOAD_WIDTH_MAX]
            width = 1 << (len(chunk) - 1).bit_length()
            values = [value for key in chunk for value in key]
            values.extend(chunk[-1] * (width - len(chunk)))
            found.extend(map(make, self._execute(_select(log_id, table, width), values)))
        return found

    def query(self, log_id: int, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        if "{among}" in statement:
            statement = statement.replace("{among}", "IN (SELECT value FROM json_each(?))")
            parameters = [json.dumps(value) if type(value) is list else value for value in parameters]
        statement = statement.replace("{like}", "LIKE").replace("{log}", str(log_id))
        with _FAULTS:
            return self._execute(statement, parameters).fetchall()

    def write(self, log_id: int, writes: Sequence[Write]) -> None:
        with _FAULTS:
            for write in writes:
                if write.gone:
                    self._destroy(log_id, write)
                rows = write.rows
                if write.before and len(write.table.columns) >= CHANGED_FROM:
                    rows = self._update(log_id, write)
                if rows:
                    self._connection.executemany(_insert(log_id, write.table), rows)

    def _destroy(self, log_id: int, write: Write) -> None:
        """Take rows away; zeros are written where they lay (`connect`)."""
        self._connection.executemany(_delete(log_id, write.table), write.gone)

    def _update(self, log_id: int, write: Write) -> list[tuple[Any, ...]]:
        """Write the rows that are known to be there, their changed columns alone; the rows that are left."""
        table = write.table
        left: list[tuple[Any, ...]] = []
        changes: dict[tuple[bool, ...], list[tuple[Any, ...]]] = {}
        for row, before in zip(write.rows, write.before, strict=True):
            if before is None:
                left.append(row)
            else:
                changed = tuple(map(is_not, row, before))
                changes.setdefault(changed, []).append((*compress(row, changed), *row[: table.key]))
        for changed, rows in changes.items():
            columns = tuple(compress(table.columns, changed))
            if not columns:
                continue
            # No name for the cursor: an error that is kept would keep it, and with it the lock of a closed connection.
            if self._connection.executemany(_change(log_id, table, columns), rows).rowcount != len(rows):
                raise BrokenState(
                    f"expected rows of `{table.name}` that were read under the head lock, found some gone"
                )
        return left

    def finish(self, log_id: int, writes: Sequence[Write], swap: tuple[HeadRow, HeadRow] | None) -> None:
        self.write(log_id, writes)
        with _FAULTS:
            if swap is not None:
                old, new = swap
                moved = self._execute(_SWAP, (*new, log_id, old.size, old.chain_hash)).rowcount
                if moved != 1:
                    raise LostRace("expected the head where the batch began, found another")
        with _LOST:
            self._execute("COMMIT")
        if self._copier is not None:
            self._copier.committed()

    def scrub(self, bytes_max: int = VACUUM_BYTES_MAX) -> bool:
        """Empty the write-ahead log, and write a file of at most so many bytes anew, so that no page is left of what
        was destroyed. Whether it could be done: a reader or writer in the way leaves it for another time.
        """
        with _FAULTS:
            busy, _, _ = self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            (pages,), (size,) = (self._execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
            if busy or pages * size > bytes_max:
                return not busy
            try:
                self._execute("VACUUM")
            except sqlite3.OperationalError:
                return False
            busy, _, _ = self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def rollback(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._execute("ROLLBACK")

    def close(self) -> None:
        if self._copier is not None:
            self._copier.stop()
        self._connection.close()


def _any_text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


# Statements are made once for each log and table of the process, which is cheaper than any look-up of our own.


@cache
def _select(log_id: int, table: Table[Any], width: int) -> str:
    columns = table.columns
    grouping = columns[: table.group_width]
    listed = ", ".join(f"t.{column}" for column in columns)
    order = "" if table.group_width == table.key else " ORDER BY " + ", ".join(f"t.{c}" for c in columns[: table.key])
    if width == 1:
        where = " AND ".join(f"t.{column} = ?" for column in grouping)
        return f"SELECT {listed} FROM {table.name} t WHERE t.log_id = {log_id} AND {where}{order}"
    if len(grouping) == 1:
        marks = ", ".join("?" * width)
        return f"SELECT {listed} FROM {table.name} t WHERE t.log_id = {log_id} AND t.{grouping[0]} IN ({marks}){order}"
    names = ", ".join(f"k{n}" for n in range(len(grouping)))
    values = ", ".join(["(" + ", ".join("?" * len(grouping)) + ")"] * width)
    joined = " AND ".join(f"t.{column} = k.k{n}" for n, column in enumerate(grouping))
    # CROSS JOIN fixes the order: keys outside, one index look-up each. Repeated padding keys fold in the overlay.
    return (
        f"WITH k({names}) AS (VALUES {values}) "
        f"SELECT {listed} FROM k CROSS JOIN {table.name} t ON t.log_id = {log_id} AND {joined}{order}"
    )


@cache
def _insert(log_id: int, table: Table[Any]) -> str:
    columns = table.columns
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table.name} (log_id, {', '.join(columns)}) VALUES ({log_id}, {marks})"
    if table.table_class is TableClass.LEDGER:
        return statement
    rest = columns[table.key :]
    key = ", ".join(("log_id", *columns[: table.key]))
    if not rest:
        return f"{statement} ON CONFLICT ({key}) DO NOTHING"
    if table.sums:
        [summed] = rest
        return f"{statement} ON CONFLICT ({key}) DO UPDATE SET {summed} = {table.name}.{summed} + excluded.{summed}"
    return f"{statement} ON CONFLICT ({key}) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in rest)


@cache
def _delete(log_id: int, table: Table[Any]) -> str:
    where = " AND ".join(f"{column} = ?" for column in table.columns[: table.key])
    return f"DELETE FROM {table.name} WHERE log_id = {log_id} AND {where}"


@cache
def _change(log_id: int, table: Table[Any], columns: tuple[str, ...]) -> str:
    setting = ", ".join(f"{column} = ?" for column in columns)
    where = " AND ".join(f"{column} = ?" for column in table.columns[: table.key])
    return f"UPDATE {table.name} SET {setting} WHERE log_id = {log_id} AND {where}"


# A connection that was closed, a file that cannot be read or is not there: another connection may do better.
_CONNECTION_GONE = frozenset((sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN))


class _Faults:
    """Around every statement, so it costs next to nothing: a generator would cost a microsecond each time."""

    __slots__ = ("_lost",)

    def __init__(self, *, lost: bool = False) -> None:
        self._lost = lost

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            lost = self._lost or _code(error) in _CONNECTION_GONE
            raise DatabaseFault(f"the database refused: {error}", lost=lost) from error


_FAULTS = _Faults()
_LOST = _Faults(lost=True)  # it may have happened all the same


def _code(error: sqlite3.Error) -> int:
    """The primary result code; a connection that is closed has none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
