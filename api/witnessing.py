"""Witnesses wired to one log: who is asked, how far they are, and, in hard mode, what waits for them.

    soft    receipts leave at once; a witness that is behind, down, lying or of another opinion is an alarm
    hard    no receipt leaves before the policy's quorum cosigned a checkpoint that covers its entry: after WITNESS_WAIT
            seconds the answer is 503 NOT_WITNESSED, and the command stands. Sent again with the same command id it
            is answered as it would have been. The receipt that leaves carries the cosigned checkpoint.

While a witness knows another or a longer history of this log, hard mode hands out no receipt at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from api.log_service import AsyncWriter
from api.problem_texts import tell
from api.problems import NOT_WITNESSED
from api.settings import Settings
from api.witnesses import WitnessClient, clients
from ledger.actor import SYSTEM
from ledger.clock import SECOND, Clock
from ledger.errors import MunimentError, Unavailable
from ledger.policy import Policy
from ledger.proving import Prover
from ledger.publication import PUBLISHED_SIZE
from ledger.service import Log, Reader, View
from ledger.witnessed import NOBODY, Witnessed, newest_witnessed
from ledger.work import Answer, Receipt, Request

LOOK_SECONDS = 0.05  # how often a waiting receipt looks for what another process published


@dataclass(frozen=True, slots=True)
class ReaderLog:
    """`api.witnesses.LogSide` over the log's reader."""

    log: Log
    reader: Reader

    @property
    def vkey(self) -> str:
        """The commit key's."""
        return self.log.secrets.signer.vkey

    def reached(self, what: str) -> int:
        """See `LogSide.reached`."""
        with self.reader.view() as view:
            return _reached(view, what)[0]

    def size(self) -> int:
        """See `LogSide.size`."""
        with self.reader.view() as view:
            return view.head.size

    def prove(self, old: int, new: int) -> Sequence[bytes]:
        """See `LogSide.prove`."""
        with self.reader.view() as view:
            return Prover(view).consistency(old, new)


class Lag(NamedTuple):
    """How far one witness is behind: entries published and not cosigned by it, and for how many seconds."""

    witness: str
    entries: int
    seconds: float
    contradicts: bool


@dataclass(slots=True)
class Witnessing:
    """The witnesses of one log. Whoever publishes asks `contributors`, and calls `told` when it kept their lines."""

    policy: Policy
    reader: Reader
    contributors: list[WitnessClient]
    is_hard: bool = False
    wait_seconds: float = 5.0
    nudge: Callable[[], None] = lambda: None  # tells the publisher not to wait for its next round
    newest: Witnessed = NOBODY
    _loop: asyncio.AbstractEventLoop | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: "asyncio.Task[None] | None" = None

    @property
    def contradiction(self) -> str:
        """What a witness holds against this log; empty while none does."""
        return next((one.standing.contradiction for one in self.contributors if one.standing.contradiction), "")

    def lags(self, view: View) -> Iterator[Lag]:
        """For metrics; from rows, so that every process of the service tells the same."""
        published, _ = _reached(view, PUBLISHED_SIZE)
        for one in self.contributors:
            size, at = _reached(view, one.name)
            behind = max(0, published - size)
            seconds = max(0, view.now - at) / SECOND if behind and at else 0.0
            yield Lag(one.name.partition(":")[2], behind, seconds, bool(one.standing.contradiction))

    def told(self) -> None:
        """New lines are kept: whoever waits looks at once. From any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._changed.set)

    async def cover(self, receipt: Receipt) -> Receipt:
        """The receipt with a cosigned checkpoint that covers it; `Unavailable` when there is none within the bound."""
        loop = self._loop = asyncio.get_running_loop()
        deadline = loop.time() + self.wait_seconds
        if self.newest.size <= receipt.index:
            self.nudge()
        while self.newest.size <= receipt.index:
            left = deadline - loop.time()
            if left <= 0:
                raise Unavailable(NOT_WITNESSED, tell("not-witnessed"))
            self._refuse_contradicted()
            if self._looking is None or self._looking.done():
                self._looking = loop.create_task(self._look())
            await asyncio.wait({self._looking}, timeout=left)
        self._refuse_contradicted()
        return receipt._replace(size=self.newest.size, checkpoint=self.newest.note)

    def close(self) -> None:
        """Close the connections to the witnesses; called once nobody asks them any more."""
        for one in self.contributors:
            one.close()

    def _refuse_contradicted(self) -> None:
        if self.contradiction:
            raise Unavailable(NOT_WITNESSED, tell("contradicted"))

    async def _look(self) -> None:
        """Look once, for all who wait; then until something was told, or for a moment."""
        self._changed.clear()
        found = None
        with suppress(MunimentError):  # the database is away for now: who waits is told so when the time is over
            found = await asyncio.to_thread(self._newest)
        if found is not None and found.size > self.newest.size:
            self.newest = found
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), LOOK_SECONDS)

    def _newest(self) -> Witnessed | None:
        with self.reader.view() as view:
            return newest_witnessed(view, self.policy, self.newest.size)


async def covered_if_any(witnessing: Witnessing | None, answer: Answer) -> Answer:
    """The answer with a cosigned checkpoint where there are witnesses; in soft mode without, where they do not come.

    For what is kept for a verifier, such as an evidence pack: worth the wait of `WITNESS_WAIT` seconds.
    """
    if witnessing is None or answer.receipt is None:
        return answer
    try:
        return answer._replace(receipt=await witnessing.cover(answer.receipt))
    except Unavailable:
        if witnessing.is_hard:
            raise
        return answer


class WitnessedWriter:
    """A writer whose receipts wait for the quorum. What the system itself sends does not: nobody is handed that."""

    def __init__(self, inner: AsyncWriter, witnessing: Witnessing) -> None:
        self._inner = inner
        self._witnessing = witnessing

    @property
    def is_open(self) -> bool:
        """As the writer behind it."""
        return bool(getattr(self._inner, "is_open", True))

    async def ready(self) -> None:
        """See `AsyncWriter.ready`."""
        await self._inner.ready()

    def submit(self, request: Request) -> Awaitable[Answer]:
        """The answer, durable and witnessed."""
        return self._inner.submit(request) if request.actor == SYSTEM else self._covered(request)

    def close(self) -> None:
        """See `AsyncWriter.close`."""
        self._inner.close()

    async def _covered(self, request: Request) -> Answer:
        answer = await self._inner.submit(request)
        if answer.receipt is None:
            return answer
        return answer._replace(receipt=await self._witnessing.cover(answer.receipt))


def open_witnessing(settings: Settings, log: Log, reader: Reader, clock: Clock) -> Witnessing | None:
    """The witnesses that the settings name; None where they name none."""
    policy = settings.witness_policy()
    is_hard = settings.is_witnessing_hard
    if policy is None:
        return None
    asked = clients(policy, ReaderLog(log, reader), clock)
    return Witnessing(policy, reader, asked, is_hard, settings.witness_wait_seconds)


def _reached(view: Any, what: str) -> tuple[int, int]:
    rows = view.query("SELECT size, at FROM reached WHERE log_id = {log} AND what = ?", (what,))
    return (rows[0][0], rows[0][1]) if rows else (0, 0)
