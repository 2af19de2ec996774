"""The feeds of a log on a thread of their own: beside the runner, in whatever process that is."""

import asyncio
import os
import socket
import threading

from api.feeds.delivering import Deliverer, Links
from ledger.ids import IdMaker


class FeedsThread:
    """Delivers until it is stopped. What waits stands in rows, so stopping or dying loses nothing."""

    def __init__(self, links: Links) -> None:
        self._deliverer = Deliverer(links)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="feeds")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon: a request that is still under way then is given up, and goes out again later."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        asyncio.run(self._deliverer.run(self._stopping.is_set))


def runner_name(ids: IdMaker) -> str:
    """Tells this runner apart in leases: host, process, and a number for this start."""
    return f"{socket.gethostname()}:{os.getpid()}:{ids.random('')[:8]}"
