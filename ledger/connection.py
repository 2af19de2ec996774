"""What a batch needs of a database: the same calls on SQLite and PostgreSQL, tested by one contract suite.

The first statement of every write transaction takes the log's head row; all that a decision rests on is read after
it, so each log is one serial history and no other lock exists. Statements come from table descriptors, are prepared
once per connection, and carry the log's number as a literal (it is ours, an integer); every value is bound.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from ledger.errors import Unavailable
from ledger.rows import R, Table
from ledger.tables import HeadRow


class DatabaseFault(Unavailable):
    """The database raised: the batch is rolled back. `lost`: the connection is gone, so COMMIT may have happened."""

    def __init__(self, message: str, *, lost: bool = False) -> None:
        super().__init__("DATABASE", message)
        self.lost = lost


class Load(NamedTuple):
    """Groups to read: each key has the table's group width."""

    table: Table[Any]
    keys: Sequence[tuple[Any, ...]]


class Write(NamedTuple):
    """Rows to write: appended for ledger tables, inserted or replaced by key for all others.

    `before` is what the database has under the key of each row, None where that is nothing or was not asked: whoever
    can gain by it writes only the columns that differ. Empty: not known for any.

    `gone` are keys of rows of the vault that are destroyed.
    """

    table: Table[Any]
    rows: Sequence[tuple[Any, ...]]
    before: Sequence[tuple[Any, ...] | None] = ()
    gone: Sequence[tuple[Any, ...]] = ()


class Connection(Protocol):
    """One database connection; one transaction at a time."""

    def begin(self, log_id: int, loads: Sequence[Load]) -> tuple[HeadRow, list[list[Any]]]:
        """Open a write transaction: lock the head, then read the groups, in one round trip where there is one."""
        ...

    def begin_read(self, log_id: int) -> HeadRow:
        """Open a read transaction: one unchanging view of the log, blocking no writer. `rollback` ends it."""
        ...

    def load(self, log_id: int, table: Table[R], keys: Sequence[tuple[Any, ...]]) -> list[R]:
        """All rows of these groups, in key order within a group."""
        ...

    def load_all(self, log_id: int, loads: Sequence[Load]) -> list[list[Any]]:
        """The groups of each load, as `load`, in one round trip where there is one."""
        ...

    def query(self, log_id: int, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """A statement with `?` for values and `{log}` for the log's number.

        `{among}` behind a value says that it is one of a list, which is one value however long it is. `{like}` is LIKE
        in small or capital letters: SQLite takes those of ASCII alone for each other.
        """
        ...

    def write(self, log_id: int, writes: Sequence[Write]) -> None:
        """Send rows inside the open transaction."""
        ...

    def finish(self, log_id: int, writes: Sequence[Write], swap: tuple[HeadRow, HeadRow] | None) -> None:
        """Send rows, move the head from the first row to the second by compare-and-swap, and make it durable.

        Raises `LostRace` when the head is not the first row any more; `DatabaseFault` for all else.
        """
        ...

    def rollback(self) -> None:
        """Leave the open transaction without effect; never raises."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


def head_columns() -> str:
    """The head row's columns, in the order of `HeadRow`."""
    return ", ".join(HeadRow._fields)
