"""`muniment bench cold`: from starting the command to its help, and from starting the service to its first answer."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from bench import office
from bench.harness import Board, Measure

SERVE_SECONDS = 1.0
HELP_SECONDS = 0.25
GIVE_UP_SECONDS = 30.0
PAUSE_SECONDS = 0.002
ALIVE = "/healthz"
READY = "/readyz"


def run(board: Board, folder: Path, _quick: bool) -> None:
    """Both results of this bench."""
    help_note = "`muniment --help`, from start to end of its process"
    board.measure(Measure("cold.help", "s", HELP_SECONDS, 1, _help, note=help_note))
    opened = office.open_office(str(folder / "office"))
    environment = {
        **os.environ,
        "MUNIMENT_DATA_DIR": opened.settings.data_dir,
        "MUNIMENT_LOG": opened.settings.log,
        "MUNIMENT_PASSPHRASE": opened.settings.passphrase,
    }
    ready: list[float] = []
    serve_note = f"`muniment serve`, from start of its process to the first 200 of {ALIVE}"
    board.measure(Measure("cold.serve", "s", SERVE_SECONDS, 1, lambda: _serve(environment, ready), note=serve_note))
    board.results[-1]["ready"] = {"median": round(median(ready), 3), "note": f"to the first 200 of {READY}"}


def _help() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "muniment", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _serve(environment: dict[str, str], ready: list[float]) -> float:
    """Seconds until it is alive; seconds until it takes commands go into `ready`."""
    port = free_port()
    start = time.perf_counter()
    service = subprocess.Popen([sys.executable, "-m", "muniment", "serve", "--port", str(port)], env=environment)
    try:
        alive = _until(service, port, ALIVE) - start
        ready.append(_until(service, port, READY) - start)
        return alive
    finally:
        service.terminate()
        service.wait(GIVE_UP_SECONDS)


def until_alive(service: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait for the first answer."""
    _until(service, port, ALIVE)


def _until(service: "subprocess.Popen[bytes]", port: int, path: str) -> float:
    """When the service first answered 200 on this path."""
    end = time.perf_counter() + GIVE_UP_SECONDS
    while time.perf_counter() < end:
        if service.poll() is not None:
            raise AssertionError("expected the service to start, found that it ended")
        if _answers(port, path):
            return time.perf_counter()
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"expected an answer within {GIVE_UP_SECONDS:.0f} s")


def _answers(port: int, path: str) -> bool:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        finally:
            connection.close()
    return False


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
