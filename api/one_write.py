"""One write for an answer: the server hands its head and its body over apart, and each write is a call of the kernel.

The loop would write either at once, so that a small answer costs two calls here and wakes its client twice. What one
turn of the event loop has to say on a connection is kept to the end of that turn and goes out together.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.aborting import ABORT

HELD_BYTES_MAX = 64 * 1024  # beyond it the transport must know at once, so that it can tell the route to wait


class Held:
    """A transport whose writes of one turn go out as one; everything else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._call_soon = loop.call_soon
        self._held: list[bytes] = []
        self._held_bytes = 0
        # Bound here: they are asked for on every request.
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Hold this until the end of the turn."""
        if not self._held:
            self._call_soon(self.flush)
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > HELD_BYTES_MAX:
            self.flush()

    def flush(self) -> None:
        """Write what is held; a connection that went away meanwhile takes nothing more."""
        held, self._held, self._held_bytes = self._held, [], 0
        if held and not self.is_closing():
            self._transport.write(b"".join(held))

    def close(self) -> None:
        """Write what is held, then close once it is out."""
        self.flush()
        self._transport.close()


class OneWrite(HttpToolsProtocol):
    """The server's protocol over such a transport."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As the server's own."""
        held: Any = Held(transport, self.loop)  # type: ignore[arg-type]
        super().connection_made(held)
        self._abort = held.abort

    def on_message_begin(self) -> None:
        """As the server's own; the scope says how the connection is given up at once."""
        super().on_message_begin()
        self.scope[ABORT] = self._abort  # type: ignore[literal-required]
