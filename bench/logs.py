"""Logs for the benchmarks: made with the product's own write path, in the toy room."""

import os
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from bench import toy
from ledger.batch import Batch
from ledger.clock import LedgerClock, SystemClock
from ledger.commands import OpenLog
from ledger.connection import Connection
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.ids import IdMaker
from ledger.keys import create_keys
from ledger.work import Request
from ledger.workings import Log, Workings
from migrations.upgrade import upgrade

NAME = "bench"
ORIGIN = "ledger.example.com/bench"
BULK = 1_000  # entries of one bulk command
POSTGRESQL_URL = "MUNIMENT_BENCH_POSTGRESQL"  # an empty database; without it a server of the test suite is tried


@dataclass(frozen=True, slots=True)
class BenchLog:
    """An open log."""

    database: Database
    workings: Workings

    def append(self, connection: Connection, commands: list[Any]) -> None:
        """One batch; raises what a command raised."""
        for result in Batch(self.workings, connection).run([_request(command) for command in commands]):
            if isinstance(result, Exception):
                raise result


def open_log(database: Database, folder: Path) -> BenchLog:
    """A new log in an empty database, with its first entry."""
    from sqlalchemy import create_engine, text

    upgrade(database.url)
    engine = create_engine(database.url)
    with engine.begin() as connection:
        toy.metadata.create_all(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("GRANT SELECT, INSERT, UPDATE ON bench_record TO muniment_service"))
    engine.dispose()
    log_id = database.create_log(NAME, ORIGIN)
    secrets = create_keys(folder / "keys", ORIGIN, "bench")
    clock = LedgerClock(SystemClock())
    log = BenchLog(
        database, Workings(Log(log_id, NAME, ORIGIN, secrets), clock, IdMaker(), toy.commands(), toy.folds())
    )
    made = database.connect()
    log.append(made, [OpenLog(NAME, ((secrets.signer.key_id, secrets.signer.vkey, "commit"),))])
    made.close()
    return log


def sqlite_log(folder: Path) -> BenchLog:
    """A new log in a SQLite file."""
    folder.mkdir(parents=True, exist_ok=True)
    return open_log(SqliteDatabase(folder / "ledger.sqlite"), folder)


def filled(folder: Path, count: int, *, single: bool = False) -> BenchLog:
    """A log of `count` entries after its first: bulk commands, or one command a commit.

    Filling is no measurement, so it does not wait for the disk.
    """
    log = sqlite_log(folder)
    connection = log.database.connect()
    connection.query(0, "PRAGMA synchronous=OFF", ())
    if single:
        for _ in range(count):
            log.append(connection, [toy.RecordOne()])
    else:
        for _ in range(count // BULK):
            log.append(connection, [toy.RecordMany(BULK)])
    connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())
    connection.close()
    return log


def postgresql() -> tuple[PostgresqlDatabase, Any] | None:
    """An empty PostgreSQL database and what to close afterwards; None where there is no server."""
    if url := os.environ.get(POSTGRESQL_URL):
        return PostgresqlDatabase(url), None
    with suppress(ImportError, OSError):
        server = _server()
        return PostgresqlDatabase(server.create_database()), server
    return None


def _server() -> Any:
    """The server of the test suite, which lies beside this folder and is installed nowhere."""
    spec = spec_from_file_location("bench_postgres", Path(__file__).parent.parent / "tests" / "postgres.py")
    if spec is None or spec.loader is None:
        raise ImportError("no server of the test suite is here")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PostgresServer(durable=True)


def _request(command: Any) -> Request:
    return Request(toy.PERSON, command, os.urandom(12).hex())
