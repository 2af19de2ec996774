"""SQLite's write-ahead log copied back into the file beside the writer, not by it.

Left to itself the commit that makes the log long enough copies it, and everybody who waits for that commit and for the
next one waits 20 ms longer (measured: the 99th percentile of 32 callers). Here a thread copies while commits go on;
what was committed meanwhile is a few pages, which the writer copies itself right after, so that the log begins anew.

    writer    ... commit, commit, commit, ................ commit, commit, the rest, commit ...
    thread                    begin ... copied, flushed

SQLite flushes the file only with the last page of the log, so the thread does that as well: it is the longer part.
Durability does not depend on it: a commit is durable in the log. A copy that fails is tried again with the next, and
SQLite copies by itself a log that has grown to WAL_PAGES_MAX.
"""

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

COPY_AFTER = 5_000  # pages, about 20 MB: what follows in the steady state goes where the file has room already
ROWS_PAGE = 6  # rows changed that come to a page of the log, beside those of each commit (measured)
COMMIT_PAGES = 12  # the ends of tables and indexes that every commit writes again, however little it changes
WAL_PAGES_MAX = 32_000
_COPY = "PRAGMA wal_checkpoint(PASSIVE)"  # waits for nobody and makes nobody wait
_STOP_SECONDS = 5.0

_DESCRIPTORS: dict[Path, int] = {}
"""One for each file, never closed: closing any descriptor of a file gives up all locks this process has on it (POSIX),
those of SQLite too."""


class WalCopier:
    """Beside one writing connection; `committed` is called by its thread alone, after a commit. `connect` opens another
    connection to the same file, for the thread that copies."""

    def __init__(self, path: Path, writer: sqlite3.Connection, connect: Callable[[Path], sqlite3.Connection]) -> None:
        self._path = path
        self._writer = writer
        self._connect = connect
        self._begun_at = writer.total_changes
        self._commits = 0  # since the copying that was begun last
        self._wake = threading.Event()
        self._copied = threading.Event()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def committed(self) -> None:
        """Begin to copy when there is enough; copy the rest when the thread is done."""
        changes = self._writer.total_changes
        self._commits += 1
        if self._copied.is_set():
            self._copied.clear()
            with suppress(sqlite3.Error):
                self._writer.execute(_COPY).fetchone()
        elif (changes - self._begun_at) // ROWS_PAGE + self._commits * COMMIT_PAGES >= COPY_AFTER:
            self._begun_at, self._commits = changes, 0
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="wal-copier")
                self._thread.start()
            self._wake.set()

    def stop(self) -> None:
        """End the thread; called before the connection is closed."""
        if self._thread is not None:
            self._is_stopping = True
            self._wake.set()
            self._thread.join(_STOP_SECONDS)

    def _work(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._is_stopping:
                break
            with suppress(sqlite3.Error, OSError):
                if connection is None:
                    connection = self._connect(self._path)
                connection.execute(_COPY).fetchone()
                _flush(self._path)
                self._copied.set()
        if connection is not None:
            connection.close()


def _flush(path: Path) -> None:
    descriptor = _DESCRIPTORS.get(path)
    if descriptor is None:
        descriptor = _DESCRIPTORS[path] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    os.fsync(descriptor)
