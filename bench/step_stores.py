"""Where the steps of a limit are stored: the rows that the engine writes, under the same indexes.

They are chained by SHA-256 and signed with Ed25519 once a commit. Rows are made before the clock runs, so that what is
left under it is hashing, signing and the database. The lease of a job is a transaction of its own before the step, as
with the product. There is no recovery, permission, fold, trigger or check.
"""

import sqlite3
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.recording import Recorded
from bench.step_rows import Cases, Commit, Put, Rows
from ledger.arrays import SQL_NAMES, array, scalar
from ledger.clock import SECOND
from ledger.pipeline import Pipeline
from ledger.rows import Table, column_kinds
from ledger.tables import CHECKPOINT, HeadRow

WAL_PAGES = 8_000  # about 32 MB: smaller ones stall more often
CACHE_KIB = 65_536  # as a writer of the product has
KEY_ID = bytes(5)  # as much as stands before a signature of the product
SCHEMA = "limits"  # on PostgreSQL, beside the product's own in the same database

_TABLES = "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC"
_HEAD = tuple(HeadRow._fields)


class Chain:
    """Chains entries and signs where they end."""

    def __init__(self, recorded: Recorded) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._origin = recorded.origin
        self._size = recorded.head.size
        self._epoch = recorded.head.register_epoch
        self._hash = recorded.head.chain_hash
        self._now = 0

    def close(self, entries: Sequence[bytes]) -> tuple[HeadRow, bool]:
        """The head after these, and whether its signature is kept: one each second, as the product does."""
        chain = self._hash
        for data in entries:
            leaf = sha256(b"\x00" + data).digest()
            chain = sha256(b"muniment/chain/v1\n" + chain + leaf).digest()
        self._hash = chain
        self._size += len(entries)
        before, self._now = self._now, time.time_ns() // 1_000
        is_kept = before // SECOND != self._now // SECOND
        text = f"{self._origin}\n{self._size}\n{b64encode(chain).decode()}\n"
        signature = b64encode(KEY_ID + self._key.sign(text.encode())).decode()
        frontier = chain * self._size.bit_count()  # as long as the product's, which has a hash for each of these bits
        note = f"{text}\n\u2014 {self._origin} {signature}\n"
        return HeadRow(self._size, frontier, chain, self._now, self._epoch, note), is_kept


Statements = list[tuple[Any, Any]]
"""Statements with what they take, as a store sends them."""


class Ready(NamedTuple):
    """A commit that is to come: the bytes to be chained, its statements, and those of the transaction before it."""

    entries: Sequence[bytes]
    found: Statements
    writes: Statements


class Prepared:
    """The commits that a round is to need."""

    def __init__(self, recorded: Recorded, send: Callable[[Rows], tuple[Any, Any]]) -> None:
        self._cases = Cases(recorded)
        self._send = send
        self._commits: Iterator[Ready] = iter(())

    def make(self, width: int, cases: int) -> None:
        """Of so many cases one after the other, for each of `width` callers."""
        self._commits = iter([self._ready(one) for one in self._cases.commits(width, cases)])

    def next(self, width: int) -> Ready:
        """The one whose turn it is."""
        ready = next(self._commits)
        if len(ready.entries) != width:
            raise ValueError(f"expected {len(ready.entries)} callers at the same step, found {width}")
        return ready

    def _ready(self, commit: Commit) -> Ready:
        found, writes = ([self._send(rows) for rows in of] for of in (commit.found, commit.writes))
        return Ready(commit.entries, found, writes)


class SqliteStore:
    """One file, WAL, synchronous=FULL, with the tables and indexes of the product's own file."""

    def __init__(self, path: Path, recorded: Recorded) -> None:
        self._log_id = recorded.log_id
        self._chain = Chain(recorded)
        self._prepared = Prepared(recorded, self._statement)
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={WAL_PAGES}"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._lay_out(recorded)
        marks = ", ".join(f"{column} = ?" for column in _HEAD)
        self._head = f"UPDATE head SET {marks} WHERE log_id = {self._log_id}"
        self._kept = self._insert(CHECKPOINT)

    def prepare(self, width: int, cases: int) -> None:
        self._prepared.make(width, cases)

    def commit(self, steps: Sequence[tuple[str, int]]) -> None:
        entries, found, writes = self._prepared.next(len(steps))
        connection = self._connection
        if found:
            self._begin(found)
            connection.execute("COMMIT")
        head, is_kept = self._chain.close(entries)
        self._begin(writes)
        if is_kept:
            connection.execute(self._kept, (head.size, head.checkpoint))
        connection.execute(self._head, head)
        connection.execute("COMMIT")

    def _begin(self, statements: Statements) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for statement, rows in statements:
            self._connection.executemany(statement, rows)

    def close(self) -> None:
        self._connection.close()

    def _lay_out(self, recorded: Recorded) -> None:
        """The product's tables and indexes, as its file has them now; its triggers are checks."""
        product = sqlite3.connect(f"file:{recorded.path}?mode=ro", uri=True)
        for (statement,) in product.execute(_TABLES).fetchall():
            self._connection.execute(statement)
        product.close()
        for (table, _), row in recorded.shared.items():
            self._connection.execute(self._insert(table), row)
        marks = ", ".join("?" * (1 + len(_HEAD)))
        self._connection.execute(
            f"INSERT INTO head (log_id, {', '.join(_HEAD)}) VALUES ({marks})", (self._log_id, *recorded.head)
        )

    def _statement(self, rows: Rows) -> tuple[str, list[tuple[Any, ...]]]:
        put = rows.put
        if put.changed is None:
            return self._insert(put.table), list(rows.rows)
        key = put.table.columns[: put.table.key]
        changed = [place in put.changed for place in range(len(put.table.columns))]
        setting = [
            f"{name} = {f'{name} + ' if put.table.sums else ''}?" for name in compress(put.table.columns, changed)
        ]
        where = " AND ".join(f"{name} = ?" for name in key)
        statement = f"UPDATE {put.table.name} SET {', '.join(setting)} WHERE log_id = {self._log_id} AND {where}"
        return statement, [(*compress(row, changed), *row[: len(key)]) for row in rows.rows]

    def _insert(self, table: Table[Any]) -> str:
        marks = ", ".join("?" * len(table.columns))
        return f"INSERT INTO {table.name} (log_id, {', '.join(table.columns)}) VALUES ({self._log_id}, {marks})"


class PostgresqlStore:
    """One connection, the transaction in one round trip, with the tables and indexes of the product's own database.

    Rows go as the product's do: an array for each column, in the form in which the server takes them.
    """

    def __init__(self, dsn: str, recorded: Recorded) -> None:
        import psycopg

        self._log_id = recorded.log_id
        self._chain = Chain(recorded)
        self._prepared = Prepared(recorded, self._statement)
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute("SET synchronous_commit = on")
        self._pipeline = Pipeline(self._connection)
        self._lay_out(recorded)
        setting = ", ".join(f"{column} = ${place}" for place, column in enumerate(_HEAD, 1))
        self._head = f"UPDATE {SCHEMA}.head SET {setting} WHERE log_id = {self._log_id}".encode()

    def prepare(self, width: int, cases: int) -> None:
        self._prepared.make(width, cases)

    def commit(self, steps: Sequence[tuple[str, int]]) -> None:
        entries, found, writes = self._prepared.next(len(steps))
        if found:
            self._begin(found)
            self._end()
        head, is_kept = self._chain.close(entries)
        self._begin(writes)
        if is_kept:
            self._pipeline.send(*self._statement(Rows(Put(CHECKPOINT, None, False), [(head.size, head.checkpoint)])))
        self._pipeline.send(self._head, [scalar(value) for value in head])
        self._end()

    def _begin(self, statements: Statements) -> None:
        self._pipeline.send(b"BEGIN")
        for statement, columns in statements:
            self._pipeline.send(statement, columns)

    def _end(self) -> None:
        self._pipeline.send(b"COMMIT")
        self._pipeline.results()

    def close(self) -> None:
        self._connection.close()

    def _lay_out(self, recorded: Recorded) -> None:
        """The product's tables with their indexes, as they are in this database; LIKE takes no trigger along."""
        execute = self._connection.execute
        execute(f"CREATE SCHEMA {SCHEMA}".encode())
        for (name,) in execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            execute(f"CREATE TABLE {SCHEMA}.{name} (LIKE public.{name} INCLUDING ALL)".encode())
        for (table, _), row in recorded.shared.items():
            self._pipeline.send(*self._statement(Rows(Put(table, None, False), [row])))
        marks = ", ".join(f"${place}" for place in range(1, 1 + len(_HEAD)))
        statement = f"INSERT INTO {SCHEMA}.head (log_id, {', '.join(_HEAD)}) VALUES ({self._log_id}, {marks})"
        self._pipeline.send(statement.encode(), [scalar(value) for value in recorded.head])
        self._pipeline.results()

    def _statement(self, rows: Rows) -> tuple[bytes, list[bytes]]:
        put, table = rows.put, rows.put.table
        kinds = column_kinds(table)
        columns = ", ".join(table.columns)
        arrays = ", ".join(f"${place}::{SQL_NAMES[kind]}[]" for place, kind in enumerate(kinds, 1))
        statement = (
            f"INSERT INTO {SCHEMA}.{table.name} (log_id, {columns}) SELECT {self._log_id}, * FROM unnest({arrays})"
        )
        if put.changed is not None:  # as the product has it: an update by arrays would be planned, perhaps badly
            key = ", ".join(("log_id", *table.columns[: table.key]))
            before = f"{table.name}.{table.columns[-1]} + " if table.sums else ""
            setting = ", ".join(f"{table.columns[n]} = {before}excluded.{table.columns[n]}" for n in put.changed)
            statement += f" ON CONFLICT ({key}) DO UPDATE SET {setting}"
        values = zip(*rows.rows, strict=True)
        return statement.encode(), [array(kind, column) for kind, column in zip(kinds, values, strict=True)]
