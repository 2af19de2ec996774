"""Verification of a log in a database, all checks wired: what `muniment verify` and the interface run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ledger.canonical import from_b64url
from ledger.checking import CHECKS, check_signature
from ledger.connection import Connection
from ledger.database import Database, SqliteDatabase
from ledger.erasure_tables import ERASURE, VAULT_EPOCH
from ledger.errors import BrokenInput
from ledger.high_water import HighWater, format_mark
from ledger.log_state import LOG_STATE
from ledger.marks import NO_KEY, LogIdentity, MarkFolder, first_key_of
from ledger.note import format_vkey
from ledger.openings import Openings
from ledger.policy import Policy
from ledger.publication_tables import PUBLISHED, PUBLISHED_LINE, REACHED, TILE
from ledger.publication_tables import TABLES as PUBLICATION_TABLES
from ledger.published_rows import PublishedRows
from ledger.rederiving import Beside, MakeRederivers, Rederiving
from ledger.refold import Refold
from ledger.rows import Folds, Table, column_kinds
from ledger.skeleton import decode
from ledger.stamped import StampedTimes
from ledger.stored import CosignedRows, DatabaseSource, Processes, open_to_verify
from ledger.tables import CHECKPOINT, DATA_KEY, OPENING, HeadRow
from ledger.tables import TABLES as LEDGER_TABLES
from ledger.timestamp import CheckToken
from ledger.tree import CompactRange
from ledger.vault import Vault
from ledger.verify.cosigned import Cosignatures
from ledger.verify.log import More, Terms, Verified, verify
from ledger.verify.report import Fault, Finding, Place, Report, Status, Strength
from ledger.verify.signing import read_checkpoint
from ledger.verify.source import Kept

_HEAD = Table("head", HeadRow, key=0)
_STORED_AS = {int: "integer", str: "text", bytes: "blob"}  # as SQLite's typeof says it

SINCE = "it rests on the whole log; run without a checkpoint kept elsewhere"

Progress = Callable[[str, int, int], None]
"""(what is being done, done, of)"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is verified: a log in a database, by name and origin as the settings know them.

    `tables` and `folds` are those of all rooms; without folds check 11 is not run. `vault` opens check 10; without it
    that is not run. `rederivers` makes those who judge again for check 12, a function that other processes know by
    name; without it that is not run. `marks` is the folder in which its high-water mark may lie.
    """

    database: Database
    name: str
    origin: str
    tables: Sequence[Table[Any]] = ()
    folds: Folds | None = None
    vault: Vault | None = None
    rederivers: MakeRederivers | None = None
    marks: MarkFolder | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How: keys pinned outside, a checkpoint kept elsewhere, processes, whom to tell how far it is, a trust policy, and
    lists of keys.

    `check_token` judges timestamps by roots pinned outside; without it they are not determinable.
    """

    vkeys: tuple[str, ...] = ()
    kept: Kept | None = None
    processes: int = 1
    progress: Progress | None = None
    policy: Policy | None = None
    key_lists: tuple[str, ...] = ()
    check_token: CheckToken | None = None


def verify_database(subject: Subject, manner: Manner) -> tuple[Report, Verified | None]:
    """The report on a log, and what to keep of it elsewhere."""
    connection = open_to_verify(subject.database)
    try:
        log_id, faulty = _find(connection, subject)
    finally:
        connection.close()
    source = DatabaseSource(subject.database, log_id, subject.origin)
    pool = Processes(source, manner.processes) if manner.processes > 1 else None
    try:
        checks = _Checks(subject, manner, source, pool)
        report, verified = verify(source, checks.terms(lambda: faulty))
        return checks.told(report, verified), verified
    finally:
        source.close()
        if pool is not None:
            pool.close()


# What witnesses and an authority signed tells more of a contradiction than what the log itself published.
_ORDER = (7, 8, 4, 10, 11, 12)


class _Checks:
    """The checks that a manner asks for, wired to one source."""

    def __init__(self, subject: Subject, manner: Manner, source: DatabaseSource, pool: Processes | None) -> None:
        self._subject = subject
        self._pool = pool
        self._manner = manner
        self._source = source
        self._times = StampedTimes(source, manner.check_token)
        self._cosigned: Cosignatures | None = None
        self._more: dict[int, More] = {}
        self._mark, self._mark_notes = _mark_of(source, subject)
        if manner.kept is None:
            self._more[4] = PublishedRows(source, CHECKS)
        if manner.policy is not None:
            self._cosigned = self._more[7] = Cosignatures(CosignedRows(source), manner.policy, CHECKS)
            self._cosigned.progress = self._teller("witnesses")
        if manner.check_token is not None:
            self._more[8] = self._times
        if subject.vault is not None:
            self._more[10] = Openings(source, subject.vault)
        if manner.kept is None:
            self._derive_again()

    def _derive_again(self) -> None:
        """Checks 11 and 12, as far as there is what they need. With a second process 12 runs beside 11."""
        subject, source, beside = self._subject, self._source, None
        if subject.rederivers is not None and self._pool is not None and subject.folds is not None:
            beside = self._more[12] = Beside(self._pool, subject.rederivers)
        elif subject.rederivers is not None:
            again = self._more[12] = Rederiving(source, subject.rederivers())
            again.progress = self._teller("judging")
        if subject.folds is not None:
            begin = None if beside is None else beside.begin
            refold = self._more[11] = Refold(source, subject.tables, subject.folds, begin)
            refold.progress = self._teller("folding")

    def terms(self, found: Callable[[], Finding | None]) -> Terms:
        """The terms of the walk; `found` is what is known already."""
        manner, source = self._manner, self._source
        kept = manner.kept
        if kept is not None and not kept.keys:
            kept = replace(kept, keys=key_entries(source))
        before = [found, lambda: _strays(source, self._subject.tables), lambda: _misfits(source)]
        if self._cosigned is not None:
            before.insert(0, self._cosigned.begin)
        return Terms(
            (*manner.vkeys, *_log_vkeys(manner.policy, source.origin)),
            check_signature,
            decode,
            kept,
            self._mark,
            before,
            {number: self._more[number] for number in _ORDER if number in self._more},
            {} if kept is None else dict.fromkeys((11, 12), SINCE),
            self._pool,
            self._teller("entries"),
            manner.key_lists,
        )

    def told(self, report: Report, verified: Verified | None) -> Report:
        """The report with what witnesses and timestamps are worth, where no fault takes it back."""
        report = replace(report, notes=(*report.notes, *_unguarded(self._source), *self._mark_notes))
        if verified is None or not report.is_sound:
            return report
        stamped, strength = self._times.outcome(), report.strength
        notes = [*report.notes, *self._times.words()]
        if stamped.status is Status.PASSED and strength is Strength.OPERATOR_ONLY:
            strength = Strength.TIME_STAMPED
        witnessed, anchors = None, report.anchors
        if self._cosigned is not None:
            notes += self._cosigned.notes
            witnessed = self._cosigned.witnessed
        if witnessed is not None:
            strength, anchors = Strength.WITNESSED, (*anchors, f"a quorum of witnesses at size {witnessed.size}")
        checks = tuple(stamped if one.number == stamped.number else one for one in report.checks)
        told = replace(report, checks=checks, strength=strength, notes=tuple(notes))
        return replace(told, witnessed=witnessed, anchors=anchors)

    def _teller(self, what: str) -> Callable[[int, int], None] | None:
        tell = self._manner.progress
        return None if tell is None else lambda done, of: tell(what, done, of)


def _log_vkeys(policy: Policy | None, origin: str) -> list[str]:
    """The keys that the policy names for this log; `BrokenInput` when it names other logs alone."""
    if policy is None:
        return []
    own = [format_vkey(one.key) for one in policy.logs if one.key.name == origin]
    if policy.logs and not own:
        raise BrokenInput(f"expected a policy that names the log {origin}, or no log at all")
    return own


def key_entries(source: DatabaseSource) -> list[bytes]:
    """The entries that say which keys sign for the log, in order: the first, and those that the rows of keys name."""
    statement = "SELECT from_size, to_size, changed, certified FROM log_key WHERE log_id = {log}"
    rows = source.connection.query(source.log_id, statement, ())
    indexes = {0, *[index for row in rows for index in row if isinstance(index, int) and index > 0]}
    return [bytes(row[3]) for index in sorted(indexes) for row in source.entries(index, index + 1)]


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
    own = (*LEDGER_TABLES, *PUBLICATION_TABLES, LOG_STATE, ERASURE, VAULT_EPOCH, *tables)
    names = ["head", *dict.fromkeys(table.name for table in own if _is_evidence(table))]
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
    for table in (_HEAD, CHECKPOINT, OPENING, DATA_KEY, PUBLISHED, PUBLISHED_LINE, REACHED, TILE):
        keys = table.columns[: table.key]
        for column, kind in zip(table.columns, column_kinds(table), strict=True):
            listed = ", ".join([f"typeof({column})", *keys])
            test = f"typeof({column}) <> '{_STORED_AS[kind]}'"
            rows = ask(log_id, f"SELECT {listed} FROM {table.name} WHERE log_id = {{log}} AND {test} LIMIT 1", ())
            for found, *key in rows:
                return _altered(f"{column} as {_STORED_AS[kind]}", str(found), Place(table.name, tuple(key), column))
    return None


def _unguarded(source: DatabaseSource) -> tuple[str, ...]:
    """What to say where the database no longer refuses changes of the ledger's tables: no fault, for whoever can take
    the guards away can put them back, but reason to look."""
    if isinstance(source.database, SqliteDatabase):
        expected = [f"{table}_no_{act}" for table in ("entry", "checkpoint") for act in ("update", "delete", "replace")]
        expected += ["head_no_delete", "head_no_return", "head_no_replace"]
        statement = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        expected = [f"{table}_no_{act}" for table in ("entry", "checkpoint") for act in ("change", "truncate")]
        expected += ["head_no_delete", "head_no_return", "head_no_truncate"]
        statement = "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
    standing = {row[0] for row in source.connection.query(source.log_id, statement, ())}
    missing = [name for name in expected if name not in standing]
    return (f"guards of the database are gone: {', '.join(missing)}",) if missing else ()


def _is_evidence(table: Table[Any]) -> bool:
    return table.table_class.value != "operational"


def _altered(expected: str, found: str, place: Place) -> Finding:
    return Finding(2, Fault.ALTERED, expected, found, None, place)
