"""A sink of our own: a real HTTP server that keeps what it accepts and fails in every way on request."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.webhook import Signed, verify

PATIENCE = 60.0  # seconds: a loaded machine


@dataclass
class Sink:
    """What came and what was accepted. `script` holds what to do with the next requests, then all are accepted:
    a status, or `reset`, `silence`, `drip`, `huge`, `redirect`, `busy`."""

    address: str = ""
    script: list[Any] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[list[dict[str, Any]]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)  # subjects whose events are answered with 422
    lock: threading.Lock = field(default_factory=threading.Lock)
    on_accept: Any = None  # called with an acceptance, before it is answered
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def indexes(self) -> list[int]:
        """Indexes accepted, in order of acceptance."""
        with self.lock:
            return [int(event["index"]) for message in self.accepted for event in message]

    def wait_for(self, is_so: Any) -> None:
        """Until it is so, or fail; a row that is not there yet is not so."""
        begun = time.monotonic()
        while not _holds(is_so):
            assert time.monotonic() - begun < PATIENCE, (len(self.requests), len(self.accepted))
            time.sleep(0.02)

    def take(self, headers: Any, body: bytes) -> Any:
        """What to answer to a request."""
        signed = Signed(headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"])
        is_signed = verify(self.keys, signed, body, int(time.time())) if self.keys else True
        events = read(headers["Content-Type"], body)
        is_accepted = False
        with self.lock:
            self.requests.append({"id": signed.id, "headers": dict(headers), "body": body, "is_signed": is_signed})
            act = self.script.pop(0) if self.script else 200
            if not is_signed:
                act = 401
            elif self.refuses & {event.get("subject", "") for event in events}:
                act = 422
            if act in (200, 202, 204, "huge"):
                self.accepted.append(events)
                is_accepted = True
        if is_accepted and self.on_accept is not None:
            self.on_accept()
        return act


def _holds(is_so: Any) -> bool:
    try:
        return bool(is_so())
    except LookupError:
        return False


def read(content_type: str, body: bytes) -> list[dict[str, Any]]:
    """The events of a message, whatever its form."""
    if content_type == "application/x-ndjson":
        lines = [json.loads(line) for line in body.splitlines()]
        return [{**line, "index": line["unmapped"]["index"], "subject": line["unmapped"]["subject"]} for line in lines]
    value = json.loads(body)
    events: list[dict[str, Any]] = value if content_type == "application/cloudevents-batch+json" else [value]
    return events


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        act = self.sink.take(self.headers, body)
        if act == "reset":
            self.connection.close()
        elif act == "silence":
            self.sink.closing.wait(PATIENCE)
        elif act == "drip":
            self._drip()
        elif act == "huge":
            self._answer(200, b"x" * 5_000_000)
        elif act == "redirect":
            self._answer(302, b"", ("Location", f"{self.sink.address}/elsewhere"))
        elif act == "busy":
            self._answer(503, b"secret words of the sink", ("Retry-After", "1"))
        else:
            self._answer(act, b"" if act == 204 else b"{}")

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _drip(self) -> None:
        """One byte of a header now and then, for ever."""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self.sink.closing.wait(0.1):
                self.wfile.write(b"x")
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@contextmanager
def listening(port: int = 0) -> Iterator[Sink]:
    """A sink on a port of this machine."""
    sink = Sink()
    handler = type("Handler", (_Handler,), {"sink": sink})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    sink.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
