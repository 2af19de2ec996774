"""A unit of work in memory: rows in dicts, folds on stage, real SQL for questions, sealing like the vault's."""

import hashlib
import random
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ledger import canonical
from ledger.actor import SYSTEM, Actor
from ledger.clock import Instant, instant_text
from ledger.entry import Entry, EntryDraft, encode_entry, parse_entry
from ledger.errors import BrokenState, Misuse
from ledger.ids import IdMaker
from ledger.refusal import Refusal
from ledger.rows import Folds, R, Table, TableClass
from ledger.work import Commands, Done
from tests.in_memory import with_tables

START = Instant(1_795_000_000_000_000)


class Log:
    """One log in memory. `run` carries out a command as the batch does: all of it, or nothing."""

    def __init__(self, commands: Commands, folds: Folds, metadata: Sequence[sa.MetaData]) -> None:
        self.commands, self.folds, self.metadata = commands, folds, metadata
        self.rows: dict[str, dict[tuple[Any, ...], Any]] = {}
        self.tables: dict[str, Table[Any]] = {}
        self.entries: list[Entry] = []
        self.vault: dict[tuple[str, str, str], Any] = {}
        self.now = START
        self.epoch = 0
        self.ids = IdMaker(random.Random(7).randbytes)

    def run(self, command: Any, actor: Actor = SYSTEM) -> Done | Refusal:
        uow = MemoryWork(self, actor)
        outcome = self.commands[type(command)].handler(uow, command)
        if isinstance(outcome, Done):
            uow.keep()
        return outcome

    def work(self, actor: Actor = SYSTEM) -> "MemoryWork":
        return MemoryWork(self, actor)

    def replay(self) -> dict[str, dict[tuple[Any, ...], Any]]:
        """The folded tables made again from the entries' bytes alone."""
        again = Log(self.commands, self.folds, self.metadata)
        for entry in self.entries:
            work = MemoryWork(again, SYSTEM)
            self.folds[entry.kind, entry.schema](work, parse_entry(encode_entry(entry)))
            work.keep()
        return again.rows

    def folded(self) -> dict[str, dict[tuple[Any, ...], Any]]:
        return {n: rows for n, rows in self.rows.items() if self.tables[n].table_class is TableClass.FOLDED}


class MemoryWork:
    """The unit of work, and at the same time the read-only rows of the log."""

    def __init__(self, log: Log, actor: Actor) -> None:
        self.log, self.actor = log, actor
        self.writes: dict[tuple[str, tuple[Any, ...]], tuple[Table[Any], Any]] = {}
        self.staged: list[Entry] = []
        self.sealed: dict[tuple[str, str, str], Any] = {}
        self._folding = False

    @property
    def now(self) -> Instant:
        return self.log.now

    @property
    def now_text(self) -> str:
        return instant_text(self.log.now)

    @property
    def origin(self) -> str:
        return "ledger.test/acme"

    @property
    def ids(self) -> IdMaker:
        return self.log.ids

    @property
    def register_epoch(self) -> int:
        return self.log.epoch

    @property
    def next_index(self) -> int:
        return len(self.log.entries) + len(self.staged)

    def prefetch(self, wanted: Sequence[tuple[Table[Any], tuple[Any, ...]]]) -> None:
        self._asking()

    def fingerprint(self, purpose: str, text: str) -> str:
        return canonical.b64url(hashlib.sha256(f"{purpose}\n{text}".encode()).digest())

    def _asking(self) -> None:
        if self.staged and not self._folding:
            raise Misuse("asked after staging")

    def get(self, table: Table[R], *key: Any) -> R | None:
        self._asking()
        assert len(key) == table.key
        if (table.name, key) in self.writes:
            return self.writes[table.name, key][1]
        return self.log.rows.get(table.name, {}).get(key)

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        self._asking()
        assert len(key) == table.group_width
        rows = dict(self.log.rows.get(table.name, {}))
        rows.update({k: row for (name, k), (_, row) in self.writes.items() if name == table.name})
        return tuple(row for k, row in sorted(rows.items()) if k[: len(key)] == key)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        self._asking()
        connection = with_tables(*self.log.metadata)
        for name, rows in self.log.rows.items():
            columns = ", ".join(("log_id", *self.log.tables[name].columns))
            marks = ", ".join("?" for _ in range(len(self.log.tables[name].columns) + 1))
            connection.executemany(
                f"INSERT INTO {name} ({columns}) VALUES ({marks})", [(1, *row) for row in rows.values()]
            )
        return connection.execute(statement.replace("{log}", "1"), tuple(parameters)).fetchall()

    def seal(self, subject: str, path: str, value: Any, *, data_class: str, data_subject: str | None = None) -> Any:
        if data_class in ("public", "internal"):
            return value
        salt = self.log.ids.random("")
        sealed = canonical.b64url(hashlib.sha256(canonical.encode([salt, subject, path, value])).digest())
        self.sealed[subject, path, sealed] = value
        return {"$commitment": sealed}

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        if not isinstance(sealed, dict):
            return sealed
        key = (subject, path, sealed["$commitment"])
        if key not in self.log.vault and key not in self.sealed:
            raise BrokenState("the opening does not match")
        return self.log.vault.get(key, self.sealed.get(key))

    def stage(self, draft: EntryDraft) -> int:
        canonical.check_domain(draft.payload)
        index = len(self.log.entries) + len(self.staged)
        entry = Entry(
            origin=self.origin,
            index=index,
            prev=canonical.b64url(bytes(32)),
            recorded_at=self.now_text,
            kind=draft.kind,
            schema=draft.schema,
            subject=draft.subject,
            subject_index=0,
            actor=self.actor.as_value(),
            payload=draft.payload,
        )
        assert parse_entry(encode_entry(entry)) == entry
        self.staged.append(entry)
        self._folding = True
        self.log.folds[draft.kind, draft.schema](self, entry)
        self._folding = False
        return index

    def put(self, table: Table[R], row: R) -> None:
        assert isinstance(row, table.row)
        if not self._folding and self.staged == [] and table.table_class is TableClass.FOLDED:
            assert self.actor is SYSTEM, "folded rows come from folds alone"
        self.writes[table.name, tuple(row[: table.key])] = (table, row)

    def add(self, table: Table[Any], amounts: dict[tuple[Any, ...], int]) -> None:
        raise AssertionError("no fold of this room adds to sums")

    def keep(self) -> None:
        for (name, key), (table, row) in self.writes.items():
            self.log.tables[name] = table
            self.log.rows.setdefault(name, {})[key] = row
            self.log.epoch += table.register
        self.log.entries += self.staged
        self.log.vault.update(self.sealed)
