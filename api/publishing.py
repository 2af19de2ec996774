"""The publisher as a part of the service or of `muniment work`: what hands it commands, and who signs beside it."""

import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from api.log_service import Service, from_threads
from api.settings import Settings
from api.stamping import stampers
from api.witnessing import Witnessing
from ledger.clock import Clock
from ledger.errors import Unavailable
from ledger.high_water import high_water
from ledger.key_life import keys_on_record
from ledger.key_statements import ListedKey
from ledger.log_lines import OwnLines
from ledger.marks import LogIdentity, first_key_of
from ledger.publication import Contributor, Publication
from ledger.publisher import Mark, Publisher, PublisherThread
from ledger.reading import Reader
from ledger.work import Answer, Request

ANSWER_SECONDS = 10  # a writer that opens or hangs must not hold up a stop for ever


def contributors(
    settings: Settings, clock: Clock, reader: Reader, witnessing: Witnessing | None
) -> tuple[Contributor, ...]:
    """Who adds lines to published checkpoints, each on a thread of its own: the log's own keys, witnesses, and a
    time-stamping authority."""

    def keys() -> tuple[ListedKey, ...]:
        with reader.view() as view:
            return keys_on_record(view)

    own = OwnLines(reader.log.secrets.ring, keys, clock)
    witnesses = () if witnessing is None else witnessing.contributors
    return (own, *witnesses, *stampers(settings, clock, reader))


def mark(settings: Settings, reader: Reader) -> Mark:
    """What keeps a high-water mark outside the database behind each publication: the head there is by then, which is
    that publication or goes on from it."""

    def keep(_: Publication) -> None:
        with reader.view() as view:
            first = view.entry(0)
            head = view.head
        if first is not None:
            identity = LogIdentity(reader.log.name, reader.log.origin, first_key_of(first.bytes))
            settings.marks.keep(identity, high_water(head))

    return keep


def make_publisher(
    settings: Settings,
    reader: Reader,
    submit: Callable[[Request], "Future[Answer]"],
    asked: Sequence[Contributor] = (),
) -> Publisher:
    """A publisher over a writer's `submit`; `asked` add lines."""

    def send(requests: list[Request]) -> list[Answer]:
        try:
            return [future.result(ANSWER_SECONDS) for future in [submit(request) for request in requests]]
        except TimeoutError as error:  # carried out later or never: the next round sees which
            raise Unavailable("PUBLISHER", f"the writer did not answer within {ANSWER_SECONDS} s") from error

    name = f"{socket.gethostname()}:{os.getpid()}"
    return Publisher(name, send, reader, asked, mark(settings, reader))


class PublisherBeside:
    """The publisher inside a serving process; it hands its commands to the event loop that owns the writer."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._thread: PublisherThread | None = None

    def start(self) -> None:
        """Begin; called on the event loop once the service is open."""
        service = self._service
        submit = from_threads(service.writer.submit)
        witnessing = service.witnessing
        asked = contributors(self._settings, service.rooms.clock, service.reader, witnessing)
        publisher = make_publisher(self._settings, service.reader, submit, asked)
        self._thread = PublisherThread(publisher)
        if witnessing is not None:
            publisher.told = witnessing.told
            witnessing.nudge = self._thread.nudge
        self._thread.start()

    def stop(self) -> None:
        """Publish what is left; called off the event loop, which still has to answer that."""
        if self._thread is not None:
            self._thread.stop()
