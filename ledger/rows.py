"""How a folded row is described: one descriptor per table, frozen rows in, frozen rows out.

A row is a `NamedTuple`; its first `key` fields are the primary key within a log (the column `log_id` stands before
them in the database and is added by the batch). Rows are loaded in groups: all rows that agree in the first `group`
fields are read together, so that a question about any of them is answered without another statement. A group must
stay small for ever: the variables of one instance, never its activations.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, get_args, get_type_hints

from ledger.entry import Entry

R = TypeVar("R", bound=NamedTuple)


NEWEST_OF = "SELECT subject.last FROM subject WHERE subject.log_id = {{log}} AND subject.subject = {of}"
"""The index of the newest entry of the subject that `of` names, as a term of another room's question."""

ENTRIES_BEFORE = "SELECT idx, bytes FROM entry WHERE log_id = {log} AND idx < ? ORDER BY idx DESC LIMIT ?"
"""Entries newest first, for another room's question about what was touched last: an order, never evidence."""


class TableClass(StrEnum):
    """What a row is worth, and so what verification demands of it (architecture, table classes)."""

    LEDGER = "ledger"  # append-only
    FOLDED = "folded"  # exactly the fold of the ledger
    VAULT = "vault"  # openings and keys; can be destroyed
    OPERATIONAL = "operational"  # losable, never evidence
    PUBLISHED = "published"  # derived from the entries, or signed by others; thinned, never folded


PUT_BY_COMMANDS = frozenset((TableClass.OPERATIONAL, TableClass.PUBLISHED))  # no fold writes these


@dataclass(frozen=True, slots=True, eq=False)
class Table(Generic[R]):
    """A table of the write path. `row` is called with the columns in order, without `log_id`.

    Compared by identity: a table is a module-level constant and a key of every hot dictionary.
    """

    name: str
    row: type[R]
    key: int
    group: int = 0  # 0: the whole key, that is single rows
    table_class: TableClass = TableClass.FOLDED
    register: bool = False  # a write to it raises the log's register epoch, so that caches are dropped
    expired: str = ""  # of a table that commands put to: the SQL term by which a row is not needed at the instant `?`
    follows: str = ""  # rows go with the row of that table that their first key names, when it expires
    once: bool = False  # asked for again so seldom that rows are not kept in memory from one batch to the next
    sums: bool = False  # its last column is a number that folds add to (`FoldView.add`); no row and 0 are the same
    columns: tuple[str, ...] = field(init=False)
    group_width: int = field(init=False)
    is_single: bool = field(init=False)  # a group is one row
    is_appended: bool = field(init=False)  # by the batch alone, so that no fold puts to it
    is_kept: bool = field(init=False)  # its rows change with the head alone: see `ledger.warm`

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", self.row._fields)
        object.__setattr__(self, "group_width", self.group or self.key)
        object.__setattr__(self, "is_single", self.group_width == self.key)
        object.__setattr__(self, "is_appended", self.table_class is TableClass.LEDGER)
        object.__setattr__(self, "is_kept", self.table_class is TableClass.FOLDED and not self.once and not self.sums)


class FoldView(Protocol):
    """What a fold may do: read rows by key and put rows. No query, no clock, no register, no expression."""

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key, as the entries before have made it."""
        ...

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        """All rows of the group, in key order."""
        ...

    def put(self, table: Table[R], row: R) -> None:
        """Insert the row or replace the one with its key."""
        ...

    def add(self, table: Table[Any], amounts: dict[tuple[Any, ...], int]) -> None:
        """Add to what a table of sums has under these keys. Nothing is read for it, so no fold asks for such rows.

        The caller does not change the dictionary any more.
        """
        ...


Fold = Callable[[FoldView, Entry], None]
"""Turns one entry into rows. Chosen by (kind, schema); never changed once released."""

Folds = dict[tuple[str, int], Fold]


def column_kinds(table: Table[Any]) -> tuple[type, ...]:
    """The plain type of each column (int, str or bytes), None-able or not, from the row's annotations."""
    kinds = []
    for annotation in get_type_hints(table.row).values():
        members = [member for member in get_args(annotation) or (annotation,) if member is not type(None)]
        kinds.append(members[0])
    return tuple(kinds)
