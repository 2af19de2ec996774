"""Bare steps of a process: the limits the engine is measured against.

A step is an entry of the same size as ours, chained by SHA-256 and signed with Ed25519, with the state of its
instance, in one durable transaction. There is no recovery, no permission, no authority, no index beyond the keys.
"""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.harness import Sample

WAL_PAGES = 8_000  # about 32 MB: smaller ones stall more often
STEPS_OF_CASE = 8  # as many as a case of ours has


class Sizes(NamedTuple):
    """Bytes of an entry and of an instance's row, as ours come to on average."""

    entry: int
    state: int


class Store(Protocol):
    """Makes a batch of steps durable."""

    def commit(self, steps: Sequence[tuple[str, int]]) -> None:
        """(instance, step) of each, chained in order, signed once."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class Chain:
    """Entries and states of steps, chained and signed."""

    def __init__(self, sizes: Sizes) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._filling = "x" * max(0, sizes.entry - 150)  # 150: what the other members below take
        self._state = "x" * sizes.state
        self._hash = bytes(32)
        self._index = 0

    def link(self, steps: Sequence[tuple[str, int]]) -> tuple[list[Any], list[Any], tuple[int, bytes]]:
        """The rows of entries, of states and of the signature."""
        entries, states = [], []
        for instance, step in steps:
            value = {
                "index": self._index,
                "instance": instance,
                "payload": self._filling,
                "prev": self._hash.hex(),
                "step": step,
            }
            data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
            self._hash = hashlib.sha256(self._hash + data).digest()
            entries.append((self._index, self._hash, data))
            states.append((instance, step, self._state))
            self._index += 1
        return entries, states, (self._index, self._key.sign(self._hash))


_TABLES = (
    "CREATE TABLE bare_entry (idx BIGINT PRIMARY KEY, hash {bytes}, bytes {bytes})",
    "CREATE TABLE bare_instance (id TEXT PRIMARY KEY, step BIGINT, state TEXT)",
    "CREATE TABLE bare_signature (idx BIGINT PRIMARY KEY, signature {bytes})",
)
_PUT_STATE = "ON CONFLICT (id) DO UPDATE SET step = excluded.step, state = excluded.state"
_ENTRIES = "INSERT INTO bare_entry SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[])"
_STATES = f"INSERT INTO bare_instance SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[]) {_PUT_STATE}"


class SqliteStore:
    """One file, WAL, synchronous=FULL."""

    def __init__(self, path: Path, sizes: Sizes) -> None:
        self._chain = Chain(sizes)
        self._connection = sqlite3.connect(path, isolation_level=None)
        for statement in ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={WAL_PAGES}"):
            self._connection.execute(f"PRAGMA {statement}")
        for statement in _TABLES:
            self._connection.execute(statement.format(bytes="BLOB"))

    def commit(self, steps: Sequence[tuple[str, int]]) -> None:
        entries, states, signature = self._chain.link(steps)
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare_entry VALUES (?, ?, ?)", entries)
        connection.executemany(f"INSERT INTO bare_instance VALUES (?, ?, ?) {_PUT_STATE}", states)
        connection.execute("INSERT INTO bare_signature VALUES (?, ?)", signature)
        connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


class PostgresqlStore:
    """One connection; rows go as arrays, the transaction in one round trip."""

    def __init__(self, dsn: str, sizes: Sizes) -> None:
        import psycopg

        self._chain = Chain(sizes)
        self._connection = psycopg.connect(dsn, autocommit=True)
        for statement in _TABLES:
            self._connection.execute(statement.format(bytes="BYTEA").encode())

    def commit(self, steps: Sequence[tuple[str, int]]) -> None:
        entries, states, signature = self._chain.link(steps)
        connection = self._connection
        with connection.pipeline():
            connection.execute("BEGIN")
            connection.execute(_ENTRIES, [list(column) for column in zip(*entries, strict=True)])
            connection.execute(_STATES, [list(column) for column in zip(*states, strict=True)])
            connection.execute("INSERT INTO bare_signature VALUES (%s, %s)", signature)
            connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()


class Steps:
    """Instances that go through their steps on a store, one at a time or many at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._begun = 0

    def one_at_a_time(self, cases: int) -> Sample:
        """Every step its own transaction."""
        waits = []
        started = time.perf_counter()
        for instance in self._new(cases):
            for step in range(STEPS_OF_CASE):
                begun = time.perf_counter()
                self._store.commit([(instance, step)])
                waits.append(time.perf_counter() - begun)
        return Sample(len(waits), time.perf_counter() - started, waits)

    def at_once(self, width: int, cases: int) -> Sample:
        """`width` instances wait for each of their steps; what waits goes in one transaction."""
        return asyncio.run(self._at_once(width, cases))

    async def _at_once(self, width: int, cases: int) -> Sample:
        loop = asyncio.get_running_loop()
        waiting: list[tuple[tuple[str, int], asyncio.Future[None]]] = []
        waits: list[float] = []

        def commit() -> None:
            taken = waiting.copy()
            waiting.clear()
            self._store.commit([step for step, _ in taken])
            for _, future in taken:
                future.set_result(None)

        async def go() -> None:
            for instance in self._new(cases):
                for step in range(STEPS_OF_CASE):
                    begun = time.perf_counter()
                    if not waiting:
                        loop.call_soon(commit)
                    future = loop.create_future()
                    waiting.append(((instance, step), future))
                    await future
                    waits.append(time.perf_counter() - begun)

        started = time.perf_counter()
        await asyncio.gather(*[go() for _ in range(width)])
        return Sample(len(waits), time.perf_counter() - started, waits)

    def _new(self, cases: int) -> list[str]:
        self._begun += cases
        return [f"pi_{self._begun - number:026d}" for number in range(cases)]
