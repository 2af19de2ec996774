"""Rows of one batch: what was loaded, and what the accepted commands have made of it.

The second command on an instance sees the first one's rows here, before any of them is in the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.connection import Connection, Load, Write
from ledger.ids import IdMaker
from ledger.rows import R, Table

Key = tuple[Any, ...]


class BatchIds(IdMaker):
    """The id maker of a batch: remembers what it made, since no row can exist under an id made just now."""

    def __init__(self, maker: IdMaker) -> None:
        self._maker = maker
        self.made: set[str] = set()

    def random(self, prefix: str) -> str:
        made = self._maker.random(prefix)
        self.made.add(made)
        return made

    def ordered(self, prefix: str, now: int) -> str:
        made = self._maker.ordered(prefix, now)
        self.made.add(made)
        return made


class Overlay:
    """Groups by key over one connection. A group is loaded once per batch and is complete from then on."""

    def __init__(self, connection: Connection, log_id: int, fresh: set[str]) -> None:
        self._connection = connection
        self._log_id = log_id
        self._fresh = fresh
        self._groups: dict[Table[Any], dict[Key, dict[Key, Any]]] = {}
        self._dirty: dict[Table[Any], dict[Key, Any]] = {}

    def plan(self, wanted: Iterable[tuple[Table[Any], Key]]) -> list[Load]:
        """The distinct groups among those wanted that are not here yet, one load per table."""
        keys: dict[Table[Any], dict[Key, None]] = {}
        for table, key in wanted:
            if key not in self._groups.get(table, ()):
                keys.setdefault(table, {})[key] = None
        return [Load(table, list(found)) for table, found in keys.items()]

    def fill(self, loads: Sequence[Load], loaded: Sequence[Sequence[Any]]) -> None:
        """Take in what a connection read for these loads; a key without rows is remembered as empty."""
        for load, rows in zip(loads, loaded, strict=True):
            table = load.table
            groups = self._groups.setdefault(table, {})
            for key in load.keys:
                groups[key] = {}
            width, length = table.group_width, table.key
            for row in rows:
                groups[row[:width]][row[:length]] = row

    def load(self, wanted: Iterable[tuple[Table[Any], Key]]) -> None:
        """Read the groups that are not here yet."""
        loads = self.plan(wanted)
        self.fill(loads, [self._connection.load(self._log_id, load.table, load.keys) for load in loads])

    def rows(self, table: Table[R], group: Key) -> dict[Key, R]:
        """The rows of a group by key. The caller does not change the dictionary."""
        groups = self._groups.get(table)
        if groups is None:
            groups = self._groups[table] = {}
        rows = groups.get(group)
        if rows is None:
            rows = {}
            if not self._is_fresh(group[0]):
                length = table.key
                for row in self._connection.load(self._log_id, table, (group,)):
                    rows[row[:length]] = row
            groups[group] = rows
        return rows

    def put(self, table: Table[R], rows: Mapping[Key, R]) -> None:
        """An accepted command's rows by key: seen by later commands, written at the next flush."""
        width = table.group_width
        if width == table.key:  # a group of one row: the row that is put is all of it
            groups = self._groups.setdefault(table, {})
            for key, row in rows.items():
                groups[key] = {key: row}
        else:
            for key, row in rows.items():
                self.rows(table, key[:width])[key] = row
        dirty = self._dirty.get(table)
        if dirty is None:
            dirty = self._dirty[table] = {}
        dirty.update(rows)

    def take_writes(self) -> list[Write]:
        """What is to be written, tables and rows in a fixed order; the rows stay visible."""
        dirty, self._dirty = self._dirty, {}
        return [
            Write(table, [dirty[table][key] for key in sorted(dirty[table])])
            for table in sorted(dirty, key=lambda table: table.name)
        ]

    @property
    def is_clean(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._dirty

    def _is_fresh(self, first: Any) -> bool:
        # Ids below an instance are its id, a full stop and a number: fresh when the instance is.
        return type(first) is str and (first in self._fresh or first.partition(".")[0] in self._fresh)
