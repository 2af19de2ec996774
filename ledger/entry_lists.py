"""Entries picked by instant, kind and actor, page by page, without an index for any of them.

Instants grow with the index, so where a period begins and ends is found by halving. Kind and actor stand in the bytes
alone: a page looks through a bounded number of entries, and says where the next one goes on.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger import canonical
from ledger.clock import Instant, parse_instant
from ledger.reading import View
from ledger.tables import EntryRow

LOOKED_AT_MAX = 2_000  # entries of one page that are read to be told or not
_AT_ONCE = 200


class EntriesAsked(NamedTuple):
    """Which entries: indexes [first, end), recorded within [since, until); empty texts ask for nothing."""

    first: int
    end: int
    since: Instant | None = None
    until: Instant | None = None
    kind: str = ""
    actor: str = ""
    newest_first: bool = False


def entry_list(
    view: View, asked: EntriesAsked, after: int | None, limit: int
) -> tuple[list[EntryRow], tuple[int] | None]:
    """At most `limit` entries behind index `after`, and the index the next page is behind, None on the last one."""
    first = asked.first if asked.since is None else max(asked.first, _index_at(view, asked.since))
    end = asked.end if asked.until is None else min(asked.end, _index_at(view, asked.until))
    if after is not None:
        first, end = (first, min(end, after)) if asked.newest_first else (max(first, after + 1), end)
    found: list[EntryRow] = []
    last = None
    for looked, row in enumerate(_in_order(view, first, end, asked.newest_first)):
        if looked == LOOKED_AT_MAX or len(found) == limit:
            return found, None if last is None else (last,)
        last = row.idx
        if _is_asked(row, asked):
            found.append(row)
    return found, None


def entries_of(
    view: View, subject: str, asked: EntriesAsked, before: int | None, limit: int
) -> tuple[list[EntryRow], tuple[int] | None]:
    """The same of one subject's entries, newest first, whichever order was asked for."""
    found: list[EntryRow] = []
    last, looked = before, 0
    while rows := view.history(subject, last, _AT_ONCE):
        for row in rows:
            if looked == LOOKED_AT_MAX or len(found) == limit:
                return found, None if last is None else (last,)
            last, looked = row.idx, looked + 1
            if asked.first <= row.idx < asked.end and _is_within(row, asked) and _is_asked(row, asked):
                found.append(row)
    return found, None


def _is_within(row: EntryRow, asked: EntriesAsked) -> bool:
    if asked.since is None and asked.until is None:
        return True
    at = parse_instant(canonical.decode(row.bytes)["recorded_at"])
    return (asked.since is None or asked.since <= at) and (asked.until is None or at < asked.until)


def _in_order(view: View, first: int, end: int, newest_first: bool) -> Iterator[EntryRow]:
    if newest_first:
        for high in range(end, first, -_AT_ONCE):
            yield from reversed(view.entries(max(first, high - _AT_ONCE), high))
    else:
        for low in range(first, end, _AT_ONCE):
            yield from view.entries(low, min(end, low + _AT_ONCE))


def _is_asked(row: EntryRow, asked: EntriesAsked) -> bool:
    if not (asked.kind or asked.actor):
        return True
    entry = canonical.decode(row.bytes)
    actor = entry["actor"]
    return asked.kind in ("", entry["kind"]) and asked.actor in ("", actor["id"], actor.get("person"))


def _index_at(view: View, at: Instant) -> int:
    """The index of the first entry recorded at this instant or later; the size when there is none."""
    low, high = 0, view.head.size
    while low < high:
        middle = (low + high) // 2
        row = view.entry(middle)
        if row is not None and parse_instant(canonical.decode(row.bytes)["recorded_at"]) < at:
            low = middle + 1
        else:
            high = middle
    return low
