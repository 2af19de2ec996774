"""A kill campaign: many act, the writer and the runner are killed and started again, every answer is noted."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from api.wiring import TABLES, folds, open_log
from examples.services.effects import Fault
from ledger.actor import Actor
from ledger.errors import BrokenInput, Unavailable
from ledger.reading import Reader
from ledger.refusal import Reason, Refusal
from ledger.tables import COMMAND
from ledger.work import Answer, Request
from ledger.writer_process import WriterGone, WriterProcess
from tests.crash.acts import DAYS, WAIT, Acting, World, world
from tests.crash.checks import Acknowledged, Checked, recorded
from tests.crash.organisation import Organisation
from tests.crash.processes import Life, RunnerProcess, SharedClock, build
from tests.forked import forkserver

ACTING = 8
OPERATIONS = ("post_invoice", "pay", "fetch_report", "screen", "book_loan", "adverse_action", "notify")
ROUNDS_MAX = 400  # until everything outside is done, at the end


Disturb = Callable[[Random], Awaitable[None]]
"""Hurts something else than the processes: the database."""


class Campaign:
    """One campaign on one organisation. `run` it, then `check` what is left.

    Each of its `kills` ends a process, or is a call of `disturb` where that is given.
    """

    def __init__(
        self, organisation: Organisation, folder: Path, seed: int, kills: int, disturb: Disturb | None = None
    ) -> None:
        self._disturb = disturb
        address = organisation.services.address.removeprefix("http://")
        self.organisation = replace(organisation, settings=replace(organisation.settings, egress_allow=address))
        self.clock = SharedClock(folder / "clock")
        self.random = Random(seed)
        self.kills_left = kills
        self.acknowledged: list[Acknowledged] = []
        self.said: Counter[str] = Counter()
        self.again = 0  # commands sent again after their writer died
        self._requests: list[tuple[Request, Answer]] = []
        self._ids = (f"c-{seed}-{n}" for n in count())
        self._writer: WriterProcess | None = None
        self._runner: RunnerProcess | None = None
        self._is_up = asyncio.Event()
        self._has_died = asyncio.Event()
        self._answers = 0
        self._kill_after = 0
        effects = organisation.services.effects
        self._effects_before = {operation: set(effects.keys(operation)) for operation in OPERATIONS}

    async def run(self) -> None:
        """Until that many kills are survived and all that was begun outside is done."""
        log, database = open_log(self.organisation.settings)
        reader = Reader(log, self.clock, lambda: database.connect(read_only=True))
        shared = world(self.organisation, reader, self.clock.wall)
        await self._begin_life()
        acting = [
            asyncio.create_task(self._act(Acting(shared, Random(self.random.random()), self._ask)))
            for _ in range(ACTING)
        ]
        try:
            while self.kills_left:
                await self._one_life()
            await asyncio.gather(*acting)
            await self._settle(shared)
        finally:
            for task in acting:
                task.cancel()
            try:
                self._end_life()
            finally:
                reader.close()

    async def _act(self, acting: Acting) -> None:
        while self.kills_left:
            with suppress(Unavailable):  # who acts could not even look
                await acting.act()
            await asyncio.sleep(0)
            if self._requests and self.random.random() < 0.05:
                await self._repeat()

    async def _ask(self, actor: Actor, command: Any) -> Answer | None:
        """Send until there is an answer, always under the same command id."""
        return await self._send(Request(actor, command, next(self._ids)))

    async def _send(self, request: Request) -> Answer | None:
        while True:
            await self._is_up.wait()
            assert self._writer is not None
            try:
                answer = await self._writer.submit(request)
            except WriterGone:
                self._is_up.clear()
                self._has_died.set()
                self.again += 1
                continue
            except Unavailable as fault:
                if fault.reason != "DATABASE":
                    raise
                self.again += 1
                await asyncio.sleep(0.01)
                continue
            except BrokenInput:
                return None
            self._note(request, answer)
            return answer

    def _note(self, request: Request, answer: Answer) -> None:
        outcome = answer.outcome
        told = outcome.reason.value if isinstance(outcome, Refusal) else outcome.outcome
        self.said[f"{type(request.command).__name__} {told}"] += 1
        assert request.command_id is not None
        self.acknowledged.append(Acknowledged(request.actor.id, request.command_id, answer))
        if answer.receipt is not None:
            self._requests.append((request, answer))
        self._answers += 1
        if self._answers == self._kill_after and self._writer is not None:
            _kill(self._writer)

    async def _repeat(self) -> None:
        """An old command again: the same answer; its id for another command: turned down."""
        request, answer = self.random.choice(self._requests)
        again = await self._send(request)
        assert again is not None
        assert again.outcome == recorded(answer.outcome)
        assert again.receipt is not None
        assert answer.receipt is not None
        assert again.receipt.index == answer.receipt.index
        other = replace(request, command=replace(request.command))
        for name in ("business_key", "task_id", "session"):
            if hasattr(request.command, name):
                other = replace(request, command=replace(request.command, **{name: "pi_another.1"}))
                refused = await self._send(other)
                assert refused is not None
                assert isinstance(refused.outcome, Refusal)
                assert refused.outcome.reason is Reason.COMMAND_ID_REUSED
                self.acknowledged.pop()

    async def _begin_life(self) -> None:
        """A writer that will die: of itself at some call of its connection, or of a kill from outside."""
        self._has_died.clear()
        is_killed = self.kills_left and self._disturb is None
        dies_at = self.random.randint(2, 60) if is_killed and self.random.random() < 0.6 else 0
        life = Life(self.organisation.settings, self.clock, dies_at)
        self._kill_after = self._answers + self.random.randint(1, 120) if is_killed and not dies_at else 0
        self._writer = WriterProcess(build, life, start_method="forkserver")
        try:
            await self._writer.ready()
        except WriterGone:  # its first batch is not the first thing it asks of a database
            self._has_died.set()
            return
        if self._runner is None:
            dies_at = self.random.randint(2, 200) if is_killed and self.random.random() < 0.3 else 0
            self._runner = RunnerProcess.start(replace(life, dies_at=dies_at))
        self._is_up.set()

    async def _one_life(self) -> None:
        if self._disturb is not None:
            enough = self._answers + self.random.randint(1, 80)
            while self._answers < enough:
                await asyncio.sleep(0.001)
            await self._disturb(self.random)
            self.kills_left -= 1
            return
        await self._has_died.wait()
        self._is_up.clear()
        assert self._writer is not None
        self._writer.close()
        assert self._runner is not None
        is_alive = self._runner.process.is_alive()
        if not is_alive or self.random.random() < 0.7:
            self._runner.kill()
            self._runner = None
        self.kills_left -= 1
        self._play_faults()
        self.clock.pass_time(self.random.choice((0, WAIT, WAIT, DAYS)))
        await self._begin_life()

    def _play_faults(self) -> None:
        """The outside fails now and then, before its effect or after it."""
        operation = self.random.choice(OPERATIONS)
        fault = self.random.choice((Fault(503), Fault(503, after=True), Fault(0, drop=True, after=True)))
        self.organisation.services.effects.plan(operation, self.random.randint(1, 3), fault)

    async def _settle(self, shared: World) -> None:
        """Let time pass until no call is open."""
        effects = self.organisation.services.effects
        for operation in OPERATIONS:
            effects.plan(operation, 0, Fault())
        left = 0
        for _ in range(ROUNDS_MAX):
            open_calls = "SELECT COUNT(*) FROM call WHERE log_id = {log} AND state IN ('requested', 'backing off')"
            assert self._runner is not None
            if not self._runner.process.is_alive():
                self._runner = RunnerProcess.start(Life(self.organisation.settings, self.clock))
            left, before = shared.ask(open_calls)[0][0], left
            if left == 0:
                return
            if left == before:  # what is left waits for its next try, or for a dead runner's lease
                self.clock.pass_time(WAIT)
            await asyncio.sleep(0.05)
        raise AssertionError("calls are still open")

    def _end_life(self) -> None:
        if self._runner is not None:
            if self._runner.process.is_alive():
                self._runner.stop()
            else:
                self._runner.kill()
        if self._writer is not None:
            self._writer.close()

    def check(self) -> None:
        """Nothing lost, nothing twice, nothing half done; state is the fold; the outside saw each effect once."""
        log, database = open_log(self.organisation.settings)
        connection = database.connect(read_only=True)
        try:
            checked = Checked(connection, log)
            checked.is_whole()
            checked.is_fold(folds(), TABLES)
            checked.has_each_once(self.acknowledged)
            self._effects_are_once(connection.query(log.log_id, _CALLS, ()))
            ours = {key for key in checked.table(COMMAND) if key[0].startswith("c-")}
            known = {(one.command_id, one.actor) for one in self.acknowledged}
            assert ours <= known, "a command is recorded that nobody was told of"
        finally:
            connection.close()

    def _effects_are_once(self, calls: list[tuple[Any, ...]]) -> None:
        by_operation: dict[str, list[tuple[str, str, int]]] = {}
        for operation, key, state, started in calls:
            by_operation.setdefault(operation.partition(".")[2], []).append((key, state, started))
        for operation in OPERATIONS:
            made = list(self._effects_of(operation))
            assert len(made) == len(set(made)), "an effect took place twice"
            rows = by_operation.get(operation, [])
            assert len({key for key, _, _ in rows}) == len(rows), "two calls share an idempotency key"
            assert {key for key, state, _ in rows if state == "succeeded"} <= set(made)
            assert set(made) <= {key for key, _, started in rows if started}, "an effect without a record before it"

    def _effects_of(self, operation: str) -> Iterator[str]:
        before = self._effects_before[operation]
        return (key for key in self.organisation.services.effects.keys(operation) if key not in before)


_CALLS = "SELECT operation, idempotency_key, state, started FROM call WHERE log_id = {log}"


def _kill(writer: WriterProcess) -> None:
    os.kill(writer.process_id, signal.SIGKILL)


def campaign(
    organisation: Organisation, folder: Path, seed: int, kills: int, disturb: Disturb | None = None
) -> Campaign:
    """Run one and check it."""
    forkserver()
    made = Campaign(organisation, folder, seed, kills, disturb)
    asyncio.run(made.run())
    made.check()
    return made
