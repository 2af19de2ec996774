"""The write-ahead log is copied beside the writer: it begins anew, a failure costs nothing, a kill loses nothing."""

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest

from ledger import wal
from ledger.sqlite import connect
from ledger.wal import WalCopier

ROWS = 20  # of one commit
NOT_ALONE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
try:
    print(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0])
except sqlite3.OperationalError as error:
    print(error)
"""


def opened(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("CREATE TABLE IF NOT EXISTS act (number INTEGER PRIMARY KEY, text BLOB)")
    return connection


def commit(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    rows = [(number * ROWS + row, random.randbytes(700)) for row in range(ROWS)]
    connection.executemany("INSERT INTO act VALUES (?, ?)", rows)
    connection.execute("COMMIT")


def frames(connection: sqlite3.Connection) -> int:
    """Pages in the log since it last began anew."""
    _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)


def test_the_log_begins_anew_while_commits_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "COPY_AFTER", 10 * ROWS)
    writer = opened(tmp_path / "acts.sqlite")
    copier = WalCopier(tmp_path / "acts.sqlite", writer, connect)
    commit(writer, 0)
    of_one = frames(writer)
    most = 0
    for number in range(1, 600):  # each waits for the disk, so the thread comes to its turn many times
        commit(writer, number)
        copier.committed()
        most = max(most, wal_pages(tmp_path))
    copier.stop()
    assert most <= 300 * of_one, "the log grew on"
    assert not copier._thread or not copier._thread.is_alive()
    assert writer.execute("SELECT count(*) FROM act").fetchone() == (600 * ROWS,)
    writer.close()


def wal_pages(folder: Path) -> int:
    """Pages the log file has room for: it grows with the longest log there was."""
    return (folder / "acts.sqlite-wal").stat().st_size // 4_120


def test_a_copy_that_fails_is_tried_again_and_costs_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "COPY_AFTER", ROWS)
    writer = opened(tmp_path / "acts.sqlite")
    tried: list[Path] = []

    def away(path: Path) -> sqlite3.Connection:
        tried.append(path)
        raise sqlite3.OperationalError("unable to open database file")

    copier = WalCopier(tmp_path / "acts.sqlite", writer, away)
    number = 0
    while len(tried) < 3:
        commit(writer, number)
        copier.committed()
        number += 1
        assert number < 100_000
    copier.stop()
    assert writer.execute("SELECT count(*) FROM act").fetchone() == (number * ROWS,)
    writer.close()


def test_flushing_gives_up_no_lock_of_sqlite(tmp_path: Path) -> None:
    """Closing any descriptor of the file would: then another process took the log away under the open connection."""
    path = tmp_path / "acts.sqlite"
    writer = opened(path)
    commit(writer, 0)
    wal._flush(path)
    wal._flush(path)
    told = subprocess.run([sys.executable, "-c", NOT_ALONE, str(path)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "database is locked"
    assert os.fstat(wal._DESCRIPTORS[path]).st_ino == path.stat().st_ino
    writer.close()


def _write(path: Path, told: Pipe) -> None:
    wal.COPY_AFTER = 2 * ROWS
    writer = opened(path)
    copier = WalCopier(path, writer, connect)
    ((start,),) = writer.execute("SELECT count(*) FROM act").fetchall()
    for number in range(start // ROWS, 1_000_000):
        commit(writer, number)
        copier.committed()
        told.send(number)


def test_a_kill_while_it_copies_loses_no_commit(tmp_path: Path) -> None:
    path = tmp_path / "acts.sqlite"
    context = multiprocessing.get_context("spawn")
    for seed in range(4):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_write, args=(path, theirs), daemon=True)
        child.start()
        theirs.close()
        last = -1
        for _ in range(random.Random(seed).randint(20, 90)):
            last = ours.recv()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        try:
            while True:
                last = ours.recv()
        except EOFError:
            ours.close()
        found = connect(path)
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        ((count,),) = found.execute("SELECT count(*) FROM act").fetchall()
        assert count % ROWS == 0
        assert count // ROWS in (last + 1, last + 2)  # the commit after the last that was told may have landed
        found.close()
