"""What the batches of one log work with: the log with its keys, clock, ids, commands and folds. Made once a process."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.clock import SECOND, LedgerClock
from ledger.ids import IdMaker
from ledger.keys import LogSecrets
from ledger.marks import MarkFolder
from ledger.rows import Folds, Table
from ledger.tables import LEASE, REFUSAL_REPEAT, REFUSAL_WINDOW
from ledger.watch import Watch
from ledger.work import Commands


@dataclass(frozen=True, slots=True)
class Log:
    """A log as its writer knows it. `log_id` is its number in the database, `name` its short name."""

    log_id: int
    name: str
    origin: str
    secrets: LogSecrets


@dataclass(frozen=True, slots=True)
class Workings:
    """All that a batch needs beside its connection and its commands."""

    log: Log
    clock: LedgerClock
    ids: IdMaker
    commands: Commands
    folds: Folds
    keep_every: int = SECOND  # a checkpoint row is kept at most this often, and at rest
    swept: Sequence[Table[Any]] = (REFUSAL_WINDOW, REFUSAL_REPEAT, LEASE)  # operational tables of all rooms
    marks: MarkFolder | None = None  # where the log's high-water mark is kept
    place: str = ""  # the database (`Database.place`), where processes of one machine write for each other


def watch_of(log: Log, marks: MarkFolder | None = None) -> Watch:
    """A watch that has seen nothing yet."""
    return Watch((log.log_id, log.name, log.origin), marks)
