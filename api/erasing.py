"""Erasure beside a serving process: carried out when asked for, when a hold is lifted, and when a crash left it."""

import logging
import threading
from collections.abc import Callable

from api.adapters import ErasureBarriers
from api.log_service import Service, from_threads
from api.pack_erasing import drop_erased
from ledger.connection import Connection
from ledger.eraser import Eraser
from ledger.errors import MunimentError
from ledger.work import Answer, Request

LOOK_SECONDS = 30.0  # between looks for what waits: a request that was refused a try, a hold that was lifted elsewhere

logger = logging.getLogger("muniment")


class EraserBeside:
    """A thread that carries erasures out. What waits stands in rows, so stopping loses nothing.

    Every serving process has one; the lock in the key folder lets one of them work.
    """

    def __init__(self, service: Service, connect: Callable[[], Connection]) -> None:
        self._service = service
        self._connect = connect
        self._wanted = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; called on the event loop once the service is open."""
        service = self._service
        submit = from_threads(service.writer.submit)

        def run(request: Request) -> Answer:
            return submit(request).result()

        eraser = Eraser(service.log, self._connect, service.reader, run, ErasureBarriers())
        self._thread = threading.Thread(target=self._work, args=(eraser,), daemon=True, name="eraser")
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        self._wanted.set()

    def stop(self) -> None:
        """End after what is under way; called off the event loop, which still has to answer it."""
        self._stopping = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self, eraser: Eraser) -> None:
        has_looked = False  # at packs that a process before this one left
        while not self._stopping:
            self._wanted.clear()
            try:
                if eraser.is_wanted() and eraser.carry_out():
                    has_looked = False
                if not has_looked:
                    self._drop_packs()
                    has_looked = True
            except MunimentError as error:
                logger.warning("an erasure waits: %s", error)  # states and file names, no value
            except Exception as error:
                logger.error("unexpected %s in the eraser", type(error).__name__)
            self._wanted.wait(LOOK_SECONDS)

    def _drop_packs(self) -> None:
        with self._service.reader.view() as view:
            for pack in drop_erased(view, self._service.packs):
                logger.info("pack %s held erased values and was taken away", pack)
