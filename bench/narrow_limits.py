"""The narrow limits of the engine: an entry and a state, and nothing else that a step leaves.

They are told beside `bench.step_stores`, which stores what the engine stores. A step is an entry of the same size as
ours, chained by SHA-256 and signed with Ed25519, with the state of its instance, in one durable transaction. There is
no index beyond the keys.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.step_stores import WAL_PAGES


class Sizes(NamedTuple):
    """Bytes of an entry and of an instance's row, as ours come to on average."""

    entry: int
    state: int


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


class NarrowSqliteStore:
    """One file, WAL, synchronous=FULL."""

    def __init__(self, path: Path, sizes: Sizes) -> None:
        self._chain = Chain(sizes)
        self._connection = sqlite3.connect(path, isolation_level=None)
        for statement in ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={WAL_PAGES}"):
            self._connection.execute(f"PRAGMA {statement}")
        for statement in _TABLES:
            self._connection.execute(statement.format(bytes="BLOB"))

    def prepare(self, width: int, cases: int) -> None:
        """Its rows are made as they are committed."""

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


class NarrowPostgresqlStore:
    """One connection; rows go as arrays, the transaction in one round trip."""

    def __init__(self, dsn: str, sizes: Sizes) -> None:
        import psycopg

        self._chain = Chain(sizes)
        self._connection = psycopg.connect(dsn, autocommit=True)
        for statement in _TABLES:
            self._connection.execute(statement.format(bytes="BYTEA").encode())

    def prepare(self, width: int, cases: int) -> None:
        """Its rows are made as they are committed."""

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
