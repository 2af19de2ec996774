"""A log in memory: units of work over dictionaries, folds on staging, SQL questions on SQLite. Counts what is read."""

import json
import random
from hashlib import sha256
from typing import Any

from governance.tables import DECISION
from ledger.actor import Actor
from ledger.canonical import b64url, check_domain, decode, encode
from ledger.clock import Instant, instant_text
from ledger.commitment import Salted
from ledger.entry import ENTRY_BYTES_MAX, Entry, EntryDraft
from ledger.errors import Misuse, TooLarge
from ledger.ids import IdMaker
from ledger.refusal import Refusal
from ledger.rows import Table
from ledger.work import Answer, Done, Request
from orchestrator import people_tables, schema, service, tables
from tests.in_memory import with_tables

Rows = dict[str, dict[tuple[Any, ...], Any]]
LOG = 1


class View:
    """What a fold sees: rows by key."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.puts: list[tuple[Table[Any], Any]] = []

    def get(self, table: Table[Any], *key: Any) -> Any:
        return self.rows.setdefault(table.name, {}).get(key)

    def group(self, table: Table[Any], *key: Any) -> tuple[Any, ...]:
        rows = self.rows.setdefault(table.name, {})
        return tuple(rows[found] for found in sorted(rows) if found[: len(key)] == key)

    def put(self, table: Table[Any], row: Any) -> None:
        assert type(row) is table.row
        for value in row:
            assert type(value) in (int, str, type(None)), (table.name, row)
        self.rows.setdefault(table.name, {})[tuple(row[: table.key])] = row
        self.puts.append((table, row))

    def add(self, table: Table[Any], amounts: dict[tuple[Any, ...], int]) -> None:
        for key, amount in amounts.items():
            before = self.rows.setdefault(table.name, {}).get(key)
            self.put(table, table.row(*key, amount if before is None else before[-1] + amount))


class MemoryUow:
    """One command's unit of work; what it staged is dropped when the command is refused."""

    def __init__(self, log: "MemoryLog", actor: Actor) -> None:
        self._log = log
        self._view = View({name: dict(rows) for name, rows in log.view.rows.items()})
        self._staged = False
        self.actor = actor
        self.now = Instant(log.now)
        self.now_text = instant_text(self.now)
        self.origin = "test"
        self.ids = log.ids
        self.register_epoch = 0
        self.entries: list[Entry] = []
        self.openings: dict[str, tuple[str, str, Any]] = {}

    @property
    def next_index(self) -> int:
        return len(self._log.entries) + len(self.entries)

    def _ask(self) -> None:
        if self._staged:
            raise Misuse("asked after staging")
        self._log.asked += 1

    def get(self, table: Table[Any], *key: Any) -> Any:
        self._ask()
        row = self._view.get(table, *key)
        self._log.rows_read += row is not None
        return row

    def group(self, table: Table[Any], *key: Any) -> tuple[Any, ...]:
        self._ask()
        assert len(key) == table.group_width
        rows = self._view.group(table, *key)
        self._log.rows_read += len(rows)
        return rows

    def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        self._ask()
        return self._log.query(statement, parameters)

    def seal(self, subject: str, path: str, value: Any, *, data_class: str, data_subject: str | None = None) -> Any:
        value = value.value if type(value) is Salted else value
        check_domain(value)
        if data_class in ("public", "internal"):
            return value
        text = b64url(self._log.random.randbytes(32))
        self.openings[text] = (subject, path, value)
        return {"$commitment": text, "$at": len(self._log.entries)}

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        self._ask()
        known = {**self._log.openings, **self.openings}
        of, at, value = known[sealed["$commitment"]]
        assert (of, at) == (subject, path)
        return value

    def prefetch(self, wanted: Any) -> None:
        self._ask()

    def fingerprint(self, purpose: str, text: str) -> str:
        return b64url(sha256(f"key\n{purpose}\n{text}".encode()).digest())

    def stage(self, draft: EntryDraft) -> int:
        self._staged = True
        index = len(self._log.entries) + len(self.entries)
        before = [entry for entry in (*self._log.entries, *self.entries) if entry.subject == draft.subject]
        entry = Entry(
            "test", index, "", self.now_text, draft.kind, draft.schema, draft.subject, len(before),
            self.actor.as_value(), decode(encode(draft.payload)), refs=draft.refs,
            basis=decode(encode(dict(draft.basis))),
        )  # fmt: skip
        self.entries.append(entry)
        # Folded with what the machine made, as the write path does; `replay` has the bytes alone.
        self._log.folds[(draft.kind, draft.schema)](self._view, entry._replace(made=draft.made))
        return index

    def put(self, table: Table[Any], row: Any) -> None:
        assert table.table_class == "operational"
        self._staged = True
        self._view.put(table, row)

    def keep(self) -> None:
        """The command was carried out; `TooLarge` where an entry of it would be more than one may hold."""
        for entry in self.entries:
            if len(encode(dict(entry.payload))) > ENTRY_BYTES_MAX:
                raise TooLarge("expected an entry within its limit")
        assert self.entries or not self.openings, "sealed without an entry"
        self._log.view.rows = self._view.rows
        self._log.dirty += self._view.puts
        self._log.entries += self.entries
        self._log.openings |= self.openings


class MemoryLog:
    """One log with the engine's commands."""

    def __init__(self, deps: Any) -> None:
        self.deps = deps
        self.commands = service.commands(deps)
        self.folds = service.folds()
        self.view = View({})
        self.entries: list[Entry] = []
        self.openings: dict[str, tuple[str, str, Any]] = {}
        self.now = 1_700_000_000_000_000
        self.random = random.Random(7)
        self.ids = IdMaker(self.random.randbytes)
        self.asked = self.rows_read = 0
        self.dirty: list[tuple[Table[Any], Any]] = []
        self._sql = with_tables(schema.metadata)

    def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        """A question on SQLite, over the same rows."""
        own = set(schema.metadata.tables)
        for table, row in self.dirty:
            if table.name not in own:
                continue
            marks = ", ".join("?" * (len(row) + 1))
            self._sql.execute(f"INSERT OR REPLACE INTO {table.name} VALUES ({marks})", (LOG, *row))
        self.dirty.clear()
        statement = statement.replace("{log}", str(LOG)).replace("{among}", "IN (SELECT value FROM json_each(?))")
        statement = statement.replace("{like}", "LIKE")
        given = [json.dumps(value) if isinstance(value, list) else value for value in parameters]
        return self._sql.execute(statement, given).fetchall()

    def plan(self, statement: str, parameters: Any = ()) -> str:
        """How SQLite would answer."""
        return " ".join(row[3] for row in self.query(f"EXPLAIN QUERY PLAN {statement}", parameters))

    def send(self, actor: Actor, command: Any) -> Done | Refusal:
        """Carry one command out."""
        uow = MemoryUow(self, actor)
        spec = self.commands[type(command)]
        spec.subject(command)
        assert spec.reads is not None
        for table, key in spec.reads(command):
            assert len(key) == table.group_width
        outcome = spec.handler(uow, command)
        if isinstance(outcome, Done):
            encode(dict(outcome.result))
            uow.keep()
        else:
            assert not uow.entries
        return outcome

    def submit(self, requests: list[Request]) -> list[Answer | Exception]:
        """As the writer: one answer per request, or what it raised."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer | Exception:
        try:
            return Answer(self.send(request.actor, request.command), None)
        except Exception as error:
            return error

    def replay(self) -> Rows:
        """All folded rows again, from the entries alone."""
        view = View({})
        for entry in self.entries:
            self.folds[(entry.kind, entry.schema)](view, entry)
        return view.rows

    def folded(self) -> Rows:
        """The folded rows as they stand."""
        names = {table.name for table in (*tables.FOLDED, *people_tables.FOLDED, DECISION)}
        return {name: rows for name, rows in self.view.rows.items() if name in names and rows}
