"""Every byte of a stored log counts: flip any one of them and the fault is found, where it is."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ledger.canonical import encode
from ledger.verify.report import Fault
from ledger.verify.source import StoredEntry
from tests.conftest import SetClock
from tests.ledger.tampering import Copy, Listed, listed, write_log
from tests.migrated import migrated_sqlite

SEED = 2026
SAMPLE = 250


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Listed, str]:
    folder = tmp_path_factory.mktemp("flips")
    database = migrated_sqlite(folder / "ledger.sqlite")
    copy = Copy(database, write_log(database, folder / "keys", SetClock()))
    return listed(copy), copy.signer.vkey


def entry_flips(log: Listed, column: str) -> list[tuple[int, int]]:
    """(entry, byte) of every byte in a column."""
    return [(row.idx, at) for row in log.rows for at in range(len(getattr(row, column)))]


def flipped(data: bytes, at: int, bit: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def with_entry(log: Listed, row: StoredEntry) -> Listed:
    rows = list(log.rows)
    rows[row.idx] = row
    return replace(log, rows=rows)


def check_flips(log: Listed, vkey: str, column: str, flips: Iterator[tuple[int, int]]) -> None:
    for index, at in flips:
        row = log.rows[index]
        for bit in (1, 128):
            changes: dict[str, Any] = {column: flipped(getattr(row, column), at, bit)}
            changed = row._replace(**changes)
            finding = with_entry(log, changed).verify(vkey).finding
            assert finding is not None, (index, at, bit)
            assert (finding.fault, finding.index) == (Fault.ALTERED, index), (index, at, bit)


@pytest.mark.parametrize("column", ["data", "leaf_hash"])
def test_a_flipped_byte_of_an_entry(log: tuple[Listed, str], column: str) -> None:
    flips = entry_flips(log[0], column)
    check_flips(*log, column, iter(random.Random(SEED).sample(flips, SAMPLE)))


@pytest.mark.long
@pytest.mark.parametrize("column", ["data", "leaf_hash"])
def test_every_flipped_byte_of_an_entry(log: tuple[Listed, str], column: str) -> None:
    check_flips(*log, column, iter(entry_flips(log[0], column)))


def test_a_flipped_byte_of_a_checkpoint(log: tuple[Listed, str]) -> None:
    source, vkey = log
    for number, kept in enumerate(source.notes[:3]):
        note = kept.note.encode()
        for at in range(len(note)):
            notes = list(source.notes)
            notes[number] = kept._replace(note=flipped(note, at).decode(errors="replace"))
            finding = replace(source, notes=notes).verify(vkey).finding
            assert finding is not None, at
            assert finding.fault in (Fault.ALTERED, Fault.WRONG_KEY), (at, finding)
            assert str(finding.place).startswith(f"checkpoint({kept.size})"), (at, finding)


def test_every_entry_dropped_or_doubled(log: tuple[Listed, str]) -> None:
    source, vkey = log
    for index in range(len(source.rows)):
        rows = [row for row in source.rows if row.idx != index]
        is_last = index == len(source.rows) - 1
        head = replace_end(source, index) if is_last else source
        finding = replace(head, rows=rows).verify(vkey).finding
        assert finding is not None
        assert (finding.fault, finding.index) == (Fault.TRUNCATED if is_last else Fault.MISSING, index)
        doubled = [*source.rows[: index + 1], source.rows[index], *source.rows[index + 1 :]]
        finding = replace(source, rows=doubled).verify(vkey).finding
        assert finding is not None
        assert finding.fault is Fault.INSERTED


def replace_end(source: Listed, end: int) -> Listed:
    return replace(source, stored_head=source.stored_head._replace(entries_end=end))


def test_an_entry_another_value_was_written_over(log: tuple[Listed, str]) -> None:
    source, vkey = log
    for row in source.rows:
        other = source.rows[(row.idx + 7) % len(source.rows)]
        finding = with_entry(source, row._replace(data=encode("no entry"))).verify(vkey).finding
        assert finding is not None
        assert (finding.fault, finding.index) == (Fault.ALTERED, row.idx)
        finding = with_entry(source, other._replace(idx=row.idx)).verify(vkey).finding
        assert finding is not None
        assert finding.index == row.idx
