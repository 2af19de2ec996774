"""One peer that keeps a log, in a process of its own, run as a script by whichever Python it is installed in.

    PYTHON -P bench/peer_ledger.py PEER FOLDER       (-P: the folder of this file holds names of standard modules)

The first line it writes says what is measured: `{"peer", "version", "durability"}`, or `{"missing": PACKAGE}`. Then
each line it reads is answered by one, `{"count": 100, "seconds": 0.2}`, until its input ends:

    {"act": "append", "count": N}    N records, each durable by itself
    {"act": "batch", "count": N}     N records in one transaction
    {"act": "fill", "count": N}      records until there are N, however that is fastest
    {"act": "verify"}                all there are, by the peer's own verification

It imports nothing of Muniment, so the peer's environment needs only the peer.
"""

import asyncio
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

SUBJECT = "Replacement of the boiler in the east wing; three offers were compared. " * 16
"""1,152 bytes. With the rest of a record (190 bytes in auditchain, 295 in ledgerchain) it is as long as an entry of our
benches, which has 1,390 bytes."""
FILLED_AT_ONCE = 1_000


class Log(Protocol):
    """A peer's log."""

    durability: str

    def append(self) -> None:
        """One record, durable when it returns."""

    def batch(self, count: int) -> None:
        """Many in one transaction."""

    def verify(self) -> int:
        """How many were verified; raises when one does not hold."""


class AuditChain:
    """auditchain on SQLite with its defaults: a hash chain, no signature."""

    durability = "SQLite, journal_mode=DELETE, synchronous=FULL; its defaults, a chain without signatures"

    def __init__(self, folder: Path) -> None:
        package = import_module("auditchain")
        self._loop = asyncio.new_event_loop()
        self._log = package.AuditLog(package.SqliteBackend(folder / "auditchain.sqlite"))
        self._loop.run_until_complete(self._log.init())

    def append(self) -> None:
        self._loop.run_until_complete(self._log.append("officer", "decided", "case", metadata={"subject": SUBJECT}))

    def batch(self, count: int) -> None:
        records = [("officer", "decided", "case", {"subject": SUBJECT}) for _ in range(count)]
        self._loop.run_until_complete(self._log.append_many(records))

    def verify(self) -> int:
        report = self._loop.run_until_complete(self._log.verify())
        assert report.ok, report
        return len(self._loop.run_until_complete(self._log.read()))


class LedgerChain:
    """ledgerchain on SQLite with its file switched to WAL, which suits it better: a hash chain, no signature."""

    durability = "SQLite, journal_mode=WAL (switched by us), synchronous=FULL; a chain without signatures"

    def __init__(self, folder: Path) -> None:
        path = folder / "ledgerchain.sqlite"
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")  # it stays with the file
        connection.close()
        self._package = import_module("ledgerchain")
        engine = import_module("sqlalchemy").create_engine(f"sqlite:///{path}")
        self._package.create_all(engine)
        self._session = import_module("sqlalchemy.orm").sessionmaker(bind=engine)

    def append(self) -> None:
        self.batch(1)

    def batch(self, count: int) -> None:
        with self._session() as session:
            for _ in range(count):
                self._package.LedgerWriter.append(
                    session,
                    event_type="case.decided",
                    payload={"subject": SUBJECT},
                    actor={"kind": "human", "sub": "officer"},
                    tenant_id="bench",
                    subject_uri="/cases/1",
                )
            session.commit()

    def verify(self) -> int:
        with self._session() as session:
            result = self._package.verify_chain(session)
        assert result.valid, result.reason
        return int(result.checked_entries)


class EventSourcing:
    """eventsourcing's recorder on SQLite: durable, but without a chain; its verification is reading everything."""

    durability = "SQLite, its defaults (WAL, synchronous=FULL); no chain, nothing is verified but read back"

    def __init__(self, folder: Path) -> None:
        module = import_module("eventsourcing.sqlite")
        self._event = import_module("eventsourcing.persistence").StoredEvent
        store = module.SQLiteDatastore(str(folder / "eventsourcing.sqlite"))
        self._recorder = module.SQLiteApplicationRecorder(store)
        self._recorder.create_table()
        self._data = json.dumps({"subject": SUBJECT}).encode()

    def append(self) -> None:
        self.batch(1)

    def batch(self, count: int) -> None:
        case: UUID = uuid4()
        events = [
            self._event(originator_id=case, originator_version=n + 1, topic="decided", state=self._data)
            for n in range(count)
        ]
        self._recorder.insert_events(events)

    def verify(self) -> int:
        start, found = 1, 0
        while page := self._recorder.select_notifications(start, 1_000):
            found += len(page)
            start = page[-1].id + 1
        return found


class PyMerkle:
    """pymerkle's tree on SQLite: no chain, no signature; verified by its root over the stored hashes."""

    durability = "SQLite, journal_mode=DELETE, synchronous=FULL; its defaults, a tree without signatures"

    def __init__(self, folder: Path) -> None:
        self._tree = import_module("pymerkle").SqliteTree(str(folder / "pymerkle.sqlite"))
        self._data = json.dumps({"subject": SUBJECT}).encode()

    def append(self) -> None:
        self._tree.append_entry(self._data)

    def batch(self, count: int) -> None:
        self._tree.append_entries([self._data] * count)

    def verify(self) -> int:
        size = int(self._tree.get_size())
        self._tree.cache_clear()
        self._tree.get_root()
        return size


PEERS: dict[str, tuple[str, Callable[[Path], Log]]] = {
    "auditchain": ("auditchain", AuditChain),
    "ledgerchain": ("ledgerchain", LedgerChain),
    "eventsourcing": ("eventsourcing", EventSourcing),
    "pymerkle": ("pymerkle", PyMerkle),
}
"""Peer -> its package, and how it is opened in an empty folder."""


def carry_out(log: Log, asked: dict[str, Any], there: list[int]) -> tuple[int, float]:
    """(how many, seconds) of one act; `there` counts what the log holds."""
    act, count = asked["act"], int(asked.get("count", 0))
    if act == "fill":
        while there[0] < count:
            more = min(FILLED_AT_ONCE, count - there[0])
            log.batch(more)
            there[0] += more
    started = time.perf_counter()
    if act == "append":
        for _ in range(count):
            log.append()
        there[0] += count
    elif act == "batch":
        log.batch(count)
        there[0] += count
    elif act == "verify":
        count = log.verify()
        if count < there[0]:
            raise AssertionError(f"expected {there[0]} records verified, found {count}")
    return count, time.perf_counter() - started


def main(peer: str, folder: Path) -> None:
    """Open the peer and answer until the input ends; what the peer prints goes to the error stream."""
    answers = os.fdopen(os.dup(1), "w")

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    package, open_peer = PEERS[peer]
    with redirect_stdout(sys.stderr):
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            answer({"missing": package})
            return
        log = open_peer(folder)
        answer({"peer": package, "version": version, "durability": log.durability})
        there = [0]
        for line in sys.stdin:
            count, seconds = carry_out(log, json.loads(line), there)
            answer({"count": count, "seconds": seconds})
    os._exit(0)  # a peer's threads do not hold the process


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
