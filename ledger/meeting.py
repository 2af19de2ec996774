"""Where the processes of one machine that write one log find each other, so that one of them writes for all.

The first that comes opens the place, the others join it; whoever has opened it dies with it, and the next one may. The
place is an address that the kernel gives to one socket at a time and takes back when its process ends (`unix(7)`,
abstract sockets, Linux): no file is left behind, and there is no lock to break. Who joins proves that it has the keys
of the log, and so does who has opened:

    address   0x00 || "muniment/desk/" || fingerprint("desk", terms)
    opener -> joiner   challenge(32)
    joiner -> opener   challenge'(32) || fingerprint("desk.join", hex(challenge || challenge'))    43 bytes of text
    opener -> joiner   fingerprint("desk.joined", hex(challenge || challenge'))                    43 bytes of text

`terms` are what both must have in common: the database, the folders of the keys and of the high-water mark, the log,
the release and the commands with their fields, so that processes of two releases do not meet. A fingerprint is made
with the log's own secret (`ledger.commands`): nobody else can tell the address beforehand.
"""

import os
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields
from hmac import compare_digest

from ledger.commands import fingerprint
from ledger.frames import Peer
from ledger.workings import Workings

CHALLENGE_BYTES = 32
PROOF_BYTES = 43  # of base64url(SHA-256)
STRANGERS_MAX = 16  # that have not proved anything yet; the oldest goes
JOIN_SECONDS = 1.0  # whoever has opened the place answers between two batches
_CREDENTIALS = struct.Struct("3i")  # process, user, group: `struct ucred` of unix(7)


class Meeting:
    """The place of one log on this machine, as one process knows it. Nothing is shared where `address` is empty."""

    def __init__(self, workings: Workings) -> None:
        self._mac_key = workings.log.secrets.mac_key
        self._address = _address(workings)

    @property
    def is_shared(self) -> bool:
        """Whether others may come at all."""
        return bool(self._address)

    def open(self) -> "Door | None":
        """Be the one that writes; None where another one is, or where nothing is shared."""
        if not self._address:
            return None
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(self._address)
            listener.listen(STRANGERS_MAX)
        except OSError:
            listener.close()
            return None
        return Door(listener, self._mac_key)

    def join(self) -> Peer | None:
        """The one that writes; None where there is none, or what answers there is not one of us."""
        if not self._address:
            return None
        joined = socket.socket(socket.AF_UNIX)
        joined.settimeout(JOIN_SECONDS)
        try:
            joined.connect(self._address)
            if not _is_ours(joined):
                raise ConnectionRefusedError
            challenge = _receive(joined, CHALLENGE_BYTES)
            own = os.urandom(CHALLENGE_BYTES)
            joined.sendall(own + _proof(self._mac_key, "desk.join", challenge + own))
            if not compare_digest(_receive(joined, PROOF_BYTES), _proof(self._mac_key, "desk.joined", challenge + own)):
                raise ConnectionRefusedError
        except OSError:
            joined.close()
            return None
        return Peer(joined)


class Door:
    """Where others come in. Nothing here waits: who has not said all yet is asked again when there is more to read."""

    def __init__(self, listener: socket.socket, mac_key: bytes) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._mac_key = mac_key
        self._strangers: list[_Stranger] = []

    def sockets(self) -> list[socket.socket]:
        """What to wait for."""
        return [self._listener, *(stranger.socket for stranger in self._strangers)]

    def let_in(self, ready: Iterable[object]) -> list[Peer]:
        """Who has proved to be one of us by now, among the `sockets` with something to read."""
        come: list[Peer] = []
        for stranger in [one for one in self._strangers if one.socket in ready]:
            state = stranger.listen(self._mac_key)
            if state is None:
                continue
            self._strangers.remove(stranger)
            if state:
                come.append(Peer(stranger.socket))
            else:
                stranger.socket.close()
        if self._listener in ready:
            self._accept()
        return come

    def close(self) -> None:
        """Give the place up: another one may open it."""
        self._listener.close()
        for stranger in self._strangers:
            stranger.socket.close()

    def _accept(self) -> None:
        try:
            joined, _ = self._listener.accept()
        except OSError:
            return
        if not _is_ours(joined):
            joined.close()
            return
        joined.setblocking(False)
        stranger = _Stranger(joined)
        self._strangers.append(stranger)
        if len(self._strangers) > STRANGERS_MAX:
            self._strangers.pop(0).socket.close()
        with suppress(OSError):
            joined.send(stranger.challenge)  # a fresh socket has room


class _Stranger:
    """Who has come and not proved anything yet."""

    def __init__(self, joined: socket.socket) -> None:
        self.socket = joined
        self.challenge = os.urandom(CHALLENGE_BYTES)
        self._received = b""

    def listen(self, mac_key: bytes) -> bool | None:
        """Whether it is one of us, which it is told; None while it has not said all."""
        try:
            data = self.socket.recv(CHALLENGE_BYTES + PROOF_BYTES - len(self._received))
        except BlockingIOError:
            return None
        except OSError:
            return False
        self._received += data
        if not data:
            return False
        if len(self._received) < CHALLENGE_BYTES + PROOF_BYTES:
            return None
        theirs, proof = self._received[:CHALLENGE_BYTES], self._received[CHALLENGE_BYTES:]
        if not compare_digest(proof, _proof(mac_key, "desk.join", self.challenge + theirs)):
            return False
        try:
            self.socket.send(_proof(mac_key, "desk.joined", self.challenge + theirs))
        except OSError:
            return False
        return True


def _address(workings: Workings) -> bytes:
    """Where the processes meet that have all this in common; empty where they do not."""
    if not workings.place or not hasattr(socket, "SO_PEERCRED"):
        return b""
    from importlib.metadata import PackageNotFoundError, version

    log = workings.log
    release = ""
    with suppress(PackageNotFoundError):  # not installed: run from its source
        release = version("muniment")
    folders = [log.secrets.ring.folder, *([] if workings.marks is None else [workings.marks.folder])]
    terms = [
        release,
        workings.place,
        *(str(folder.resolve()) for folder in folders),
        str(log.log_id),
        log.name,
        log.origin,
    ]
    for kind in sorted(workings.commands, key=lambda kind: (kind.__module__, kind.__qualname__)):
        terms.append(f"{kind.__module__}.{kind.__qualname__} {' '.join(field.name for field in fields(kind))}")
    return f"\0muniment/desk/{fingerprint(log.secrets.mac_key, 'desk', chr(10).join(terms))}".encode()


def _proof(mac_key: bytes, purpose: str, challenges: bytes) -> bytes:
    return fingerprint(mac_key, purpose, challenges.hex()).encode()


def _is_ours(joined: socket.socket) -> bool:
    """Whether the other end belongs to the user this process runs as; the kernel says so, not the other end."""
    data = joined.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(data)
    return bool(user == os.getuid())


def _receive(joined: socket.socket, size: int) -> bytes:
    """So many bytes; `OSError` where the other end closes before."""
    data = b""
    while len(data) < size:
        more = joined.recv(size - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data
