"""Tables of the ledger room, and the descriptors its batches write by.

Class of each table: `info["class"]` (architecture, table classes). The columns of a descriptor's row are the columns
of its table after `log_id`; a test compares them.
"""

from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Text
from sqlalchemy import Table as SqlTable

from ledger.rows import Table, TableClass
from ledger.vault import DataKey

metadata = MetaData()


def _column(name: str, kind: type, *, key: bool = False, null: bool = False) -> Column[object]:
    types = {int: BigInteger, str: Text, bytes: LargeBinary}
    return Column(name, types[kind](), primary_key=key, nullable=null, autoincrement=False)


log = SqlTable(
    "log",
    metadata,
    _column("log_id", int, key=True),
    _column("name", str),
    _column("origin", str),
    Index("log_by_name", "name", unique=True),
    info={"class": "folded"},
)

head = SqlTable(
    "head",
    metadata,
    _column("log_id", int, key=True),
    _column("size", int),
    _column("frontier", bytes),
    _column("chain_hash", bytes),
    _column("recorded_at", int),
    _column("register_epoch", int),
    _column("checkpoint", str),
    info={"class": "ledger"},
)

entry = SqlTable(
    "entry",
    metadata,
    _column("log_id", int, key=True),
    _column("idx", int, key=True),
    _column("previous", int, null=True),
    _column("leaf_hash", bytes),
    _column("bytes", bytes),
    info={"class": "ledger"},
)

checkpoint = SqlTable(
    "checkpoint",
    metadata,
    _column("log_id", int, key=True),
    _column("size", int, key=True),
    _column("note", str),
    info={"class": "ledger"},
)

subject = SqlTable(
    "subject",
    metadata,
    _column("log_id", int, key=True),
    _column("subject", str, key=True),
    _column("size", int),
    _column("last", int),
    _column("last_leaf", bytes),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

command = SqlTable(
    "command",
    metadata,
    _column("log_id", int, key=True),
    _column("command_id", str, key=True),
    _column("actor", str, key=True),
    _column("mac", str),
    _column("idx", int),
    _column("outcome", str),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

log_key = SqlTable(
    "log_key",
    metadata,
    _column("log_id", int, key=True),
    _column("key_id", str, key=True),
    _column("vkey", str),
    _column("purpose", str),
    _column("from_size", int),
    _column("to_size", int, null=True),
    _column("state", str),
    _column("void_from", int, null=True),
    _column("changed", int),
    _column("certified", int, null=True),
    info={"class": "folded"},
)

opening = SqlTable(
    "opening",
    metadata,
    _column("log_id", int, key=True),
    _column("idx", int, key=True),
    _column("part", int, key=True),
    _column("data_subject", str),
    _column("record_class", str),
    _column("sealed", bytes),
    info={"class": "vault"},
    sqlite_with_rowid=False,
)

data_key = SqlTable(
    "data_key",
    metadata,
    _column("log_id", int, key=True),
    _column("data_subject", str, key=True),
    _column("record_class", str, key=True),
    _column("wrapped", bytes),
    _column("epoch", int),
    _column("made", int),
    info={"class": "vault"},
    sqlite_with_rowid=False,
)

refusal_window = SqlTable(
    "refusal_window",
    metadata,
    _column("log_id", int, key=True),
    _column("actor", str, key=True),
    _column("subject", str, key=True),
    _column("command", str, key=True),
    _column("reason", str, key=True),
    _column("opened_at", int),
    _column("idx", int),
    # Ground for being operational: a crash may lose the repeats of the running minute, never the first refusal.
    info={"class": "operational"},
    sqlite_with_rowid=False,
)

refusal_repeat = SqlTable(
    "refusal_repeat",
    metadata,
    _column("log_id", int, key=True),
    _column("command_id", str, key=True),
    _column("actor", str, key=True),
    _column("mac", str),
    _column("idx", int),
    _column("reason", str),
    _column("refused_at", int),
    _column("said", str),
    _column("written", int),
    Index("refusal_repeat_unwritten", "log_id", "written", "refused_at"),
    # Ground for being operational: written as `refusal.repeated` entries when the minute is over.
    info={"class": "operational"},
    sqlite_with_rowid=False,
)

lease = SqlTable(
    "lease",
    metadata,
    _column("log_id", int, key=True),
    _column("name", str, key=True),
    _column("holder", str),
    _column("until", int),
    # Ground for being operational: who may work on what for the next seconds; lost leases are taken again.
    info={"class": "operational"},
    sqlite_with_rowid=False,
)


class HeadRow(NamedTuple):
    """The head of a log. `frontier` is the compact range's bytes, `checkpoint` the newest signed note."""

    size: int
    frontier: bytes
    chain_hash: bytes
    recorded_at: int
    register_epoch: int
    checkpoint: str


class EntryRow(NamedTuple):
    """`previous` is the index of the subject's entry before this one: an instance's history without an index."""

    idx: int
    previous: int | None
    leaf_hash: bytes
    bytes: bytes


class SubjectRow(NamedTuple):
    subject: str
    size: int
    last: int
    last_leaf: bytes


class CommandRow(NamedTuple):
    command_id: str
    actor: str
    mac: str
    idx: int
    outcome: str


class LogKeyRow(NamedTuple):
    """A key signs checkpoints of sizes from_size < size <= to_size; those above `void_from` prove nothing.

    `changed` is the index of the newest entry about it, `certified` that of the newest signed list that has it.
    """

    key_id: str
    vkey: str
    purpose: str
    from_size: int
    to_size: int | None
    state: str = "in force"
    void_from: int | None = None
    changed: int = 0
    certified: int | None = None


class OpeningRow(NamedTuple):
    idx: int
    part: int
    data_subject: str
    record_class: str
    sealed: bytes


DataKeyRow = DataKey


class RefusalWindowRow(NamedTuple):
    actor: str
    subject: str
    command: str
    reason: str
    opened_at: int
    idx: int


class RefusalRepeatRow(NamedTuple):
    """`idx` is the entry of the first; `said` is canonical JSON [message, details], since a repeat may differ there."""

    command_id: str
    actor: str
    mac: str
    idx: int
    reason: str
    refused_at: int
    said: str
    written: int


class LeaseRow(NamedTuple):
    name: str
    holder: str
    until: int


class CheckpointRow(NamedTuple):
    size: int
    note: str


ENTRY = Table("entry", EntryRow, key=1, table_class=TableClass.LEDGER)
CHECKPOINT = Table("checkpoint", CheckpointRow, key=1, table_class=TableClass.LEDGER)
SUBJECT = Table("subject", SubjectRow, key=1)
COMMAND = Table("command", CommandRow, key=2, once=True)
LOG_KEY = Table("log_key", LogKeyRow, key=1, register=True)
OPENING = Table("opening", OpeningRow, key=2, group=1, table_class=TableClass.VAULT)
DATA_KEY = Table("data_key", DataKeyRow, key=2, table_class=TableClass.VAULT)
# A window is open for a minute (`ledger.batch`). A repeat that was written is answered from its entry.
_OPERATIONAL: Final = TableClass.OPERATIONAL
REFUSAL_WINDOW = Table(
    "refusal_window", RefusalWindowRow, key=4, table_class=_OPERATIONAL, expired="opened_at + 120000000 < ?"
)
REFUSAL_REPEAT = Table(
    "refusal_repeat", RefusalRepeatRow, key=2, table_class=_OPERATIONAL, expired="written = 1 AND refused_at < ?"
)
LEASE = Table("lease", LeaseRow, key=1, table_class=_OPERATIONAL, expired="until < ?")
TABLES: tuple[Table[Any], ...] = (
    ENTRY,
    CHECKPOINT,
    SUBJECT,
    COMMAND,
    LOG_KEY,
    OPENING,
    DATA_KEY,
    REFUSAL_WINDOW,
    REFUSAL_REPEAT,
    LEASE,
)
