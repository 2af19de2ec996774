"""The writer as a thread: whoever waits alone carries the command out, everybody else is answered by the thread."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.errors import Unavailable
from ledger.work import Answer, Request
from ledger.workings import Workings
from ledger.writer import REST_SECONDS, Desk, Writer
from tests.conftest import SetClock
from tests.ledger.toy import PERSON, Bump, open_workings


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    return open_workings(database, tmp_path / "keys", clock)


def bump(name: str, n: int) -> Request:
    return Request(PERSON, Bump(name, by=1), f"{name}-{n}")


def index_of(answer: Answer) -> int:
    assert answer.receipt is not None
    return int(answer.receipt.index)


def rows(database: Database, workings: Workings, table: str) -> list[int]:
    connection = database.connect(read_only=True)
    try:
        column = "size" if table == "checkpoint" else "idx"
        asked = f"SELECT {column} FROM {table} WHERE log_id = {{log}} ORDER BY {column}"
        return [row[0] for row in connection.query(workings.log.log_id, asked, ())]
    finally:
        connection.close()


def test_who_waits_alone_is_at_the_desk(
    workings: Workings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    run = Desk.run

    def noted(desk: Desk, requests: list[Request]) -> list[Answer | Exception]:
        seen.append(threading.current_thread().name)
        return run(desk, requests)

    monkeypatch.setattr(Desk, "run", noted)
    writer = Writer(workings, database.connect)
    assert index_of(writer.run(bump("toy_1", 1))) == 0
    assert index_of(writer.submit(bump("toy_1", 2)).result()) == 1
    writer.close()
    assert seen == [threading.current_thread().name, f"writer-{workings.log.name}"]


def test_callers_of_both_kinds_at_once(workings: Workings, database: Database) -> None:
    writer = Writer(workings, database.connect)

    def call(caller: int) -> list[int]:
        found = []
        for n in range(40):
            request = bump(f"toy_{caller}", n)
            found.append(index_of(writer.run(request) if n % 3 else writer.submit(request).result()))
        return found

    with ThreadPoolExecutor(8) as pool:
        given = [index for indexes in pool.map(call, range(8)) for index in indexes]
    writer.close()
    assert sorted(given) == rows(database, workings, "entry") == list(range(320))


def test_rest_follows_what_a_caller_carried_out(workings: Workings, database: Database) -> None:
    writer = Writer(workings, database.connect)
    deadline = time.monotonic() + 20 * REST_SECONDS
    for size in (1, 2):  # the second finds the thread at rest, which has to be told
        writer.run(bump("toy_1", size))
        while size not in rows(database, workings, "checkpoint"):
            assert time.monotonic() < deadline, "the newest checkpoint was never kept"
            time.sleep(0.05)
        while not writer._is_at_rest:
            assert time.monotonic() < deadline, "the thread never came to rest"
            time.sleep(0.01)
    writer.close()


def test_a_closed_writer_says_so(workings: Workings, database: Database) -> None:
    writer = Writer(workings, database.connect)
    writer.run(bump("toy_1", 1))
    writer.close()
    with pytest.raises(Unavailable):
        writer.run(bump("toy_1", 2))
    assert rows(database, workings, "entry") == [0]
