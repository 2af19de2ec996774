"""Another system's history, written through `/v1/records` in batches as it would arrive from outside."""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from examples.demo.door import Door
from examples.events.generate import generate_cases
from examples.events.model import Facts, Record, facts, records
from examples.events.xes import read_cases
from ledger.clock import instant_text
from ledger.entry import parse_entry
from ledger.reading import View

SOURCE = "hiring"
BATCH = 500  # records in one request: one command, one receipt
SENDERS = 4  # requests under way at once
OWN_CASES = 300  # of our own generator, where the published log is not at hand


@dataclass(frozen=True, slots=True)
class Imported:
    """What was sent, what came back from the ledger, and how long each took."""

    origin: str
    events: int
    cases: int
    sent_seconds: float
    counted_seconds: float
    agrees: bool


def cases_folder() -> Path:
    """Where the published files are, if they are here."""
    beside = Path(__file__).parent.parent.parent.parent / "shared" / "cases"
    return Path(os.environ.get("MUNIMENT_CASES", beside))


def history() -> tuple[str, Facts, list[Record]]:
    """The published log where it is at hand, else one of our own generator; and which of the two it is."""
    path = cases_folder() / "event-logs" / "hiring_log_high.xes.gz"
    if path.exists():
        with path.open("rb") as stream:
            read = list(read_cases(stream))
        return f"published log {path.name}", facts(read), list(records(read))
    made = list(generate_cases(OWN_CASES))
    return "our own generator, since the published log is not at hand", facts(made), list(records(made))


def send(door: Door, told: list[Record]) -> float:
    """Write the records, several requests at once; seconds."""
    begun = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        doors = [Door(door.address, door.token) for _ in range(SENDERS)]
        # One foreign case stays with one sender, so that its records arrive in order.
        shares: list[list[Record]] = [[] for _ in doors]
        for record in told:
            shares[hash(record.case) % SENDERS].append(record)
        list(senders.map(_send_share, doors, shares))
        for each in doors:
            each.close()
    return time.monotonic() - begun


def _send_share(door: Door, share: list[Record]) -> None:
    for batch in batches(share):
        door.post("/v1/records", {"records": [_body(record) for record in batch]})


def _body(record: Record) -> dict[str, Any]:
    at = record.at
    return {
        "source": SOURCE,
        "key": record.case,
        "activity": record.activity,
        "occurred_at": instant_text(at),
        "resource": record.resource or "",
        "key_class": "internal",
    }


def batches(told: Iterable[Record]) -> Iterator[list[Record]]:
    """The records in batches of `BATCH`."""
    running = iter(told)
    while batch := list(islice(running, BATCH)):
        yield batch


def count_back(view: View, size: int) -> tuple[Counter[str], int, int]:
    """(events by activity, cases, resources), counted over the recorded entries alone."""

    activities: Counter[str] = Counter()
    subjects: set[str] = set()
    resources: set[str] = set()
    for start in range(0, size, 2_000):
        for row in view.entries(start, min(size, start + 2_000)):
            entry = parse_entry(row.bytes)
            if entry.kind == "record.written" and entry.payload["source"] == SOURCE:
                activities[entry.payload["activity"]] += 1
                subjects.add(entry.subject)
                if "resource" in entry.payload:
                    resources.add(entry.payload["resource"])
    return activities, len(subjects), len(resources)
