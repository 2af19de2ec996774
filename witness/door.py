"""The witness over HTTP: two addresses, plain ASGI.

    POST /add-checkpoint           GET /<sha-256 of the origin in hexadecimal>/checkpoint

Nobody signs in: a signature of a watched log is what opens the door. Bodies are limited in size and in time.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ledger.errors import Unavailable
from ledger.witnessing import BODY_BYTES_MAX
from witness.service import TEXT_TYPE, Reply, Witness

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 10.0
_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")
logger = logging.getLogger("muniment")


class Door:
    """The ASGI application of one witness. One request is decided at a time, off the event loop."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            reply = await self._answer(scope, receive)
        except Unavailable as error:
            reply = _said(503, str(error))
        except Exception as error:
            logger.error("unexpected %s at %s", type(error).__name__, scope["path"])
            reply = _said(500, "something went wrong on our side; it was logged")
        headers = [
            (b"content-type", reply.content_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body if scope["method"] != "HEAD" else b""})

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"]
        if path == "/add-checkpoint":
            if method != "POST":
                return _said(405, "expected POST")
            try:
                body = await asyncio.wait_for(_body(receive), BODY_SECONDS)
            except TimeoutError:
                return _said(408, "the body did not come in time")
            if body is None:
                return _said(413, f"expected a body of at most {BODY_BYTES_MAX} bytes")
            async with self._turn:
                return await asyncio.to_thread(self._witness.add_checkpoint, body)
        found = _CHECKPOINT.fullmatch(path)
        if found is None:
            return _said(404, "no such address")
        if method not in ("GET", "HEAD"):
            return _said(405, "expected GET")
        async with self._turn:
            return await asyncio.to_thread(self._witness.checkpoint, found[1])


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None over the limit."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)  # gone: what came is no whole request and is answered as broken
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _said(status: int, text: str) -> Reply:
    return Reply(status, TEXT_TYPE, f"{text}\n".encode())
