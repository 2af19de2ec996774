"""Several writer processes of one machine on one log: one writes for all, and whichever dies, nothing is lost."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import LedgerClock, SystemClock
from ledger.connection import Connection
from ledger.database import Database
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.meeting import _address
from ledger.work import Answer, CommandSpec, Done, Request
from ledger.workings import Log, Workings
from ledger.writer import BATCH_MAX
from ledger.writer_process import WriterGone, WriterProcess
from tests.crash.checks import Acknowledged, Checked
from tests.crash.processes import DyingConnection
from tests.forked import forkserver
from tests.ledger.toy import COUNTER, PERSON, Bump, Create, Fail, commands, folds, open_workings

LISTENING = "00010000"  # __SO_ACCEPTCON of Linux
HELD_SECONDS = 30.0  # until an answer that has to come; nothing waits so long


@dataclass(frozen=True, slots=True)
class Life:
    """What a child is built from: of which release it is, and at which call of its connection it ends itself."""

    database: Database
    keys: Path
    is_newer: bool = False
    dies_at: int = 0


@dataclass(frozen=True, slots=True)
class Newer:
    """A command that the older release does not know."""

    id: str


def build(life: Life) -> tuple[Workings, Callable[[], Connection]]:
    """The child's workings."""
    log_id, name, origin = life.database.find_log()
    log = Log(log_id, name, origin, load_keys(life.keys / name, origin, "correct horse"))
    known = commands()
    if life.is_newer:
        known[Newer] = CommandSpec("Newer", lambda _uow, _command: Done("created"), lambda command: command.id)
    workings = Workings(log, LedgerClock(SystemClock()), IdMaker(), known, folds(), place=life.database.place)
    if not life.dies_at:
        return workings, life.database.connect
    return workings, lambda: DyingConnection(life.database.connect(), life.dies_at)


@pytest.fixture
def life(database: Database, tmp_path: Path) -> Life:
    open_workings(database, tmp_path / "keys", SystemClock())
    return Life(database, tmp_path / "keys")


class Several:
    """Writers that were started one after the other: the first has opened."""

    def __init__(self) -> None:
        self.writers: list[WriterProcess] = []
        self.acknowledged: list[Acknowledged] = []

    async def start(self, life: Life) -> WriterProcess:
        """One more."""
        forkserver()
        writer = WriterProcess(build, life, start_method="forkserver")
        with suppress(WriterGone):  # one that is to die may do so at once
            await writer.ready()
        return writer

    async def once(self, place: int, command: Any, command_id: str) -> Answer:
        """The answer of the writer that is there; `WriterGone` where it dies."""
        answer = await self.writers[place].submit(Request(PERSON, command, command_id))
        self.acknowledged.append(Acknowledged(PERSON.id, command_id, answer))
        return answer

    async def ask(self, place: int, command: Any, command_id: str) -> Answer:
        """The same, asked again as long as there is none."""
        while True:
            try:
                return await self.once(place, command, command_id)
            except WriterGone:
                await asyncio.sleep(0.01)

    def opener(self) -> WriterProcess | None:
        """Whose child has opened the place; None where none has."""
        found = [writer for writer in self.writers if _listens(writer.process_id)]
        assert len(found) <= 1
        return found[0] if found else None

    async def joined(self, number: int) -> None:
        """Wait until so many have joined the one that has opened, and it answers what they hand over."""
        for n in count():
            opener = self.opener()
            if opener is not None and _held(opener.process_id)[1] == number:
                for place in range(len(self.writers)):
                    await self.ask(place, Bump("toy_hello"), f"hello-{n}-{place}")
                if _held(opener.process_id)[1] == number:  # nobody had to go on alone
                    return
            await asyncio.sleep(0.01)

    def check(self, life: Life) -> Checked:
        """The log is whole, its rows are its fold, and every answer stands once."""
        log_id, name, origin = life.database.find_log()
        log = Log(log_id, name, origin, load_keys(life.keys / name, origin, "correct horse"))
        connection = life.database.connect(read_only=True)
        try:
            checked = Checked(connection, log)
            checked.is_whole()
            checked.is_fold(folds(), [COUNTER])
            checked.has_each_once(self.acknowledged)
            return checked
        finally:
            connection.close()


@asynccontextmanager
async def several(*lives: Life, is_free: bool = True) -> AsyncIterator[Several]:
    made = Several()
    try:
        for life in lives:
            made.writers.append(await made.start(life))
            while is_free and not any(_listens(writer.process_id) for writer in made.writers):
                await asyncio.sleep(0.01)  # so that the first is the one that opens
        yield made
    finally:
        for writer in made.writers:
            with suppress(ProcessLookupError):
                os.kill(writer.process_id, signal.SIGCONT)
            await asyncio.to_thread(writer.close)


def _held(process_id: int) -> tuple[int, int]:
    """How many sockets at our address a process holds: that listen, and that others have joined (proc(5),
    `/proc/net/unix`)."""
    flags = {}
    for line in Path("/proc/net/unix").read_text().splitlines():
        columns = line.split()
        if columns[-1].startswith("@muniment/desk/"):
            flags[f"socket:[{columns[6]}]"] = columns[3]
    try:
        held = [flags.get(os.readlink(one)) for one in Path(f"/proc/{process_id}/fd").iterdir()]
    except OSError:
        return 0, 0
    return held.count(LISTENING), held.count("00000000")


def _listens(process_id: int) -> bool:
    return _held(process_id)[0] > 0


def bumps(process: int, number: int) -> list[tuple[Bump, str]]:
    return [(Bump(f"toy_{process}"), f"c-{process}-{n}") for n in range(number)]


def test_one_writes_for_all_in_one_commit(life: Life) -> None:
    async def drive() -> None:
        async with several(life, life, life) as made:
            await made.joined(2)
            opener = made.writers[0]
            assert made.opener() is opener
            for n in range(20):
                os.kill(opener.process_id, signal.SIGSTOP)
                asked = [asyncio.ensure_future(made.once(place, Bump("toy_1"), f"c-{n}-{place}")) for place in range(3)]
                await asyncio.sleep(0.1)  # mostly enough for those that have joined to hand over what they were given
                os.kill(opener.process_id, signal.SIGCONT)
                answers = await asyncio.wait_for(asyncio.gather(*asked), HELD_SECONDS)
                assert {answer.outcome.result["total"] for answer in answers if isinstance(answer.outcome, Done)} == {
                    3 * n + 1,
                    3 * n + 2,
                    3 * n + 3,
                }
                sizes = {answer.receipt.size for answer in answers if answer.receipt is not None}
                if len(sizes) == 1:
                    break
            else:
                raise AssertionError("none of twenty rounds went through one commit")
            with pytest.raises(Exception, match="a bug in a handler"):
                await made.writers[1].submit(Request(PERSON, Fail(), "f"))
            made.check(life)

    asyncio.run(drive())


def test_another_takes_over_what_is_under_way(life: Life) -> None:
    async def drive() -> None:
        async with several(life, life, life) as made:
            await made.joined(2)
            opener = made.writers[0]
            assert made.opener() is opener
            os.kill(opener.process_id, signal.SIGSTOP)
            asked = [
                asyncio.ensure_future(made.once(place, command, command_id))
                for place in (1, 2)
                for command, command_id in bumps(place, 20)
            ]
            nameless = asyncio.ensure_future(made.writers[1].submit(Request(SYSTEM, Create())))
            await asyncio.sleep(0.2)
            assert not any(one.done() for one in asked)
            os.kill(opener.process_id, signal.SIGKILL)
            answers = await asyncio.wait_for(asyncio.gather(*asked), HELD_SECONDS)
            assert [answer.outcome for answer in answers] == [Done("bumped", {"total": n + 1}) for n in range(20)] * 2
            with pytest.raises(WriterGone):  # whether it was carried out cannot be asked again without an id
                await nameless
            assert made.opener() in made.writers[1:]
            made.check(life)

    asyncio.run(drive())


def test_whoever_leaves_has_done_nothing_it_did_not_answer(life: Life) -> None:
    """A service that is stopped, in the midst of commands without ids: none of the others' fails."""

    async def drive() -> None:
        async with several(life, life, life) as made:
            await made.joined(2)
            is_over = False
            done = 0

            async def act(place: int) -> None:
                nonlocal done
                while not is_over:
                    answer = await made.writers[place].submit(Request(SYSTEM, Create()))
                    assert isinstance(answer.outcome, Done)
                    done += 1

            acting = [asyncio.ensure_future(act(place)) for place in (1, 1, 1, 2, 2)]
            while done < 100:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(made.writers[0].close)
            before = done
            while done < before + 100:
                await asyncio.sleep(0.01)
                assert not any(one.done() for one in acting)
            is_over = True
            await asyncio.wait_for(asyncio.gather(*acting), HELD_SECONDS)
            assert made.opener() in made.writers[1:]
            assert len(made.check(life).entries) == len(made.acknowledged) + done

    asyncio.run(drive())


def test_one_that_keeps_silent_is_not_waited_for(life: Life) -> None:
    """An opener that stands still: the others write by themselves, and what it does when it goes on is done already."""

    async def drive() -> None:
        async with several(life, life) as made:
            await made.joined(1)
            os.kill(made.writers[0].process_id, signal.SIGSTOP)
            asked = [asyncio.ensure_future(made.once(1, command, command_id)) for command, command_id in bumps(1, 20)]
            answers = await asyncio.wait_for(asyncio.gather(*asked), HELD_SECONDS)
            assert [answer.outcome for answer in answers] == [Done("bumped", {"total": n + 1}) for n in range(20)]
            os.kill(made.writers[0].process_id, signal.SIGCONT)
            own = await asyncio.wait_for(made.once(0, Bump("toy_1"), "own"), HELD_SECONDS)
            assert own.outcome == Done("bumped", {"total": 21})
            await made.once(1, Bump("toy_1"), "joined again")
            assert made.opener() is made.writers[0]
            made.check(life)

    asyncio.run(drive())


def test_one_that_takes_no_answers_holds_nobody_up(life: Life) -> None:
    async def drive() -> None:
        async with several(life, life, life) as made:
            await made.joined(2)
            asked = [asyncio.ensure_future(made.once(1, command, command_id)) for command, command_id in bumps(1, 500)]
            await asyncio.sleep(0)
            os.kill(made.writers[1].process_id, signal.SIGSTOP)
            for command, command_id in bumps(2, 20):
                await asyncio.wait_for(made.once(2, command, command_id), HELD_SECONDS)
            os.kill(made.writers[1].process_id, signal.SIGKILL)
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert all(isinstance(answer, Answer | WriterGone) for answer in answers)
            await made.once(2, Bump("toy_2"), "after")
            made.check(life)

    asyncio.run(drive())


def test_one_that_sends_more_than_a_batch_holds_is_not_always_first(life: Life) -> None:
    async def drive() -> None:
        async with several(life, life) as made:
            await made.joined(1)
            os.kill(made.writers[0].process_id, signal.SIGSTOP)
            asked = []
            for n in range(6):  # a frame each
                asked += [asyncio.ensure_future(made.once(0, Bump("toy_1"), f"c-{n}-{k}")) for k in range(BATCH_MAX)]
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            joined = asyncio.ensure_future(made.once(1, Bump("toy_2"), "joined"))
            await asyncio.sleep(0.2)
            os.kill(made.writers[0].process_id, signal.SIGCONT)
            answers = await asyncio.wait_for(asyncio.gather(*asked), HELD_SECONDS)
            ends = [answer.receipt.index for answer in answers if answer.receipt is not None]
            receipt = (await joined).receipt
            assert receipt is not None
            assert receipt.index < max(ends) - BATCH_MAX

    asyncio.run(drive())


def test_two_releases_take_turns(life: Life) -> None:
    async def drive() -> None:
        newer = replace(life, is_newer=True)
        async with several(life, newer) as made:
            for n in range(20):
                await asyncio.gather(*[made.once(place, Bump("toy_1"), f"c-{place}-{n}") for place in (0, 1)])
            assert [_listens(writer.process_id) for writer in made.writers] == [True, True]
            assert (await made.once(1, Newer("toy_1"), "newer")).outcome == Done("created")
            made.check(life)

    asyncio.run(drive())


def test_a_place_that_somebody_holds_who_is_none_of_us_is_left_alone(life: Life) -> None:
    workings, _ = build(life)
    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(_address(workings))
        squatter.listen()

        async def drive() -> None:
            async with several(life, life, is_free=False) as made:
                for n in range(5):
                    await asyncio.gather(*[made.once(place, Bump("toy_1"), f"c-{place}-{n}") for place in (0, 1)])
                squatter.close()
                while made.opener() is None:  # looked for again after 1, 2, 4, ... batches
                    await made.once(0, Bump("toy_1"), f"d-{len(made.acknowledged)}")
                made.check(life)

        asyncio.run(drive())


async def campaign(life: Life, seed: int, kills: int) -> None:
    """Twelve callers through three writers, one of which dies again and again: by a kill, or at some statement."""
    random = Random(seed)
    ids = count()
    async with several(life, life, life) as made:
        is_over = False

        async def act(place: int) -> None:
            while not is_over:
                await made.ask(place, Bump(f"toy_{random.randint(1, 4)}"), f"c-{next(ids)}")

        acting = [asyncio.ensure_future(act(caller % 3)) for caller in range(12)]
        for _ in range(kills):
            enough = len(made.acknowledged) + random.randint(1, 200)
            while len(made.acknowledged) < enough and not any(writer._gone for writer in made.writers):
                await asyncio.sleep(0.001)
            opener = made.opener()
            gone = [place for place, writer in enumerate(made.writers) if writer._gone]
            if gone:
                place = gone[0]
            elif opener is not None and random.random() < 0.6:
                place = made.writers.index(opener)
            else:
                place = random.randrange(3)
            old = made.writers[place]
            with suppress(ProcessLookupError):  # it was to die by itself
                os.kill(old.process_id, signal.SIGKILL)
            dies_at = random.randint(2, 60) if random.random() < 0.5 else 0
            made.writers[place] = await made.start(replace(life, dies_at=dies_at))
            await asyncio.to_thread(old.close)
        for place, old in enumerate(made.writers):
            made.writers[place] = await made.start(life)
            await asyncio.to_thread(old.close)
        is_over = True
        await asyncio.wait_for(asyncio.gather(*acting), HELD_SECONDS)
        checked = made.check(life)
        assert len(checked.entries) == len(made.acknowledged)


def test_writers_of_one_machine_are_killed(life: Life) -> None:
    asyncio.run(campaign(life, 1, 12))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_writers_of_one_machine_are_killed_again_and_again(life: Life, seed: int) -> None:
    asyncio.run(campaign(life, seed, 60))
