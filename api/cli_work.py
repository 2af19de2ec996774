"""`muniment work`: a runner of timers, calls, retries and escalations, and a publisher of checkpoints.

Any number may run; leases keep them apart.
"""

import argparse
import signal
import threading

from api.egress import Egress
from api.publishing import make_publisher
from api.running import Connectors, make_runner, run_until
from api.settings import read_settings
from api.wiring import build_writer, open_log, open_rooms
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
    publisher = PublisherThread(make_publisher(settings, reader, writer.submit))
    publisher.start()
    try:
        run_until(runner, stopping)
    finally:
        publisher.stop()
        writer.close()
        reader.close()
        egress.close()
    return 0
