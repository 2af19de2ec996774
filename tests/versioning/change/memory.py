"""A unit of work in memory: folds run on stage, entries are encoded and read back, questions run on SQLite."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from ledger import canonical
from ledger.actor import Actor
from ledger.clock import Instant, instant_text
from ledger.commitment import Salted, commit
from ledger.entry import Entry, EntryDraft, encode_entry, parse_entry
from ledger.errors import Misuse
from ledger.ids import IdMaker
from ledger.refusal import Refusal
from ledger.rows import Folds, Table, TableClass
from ledger.work import Commands, Done

ORIGIN = "ledger.example.com/test/2026"
START = Instant(1_795_000_000_000_000)
SECOND = 1_000_000


class Rows:
    """Tables by name, rows by key; also the view a fold sees."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], Any]] = {}
        self.known: dict[str, Table[Any]] = {}

    def get(self, table: Table[Any], *key: Any) -> Any:
        return self.tables.get(table.name, {}).get(key)

    def group(self, table: Table[Any], *key: Any) -> tuple[Any, ...]:
        rows = self.tables.get(table.name, {})
        return tuple(rows[one] for one in sorted(rows) if one[: len(key)] == key)

    def put(self, table: Table[Any], row: Any) -> None:
        assert isinstance(row, table.row)
        self.known[table.name] = table
        self.tables.setdefault(table.name, {})[tuple(row[: table.key])] = row

    def add(self, table: Table[Any], amounts: dict[tuple[Any, ...], int]) -> None:
        raise AssertionError("no fold of this room adds to sums")


@dataclass
class Log:
    """One log: entries as bytes, rows, openings. `now` is moved by the test."""

    folds: Folds
    commands: Commands
    tables: tuple[Table[Any], ...]
    rows: Rows = field(default_factory=Rows)
    losable: Rows = field(default_factory=Rows)  # of operational tables, which no entry tells of
    entries: list[bytes] = field(default_factory=list)
    openings: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    now: Instant = START
    epoch: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        self.ids = IdMaker(self._bytes)

    def _bytes(self, count: int) -> bytes:
        self.seed += 1
        return self.seed.to_bytes(count, "big")

    def uow(self, actor: Actor) -> "MemoryWork":
        return MemoryWork(self, actor)

    def run(self, actor: Actor, command: Any) -> Done | Refusal:
        """Carry out a command one second after the one before."""
        self.now = Instant(self.now + SECOND)
        work = self.uow(actor)
        answer: Done | Refusal = self.commands[type(command)].handler(work, command)
        if isinstance(answer, Refusal):
            assert not work.staged, "a refusal must stage nothing"
            assert not work.has_put, "a refusal must write nothing"
            return answer
        if answer.outcome == "stated":
            assert not work.staged, "a statement is no entry"
            return answer
        assert work.staged[0].payload["result"] == answer.result
        return answer

    def replayed(self) -> Rows:
        """The rows as the entries alone make them."""
        rows = Rows()
        for data in self.entries:
            entry = parse_entry(data)
            self.folds[entry.kind, entry.schema](rows, entry)
        return rows


class MemoryWork:
    """The unit of work of one command."""

    def __init__(self, log: Log, actor: Actor) -> None:
        self._log = log
        self.actor = actor
        self.staged: list[EntryDraft] = []
        self.has_put = False

    @property
    def now(self) -> Instant:
        return self._log.now

    @property
    def now_text(self) -> str:
        return instant_text(self._log.now)

    @property
    def origin(self) -> str:
        return ORIGIN

    @property
    def ids(self) -> IdMaker:
        return self._log.ids

    @property
    def register_epoch(self) -> int:
        return self._log.epoch

    @property
    def next_index(self) -> int:
        return len(self._log.entries)

    def prefetch(self, wanted: Any) -> None:
        self._ask()

    def fingerprint(self, purpose: str, text: str) -> str:
        return canonical.digest([purpose, text])

    def _ask(self) -> None:
        if self.staged:
            raise Misuse("asked after staging")

    def get(self, table: Table[Any], *key: Any) -> Any:
        self._ask()
        is_losable = table.table_class is TableClass.OPERATIONAL
        return (self._log.losable if is_losable else self._log.rows).get(table, *key)

    def group(self, table: Table[Any], *key: Any) -> tuple[Any, ...]:
        self._ask()
        return self._log.rows.group(table, *key)

    def query(self, statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        self._ask()
        connection = sqlite3.connect(":memory:")
        for table in self._log.tables:
            connection.execute(f"CREATE TABLE {table.name} (log_id, {', '.join(table.columns)})")
            marks = ", ".join("?" * (1 + len(table.columns)))
            rows = self._log.rows.group(table)
            connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", [(1, *row) for row in rows])
        found = connection.execute(statement.replace("{log}", "1"), parameters).fetchall()
        connection.close()
        return found

    def seal(self, subject: str, path: str, value: Any, *, data_class: str, data_subject: str | None = None) -> Any:
        if data_class in ("public", "internal"):
            return value
        if isinstance(value, Salted):
            commitment = canonical.b64url(commit(value.salt, ORIGIN, subject, path, canonical.encode(value.value)))
            self._log.openings[subject, path, commitment] = value.value
            return {"$commitment": f"{len(self._log.openings)}.{commitment}"}
        self._log.seed += 1
        commitment = canonical.digest([self._log.seed, subject, path, value])
        self._log.openings[subject, path, commitment] = value
        return {"$commitment": commitment}

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        if not isinstance(sealed, dict) or set(sealed) != {"$commitment"}:
            return sealed
        return self._log.openings.get((subject, path, sealed["$commitment"]))

    def stage(self, draft: EntryDraft) -> int:
        canonical.check_domain(draft.payload)
        index = len(self._log.entries)
        before = [parse_entry(data) for data in self._log.entries]
        entry = Entry(
            origin=ORIGIN,
            index=index,
            prev=canonical.b64url(bytes(32)),
            recorded_at=self.now_text,
            kind=draft.kind,
            schema=draft.schema,
            subject=draft.subject,
            subject_index=sum(one.subject == draft.subject for one in before),
            actor=self.actor.as_value(),
            payload=draft.payload,
            refs=draft.refs,
            basis=draft.basis,
        )
        data = encode_entry(entry)
        self._log.folds[draft.kind, draft.schema](self._log.rows, parse_entry(data))
        self._log.entries.append(data)
        self._log.epoch += 1
        self.staged.append(draft)
        return index

    def put(self, table: Table[Any], row: Any) -> None:
        assert table.table_class is TableClass.OPERATIONAL
        self.has_put = True
        self._log.losable.put(table, row)
