"""Attack 8: many writers fork the chain. Processes append to one log at once: no fork, no gap, no loss, each once."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ledger.clock import LedgerClock, SystemClock
from ledger.database import Database
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.work import Answer, Request
from ledger.workings import Log, Workings
from ledger.writer import Desk
from tests.crash.checks import Acknowledged, Checked
from tests.forked import forkserver
from tests.ledger import toy
from tests.ledger.tampering import Copy
from tests.ledger.toy import COUNTER, PERSON, Bump, open_workings

SUBJECTS = 7
BATCH_MAX = 40
PATIENCE = 400  # seconds until the slowest has told


def append(number: int, count: int, database: Database, keys: Path, results: Any) -> None:
    """One process: `count` appends in batches of drawn sizes, to subjects that all of them append to."""
    pool = random.Random(number)
    log_id, name, origin = database.find_log()
    log = Log(log_id, name, origin, load_keys(keys / name, origin, "correct horse"))
    desk = Desk(Workings(log, LedgerClock(SystemClock()), IdMaker(), toy.commands(), toy.folds()), database.connect)
    told: list[tuple[str, Any]] = []
    while len(told) < count:
        ids = [f"c{number}.{len(told) + k}" for k in range(min(pool.randint(1, BATCH_MAX), count - len(told)))]
        results_of = desk.run([Request(PERSON, Bump(f"toy_{pool.randrange(SUBJECTS)}"), one) for one in ids])
        told += zip(ids, results_of, strict=True)
    desk.close()
    results.put(told)


def run(database: Database, folder: Path, processes: int, count: int) -> None:
    workings = open_workings(database, folder / "keys", SystemClock())
    context = forkserver()
    results = context.Queue()
    started = [
        context.Process(target=append, args=(n, count, database, folder / "keys", results), daemon=True)
        for n in range(processes)
    ]
    for process in started:
        process.start()
    told = [one for _ in started for one in results.get(timeout=PATIENCE)]
    for process in started:
        process.join()
    results.close()
    results.join_thread()
    failed = [answer for _, answer in told if not isinstance(answer, Answer)]
    assert not failed, failed[0]
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, workings.log)
        checked.is_whole()
        checked.is_fold(toy.folds(), (COUNTER,))
        checked.has_each_once(Acknowledged(PERSON.id, one, answer) for one, answer in told)
        totals = checked.table(COUNTER)
    finally:
        connection.close()
    assert len(checked.entries) == processes * count
    assert sum(row.total for row in totals.values()) == processes * count
    forerunners = Counter(entry.prev for entry in checked.entries)
    assert set(forerunners.values()) == {1}, "two entries follow the same one"
    assert Copy(database, workings).verify(processes=2).finding is None


def test_attack_08_several_processes_append_to_one_log(database: Database, tmp_path: Path) -> None:
    run(database, tmp_path, processes=4, count=120)


@pytest.mark.long
def test_attack_08_sixteen_processes_append_a_thousand_each(database: Database, tmp_path: Path) -> None:
    run(database, tmp_path, processes=16, count=1_000)
