"""A load generator: a process of its own, plain sockets, requests that were made before the clock runs.

Every connection sends its next request when the answer to its last one is complete. It knows just enough HTTP for
that: answers carry Content-Length.
"""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from bench.harness import Sample

_READ_BYTES = 1 << 16
_LENGTH = b"content-length:"


class Load(NamedTuple):
    """What is sent to a port of this machine. `counts` is how many things each request stands for."""

    port: int
    requests: tuple[bytes, ...]
    connections: int
    counts: int = 1


def request(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of a POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def drive(load: Load) -> Sample:
    """Send everything from another process; `AssertionError` when an answer is not a 2xx."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, waits, refused = pool.apply(_drive, (load,))
    if refused:
        raise AssertionError(f"expected every answer to be a 2xx, found {refused}")
    return Sample(len(load.requests) * load.counts, seconds, waits)


def _drive(load: Load) -> tuple[float, Sequence[float], str]:
    connections = [_Connection(load.port) for _ in range(load.connections)]
    left = list(reversed(load.requests))
    waits: list[float] = []
    refused = ""
    selector = selectors.DefaultSelector()
    start = time.perf_counter()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(left.pop())
    open_requests = len(connections)
    while open_requests:
        for key, _ in selector.select():
            connection = key.data
            status = connection.receive()
            if status is None:
                continue
            waits.append(time.perf_counter() - connection.sent_at)
            if status // 100 != 2 and not refused:
                refused = connection.answer.decode(errors="replace")
            if left:
                connection.send(left.pop())
            else:
                open_requests -= 1
    seconds = time.perf_counter() - start
    for connection in connections:
        connection.socket.close()
    return seconds, waits, refused


class _Connection:
    """One kept-alive connection with at most one request on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.answer = b""

    def send(self, data: bytes) -> None:
        self.answer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(data)

    def receive(self) -> int | None:
        """The status once the answer is complete."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise AssertionError("expected an answer, found the connection closed")
        self.answer += data
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        place = lower.find(_LENGTH)
        length = int(lower[place + len(_LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        return int(head[9:12]) if len(body) >= length else None
