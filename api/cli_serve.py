"""`muniment serve`: the HTTP service. SIGTERM lets what was begun be answered, then stops the writer."""

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.installation import each
from api.settings import Settings, read_settings
from ledger.errors import BrokenInput

SCHEMA = "0037_held_leases"
"""The schema this code works with: the newest migration. A test compares it; importing them would cost the start."""

STOP_SECONDS = 20  # for answering what was begun; a request takes milliseconds, a long poll half a minute at most


def run(name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:  # noqa: ARG001 - one signature
    """Serve until told to stop."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    settings = read_settings()
    settings.check_witnesses()
    logs = each(settings)
    if len(logs) == 1:  # of several, one that cannot be served leaves the others
        check_schema(logs[0])
    return serve(settings, options.host, options.port)


def serve(settings: Settings, host: str, port: int) -> int:
    """Start the writer first: it opens its log while this process imports the web stack. 0 after a stop as asked.

    The writers of several logs are started when each log is opened.
    """
    from api.writing import build
    from ledger.writer_process import WriterProcess

    logs = each(settings)
    process = WriterProcess(build, logs[0]) if len(logs) == 1 else None
    import uvicorn

    from api.opening import Opening

    def load() -> Any:
        from api.serving import OpeningWriter, application

        if process is None:
            return application(settings)
        return application(settings, lambda own: OpeningWriter(process, lambda: WriterProcess(build, own)))

    def give_up() -> None:
        server.should_exit = True

    class Server(uvicorn.Server):
        """As uvicorn's, but a stop as asked is no death by a signal, and streams that never end by themselves do."""

        def handle_exit(self, sig: int, frame: Any) -> None:
            """Begin to stop."""
            opening.leave()
            super().handle_exit(sig, frame)

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Take the signals that stop, give them back afterwards."""
            before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    opening = Opening(load, give_up)
    server = Server(_config(uvicorn, opening, (host, port)))
    try:
        server.run()
    finally:
        if process is not None:
            process.close()
    return 0 if server.started and opening.error is None else 2


def _config(uvicorn: Any, app: Any, address: tuple[str, int]) -> Any:
    from api.one_write import OneWrite

    host, port = address
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=OneWrite,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def check_schema(settings: Settings) -> None:
    """`BrokenInput` unless the database has exactly the schema of this code; one plain statement."""
    connection = settings.database().connect(read_only=True)
    try:
        rows = connection.query(0, "SELECT version_num FROM alembic_version", ())
    finally:
        connection.close()
    found = rows[0][0] if rows else "none"
    if found != SCHEMA:
        way = "run `muniment migrate`" if found == "none" or found < SCHEMA else "this program is older than it"
        raise BrokenInput(f"expected a database of schema {SCHEMA}, found {found}; {way}")
