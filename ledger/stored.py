"""Verification of a log in a database: the source that `ledger.verify` reads, fast parts, and two processes.

Rows are read in short read transactions, a stretch at a time, so a verification blocks no writer however long it
takes. It goes up to the size of the head when it began.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

from ledger.collector import relax
from ledger.connection import Connection, head_columns
from ledger.database import Database, SqliteDatabase
from ledger.errors import BrokenState
from ledger.publication import COSIGNATURE
from ledger.skeleton import decode
from ledger.sqlite import SqliteConnection
from ledger.verify.cosigned import StoredLine, StoredPublication
from ledger.verify.forms import Forms
from ledger.verify.source import StoredHead
from ledger.verify.stretch import Span, Stretch, forms_of, inspect

T = TypeVar("T")
A = TypeVar("A")

AHEAD = 8  # spans each process may be ahead of the joining, which puts subjects away now and then: 20 MB at most
CACHE_KIB = 512  # of SQLite: pages are read once and in order, and so much of them stays near the processor


def open_to_verify(database: Database) -> Connection:
    """A read-only connection that reads whatever lies there: SQLite keeps text that is no text, PostgreSQL does not."""
    connection = database.connect(read_only=True)
    if isinstance(connection, SqliteConnection):
        connection.read_any_text()
        connection.query(0, f"PRAGMA cache_size=-{CACHE_KIB}", ())
    return connection


@dataclass(slots=True)
class DatabaseSource:
    """`ledger.verify.source.Source` on a database. Picklable while it is not connected."""

    database: Database
    log_id: int
    origin: str
    _connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        """The read-only connection, made when it is first needed."""
        if self._connection is None:
            self._connection = open_to_verify(self.database)
        return self._connection

    def head(self) -> StoredHead:
        """See `Source.head`: one statement, so one moment."""
        rows = self._query(
            f"SELECT {head_columns()}, (SELECT coalesce(max(idx), -1) + 1 FROM entry WHERE log_id = {{log}}), "
            "(SELECT coalesce(max(size), 0) FROM checkpoint WHERE log_id = {log}) FROM head WHERE log_id = {log}"
        )
        if not rows:
            raise BrokenState("none")
        size, frontier, chain_hash, recorded_at, _, checkpoint, entries_end, checkpoints_end = rows[0]
        return StoredHead(size, checkpoint, entries_end, checkpoints_end, frontier, chain_hash, recorded_at)

    def entries(self, start: int, end: int) -> Sequence[tuple[int, int | None, bytes, bytes]]:
        """See `Source.entries`."""
        columns = "idx, previous, leaf_hash, bytes"
        if isinstance(self.database, SqliteDatabase):  # which stores text in a column of bytes when it is told to
            columns = "idx, previous, CAST(leaf_hash AS BLOB), CAST(bytes AS BLOB)"
        return self._query(
            f"SELECT {columns} FROM entry WHERE log_id = {{log}} AND idx >= ? AND idx < ? ORDER BY idx", start, end
        )

    def leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        """See `Source.leaf_hashes`."""
        statement = "SELECT leaf_hash FROM entry WHERE log_id = {log} AND idx >= ? AND idx < ? ORDER BY idx"
        return [row[0] for row in self._query(statement, start, end)]

    def checkpoints(self, after: int, upto: int) -> Sequence[tuple[int, str]]:
        """See `Source.checkpoints`."""
        statement = "SELECT size, note FROM checkpoint WHERE log_id = {log} AND size > ? AND size <= ? ORDER BY size"
        return self._query(statement, after, upto)

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _query(self, statement: str, *values: int) -> list[tuple[Any, ...]]:
        return self.connection.query(self.log_id, statement, values)


@dataclass(frozen=True, slots=True)
class CosignedRows:
    """`ledger.verify.cosigned.CosignedSource` over the same database."""

    source: DatabaseSource

    @property
    def origin(self) -> str:
        """The log's."""
        return self.source.origin

    def newest_cosigned(self) -> int:
        """See `CosignedSource.newest_cosigned`."""
        statement = "SELECT coalesce(max(size), 0) FROM published_line WHERE log_id = {log} AND kind = ?"
        ((size,),) = self.source.connection.query(self.source.log_id, statement, (COSIGNATURE,))
        return int(size)

    def cosigned(self, after: int, upto: int, limit: int) -> Sequence[StoredPublication]:
        """See `CosignedSource.cosigned`."""
        query, log_id = self.source.connection.query, self.source.log_id
        published = (
            "SELECT p.size, p.note FROM published p WHERE p.log_id = {log} AND p.size > ? AND p.size <= ? AND EXISTS "
            "(SELECT 1 FROM published_line l WHERE l.log_id = {log} AND l.size = p.size AND l.kind = ?) "
            "ORDER BY p.size LIMIT ?"
        )
        found = [(size, note) for size, note in query(log_id, published, (after, upto, COSIGNATURE, limit))]
        if not found:
            return []
        lines: dict[int, list[StoredLine]] = {size: [] for size, _ in found}
        of_sizes = (
            "SELECT size, key_id, value FROM published_line WHERE log_id = {log} AND size > ? AND size <= ? "
            "AND kind = ? ORDER BY size, key_id"
        )
        for size, key_id, value in query(log_id, of_sizes, (after, found[-1][0], COSIGNATURE)):
            if size in lines:
                lines[size].append(StoredLine(key_id, bytes(value)))
        return [StoredPublication(size, note, lines[size]) for size, note in found]

    def leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        """See `CosignedSource.leaf_hashes`."""
        return self.source.leaf_hashes(start, end)


class Processes:
    """Inspects spans in other processes, in order, with few spans under way. Use as `Terms.inspect_all`."""

    def __init__(self, source: DatabaseSource, count: int) -> None:
        apart = DatabaseSource(source.database, source.log_id, source.origin)
        self._count = count
        self._pool = ProcessPoolExecutor(count, get_context("spawn"), _begin, (apart,))

    def __call__(self, spans: Iterable[Span]) -> Iterator[Stretch]:
        waiting: deque[Future[Stretch]] = deque()
        for span in spans:
            waiting.append(self._pool.submit(_inspect, span))
            if len(waiting) > AHEAD * self._count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def begin(self, work: Callable[[DatabaseSource, A], T], argument: A) -> "Future[T]":
        """Run other work on the log in one of the processes; `work` is known by name, what it is given is pickled."""
        return self._pool.submit(_work, work, argument)

    def close(self) -> None:
        """End the processes; spans that wait are dropped."""
        self._pool.shutdown(cancel_futures=True)


_own: tuple[DatabaseSource, Forms] | None = None  # of this worker process, set once by `_begin`


def _begin(source: DatabaseSource) -> None:
    global _own  # noqa: PLW0603 - an initialiser has no other way to hand something to the calls after it
    _own = source, forms_of(source)
    relax()


def _work(work: Callable[[DatabaseSource, A], T], argument: A) -> T:
    assert _own is not None
    return work(_own[0], argument)


def _inspect(span: Span) -> Stretch:
    assert _own is not None
    source, forms = _own
    return inspect(source, span, decode, forms)
