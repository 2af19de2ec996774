"""A ledger that publishes in the smallest way: `Publish`, the contributors, `AddLines`; the publisher is apart."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from api.witnesses import WitnessClient
from api.witnessing import ReaderLog
from ledger import leasing, publication
from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.clock import Clock
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.errors import Unavailable
from ledger.note import parse_note
from ledger.publication import PUBLISHED_SIZE, AddLines, Publication
from ledger.publisher import Publisher
from ledger.reading import Reader
from ledger.work import Answer, Done, Request
from ledger.workings import Workings
from tests.ledger.toy import PERSON, Bump, open_workings
from tests.postgres import PostgresServer


@dataclass
class House:
    """One log in one database, its writer a function, its readers' connections apart."""

    workings: Workings
    database: Database
    reader: Reader

    @property
    def log(self) -> ReaderLog:
        return ReaderLog(self.workings.log, self.reader)

    @property
    def vkey(self) -> str:
        return self.workings.log.secrets.signer.vkey

    def run(self, *commands: object) -> list[Answer]:
        connection = self.database.connect()
        try:
            actor = PERSON if isinstance(commands[0], Bump) else SYSTEM
            answers = Batch(self.workings, connection).run([Request(actor, command) for command in commands])
        finally:
            connection.close()
        assert all(isinstance(one, Answer) and isinstance(one.outcome, Done) for one in answers)
        return answers  # type: ignore[return-value]

    def grow(self, *names: str) -> None:
        """An entry for each name, one commit each."""
        for name in names:
            self.run(Bump(name))

    def publish(self) -> Publication:
        """Publish the newest checkpoint, or show again what is published."""
        with self.reader.view() as view:
            note = view.head.checkpoint
            rows = view.query("SELECT size FROM reached WHERE log_id = {log} AND what = ?", (PUBLISHED_SIZE,))
            size = view.head.size
        if not rows or rows[0][0] < size:
            assert Publisher("p", self._send, self.reader).round()
        return Publication(size, parse_note(note).text, note)

    def _send(self, requests: list[Request]) -> list[Answer]:
        return [answer for request in requests for answer in self.run(request.command)]

    def ask(self, contributors: Sequence[WitnessClient], made: Publication | None = None) -> list[str]:
        """Ask everybody about a publication; why those who did not cosign did not."""
        made = made or self.publish()
        failed = []
        for one in contributors:
            try:
                lines = tuple(one.contribute(made))
            except Unavailable as error:
                failed.append(str(error))
            else:
                self.run(AddLines(lines, one.name, made.size))
        return failed

    def lines(self) -> list[tuple[Any, ...]]:
        """(size, kind) of what is kept beside publications."""
        with self.reader.view() as view:
            return view.query("SELECT size, kind FROM published_line WHERE log_id = {log} ORDER BY size, key_id")


def open_house(database: Database, folder: Path, clock: Clock) -> House:
    """A new log."""
    workings = open_workings(database, folder / "keys", clock)
    return _house(
        replace(workings, commands={**workings.commands, **publication.commands(), **leasing.commands()}),
        database,
        clock,
    )


def copied(house: House, path: Path, clock: Clock, server: PostgresServer | None = None) -> House:
    """The log as from a backup: the same keys over a copy of the database."""
    made: Database
    if isinstance(house.database, SqliteDatabase):
        made = SqliteDatabase(path)
        source, copy = sqlite3.connect(house.database.path), sqlite3.connect(path)
        source.backup(copy)
        source.close()
        copy.close()
    else:
        assert server is not None
        house.reader.close()
        made = PostgresqlDatabase(server.copy_database(house.database.url))
    return _house(house.workings, made, clock)


def _house(workings: Workings, database: Database, clock: Clock) -> House:
    return House(workings, database, Reader(workings.log, clock, lambda: database.connect(read_only=True)))
