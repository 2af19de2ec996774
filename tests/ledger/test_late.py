"""Who comes while a batch waits for its head is carried out in that batch, and answered like everybody else."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import pytest

from ledger.batch import Batch, Log, Result, Workings
from ledger.clock import LedgerClock, SystemClock
from ledger.connection import Connection, DatabaseFault
from ledger.database import Database, PostgresqlDatabase
from ledger.errors import LostRace
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.work import Answer, Done, Request
from ledger.writer import Desk
from ledger.writer_process import WriterProcess
from migrations.upgrade import upgrade
from tests.conftest import SetClock
from tests.ledger.toy import PERSON, Bump, Fail, commands, folds, open_workings
from tests.postgres import PostgresServer


def said(results: Sequence[Result]) -> list[object]:
    return [one.outcome.result if isinstance(one, Answer) and isinstance(one.outcome, Done) else one for one in results]


def sizes(results: Sequence[Result]) -> set[int]:
    """Of the checkpoints that the receipts carry: one for each batch."""
    return {one.receipt.size for one in results if isinstance(one, Answer) and one.receipt is not None}


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    return open_workings(database, tmp_path / "keys", clock)


class Door:
    """Requests that come when they are asked for, once each."""

    def __init__(self, *waves: Sequence[Request]) -> None:
        self._waves = iter(waves)

    def __call__(self) -> Sequence[Request]:
        return next(self._waves, ())


def test_who_comes_late_shares_the_batch(workings: Workings, database: Database) -> None:
    late = Door([Request(PERSON, Bump("toy_1"), "b"), Request(PERSON, Bump("toy_2"), "c")])
    connection = database.connect()
    results = Batch(workings, connection).run([Request(PERSON, Bump("toy_1"), "a")], late)
    connection.close()
    assert said(results) == [{"total": 1}, {"total": 2}, {"total": 1}]
    assert len(sizes(results)) == 1


class Refusing:
    """A connection whose first commits fail as told."""

    def __init__(self, connection: Connection, faults: list[Exception]) -> None:
        self._connection = connection
        self._faults = faults

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def finish(self, *given: object) -> None:
        if self._faults:
            raise self._faults.pop(0)
        self._connection.finish(*given)  # type: ignore[arg-type]


RACE = LostRace("expected the head, found another")
FULL = DatabaseFault("the disk is full")
LOST = DatabaseFault("the server went away", lost=True)


@pytest.mark.parametrize(
    ("faults", "came"), [([RACE], 4), ([FULL], 2), ([RACE, LOST], 4)], ids=["race", "fault", "race and lost"]
)
def test_who_came_late_is_kept_when_the_batch_is_tried_again(
    workings: Workings, database: Database, faults: list[Exception], came: int
) -> None:
    """Each is carried out once and answered at its place; a fault that is no race ends the coming."""
    left = [*faults]

    def connect() -> Connection:
        return Refusing(database.connect(), left)  # type: ignore[return-value]

    desk = Desk(workings, connect)
    late = Door(
        [Request(PERSON, Bump("toy_1"), "b")], [Request(PERSON, Fail(), "c"), Request(PERSON, Bump("toy_1"), "d")]
    )
    results = desk.run([Request(PERSON, Bump("toy_1"), "a")], late)
    assert len(results) == came
    assert said(results[:2]) == [{"total": 1}, {"total": 2}]
    if came == 4:
        assert isinstance(results[2], Exception)
        assert said(results[3:]) == [{"total": 3}]
    again = desk.run([Request(PERSON, Bump("toy_1"), "a"), Request(PERSON, Bump("toy_1"), "b")])
    assert said(again) == [{"total": 1}, {"total": 2}]
    desk.close()


def build(place: tuple[str, Path]) -> tuple[Workings, Callable[[], Connection]]:
    """A writer process's workings on PostgreSQL."""
    dsn, folder = place
    database = PostgresqlDatabase(dsn)
    log_id, name, origin = database.find_log()
    log = Log(log_id, name, origin, load_keys(folder / name, origin, "correct horse"))
    return Workings(log, LedgerClock(SystemClock()), IdMaker(), commands(), folds()), database.connect


@pytest.mark.postgresql
def test_a_writer_process_takes_in_who_comes_while_another_has_the_head(
    postgresql: PostgresServer, tmp_path: Path
) -> None:
    database = PostgresqlDatabase(postgresql.create_database())
    upgrade(database.url)
    open_workings(database, tmp_path, SystemClock())
    holder = database.connect()

    def is_waited_for() -> bool:
        with psycopg.connect(database.dsn, autocommit=True) as looking:
            found = looking.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        return bool(found and found[0])

    async def drive() -> list[Answer]:
        writer = WriterProcess(build, (database.dsn, tmp_path))
        await writer.ready()
        holder.begin(1, [])
        first = writer.submit(Request(PERSON, Bump("toy_1"), "a"))
        while not is_waited_for():
            await asyncio.sleep(0.01)
        late = [writer.submit(Request(PERSON, Bump("toy_1"), f"b{n}")) for n in range(3)]
        await asyncio.sleep(0)  # the parent sends what was submitted at the end of its turn
        await asyncio.sleep(0)
        assert not first.done()
        holder.rollback()
        answers = [await first, *[await one for one in late]]
        writer.close()
        return answers

    answers = asyncio.run(asyncio.wait_for(drive(), 60))
    holder.close()
    assert said(answers) == [{"total": n + 1} for n in range(4)]
    assert len(sizes(answers)) == 1
