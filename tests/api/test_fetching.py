"""A log is read from any static server, and a server that misbehaves is told of."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest

from api import fetching
from api.fetching import Folder, Server
from ledger.checking import CHECKS
from ledger.errors import BrokenInput, MunimentError, Unavailable
from ledger.verify.report import Fault
from ledger.verify.tiles import Manner, verify_tiles
from tests.ledger.foreign import KEY, entry, write_foreign


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    write_foreign(folder, [entry(number) for number in range(600)])
    return folder


@pytest.fixture
def address(foreign: Path) -> Iterator[str]:
    """`python -m http.server` on the export: a static server that knows nothing of logs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(foreign)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait()


def test_no_link_leads_out_of_a_folder(foreign: Path, tmp_path: Path) -> None:
    """A folder comes from whoever is verified; a link in it must not have other files of this machine read."""
    inside = tmp_path / "log"
    shutil.copytree(foreign, inside)
    (inside / "same").symlink_to(inside / "checkpoint")
    assert Folder(inside).get("same", 10_000) == (inside / "checkpoint").read_bytes()
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    (inside / "checkpoint").unlink()
    (inside / "checkpoint").symlink_to(secret)
    shutil.rmtree(inside / "tile" / "0")
    (inside / "tile" / "0").symlink_to(tmp_path)
    for path in ("checkpoint", "tile/0/secret"):
        with pytest.raises(BrokenInput, match="leads out"):
            Folder(inside).get(path, 10_000)


def test_a_static_server_serves_it(address: str) -> None:
    for url in (address, f"{address}/"):
        report = verify_tiles(Server(url), Manner((KEY,), CHECKS))
        assert report.is_sound, report.words()
        assert report.entries == 600
    fault = verify_tiles(Server(f"{address}/nothing"), Manner((KEY,), CHECKS)).fault
    assert fault == (Fault.MISSING, "checkpoint", None, "a checkpoint", "none")


class Hostile(BaseHTTPRequestHandler):
    """Answers by its path."""

    def do_GET(self) -> None:
        if self.path.startswith("/drips"):
            self._drip(b"HTTP/1.1 200 OK\r\nX: " if "headers" in self.path else b"HTTP/1.1 200 OK\r\n\r\n")
        elif self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/checkpoint")
            self.end_headers()
        elif self.path.startswith("/error"):
            self.send_error(500)
        elif self.path.startswith("/endless"):
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(bytes(65_536))
        elif self.path.startswith("/bomb"):
            import gzip

            data = gzip.compress(bytes(50_000_000))
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def _drip(self, begin: bytes) -> None:
        """A byte now and then, each long before the time of one read is over."""
        try:
            self.wfile.write(begin)
            for _ in range(1_000):
                self.wfile.write(b"x")
                sleep(0.02)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def hostile() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who is cut off is no news
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "told"), [("moved", "redirects are not followed"), ("error", "found 500"), ("endless", "more than"),
                       ("bomb", "more than"), ("silent", "cannot be reached")]
)  # fmt: skip
def test_a_server_that_misbehaves_is_told_of(hostile: str, path: str, told: str) -> None:
    with pytest.raises(MunimentError, match=told):
        Server(f"{hostile}/{path}").get("checkpoint", 1_000_000)


@pytest.mark.parametrize("path", ["drips/headers", "drips/body"])
def test_an_answer_that_drips_ends_in_time(hostile: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ANSWER_SECONDS", 0.3)
    with pytest.raises(Unavailable, match="expected an answer within"):
        Server(f"{hostile}/{path}").get("checkpoint", 1_000_000)


@pytest.mark.parametrize("url", ["ftp://x/", "http://", "http://u:p@x/", "http://x/?q=1", "https://x/#f"])
def test_addresses_that_are_none_of_a_log_are_refused(url: str) -> None:
    with pytest.raises(BrokenInput):
        Server(url)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        Server("http://127.0.0.1:1").get("checkpoint", 10)
