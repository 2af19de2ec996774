"""Where `muniment verify --log` reads a log from: a folder of files, or an HTTP server.

a folder     plain files below it; no link leads out of it, nothing else is opened
a server     GET below the address given, no redirects, 30 s for an answer, no more bytes than a file of its kind has
"""

import http.client
import os
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any
from urllib.parse import urlsplit

from api.cutting import cut_after
from api.unpacking import GZIP, PLAIN, gunzipped
from ledger.errors import BrokenInput, TooLarge, Unavailable

ANSWER_SECONDS = 30  # for one file, however slowly it comes
PIECE = 65_536
TRIES = 3  # a server may close an idle connection at any moment

_NOT_THERE = frozenset((404, 410))


@dataclass(frozen=True, slots=True)
class Folder:
    """`ledger.verify.tiles.Fetch` on a folder."""

    path: Path

    def get(self, path: str, bytes_max: int) -> bytes | None:
        """The file's bytes; None when there is no such file."""
        root, target = os.path.realpath(self.path), os.path.realpath(self.path / path)
        if os.path.commonpath((root, target)) != root:
            raise BrokenInput("expected a file of the folder, found a link that leads out of it", path)
        try:
            descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise BrokenInput(f"expected a file that can be read: {error.strerror}", path) from error
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(descriptor)
            if not S_ISREG(state.st_mode):
                return None
            if state.st_size > bytes_max:
                raise TooLarge(f"{state.st_size}", path)
            return file.read(bytes_max + 1)


@dataclass(slots=True)
class Server:
    """`ledger.verify.tiles.Fetch` over HTTP; one connection for each thread."""

    url: str
    _own: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise BrokenInput("expected an http:// or https:// address without query", "--log")
        if parts.username or parts.password:
            raise BrokenInput("expected an address without a credential", "--log")

    def get(self, path: str, bytes_max: int) -> bytes | None:
        """The file's bytes; None when the server has none. `Unavailable` for every other answer but 200."""
        for number in range(TRIES):
            try:
                return self._get(path, bytes_max)
            except (http.client.HTTPException, OSError) as error:
                self._drop()
                if number == TRIES - 1:
                    raise Unavailable("LOG", f"{path}: the log cannot be reached: {type(error).__name__}") from error
        raise AssertionError("unreachable")

    def _get(self, path: str, bytes_max: int) -> bytes | None:
        connection = self._connection()
        prefix = urlsplit(self.url).path.rstrip("/")
        parts, length = [], 0
        sockets: list[socket.socket] = []  # of one that is to be closed the connection knows no more
        try:
            with cut_after(ANSWER_SECONDS, lambda: sockets[0] if sockets else connection.sock):
                if connection.sock is None:
                    connection.connect()
                sockets.append(connection.sock)
                connection.request("GET", f"{prefix}/{path}", headers={"Accept-Encoding": "gzip, identity"})
                answer = connection.getresponse()
                while piece := answer.read(min(PIECE, bytes_max + 1 - length)):
                    parts.append(piece)
                    length += len(piece)
                    if length > bytes_max:
                        self._drop()
                        raise TooLarge(f"more than {bytes_max}", path)
        except TimeoutError as error:
            self._drop()
            raise Unavailable("LOG", f"{path}: expected an answer within {ANSWER_SECONDS} s") from error
        if answer.status in _NOT_THERE:
            return None
        if answer.status != 200:
            moved = " (redirects are not followed)" if 300 <= answer.status < 400 else ""
            raise Unavailable("LOG", f"{path}: expected status 200, found {answer.status}{moved}")
        return _unpacked(b"".join(parts), answer.getheader("Content-Encoding", "identity"), bytes_max, path)

    def _connection(self) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if found is None:
            parts = urlsplit(self.url)
            kind: Any = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            found = self._own.connection = kind(parts.hostname, parts.port, timeout=ANSWER_SECONDS)
        return found

    def _drop(self) -> None:
        found = getattr(self._own, "connection", None)
        if found is not None:
            found.close()
            self._own.connection = None


def _unpacked(data: bytes, encoding: str, bytes_max: int, path: str) -> bytes:
    if encoding.lower() in PLAIN:
        return data
    if encoding.lower() not in GZIP:
        raise Unavailable("LOG", f"{path}: expected gzip or no packing, found another")
    return gunzipped(data, bytes_max, path)
