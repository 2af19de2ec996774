"""A time-out for the whole of a request. The client has one for each read, which a system that drips never meets."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import httpcore2
import httpx2

from ledger.clock import steady_seconds

_KEPT = 20  # connections that stay open, each for so many seconds
_KEPT_SECONDS = 5.0


class Until(local):
    """When the request that this thread makes is over, by the steady clock."""

    at: float = float("inf")

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What is read inside ends in time, status and headers too."""
        self.at = steady_seconds() + seconds
        try:
            yield
        finally:
            self.at = float("inf")

    def left(self, timeout: float | None) -> float:
        """What one step on the network may take; `ReadTimeout` when nothing is left."""
        left = self.at - steady_seconds()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time of the request is over")
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, until: Until) -> None:
        self._inner, self._until = inner, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._until.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._until.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._until.left(timeout)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    def __init__(self, until: Until) -> None:
        self._until = until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._until.left(timeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options), self._until)


class TransportWithin(httpx2.HTTPTransport):
    """The client's own transport over a network that looks at the time of the whole request."""

    def __init__(self, context: ssl.SSLContext, until: Until) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_keepalive_connections=_KEPT,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_Network(until),
        )
