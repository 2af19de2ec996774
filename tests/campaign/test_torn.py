"""Attack 7: a write that is torn. The process is killed before and after every statement of a batch, and the disk
refuses to take any more at every page: what is left verifies, and nothing that was acknowledged is lost."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from ledger.clock import LedgerClock, SystemClock
from ledger.database import Database
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.work import Answer
from ledger.workings import Log, Workings
from ledger.writer import Desk
from tests.crash.broken import Break, Plan, broken
from tests.crash.checks import Acknowledged, Checked
from tests.crash.test_faults import batch
from tests.forked import forkserver
from tests.ledger import toy
from tests.ledger.tampering import Copy
from tests.ledger.toy import COUNTER, PERSON, open_workings

STATEMENTS_MAX = 120  # far more than one batch sends
PAGE = 4_096
FULL_STEPS = 48  # pages the disk still takes, one more each time; a batch writes about twenty
ANSWERED = 6  # commands of `batch` that are answered: all but the one that is a bug
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Act:
    """What a child does with one batch: `number` names it; it dies, or its files may not grow past `limit_bytes`."""

    number: int
    how: Break = Break.REFUSED
    at: int = 0
    limit_bytes: int = 0


def unlocked(database: Database, keys: Path) -> tuple[Database, Log]:
    log_id, name, origin = database.find_log()
    return database, Log(log_id, name, origin, load_keys(keys / name, origin, "correct horse"))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def carry_out(act: Act, opened: tuple[Database, Log], pipe: Any) -> None:
    """In the child: one batch, and what its callers were told."""
    database, log = opened
    plan = Plan(act.how, (act.at,))
    make = broken(database, plan)

    def connect() -> Any:
        connection: Any = make()
        if act.at:
            connection._connection._cut = _die
            if hasattr(connection, "_pipeline"):
                connection._pipeline._cut = _die
        return connection

    workings = Workings(log, LedgerClock(SystemClock()), IdMaker(), toy.commands(), toy.folds())
    desk = Desk(workings, connect)
    if act.limit_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a write fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (act.limit_bytes, act.limit_bytes))
    requests = batch(act.number)
    results = desk.run(requests)
    told = [(r.command_id, one) for r, one in zip(requests, results, strict=True) if isinstance(one, Answer)]
    pipe.send((told, plan.count))
    os._exit(0)  # no clearing up: it is as if the machine had gone now


def nurse(database: Database, keys: Path, pipe: Any) -> None:
    """In a process with one thread and with the log's keys unlocked: a child for each act, forked in a millisecond."""
    opened = unlocked(database, keys)
    while (act := pipe.recv()) is not None:
        ours, theirs = Pipe(duplex=False)
        number = os.fork()
        if not number:
            ours.close()
            carry_out(act, opened, theirs)
        theirs.close()
        told: tuple[list[Any], int] = [], 0
        with suppress(EOFError):
            told = ours.recv()
        ours.close()
        _, status = os.waitpid(number, 0)
        pipe.send((*told, os.waitstatus_to_exitcode(status)))


class Nursery:
    """Children that carry out one act each."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.workings = open_workings(database, folder / "keys", SystemClock())
        self._pipe, theirs = Pipe()
        context = forkserver()
        self._process = context.Process(target=nurse, args=(database, folder / "keys", theirs), daemon=True)
        self._process.start()
        theirs.close()

    def child(self, act: Act) -> tuple[list[Acknowledged], int, int]:
        """(what was acknowledged, statements sent, exit code) of one child."""
        self._pipe.send(act)
        told, sent, code = self._pipe.recv()
        return [Acknowledged(PERSON.id, command_id, one) for command_id, one in told], sent, code

    def close(self) -> None:
        self._pipe.send(None)
        self._process.join()


@pytest.fixture
def nursery(database: Database, tmp_path: Path) -> Iterator[Nursery]:
    made = Nursery(database, tmp_path)
    yield made
    made.close()


def is_sound(database: Database, workings: Workings, acknowledged: list[Acknowledged]) -> None:
    """By the plain checker of the crash tests, and by the product's own."""
    connection = database.connect(read_only=True)
    try:
        checked = Checked(connection, workings.log)
        checked.is_whole()
        checked.is_fold(toy.folds(), (COUNTER,))
        checked.has_each_once(acknowledged)
    finally:
        connection.close()
    report = Copy(database, workings).verify()
    assert report.finding is None, report.words()


@pytest.mark.parametrize("how", [Break.LOST_BEFORE, Break.LOST_AFTER])
def test_attack_07_killed_at_every_statement_of_a_batch(nursery: Nursery, how: Break) -> None:
    acknowledged: list[Acknowledged] = []
    for at in range(1, STATEMENTS_MAX):
        told, sent, code = nursery.child(Act(at, how, at))
        acknowledged += told
        if code == 0:
            assert sent < at
            break
        assert (code, told) == (KILLED, []), "it was killed, and acknowledged nothing"
    else:
        raise AssertionError("the batch never ended")
    assert at > 5, "fewer statements were tried than a batch sends"
    again, _, code = nursery.child(Act(STATEMENTS_MAX))
    assert code == 0, "who comes after goes on"
    is_sound(nursery.database, nursery.workings, acknowledged + again)


def test_attack_07_a_command_that_was_killed_is_asked_again_and_done_once(nursery: Nursery) -> None:
    """The caller who heard nothing sends the same command ids: they are answered, and stand in the log once."""
    acknowledged: list[Acknowledged] = []
    for at in range(1, STATEMENTS_MAX):
        _, _, code = nursery.child(Act(at, Break.LOST_AFTER, at))
        told, _, _ = nursery.child(Act(at))
        assert len(told) == ANSWERED
        acknowledged += told
        if code == 0:
            break
    is_sound(nursery.database, nursery.workings, acknowledged)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_attack_07_a_disk_that_takes_no_more_at_any_page(nursery: Nursery) -> None:
    """A failed write at every page in turn, in the write-ahead log: refused as a whole, or done as a whole."""
    acknowledged, _, _ = nursery.child(Act(1))
    failures = 0
    for step in range(FULL_STEPS):
        connection = nursery.database.connect()
        connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())
        connection.close()
        told, _, code = nursery.child(Act(step + 2, limit_bytes=max(PAGE, step * PAGE)))
        assert code == 0, "a full disk ends nobody"
        failures += not told
        assert len(told) in (0, ANSWERED), "the callers of one batch are told the same"
        acknowledged += told
    assert 3 < failures < FULL_STEPS, "at first there is no room, later there is"
    is_sound(nursery.database, nursery.workings, acknowledged)
