"""Nothing is left: no clear value, no data key, no older key, in any file of the service or any backup of before."""

import shutil
import sqlite3
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from ledger.canonical import encode
from ledger.database import Database, SqliteDatabase
from ledger.epochs import EpochGone
from ledger.errors import BrokenState
from ledger.tables import DATA_KEY, OPENING
from ledger.vault import DataKey
from tests.erasure.house import SECRETS, Process, copy_database


@dataclass
class Before:
    """What is known of the erased before: their clear value, data key, older key, rows."""

    data_key: DataKey
    unwrapped: bytes
    older: bytes
    sealed: list[tuple[int, bytes]]

    def usable(self) -> Iterator[tuple[str, bytes]]:
        """What must not be found anywhere, in every spelling."""
        secret = SECRETS["toy_1"]
        yield "clear value", secret.encode()
        yield "clear value in UTF-16", secret.encode("utf-16-le")
        yield "clear value as canonical text", encode(secret)
        for name, key in (("data key", self.unwrapped), ("older key", self.older)):
            yield name, key
            yield f"{name} in hexadecimal", key.hex().encode()
            yield f"{name} in base64", b64encode(key)
            yield f"{name} in base64url", urlsafe_b64encode(key).rstrip(b"=")

    def locked(self) -> Iterator[tuple[str, bytes]]:
        """What no key opens any more, and must be gone from the live files all the same."""
        yield "wrapped data key", self.data_key.wrapped
        for _, sealed in self.sealed:
            yield "sealed opening", sealed


def known(house: Process) -> Before:
    connection = house.database.connect(read_only=True)
    (row,) = connection.load(house.log.log_id, DATA_KEY, [("ds_1", "personal")])
    openings = connection.query(
        house.log.log_id, "SELECT idx, sealed FROM opening WHERE data_subject = 'ds_1' AND log_id = {log}", ()
    )
    connection.close()
    vault = house.log.secrets.vault
    sealed = [(int(index), bytes(data)) for index, data in openings]
    return Before(row, vault._unwrap(row), vault.ring.keys[row.epoch], sealed)


def found_in(folder: Path, wanted: Iterator[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """(what, file name) of everything that is found."""
    contents: dict[Path, bytes] = {}
    for path in folder.rglob("*"):
        with suppress(OSError):  # a folder, a socket, a cache that the server took away
            contents[path] = path.read_bytes()
    assert contents
    return {(what, path.name) for what, data in wanted for path, content in contents.items() if data in content}


def opens(process: Process, before: Before) -> bool:
    """Whether any key there is opens the row of before."""
    vault = process.log.secrets.vault
    files = vault.ring.files
    assert files is not None
    associated = vault._wrapping(before.data_key)
    for epoch in {before.data_key.epoch, *vault.ring.keys, *files.epochs()}:
        with suppress(InvalidTag, EpochGone):
            vault.ring.cipher(epoch).decrypt(before.data_key.wrapped[:12], before.data_key.wrapped[12:], associated)
            return True
    return False


@pytest.mark.parametrize("which", ["first", "second"])
def test_sqlite(tmp_path: Path, clock: Any, fences: Any, which: str) -> None:
    from tests.erasure.house import found
    from tests.migrated import migrated_sqlite

    live = tmp_path / "live"
    live.mkdir()
    database = migrated_sqlite(live / "ledger.sqlite")
    house = found(database, live, clock, fences)
    if which == "second":
        house.erase("ds_3")
    before = known(house)
    # Three backups: by the database's own means, as a plain copy with its write-ahead log, and VACUUM INTO.
    copy_database(database, tmp_path / "backups" / "a", None)
    shutil.copytree(live, tmp_path / "backups" / "b", ignore=lambda *_: {"keys"})
    with sqlite3.connect(live / "ledger.sqlite") as reading:
        reading.execute("VACUUM INTO ?", (str(tmp_path / "backups" / "c.sqlite"),))
    reading.close()
    assert found_in(tmp_path, before.locked()), "expected to be able to find what is there"
    assert opens(house, before)
    assert revived(house, SqliteDatabase(tmp_path / "backups" / "c.sqlite")) is not None
    house.erase("ds_1")
    # The service still runs: its files as they are, write-ahead log and all.
    assert found_in(live, before.locked()) == set()
    assert found_in(tmp_path, before.usable()) == set()
    house.close()
    assert found_in(tmp_path, before.usable()) == set()
    again = Process(database, live / "keys", clock, fences)
    assert not opens(again, before)
    for backup in (tmp_path / "backups" / "a" / "ledger.sqlite", tmp_path / "backups" / "c.sqlite"):
        assert revived(again, SqliteDatabase(backup)) is None
    again.close()


def revived(process: Process, backup: Database) -> Any:
    """The value as it opens with the rows of a backup and the keys there are; None when nothing does."""
    connection = backup.connect(read_only=True)
    try:
        (row,) = connection.load(process.log.log_id, DATA_KEY, [("ds_1", "personal")])
        openings = connection.load(process.log.log_id, OPENING, [(2,)])
        with suppress(EpochGone, BrokenState):
            return [
                process.log.secrets.vault.open(row, one.idx, one.sealed)
                for one in openings
                if one.data_subject == "ds_1"
            ]
    finally:
        connection.close()
    return None


@pytest.mark.postgresql
def test_postgresql(tmp_path: Path, clock: Any, fences: Any, postgresql: Any) -> None:
    """Dead tuples, write-ahead log and backups keep the old rows; what is left of them opens by no key there is."""
    from tests.erasure.house import found
    from tests.migrated import migrated_postgresql

    database = migrated_postgresql(postgresql)
    house = found(database, tmp_path, clock, fences)
    before = known(house)
    house.close()
    backup = copy_database(database, tmp_path, postgresql)
    assert revived(house, backup) is not None
    house.erase("ds_1")
    house.close()
    import psycopg

    with psycopg.connect(postgresql.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    assert found_in(postgresql.folder, before.locked()), "expected old rows among the server's files"
    assert found_in(postgresql.folder, before.usable()) == set()
    assert found_in(tmp_path, before.usable()) == set()
    again = Process(database, tmp_path / "keys", clock, fences)
    assert not opens(again, before)
    assert revived(again, backup) is None
    again.close()
