"""The writer in a process of its own: same answers, and no caller is left waiting when it dies."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.clock import LedgerClock, SystemClock
from ledger.connection import Connection
from ledger.database import SqliteDatabase
from ledger.ids import IdMaker
from ledger.key_statements import IDENTITY_KEY
from ledger.keys import load_keys
from ledger.refusal import Reason, Refusal
from ledger.signers import signed_by
from ledger.work import Done, Request
from ledger.workings import Log, Workings
from ledger.writer_process import WriterGone, WriterProcess
from tests.ledger.keeping import open_keeper
from tests.ledger.toy import PERSON, Bump, Fail, commands, folds, open_workings
from tests.migrated import migrated_sqlite


def build(folder: Path) -> tuple[Workings, Callable[[], Connection]]:
    """The child's workings, from the folder the test prepared."""
    database = SqliteDatabase(folder / "ledger.sqlite")
    log_id, name, origin = database.find_log()
    log = Log(log_id, name, origin, load_keys(folder / "keys" / name, origin, "correct horse"))
    return Workings(log, LedgerClock(SystemClock()), IdMaker(), commands(), folds()), database.connect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    open_workings(database, tmp_path / "keys", SystemClock())
    return tmp_path


def test_it_answers_as_the_writer_thread_does(folder: Path) -> None:
    async def drive() -> None:
        writer = WriterProcess(build, folder)
        await writer.ready()
        answers = await asyncio.gather(
            *[writer.submit(Request(PERSON, Bump("toy_1", limit=30), f"c{n}")) for n in range(40)]
        )
        outcomes = [answer.outcome for answer in answers]
        assert outcomes[:30] == [Done("bumped", {"total": n + 1}) for n in range(30)]
        assert all(isinstance(o, Refusal) and o.reason is Reason.LIMIT_PERIOD for o in outcomes[30:])
        indexes = [answer.receipt.index for answer in answers[:30] if answer.receipt is not None]
        assert indexes == list(range(30))
        with pytest.raises(Exception, match="a bug in a handler"):
            await writer.submit(Request(PERSON, Fail(), "f"))
        writer.close()

    asyncio.run(drive())


class Passing(SystemClock):
    """The machine's clock, where a test expects one that is set: it passes by itself."""

    def pass_time(self, microseconds: int) -> None:
        """Nothing to do."""


def test_it_follows_a_rotation_by_another_process(tmp_path: Path) -> None:
    """Without a restart and without a command lost: the batch after it is signed by the new key."""
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    keeper = open_keeper(database, tmp_path / "keys", Passing())  # type: ignore[arg-type]

    async def drive() -> None:
        writer = WriterProcess(build, tmp_path)
        await writer.ready()
        signed = []
        for n in range(3):
            answers = await asyncio.gather(
                *[writer.submit(Request(PERSON, Bump("toy_1"), f"p{n}.{k}")) for k in range(5)]
            )
            receipts = [answer.receipt for answer in answers]
            assert None not in receipts
            signed.append({signed_by(receipt.checkpoint) for receipt in receipts if receipt is not None})
            assert signed[-1] == {keeper.current()}
            await asyncio.to_thread(keeper.rotate)
        assert len(set.union(*signed)) == 3
        writer.close()

    asyncio.run(drive())
    assert keeper.kinds().count("toy.bumped") == 15
    report = keeper.verify(IDENTITY_KEY)
    assert report.is_sound, report.words()
    keeper.close()


def test_a_writer_that_dies_fails_its_futures_at_once(folder: Path) -> None:
    async def drive() -> None:
        writer = WriterProcess(build, folder)
        await writer.ready()
        await writer.submit(Request(PERSON, Bump("toy_1"), "a"))
        os.kill(writer.process_id, signal.SIGSTOP)
        waiting = writer.submit(Request(PERSON, Bump("toy_1"), "b"))
        await asyncio.sleep(0)
        os.kill(writer.process_id, signal.SIGKILL)
        with pytest.raises(WriterGone):
            await asyncio.wait_for(waiting, 10)
        with pytest.raises(WriterGone):
            await writer.submit(Request(PERSON, Bump("toy_1"), "c"))
        writer.close()

    asyncio.run(drive())


def test_what_the_child_cannot_take_at_once_waits_its_turn(folder: Path) -> None:
    async def drive() -> None:
        writer = WriterProcess(build, folder)
        await writer.ready()
        loop = asyncio.get_running_loop()
        os.kill(writer.process_id, signal.SIGSTOP)
        # Together more than a socket pair holds; each name is another one, for a frame repeats no text.
        waiting = [writer.submit(Request(PERSON, Bump("toy_1", name=f"{n:08000}"), f"c{n}")) for n in range(200)]
        await asyncio.sleep(0)
        assert writer._peer.unsent
        waiting.append(writer.submit(Request(PERSON, Bump("toy_1"), "last")))  # while the loop waits for room
        await asyncio.sleep(0)
        os.kill(writer.process_id, signal.SIGCONT)
        answers = await asyncio.wait_for(asyncio.gather(*waiting), 30)
        assert [answer.outcome for answer in answers] == [Done("bumped", {"total": 1})] * 201
        assert not loop.remove_writer(writer._peer)  # a loop that watched for room now would turn for ever
        writer.close()

    asyncio.run(drive())
