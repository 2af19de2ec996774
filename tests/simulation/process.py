"""A process: a writer and a runner that share their fate. What it knows in memory dies with it; its rows stay."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from random import Random
from typing import Any, Protocol

from ledger.clock import Instant
from ledger.connection import DatabaseFault
from ledger.database import Database
from ledger.errors import BrokenInput, Unavailable
from ledger.work import Answer, Request
from ledger.workings import Workings
from ledger.writer import Desk
from orchestrator import runner as runners
from orchestrator.breaker import Limits
from orchestrator.runner import Runner
from orchestrator.store import Query
from tests.simulation.faults import DRIVER_ERRORS, Crash, Faults, wired
from tests.simulation.hub import SECOND, Hub, Reply
from tests.simulation.world import World

RETRY_SECONDS = 1  # pause of a runner whose database or writer could not be reached, as in `api.running`
_PAUSES = (
    0.5,
    0.5,
    2,
    40,
    900,
    4_000,
)  # seconds between two looks of a runner: of a machine that has other things to do
_DOWN = (0, 1, 20, 200, 4_000)  # seconds until a process is started again

_HEALED_PAUSES = (300, 2_000)  # seconds between two looks of a runner when nothing goes wrong any more
RESTING = 0.1  # of all batches are followed by a rest: checkpoint kept, repeats written

GONE = Unavailable("GONE", "the process died before it answered")


class Shifted:
    """The clock of a process: the wall clock may be wrong, the steady one is not."""

    def __init__(self, hub: Hub, shift: int) -> None:
        self._hub = hub
        self.shift = shift

    def wall(self) -> Instant:
        """See `ledger.clock.Clock`."""
        return Instant(self._hub.now + self.shift)

    def monotonic(self) -> int:
        """See `ledger.clock.Clock`."""
        return self._hub.now


class Out(Reply):
    """What a hand does. Its value is what that has raised."""

    def result(self) -> None:
        """Nothing, or what was raised; asked of what is over alone."""
        assert self.done
        if self.value is not None:
            raise self.value


class Hands:
    """In the place of a pool of threads: what they do takes turns with everything else."""

    def __init__(self, process: "Process") -> None:
        self._process = process
        self._out: list[Out] = []

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        if raised is None or issubclass(raised, Exception):  # a process that dies waits for nobody
            for one in self._out:
                self._process.hub.wait(one)

    def submit(self, act: Callable[[Any], None], one: Any) -> Out:
        """Begin it, beside everything else."""
        out = Out()
        self._out.append(out)
        self._process.begin("hand", lambda: out.set(_tried(act, one)))
        return out

    def wait(self, out: Iterable[Out], seconds: float, _: str) -> tuple[set[Out], set[Out]]:
        """What is over and what is not: at once where something is, else after a while."""
        waited = set(out)
        if seconds and not any(one.done for one in waited):
            self._process.pause(seconds)
        over = {one for one in waited if one.done}
        return over, waited - over


def _tried(act: Callable[[Any], None], one: Any) -> Exception | None:
    try:
        act(one)
    except Exception as error:
        return error
    return None


class Life:
    """One life of a process, from its start to its death."""

    def __init__(self) -> None:
        self.is_dead = False
        self.cuts: list[Callable[[], None]] = []
        self.reader: Any = None


class Ear(Protocol):
    """Who is told what a process says, in the order in which it is committed."""

    def heard(self, request: Request, answer: Answer, now: int) -> None:
        """An answer of the batch of this instant, before it goes out."""
        ...

    def lost(self, request: Request, error: Exception) -> None:
        """There is no answer, and it may have been done."""
        ...

    def parts(self, query: Query) -> dict[str, Any]:
        """What else a runner of ours does, by the names of `Runner`; `query` reads committed rows."""
        ...


class Process:
    """`start` it; it dies at a statement the faults name and is started again by itself."""

    def __init__(
        self,
        name: str,
        hub: Hub,
        where: tuple[Database, Faults, Callable[[Any], Workings]],
        world: World,
        ear: Ear,
    ) -> None:
        self.name = name
        self.hub = hub
        self.clock = Shifted(hub, 0)
        self.is_up = False
        self.deaths = 0
        self._database, self._faults, self._workings_for = where
        self._world = world
        self._ear = ear
        self._mail = Reply()
        self._waiting: list[tuple[Request, Reply]] = []
        self._life = Life()
        self._log_id = 0

    def start(self, random: Random) -> None:
        """Begin a life: nothing is known but what is in the database."""
        self._random = random
        life = self._life = Life()
        workings = self._workings_for(self.clock)
        self._log_id = workings.log.log_id
        self._desk = Desk(workings, lambda: self._connect(life))
        limits = random.choice(((), (Limits("x"),), (Limits("x", 1, 3, 2, pause=20 * SECOND),)))
        runner = Runner(
            f"{self.name}.{self.deaths}",
            self._submit,
            self._query,
            self._world,
            self.clock,
            limits=lambda: limits,
            **self._ear.parts(self._query),
        )
        self.is_up = True
        self.begin("runner", lambda: self._run(runner.run))
        self.begin("calls", lambda: self._call(runner))
        self.begin("writer", self._write)

    @property
    def has_turn(self) -> bool:
        """Whether it is a task of this process that runs now."""
        return self.hub.owner is self._life

    def ask(self, request: Request) -> Any:
        """An answer or what went wrong; called by a task of somebody else."""
        return self.hub.wait(self._put(request))

    def begin(self, name: str, act: Callable[[], None]) -> None:
        """A task that dies with this process."""
        life = self._life

        def acting() -> None:
            try:
                act()
            except Crash:
                self._die(life)

        self.hub.spawn(name, acting, owner=life)

    def stop(self) -> None:
        """The history is over."""
        if self.is_up:
            self._end(self._life)

    # The writer

    def _write(self) -> None:
        while True:
            if not self._waiting:
                self._mail = Reply()
                self.hub.wait(self._mail)
            taken = self._waiting[: self._random.randrange(1, 6)]
            results = self._desk.run([request for request, _ in taken])
            now = self._desk._now
            del self._waiting[: len(taken)]
            for (request, reply), result in zip(taken, results, strict=True):
                if isinstance(result, Answer):
                    self._ear.heard(request, result, now)
                else:
                    self._ear.lost(request, result)
                reply.set(result)
            self.hub.sleep(0)
            if self._random.random() < RESTING:
                self.hub.sleep(SECOND)
                with suppress(Unavailable):
                    self._desk.rest()

    def _put(self, request: Request) -> Reply:
        reply = Reply()
        if self.is_up:
            self._waiting.append((request, reply))
            self._mail.done = True
        else:
            reply.set(GONE)
        return reply

    # The runner

    def _run(self, run: Callable[[Callable[[float], bool]], None]) -> None:
        while True:
            try:
                run(self.pause)
            except Unavailable:
                self.hub.sleep(RETRY_SECONDS * SECOND)

    def _call(self, runner: Runner) -> None:
        with runners.Hands() as hands:
            self._run(lambda stopped: runner.run_calls(stopped, hands))

    def pause(self, seconds: float) -> bool:
        """A runner waits that long, or longer; it is never told to stop."""
        if seconds:
            seconds = self._random.choice(_HEALED_PAUSES if self._world.healed else _PAUSES)
        self.hub.sleep(int(seconds * SECOND))
        return False

    def _submit(self, requests: list[Request]) -> list[Answer | Exception]:
        """As `api.running` does it: what one of them raised stands in its place. A bug ends the history."""
        replies = [self._put(request) for request in requests]
        answers = [self.hub.wait(reply) for reply in replies]
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, Unavailable | BrokenInput):
                raise answer
        return answers

    def _query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        life = self._life
        if life.reader is None:
            life.reader = self._connect(life, read_only=True)
        try:
            rows: list[tuple[Any, ...]] = life.reader.query(self._log_id, statement, parameters)
        except DatabaseFault:
            life.reader = None
            raise
        return rows

    # Life and death

    def _connect(self, life: Life, *, read_only: bool = False) -> Any:
        if life.is_dead:
            raise Crash
        connection, cut = wired(self._database, self._faults, lambda: life.is_dead, read_only=read_only)
        life.cuts.append(cut)
        return connection

    def _die(self, life: Life) -> None:
        if life.is_dead:
            return
        self.deaths += 1
        self._end(life)
        self.hub.spawn("start", lambda: self.start(self._random), after=self._random.choice(_DOWN) * SECOND)

    def _end(self, life: Life) -> None:
        life.is_dead, self.is_up = True, False
        for cut in life.cuts:
            with suppress(*DRIVER_ERRORS):
                cut()
        waiting, self._waiting = self._waiting, []
        for request, reply in waiting:
            self._ear.lost(request, GONE)
            reply.set(GONE)
        self.hub.kill(life)
