"""Counts of requests by route and status, kept as plain numbers and told in Prometheus' format when asked.

The middleware costs two clock reads and a dictionary entry; the client library is imported by the first scrape.
"""

from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.gauges import Gauge
from api.services import ANSWERING
from ledger.clock import Clock

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
SECOND = 1_000_000

Key = tuple[str, str, str, int]
"""(log, method, route, status)"""


@dataclass(slots=True)
class Series:
    """Requests of one route, method and status: how many in each bucket, and the time of all."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0


@dataclass(slots=True)
class Counts:
    """All series of a process, by log, method, route and status. The log is empty where there is one alone, and where
    a request named none."""

    clock: Clock
    series: dict[Key, Series] = field(default_factory=dict)

    def add(self, key: Key, seconds: float) -> None:
        """Count one answered request."""
        found = self.series.get(key)
        if found is None:
            found = self.series[key] = Series()
        found.buckets[bisect_left(BOUNDS, seconds)] += 1
        found.seconds += seconds

    def text(self, told: Mapping[str, Sequence[Gauge]], logs: Container[str]) -> bytes:
        """The exposition text: what each log tells of itself, by its name, and the requests of `logs` (empty: those of
        none)."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self, told, logs))
        return generate_latest(registry)


class _Collector:
    def __init__(self, counts: Counts, told: Mapping[str, Sequence[Gauge]], logs: Container[str]) -> None:
        self._counts = counts
        self._told = told
        self._logs = logs

    def collect(self) -> Iterator[Any]:
        """Everything that is told, in the library's own families."""
        from prometheus_client.core import HistogramMetricFamily

        yield from self._of_logs()
        told = HistogramMetricFamily(
            "muniment_request_seconds", "Time to answer a request", labels=("log", "method", "route", "status")
        )
        for (log, method, route, status), series in sorted(self._counts.series.items()):
            if log not in self._logs:
                continue
            total, buckets = 0, []
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), series.buckets, strict=True):
                total += count
                buckets.append((bound, total))
            told.add_metric((log, method, route, str(status)), buckets, series.seconds)
        yield told

    def _of_logs(self) -> Iterator[Any]:
        """A family for each name, over all logs."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        families: dict[str, Any] = {}
        for log, gauges in sorted(self._told.items()):
            for gauge in gauges:
                family = families.get(gauge.name)
                if family is None:
                    kind = CounterMetricFamily if gauge.is_total else GaugeMetricFamily
                    names = ("log", *[name for name, _ in gauge.labels])
                    family = families[gauge.name] = kind(gauge.name, gauge.text, labels=names)
                family.add_metric((log, *[value for _, value in gauge.labels]), float(gauge.value))
        yield from families.values()


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
        clock = self._counts.clock
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
            self._counts.add(
                (scope.get(ANSWERING, ""), scope["method"], route, status), (clock.monotonic() - began) / SECOND
            )
