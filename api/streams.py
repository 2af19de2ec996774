"""Server-sent events: how many there are, who is woken when the log grows, and how one is kept and ended.

All streams of a process share one look at the head row, and none holds a thread while it waits. A stream lives as
long as the credential it was opened with: that is asked again every few seconds, and a sign-in session that ended
ends it. A client that comes back with `Last-Event-ID` goes on behind it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api import problems
from api.problem_texts import tell
from ledger.errors import MunimentError
from ledger.service import Reader

LOOK_SECONDS = 0.25  # between two looks at the head while anybody waits
CHECK_SECONDS = 3.0  # a wait no longer than this, then the credential is looked at again
BEAT_EVERY = 4  # quiet waits between two heartbeats: proxies end what is silent for half a minute
STREAMS_MAX = 64  # of a process, fetches that wait included: each costs a connection and a little memory
STREAMS_OF_ONE_MAX = 4  # by actor: a page or two, and what they come back with
EVENTS = "text/event-stream"
LEAVING = "leaving"  # attribute of the application's state: the service stops, streams end


class Piece(NamedTuple):
    """Events as they go out, and the index the next ones begin with."""

    events: bytes
    start: int


@dataclass(slots=True)
class Streams:
    """The streams of one process; belongs to its event loop."""

    _of: dict[str, int] = field(default_factory=dict)
    _waiting: dict["asyncio.Future[None]", int] = field(default_factory=dict)
    _look: "asyncio.Task[None] | None" = None

    def enter(self, actor: str) -> None:
        """Count a stream in; a problem when there are too many."""
        of_one = self._of.get(actor, 0)
        if of_one >= STREAMS_OF_ONE_MAX or self.count() >= STREAMS_MAX:
            message = tell("fewer-streams")
            raise problems.Refused(problems.problem(429, problems.RATE_LIMITED, message, {}, {"Retry-After": "30"}))
        self._of[actor] = of_one + 1

    def count(self) -> int:
        """How many are counted in."""
        return sum(self._of.values())

    def leave(self, actor: str) -> None:
        """Count a stream out."""
        left = self._of.pop(actor) - 1
        if left:
            self._of[actor] = left

    async def grown(self, reader: Reader, size: int, seconds: float) -> None:
        """Return once the log is larger than `size`, or after some seconds."""
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[news] = size
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._watch(reader))
        try:
            await asyncio.wait((news,), timeout=seconds)
        finally:
            del self._waiting[news]

    async def _watch(self, reader: Reader) -> None:
        while self._waiting:
            try:
                with reader.view() as view:
                    size = view.head.size
            except MunimentError:  # whoever waits asks for itself, and is told
                size = 0
            for news, known in self._waiting.items():
                if size > known and not news.done():
                    news.set_result(None)
            await asyncio.sleep(LOOK_SECONDS)


def streams_of(request: Request) -> Streams:
    """The streams of this application."""
    state = request.app.state
    if not hasattr(state, "streams"):
        state.streams = Streams()
    found: Streams = state.streams
    return found


def stream(
    request: Request, reader: Reader, admit: Callable[[], str], read: Callable[[int], Piece], start: int
) -> StreamingResponse:
    """Events from `start` on. `admit` names the actor or raises `Refused`; `read` gives what is new, on a thread."""
    streams = streams_of(request)
    actor = admit()
    streams.enter(actor)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

    events = _events(request.app.state, (streams, reader), admit, read, start)
    answer = _Counted(events, 200, headers, EVENTS)
    answer.leave = lambda: streams.leave(actor)
    return answer


class _Counted(StreamingResponse):
    """Counts its stream out however it ends: a client that is gone before the first byte starts no generator."""

    leave: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.leave()


async def _events(
    state: Any, waiting: tuple[Streams, Reader], admit: Callable[[], str], read: Callable[[int], Piece], start: int
) -> AsyncIterator[bytes]:
    streams, reader = waiting
    yield b": open\n\n"
    quiet = 0
    while not getattr(state, LEAVING, False):
        try:
            admit()
            piece = await asyncio.to_thread(read, start)
        except problems.Refused:
            yield b"event: ended\ndata: {}\n\n"
            return
        moved, start = piece.start != start, piece.start
        if piece.events:
            quiet = 0
            yield piece.events
        if not moved:
            await streams.grown(reader, start, CHECK_SECONDS)
            quiet += 1
        if quiet >= BEAT_EVERY:
            quiet = 0
            yield f": beat\nid: {start - 1}\n\n".encode() if start else b": beat\n\n"
