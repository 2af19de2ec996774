"""Counts of requests by route and status, kept as plain numbers and told in Prometheus' format when asked.

The middleware costs two clock reads and a dictionary entry; the client library is imported by the first scrape.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
SECOND = 1_000_000


@dataclass(slots=True)
class Series:
    """Requests of one route, method and status: how many in each bucket, and the time of all."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


@dataclass(slots=True)
class Counts:
    """All series of a process."""

    series: dict[tuple[str, str, int], Series] = field(default_factory=dict)

    def add(self, key: tuple[str, str, int], seconds: float) -> None:
        """Count one answered request."""
        found = self.series.get(key)
        if found is None:
            found = self.series[key] = Series()
        found.buckets[bisect_left(BOUNDS, seconds)] += 1
        found.seconds += seconds

    def text(self, size: int, reached: Mapping[str, int] = MappingProxyType({})) -> bytes:
        """The exposition text; `size` is that of the log, `reached` how far publication and each contributor got."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self, size, reached))
        return generate_latest(registry)


class _Collector:
    def __init__(self, counts: Counts, size: int, reached: Mapping[str, int]) -> None:
        self._counts = counts
        self._size = size
        self._reached = reached

    def collect(self) -> Iterator[Any]:
        """Everything that is told, in the library's own families."""
        from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

        yield GaugeMetricFamily("muniment_log_size", "Entries in the log", value=self._size)
        lag = GaugeMetricFamily(
            "muniment_publication_lag_entries", "Entries that publication or a contributor is behind", labels=("what",)
        )
        for what, size in sorted(self._reached.items()):
            lag.add_metric((what,), self._size - size)
        yield lag
        told = HistogramMetricFamily(
            "muniment_request_seconds", "Time to answer a request", labels=("method", "route", "status")
        )
        for (method, route, status), series in sorted(self._counts.series.items()):
            total, buckets = 0, []
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), series.buckets, strict=True):
                total += count
                buckets.append((bound, total))
            told.add_metric((method, route, str(status)), buckets, series.seconds)
        yield told


class Measured:
    """Counts the answers of the application; plain ASGI. What goes the direct way counts for itself (`api.direct`)."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        clock = scope["app"].state.service.rooms.clock
        began = clock.monotonic()
        status = 500

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_see)
        finally:
            # The route's own path, never the caller's: labels must stay few.
            route = str(getattr(scope.get("route"), "path", "none"))
            self._counts.add((scope["method"], route, status), (clock.monotonic() - began) / SECOND)
