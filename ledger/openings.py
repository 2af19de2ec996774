"""Check 10 on a database: every opening in the vault opens commitments that stand in the entries of its command, and
every commitment without one is named by a certificate of erasure.

A data key must be one that this log wrapped for its data subject, class and epoch. Openings and entries are read
side by side, in the order of the log.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from ledger.canonical import b64url, encode, from_b64url
from ledger.commitment import commit
from ledger.epochs import EpochGone
from ledger.erasure import CARRIED_OUT
from ledger.errors import MunimentError
from ledger.stored import DatabaseSource
from ledger.tables import DATA_KEY, DataKeyRow, OpeningRow
from ledger.vault import COMMITMENT, DRAFT, Vault
from ledger.verify.log import Verified
from ledger.verify.openings import commitments_in
from ledger.verify.report import Fault, Finding, Place

ROWS_AT_ONCE = 1_000
_SEALED = f'"{COMMITMENT}"'.encode()  # as canonical bytes spell it; in a text its quotes would be escaped
_CERTIFICATE = f'"kind":"{CARRIED_OUT}"'.encode()

Erased = dict[int, dict[int, int]]
"""Index -> part -> number of values: openings that certificates name; -1 where that is not known."""


class Gone(NamedTuple):
    """A command of whose openings some are not there: how many values have none, and the parts that are left."""

    unopened: int
    parts: tuple[int, ...]


class Openings:
    """One run over the vault's rows. `vault` is made for this run, with the log's key-encryption keys."""

    def __init__(self, source: DatabaseSource, vault: Vault) -> None:
        self._source = source
        self._vault = vault
        self._erased: Erased = {}
        self._gone: dict[int, Gone] = {}
        self.opened = 0  # values
        self.erased = 0  # openings that are gone and named by a certificate

    @property
    def note(self) -> str:
        """See `ledger.verify.log.More`."""
        return f"{self.opened:,} openings opened"

    def __call__(self, verified: Verified) -> Finding | None:
        """See `ledger.verify.log.More`."""
        unused: set[tuple[str, str]] = set()
        for key in self._rows("data_key", DataKeyRow._fields, 2):
            row = DataKeyRow(*key)
            if (finding := self._judge_key(row)) is not None:
                return finding
            if row.record_class != DRAFT:  # what it seals lies in operational rows
                unused.add(row[:2])
        openings = groupby((OpeningRow(*row) for row in self._rows("opening", OpeningRow._fields, 2)), lambda o: o.idx)
        commands = self._commands(verified.size)
        nothing: tuple[int, set[str]] = (verified.size, set())
        command = next(commands, nothing)
        for index, group in openings:
            rows = list(group)
            while command[0] < min(index, verified.size):
                self._gone[command[0]] = Gone(len(command[1]), ())
                command = next(commands, nothing)
            if index >= verified.size:  # written since the walk; or moved there
                size = self._source.head().size
                if index < size:
                    break
                place = Place("opening", rows[0][:2], "idx")
                return _altered(f"an entry below size {size}", f"{index}", None, place)
            standing = command[1] if command[0] == index else set()
            if (finding := self._judge(index, standing, rows)) is not None:
                return finding
            unused.difference_update((row.data_subject, row.record_class) for row in rows)
            command = next(commands, nothing) if command[0] == index else command
        while command[0] < verified.size:
            self._gone[command[0]] = Gone(len(command[1]), ())
            command = next(commands, nothing)
        if (finding := self._judge_gone(verified.size)) is not None:
            return finding
        if unused and self._source.head().size == verified.size:
            stray = min(unused)
            return _altered("an opening under each data key", "none", None, Place("data_key", stray))
        return None

    def _judge_key(self, row: DataKeyRow) -> Finding | None:
        if not row.wrapped:
            told = "a data key", "none: it was erased before this database was restored, and no certificate is here"
            return Finding(10, Fault.MISSING, *told, None, Place("data_key", row[:2], "wrapped"))
        try:
            try:
                self._vault.check_data_key(row)
            except EpochGone:  # wrapped anew since it was read, unless its key is missing
                again = self._source.connection.load(self._source.log_id, DATA_KEY, [row[:2]])
                for found in again:
                    self._vault.check_data_key(found)
        except MunimentError:  # altered, or of an epoch whose key is not here
            place = Place("data_key", row[:2], "wrapped")
            return _altered("a data key wrapped for this subject, class and epoch", "other bytes", None, place)
        return None

    def _judge(self, index: int, standing: set[str], rows: list[OpeningRow]) -> Finding | None:
        """The openings of the command that begins at `index`, against the commitments that stand in its entries."""
        opened: set[str] = set()
        for row in rows:
            place = Place("opening", row[:2], "sealed")
            keys = self._source.connection.load(self._source.log_id, DATA_KEY, [(row.data_subject, row.record_class)])
            if not keys:
                told = f"none for {row.data_subject}, {row.record_class}"
                return _altered("an opening whose data key is there", told, index, Place("opening", row[:2]))
            try:
                for subject, path, salt, value in self._vault.open(keys[0], index, row.sealed):
                    made = b64url(commit(from_b64url(salt), self._source.origin, subject, path, encode(value)))
                    if made not in standing:
                        return _altered(f"a commitment to {path} of {subject} in the entry", "none", index, place)
                    opened.add(made)
                    self.opened += 1
            except MunimentError as error:
                return _altered("an opening of this command", str(error), index, place)
        parts = tuple([row.part for row in rows])
        if len(opened) < len(standing) or parts != tuple(range(len(parts))):
            self._gone[index] = Gone(len(standing - opened), parts)
        return None

    def _judge_gone(self, size: int) -> Finding | None:
        """What is not there any more: each gap among the parts and each value, named by a certificate of this log."""
        if self._gone.keys() - self._erased.keys():  # it may have been erased since the walk
            for _, _, _, data in self._source.entries(size, self._source.head().size):
                self._take_certificate(data)
        for index, gone in self._gone.items():
            certified = self._erased.get(index, {})
            expected = [part for part in range(len(gone.parts) + len(certified)) if part not in certified]
            for part, wanted in zip(gone.parts, expected, strict=False):
                if part != wanted:
                    place = Place("opening", (index, part), "part")
                    return _altered(f"part {wanted}", f"part {part}", index, place)
            if gone.unopened > sum(certified.values()) and min(certified.values(), default=0) >= 0:
                told = f"{gone.unopened} values without one, {sum(certified.values())} of them certified as erased"
                place = Place("opening", (index,))
                return Finding(10, Fault.MISSING, "an opening of each value that was not erased", told, index, place)
            self.erased += len(certified)
        return None

    def _take_certificate(self, data: bytes) -> None:
        value: Any = orjson.loads(data) if _CERTIFICATE in data else {"kind": ""}
        if value["kind"] == CARRIED_OUT:  # and not somebody's data that says so
            for index, part, values in value["payload"]["destroyed"]:
                self._erased.setdefault(index, {})[part] = values

    def _commands(self, size: int) -> Iterator[tuple[int, set[str]]]:
        """(index of the first entry, commitments made by it) of every command that made any, in order."""
        begun, standing = 0, set[str]()
        for start in range(0, size, ROWS_AT_ONCE):
            for index, _, _, data in self._source.entries(start, min(size, start + ROWS_AT_ONCE)):
                self._take_certificate(data)
                if _SEALED not in data:
                    continue
                value = orjson.loads(data)
                first = index - value["part"][0] + 1 if "part" in value else index
                if first != begun and standing:
                    yield begun, standing
                    standing = set()
                begun = first
                standing.update(sealed for made_at, sealed in commitments_in(value) if made_at == str(first))
        if standing:
            yield begun, standing

    def _rows(self, table: str, columns: tuple[str, ...], key: int) -> Iterator[tuple[Any, ...]]:
        """All rows of a vault table in key order."""
        keys = ", ".join(columns[:key])
        listed, tail = ", ".join(columns), f"ORDER BY {keys} LIMIT {ROWS_AT_ONCE}"
        ask = self._source.connection.query
        log_id = self._source.log_id
        rows = ask(log_id, f"SELECT {listed} FROM {table} WHERE log_id = {{log}} {tail}", ())
        following = f"SELECT {listed} FROM {table} WHERE log_id = {{log}} AND ({keys}) > (?, ?) {tail}"
        while rows:
            yield from rows
            rows = ask(log_id, following, rows[-1][:key])


def _altered(expected: str, found: str, index: int | None, place: Place) -> Finding:
    return Finding(10, Fault.ALTERED, expected, found, index, place)
