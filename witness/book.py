"""The witness's book: for each origin the latest checkpoint it cosigned, and what contradicts it. SQLite.

    cosigned        one row for each origin; its size never goes down (a trigger refuses)
    contradiction   two signed notes that do not go together; append only (triggers refuse)

`synchronous=FULL`: a change is on the disk before `change` returns, and nothing is answered before that. Checking and
persisting are one transaction, begun with the write lock, and the row moves by compare-and-swap on (size, root).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ledger.errors import BrokenInput, BrokenState, Unavailable
from witness.judging import Kept

BUSY_TIMEOUT_MS = 5_000
CONTRADICTIONS_MAX = 1_000  # of one kind kept for one origin; more of them prove nothing new
_APPLICATION = 0x4D574954
_SCHEMA = 1

_TABLES = """
CREATE TABLE cosigned (
    origin TEXT PRIMARY KEY, origin_hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL CHECK (size >= 0),
    root BLOB NOT NULL CHECK (length(root) = 32), note TEXT NOT NULL, at INTEGER NOT NULL CHECK (at > 0)
) STRICT;
CREATE TABLE contradiction (
    origin TEXT NOT NULL, digest BLOB NOT NULL, kind TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL,
    request BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (origin, digest)
) STRICT;
CREATE TRIGGER cosigned_never_back BEFORE UPDATE ON cosigned
    WHEN new.origin <> old.origin OR new.size < old.size OR new.at < old.at
        OR (new.size = old.size AND new.root <> old.root)
    BEGIN SELECT RAISE(ABORT, 'a cosigned checkpoint never goes back'); END;
CREATE TRIGGER cosigned_stays BEFORE DELETE ON cosigned
    BEGIN SELECT RAISE(ABORT, 'what was cosigned is not forgotten'); END;
CREATE TRIGGER contradiction_same BEFORE UPDATE ON contradiction
    BEGIN SELECT RAISE(ABORT, 'evidence is not changed'); END;
CREATE TRIGGER contradiction_stays BEFORE DELETE ON contradiction
    BEGIN SELECT RAISE(ABORT, 'evidence is not taken away'); END;
"""


class Contradiction(NamedTuple):
    """Two notes that the log signed and that do not go together; `request` is what was sent with `theirs`."""

    origin: str
    kind: str
    ours: str
    theirs: str
    request: bytes
    at: int


class Book:
    """The database of one witness; one thread at a time, any number of processes."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise BrokenInput("expected the witness's database, found none; run `muniment witness init`", str(path))
        with _faults():
            self._connection = _connect(path)
        if self._one("PRAGMA application_id") != _APPLICATION or self._one("PRAGMA user_version") != _SCHEMA:
            self.close()
            raise BrokenInput("expected a witness's database of this version", str(path))

    def change(self, origin: str, decide: Callable[[Kept | None], "Kept | Contradiction | None"]) -> None:
        """One transaction: `decide` is told what is kept, and says what to keep. On return it is durable."""
        with _faults():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                kept = self.kept(origin)
                decided = decide(kept)
                if isinstance(decided, Kept):
                    self._move(origin, kept, decided)
                elif decided is not None:
                    self._keep(decided)
                self._finish()
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def kept(self, origin: str) -> Kept | None:
        """What was cosigned last for an origin."""
        return self._kept("SELECT size, root, note, at FROM cosigned WHERE origin = ?", origin)

    def by_hash(self, origin_hash: str) -> Kept | None:
        """The same, by the SHA-256 of the origin in hexadecimal."""
        with _faults():
            return self._kept("SELECT size, root, note, at FROM cosigned WHERE origin_hash = ?", origin_hash)

    def logs(self) -> list[tuple[str, Kept]]:
        """Every origin and what was cosigned last for it."""
        with _faults():
            rows = self._connection.execute("SELECT origin, size, root, note, at FROM cosigned ORDER BY origin")
            return [(origin, Kept(*rest)) for origin, *rest in rows.fetchall()]

    def contradictions(self) -> list[Contradiction]:
        """All of them, oldest first."""
        with _faults():
            statement = "SELECT origin, kind, ours, theirs, request, at FROM contradiction ORDER BY at, origin, digest"
            return [Contradiction(*row) for row in self._connection.execute(statement).fetchall()]

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _finish(self) -> None:
        self._connection.execute("COMMIT")

    def _move(self, origin: str, kept: Kept | None, new: Kept) -> None:
        if kept is None:
            values = (origin, sha256(origin.encode()).hexdigest(), *new)
            moved = self._connection.execute("INSERT INTO cosigned VALUES (?, ?, ?, ?, ?, ?)", values)
        else:
            moved = self._connection.execute(
                "UPDATE cosigned SET size = ?, root = ?, note = ?, at = ? WHERE origin = ? AND size = ? AND root = ?",
                (*new, origin, kept.size, kept.root),
            )
        if moved.rowcount != 1:
            raise BrokenState("expected the cosigned row as it was read, found another")

    def _keep(self, one: Contradiction) -> None:
        """Once for each note of theirs against each of ours, and not without end. Kinds are counted apart: a missing
        proof may be the doing of anybody who holds a public checkpoint, and must not crowd out two roots."""
        count = self._one("SELECT count(*) FROM contradiction WHERE origin = ? AND kind = ?", one.origin, one.kind)
        if count < CONTRADICTIONS_MAX:
            digest = sha256(sha256(one.ours.encode()).digest() + one.theirs.encode()).digest()
            values = (one.origin, digest, *one[1:])
            self._connection.execute("INSERT OR IGNORE INTO contradiction VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def _kept(self, statement: str, value: str) -> Kept | None:
        row = self._connection.execute(statement, (value,)).fetchone()
        return None if row is None else Kept(*row)

    def _one(self, statement: str, *values: object) -> int:
        ((found,),) = self._connection.execute(statement, values).fetchall()
        return int(found)


def create_book(path: Path) -> None:
    """Make the database; `BrokenInput` when there is one."""
    if path.exists():
        raise BrokenInput("expected no witness's database yet, found one", str(path))
    with _faults():
        connection = _connect(path)
        connection.executescript(
            f"BEGIN; {_TABLES} PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_SCHEMA}; COMMIT;"
        )
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA trusted_schema=OFF")
    return connection


@contextmanager
def _faults() -> Iterator[None]:
    """A database that cannot be used is `Unavailable`: nothing is cosigned then."""
    try:
        yield
    except sqlite3.Error as error:
        raise Unavailable("DATABASE", f"the witness's database cannot be used: {type(error).__name__}") from error
