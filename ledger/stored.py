"""Verification of a log in a database: the source that `ledger.verify` reads, fast parts, and two processes.

Rows are read in short read transactions, a stretch at a time, so a verification blocks no writer however long it
takes. It goes up to the size of the head when it began.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.collector import relax
from ledger.connection import Connection, head_columns
from ledger.database import Database, SqliteDatabase
from ledger.errors import BrokenState
from ledger.skeleton import decode
from ledger.sqlite import SqliteConnection
from ledger.verify.forms import Forms
from ledger.verify.source import StoredHead
from ledger.verify.stretch import Span, Stretch, forms_of, inspect

T = TypeVar("T")
A = TypeVar("A")

AHEAD = 8  # spans each process may be ahead of the joining, which puts subjects away now and then: 20 MB at most
CACHE_KIB = 512  # of SQLite: pages are read once and in order, and so much of them stays near the processor


def check_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Ed25519 by `cryptography`."""
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    return False


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
