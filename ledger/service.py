"""The ledger's one door for other rooms: what they may use besides its pure values.

Rows of the ledger are read through `ledger.reading`; the one table that others may name is `SUBJECT`, to load it
ahead for commands that touch many subjects.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from ledger.batch import Log, Workings
from ledger.commands import ConfirmClock, OpenLog, WriteRepeats, commands, folds
from ledger.entry import parse_entry
from ledger.reading import Reader, View
from ledger.rows import R, Table
from ledger.tables import ENTRY, SUBJECT
from ledger.writer import Writer

__all__ = [
    "SUBJECT",
    "ConfirmClock",
    "Log",
    "OpenLog",
    "Reader",
    "View",
    "Workings",
    "WriteRepeats",
    "Writer",
    "commands",
    "folds",
    "payload_at",
]


class RowsByKey(Protocol):
    """A unit of work or a view."""

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key."""
        ...


def payload_at(rows: RowsByKey, index: int) -> Mapping[str, Any] | None:
    """The payload of a recorded entry; None while it is not written yet (an entry of the running batch)."""
    row = rows.get(ENTRY, index)
    return None if row is None else parse_entry(row.bytes).payload
