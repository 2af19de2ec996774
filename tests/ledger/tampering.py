"""A small log on either database, copies of it to tamper with behind the service's back, and a way to write history
anew as whoever holds the operator's database, or even keys, could."""

import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.canonical import b64url, encode
from ledger.chain import GENESIS, chain_hash, leaf_hash
from ledger.checking import check_signature
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.clock import parse_instant
from ledger.commands import OpenLog
from ledger.cosignature import cosign
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.keys import Ed25519Signer
from ledger.note import ED25519_COSIGNATURE, format_vkey, parse_note, verifier_key
from ledger.publication import COSIGNATURE, TIMESTAMP, AddLines, Line
from ledger.publisher import Publisher
from ledger.reading import Reader
from ledger.showing import newest
from ledger.stored import DatabaseSource
from ledger.tree import CompactRange
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.log import Terms, verify
from ledger.verify.report import Finding, Report
from ledger.verify.source import StoredCheckpoint, StoredEntry, StoredHead
from ledger.work import Answer, Request
from ledger.workings import Workings
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, BumpBoth, folds, open_workings

LOG = "acme"
ORIGIN = f"ledger.example.com/{LOG}"


def write_log(database: Database, folder: Path, clock: SetClock) -> Workings:
    """24 entries in 8 commits, a kept checkpoint for each: refusals, sealed values and a command of two entries.

    Published after every second commit, with a witness's line and a token beside it.
    """
    workings = open_workings(database, folder, clock, LOG)
    signer = workings.log.secrets.signer
    batches: list[list[Any]] = [[OpenLog(LOG, ((signer.key_id, signer.vkey, "commit"),))]]
    for n in range(5):
        batches.append([Bump(f"toy_{n}"), Bump("toy_0", secret=f"name {n}"), BumpBoth("toy_1", f"toy_{n + 2}")])
    batches += [[Bump("toy_0", limit=1), Bump("toy_1", limit=1)], [Bump("toy_2")]]
    connection = database.connect()
    count = 0
    for batch in batches:
        clock.pass_time(1_500_000)
        requests = [Request(PERSON, command, f"c{count + n}") for n, command in enumerate(batch)]
        count += len(batch)
        _run(workings, connection, requests)
        if count % 2:
            _publish(database, workings, connection)
    _publish(database, workings, connection)
    connection.close()
    return workings


WITNESS = Ed25519PrivateKey.generate()
WITNESS_KEY = verifier_key("witness", ED25519_COSIGNATURE, WITNESS.public_key().public_bytes_raw())


def _run(workings: Workings, connection: Any, requests: Sequence[Request]) -> list[Answer]:
    answers = []
    for result in Batch(workings, connection).run(requests):
        if isinstance(result, Exception):
            raise result
        answers.append(result)
    return answers


def _publish(database: Database, workings: Workings, connection: Any) -> None:
    reader = Reader(workings.log, SetClock(), lambda: database.connect(read_only=True))
    Publisher("p", lambda requests: _run(workings, connection, requests), reader).round()
    with reader.view() as view:
        shown = newest(view)
    reader.close()
    assert shown is not None
    line = cosign(WITNESS_KEY, WITNESS.sign, parse_note(shown.note).text, 7)
    lines = (
        Line(shown.size, WITNESS_KEY.key_id.hex(), COSIGNATURE, line.encode(), 7),
        Line(shown.size, "tsa", TIMESTAMP, b"a token", 7),
    )
    _run(workings, connection, [Request(SYSTEM, AddLines(lines, "witness:w", shown.size))])


@dataclass(frozen=True)
class Copy:
    """A copy of the log, open to anything. Statements say `?` and are run as the owner, past all triggers."""

    database: Database
    workings: Workings

    @property
    def log_id(self) -> int:
        return self.workings.log.log_id

    @property
    def signer(self) -> Ed25519Signer:
        return self.workings.log.secrets.signer

    def run(self, *statements: tuple[str, Sequence[Any]]) -> None:
        """Write, past the triggers."""
        if isinstance(self.database, SqliteDatabase):
            connection = sqlite3.connect(self.database.path)
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for text, values in statements:
                connection.execute(text, values)
            connection.commit()
            connection.close()
            return
        import psycopg

        assert isinstance(self.database, PostgresqlDatabase)
        with psycopg.connect(self.database.dsn) as owner:
            owner.execute("SET session_replication_role = replica")
            for text, values in statements:
                owner.execute(text.replace("?", "%s"), values)

    def ask(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = self.database.connect(read_only=True)
        try:
            return connection.query(self.log_id, text, values)
        finally:
            connection.close()

    def verify(self, **manner: Any) -> Report:
        """As the command does it, with the log's key pinned unless told otherwise."""
        subject = Subject(
            self.database, LOG, ORIGIN, (COUNTER,), folds(), replace(self.workings.log.secrets.vault, _ciphers={})
        )
        return verify_database(subject, Manner(**{"vkeys": (self.signer.vkey, format_vkey(WITNESS_KEY)), **manner}))[0]

    def finding(self, **manner: Any) -> Finding:
        finding = self.verify(**manner).finding
        assert finding is not None
        return finding

    def entries(self) -> list[StoredEntry]:
        rows = self.ask("SELECT idx, previous, leaf_hash, bytes FROM entry WHERE log_id = {log} ORDER BY idx")
        return [StoredEntry(*row) for row in rows]

    def set_entry(self, index: int, data: bytes, leaf: bytes | None = None) -> None:
        """Change an entry's bytes, and the leaf hash beside them to match unless another is given."""
        self.run(
            (
                "UPDATE entry SET bytes = ?, leaf_hash = ? WHERE log_id = ? AND idx = ?",
                (data, leaf_hash(data) if leaf is None else leaf, self.log_id, index),
            )
        )

    def replace_entries(self, entries: Sequence[StoredEntry]) -> None:
        insert = "INSERT INTO entry (log_id, idx, previous, leaf_hash, bytes) VALUES (?, ?, ?, ?, ?)"
        self.run(
            ("DELETE FROM entry WHERE log_id = ?", (self.log_id,)), *[(insert, (self.log_id, *row)) for row in entries]
        )

    def rewrite(self, values: Sequence[dict[str, Any]], signer: Ed25519Signer | None) -> None:
        """Write history anew from these values: chain, tree and head; with a signer the checkpoints as well."""
        entries, trees = chained(values)
        self.replace_entries(entries)
        tree = trees[-1]
        chain = chain_hash(_prev(values, entries), entries[-1].leaf_hash)
        recorded_at = parse_instant(values[-1]["recorded_at"])
        columns = "size = ?, frontier = ?, chain_hash = ?, recorded_at = ?"
        self.run(
            (
                f"UPDATE head SET {columns} WHERE log_id = ?",
                (tree.size, tree.to_bytes(), chain, recorded_at, self.log_id),
            )
        )
        if signer is None:
            return
        self.sign_again(signer, trees)

    def sign_again(self, signer: Ed25519Signer, trees: Sequence[CompactRange]) -> None:
        """Sign every checkpoint there is, and the head, for these trees."""
        size = trees[-1].size
        for (kept,) in self.ask("SELECT size FROM checkpoint WHERE log_id = {log}"):
            note = sign(signer, trees[kept]) if kept <= size else None
            if note is None:
                self.run(("DELETE FROM checkpoint WHERE log_id = ? AND size = ?", (self.log_id, kept)))
            else:
                statement = "UPDATE checkpoint SET note = ? WHERE log_id = ? AND size = ?"
                self.run((statement, (note, self.log_id, kept)))
        self.run(("UPDATE head SET checkpoint = ? WHERE log_id = ?", (sign(signer, trees[-1]), self.log_id)))


def copy_of(copy: Copy, folder: Path, server: Any) -> Copy:
    """Another copy."""
    made: Database
    if isinstance(copy.database, SqliteDatabase):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(copy.database.path, folder / "ledger.sqlite")
        made = SqliteDatabase(folder / "ledger.sqlite")
    else:
        assert isinstance(copy.database, PostgresqlDatabase)
        made = PostgresqlDatabase(server.copy_database(copy.database.dsn))
    return replace(copy, database=made)


def chained(values: Sequence[dict[str, Any]]) -> tuple[list[StoredEntry], list[CompactRange]]:
    """Entries of these values with index, prev, leaf hash and `previous` made anew; the tree at every size."""
    entries: list[StoredEntry] = []
    trees = [CompactRange()]
    last: dict[str, int] = {}
    chain = GENESIS
    for index, value in enumerate(values):
        data = encode({**value, "index": index, "prev": b64url(chain)})
        leaf = leaf_hash(data)
        entries.append(StoredEntry(index, last.get(value["subject"]), leaf, data))
        last[value["subject"]] = index
        chain = chain_hash(chain, leaf)
        trees.append(trees[-1].append(leaf))
    return entries, trees


def sign(signer: Ed25519Signer, tree: CompactRange) -> str:
    return signer.sign_note(format_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root())))


def _prev(values: Sequence[dict[str, Any]], entries: Sequence[StoredEntry]) -> bytes:
    chain = GENESIS
    for entry in entries[:-1]:
        chain = chain_hash(chain, entry.leaf_hash)
    return chain


@dataclass(frozen=True)
class Listed:
    """A source in memory."""

    origin: str
    stored_head: StoredHead
    rows: Sequence[StoredEntry]
    notes: Sequence[StoredCheckpoint]

    def head(self) -> StoredHead:
        return self.stored_head

    def entries(self, start: int, end: int) -> Sequence[StoredEntry]:
        return [row for row in self.rows if start <= row.idx < end]

    def leaf_hashes(self, start: int, end: int) -> Sequence[bytes]:
        return [row.leaf_hash for row in self.entries(start, end)]

    def checkpoints(self, after: int, upto: int) -> Sequence[StoredCheckpoint]:
        return [note for note in self.notes if after < note.size <= upto]

    def verify(self, vkey: str, **terms: Any) -> Report:
        return verify(self, Terms((vkey,), check_signature, **terms))[0]


def listed(copy: Copy) -> Listed:
    """The log, read into memory."""
    source = DatabaseSource(copy.database, copy.log_id, ORIGIN)
    head = source.head()
    notes = [StoredCheckpoint(*row) for row in source.checkpoints(0, head.size)]
    source.close()
    return Listed(ORIGIN, head, copy.entries(), notes)
