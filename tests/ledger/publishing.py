"""A log in the toy room with a publisher beside it, for tests on either database."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.connection import Connection
from ledger.database import Database, PostgresqlDatabase, SqliteDatabase
from ledger.leasing import commands as leasing
from ledger.publication import MendTiles, Publication, commands
from ledger.publisher import Publisher
from ledger.reading import Reader
from ledger.tiles import RightEdge, inner_of
from ledger.work import Answer, Done, Request
from ledger.workings import Workings
from tests.conftest import SetClock
from tests.ledger.toy import PERSON, Bump, open_workings


@dataclass
class House:
    """An open log. Commands run one batch after the other, in this thread."""

    database: Database
    workings: Workings
    clock: SetClock
    connection: Connection
    reader: Reader
    marks: list[Publication] = field(default_factory=list)
    count: int = 0

    def append(self, entries: int) -> None:
        """So many entries, in one commit."""
        self.clock.pass_time(1_500_000)
        requests = []
        for _ in range(entries):
            self.count += 1
            requests.append(Request(PERSON, Bump(f"toy_{self.count % 50}"), f"c{self.count}"))
        for result in Batch(self.workings, self.connection).run(requests):
            assert isinstance(result, Answer), result

    def submit(self, requests: list[Request]) -> list[Answer]:
        answers = []
        for result in Batch(self.workings, self.connection).run(requests):
            if isinstance(result, Exception):
                raise result
            answers.append(result)
        return answers

    def mend(self, command: MendTiles) -> Done:
        """As the command line does it that builds tiles again."""
        outcome = self.submit([Request(SYSTEM, command)])[0].outcome
        assert isinstance(outcome, Done), outcome
        return outcome

    def publisher(self, name: str = "p", **more: Any) -> Publisher:
        return Publisher(name, self.submit, self.reader, mark=self.marks.append, **more)

    def publish(self) -> None:
        """One round, which publishes."""
        assert self.publisher().round()

    def leaves(self) -> list[bytes]:
        with self.reader.view() as view:
            return view.leaf_hashes(0, view.head.size)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.reader.view() as view:
            return view.query(statement, values)

    def tiles(self) -> dict[tuple[int, int], tuple[bytes, bytes]]:
        """The tiles there are."""
        rows = self.ask("SELECT level, number, hashes, inner_hashes FROM tile WHERE log_id = {log}")
        return {(level, number): (bytes(hashes), bytes(inner)) for level, number, hashes, inner in rows}

    def owner(self, statement: str, *values: Any) -> None:
        """Write past the service, as who owns the database."""
        if isinstance(self.database, SqliteDatabase):
            connection = sqlite3.connect(self.database.path)
            connection.execute(statement, values)
            connection.commit()
            connection.close()
            return
        import psycopg

        assert isinstance(self.database, PostgresqlDatabase)
        with psycopg.connect(self.database.dsn) as owner:
            owner.execute("SET session_replication_role = replica")
            owner.execute(statement.replace("?", "%s"), values)

    def past_triggers(self, statement: str, *values: Any) -> None:
        """As `owner`, to tables that triggers guard."""
        if isinstance(self.database, SqliteDatabase):
            connection = sqlite3.connect(self.database.path)
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.commit()
            connection.close()
        self.owner(statement, *values)

    def owner_value(self, statement: str) -> bytes:
        return bytes(self.ask(statement)[0][0])

    def close(self) -> None:
        self.reader.close()
        self.connection.close()


def log_of(database: Database, folder: Path, clock: SetClock) -> House:
    """An empty log with the commands of publication."""
    made = open_workings(database, folder / "keys", clock)
    workings = replace(made, commands={**made.commands, **commands(), **leasing()})
    reader = Reader(workings.log, clock, lambda: database.connect(read_only=True))
    return House(database, workings, clock, database.connect(), reader)


def derived(leaves: Sequence[bytes]) -> dict[tuple[int, int], tuple[bytes, bytes]]:
    """The tiles of these leaf hashes, from scratch."""
    edge = RightEdge()
    tiles = [*edge.extend(leaves), *edge.partial()]
    return {(level, number): (hashes, inner_of(hashes)) for level, number, hashes, _ in tiles}
