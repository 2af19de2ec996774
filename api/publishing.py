"""The publisher as a part of the service or of `muniment work`: what hands it commands, and who signs beside it."""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from api.context import Service
from api.settings import Settings
from ledger.batch import Log
from ledger.errors import Unavailable
from ledger.publication import Contributor
from ledger.publisher import Mark, Publisher, PublisherThread
from ledger.reading import Reader
from ledger.work import Answer, Request

ANSWER_SECONDS = 10  # a writer that opens or hangs must not hold up a stop for ever


def contributors(settings: Settings, log: Log) -> Sequence[Contributor]:  # noqa: ARG001 - what builds one reads both
    """Who adds lines to published checkpoints, each on a thread of its own: nobody yet."""
    return ()


def mark(settings: Settings, log: Log) -> Mark | None:  # noqa: ARG001 - as above
    """What keeps a mark of each publication outside the database: nothing yet."""
    return None


def make_publisher(settings: Settings, reader: Reader, submit: Callable[[Request], "Future[Answer]"]) -> Publisher:
    """A publisher over a writer's `submit`."""

    def send(requests: list[Request]) -> list[Answer]:
        try:
            return [future.result(ANSWER_SECONDS) for future in [submit(request) for request in requests]]
        except TimeoutError as error:  # carried out later or never: the next round sees which
            raise Unavailable("PUBLISHER", f"the writer did not answer within {ANSWER_SECONDS} s") from error

    log = reader.log
    name = f"{socket.gethostname()}:{os.getpid()}"
    return Publisher(name, send, reader, contributors(settings, log), mark(settings, log))


class PublisherBeside:
    """The publisher inside a serving process; it hands its commands to the event loop that owns the writer."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._thread: PublisherThread | None = None

    def start(self) -> None:
        """Begin; called on the event loop once the service is open."""
        loop = asyncio.get_running_loop()
        service = self._service

        async def answered(request: Request) -> Answer:
            return await service.writer.submit(request)

        def submit(request: Request) -> "Future[Answer]":
            return asyncio.run_coroutine_threadsafe(answered(request), loop)

        self._thread = PublisherThread(make_publisher(self._settings, service.reader, submit))
        self._thread.start()

    def stop(self) -> None:
        """Publish what is left; called off the event loop, which still has to answer that."""
        if self._thread is not None:
            self._thread.stop()
