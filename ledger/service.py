"""The ledger's one door for other rooms: what they may use besides its pure values.

Rows of the ledger are read through `ledger.reading`; the one table that others may name is `SUBJECT`, to load it
ahead for commands that touch many subjects.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from ledger import commands as own
from ledger import completeness, key_life, leasing, lifecycle, publication
from ledger.commands import ConfirmClock, OpenLog, WriteRepeats
from ledger.completeness import CountSubjects
from ledger.completeness import is_due as count_due
from ledger.entry import parse_entry
from ledger.evidence import (
    CountTrees,
    counts_before,
    leaf_hashes,
    newest_count,
    open_commitments,
    opened,
    subject_proof,
)
from ledger.reading import Reader, View
from ledger.rows import Folds, R, Table
from ledger.tables import COMMAND, ENTRY, REFUSAL_REPEAT, SUBJECT
from ledger.work import Commands
from ledger.workings import Log, Workings
from ledger.writer import Writer

__all__ = [
    "SUBJECT",
    "ConfirmClock",
    "CountSubjects",
    "CountTrees",
    "Log",
    "OpenLog",
    "Reader",
    "View",
    "Workings",
    "WriteRepeats",
    "Writer",
    "commands",
    "count_due",
    "counts_before",
    "folds",
    "is_answered",
    "leaf_hashes",
    "newest_count",
    "open_commitments",
    "opened",
    "payload_at",
    "subject_proof",
]


_ANSWERED: tuple[Table[Any], ...] = (COMMAND, REFUSAL_REPEAT)


class RowsByKey(Protocol):
    """A unit of work or a view."""

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key."""
        ...


def commands() -> Commands:
    """The ledger's own commands."""
    return {**own.commands(), **completeness.commands(), **publication.commands(), **leasing.commands()}


def folds() -> Folds:
    """The ledger's own folds."""
    return {**own.folds(), **completeness.folds(), **key_life.folds(), **lifecycle.folds()}


def is_answered(rows: RowsByKey, command_id: str, actor: str) -> bool:
    """Whether an answer is on record for this command id of this actor, so that sending it again does nothing."""
    return any(rows.get(table, command_id, actor) is not None for table in _ANSWERED)


def payload_at(rows: RowsByKey, index: int) -> Mapping[str, Any] | None:
    """The payload of a recorded entry; None while it is not written yet (an entry of the running batch)."""
    row = rows.get(ENTRY, index)
    return None if row is None else parse_entry(row.bytes).payload
