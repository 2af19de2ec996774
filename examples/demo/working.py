"""The example workers of the demo that stays: each in a thread of its own, until the demo is stopped."""

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType

from examples.demo.organisation import Organisation
from examples.services.archive import archiving
from examples.services.risk_desk import summarising
from examples.services.risk_loads import loading
from muniment.worker import Refused, Worker

REFUSED_SECONDS = 5.0
LOOK_SECONDS = 0.5


def work(organisation: Organisation, source: str, is_over: Callable[[], bool]) -> bool:
    """Archive documents, summarise risks, and load risk data from the source, until Ctrl-C or until the service is
    over; whether it was told to stop."""

    def key(actor: str) -> str:
        return organisation.service(actor).token

    workers = (
        archiving(organisation.address, key("svc:document-archive")),
        summarising(organisation.address, key("svc:risk-desk")),
        loading(organisation.address, key("svc:risk-worker"), source),
    )
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    threads = [threading.Thread(target=_serve, args=(worker, stopping)) for worker in workers]
    for thread in threads:
        thread.start()
    while not stopping.wait(LOOK_SECONDS) and not is_over():
        pass
    was_told = stopping.is_set()
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
