"""How far each feed is, for lists, metrics and the runner."""

from typing import NamedTuple

import orjson

from api.feeds.tables import CursorRow
from ledger.clock import SECOND, parse_instant
from ledger.service import View
from ledger.work import Rows

_ALL = f"SELECT {', '.join(CursorRow._fields)} FROM feed_cursor WHERE log_id = {{log}} ORDER BY feed"
_DEAD = "SELECT feed, COUNT(*) FROM feed_letter WHERE log_id = {log} AND state = 'dead' GROUP BY feed"


class Told(NamedTuple):
    """One feed as metrics and lists tell it. `lag_entries` are not yet sent or passed, `lag_seconds` how long the
    oldest of them has waited; `failing_seconds` since the first failure in a row."""

    cursor: CursorRow
    lag_entries: int
    lag_seconds: int
    failing_seconds: int
    dead: int


def cursors(rows: Rows) -> list[CursorRow]:
    """Every cursor, by the feed's name."""
    return [CursorRow._make(row) for row in rows.query(_ALL)]


def told(view: View) -> list[Told]:
    """Every feed that has a cursor and was not ended."""
    dead = {feed: int(count) for feed, count in view.query(_DEAD)}
    return [_told(view, row, dead.get(row.feed, 0)) for row in cursors(view) if row.state != "ended"]


def _told(view: View, row: CursorRow, dead: int) -> Told:
    failing = (view.now - row.failing_since) // SECOND if row.failing_since else 0
    behind = max(0, view.head.size - row.next_idx)
    entry = view.entry(row.next_idx) if behind else None
    waited = 0
    if entry is not None:
        waited = max(0, (view.now - parse_instant(orjson.loads(entry.bytes)["recorded_at"])) // SECOND)
    return Told(row, behind, waited, failing, dead)
