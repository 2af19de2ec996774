"""Rows kept between batches are those of the database, or they are not used; and there are never too many."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import OpenLog
from ledger.connection import Connection, DatabaseFault
from ledger.database import Database
from ledger.rows import Table, TableClass
from ledger.tables import COMMAND, HeadRow
from ledger.verification import Manner, Subject, verify_database
from ledger.warm import ALONE_AFTER, ROWS_MAX, Key, WarmRows
from ledger.work import Answer, Done, Request
from ledger.workings import Workings
from ledger.writer import Desk
from tests.conftest import SetClock
from tests.ledger.toy import COUNTER, PERSON, Bump, BumpBoth, Fail, open_workings


class Watched:
    """A connection that notes which tables are read; a commit fails for each fault that is due."""

    def __init__(self, connection: Connection, log: "Log") -> None:
        self._connection = connection
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def begin(self, log_id: int, loads: Sequence[Any]) -> Any:
        self._log.read.update(load.table.name for load in loads)
        return self._connection.begin(log_id, loads)

    def load(self, log_id: int, table: Table[Any], keys: Sequence[Any]) -> Any:
        self._log.read[table.name] += 1
        self._log.late[table.name] += 1
        return self._connection.load(log_id, table, keys)

    def load_all(self, log_id: int, loads: Sequence[Any]) -> Any:
        self._log.read.update(load.table.name for load in loads)
        self._log.late.update(load.table.name for load in loads)
        return self._connection.load_all(log_id, loads)

    def finish(self, *given: Any) -> None:
        if self._log.faults:
            raise self._log.faults.pop()
        self._connection.finish(*given)


class Log:
    """Some writers of one log, each with its own connection, and what their counters have to come to."""

    def __init__(self, workings: Workings, database: Database) -> None:
        self.workings = workings
        self.database = database
        self.read: Counter[str] = Counter()
        self.late: Counter[str] = Counter()  # of those, after the head was locked: a round trip of its own
        self.faults: list[DatabaseFault] = []
        self.totals: Counter[str] = Counter()
        self.desks: list[Desk] = []
        self.sent = 0
        signer = workings.log.secrets.signer
        self.join().run([Request(PERSON, OpenLog("acme", ((signer.key_id, signer.vkey, "commit"),)))])

    def join(self) -> Desk:
        """One more writer."""

        def connect() -> Any:
            return Watched(self.database.connect(), self)

        self.desks.append(Desk(self.workings, connect))
        return self.desks[-1]

    def bump(self, desk: Desk, *names: str) -> list[int]:
        """What the counters come to by the answers; each is what it has to be."""
        self.sent += len(names)
        requests = [Request(PERSON, Bump(name), f"c{self.sent}-{at}") for at, name in enumerate(names)]
        found = []
        for name, answer in zip(names, desk.run(requests), strict=True):
            assert isinstance(answer, Answer)
            assert isinstance(answer.outcome, Done)
            self.totals[name] += 1
            assert answer.outcome.result["total"] == self.totals[name]
            found.append(self.totals[name])
        return found

    def stored(self) -> dict[str, int]:
        connection = self.database.connect(read_only=True)
        try:
            return dict(connection.query(1, "SELECT id, total FROM toy_counter WHERE log_id = {log}", ()))
        finally:
            connection.close()


@pytest.fixture
def log(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[Log]:
    made = Log(open_workings(database, tmp_path / "keys", clock), database)
    yield made
    for desk in made.desks:
        desk.close()


def test_who_writes_alone_reads_a_row_once(log: Log) -> None:
    log.bump(log.desks[0], "toy_1")
    log.read.clear()
    assert [log.bump(log.desks[0], "toy_1", "toy_1") for _ in range(3)] == [[2, 3], [4, 5], [6, 7]]
    assert log.read[COUNTER.name] == 0
    assert log.read["subject"] == 0
    assert log.read[COMMAND.name] == 3  # whether a command was sent before, each batch asks anew


def test_another_writer_in_between_is_noticed(log: Log) -> None:
    one, other = log.desks[0], log.join()
    for desk in (one, other, one, one, other, other, one):
        log.bump(desk, "toy_1", "toy_2")
    assert log.stored() == log.totals


def test_writers_that_take_turns_read_once_each_and_keep_nothing(log: Log) -> None:
    one, other = log.desks[0], log.join()
    for desk in (one, other, one, other):
        log.bump(desk, "toy_1")
    for desk in (one, other) * 2:
        log.read.clear()
        log.late.clear()
        log.bump(desk, "toy_1")
        assert (log.read[COUNTER.name], log.late[COUNTER.name]) == (1, 0)
    for _ in range(ALONE_AFTER + 1):
        log.bump(one, "toy_1")
    log.read.clear()
    log.bump(one, "toy_1")
    assert log.read[COUNTER.name] == 0


def test_what_was_not_committed_is_not_kept(log: Log) -> None:
    desk = log.desks[0]
    log.bump(desk, "toy_1")
    log.faults.append(DatabaseFault("the disk is full"))
    (failed,) = desk.run([Request(PERSON, Bump("toy_1"), "lost")])
    assert isinstance(failed, Exception)
    log.bump(desk, "toy_1")
    assert log.stored() == {"toy_1": 2}


def test_a_command_that_fails_leaves_nothing_behind(log: Log) -> None:
    desk = log.desks[0]
    (failed,) = desk.run([Request(PERSON, Fail(after_staging=True), "f")])
    assert isinstance(failed, Exception)
    log.bump(desk, "toy_fail")


@pytest.mark.parametrize("seed", range(6))
def test_writers_in_any_order_come_to_what_is_verified(log: Log, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With faults, many counters and generations that are soon full."""
    monkeypatch.setattr("ledger.warm.ROWS_MAX", 20)
    monkeypatch.setattr("ledger.warm.ALONE_AFTER", 2)
    drawn = random.Random(seed)
    log.join()
    for turn in range(60):
        desk = log.desks[0] if drawn.random() < 0.7 else log.desks[1]
        what = drawn.random()
        if what < 0.1:
            log.faults.append(DatabaseFault("the disk is full"))
            desk.run([Request(PERSON, Bump(f"toy_{drawn.randrange(9)}"), f"lost-{turn}")])
            log.totals = Counter(log.stored())
        elif what < 0.2:
            (both,) = desk.run([Request(PERSON, BumpBoth("toy_1", "toy_2"), f"both-{turn}")])
            assert isinstance(both, Answer)
            log.totals.update(("toy_1", "toy_2"))
        else:
            log.bump(desk, *[f"toy_{drawn.randrange(9)}" for _ in range(drawn.randrange(1, 6))])
        assert log.stored() == log.totals
    subject = Subject(log.database, "acme", log.workings.log.origin, (COUNTER,), log.workings.folds)
    assert verify_database(subject, Manner((log.workings.log.secrets.signer.vkey,)))[0].is_sound


@pytest.mark.parametrize("table_class", TableClass)
def test_rows_that_change_under_the_same_head_are_not_kept(table_class: TableClass) -> None:
    warm = WarmRows()
    head = HeadRow(1, b"", bytes(32), 0, 0, "")
    table = replace(COUNTER, table_class=table_class)
    sums = replace(COUNTER, group=0, sums=True)
    warm.keep([(table, {("toy_1",): {}}), (sums, {("toy_1", "n"): 3})], head)
    taken: dict[Key, Any] = {}
    assert warm.take(table, ("toy_1",), taken) is (table_class is TableClass.FOLDED)
    assert taken == ({("toy_1",): {}} if table_class is TableClass.FOLDED else {})
    assert not warm.take(sums, ("toy_1", "n"), {})


def test_never_more_than_two_generations_are_kept() -> None:
    warm = WarmRows()
    for batch in range(40):
        head = HeadRow(batch, b"", bytes(32), 0, 0, "")
        keys = [(f"toy_{batch}_{at}",) for at in range(ROWS_MAX // 10)]
        warm.keep([(COUNTER, {key: {} for key in keys})], head)
        assert warm.holds_at(head)
        assert warm.take(COUNTER, keys[0], {})
        made = [(f"toy_{before}_{at}",) for before in range(batch + 1) for at in range(ROWS_MAX // 10)]
        kept = [key for key in made if warm.take(COUNTER, key, {})]
        assert len(kept) < 2 * ROWS_MAX + ROWS_MAX // 10
