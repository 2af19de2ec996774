"""A time-out for the whole of a conversation over a socket, which has one for each read: that a drip never meets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def cut_after(seconds: float, socket_of: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cut the connection when the time is over, status and headers included; then it ends with `TimeoutError`."""
    over = threading.Event()

    def cut() -> None:
        over.set()
        connected = socket_of()
        if connected is not None:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has just ended by itself

    watch = threading.Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise TimeoutError("the time of the conversation is over") from error
        raise
    finally:
        watch.cancel()
    if over.is_set():
        raise TimeoutError("the time of the conversation is over")  # what was read ends where it was cut
