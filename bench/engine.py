"""`muniment bench engine`: what a step costs one at a time, 64 instances at once, and as an instance grows.

A step is one recorded command: started, claimed, completed, decided, job done. Each is carried out with its access
check - a decision with named authority and two limits - and is durable with its entry before it is answered. The
lease a worker takes is one more transaction and counts as no step.
"""

import asyncio
import time
from pathlib import Path
from statistics import median
from typing import Any

from api.founding import done
from api.wiring import build_writer
from bench import logs, office
from bench import peers as others
from bench.harness import Board, Contest, Further, Measure, Peer, Sample
from bench.narrow_limits import NarrowPostgresqlStore, NarrowSqliteStore, Sizes
from bench.office import CommandIds, Office, Said, Steps
from bench.recording import record
from bench.step_limits import Steps as BareSteps
from bench.step_limits import Store
from bench.step_stores import PostgresqlStore, SqliteStore
from ledger.actor import Actor
from ledger.collector import relax
from ledger.service import Writer
from ledger.work import Answer
from ledger.writer_process import WriterProcess

WIDTH = 64
OLD = 1_000  # turns after which an instance is old
YOUNG = 10
STEP_MS = 15.0  # what a step may take at the 99th percentile
LEASED_MAX = WIDTH

_NOTE = (
    "a step is one recorded command; the limit chains, signs and commits the same rows under the same indexes, "
    "the narrow one an entry and a state alone"
)

Stores = tuple[Store, Store]
"""Where a limit stores what the engine stores, and where the narrow one stores an entry and a state."""


def run(board: Board, folder: Path, quick: bool, peers: str | None = None) -> None:
    """All results of this bench; beside those on SQLite the peers installed for the Python `peers`."""
    with others.opened(peers, folder / "peers", others.told) as found:
        _run(board, folder, (quick, found))


def _run(board: Board, folder: Path, how: tuple[bool, others.Peers]) -> None:
    quick, peers = how
    opened = office.open_office(str(folder / "office"))
    recorded = record(opened)  # first: a writer that finds another beside it keeps no rows for a while
    one = OneByOne(opened)
    try:
        one.run(5)
        relax()  # as the service's writer process does
        sizes = _sizes(opened)
        _sequential(
            board,
            one,
            (SqliteStore(folder / "one.sqlite", recorded), NarrowSqliteStore(folder / "one-narrow.sqlite", sizes)),
            (20 if quick else 60, peers.sequential(office.STEPS, quick)),
        )
        _growth(board, one, quick)
    finally:
        one.close()
    cases = 4 if quick else 12
    stores: Stores = (
        SqliteStore(folder / "many.sqlite", recorded),
        NarrowSqliteStore(folder / "many-narrow.sqlite", sizes),
    )
    _at_once(board, "sqlite", (opened, stores), (cases, peers.at_once(office.STEPS, quick)))
    found = logs.postgresql()
    if found is None:
        board.tell("no PostgreSQL server: engine.concurrent64.postgresql is left out")
        return
    database, server = found
    on_server = office.open_office(str(folder / "server"), database.dsn)
    stores = PostgresqlStore(database.dsn, recorded), NarrowPostgresqlStore(database.dsn, sizes)
    _at_once(board, "postgresql", (on_server, stores), (cases, ()))
    if server is not None:
        server.close()


class OneByOne:
    """One command after the other through the writer thread."""

    def __init__(self, opened: Office) -> None:
        self._office = opened
        self._writer = Writer(*build_writer(opened.settings))
        self._ids = CommandIds()
        self._begun = 0

    def run(self, cases: int) -> Sample:
        """Whole cases."""
        waits: list[float] = []
        started = time.perf_counter()
        for _ in range(cases):
            self._begun += 1
            self.follow(office.case(self._office, f"one-{self._begun}"), waits)
        return Sample(len(waits), time.perf_counter() - started, waits)

    def turns(self, count: int) -> Steps:
        """A new instance of `count` turns; the caller sends its commands."""
        self._begun += 1
        return office.turns(self._office, f"turns-{self._begun}", count)

    def follow(self, steps: Steps, waits: list[float]) -> None:
        """Send every command of a case and note how long its answer took."""
        sent = next(steps)
        while True:
            actor, command = sent
            begun = time.perf_counter()
            if command is None:
                jobs: list[Said] = self.send(actor, office.activate(1))["jobs"]
                said = jobs[0]
            else:
                said = self.send(actor, command)
                waits.append(time.perf_counter() - begun)
            try:
                sent = steps.send(said)
            except StopIteration:
                return

    def send(self, actor: Actor, command: Any) -> Said:
        """One command and its result."""
        return dict(done(self._writer.run(self._ids.request(actor, command))).result)

    def close(self) -> None:
        """Stop the writer."""
        self._writer.close()


class AtOnce:
    """Many instances at once through the writer process, and one worker that does their jobs."""

    def __init__(self, opened: Office, loop: asyncio.AbstractEventLoop) -> None:
        self._office = opened
        self._loop = loop
        self._ids = CommandIds()
        self._begun = 0
        self._writer = WriterProcess(build_writer, opened.settings)
        loop.run_until_complete(self._writer.ready())
        self._jobs: dict[str, asyncio.Future[Said]] = {}
        self._leases: asyncio.Task[None] | None = None

    def run(self, cases: int) -> Sample:
        """`cases` cases one after the other in each of `WIDTH` callers."""
        return self._loop.run_until_complete(self._run(cases))

    def close(self) -> None:
        """Stop the writer."""
        self._writer.close()

    async def _run(self, cases: int) -> Sample:
        waits: list[float] = []

        async def call() -> None:
            for _ in range(cases):
                self._begun += 1
                await self._follow(office.case(self._office, f"many-{self._begun}"), waits)

        started = time.perf_counter()
        await asyncio.gather(*[call() for _ in range(WIDTH)])
        return Sample(len(waits), time.perf_counter() - started, waits)

    async def _follow(self, steps: Steps, waits: list[float]) -> None:
        sent = next(steps)
        instance = ""
        while True:
            actor, command = sent
            if command is None:
                said = await self._job(instance)
            else:
                begun = time.perf_counter()
                said = await self._send(actor, command)
                waits.append(time.perf_counter() - begun)
                instance = instance or said["instance"]
            try:
                sent = steps.send(said)
            except StopIteration:
                return

    async def _job(self, instance: str) -> Said:
        """Wait until the worker has the lease of this instance's job."""
        future: asyncio.Future[Said] = self._loop.create_future()
        self._jobs[instance] = future
        if self._leases is None:
            self._leases = self._loop.create_task(self._lease())
        return await future

    async def _lease(self) -> None:
        """Lease while anybody waits: one command for all that are open."""
        while self._jobs:
            answer = await self._send(self._office.worker, office.activate(LEASED_MAX))
            for job in answer["jobs"]:
                self._jobs.pop(job["job"].partition(".")[0]).set_result(job)
        self._leases = None

    async def _send(self, actor: Actor, command: Any) -> Said:
        answer: Answer = await self._writer.submit(self._ids.request(actor, command))
        said: Said = dict(done(answer).result)
        return said


def _sequential(board: Board, one: OneByOne, stores: Stores, how: tuple[int, tuple[Peer, ...]]) -> None:
    cases, peers = how
    bare, narrow = map(BareSteps, stores)
    board.run(
        Contest(
            "engine.sequential.sqlite",
            "limit.sequential.sqlite",
            0.45,
            cases * office.STEPS,
            lambda: one.run(cases),
            lambda: bare.one_at_a_time(cases),
            note=_NOTE,
            p99_ms=STEP_MS,
            further=(Further("limit.sequential.sqlite.narrow", lambda: narrow.one_at_a_time(cases)),),
            peers=peers,
        )
    )
    for store in stores:
        store.close()


def _at_once(board: Board, engine: str, pair: tuple[Office, Stores], how: tuple[int, tuple[Peer, ...]]) -> None:
    (opened, stores), (cases, peers) = pair, how
    bare, narrow = map(BareSteps, stores)
    loop = asyncio.new_event_loop()
    many = AtOnce(opened, loop)
    try:
        board.run(
            Contest(
                f"engine.concurrent64.{engine}",
                f"limit.concurrent64.{engine}",
                0.2,
                WIDTH * cases * office.STEPS,
                lambda: many.run(cases),
                lambda: bare.at_once(WIDTH, cases),
                note=_NOTE,
                p99_ms=STEP_MS,
                further=(Further(f"limit.concurrent64.{engine}.narrow", lambda: narrow.at_once(WIDTH, cases)),),
                peers=peers,
            )
        )
    finally:
        many.close()
        for store in stores:
            store.close()
        loop.close()


def _growth(board: Board, one: OneByOne, quick: bool) -> None:
    """An old and a young instance take turns in turn; both meet the same machine."""
    turns = 10 if quick else 40
    old = one.turns(OLD + (board.rounds + 2) * turns)
    said: list[Said] = [one.send(*next(old))]
    for _ in range(OLD * 2):
        said = [one.send(*old.send(said[0]))]

    def ratio() -> float:
        young = one.turns(YOUNG + turns)
        last = one.send(*next(young))
        for _ in range(YOUNG * 2):
            last = one.send(*young.send(last))
        waits: tuple[list[float], list[float]] = ([], [])
        for _ in range(turns * 2):
            last = _timed(one, young.send(last), waits[0])
            said[0] = _timed(one, old.send(said[0]), waits[1])
        return median(waits[1]) / median(waits[0])

    board.measure(
        Measure(
            "engine.growth",
            "cost ratio",
            1.2,
            turns * 2,
            ratio,
            note=f"cost of a step at turn {OLD:,} of an instance / at turn {YOUNG}, medians, taken in turns",
        )
    )


def _timed(one: OneByOne, sent: tuple[Actor, Any], waits: list[float]) -> Said:
    begun = time.perf_counter()
    said = one.send(*sent)
    waits.append(time.perf_counter() - begun)
    return said


def _sizes(opened: Office) -> Sizes:
    """The bytes of our own entries and instance rows, so that the narrow limit stores as many."""
    connection = opened.settings.database().connect(read_only=True)
    try:
        [(entry,)] = connection.query(1, "SELECT avg(length(bytes)) FROM entry WHERE log_id = {log}", ())
        rows = connection.query(1, "SELECT * FROM instance WHERE log_id = {log}", ())
    finally:
        connection.close()
    return Sizes(int(entry), sum(len(str(value)) for row in rows for value in row) // len(rows))
