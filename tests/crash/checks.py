"""What must hold of a log whatever happened to its processes, worked out anew and in the plainest way.

The product's own verifier says the same by other code (`ledger.verify`, `ledger.refold`); neither rests on the other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.settings import Settings
from api.wiring import TABLES, folds, open_log
from ledger.canonical import b64url
from ledger.chain import GENESIS, chain_hash, leaf_hash
from ledger.checkpoint import open_checkpoint
from ledger.commands import QUOTING, rebuild, rebuild_repeat
from ledger.connection import Connection
from ledger.entry import Entry, parse_entry
from ledger.note import Ed25519Verifier, parse_vkey
from ledger.refusal import Refusal
from ledger.rows import Folds, Table, TableClass
from ledger.tables import COMMAND, REFUSAL_REPEAT, SUBJECT, CommandRow, EntryRow, HeadRow, SubjectRow
from ledger.tree import CompactRange
from ledger.work import Answer, Done
from ledger.workings import Log

Rows = dict[tuple[Any, ...], Any]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An answer that reached a caller."""

    actor: str
    command_id: str
    answer: Answer


def recorded(outcome: Done | Refusal) -> Done | Refusal:
    """What the ledger keeps of an outcome: details that quote the caller are left out."""
    if isinstance(outcome, Refusal) and outcome.reason in QUOTING:
        return replace(outcome, details=())
    return outcome


class Replay:
    """Rows by table and key, as the folds make them: a `FoldView`."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.raised = False

    def get(self, table: Table[Any], *key: Any) -> Any:
        return self.rows.setdefault(table.name, {}).get(key)

    def group(self, table: Table[Any], *key: Any) -> tuple[Any, ...]:
        rows = self.rows.setdefault(table.name, {})
        return tuple(rows[found] for found in sorted(rows) if found[: len(key)] == key)

    def put(self, table: Table[Any], row: Any) -> None:
        self.raised |= table.register
        self.rows.setdefault(table.name, {})[tuple(row[: table.key])] = row

    def add(self, table: Table[Any], amounts: dict[tuple[Any, ...], int]) -> None:
        for key, amount in amounts.items():
            before = self.rows.setdefault(table.name, {}).get(key)
            self.put(table, table.row(*key, amount if before is None else before[-1] + amount))


class Checked:
    """A log read whole through one connection."""

    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self.log = log
        self.head: HeadRow = connection.begin_read(log.log_id)
        self.rows = [EntryRow(*row) for row in self._query("SELECT idx, previous, leaf_hash, bytes FROM entry", "idx")]
        self.checkpoints = self._query("SELECT size, note FROM checkpoint", "size")
        self.entries: list[Entry] = [parse_entry(row.bytes) for row in self.rows]
        connection.rollback()

    def _query(self, statement: str, order: str = "") -> list[tuple[Any, ...]]:
        tail = f" ORDER BY {order}" if order else ""
        return self._connection.query(self.log.log_id, f"{statement} WHERE log_id = {{log}}{tail}", ())

    def table(self, table: Table[Any]) -> Rows:
        """All rows of a table by key."""
        found = self._query(f"SELECT {', '.join(table.columns)} FROM {table.name}")
        return {tuple(row[: table.key]): table.row(*row) for row in found}

    def is_whole(self) -> None:
        """One chain without gap, fork or loss; every kept checkpoint signed, true, and never inside a command."""
        assert [row.idx for row in self.rows] == list(range(self.head.size))
        chain, tree, last = GENESIS, CompactRange(), dict[str, tuple[int, int]]()
        roots, inside = {}, (0, 0)
        for row, entry in zip(self.rows, self.entries, strict=True):
            assert row.leaf_hash == leaf_hash(row.bytes)
            assert (entry.index, entry.prev, entry.origin) == (row.idx, b64url(chain), self.log.origin)
            seen = last.get(entry.subject)
            assert (entry.subject_index, row.previous) == ((0, None) if seen is None else (seen[0] + 1, seen[1]))
            last[entry.subject] = (entry.subject_index, row.idx)
            part = entry.part or (1, 1)
            assert part == (inside[0] + 1, inside[1] or part[1]), "a part of a command is missing"
            inside = (0, 0) if part[0] == part[1] else part
            chain, tree = chain_hash(chain, row.leaf_hash), tree.append(row.leaf_hash)
            if inside == (0, 0):
                roots[tree.size] = tree.root()
        assert inside == (0, 0), "a command is half written"
        assert (self.head.chain_hash, self.head.frontier) == (chain, tree.to_bytes())
        times = [entry.recorded_at for entry in self.entries]
        assert times == sorted(times)
        verifier = Ed25519Verifier(parse_vkey(self.log.secrets.signer.vkey), _is_signed)
        for size, note in (*self.checkpoints, (self.head.size, self.head.checkpoint)):
            checkpoint = open_checkpoint(note, self.log.origin, [verifier]).checkpoint
            assert (checkpoint.size, checkpoint.root) == (size, roots[size])

    def is_fold(self, folds: Folds, tables: Iterable[Table[Any]]) -> None:
        """Every column of every folded table is what the entries make of it, and the register epoch too."""
        replay, epoch = Replay(), 0
        for row, entry in zip(self.rows, self.entries, strict=True):
            replay.put(SUBJECT, SubjectRow(entry.subject, entry.subject_index + 1, row.idx, row.leaf_hash))
            if entry.command is not None:
                command, actor = entry.command, entry.actor["id"]
                assert entry.command_id is not None
                made = CommandRow(entry.command_id, actor, command["mac"], row.idx, command["outcome"])
                replay.put(COMMAND, made)
            folds[entry.kind, entry.schema](replay, entry)
            if entry.part is None or entry.part[0] == entry.part[1]:
                epoch += replay.raised
                replay.raised = False
        for table in tables:
            if table.table_class is TableClass.FOLDED:
                assert self.table(table) == replay.rows.get(table.name, {}), table.name
        assert self.head.register_epoch == epoch

    def has_each_once(self, acknowledged: Iterable[Acknowledged], *, losable: bool = False) -> None:
        """Every acknowledged command stands in the ledger once, where its receipt says, with the answer given.

        A repeated refusal stands in the row of repeats, or in the entry that was made of it; a crash may lose it
        (`losable`), never the first.
        """
        firsts = Counter((e.actor["id"], e.command_id) for e in self.entries if e.command is not None)
        assert set(firsts.values()) <= {1}, "a command is recorded twice"
        commands, repeats = self.table(COMMAND), self.table(REFUSAL_REPEAT)
        for one in acknowledged:
            receipt, key = one.answer.receipt, (one.command_id, one.actor)
            if receipt is None:
                assert (one.actor, one.command_id) not in firsts
                continue
            entry, row = self.entries[receipt.index], self.rows[receipt.index]
            assert receipt.leaf_hash == b64url(row.leaf_hash)
            if (entry.actor["id"], entry.command_id) == (one.actor, one.command_id):
                assert firsts[one.actor, one.command_id] == 1
                assert commands[key].idx == receipt.index
                assert rebuild(entry) == recorded(one.answer.outcome), one
                continue
            assert isinstance(one.answer.outcome, Refusal)
            assert entry.payload["reason"] == one.answer.outcome.reason
            if key in commands:
                told = rebuild_repeat(self.entries[commands[key].idx], one.command_id)
                assert told == (recorded(one.answer.outcome), receipt.index), one
            else:
                assert losable or repeats[key].idx == receipt.index, one


def _is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


@contextmanager
def found_whole(settings: Settings) -> Iterator[Checked]:
    """The log of these settings, read to its end: it is whole, and its rows are the fold of its entries."""
    log, database = open_log(settings)
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, log)
        checked.is_whole()
        checked.is_fold(folds(), TABLES)
        yield checked
    finally:
        connection.close()
