"""The answer that a stream is: counted out however it ends, and given up when its reader does not read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.aborting import ABORT
from api.live.watching import Listener, opened
from api.streams import EVENTS

SEND_SECONDS = 10.0  # that one event waits for room: a reader that takes none for so long is gone or stuck


class Stream(StreamingResponse):
    """The events of one listener. `leave` is called once, at the end, whether a byte was sent or not."""

    def __init__(
        self, listener: Listener, catch_up: Callable[[], Awaitable[None]] | None, leave: Callable[[], None]
    ) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_events(listener, catch_up), 200, headers, EVENTS)
        self._listener = listener
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events as they come, each within `SEND_SECONDS`."""

        async def bounded(message: Message) -> None:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send(message)
            except TimeoutError:
                # A close would wait for the same reader; what lies in the buffer goes with the connection.
                self._listener.end()
                scope.get(ABORT, _nothing)()

        try:
            await super().__call__(scope, receive, bounded)
        finally:
            self._leave()


async def _events(listener: Listener, catch_up: Callable[[], Awaitable[None]] | None) -> AsyncIterator[bytes]:
    yield opened(listener)
    if catch_up is not None:
        await catch_up()
    while (event := await listener.next()) is not None:
        yield event


def _nothing() -> None:
    """A server that cannot give a connection up."""
