"""An organisation served on a real port, for browsers: the rooms of the other tests, behind a real server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import uvicorn

from api.serving import WriterThread, application
from api.settings import Settings
from api.wiring import build_writer
from ledger.clock import LedgerClock
from ledger.service import Writer
from tests.api.organisation import CHEAP, House, LaterClock, Unlimited

ANSWER_SECONDS = 60  # a loaded machine is no failure of ours


@contextmanager
def serving(settings: Settings, ahead: int = 0, clock: LaterClock | None = None) -> Iterator[House]:
    """The service on a free port of this machine, by this clock or one so far ahead; `House.client` asks over HTTP."""
    workings, connect = build_writer(settings)
    clock = LaterClock(ahead) if clock is None else clock
    workings = replace(workings, clock=LedgerClock(clock))
    app = application(settings, lambda _: WriterThread(Writer(workings, connect)), runs=False)
    listening = socket.create_server(("127.0.0.1", 0))  # the system's choice: test runs side by side never meet
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],), name="served")
    thread.start()
    try:
        _wait(server, thread)
        service = app.state.services.only
        service.door.passwords = CHEAP
        service.door.tries = Unlimited()
        service.door.beat = 0.0
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_SECONDS) as client:
            yield House(client, settings, service, clock)
    finally:
        server.should_exit = True
        thread.join(30)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Until it answers; an error of the start ends the thread."""
    pause = threading.Event()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        pause.wait(0.01)
