"""The example workers of the demo that stays: each in a thread of its own, until the demo is stopped."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from examples.demo.organisation import Organisation
from examples.services.archive import archiving
from examples.services.risk_desk import summarising
from examples.services.risk_loads import loading
from muniment.worker import Refused, Worker

REFUSED_SECONDS = 5.0
LOOK_SECONDS = 0.5


class Stop:
    """Whether this process was told to stop since this was made: Ctrl-C, or SIGTERM.

    An interrupt that is raised comes up in whatever the main thread is just doing, and some of what is written in C
    forgets it there: the demo then ran on. The handler sets a plain flag and no event, whose lock that thread may hold.
    """

    def __init__(self) -> None:
        self.is_told = False
        signal.signal(signal.SIGINT, self._tell)
        signal.signal(signal.SIGTERM, self._tell)

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self.is_told = True


def work(organisation: Organisation, source: str, is_over: Callable[[], bool], stop: Stop) -> bool:
    """Archive documents, summarise risks, and load risk data from the source, until this process is told to stop or
    the service is over; whether it was told to."""

    def key(actor: str) -> str:
        return organisation.service(actor).token

    workers = (
        archiving(organisation.address, key("svc:document-archive")),
        summarising(organisation.address, key("svc:risk-desk")),
        loading(organisation.address, key("svc:risk-worker"), source),
    )
    stopping = threading.Event()
    threads = [threading.Thread(target=_serve, args=(worker, stopping)) for worker in workers]
    for thread in threads:
        thread.start()
    while not stop.is_told and not is_over():
        time.sleep(LOOK_SECONDS)
    was_told = stop.is_told
    stopping.set()
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join()
    return was_told


def _serve(worker: Worker, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            asyncio.run(worker.serve())
        except Refused:  # somebody at the demo took the worker's role away; it may come back
            stopping.wait(REFUSED_SECONDS)
