"""`muniment work`: a runner of timers, calls, retries, escalations and feeds, and a publisher of checkpoints.

Any number may run; leases keep them apart.
"""

import argparse
import logging
import signal
import threading
from contextlib import ExitStack

from api.feeds.beside import FeedsThread
from api.inboxes import Inboxes
from api.installation import each
from api.notifications.notifying import NotifierThread
from api.outgoing.calling import outside
from api.publishing import contributors, make_publisher
from api.running import Connectors, feed_links, make_runner, notifier_links, run_until
from api.services import OPEN_AGAIN_SECONDS
from api.settings import Settings, read_settings
from api.wiring import build_writer, open_log, open_rooms
from api.witnessing import open_witnessing
from ledger.errors import MunimentError
from ledger.publisher import PublisherThread
from ledger.service import Reader, Writer

logger = logging.getLogger("muniment")


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run until SIGTERM or SIGINT; the present round is finished."""
    parser.parse_args(arguments)
    logs = each(read_settings())
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if len(logs) == 1:
        work(logs[0], stopping)
        return 0
    threads = [threading.Thread(target=_keep_working, args=(own, stopping), name=f"runner-{own.log}") for own in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


def _keep_working(settings: Settings, stopping: threading.Event) -> None:
    """The runner of one log of several; one that cannot be opened is tried again and holds up no other."""
    while not stopping.is_set():
        try:
            work(settings, stopping)
        except MunimentError as error:
            logger.error("log %s cannot be opened: %s", settings.log, error)
            stopping.wait(OPEN_AGAIN_SECONDS)


def work(settings: Settings, stopping: threading.Event) -> None:
    """Run the log's work until told to stop. Whatever cannot be opened leaves nothing open."""
    with ExitStack() as closing:
        workings, connect = build_writer(settings)
        log, database = open_log(settings)
        rooms = open_rooms()
        calls = outside(settings)
        closing.callback(calls.close)
        reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
        closing.callback(reader.close)
        writer = Writer(workings, connect)
        closing.callback(writer.close)
        witnessing = open_witnessing(settings, log, reader, rooms.clock) if settings.witnesses else None
        if witnessing is not None:
            closing.callback(witnessing.close)
        inboxes = Inboxes(reader, rooms.versions, settings.inbox_folder, rooms.clock)
        connectors = Connectors(reader, rooms.versions, calls)
        runner = make_runner(writer.submit, reader, connectors, rooms.clock, inboxes)
        asked = contributors(settings, rooms.clock, reader, witnessing)
        publisher = PublisherThread(make_publisher(settings, reader, writer.submit, asked))
        feeds = FeedsThread(feed_links(settings, rooms, reader, writer.submit))
        publisher.start()
        closing.callback(publisher.stop)
        feeds.start()
        closing.callback(feeds.stop)
        notifier = NotifierThread(notifier_links(settings, rooms, reader, writer.submit))
        notifier.start()
        closing.callback(notifier.stop)
        run_until(runner, stopping)
