"""The first moments of the service: it listens at once and answers the probes while the rest is being imported.

Every other request waits for the application and is answered by it. Nothing heavy is imported here.
"""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

logger = logging.getLogger("muniment")

# As `api.routes.probes` answers them; the second says that nothing is ready yet, in the words of `api.problems`.
_PROBES = {
    "/healthz": (200, b"application/json", b'{"status":"alive"}'),
    "/readyz": (
        503,
        b"application/problem+json",
        b'{"type":"urn:muniment:problem:NOT_READY","title":"problem","status":503,"reason":"NOT_READY",'
        b'"detail":"expected an open log, found one that cannot be used yet"}',
    ),
}
_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Opening:
    """An ASGI application that becomes another one. `load` imports and builds it, on a thread."""

    def __init__(self, load: Callable[[], Any], give_up: Callable[[], None]) -> None:
        self._load = load
        self._give_up = give_up
        self._app: Any = None
        self.error: BaseException | None = None
        self._stopping = asyncio.Event()
        self._loaded: asyncio.Future[Any] | None = None
        self._task: asyncio.Task[None] | None = None

    def leave(self) -> None:
        """The service is about to stop: whoever streams sees it within a moment (`api.streams`)."""
        if self._app is not None:
            self._app.state.leaving = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the application, or, until it is there, the probes alone."""
        if self._app is not None and scope["type"] != "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"] in _PROBES:
            status, media_type, body = _PROBES[scope["path"]]
            headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *_HEADERS]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            assert self._loaded is not None
            app = await asyncio.shield(self._loaded)
            await app(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loaded = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(self._loaded))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._stopping.set()
        await asyncio.wait([self._task])
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self, loaded: "asyncio.Future[Any]") -> None:
        """Load, live through the application's own lifespan, and end with it."""
        gc.disable()  # what is imported stays: collecting meanwhile costs a tenth of the start
        try:
            app = await asyncio.to_thread(self._load)
            gc.freeze()
            gc.enable()
            async with app.router.lifespan_context(app):
                self._app = app
                loaded.set_result(app)
                await self._stopping.wait()
        except Exception as error:
            self.error = error
            logger.error("the service could not open: %s", error)
            if not loaded.done():
                loaded.cancel()
            self._give_up()
        finally:
            gc.enable()
