"""Our own event log: a plain hiring process of a made-up company. The same seed gives the same log."""

from collections.abc import Iterator
from random import Random

from examples.events.model import Attribute, Case, Event
from ledger.clock import SECOND, Instant

_FIRST = Instant(1_767_571_200 * SECOND)  # 2026-01-05T00:00:00Z, a Monday
_HOUR = 3600 * SECOND

# activity, who does it, how likely a candidate gets past it
_PATH = (
    ("Receive application", "Front desk", 0.85),
    ("Telephone interview", "Recruiter", 0.80),
    ("Check references", "Recruiter", 0.90),
    ("Practical test", "Examiner", 0.65),
    ("Final interview", "Hiring manager", 0.75),
)
_HIRED = ("Make offer", "Hiring manager")
_REJECTED = ("Reject application", "Recruiter")
_REPEAT = 0.05  # a practical test is now and then taken twice


def generate_cases(count: int, seed: int = 1) -> Iterator[Case]:
    """This many cases, events in order of time."""
    random = Random(seed)  # noqa: S311 - reproducible data, nothing secret
    for number in range(1, count + 1):
        yield _case(random, number)


def _case(random: Random, number: int) -> Case:
    at = _FIRST + number * 90 * SECOND + random.randrange(60) * SECOND
    events: list[Event] = []

    def happen(activity: str, resource: str) -> None:
        nonlocal at
        index = Attribute("index", "int", str(len(events)))
        events.append(Event(activity, resource, Instant(at), (index,)))
        at += random.randrange(_HOUR, 48 * _HOUR) // SECOND * SECOND

    for activity, resource, passes in _PATH:
        happen(activity, resource)
        if activity == "Practical test" and random.random() < _REPEAT:
            happen(activity, resource)
        if random.random() >= passes:
            happen(*_REJECTED)
            break
    else:
        happen(*_HIRED)
    channel = random.choice(("web", "agency", "referral"))
    return Case(f"case-{number:06d}", (Attribute("channel", "string", channel),), tuple(events))
