"""Check 11, state = fold: every entry is folded again into a scratch database, and every column is compared.

The scratch database is a temporary SQLite file without durability; memory stays constant. Tables are compared inside
one read transaction, after folding what was written since the walk, so a busy log is no drift.

The scratch rows of subjects are what a `subjects.counted` entry counts: at each one its root is worked out again, so a
count that lies is found here although it is a matter of check 2. That reads every subject once for each count.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from ledger.canonical import b64url
from ledger.connection import Connection, Write
from ledger.counts import COUNTED, Count, count_in_order
from ledger.entry import Entry, build_entry
from ledger.erasure_tables import ERASURE, VAULT_EPOCH
from ledger.errors import Misuse
from ledger.log_state import LOG_STATE
from ledger.rows import PUT_BY_COMMANDS, Folds, R, Table, TableClass, column_kinds
from ledger.sqlite import SqliteConnection
from ledger.stored import DatabaseSource
from ledger.tables import COMMAND, LOG_KEY, SUBJECT, CommandRow, SubjectRow
from ledger.verify.log import Verified
from ledger.verify.report import Fault, Finding, Place, shown
from ledger.warm import Key

ENTRIES_AT_ONCE = 512  # read in one short transaction
DIRTY_MAX = 20_000  # rows written together; large enough for executemany to pay
GROUPS_MAX = 100_000  # of all tables kept in memory
COMPARED_AT_ONCE = 1_000  # rows of a table
CACHE_KIB = 16_384  # of the scratch database

_SCRATCH_LOG = 1
_OWN: tuple[Table[Any], ...] = (
    SUBJECT,
    COMMAND,
    LOG_KEY,
    LOG_STATE,
    ERASURE,
    VAULT_EPOCH,
)  # whatever is handed in, these are compared
_TYPES = {int: "BIGINT", str: "TEXT", bytes: "BLOB"}


class Scratch:
    """Rows as the fold makes them: the `FoldView` of a replay, over a scratch database.

    Rows by table, group and key: `_dirty` waits to be written, `_read` is complete for the groups it has.
    """

    def __init__(self, connection: Connection, tables: Sequence[Table[Any]]) -> None:
        self._connection = connection
        self._dirty: dict[Table[Any], dict[Key, dict[Key, Any]]] = {table: {} for table in tables}
        self._read: dict[Table[Any], dict[Key, dict[Key, Any]]] = {table: {} for table in tables}
        self._changes = 0
        self.raises_epoch = False
        for table in tables:
            kinds = [_TYPES[kind] for kind in column_kinds(table)]
            columns = ", ".join(f"{name} {kind}" for name, kind in zip(table.columns, kinds, strict=True))
            key = f"PRIMARY KEY (log_id, {', '.join(table.columns[: table.key])})"
            connection.query(_SCRATCH_LOG, f"CREATE TABLE {table.name} (log_id, {columns}, {key}) WITHOUT ROWID", ())

    def get(self, table: Table[R], *key: Any) -> R | None:
        """See `FoldView.get`."""
        group = key[: table.group_width]
        dirty = self._dirty[table].get(group)
        if dirty is not None and key in dirty:
            row: R = dirty[key]
            return row
        return self._group(table, group).get(key)

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        """See `FoldView.group`."""
        rows: dict[Key, R] = {**self._group(table, key), **self._dirty[table].get(key, {})}
        return tuple([rows[each] for each in sorted(rows)])

    def put(self, table: Table[R], row: R) -> None:
        """See `FoldView.put`."""
        dirty = self._dirty.get(table)
        if dirty is None:
            if table.table_class in PUT_BY_COMMANDS:
                return
            raise Misuse(f"expected the descriptor of table {table.name} among those to compare")
        key = row[: table.key]
        group = row[: table.group_width]
        rows = dirty.get(group)
        if rows is None:
            dirty[group] = {key: row}
        else:
            rows[key] = row
        self._changes += 1
        if table.register:
            self.raises_epoch = True

    def add(self, table: Table[Any], amounts: dict[Key, int]) -> None:
        """See `FoldView.add`. What is dirty of a table of sums is what is still to be added to it."""
        dirty = self._dirty.get(table, {})
        for key, amount in amounts.items():
            before = dirty.get(key, {}).get(key)
            self.put(table, table.row._make((*key, amount if before is None else before[-1] + amount)))

    def flush(self, at_least: int = 0) -> None:
        """Write what is dirty, when there is that much of it, and forget what was read when there is too much."""
        if self._changes < at_least:
            return
        self._changes = 0
        if sum(map(len, self._read.values())) > GROUPS_MAX:
            for read in self._read.values():
                read.clear()
        for table, dirty in self._dirty.items():
            rows = [row for group in sorted(dirty) for _, row in sorted(dirty[group].items())]
            self._connection.write(_SCRATCH_LOG, [Write(table, rows)])
            self._dirty[table] = {}
            if table.sums:
                continue
            read = self._read[table]
            is_single = table.group_width == table.key  # a row is its whole group: it needs no reading any more
            for group, changed in dirty.items():
                if is_single:
                    read[group] = changed
                elif group in read:
                    read[group].update(changed)

    def rows(self, table: Table[Any]) -> Iterator[tuple[Any, ...]]:
        """All rows there are, in key order (texts by their UTF-8 bytes); flush before."""
        for page in _pages(self._connection, _SCRATCH_LOG, table):
            yield from page

    def _group(self, table: Table[R], group: Key) -> dict[Key, R]:
        rows = self._read[table].get(group)
        if rows is None:
            rows = {row[: table.key]: row for row in self._connection.load(_SCRATCH_LOG, table, (group,))}
            self._read[table][group] = rows
        return rows


class Refold:
    """One replay and comparison. `tables` are the descriptors of all rooms' tables, `folds` their folds.

    `beside` is called first: it begins what another process does in the meantime.
    """

    def __init__(
        self,
        source: DatabaseSource,
        tables: Sequence[Table[Any]],
        folds: Folds,
        beside: Callable[[Verified], None] | None = None,
    ) -> None:
        self._source = source
        folded = [table for table in tables if table.table_class is TableClass.FOLDED and table not in _OWN]
        self._tables: tuple[Table[Any], ...] = (*_OWN, *folded)
        self._folds = folds
        self._beside = beside
        self._epoch = 0
        self._counts = 0
        self.progress: Callable[[int, int], None] | None = None

    @property
    def note(self) -> str:
        """See `ledger.verify.log.More`."""
        return f"every column of {len(self._tables)} tables; {self._counts:,} counts of subjects worked out again"

    def __call__(self, verified: Verified) -> Finding | None:
        """See `ledger.verify.log.More`."""
        if self._beside is not None:
            self._beside(verified)
        made = _scratch_database()
        try:
            return self._compare(made, verified)
        finally:
            made.close()

    def fold(self, scratch: Scratch, start: int, end: int) -> Finding | None:
        """Fold the entries start..end-1; ends early at a count of subjects that is not the one there was."""
        folds, put = self._folds, scratch.put
        for begin in range(start, end, ENTRIES_AT_ONCE):
            for index, _, leaf, data in self._source.entries(begin, min(begin + ENTRIES_AT_ONCE, end)):
                entry = build_entry(orjson.loads(data))
                fold = folds.get((entry.kind, entry.schema))
                if fold is None:
                    raise Misuse(f"no fold for {entry.kind} schema {entry.schema}")
                if entry.kind == COUNTED and (finding := self._miscounted(scratch, entry)) is not None:
                    return finding
                put(SUBJECT, SubjectRow(entry.subject, entry.subject_index + 1, index, leaf))
                if entry.command is not None and entry.command_id is not None:
                    command = entry.command
                    actor = entry.actor["id"]
                    put(COMMAND, CommandRow(entry.command_id, actor, command["mac"], index, command["outcome"]))
                fold(scratch, entry)
                if scratch.raises_epoch and _ends_command(entry):
                    self._epoch += 1
                    scratch.raises_epoch = False
            scratch.flush(at_least=DIRTY_MAX)
            if self.progress is not None:
                self.progress(min(begin + ENTRIES_AT_ONCE, end), end)
        return None

    def _miscounted(self, scratch: Scratch, entry: Entry) -> Finding | None:
        """Check 2 for one `subjects.counted` entry: the subjects counted again as they are just before it."""
        scratch.flush()
        counted = count_in_order(Count(row[0], row[1], row[3]) for row in scratch.rows(SUBJECT))
        self._counts += 1
        stated = tuple(entry.payload[name] for name in ("size", "subjects", "root"))
        there = (entry.index, counted.size, b64url(counted.root()))
        if stated == there:
            return None
        expected, found = (f"size {one[0]}, {one[1]} subjects, root {one[2]}" for one in (there, stated))
        return Finding(2, Fault.ALTERED, expected, found, entry.index, Place("entry", (entry.index,), "bytes"))

    def _compare(self, made: Connection, verified: Verified) -> Finding | None:
        scratch = Scratch(made, self._tables)
        if (finding := self.fold(scratch, 0, verified.size)) is not None:
            return finding
        live = self._source.connection
        head = live.begin_read(self._source.log_id)
        try:
            if (finding := self.fold(scratch, verified.size, head.size)) is not None:
                return finding
            scratch.flush()
            if head.register_epoch != self._epoch:
                told = f"register epoch {self._epoch}", f"{head.register_epoch}"
                return Finding(11, Fault.STATE_DRIFT, *told, None, Place("head", (), "register_epoch"))
            for table in self._tables:
                flat = replace(table, group=0)
                if (finding := self._drift(flat, made, live)) is not None:
                    return finding
        finally:
            live.rollback()
        return None

    def _drift(self, table: Table[Any], made: Connection, live: Connection) -> Finding | None:
        """The first row of the table that is not as folded. Live rows are read in the database's own order and looked
        up by key, since two databases do not sort text alike."""
        width, count = table.key, 0
        for rows in _pages(live, self._source.log_id, table):
            expected = {row[:width]: row for row in made.load(_SCRATCH_LOG, table, [row[:width] for row in rows])}
            for row in rows:
                wanted = expected.get(row[:width])
                if wanted != row:
                    return _named(table, wanted, row)
            count += len(rows)
        ((folded,),) = made.query(_SCRATCH_LOG, f"SELECT count(*) FROM {table.name} WHERE {_told(table)}", ())
        if folded == count:
            return None
        for rows in _pages(made, _SCRATCH_LOG, table):
            stored = live.load(self._source.log_id, table, [row[:width] for row in rows])
            there = {row[:width] for row in stored if row[-1] or not table.sums}
            for row in rows:
                if row[:width] not in there:
                    return _named(table, row, None)
        return None


def _scratch_database() -> SqliteConnection:
    """A file that has lost its name as soon as it is open: even a process that is killed leaves nothing of it."""
    with TemporaryDirectory(prefix="muniment-refold-") as folder:
        made = SqliteConnection(Path(folder) / "scratch.sqlite")
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=MEMORY", f"cache_size=-{CACHE_KIB}"):
            made.query(0, f"PRAGMA {pragma}", ())
    made.query(0, "BEGIN", ())  # never ended: the file is thrown away
    return made


def _ends_command(entry: Entry) -> bool:
    return entry.part is None or entry.part[0] == entry.part[1]


def _pages(connection: Connection, log_id: int, table: Table[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of a table in key order, page by page."""
    columns = ", ".join(table.columns)
    keys = ", ".join(table.columns[: table.key])
    marks = ", ".join("?" * table.key)
    tail = f"ORDER BY {keys} LIMIT {COMPARED_AT_ONCE}"
    listed = f"SELECT {columns} FROM {table.name} WHERE log_id = {{log}} AND {_told(table)}"
    rows = connection.query(log_id, f"{listed} {tail}", ())
    following = f"{listed} AND ({keys}) > ({marks}) {tail}"
    while rows:
        yield rows
        rows = connection.query(log_id, following, rows[-1][: table.key])


def _told(table: Table[Any]) -> str:
    """The term for the rows that say something: a sum of 0 is as good as none."""
    return f"{table.columns[-1]} <> 0" if table.sums else "1 = 1"


def _named(table: Table[Any], expected: Any, found: Any) -> Finding:
    """The finding for one row: the first column that differs, or the whole row."""
    row = found if expected is None else expected
    key = tuple(row[: table.key])
    if expected is None or found is None:
        told = ("no such row", "one") if expected is None else ("a row", "none")
        return Finding(11, Fault.STATE_DRIFT, *told, None, Place(table.name, key))
    for name, wanted, there in zip(table.columns, expected, found, strict=True):
        if wanted != there:
            return Finding(
                11, Fault.STATE_DRIFT, f"{name} {shown(wanted)}", shown(there), None, Place(table.name, key, name)
            )
    raise Misuse("expected two rows that differ")
