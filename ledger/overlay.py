"""Rows of one batch: what was loaded, and what the accepted commands have made of it.

The second command on an instance sees the first one's rows here, before any of them is in the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from ledger.connection import Connection, Load, Write
from ledger.ids import IdMaker
from ledger.rows import R, Table
from ledger.tables import HeadRow
from ledger.tuples import made
from ledger.warm import Key, WarmRows

_NAME = attrgetter("name")


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
    """Groups by key over one connection. A group is loaded once per batch and is complete from then on.

    Those that batches before have kept in `warm` are taken from there.
    """

    def __init__(self, connection: Connection, log_id: int, fresh: set[str], warm: WarmRows | None = None) -> None:
        self._connection = connection
        self._log_id = log_id
        self._fresh = fresh
        self._warm = warm or WarmRows()
        # Rows as the database has them within this transaction; None: it is known not to be there. What the accepted
        # commands have made of them since stands in `_dirty` and is looked for there first.
        self._single: defaultdict[Table[Any], dict[Key, Any]] = defaultdict(dict)
        self._groups: defaultdict[Table[Any], dict[Key, dict[Key, Any]]] = defaultdict(dict)  # of the other tables
        self._dirty: defaultdict[Table[Any], dict[Key, Any]] = defaultdict(dict)
        self._gone: defaultdict[Table[Any], list[Key]] = defaultdict(list)

    def begin(self, wanted: Sequence[tuple[Table[Any], Key]]) -> HeadRow:
        """Lock the head, and read what is wanted unless it was kept by the batch that left this very head."""
        loads = self.plan(wanted)
        head, loaded = self._connection.begin(self._log_id, loads)
        if self._warm.holds_at(head):
            self.fill(loads, loaded)
            return head
        self._single.clear()
        self._groups.clear()
        self.fill(loads, loaded)
        self.load(wanted)
        return head

    def plan(self, wanted: Iterable[tuple[Table[Any], Key]]) -> list[Load]:
        """The distinct groups among those wanted that are not here yet, one load per table."""
        keys: defaultdict[Table[Any], dict[Key, None]] = defaultdict(dict)
        single, groups, taken = self._single, self._groups, self._warm.take
        for table, key in wanted:
            here: dict[Key, Any] = single[table] if table.is_single else groups[table]
            if key not in here and not taken(table, key, here):
                keys[table][key] = None
        return [Load(table, list(found)) for table, found in keys.items()]

    def fill(self, loads: Sequence[Load], loaded: Sequence[Sequence[Any]]) -> None:
        """Take in what a connection read for these loads; a key without rows is remembered as empty."""
        for load, rows in zip(loads, loaded, strict=True):
            table = load.table
            length = table.key
            if table.is_single:
                single = self._single[table]
                single.update(dict.fromkeys(load.keys))
                single.update([(row[:length], row) for row in rows])
                continue
            groups = self._groups[table]
            groups.update([(key, {}) for key in load.keys])
            width = table.group_width
            for row in rows:
                groups[row[:width]][row[:length]] = row

    def kept(self) -> Iterator[tuple[Table[Any], Mapping[Key, Any]]]:
        """What is here by table and group, as a committed batch leaves it."""
        yield from self._single.items()
        yield from self._groups.items()

    def load(self, wanted: Iterable[tuple[Table[Any], Key]]) -> None:
        """Read the groups that are not here yet."""
        loads = self.plan(wanted)
        if loads:
            self.fill(loads, self._connection.load_all(self._log_id, loads))

    def row(self, table: Table[R], key: Key) -> R | None:
        """The row with this key."""
        if not table.is_single:
            return self.rows(table, key[: table.group_width]).get(key)
        row: R | None = self._dirty[table].get(key)
        if row is not None:
            return row
        single = self._single[table]
        if key not in single and not self._warm.take(table, key, single):
            single[key] = next(iter(self._load(table, key)), None)
        found: R | None = single[key]
        return found

    def rows(self, table: Table[R], group: Key) -> dict[Key, R]:
        """The rows of a group by key. The caller does not change the dictionary."""
        if table.is_single:
            row = self.row(table, group)
            return {} if row is None else {group: row}
        groups = self._groups[table]
        if group not in groups and not self._warm.take(table, group, groups):
            length = table.key
            groups[group] = {row[:length]: row for row in self._load(table, group)}
        return groups[group]

    def put(self, made: Mapping[Table[Any], Mapping[Key, Any]]) -> None:
        """An accepted command's rows by table and key: seen by later commands, written at the next flush.

        Of a table of sums the amounts that are to be added, which nobody reads before they are written.
        """
        dirty = self._dirty
        for table, rows in made.items():
            if table.sums:
                sums = dirty[table]
                for key, amount in rows.items():
                    sums[key] = sums.get(key, 0) + amount
                continue
            dirty[table].update(rows)
            if not table.is_single:
                width = table.group_width
                for key, row in rows.items():
                    self.rows(table, key[:width])[key] = row

    def destroy(self, table: Table[Any], keys: Sequence[Key]) -> None:
        """Rows that an accepted command destroyed: later commands do not see them."""
        for key in keys:
            if table.is_single:
                self._single[table][key] = None
            else:
                self.rows(table, key[: table.group_width]).pop(key, None)
            self._dirty[table].pop(key, None)
        self._gone[table].extend(keys)

    def take_writes(self) -> list[Write]:
        """What is to be written, tables and rows in a fixed order; the rows stay visible."""
        dirty, self._dirty = self._dirty, defaultdict(dict)
        writes = []
        for table in sorted(dirty, key=_NAME):
            rows = dirty[table]
            if not rows:
                continue
            keys = sorted(rows)
            before: list[Any] = []
            if table.sums:
                written = [(*key, rows[key]) for key in keys]
            else:
                written = [rows[key] for key in keys]
                if table.is_single:
                    single = self._single[table]
                    before = list(map(single.get, keys))
                    single.update(rows)
            writes.append(made(Write, (table, written, before, ())))
        gone, self._gone = self._gone, defaultdict(list)
        # Before what is written: a later command of the batch may have made a row of the same key again.
        return [*[Write(table, (), (), sorted(keys)) for table, keys in gone.items()], *writes]

    def _load(self, table: Table[R], group: Key) -> list[R]:
        """The rows of a group as the database has them."""
        first = group[0]
        # Ids below an instance are its id, a full stop and a number: fresh when the instance is.
        if type(first) is str and (first in self._fresh or first.partition(".")[0] in self._fresh):
            return []
        return self._connection.load(self._log_id, table, (group,))
