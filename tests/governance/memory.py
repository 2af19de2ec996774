"""One log in memory: rows in SQLite, folds on stage, questions before stages only."""

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ledger import canonical
from ledger.actor import Actor, ActorKind
from ledger.clock import Instant, instant_text
from ledger.entry import Entry, EntryDraft, encode_entry, parse_entry
from ledger.errors import Misuse
from ledger.ids import ActorId, IdMaker, PersonId
from ledger.rows import Folds, R, Table
from tests.in_memory import with_tables


def person(name: str, account: str = "") -> Actor:
    """A person's actor; a second account is another actor of the same person."""
    return Actor(ActorId(f"person:{account or name}"), ActorKind.PERSON, PersonId(f"person:{name}"), method="password")


class Log:
    """Folded tables and entries of one log."""

    origin = "ledger.test/acme"

    def __init__(self, folds: Folds, metadata: sa.MetaData) -> None:
        self.folds = folds
        self.sql = with_tables(metadata)
        self.entries: list[Entry] = []
        self.sealed: dict[str, tuple[str, str, Any]] = {}
        self.now = Instant(0)
        self.epoch = 0
        self.ids = IdMaker(random.Random(2).randbytes)

    def close(self) -> None:
        self.sql.close()

    def rows(self, table: Table[Any]) -> list[tuple[Any, ...]]:
        return self.sql.execute(f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY 1, 2").fetchall()


class Work:
    """The unit of work of one command, and the view its folds write through."""

    def __init__(self, log: Log, actor: Actor) -> None:
        self.log, self.actor, self.staged, self._folding = log, actor, 0, False

    origin = property(lambda self: self.log.origin)
    now = property(lambda self: self.log.now)
    now_text = property(lambda self: instant_text(self.log.now))
    ids = property(lambda self: self.log.ids)
    register_epoch = property(lambda self: self.log.epoch)
    next_index = property(lambda self: len(self.log.entries))

    def prefetch(self, wanted: Sequence[tuple[Table[Any], tuple[Any, ...]]]) -> None:
        """Everything is at hand."""

    def fingerprint(self, purpose: str, text: str) -> str:
        return canonical.b64url(hashlib.sha256(f"{purpose}\n{text}".encode()).digest())

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self.staged and not self._folding:
            raise Misuse("asked after staging")
        return self.log.sql.execute(statement.replace("{log}", "1"), tuple(parameters)).fetchall()

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        assert len(key) in (table.group_width, table.key)
        where = " AND ".join(f"{column} = ?" for column in ("log_id", *table.columns[: len(key)]))
        columns = ", ".join(table.columns)
        found = self.query(f"SELECT {columns} FROM {table.name} WHERE {where} ORDER BY {columns}", (1, *key))
        return tuple(table.row(*row) for row in found)

    def get(self, table: Table[R], *key: Any) -> R | None:
        assert len(key) == table.key
        found = self.group(table, *key)
        return found[0] if found else None

    def put(self, table: Table[R], row: R) -> None:
        assert self._folding, "folded rows come from folds alone"
        assert isinstance(row, table.row)
        marks = ", ".join("?" for _ in range(len(row) + 1))
        columns = ", ".join(("log_id", *table.columns))
        self.log.sql.execute(f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({marks})", (1, *row))
        self.log.epoch += table.register

    def add(self, table: Table[Any], amounts: dict[tuple[Any, ...], int]) -> None:
        raise AssertionError("no fold of this room adds to sums")

    def seal(self, subject: str, path: str, value: Any, *, data_class: str, data_subject: str | None = None) -> Any:
        assert data_class in ("confidential", "personal", "special")
        salt = self.log.ids.random("")
        commitment = canonical.b64url(hashlib.sha256(f"{salt}{value}".encode()).digest())
        self.log.sealed[commitment] = (subject, path, value)
        return {"$commitment": commitment}

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        return self.log.sealed[sealed["$commitment"]][2]

    def stage(self, draft: EntryDraft) -> int:
        canonical.check_domain(draft.payload)
        index = len(self.log.entries)
        entry = Entry(
            origin=self.log.origin, index=index, prev=canonical.b64url(bytes(32)), recorded_at=self.now_text,
            kind=draft.kind, schema=draft.schema, subject=draft.subject, subject_index=0,
            actor=self.actor.as_value(), payload=draft.payload, basis=draft.basis, refs=draft.refs,
        )  # fmt: skip
        self.log.entries.append(parse_entry(encode_entry(entry)))
        self.staged, self._folding = self.staged + 1, True
        self.log.folds[draft.kind, draft.schema](self, self.log.entries[-1])
        self._folding = False
        return index
