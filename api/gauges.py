"""What a log tells of itself as numbers: its size, how far publication, witnesses and feeds are behind it, and which
connectors are down.

Read from rows, so that every process of the service tells the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from api.feeds.standing import Told
from api.feeds.standing import told as feeds_of
from api.log_service import Service
from api.witnessing import Lag
from ledger.errors import MunimentError
from ledger.service import View
from ledger.showing import reached
from orchestrator.backlog import Backlog, backlog
from orchestrator.breaker import CLOSED, Standing
from orchestrator.connector_lists import standings

UNREADABLE = -1  # the size that is told of a log that cannot be read

Labels = tuple[tuple[str, str], ...]


class Gauge(NamedTuple):
    """One number of one log. `is_total` says that it only grows."""

    name: str
    text: str
    value: float
    labels: Labels = ()
    is_total: bool = False


_OF_WITNESSES: tuple[tuple[str, str, Callable[[Lag], float]], ...] = (
    ("lag_entries", "Entries published and not cosigned by the witness", lambda lag: lag.entries),
    ("lag_seconds", "Seconds since the witness cosigned, while it is behind", lambda lag: lag.seconds),
    ("contradicts", "1: the witness knows another or a longer history of this log", lambda lag: lag.contradicts),
)
_OF_FEEDS: tuple[tuple[str, str, Callable[[Told], float]], ...] = (
    ("lag_entries", "Entries the feed has yet to send or pass", lambda feed: feed.lag_entries),
    ("lag_seconds", "How long the oldest of them has waited", lambda feed: feed.lag_seconds),
    ("failing_seconds", "Since the sink last accepted, 0 when it does", lambda feed: feed.failing_seconds),
    ("dead_letters", "Messages the sink did not take", lambda feed: feed.dead),
    ("letters", "Messages held, those behind a dead one included", lambda feed: feed.cursor.letters),
    ("stopped", "1 when it waits for a replay", lambda feed: feed.cursor.state == "stopped"),
)


def gauges_of(service: Service) -> list[Gauge]:
    """Everything one log tells, with a view of its own; the size is -1 while the log cannot be read."""
    try:
        with service.reader.view() as view:
            return gauges(service, view)
    except MunimentError:
        return [_size(UNREADABLE)]


def gauges(service: Service, view: View) -> list[Gauge]:
    """Everything one log tells."""
    lags = () if service.witnessing is None else tuple(service.witnessing.lags(view))
    return [
        _size(view.head.size),
        *_of_publication(view),
        *_of_witnesses(lags),
        *_of_feeds(feeds_of(view)),
        *_of_connectors(standings(view), view.now),
        *_of_backlog(backlog(view.query, view.now)),
    ]


def _size(entries: int) -> Gauge:
    return Gauge("muniment_log_size", "Entries in the log", entries)


def _of_publication(view: View) -> Iterator[Gauge]:
    text = "Entries that publication, or who adds a line to it, is behind"
    for what, size in sorted(reached(view).items()):
        yield Gauge("muniment_publication_lag_entries", text, view.head.size - size, (("what", what),))


def _of_witnesses(lags: Sequence[Lag]) -> Iterator[Gauge]:
    for name, text, value in _OF_WITNESSES:
        for lag in lags:
            yield Gauge(f"muniment_witness_{name}", text, value(lag), (("witness", lag.witness),))


def _of_backlog(behind: Backlog) -> Iterator[Gauge]:
    text = "How long the timer that is due longest has waited to be fired"
    yield Gauge("muniment_timer_late_seconds", text, behind.late_seconds)
    yield Gauge("muniment_calls_waiting", "Calls of steps that are to be made or are on their way", behind.calls)


def _of_connectors(known: Mapping[str, Standing], now: int) -> Iterator[Gauge]:
    for name, standing in known.items():
        labels = (("connector", name),)
        is_shut = standing.state(now) != CLOSED
        yield Gauge("muniment_connector_open", "1 while the breaker of the connector is not closed", is_shut, labels)
        yield Gauge("muniment_connector_failures", "Failures in a row within the window", standing.failures, labels)


def _of_feeds(feeds: Sequence[Told]) -> Iterator[Gauge]:
    for feed in feeds:
        labels = (("feed", feed.cursor.feed),)
        for name, text, value in _OF_FEEDS:
            yield Gauge(f"muniment_feed_{name}", text, value(feed), labels)
        yield Gauge("muniment_feed_sent", "Entries that the sink accepted", feed.cursor.sent, labels, is_total=True)
