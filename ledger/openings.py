"""Check 10 on a database: every opening in the vault opens commitments that stand in the entries of its command.

A data key must be one that this log wrapped for its data subject and class. What has no opening was destroyed or lost;
that is counted, not judged: certificates of erasure tell the two apart.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from ledger.canonical import b64url, encode, from_b64url
from ledger.commitment import commit
from ledger.errors import BrokenState, MunimentError
from ledger.stored import DatabaseSource
from ledger.tables import DATA_KEY, DataKeyRow, OpeningRow
from ledger.vault import Vault
from ledger.verify.log import Verified
from ledger.verify.openings import commitments_in
from ledger.verify.report import Fault, Finding, Place

ROWS_AT_ONCE = 1_000


class Openings:
    """One run over the vault's rows. `vault` is made for this run, with the log's key-encryption key."""

    def __init__(self, source: DatabaseSource, vault: Vault) -> None:
        self._source = source
        self._vault = vault
        self.opened = 0

    @property
    def note(self) -> str:
        """See `ledger.verify.log.More`."""
        return f"{self.opened:,} openings opened"

    def __call__(self, verified: Verified) -> Finding | None:
        """See `ledger.verify.log.More`."""
        unused: set[tuple[str, str]] = set()
        for key in self._rows("data_key", DataKeyRow._fields, 2):
            row = DataKeyRow(*key)
            try:
                self._vault.check_data_key(row.wrapped, row.data_subject, row.record_class)
            except BrokenState:
                place = Place("data_key", row[:2], "wrapped")
                return _altered("a data key wrapped for this subject and class", "other bytes", None, place)
            unused.add(row[:2])
        reached: tuple[int, int] | None = None
        for values in self._rows("opening", OpeningRow._fields, 2):
            opening = OpeningRow(*values)
            if opening.idx >= verified.size:  # written since the walk; or moved there
                size = self._source.head().size
                if opening.idx < size:
                    break
                place = Place("opening", opening[:2], "idx")
                return _altered(f"an entry below size {size}", f"{opening.idx}", None, place)
            next_part = reached[1] + 1 if reached is not None and reached[0] == opening.idx else 0
            if opening.part != next_part:
                place = Place("opening", opening[:2], "part")
                return _altered(f"part {next_part}", f"part {opening.part}", opening.idx, place)
            if (finding := self._judge(opening)) is not None:
                return finding
            reached = (opening.idx, opening.part)
            unused.discard((opening.data_subject, opening.record_class))
        if unused and self._source.head().size == verified.size:
            stray = min(unused)
            return _altered("an opening under each data key", "none", None, Place("data_key", stray))
        return None

    def _judge(self, opening: OpeningRow) -> Finding | None:
        place = Place("opening", opening[:2], "sealed")
        keys = self._source.connection.load(
            self._source.log_id, DATA_KEY, [(opening.data_subject, opening.record_class)]
        )
        if not keys:
            told = "an opening whose data key is there", f"none for {opening.data_subject}, {opening.record_class}"
            return _altered(*told, opening.idx, Place("opening", opening[:2]))
        pair = (opening.data_subject, opening.record_class)
        try:
            opened = self._vault.open(keys[0].wrapped, opening.idx, pair, opening.sealed)
            standing = self._standing(opening.idx)
            for subject, path, salt, value in opened:
                made = commit(from_b64url(salt), self._source.origin, subject, path, encode(value))
                if b64url(made) not in standing:
                    return _altered(f"a commitment to {path} of {subject} in the entry", "none", opening.idx, place)
                self.opened += 1
        except MunimentError as error:
            return _altered("an opening of this command", str(error), opening.idx, place)
        return None

    def _standing(self, index: int) -> set[str]:
        """The commitments in the entries of the command that begins at `index`, opened at `index`."""
        found: set[str] = set()
        count = 1
        at = index
        while at < index + count:
            rows = self._source.entries(at, at + 1)
            if not rows:
                break
            value = orjson.loads(rows[0][3])
            if at == index and "part" in value:
                count = value["part"][1]
            found.update(commitment for made_at, commitment in commitments_in(value) if made_at == str(index))
            at += 1
        return found

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
