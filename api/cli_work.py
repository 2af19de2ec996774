"""`muniment work`: a runner of timers, calls, retries, escalations and feeds, and a publisher of checkpoints.

Any number may run; leases keep them apart.
"""

import argparse
import signal
import threading

from api.egress import Egress
from api.feeds.beside import FeedsThread
from api.publishing import contributors, make_publisher
from api.running import Connectors, feed_links, make_runner, run_until
from api.settings import read_settings
from api.wiring import build_writer, open_log, open_rooms
from api.witnessing import open_witnessing
from ledger.publisher import PublisherThread
from ledger.service import Reader, Writer


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run until SIGTERM or SIGINT; the present round is finished."""
    parser.parse_args(arguments)
    settings = read_settings()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    log, database = open_log(settings)
    rooms = open_rooms()
    reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
    egress = Egress(settings.egress_allow)
    runner = make_runner(writer.submit, reader, Connectors(reader, rooms.versions, egress), rooms.clock)
    feeds = FeedsThread(feed_links(settings, rooms, reader, writer.submit))
    witnessing = open_witnessing(settings, log, reader, rooms.clock) if settings.witnesses else None
    asked = contributors(settings, rooms.clock, reader, witnessing)
    publisher = PublisherThread(make_publisher(settings, reader, writer.submit, asked))
    feeds.start()
    publisher.start()
    try:
        run_until(runner, stopping)
    finally:
        feeds.stop()
        publisher.stop()
        if witnessing is not None:
            witnessing.close()
        writer.close()
        reader.close()
        egress.close()
    return 0
