"""The ledger's one door for other rooms: what they may use besides its pure values.

Rows of the ledger are read through `ledger.reading`; the one table that others may name is `SUBJECT`, to load it
ahead for commands that touch many subjects.
"""

from ledger.batch import Log, Workings
from ledger.commands import ConfirmClock, OpenLog, WriteRepeats, commands, folds
from ledger.reading import Reader, View
from ledger.tables import SUBJECT
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
]
