"""Bare limits: the unavoidable work alone, on the same disk, with the same durability, bytes and indexes.

No recovery, no permissions, no folds, no triggers, no checks: ceilings, not competitors.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.harness import Sample

SCHEMA = (
    "CREATE TABLE head (log_id BIGINT PRIMARY KEY, size BIGINT, chain BLOB, checkpoint TEXT)",
    "CREATE TABLE entry (log_id BIGINT NOT NULL, idx BIGINT NOT NULL, previous BIGINT, leaf_hash BLOB NOT NULL, "
    "bytes BLOB NOT NULL, PRIMARY KEY (log_id, idx))",
    "CREATE TABLE subject (log_id BIGINT NOT NULL, subject TEXT NOT NULL, size BIGINT NOT NULL, last BIGINT NOT NULL, "
    "last_leaf BLOB NOT NULL, PRIMARY KEY (log_id, subject)) WITHOUT ROWID",
    "CREATE TABLE command (log_id BIGINT NOT NULL, command_id TEXT NOT NULL, actor TEXT NOT NULL, mac TEXT NOT NULL, "
    "idx BIGINT NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (log_id, command_id, actor)) WITHOUT ROWID",
    "CREATE TABLE bench_record (log_id BIGINT NOT NULL, id TEXT NOT NULL, revision BIGINT NOT NULL, "
    "state TEXT NOT NULL, PRIMARY KEY (log_id, id)) WITHOUT ROWID",
)
TABLES = {"entry": 5, "subject": 5, "command": 6, "bench_record": 4}  # columns

Rows = dict[str, list[tuple[Any, ...]]]
"""Rows by table, `log_id` first: what one commit of the product wrote."""


def insert(table: str) -> str:
    """The plain insert of a table."""
    return f"INSERT INTO {table} VALUES ({', '.join('?' * TABLES[table])})"


def open_sqlite(path: Path) -> sqlite3.Connection:
    """A file as the product opens it, with the same tables."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=8000")
    connection.execute("PRAGMA cache_size=-65536")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO head VALUES (1, 0, x'', '')")
    return connection


def insert_commits(connection: sqlite3.Connection, commits: Sequence[Rows]) -> None:
    """Raw `executemany`, one commit for each of these."""
    for rows in commits:
        connection.execute("BEGIN IMMEDIATE")
        for table, listed in rows.items():
            connection.executemany(insert(table), listed)
        connection.execute("COMMIT")


def read_and_hash(connection: sqlite3.Connection, size: int, at_once: int = 512) -> int:
    """Read every entry back and compare the hash of its bytes with the one beside it; how many agree."""
    statement = (
        "SELECT idx, previous, leaf_hash, bytes FROM entry WHERE log_id = 1 AND idx >= ? AND idx < ? ORDER BY idx"
    )
    agree = 0
    for start in range(0, size, at_once):
        for _, _, leaf, data in connection.execute(statement, (start, start + at_once)).fetchall():
            if sha256(b"\x00" + data).digest() == leaf:
                agree += 1
    return agree


class Sequencer:
    """One thread, group commit: chain and tree leaf per item, one signature and one commit per group.

    `commit` makes the rows of a group durable; items are (subject, bytes without chain) made before the clock runs.
    """

    def __init__(self, commit: Callable[[Rows, tuple[int, bytes, str]], None]) -> None:
        self._commit = commit
        self._queue: SimpleQueue[tuple[tuple[str, bytes], Future[int]] | None] = SimpleQueue()
        self._key = Ed25519PrivateKey.generate()
        self._size = 0
        self._chain = bytes(32)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def submit(self, item: tuple[str, bytes]) -> "Future[int]":
        """The item's index, once it is durable."""
        future: Future[int] = Future()
        self._queue.put((item, future))
        return future

    def close(self) -> None:
        """Stop."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            try:
                while len(group) < 1_000:
                    item = self._queue.get_nowait()
                    if item is None:
                        return
                    group.append(item)
            except Empty:
                pass
            start = self._size
            rows: Rows = {"entry": [], "subject": [], "command": [], "bench_record": []}
            for (subject, data), _ in group:
                leaf = sha256(b"\x00" + data).digest()
                self._chain = sha256(b"muniment/chain/v1\n" + self._chain + leaf).digest()
                rows["entry"].append((1, self._size, None, leaf, data))
                rows["subject"].append((1, subject, 1, self._size, leaf))
                rows["command"].append((1, f"c-{self._size}", "person", leaf.hex(), self._size, "written"))
                rows["bench_record"].append((1, subject, 0, "completed"))
                self._size += 1
            note = self._key.sign(self._chain).hex()
            self._commit(rows, (self._size, self._chain, note))
            for number, (_, future) in enumerate(group):
                future.set_result(start + number)


def sqlite_commit(connection: sqlite3.Connection) -> Callable[[Rows, tuple[int, bytes, str]], None]:
    """`commit` of a sequencer on SQLite."""

    def commit(rows: Rows, head: tuple[int, bytes, str]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for table, listed in rows.items():
            connection.executemany(insert(table), listed)
        connection.execute("UPDATE head SET size = ?, chain = ?, checkpoint = ?", head)
        connection.execute("COMMIT")

    return commit


def postgresql_commit(connection: Any) -> Callable[[Rows, tuple[int, bytes, str]], None]:
    """`commit` of a sequencer on PostgreSQL: one pipeline, one `unnest` insert for each table."""
    kinds = {
        "entry": ("bigint", "bigint", "bigint", "bytea", "bytea"),
        "subject": ("bigint", "text", "bigint", "bigint", "bytea"),
        "command": ("bigint", "text", "text", "text", "bigint", "text"),
        "bench_record": ("bigint", "text", "bigint", "text"),
    }
    statements = {
        table: f"INSERT INTO limit_{table} SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in columns)})"
        for table, columns in kinds.items()
    }

    def commit(rows: Rows, head: tuple[int, bytes, str]) -> None:
        with connection.pipeline():
            connection.execute("BEGIN")
            connection.execute("SELECT size FROM limit_head FOR UPDATE")
            for table, listed in rows.items():
                connection.execute(statements[table], [list(column) for column in zip(*listed, strict=True)])
            connection.execute("UPDATE limit_head SET size = %s, chain = %s, checkpoint = %s", head)
            connection.execute("COMMIT")

    return commit


def open_postgresql(url: str) -> Any:
    """A connection, and the same tables under names of their own."""
    import psycopg

    connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
    connection.execute("SET synchronous_commit = on")
    for statement in SCHEMA:
        text = statement.replace("CREATE TABLE ", "CREATE TABLE limit_").replace("BLOB", "BYTEA")
        connection.execute(text.replace(" WITHOUT ROWID", ""))
    connection.execute("INSERT INTO limit_head VALUES (1, 0, '', '')")
    return connection


def many_callers(submit: Callable[[Any], "Future[Any]"], items: Sequence[Any], callers: int) -> Sample:
    """`callers` threads share the items; each waits for an answer before it sends its next item."""
    waits: list[list[float]] = [[] for _ in range(callers)]

    def call(number: int) -> None:
        mine = waits[number]
        for item in items[number::callers]:
            start = time.perf_counter()
            submit(item).result()
            mine.append(time.perf_counter() - start)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Sample(len(items), time.perf_counter() - start, [wait for each in waits for wait in each])


PROOF_HASHES = 60  # of three tiles: 11 below an inner root and 11 above it, and twenty to check the path


def bare_proof(query: Callable[[int, str, Sequence[Any]], list[tuple[Any, ...]]], number: int) -> bytes:
    """The row of one tile, and as many node hashes as a proof of a million entries takes: no plan, no path."""
    ((hashes, _),) = query(
        1, "SELECT hashes, inner_hashes FROM tile WHERE log_id = {log} AND level = 0 AND number = ?", (number,)
    )
    node: bytes = hashes[:32]
    for at in range(PROOF_HASHES):
        node = sha256(b"\x01" + node + hashes[32 * at : 32 * at + 32]).digest()
    return node
