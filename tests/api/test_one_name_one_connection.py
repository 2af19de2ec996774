"""A connection is kept for the name its certificate was checked for, and for no other name at the same address."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.egress import Called, Egress
from api.feeds.sending import Parcel, Sender
from ledger.delivery import Answered
from ledger.webhook import Signed

NAMES = ("127.0.0.1", "127.1")  # two names of this machine


class Counting(ThreadingHTTPServer):
    """Counts the connections made to it."""

    count = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.count += 1
        super().process_request(request, client_address)


class Accepting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting(("127.0.0.1", 0), Accepting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def allowed(server: Counting) -> str:
    return ",".join(f"{name}:{server.server_port}" for name in NAMES)


def test_of_feeds(server: Counting) -> None:
    async def send() -> list[Answered]:
        sender = Sender(allowed(server))
        sinks = [{"url": f"http://{name}:{server.server_port}/in", "time_out_ms": 5_000} for name in NAMES]
        parcel, signed = Parcel("text/plain", b"x"), Signed("m", "1", "v1,")
        try:
            return [await sender.post(sink, parcel, signed) for sink in (sinks[0], *sinks, sinks[1])]
        finally:
            await sender.close()

    assert asyncio.run(send()) == [Answered()] * 4
    assert server.count == 2


def test_of_connectors(server: Counting) -> None:
    egress = Egress(allowed(server))
    operation = {"method": "POST", "path": "/in", "arguments": [], "time_out_ms": 5_000, "response_bytes_max": 100}
    for name in (NAMES[0], *NAMES, NAMES[1]):
        connector = {"base_url": f"http://{name}:{server.server_port}", "operations": {"ask": operation}}
        assert egress.call(connector, "ask", {}, "k") == Called({})
    egress.close()
    assert server.count == 2
