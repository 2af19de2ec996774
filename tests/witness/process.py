"""A witness as a process of its own, and plain requests to it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT

START_SECONDS = 60.0  # a slow machine under load
PASSPHRASE = {"MUNIMENT_WITNESS_PASSPHRASE": "a passphrase"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, module: tuple[str, ...] = ()) -> Iterator[int]:
    """A witness that serves `folder`; its port. `module`: how it dies, else as its user starts it."""
    port = free_port()
    usual = ("muniment", "witness", "serve", "--folder", str(folder), "--port", str(port))
    words = usual if not module else (module[0], str(folder), str(port), *module[1:])
    process = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env={**os.environ, **PASSPHRASE})
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS:
        assert process.poll() is None, "the witness ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("the witness did not start")


def ask(port: int, body: bytes | None, path: str = "/add-checkpoint", method: str = "") -> tuple[int, str, bytes]:
    """(status, content type, body) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method or ("GET" if body is None else "POST"), path, body)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read()
    finally:
        connection.close()
