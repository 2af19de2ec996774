"""Several writer processes on one log of PostgreSQL: what they do together, and what kills cost.

Each process is the writer of a `serve`; callers are spread over them. A killed one is started again, and what it had
not answered is sent again under its command id, as a client of the service does.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path
from statistics import median

from api.founding import done
from api.wiring import build_writer
from bench import logs, office
from bench.harness import Board
from bench.office import CommandIds, Office
from ledger.entry import parse_entry
from ledger.errors import MunimentError
from ledger.work import Answer, Request
from ledger.writer_process import WriterProcess

CALLERS = 32
SIDES = (1, 2, 4)
SIDE_SECONDS = 6.0
SIDE_QUICK = 1.5
NO_WORSE = 0.9  # of one process: several on one log take turns at its head
KILLS_SECONDS = 300.0
KILLS_QUICK = 8.0
# Before the first kill and after the last, each; and as long before both. PostgreSQL looks once a minute for what
# updates left behind (`autovacuum_naptime`): a log that is younger has not paid for it yet, and measures no older one.
CALM_SECONDS = 60.0
CALM_QUICK = 3.0
WINDOWS = 6  # of each calm: a rate is a median of them
BETWEEN_KILLS = 3.0
AGAIN_SECONDS = 0.05  # before a command is sent again


class Crowd:
    """Callers that start instances and take turns in them, through so many writer processes."""

    def __init__(self, opened: Office, width: int, prefix: str) -> None:
        self._office = opened
        self._prefix = prefix
        self._ids = CommandIds()
        self._begun = 0
        self._is_over = False
        self._writers = [WriterProcess(build_writer, opened.settings) for _ in range(width)]
        # Command ids whose callers were told. Not what they were told: a third of a million answers are objects that
        # Python's collector looks through again and again, on the very processors that are measured.
        self.told: set[str] = set()
        self.answered: list[float] = []  # when each answer came

    async def open(self) -> None:
        """Wait for all of them."""
        await asyncio.gather(*[writer.ready() for writer in self._writers])

    async def work(self, seconds: float) -> None:
        """Callers at work for so long; each finishes what it has sent."""
        self._is_over = False
        callers = [asyncio.create_task(self._call(number)) for number in range(CALLERS)]
        await asyncio.sleep(seconds)
        self._is_over = True
        await asyncio.gather(*callers)

    async def kill(self, place: int) -> None:
        """`kill -9` for one writer, and another in its place."""
        old = self._writers[place]
        os.kill(old.process_id, signal.SIGKILL)
        new = WriterProcess(build_writer, self._office.settings)
        await new.ready()
        self._writers[place] = new
        await asyncio.to_thread(old.close)

    @property
    def width(self) -> int:
        """How many writers."""
        return len(self._writers)

    def close(self) -> None:
        """Stop them."""
        for writer in self._writers:
            writer.close()

    async def _call(self, caller: int) -> None:
        while not self._is_over:
            self._begun += 1
            steps = office.turns(self._office, f"{self._prefix}-{self._begun}", 3)
            sent = next(steps)
            while not self._is_over:
                answer = await self._until_answered(caller, self._ids.request(*sent))
                try:
                    sent = steps.send(dict(done(answer).result))
                except StopIteration:
                    break

    async def _until_answered(self, caller: int, request: Request) -> Answer:
        while True:
            try:
                answer = await self._writers[caller % len(self._writers)].submit(request)
            except (MunimentError, OSError):
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            self.answered.append(time.perf_counter())
            self.told.add(str(request.command_id))
            return answer


def run_side_by_side(board: Board, folder: Path, quick: bool) -> None:
    """One, two and four processes on one log, in turn; every round on the same log."""
    found = logs.postgresql()
    if found is None:
        board.tell("no PostgreSQL server: scale.postgresql.* are left out")
        return
    database, server = found
    opened = office.open_office(str(folder), database.dsn)
    rates: dict[int, list[float]] = {width: [] for width in SIDES}
    seconds = SIDE_QUICK if quick else SIDE_SECONDS
    try:
        for number in range(board.rounds + 1):
            for width in SIDES:
                rate = asyncio.run(_rate((opened, width), f"side-{number}-{width}", seconds))
                board.tell(f"scale.postgresql.p{width}: {rate:,.0f}")
                if number:
                    rates[width].append(rate)
    finally:
        if server is not None:
            server.close()
    alone = rates[1]
    for width, found_rates in rates.items():
        ratio = median(one / other for one, other in zip(found_rates, alone, strict=True))
        board.results.append(
            {
                "id": f"scale.postgresql.p{width}",
                "unit": "1/s",
                "n": len(found_rates),
                **_spread(found_rates),
                "beside": {"id": "scale.postgresql.p1", "median": round(median(alone), 1)},
                "ratio": round(ratio, 3),
                "target": NO_WORSE if width > 1 else None,
                "met": width == 1 or ratio >= NO_WORSE,
                "note": f"commands of {CALLERS} callers through {width} writer processes on one log",
            }
        )


async def _rate(of: tuple[Office, int], prefix: str, seconds: float) -> float:
    crowd = Crowd(*of, prefix)
    try:
        await crowd.open()
        await crowd.work(seconds / 2)  # every process reads policy, register and blueprint first
        crowd.answered.clear()
        begun = time.perf_counter()
        await crowd.work(seconds)
        return len(crowd.answered) / (time.perf_counter() - begun)
    finally:
        crowd.close()


def run_killed(board: Board, folder: Path, quick: bool) -> None:
    """Two processes, one killed every few seconds: throughput before and after, and every answer in the entries."""
    found = logs.postgresql()
    if found is None:
        board.tell("no PostgreSQL server: scale.killed is left out")
        return
    database, server = found
    opened = office.open_office(str(folder), database.dsn)
    try:
        kills, before, after, told = asyncio.run(_killed(opened, quick))
        counted = _counted(opened)
    finally:
        if server is not None:
            server.close()
    lost = [key for key in told if counted[key] != 1]
    if lost:
        raise AssertionError(f"expected every answer once in the entries, found {len(lost)} that are not")
    was, now = median(before), median(after)
    ratio = now / was
    board.tell(f"scale.killed: {kills} kills, {was:,.0f} before, {now:,.0f} after, {len(told):,} answers in order")
    board.results.append(
        {
            "id": "scale.killed",
            "unit": "1/s",
            "n": kills,
            **_spread(after),
            "beside": {"id": "scale.killed.before", **_spread(before)},
            "ratio": round(ratio, 3),
            "target": NO_WORSE,
            "met": ratio >= NO_WORSE,
            "answers": len(told),
            "note": f"commands a second after {kills} kills of one of two writer processes / before the first, "
            f"medians of {WINDOWS} windows; each of {len(told):,} answers stands once in the entries",
        }
    )


async def _killed(opened: Office, quick: bool) -> tuple[int, list[float], list[float], set[str]]:
    calm, seconds = (CALM_QUICK, KILLS_QUICK) if quick else (CALM_SECONDS, KILLS_SECONDS)
    crowd = Crowd(opened, 2, "killed")
    kills = 0
    try:
        await crowd.open()
        await crowd.work(calm)  # caches fill; told with the rest, counted in no rate
        begun = time.perf_counter()
        await crowd.work(calm)
        first = time.perf_counter()
        working = asyncio.create_task(crowd.work(seconds))
        while time.perf_counter() - first < seconds:
            await crowd.kill(kills % crowd.width)
            kills += 1
            await asyncio.sleep(BETWEEN_KILLS)
        await working
        last = time.perf_counter()
        await crowd.work(calm)
        end = time.perf_counter()
    finally:
        crowd.close()
    return kills, _rates(crowd.answered, begun, first), _rates(crowd.answered, last, end), crowd.told


def _rates(answered: list[float], begun: float, end: float) -> list[float]:
    """Answers a second, window by window."""
    wide = (end - begun) / WINDOWS
    counts = Counter(int((at - begun) / wide) for at in answered if begun <= at < end)
    return [counts[window] / wide for window in range(WINDOWS)]


def _counted(opened: Office) -> Counter[str]:
    """How many commands of each id stand in the entries."""
    connection = opened.settings.database().connect(read_only=True)
    counted: Counter[str] = Counter()
    try:
        for (row,) in connection.query(1, "SELECT bytes FROM entry WHERE log_id = {log}", ()):
            entry = parse_entry(row)
            if entry.command_id and entry.command is not None:
                counted[entry.command_id] += 1
    finally:
        connection.close()
    return counted


def _spread(rates: list[float]) -> dict[str, float]:
    return {"median": round(median(rates), 1), "min": round(min(rates), 1), "max": round(max(rates), 1)}
