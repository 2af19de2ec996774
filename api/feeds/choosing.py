"""What a feed tells of, read from the log: whole groups from an index on, within limits of memory."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from ledger import canonical
from ledger.delivery import Group, Window
from ledger.disclosed import Choice, Disclosed
from ledger.service import View
from versioning.entries import FEED_RELEASED
from versioning.kinds.feed import RELEASED

CHUNK = 128  # entries read by one statement: 8 MB at the very most, usually 200 kB
SCANNED_MAX = 4_000  # entries looked at for one window: some 50 ms, then somebody else may have the turn
BYTES_MAX = 1024 * 1024  # of one message, passed only by a single group that is larger


class Limits(NamedTuple):
    """How much one window may hold; it ends with the group that reaches a limit."""

    entries: int
    scanned: int = SCANNED_MAX
    size_bytes: int = BYTES_MAX


def choice_of(feed: Mapping[str, Any]) -> Choice:
    """The choice of a released feed (its canonical value)."""
    kinds = feed["kinds"]
    return Choice(
        kinds=frozenset(kind for kind in kinds if not kind.endswith(".*")),
        nouns=frozenset(kind.removesuffix(".*") for kind in kinds if kind.endswith(".*")),
        subject_types=frozenset(feed["subjects"]),
        is_whole=feed["discloses"] == "entry",
    )


def window(view: View, start: int, choice: Choice, limits: Limits) -> Window:
    """The groups from `start` on. A start inside a command goes back to its first entry: groups are whole."""
    groups: list[Group] = []
    end, count, size = start, 0, 0
    for first, past, entries in _commands(view, start, choice):
        end = past
        if entries:
            groups.append(_group(first, past, entries))
            count += len(entries)
            size += sum(len(entry.data) for entry in entries)
        if count >= limits.entries or size >= limits.size_bytes or past - start >= limits.scanned:
            break
    return Window(start, tuple(groups), end)


def group_at(view: View, first: int, choice: Choice) -> Group | None:
    """The group of the command that begins at `first`; None when the feed tells nothing of it any more."""
    for start, past, entries in _commands(view, first, choice):
        return _group(start, past, entries) if entries else None
    return None


def start_of(view: View, feed: Mapping[str, Any]) -> int:
    """The index a feed begins with: the one it states, else the entry by which it was first put in force.

    Being put in force again after it was retired is a new beginning.
    """
    if feed["start"] != RELEASED:
        return int(feed["start"])
    subject = f"feed:{feed['name']}"
    before: int | None = None
    found = 0
    while rows := view.history(subject, before):
        for row in rows:
            value = canonical.decode(row.bytes)
            if value["kind"] == FEED_RELEASED:
                if value["payload"]["retired"]:
                    return found
                found = row.idx
        before = rows[-1].idx
    return found


def _commands(view: View, start: int, choice: Choice) -> Iterator[tuple[int, int, list[Disclosed]]]:
    """(first, end, what is told) of one command after another; the log never ends inside one."""
    size = view.head.size
    told: list[Disclosed] = []
    at = start
    is_begun = False
    while at < size:
        rows = view.entries(at, min(at + CHUNK, size))
        for row in rows:
            value = orjson.loads(row.bytes)
            k, n = value.get("part", (1, 1))
            if not is_begun and k > 1:
                yield from _commands(view, row.idx - (k - 1), choice)
                return
            is_begun = True
            if choice.takes(value):
                told.append(choice.disclose(row.idx, row.leaf_hash, row.bytes, value))
            if k == n:
                yield row.idx - (n - 1), row.idx + 1, told
                told = []
        at += len(rows)


def _group(first: int, end: int, entries: list[Disclosed]) -> Group:
    subjects = tuple(sorted({entry.value["subject"] for entry in entries}))
    return Group(first, end, subjects, tuple(entries))
