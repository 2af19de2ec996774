"""A server that answers as it is told, over real sockets: a sound witness, a lying one, one that drips."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from witness.service import Reply, Witness


class Came(NamedTuple):
    """A request, and the port it came from: requests of one connection share it."""

    method: str
    path: str
    body: bytes
    port: int


Raw = Callable[[BaseHTTPRequestHandler], None]
"""Writes an answer by itself."""


class Stub:
    """What it is to answer, and what came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Callable[[Came], Reply | Raw] = lambda _: Reply(500, "text/plain", b"")
        self.came: list[Came] = []

    def is_witness(self, witness: Witness) -> None:
        """Answer as this witness does."""
        lock = threading.Lock()

        def answer(came: Came) -> Reply:
            with lock:
                if came.path == "/add-checkpoint":
                    return witness.add_checkpoint(came.body)
                return witness.checkpoint(came.path.split("/")[1])

        self.answer = answer

    def says(self, status: int, body: bytes, content_type: str = "text/plain") -> None:
        """Answer this, whatever is asked."""
        self.answer = lambda _: Reply(status, content_type, body)


@contextmanager
def stub() -> Iterator[Stub]:
    """A running server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            came = Came(self.command, self.path, body, self.client_address[1])
            made.came.append(came)
            answer = made.answer(came)
            if not isinstance(answer, Reply):
                answer(self)
                return
            self.send_response(answer.status)
            self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(answer.body)))
            if 300 <= answer.status < 400:
                self.send_header("location", f"{made.url}/elsewhere")
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST  # noqa: N815 - the server's name for it

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    made = Stub(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
