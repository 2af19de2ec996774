"""The outside systems of the demo organisation as one small HTTP service: `start()` and call it.

    POST /ledger-postings /payments /reports /screenings /bookings /accounts /letters /notifications
    POST what the processes beside the demo call: `examples/services/processes.py`
    GET  /payments/{payment_id} /reports/{report_id}
    POST /faults {operation, times, status | delay_ms | drop, after}      fails on demand
    GET  /counts /effects/{operation} /healthz

Every other POST needs an `Idempotency-Key`: the same key gives the same answer and no second effect. All of it is in
memory and answers only to the loopback address; it stands for systems that are not ours.
"""

import argparse
import hashlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from examples.services import desks, processes
from examples.services.effects import Answer, Body, Effects, Fault
from examples.services.operation import Operation, body_fault, numbered
from examples.services.processes import LISTED as LISTED  # noqa: PLC0414 - read from here

BODY_BYTES_MAX = 256 * 1024  # requests are small forms
DELAY_MS_MAX = 60_000
TIMES_MAX = 10_000
_IDLE_SECONDS = 30  # a kept connection without a request is closed

_ADDRESS = "127.0.0.1"


def bureau_answer(name: str, date_of_birth: str) -> Body:
    """What the credit bureau says of a person: made from the digest of both, so everyone can foretell it."""
    digest = hashlib.sha256(f"{name}|{date_of_birth}".encode()).digest()
    score = 520 + int.from_bytes(digest[:2], "big") % 331  # 520 to 850
    defaults = 0 if score >= 640 else digest[2] % 4
    return {"score": score, "defaults": defaults, "open_accounts": digest[3] % 9}


def is_listed(name: str) -> bool:
    """Whether the sanctions screening of the demo hits."""
    return LISTED in name


def _report(body: Body, number: int) -> Body:
    return {"report_id": f"report-{number}", **bureau_answer(body["name"], body["date_of_birth"])}


def _screening(body: Body, number: int) -> Body:
    return {"screening_id": f"screening-{number}", "listed": is_listed(body["name"])}


OPERATIONS: dict[str, Operation] = {
    "ledger-postings": Operation(
        "post_invoice",
        ("invoice_number", "order_number", "supplier"),
        ("amount",),
        numbered("posting_id", "posting", status="posted"),
    ),
    "payments": Operation(
        "pay",
        ("invoice_number", "supplier"),
        ("amount",),
        numbered("payment_id", "payment", status="confirmed"),
    ),
    "reports": Operation("fetch_report", ("name", "date_of_birth"), (), _report),
    "screenings": Operation("screen", ("name",), (), _screening),
    "bookings": Operation("book_loan", ("application",), ("amount",), numbered("loan_id", "loan", status="booked")),
    "accounts": Operation(
        "open_account", ("application",), ("deposit",), numbered("account_id", "account", status="open")
    ),
    "letters": Operation("adverse_action", ("application",), (), numbered("letter_id", "letter", status="sent")),
    "notifications": Operation(
        "notify", ("recipient", "text"), (), numbered("notification_id", "notification", status="sent")
    ),
}
_READABLE = {"payments": "payment_id", "reports": "report_id"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept: a runner makes many calls
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    server: "_Server"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Silent: what happened is in the counts."""

    def do_GET(self) -> None:
        """Counts, effects, payments, health."""
        effects = self.server.effects
        parts = self.path.strip("/").split("/")
        found: Any = None
        if parts == ["healthz"]:
            found = {"status": "ok"}
        elif parts == ["counts"]:
            found = effects.counts()
        elif len(parts) == 2 and parts[0] == "effects":
            found = list(effects.keys(parts[1]))
        elif len(parts) == 2 and parts[0] in _READABLE:
            found = effects.find(OPERATIONS[parts[0]].name, _READABLE[parts[0]], parts[1])
        if found is None:
            self._send(404, {"title": "not found"})
        else:
            self._send(200, found)

    def do_POST(self) -> None:
        """An operation, or a fault to play."""
        content = self._content()
        if content is None:
            return
        try:
            body = json.loads(content)
        except ValueError:
            self._send(400, {"title": "expected JSON"})
            return
        path = self.path.strip("/")
        if path == "faults":
            self._plan_fault(body)
        elif path in self.server.operations:
            self._operate(self.server.operations[path], content, body)
        else:
            self._send(404, {"title": "not found"})

    def _operate(self, operation: Operation, content: bytes, body: Any) -> None:
        key = self.headers.get("Idempotency-Key", "")
        fault = body_fault(operation, body)
        if not key:
            self._send(400, {"title": "expected an Idempotency-Key"})
        elif fault:
            self._send(422, {"title": fault})
        else:
            answer = self.server.effects.ask(
                operation.name, key, content, lambda number: operation.answer(body, number)
            )
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        if answer.delay_ms:
            time.sleep(answer.delay_ms / 1000)
        if answer.status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(answer.status, answer.body)

    def _plan_fault(self, body: Any) -> None:
        planned = _fault_of(body, self.server.operations)
        if isinstance(planned, str):
            self._send(422, {"title": planned})
            return
        operation, times, fault = planned
        self.server.effects.plan(operation, times, fault)
        self._send(200, {"operation": operation, "times": times})

    def _content(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True  # what follows is not read
            self._send(413 if length.isdecimal() else 411, {"title": f"expected at most {BODY_BYTES_MAX} bytes"})
            return None
        return self.rfile.read(int(length))

    def _send(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def _fault_of(body: Any, operations: dict[str, Operation]) -> tuple[str, int, Fault] | str:
    """Operation, times and fault of a request; text where it is malformed."""
    names = {operation.name for operation in operations.values()}
    if not isinstance(body, dict) or set(body) - {"operation", "times", "status", "delay_ms", "drop", "after"}:
        return "expected operation, times, and status, delay_ms or drop"
    operation, times = body.get("operation"), body.get("times", 1)
    status, delay = body.get("status", 0), body.get("delay_ms", 0)
    if operation not in names:
        return f"expected one of the operations {', '.join(sorted(names))}"
    if type(times) is not int or not 0 <= times <= TIMES_MAX:
        return f"expected times from 0 to {TIMES_MAX}"
    if type(status) is not int or (status and not 400 <= status <= 599):
        return "expected a status from 400 to 599"
    if type(delay) is not int or not 0 <= delay <= DELAY_MS_MAX:
        return f"expected delay_ms from 0 to {DELAY_MS_MAX}"
    return str(operation), times, Fault(status, delay, body.get("drop") is True, body.get("after") is True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], effects: Effects) -> None:
        super().__init__(address, _Handler)
        self.effects = effects
        self.operations = {**OPERATIONS, **processes.operations(), **desks.operations()}

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away (it was killed, or gave up) is no fault of this service."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started service. `address` is its base URL."""

    address: str
    effects: Effects
    _server: _Server
    _thread: threading.Thread

    def counts(self) -> dict[str, dict[str, int]]:
        """Requests, effects, repeats and faults by operation."""
        return self.effects.counts()

    def stop(self) -> None:
        """Stop taking requests and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start(port: int = 0) -> Running:
    """Start on the loopback address; port 0 picks a free one."""
    effects = Effects()
    server = _Server((_ADDRESS, port), effects)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return Running(f"http://{_ADDRESS}:{server.server_address[1]}", effects, server, thread)


def main() -> None:
    """Run until interrupted: `python -m examples.services.payments --port 9100`."""
    parser = argparse.ArgumentParser(description="the outside systems of the demo organisation")
    parser.add_argument("--port", type=int, default=9100)
    running = start(parser.parse_args().port)
    print(running.address, flush=True)  # noqa: T201 - the one line a caller reads
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()


if __name__ == "__main__":
    main()
