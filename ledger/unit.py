"""The unit of work: one command's questions, then its stages (the protocol is `ledger.work.UnitOfWork`)."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ledger.actor import Actor
from ledger.canonical import check_domain
from ledger.clock import Instant
from ledger.commands import fingerprint
from ledger.commitment import Salted
from ledger.entry import Entry, EntryDraft
from ledger.erasure_tables import VaultEpochRow
from ledger.errors import BrokenState, Misuse, Unavailable
from ledger.ids import IdMaker
from ledger.overlay import Overlay
from ledger.rows import PUT_BY_COMMANDS, Folds, R, Table, TableClass
from ledger.sealed_rows import data_key_for
from ledger.tables import DATA_KEY, OPENING, SUBJECT, OpeningRow, SubjectRow
from ledger.tuples import made
from ledger.vault import COMMITMENT, OPEN_CLASSES, SALT_BYTES, Sealing, Vault
from ledger.warm import Key
from ledger.work import Request


class Surroundings(Protocol):
    """What a unit asks of its batch."""

    overlay: Overlay
    vault: Vault
    mac_key: bytes
    folds: Folds
    origin: str
    now: Instant
    now_text: str
    ids: IdMaker

    @property
    def next_index(self) -> int:
        """The index of the next entry to be accepted."""
        ...

    @property
    def register_epoch(self) -> int:
        """See `ledger.work.UnitOfWork.register_epoch`."""
        ...

    def ask(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Flush what was accepted, then query."""
        ...


class Unit:
    """One command's staged writes. Nothing it does is seen by anyone until the batch accepts it."""

    def __init__(self, batch: Surroundings, request: Request) -> None:
        self._batch = batch
        self._overlay = batch.overlay
        self.request = request
        self.entries: list[Entry] = []
        self.subjects: dict[str, SubjectRow] = {}
        self.previous: list[int | None] = []
        self.local: dict[Table[Any], dict[Key, Any]] = {}
        self.gone: dict[Table[Any], list[Key]] = {}
        self.raises_epoch = False
        self._sealings: list[Sealing] = []
        self.actor: Actor = request.actor
        self.ids: IdMaker = batch.ids
        self.now = batch.now
        self.now_text = batch.now_text
        self.origin = batch.origin
        self.register_epoch = batch.register_epoch  # an earlier command may raise it, never this one before it is over
        self._actor_value = request.actor.as_value()

    @property
    def next_index(self) -> int:
        return self._batch.next_index + len(self.entries)

    def get(self, table: Table[R], *key: Any) -> R | None:
        if self.entries:
            raise Misuse("asked after staging: a command asks all its questions before its first write")
        return self.read(table, key) if self.local else self._overlay.row(table, key)

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        if self.entries:
            raise Misuse("asked after staging: a command asks all its questions before its first write")
        return self.read_group(table, key)

    def prefetch(self, wanted: Sequence[tuple[Table[Any], Key]]) -> None:
        self._overlay.load(wanted)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self.entries or self.local:
            raise Misuse("asked after staging: a command asks all its questions before its first write")
        return self._batch.ask(statement, parameters)

    def put(self, table: Table[R], row: R) -> None:
        if table.table_class not in PUT_BY_COMMANDS:
            raise Misuse(f"table {table.name} is written by folds alone")
        self.keep(table, row)

    def seal(self, subject: str, path: str, value: Any, *, data_class: str, data_subject: str | None = None) -> Any:
        if data_class in OPEN_CLASSES:
            return value  # its domain is checked with the whole entry's
        salt, value = value if type(value) is Salted else (os.urandom(SALT_BYTES), value)
        check_domain(value)
        sealing = Sealing(subject, path, salt, value, data_subject or "", data_class)
        self._sealings.append(sealing)
        self.read(DATA_KEY, (sealing.data_subject, data_class))
        return {COMMITMENT: f"{self._batch.next_index}.{self._batch.vault.commitment(sealing)}"}

    def seal_row(self, place: str, value: Any, data_subject: str) -> bytes:
        vault = self._batch.vault
        data_key, is_new = data_key_for(self, vault, data_subject, self._batch.next_index)
        if is_new:
            self.keep(DATA_KEY, data_key)
        return vault.seal_row(data_key, place, value)

    def destroy(self, table: Table[R], row: R) -> None:
        if table.table_class is not TableClass.VAULT:
            raise Misuse(f"rows of {table.name} are not destroyed")
        self.gone.setdefault(table, []).append(row[: table.key])

    def count_sealed(self, opening: OpeningRow) -> int:
        data_key = self.read(DATA_KEY, (opening.data_subject, opening.record_class))
        if data_key is None or not data_key.wrapped:
            return -1
        return len(self._batch.vault.open(data_key, opening.idx, opening.sealed))

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        if not is_sealed(sealed):
            return sealed
        return open_sealed(self, self._batch.vault, (subject, path), sealed)

    def fingerprint(self, purpose: str, text: str) -> str:
        return fingerprint(self._batch.mac_key, purpose, text)

    def stage(self, draft: EntryDraft) -> int:
        batch = self._batch
        fold = batch.folds.get((draft.kind, draft.schema))
        if fold is None:
            raise Misuse(f"no fold for {draft.kind} schema {draft.schema}")
        known = self.subjects.get(draft.subject)
        if known is None:
            known = self._overlay.row(SUBJECT, (draft.subject,))
        index = batch.next_index + len(self.entries)
        subject_index = 0 if known is None else known.size
        kind, schema, subject, payload, refs, basis, occurred_at, correlation_id, origin = draft
        entry = made(
            Entry,
            (
                batch.origin,
                index,
                "",  # prev: the chain is closed when the batch accepts the command; no fold reads it
                batch.now_text,
                kind,
                schema,
                subject,
                subject_index,
                self._actor_value,
                payload,
                occurred_at,
                None,  # part: known when the command is accepted
                refs,
                basis,
                self.request.command_id,
                None,  # command: it stands on the first entry
                correlation_id or self.request.correlation_id,
                origin,
            ),
        )
        self.previous.append(None if known is None else known.last)
        self.subjects[subject] = made(SubjectRow, (subject, subject_index + 1, index, b""))
        self.entries.append(entry)
        fold(_View(self, self._overlay), entry)
        return index

    def read(self, table: Table[R], key: Key) -> R | None:
        """The row with this key, this command's own rows included."""
        local = self.local.get(table)
        if local is not None:
            row: R | None = local.get(key)
            if row is not None:
                return row
        return self._overlay.row(table, key)

    def read_group(self, table: Table[R], group: Key) -> tuple[R, ...]:
        """The rows of the group in key order, this command's own rows included."""
        rows: Mapping[Key, R] = self._overlay.rows(table, group)
        local = self.local.get(table)
        if local:
            width = table.group_width
            rows = {**rows, **{key: row for key, row in local.items() if key[:width] == group}}
        return tuple([rows[key] for key in sorted(rows)])

    def keep(self, table: Table[R], row: R) -> None:
        """Put a row among this command's own."""
        local = self.local.get(table)
        if local is None:
            local = self.local[table] = {}
        local[row[: table.key]] = row
        if table.register:
            self.raises_epoch = True

    def add(self, table: Table[Any], amounts: dict[Key, int]) -> None:
        """Add to sums. Of a table of sums `local` has what is added, by key."""
        known = self.local.get(table)
        if known is not None:  # another entry of the same command
            amounts = {key: known.get(key, 0) + amounts.get(key, 0) for key in (*known, *amounts)}
        self.local[table] = amounts

    def close_vault(self) -> None:
        """Turn what was sealed into opening rows, one for each data subject and class."""
        if not self._sealings:
            return
        vault, index = self._batch.vault, self._batch.next_index
        by_key: dict[tuple[str, str], list[Sealing]] = {}
        for sealing in self._sealings:
            by_key.setdefault((sealing.data_subject, sealing.record_class), []).append(sealing)
        for part, (keys, sealings) in enumerate(by_key.items()):
            row = self.read(DATA_KEY, keys)
            if row is not None and not row.wrapped:
                told = "expected the erasure of this data subject on record again before more is kept about it"
                raise Unavailable("VAULT_EPOCH", told)
            if row is None:
                row = vault.new_data_key(*keys, index)
                self.keep(DATA_KEY, row)
            self.keep(OPENING, OpeningRow(index, part, *keys, vault.seal(row, index, sealings)))


class Reads(Protocol):
    """Reading rows by key: a unit, or a read-only view."""

    def read(self, table: Table[R], key: Key) -> R | None:
        """The row with this key."""
        ...

    def read_group(self, table: Table[R], group: Key) -> tuple[R, ...]:
        """The rows of the group."""
        ...


def turn_to(vault: Vault, row: VaultEpochRow | None, register_epoch: int) -> None:
    """Bring a vault to the epoch in force, as read in a batch or view at this register epoch."""
    if row is not None:
        vault.turn(row.epoch, row.settled)
    vault.seen = register_epoch


def is_sealed(value: Any) -> bool:
    """Whether this is what `seal` puts in the place of a classed value."""
    return type(value) is dict and len(value) == 1 and COMMITMENT in value


def open_sealed(rows: Reads, vault: Vault, place: tuple[str, str], sealed: Any) -> Any:
    """The value behind a commitment; None when its opening or key was destroyed, `BrokenState` when altered."""
    index, _, commitment = sealed[COMMITMENT].partition(".")
    if not index.isdecimal():
        raise BrokenState("expected a commitment with the index of its opening")
    for row in rows.read_group(OPENING, (int(index),)):
        data_key = rows.read(DATA_KEY, (row.data_subject, row.record_class))
        if data_key is None or not data_key.wrapped:
            continue
        for opening in vault.open(data_key, row.idx, row.sealed):
            if not vault.matches(commitment, opening):
                continue  # another value of the same command
            if (opening[0], opening[1]) != place:
                raise BrokenState(f"expected an opening of {place[0]}, found one of another place")
            return opening[3]
    return None


class _View:
    """What a fold sees of a unit: rows by key and nothing else.

    Reading and putting stand here a second time, without the way through the unit: they are most of what a fold does.
    """

    __slots__ = ("_local", "_row", "_unit")

    def __init__(self, unit: Unit, overlay: Overlay) -> None:
        self._unit = unit
        self._local = unit.local
        self._row = overlay.row

    def get(self, table: Table[R], *key: Any) -> R | None:
        local = self._local.get(table)
        if local is not None:
            row: R | None = local.get(key)
            if row is not None:
                return row
        return self._row(table, key)

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        return self._unit.read_group(table, key)

    def put(self, table: Table[R], row: R) -> None:
        if table.is_appended:
            raise Misuse(f"table {table.name} is appended by the batch alone")
        local = self._local.get(table)
        if local is None:
            local = self._local[table] = {}
        local[row[: table.key]] = row
        if table.register:
            self._unit.raises_epoch = True

    def add(self, table: Table[Any], amounts: dict[Key, int]) -> None:
        self._unit.add(table, amounts)
