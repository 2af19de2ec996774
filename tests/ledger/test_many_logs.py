"""Two logs in one PostgreSQL database: no lock, no key and no number of the one is known to the other."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger.commands import OpenLog
from ledger.connection import Connection
from ledger.database import PostgresqlDatabase
from ledger.verification import Manner, Subject, verify_database
from ledger.work import Answer, Request
from ledger.workings import Workings
from ledger.writer import Desk
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, folds, open_workings
from tests.migrated import migrated_postgresql
from tests.postgres import PostgresServer

pytestmark = pytest.mark.postgresql
NAMES = ("acme", "globex")


@pytest.fixture
def database(postgresql: PostgresServer) -> PostgresqlDatabase:
    return migrated_postgresql(postgresql)


@pytest.fixture
def logs(database: PostgresqlDatabase, tmp_path: Path) -> list[Workings]:
    return [open_workings(database, tmp_path, SetClock(), name) for name in NAMES]


@pytest.fixture
def desks(database: PostgresqlDatabase, logs: list[Workings]) -> Iterator[list[Desk]]:
    """A writer for each, whose connections give up on a lock instead of waiting for it."""
    impatient = PostgresqlDatabase(
        f"{database.dsn}{'&' if '?' in database.dsn else '?'}options=-c%20lock_timeout%3D200"
    )

    def connect() -> Connection:
        return impatient.connect()

    made = [Desk(workings, connect) for workings in logs]
    yield made
    for desk in made:
        desk._drop()


def bumped(desk: Desk, command_id: str) -> Answer:
    (result,) = desk.run([Request(PERSON, Bump("toy_1"), command_id)])
    assert isinstance(result, Answer), result
    return result


def test_the_same_subjects_and_command_ids_are_each_their_own(
    database: PostgresqlDatabase, logs: list[Workings], desks: list[Desk]
) -> None:
    for workings, desk in zip(logs, desks, strict=True):
        key = workings.log.secrets.signer
        desk.run([Request(PERSON, OpenLog(workings.log.name, ((key.key_id, key.vkey, "commit"),)), "open")])
    for n in range(3):
        for desk in desks:
            answer = bumped(desk, f"c{n}")
            assert not answer.repeated
            assert answer.outcome.result == {"total": n + 1}  # type: ignore[union-attr]
    assert bumped(desks[0], "c0").repeated
    for workings in logs:
        log = workings.log
        subject = Subject(database, log.name, log.origin, (COUNTER,), folds(), log.secrets.vault)
        report, _ = verify_database(subject, Manner((log.secrets.signer.vkey,)))
        assert (report.finding, report.size) == (None, 4)


def test_a_head_that_is_held_holds_up_no_other_log(
    database: PostgresqlDatabase, logs: list[Workings], desks: list[Desk]
) -> None:
    bumped(desks[1], "before")
    with psycopg.connect(database.dsn) as holder:
        holder.execute("SELECT 1 FROM head WHERE log_id = %s FOR UPDATE", (logs[1].log.log_id,))
        for n in range(3):
            bumped(desks[0], f"c{n}")
        (held,) = desks[1].run([Request(PERSON, Bump("toy_1"), "held")])
        assert isinstance(held, Exception), "the other one waits for its own head"
    bumped(desks[1], "after")
