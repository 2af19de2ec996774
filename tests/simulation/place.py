"""Where histories are played: a SQLite file for each, copied from one with an empty log, or a log of its own in one
PostgreSQL database. Keys are made once; every process opens the vault anew.
"""

import os
from functools import cached_property
from itertools import count
from pathlib import Path
from random import Random

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.clock import Clock, LedgerClock
from ledger.commands import OpenLog
from ledger.database import Database, SqliteDatabase
from ledger.epochs import EpochKeys
from ledger.ids import IdMaker
from ledger.keys import LogSecrets, create_keys
from ledger.rows import Folds
from ledger.signers import KeyRing
from ledger.token_address import IdentityPlace
from ledger.vault import Vault
from ledger.work import Commands, Request
from ledger.workings import Log, Workings
from tests.migrated import migrated_sqlite
from tests.simulation.agents import Served

ORIGIN = "ledger.example.com/acme"
CHECKPOINTS_EVERY = 3_600_000_000  # a row is kept this often: the signatures of all would take longer than the rest


class Place:
    """One database, and logs for histories in it."""

    def __init__(self, folder: Path, database: Database | None = None) -> None:
        """In a PostgreSQL database at the newest schema, or in files in this folder."""
        self._folder = folder
        self._secrets = create_keys(folder / "keys", ORIGIN, "correct horse")
        self._database = database
        self._names = (f"log{n}" for n in count())
        self._empty = b""
        if database is None:
            made = migrated_sqlite(folder / "empty.sqlite")
            self._log_id = made.create_log("acme", ORIGIN)
            self._empty = made.path.read_bytes()

    @cached_property
    def agents(self) -> Served:
        """The agent server of those histories that ask agents."""
        return Served()

    def close(self) -> None:
        """Stop what was started for the histories."""
        if "agents" in self.__dict__:
            self.agents.close()

    def new_log(self) -> tuple[Database, Log]:
        """An empty log; on SQLite in the place of the one before."""
        if self._database is not None:
            name = next(self._names)
            return self._database, Log(self._database.create_log(name, ORIGIN), name, ORIGIN, self._secrets)
        for old in self._folder.glob("log*"):
            old.unlink()
        path = self._folder / next(self._names)
        path.write_bytes(self._empty)
        return SqliteDatabase(path), Log(self._log_id, "acme", ORIGIN, self._secrets)

    def workings(self, log: Log, clock: Clock, rules: tuple[Commands, Folds], random: Random) -> Workings:
        """What a process that has just begun knows: the keys, and nothing of what another has done."""
        given = self._secrets
        ring = KeyRing(self._folder / "keys", ORIGIN, "correct horse", IdentityPlace())
        ring.add(given.signer)
        secrets = LogSecrets(ring, Vault(ORIGIN, EpochKeys(dict(given.vault.ring.keys))), given.mac_key)
        fresh = Log(log.log_id, log.name, log.origin, secrets)
        return Workings(fresh, LedgerClock(clock), IdMaker(random.randbytes), *rules, keep_every=CHECKPOINTS_EVERY)


def quick_folder() -> str | None:
    """Where files live in memory, so that what is made durable costs no disk; None for the usual folder."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None


def open_log(database: Database, workings: Workings) -> None:
    """Write the first entry of a log."""
    connection = database.connect()
    try:
        Batch(workings, connection).run([Request(SYSTEM, OpenLog(workings.log.name, ()), "open")])
    finally:
        connection.close()
