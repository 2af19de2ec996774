"""A log with a mark folder, whose database an older copy can take the place of, on either database."""

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger.batch import Result
from ledger.clock import SECOND
from ledger.commands import OpenLog
from ledger.connection import Connection
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.errors import Unavailable
from ledger.high_water import HighWater
from ledger.lifecycle import Lifecycle, folds
from ledger.marks import LogIdentity, MarkFolder
from ledger.refusal import Reason, Refusal
from ledger.tables import HeadRow
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Report
from ledger.work import Answer, Request, UnitOfWork
from ledger.workings import Workings
from ledger.writer import Desk
from rbac.refusal_texts import why
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, open_workings

STRANGER = "person:stranger"
"""Whoever may nothing."""

ORIGIN = "ledger.example.com/acme"


class Log:
    """A log with its mark folder, and copies of its database that can be put in its place."""

    def __init__(self, database: Database, folder: Path, server: Any) -> None:
        self.clock = SetClock()
        self.database = database
        self.folder = folder
        self.marks = MarkFolder(folder / "marks")
        self.open: tuple[str, ...] = ()  # instances that run
        made = open_workings(database, folder / "keys", self.clock)
        commands = {**made.commands, **Lifecycle(_may, self._open).commands()}
        self.folds = {**made.folds, **folds()}
        self.workings: Workings = replace(made, marks=self.marks, commands=commands, folds=self.folds)
        self._server = server
        self._live = database
        self.count = 0
        self.desks: list[Desk] = []
        key = self.workings.log.secrets.signer
        desk = self.desk()
        self.send(desk, OpenLog("acme", ((key.key_id, key.vkey, "commit"),)))
        desk.close()

    def _open(self, _: UnitOfWork, limit: int) -> tuple[int, Sequence[str]]:
        return len(self.open), self.open[:limit]

    def connect(self, *, read_only: bool = False) -> Connection:
        return self._live.connect(read_only=read_only)

    def desk(self, workings: Workings | None = None) -> Desk:
        """A process that starts now."""
        self.desks.append(Desk(workings or self.workings, self.connect))
        return self.desks[-1]

    def disconnect(self) -> None:
        for desk in self.desks:
            desk._drop()

    def elsewhere(self) -> Desk:
        """A process that does not know of the mark."""
        return self.desk(replace(self.workings, marks=None))

    def send(self, desk: Desk, command: Any, actor: Any = PERSON) -> Result:
        self.count += 1
        self.clock.pass_time(SECOND)
        (result,) = desk.run([Request(actor, command, f"c{self.count}")])
        return result

    def bump(self, desk: Desk, times: int = 1) -> Result:
        for _ in range(times):
            result = self.send(desk, Bump("toy_1"))
        return result

    def written(self, times: int) -> None:
        """A process that writes, comes to rest and ends."""
        desk = self.desk()
        assert isinstance(self.bump(desk, times), Answer)
        desk.close()

    @property
    def head(self) -> HeadRow:
        connection = self.connect(read_only=True)
        try:
            return connection.begin_read(self.workings.log.log_id)
        finally:
            connection.close()

    @property
    def identity(self) -> LogIdentity:
        return LogIdentity("acme", ORIGIN, self.workings.log.secrets.signer.key_id)

    @property
    def mark(self) -> HighWater | None:
        return self.marks.read(self.identity)

    def backup(self) -> Any:
        """A copy of the database as it is. Connections are lost meanwhile, as they are in life."""
        self.disconnect()
        if isinstance(self._live, PostgresqlDatabase):
            return self._server.copy_database(self._live.dsn)
        assert isinstance(self._live, SqliteDatabase)
        path = self.folder / f"backup-{self.count}.sqlite"
        source, copy = sqlite3.connect(self._live.path), sqlite3.connect(path)
        source.backup(copy)
        source.close()
        copy.close()
        return path

    def put_in_place(self, backup: Any) -> None:
        """An older copy stands where the log was, as whoever restores a backup sees to it."""
        self.disconnect()
        if isinstance(self._live, PostgresqlDatabase):
            self._live = PostgresqlDatabase(self._server.copy_database(backup))
            return
        path = self.folder / f"restored-{self.count}-{Path(backup).name}"
        shutil.copy(backup, path)
        self._live = SqliteDatabase(path)

    def verify(self, kept: Any = None) -> Report:
        vault, vkey = self.workings.log.secrets.vault, self.workings.log.secrets.signer.vkey
        subject = Subject(self._live, "acme", ORIGIN, (COUNTER,), self.folds, vault, marks=self.marks)
        return verify_database(subject, Manner((vkey,), kept))[0]


def _may(_: UnitOfWork, person: str, act: str) -> Mapping[str, Any] | Refusal:
    if person == STRANGER:
        return Refusal(Reason.NO_RULE, why("no-role"))
    return {"rules": [f"ledger-{act}"], "policy": "", "assignments": [1]}


def refused(result: Result, reason: str) -> bool:
    return isinstance(result, Unavailable) and result.reason == reason
