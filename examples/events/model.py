"""Another system's history as frozen values: cases and what happened in them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ledger.clock import SECOND, Instant, instant_text

AttributeType = Literal["string", "date", "int", "float", "boolean", "id"]


class Attribute(NamedTuple):
    """A typed value kept as its text, so no float ever stands between source and record."""

    key: str
    type: AttributeType
    text: str


class Event(NamedTuple):
    """One event of a case; `at` in microseconds."""

    activity: str
    resource: str | None
    at: Instant
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One case with its events as the source lists them. Its own attributes may be personal: they stay here."""

    name: str
    attributes: tuple[Attribute, ...]
    events: tuple[Event, ...]


class Record(NamedTuple):
    """One event as it is handed to the ledger; `position` counts from 0 within the case."""

    case: str
    position: int
    activity: str
    resource: str | None
    at: Instant
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is in a log."""

    cases: int
    events: int
    activities: dict[str, int]
    variants: int
    resources: int
    events_without_resource: int
    first_at: Instant | None
    last_at: Instant | None
    longest_case: int
    cases_out_of_time_order: int

    def to_json(self) -> dict[str, Any]:
        """In the words of the `facts.json` beside published logs; whole seconds there."""
        return {
            "cases": self.cases,
            "events": self.events,
            "activities": self.activities,
            "variants": self.variants,
            "resources": self.resources,
            "eventsWithoutResource": self.events_without_resource,
            "firstTimestamp": _whole_seconds(self.first_at),
            "lastTimestamp": _whole_seconds(self.last_at),
            "longestCase": self.longest_case,
            "casesOutOfTimeOrder": self.cases_out_of_time_order,
        }


def records(cases: Iterable[Case]) -> Iterator[Record]:
    """Every event as a record, case by case."""
    for case in cases:
        for position, event in enumerate(case.events):
            yield Record(case.name, position, event.activity, event.resource, event.at, event.attributes)


def facts(cases: Iterable[Case]) -> Facts:
    """Count what is in the cases, in one pass."""
    count = events = without = longest = unordered = 0
    activities: Counter[str] = Counter()
    variants: set[tuple[str, ...]] = set()
    resources: set[str] = set()
    first: Instant | None = None
    last: Instant | None = None
    for case in cases:
        count += 1
        events += len(case.events)
        longest = max(longest, len(case.events))
        sequence = tuple(event.activity for event in case.events)
        activities.update(sequence)
        variants.add(sequence)
        resources.update(event.resource for event in case.events if event.resource is not None)
        without += sum(event.resource is None for event in case.events)
        times = [event.at for event in case.events]
        unordered += times != sorted(times)
        if times:
            first = min(times) if first is None else min(first, *times)
            last = max(times) if last is None else max(last, *times)
    return Facts(
        cases=count,
        events=events,
        activities=dict(activities),
        variants=len(variants),
        resources=len(resources),
        events_without_resource=without,
        first_at=first,
        last_at=last,
        longest_case=longest,
        cases_out_of_time_order=unordered,
    )


def _whole_seconds(at: Instant | None) -> str | None:
    return None if at is None else instant_text(Instant(at // SECOND * SECOND))[:19] + "+00:00"
