"""`muniment work`: a runner of timers, calls, retries and escalations. Any number may run; leases keep them apart."""

import argparse
import logging
import signal
import threading

from api.egress import Egress
from api.installation import each
from api.running import Connectors, make_runner, run_until
from api.services import OPEN_AGAIN_SECONDS
from api.settings import Settings, read_settings
from api.wiring import build_writer, open_log, open_rooms
from ledger.errors import MunimentError
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
    """Run the log's work until told to stop."""
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    log, database = open_log(settings)
    rooms = open_rooms()
    reader = Reader(log, rooms.clock, lambda: database.connect(read_only=True))
    egress = Egress(settings.egress_allow)
    runner = make_runner(writer.submit, reader, Connectors(reader, rooms.versions, egress), rooms.clock)
    try:
        run_until(runner, stopping)
    finally:
        writer.close()
        reader.close()
        egress.close()
