"""The one way out: which addresses may be reached, and how long an answer may take."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.egress import CallFault, Egress, permitted


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff0e::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:1::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_reached(address: str) -> None:
    """Nor one of IPv6 from which a translator makes an address that is not."""
    assert permitted([address], is_named=False) is None
    assert permitted([address], is_named=True) == address


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_a_public_address_is_reached(address: str) -> None:
    assert permitted(["10.0.0.1", address], is_named=False) == address


class Dripping(BaseHTTPRequestHandler):
    """Answers a byte at a time, each within the time-out of one read."""

    def do_GET(self) -> None:
        if self.path == "/headers":
            self._drip_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    def _drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            try:
                self.wfile.write(b"X-%d: a\r\n" % number)
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("path", ["/", "/headers"])
def test_an_answer_that_drips_ends_at_the_time_out(port: int, path: str) -> None:
    egress = Egress(f"127.0.0.1:{port}")
    operation = {"method": "GET", "path": path, "arguments": [], "time_out_ms": 300, "response_bytes_max": 10_000}
    connector = {"base_url": f"http://127.0.0.1:{port}", "operations": {"drip": operation}}
    began = time.monotonic()
    answer = egress.call(connector, "drip", {}, "k")
    egress.close()
    assert isinstance(answer, CallFault)
    assert (answer.code, answer.can_retry) == ("TIME_OUT", True)
    assert time.monotonic() - began < 20  # 50 s of drops were to come
