"""Folded rows kept in memory from one batch to the next, for as long as this writer alone writes its log.

A folded row is exactly what the entries up to the head have made of it, so it changes with the head alone:

    rows kept when batch n was committed are those of the database  <=>  the locked head is the one batch n left

The next batch takes them as they are and reads only what it does not find here. Where another process has written in
between, the heads differ: everything is forgotten, that batch reads what it needs after all, and for ALONE_AFTER
batches nothing is kept, since processes that take turns would only pay twice. Rows of other table classes are never
kept: operational ones change under the same head.

Kept in two generations. A row that is used is kept again in the younger one; when that is full, it becomes the older
one, whose rows go. So at most 2 * ROWS_MAX rows and one batch stay, those used last, and nothing is searched.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ledger.rows import Table
from ledger.tables import HeadRow

ROWS_MAX = 8_000  # of a generation: what about 800 commands touch, at ten rows each
ALONE_AFTER = 64  # batches in a row that found the head as the one before left it

Key = tuple[Any, ...]
Generation = defaultdict[Table[Any], dict[Key, Any]]


def _nothing() -> Generation:
    return defaultdict(dict)


class WarmRows:
    """By table and group: the row of a single one (None: it is not there), or the rows of the group by key.

    Shared by the batches of one writer, one after the other. A batch changes the groups it takes as they are: if it is
    not committed, it has to `forget`.
    """

    def __init__(self) -> None:
        self._young = _nothing()
        self._old = _nothing()
        self._count = 0  # of the younger generation
        self._head: tuple[int, bytes] | None = None
        self._alone = ALONE_AFTER  # batches since another process wrote; enough at the start

    def take(self, table: Table[Any], group: Key, into: dict[Key, Any]) -> bool:
        """Put what is kept under this key among the rows of a batch; whether anything is."""
        if not table.is_kept:
            return False
        for kept in (self._young[table], self._old[table]):
            if group in kept:
                into[group] = kept[group]
                return True
        return False

    def holds_at(self, head: HeadRow) -> bool:
        """Whether what is kept is what the database has under this locked head. If not, it is forgotten."""
        if self._head == (head.size, head.chain_hash):
            self._alone += 1
            return True
        is_first = self._head is None
        self.forget()
        if not is_first:
            self._alone = 0
        return is_first  # nothing was kept, so nothing was taken

    def keep(self, rows: Iterable[tuple[Table[Any], Mapping[Key, Any]]], head: HeadRow) -> None:
        """Rows of a batch as it left them, once it is committed with this head."""
        self._head = head.size, head.chain_hash
        if self._alone < ALONE_AFTER:
            return
        young = self._young
        for table, kept in rows:
            if kept and table.is_kept:
                young[table].update(kept)
                self._count += len(kept)
        if self._count >= ROWS_MAX:
            self._old, self._young, self._count = self._young, _nothing(), 0

    def forget(self) -> None:
        """Keep nothing of what is here: the database may have something else."""
        self._young, self._old, self._count, self._head = _nothing(), _nothing(), 0, None
