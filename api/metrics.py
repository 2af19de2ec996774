"""Counts of requests by route and status, kept as plain numbers and told in Prometheus' format when asked.

The middleware costs two clock reads and a dictionary entry; the client library is imported by the first scrape.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.feeds.standing import Told

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

    def text(self, size: int, feeds: Sequence[Told] = ()) -> bytes:
        """The exposition text; `size` is that of the log, `feeds` say how far each is."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self, size, feeds))
        return generate_latest(registry)


_FEED_GAUGES: tuple[tuple[str, str, Callable[[Told], float]], ...] = (
    ("muniment_feed_lag_entries", "Entries the feed has yet to send or pass", lambda feed: feed.lag_entries),
    ("muniment_feed_lag_seconds", "How long the oldest of them has waited", lambda feed: feed.lag_seconds),
    (
        "muniment_feed_failing_seconds",
        "Since the sink last accepted, 0 when it does",
        lambda feed: feed.failing_seconds,
    ),
    ("muniment_feed_dead_letters", "Messages the sink did not take", lambda feed: feed.dead),
    ("muniment_feed_letters", "Messages held, those behind a dead one included", lambda feed: feed.cursor.letters),
    ("muniment_feed_stopped", "1 when it waits for a replay", lambda feed: float(feed.cursor.state == "stopped")),
)


class _Collector:
    def __init__(self, counts: Counts, size: int, feeds: Sequence[Told]) -> None:
        self._counts = counts
        self._size = size
        self._feeds = feeds

    def collect(self) -> Iterator[Any]:
        """Everything that is told, in the library's own families."""
        from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily

        yield GaugeMetricFamily("muniment_log_size", "Entries in the log", value=self._size)
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
        yield from self._of_feeds()

    def _of_feeds(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for name, help_text, value in _FEED_GAUGES:
            gauge = GaugeMetricFamily(name, help_text, labels=("feed",))
            for feed in self._feeds:
                gauge.add_metric((feed.cursor.feed,), value(feed))
            yield gauge
        sent = CounterMetricFamily("muniment_feed_sent", "Entries that the sink accepted", labels=("feed",))
        for feed in self._feeds:
            sent.add_metric((feed.cursor.feed,), feed.cursor.sent)
        yield sent


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
