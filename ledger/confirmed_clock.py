"""The newest confirmation of a log's clock, found among the entries of the log itself."""

from collections.abc import Callable

from ledger.clock import Instant, parse_instant
from ledger.commands import CLOCK_CONFIRMED
from ledger.entry import parse_entry
from ledger.overlay import Overlay
from ledger.tables import SUBJECT, EntryRow


def confirmed_clock(rows: Overlay, entry_row: Callable[[int], EntryRow], name: str) -> Instant | None:
    """The instant that the newest confirmation of the clock of the log `name` confirmed; None where there is none."""
    subject = rows.row(SUBJECT, (f"log:{name}",))
    index = None if subject is None else subject.last
    while index is not None:
        row = entry_row(index)
        entry = parse_entry(row.bytes)
        if entry.kind == CLOCK_CONFIRMED:
            return parse_instant(entry.payload["wall"])
        index = row.previous
    return None
