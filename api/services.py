"""The logs that one process serves side by side, and which of them a request is for: the only place that decides it.

A credential begins with the short name of its log: a bearer token or API key in the header, a bearer token in the
cookie of a page. Before there is one, sign-in names the log. Nothing of one log is used for another: each has a writer,
readers, an authenticator, a door, rooms with their caches and a folder of packs of its own. Where there is one log
alone nothing is asked.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from starlette.requests import Request

from api import problems
from api.browser import SESSION_COOKIE, in_cookie, in_header
from api.log_service import Service
from api.problem_texts import tell
from api.refusal_texts import why
from ledger.errors import MunimentError, Unavailable
from ledger.refusal import Reason, Refusal

logger = logging.getLogger("muniment")

ANSWERING = "muniment.log"  # where a request's scope says by the service of which log it was answered
OPEN_AGAIN_SECONDS = 5.0  # a log that cannot be opened is tried again: its database may be back

_UNKNOWN = Refusal(Reason.BAD_CREDENTIALS, why("no-token"))


Open = Callable[[], Service]
"""Opens a log, of several on a thread: its service; a `MunimentError` when it cannot be opened now."""


class Services:
    """The services of the logs by their short names. Belongs to one event loop."""

    def __init__(self, openers: Mapping[str, Open]) -> None:
        self._openers = openers
        self._open: dict[str, Service] = {}
        self._opening: asyncio.Task[None] | None = None
        self.only: Service | None = None  # the service, where there is one log

    async def start(self) -> None:
        """Open every log. Of several, one that cannot be opened is tried again while the others serve; of one alone,
        the error is raised."""
        if len(self._openers) == 1:
            ((name, opener),) = self._openers.items()
            self.only = self._open[name] = opener()
            await self.only.start()
            return
        await self._open_those_closed()
        if self._closed():
            self._opening = asyncio.create_task(self._keep_opening())

    async def stop(self) -> None:
        """Stop all of them at once: none waits for another."""
        if self._opening is not None:
            self._opening.cancel()
            with suppress(asyncio.CancelledError):
                await self._opening
        stopped = await asyncio.gather(*[service.stop() for service in self._open.values()], return_exceptions=True)
        for error in stopped:
            if isinstance(error, BaseException):
                logger.error("a log could not be stopped: %s", type(error).__name__)

    def every(self) -> Sequence[tuple[str, Service | None]]:
        """(name, service) of each log that is served; the service is None while the log cannot be opened."""
        return [(name, self._open.get(name)) for name in self._openers]

    def of(self, request: Request) -> Service:
        """The service that the request's credential names; a problem (401, 503) when it names none that is open."""
        if self.only is not None:
            return self.only
        token = in_header(request) or in_cookie(request)
        if not token:
            raise problems.Refused(problems.no_credential())
        found = self.named(token.partition("_")[0])
        if found is None:
            raise problems.Refused(problems.of_refusal(_UNKNOWN))
        return self.answering(request, found)

    def named(self, name: str) -> Service | None:
        """The service of the log of this name; None when it is not served here, `Unavailable` while it is closed."""
        found = self._open.get(name)
        if found is None and name in self._openers:
            raise Unavailable("LOG_CLOSED", tell("log-closed"))
        return found

    def at_entrance(self, request: Request) -> Service | None:
        """The service whose sign-in a page is about: the one that the address names, else that of the cookie."""
        if self.only is not None:
            return self.only
        found = self.named(request.query_params.get("log") or _in_cookie(request))
        return None if found is None else self.answering(request, found)

    def at_page(self, request: Request) -> Service | None:
        """The service of the log whose session the page's cookie holds; None when nobody is signed in."""
        if self.only is not None:
            return self.only
        found = self.named(_in_cookie(request))
        return None if found is None else self.answering(request, found)

    def answering(self, request: Request, service: Service) -> Service:
        """The service itself; of several, the request's answer is counted as this log's."""
        if self.only is None:
            request.scope[ANSWERING] = service.log.name
        return service

    def _closed(self) -> list[str]:
        return [name for name in self._openers if name not in self._open]

    async def _keep_opening(self) -> None:
        while self._closed():
            await asyncio.sleep(OPEN_AGAIN_SECONDS)
            await self._open_those_closed()

    async def _open_those_closed(self) -> None:
        """Side by side: a database that does not answer holds up no other log."""
        names = self._closed()
        await asyncio.gather(*[self._open_one(name) for name in names])

    async def _open_one(self, name: str) -> None:
        try:
            service = await asyncio.to_thread(self._openers[name])
        except MunimentError as error:
            logger.error("log %s cannot be opened: %s", name, error)
            return
        except Exception as error:
            logger.error("log %s cannot be opened: unexpected %s", name, type(error).__name__)
            return
        await service.start()
        self._open[name] = service


def services_of(request: Request) -> Services:
    """The services of this application."""
    services: Services = request.app.state.services
    return services


def named_log(request: Request, sign: str) -> str:
    """What an address of the entrance says of its log, after `?` or `&`; nothing where there is one log."""
    name = request.scope.get(ANSWERING, "")
    return f"{sign}log={name}" if name else ""


def _in_cookie(request: Request) -> str:
    """The log that the session cookie names; empty where there is none."""
    return request.cookies.get(SESSION_COOKIE, "").partition("_")[0]
