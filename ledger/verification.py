"""Verification of a log in a database, all checks wired: what `muniment verify` and the interface run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ledger.canonical import from_b64url
from ledger.connection import Connection
from ledger.database import Database, SqliteDatabase
from ledger.errors import BrokenInput
from ledger.high_water import HighWater, format_mark
from ledger.marks import NO_KEY, LogIdentity, MarkFolder, first_key_of
from ledger.openings import Openings
from ledger.refold import Refold
from ledger.rows import Folds, Table, column_kinds
from ledger.skeleton import decode
from ledger.stored import DatabaseSource, Processes, check_signature, open_to_verify
from ledger.tables import CHECKPOINT, DATA_KEY, OPENING, HeadRow
from ledger.tables import TABLES as LEDGER_TABLES
from ledger.tree import CompactRange
from ledger.vault import Vault
from ledger.verify.log import More, Terms, Verified, verify
from ledger.verify.report import Fault, Finding, Place, Report
from ledger.verify.signing import read_checkpoint
from ledger.verify.source import Kept

_HEAD = Table("head", HeadRow, key=0)
_STORED_AS = {int: "integer", str: "text", bytes: "blob"}  # as SQLite's typeof says it

Progress = Callable[[str, int, int], None]
"""(what is being done, done, of)"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is verified: a log in a database, by name and origin as the settings know them.

    `tables` and `folds` are those of all rooms; without folds check 11 is not run. `vault` opens check 10; without it
    that is not run. `marks` is the folder in which its high-water mark may lie.
    """

    database: Database
    name: str
    origin: str
    tables: Sequence[Table[Any]] = ()
    folds: Folds | None = None
    vault: Vault | None = None
    marks: MarkFolder | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How: keys pinned outside, a checkpoint kept elsewhere, processes, and whom to tell how far it is."""

    vkeys: tuple[str, ...] = ()
    kept: Kept | None = None
    processes: int = 1
    progress: Progress | None = None


def verify_database(subject: Subject, manner: Manner) -> tuple[Report, Verified | None]:
    """The report on a log, and what to keep of it elsewhere."""
    connection = open_to_verify(subject.database)
    try:
        log_id, faulty = _find(connection, subject)
    finally:
        connection.close()
    source = DatabaseSource(subject.database, log_id, subject.origin)
    pool = Processes(source, manner.processes) if manner.processes > 1 else None
    tell = manner.progress
    more: dict[int, More] = {}
    if subject.vault is not None:
        more[10] = Openings(source, subject.vault)
    if subject.folds is not None and manner.kept is None:
        refold = more[11] = Refold(source, subject.tables, subject.folds)
        refold.progress = None if tell is None else lambda done, of: tell("folding", done, of)
    mark, told = _mark_of(source, subject)
    terms = Terms(
        manner.vkeys,
        check_signature,
        decode,
        manner.kept,
        mark,
        (lambda: faulty, lambda: _strays(source, subject.tables), lambda: _misfits(source)),
        more,
        pool,
        None if tell is None else lambda done, of: tell("entries", done, of),
    )
    try:
        report, verified = verify(source, terms)
        return replace(report, notes=(*report.notes, *told)), verified
    finally:
        source.close()
        if pool is not None:
            pool.close()


def keep(verified: Verified) -> str:
    """What to keep elsewhere, as text: checkpoint, tree and chain hash, so that the rest is verified in O(new)."""
    return format_mark(HighWater(verified.head.checkpoint, verified.tree, verified.chain))


def read_kept(text: str) -> Kept:
    """The inverse of `keep`; a signed checkpoint alone will do."""
    if not text.lstrip().startswith("{"):
        return Kept(text)
    try:
        value = json.loads(text)
        note = str(value["checkpoint"])
        roots = tuple(map(from_b64url, value["tree"]))
        chain = from_b64url(value["chain"])
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenInput("expected a checkpoint, or what an earlier verification kept") from error
    read = read_checkpoint(note, note.partition("\n")[0], Place("kept"))
    if isinstance(read, Finding):
        raise BrokenInput(f"expected a signed checkpoint, found {read.found}")
    size = read[0].size
    return Kept(note, CompactRange.from_bytes(size, b"".join(roots)), chain)


def _mark_of(source: DatabaseSource, subject: Subject) -> tuple[Kept | None, tuple[str, ...]]:
    """The log's high-water mark; a file that is none is told and not used, and the verification goes on."""
    if subject.marks is None:
        return None, ()
    first = source.entries(0, 1)
    identity = LogIdentity(subject.name, subject.origin, first_key_of(first[0][3]) if first else NO_KEY)
    try:
        mark = subject.marks.read(identity)
    except BrokenInput as error:
        return None, (f"the high-water mark was not used: {error}",)
    return None if mark is None else Kept(mark.note, mark.tree, mark.chain), ()


def _find(connection: Connection, subject: Subject) -> tuple[int, Finding | None]:
    """The log's number, and the fault when its row is not as the settings know it."""
    logs = connection.query(0, "SELECT log_id, name, origin FROM log ORDER BY log_id", ())
    heads = {row[0] for row in connection.query(0, "SELECT log_id FROM head", ())}
    found = [row for row in logs if row[1] == subject.name] or [row for row in logs if row[2] == subject.origin]
    if not found and len(logs) == 1:
        raise BrokenInput(f"expected log `{subject.name}`, found `{logs[0][1]}`")
    if not found:
        raise BrokenInput(f"expected log `{subject.name}`, found {len(logs)} others")
    log_id, name, origin = found[0]
    for column, expected, there in (("name", subject.name, name), ("origin", subject.origin, origin)):
        if there != expected:
            return log_id, _altered(f"{column} {expected}", str(there), Place("log", (log_id,), column))
    ownerless = sorted(heads - {row[0] for row in logs})
    if log_id not in heads and ownerless:
        told = f"log_id {ownerless[0]}, under which the entries lie", str(log_id)
        return log_id, _altered(*told, Place("log", (log_id,), "log_id"))
    return log_id, None


def _strays(source: DatabaseSource, tables: Sequence[Table[Any]]) -> Finding | None:
    """A row under a number that no log has: moved there, it would be missing nowhere."""
    ask = source.connection.query
    known = sorted(row[0] for row in ask(0, "SELECT log_id FROM log", ()))
    names = ["head", *dict.fromkeys(table.name for table in (*LEDGER_TABLES, *tables) if _is_evidence(table))]
    bounds = [None, *known, None]
    for name in names:
        for low, high in pairwise(bounds):
            limits = [f"log_id {sign} {limit}" for sign, limit in ((">", low), ("<", high)) if limit is not None]
            rows = ask(0, f"SELECT log_id FROM {name} WHERE {' AND '.join(limits) or '1 = 1'} LIMIT 1", ())
            if rows:
                told = f"the number of a log, {', '.join(map(str, known))}", str(rows[0][0])
                return _altered(*told, Place(name, (), "log_id"))
    return None


def _misfits(source: DatabaseSource) -> Finding | None:
    """A value that its column cannot hold, and a checkpoint of a size that none has, where it would not be read.

    Entries are judged by their bytes and folded rows by folding; the rest is judged by its type before it is read.
    """
    ask, log_id = source.connection.query, source.log_id
    for (size,) in ask(log_id, "SELECT size FROM checkpoint WHERE log_id = {log} AND size < 1 LIMIT 1", ()):
        return _altered("a checkpoint of at least one entry", str(size), Place("checkpoint", (size,), "size"))
    if not isinstance(source.database, SqliteDatabase):  # the others keep what a column says
        return None
    for table in (_HEAD, CHECKPOINT, OPENING, DATA_KEY):
        keys = table.columns[: table.key]
        for column, kind in zip(table.columns, column_kinds(table), strict=True):
            listed = ", ".join([f"typeof({column})", *keys])
            test = f"typeof({column}) <> '{_STORED_AS[kind]}'"
            rows = ask(log_id, f"SELECT {listed} FROM {table.name} WHERE log_id = {{log}} AND {test} LIMIT 1", ())
            for found, *key in rows:
                return _altered(f"{column} as {_STORED_AS[kind]}", str(found), Place(table.name, tuple(key), column))
    return None


def _is_evidence(table: Table[Any]) -> bool:
    return table.table_class.value != "operational"


def _altered(expected: str, found: str, place: Place) -> Finding:
    return Finding(2, Fault.ALTERED, expected, found, None, place)
