"""Whether a connector may be called now: at most so many at once and in a minute, and a breaker. Pure.

A breaker opens after so many failures within a window, counted since the last success. While it is open no call is
made: what waits, waits, and no try of it is spent, also of what a runner has been given and has not sent out yet. When
its pause is over one call goes out as a probe; where that fails, the breaker is open again for twice as long, up to an
hour; where it does not, all is as before. Only what may be better another time counts as a failure: a system that
answers "no" is there.

What is remembered is operational: losing it costs some calls to a system that is down.
"""

from typing import NamedTuple

from ledger.clock import SECOND

MINUTE = 60 * SECOND
PAUSE_MAX = 60 * MINUTE
KEPT = 24 * 60 * MINUTE  # how long the last failure of a connector is told

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class Limits(NamedTuple):
    """How a connector may be used. `per_minute` 0 is without bound; durations in microseconds."""

    connector: str
    at_once: int = 10
    per_minute: int = 0
    failures: int = 5
    within: int = MINUTE
    pause: int = 30 * SECOND


class Standing(NamedTuple):
    """How a connector stands. `open_until` 0 while its breaker is closed; instants and durations in microseconds."""

    connector: str
    failures: int = 0  # since the last success, within the window that began at `failing_from`
    failing_from: int = 0
    open_until: int = 0
    pause: int = 0  # of the breaker while it is not closed
    calls_from: int = 0  # of the minute that is counted
    calls: int = 0
    most: int = 0  # failures at which it opens; 0: never
    within: int = 0
    first_pause: int = 0
    failed_at: int = 0
    failed_with: str = ""
    keep_until: int = 0

    def state(self, now: int) -> str:
        """Closed, open, or half-open."""
        if not self.open_until:
            return CLOSED
        return OPEN if now < self.open_until else HALF_OPEN


def room(standing: Standing, limits: Limits, now: int, under_way: int) -> int:
    """How many more calls may go out now, with so many under way."""
    state = standing.state(now)
    if state != CLOSED:
        return 1 if state == HALF_OPEN and not under_way else 0
    left = limits.at_once - under_way
    if limits.per_minute:
        counted = standing.calls if now - standing.calls_from < MINUTE else 0
        left = min(left, limits.per_minute - counted)
    return max(0, left)


def let_out(standing: Standing, limits: Limits, now: int, calls: int) -> Standing:
    """With so many calls more, by these limits."""
    is_new = now - standing.calls_from >= MINUTE
    return standing._replace(
        calls_from=now if is_new else standing.calls_from,
        calls=calls if is_new else standing.calls + calls,
        most=limits.failures,
        within=limits.within,
        first_pause=limits.pause,
        keep_until=max(standing.keep_until, now + KEPT),
    )


def answered(standing: Standing) -> Standing:
    """The system is there: the breaker is closed, and failures count from none."""
    return standing._replace(failures=0, failing_from=0, open_until=0, pause=0)


def failed(standing: Standing, code: str, now: int) -> Standing:
    """One failure more, which may open the breaker."""
    told = standing._replace(failed_at=now, failed_with=code, keep_until=now + KEPT)
    if standing.open_until:
        if now < standing.open_until:  # of a call that was under way when it opened
            return told
        pause = min(standing.pause * 2, PAUSE_MAX)
        return told._replace(pause=pause, open_until=now + pause, keep_until=now + pause + KEPT)
    is_new = not standing.failures or now - standing.failing_from > standing.within
    failures = 1 if is_new else standing.failures + 1
    told = told._replace(failures=failures, failing_from=now if is_new else standing.failing_from)
    if not standing.most or failures < standing.most:
        return told
    return told._replace(open_until=now + standing.first_pause, pause=standing.first_pause)
