"""Frames over a socket between two processes of ours, for one that waits for many and must not wait for any.

frame   u32 length || body
"""

import socket
import struct
from contextlib import suppress

READ_BYTES = 1 << 20
_LENGTH = struct.Struct(">I")


class Peer:
    """One end of a socket. Nothing here waits: what the other end cannot take yet is kept, and `flush` tries again."""

    def __init__(self, joined: socket.socket) -> None:
        joined.setblocking(False)
        self._socket = joined
        self._received = bytearray()
        self._unsent = bytearray()
        self.is_open = True

    def fileno(self) -> int:
        """For whoever waits until there is something to read, or room."""
        return self._socket.fileno()

    @property
    def unsent(self) -> int:
        """Bytes that are kept for the other end."""
        return len(self._unsent)

    def read(self) -> list[bytes]:
        """The frames that are whole by now; the other end has closed, or gone, where `is_open` is false after it."""
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.is_open = False
            return []
        self._received += data
        return list(iter(self._take, None))

    def send(self, body: bytes) -> None:
        """Send a frame, or keep what there is no room for."""
        self._unsent += _LENGTH.pack(len(body)) + body
        self.flush()

    def flush(self) -> None:
        """Send what is kept, as far as there is room."""
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # the other end is gone: `read` says so, after what it has sent before
            self._unsent.clear()

    def end(self) -> None:
        """Send nothing more; what the other end has sent can still be read."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Give the socket back."""
        self.is_open = False
        self._socket.close()

    def _take(self) -> bytes | None:
        """The first whole frame, taken off what was received; None while it is not complete."""
        if len(self._received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        end = _LENGTH.size + length
        if len(self._received) < end:
            return None
        body = bytes(self._received[_LENGTH.size : end])
        del self._received[:end]
        return body
