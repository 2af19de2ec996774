"""What of a tour is done: read from the ledger, entry by entry as they come, the demo's own history left out."""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

from examples.demo.told.house import METHOD
from examples.tour.finding import Search
from examples.tour.stops import Stop, Tour, title_key, words_key
from ledger.service import View

PAGE = 1_000


@dataclass(slots=True)
class Deeds:
    """How often each person did what, by (person, kind, member of the payload or nothing); how far was read."""

    size: int
    counts: Counter[tuple[str, str, str]]


class Touring:
    """The deeds of one log. Each entry is read once; may be asked from several threads."""

    MEMBERS = ("decision",)  # of payloads, that stops ask for

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deeds = Deeds(0, Counter())

    def stops(self, view: View, tour: Tour, search: Search) -> list[dict[str, Any]]:
        """The stops of the person who searches, as the door tells them."""
        with self._lock:
            self._catch_up(view)
            counts = self._deeds.counts
            return [self._told(counts, tour, stop, search) for stop in tour.stops]

    def _told(self, counts: Counter[tuple[str, str, str]], tour: Tour, stop: Stop, search: Search) -> dict[str, Any]:
        found, done = search.find(stop.find), stop.done
        is_there = not stop.find or bool(found)
        return {
            "id": stop.id,
            "title": title_key(tour, stop),
            "words": words_key(tour, stop),
            "route": stop.route.format(**found) if is_there else None,
            "recognised_by": "ledger" if done.kind else "session",
            "done": counts[search.person, done.kind, done.having] >= done.times if done.kind else None,
        }

    def _catch_up(self, view: View) -> None:
        deeds = self._deeds
        while deeds.size < view.head.size:
            rows = view.entries(deeds.size, min(view.head.size, deeds.size + PAGE))
            for row in rows:
                self._add(orjson.loads(row.bytes))
            deeds.size += len(rows)

    def _add(self, entry: dict[str, Any]) -> None:
        actor, payload = entry["actor"], entry["payload"]
        person = actor.get("person", "")
        if not person or actor.get("method") == METHOD:
            return
        self._deeds.counts[person, entry["kind"], ""] += 1
        for member in self.MEMBERS:
            if member in payload:
                self._deeds.counts[person, entry["kind"], member] += 1
