"""Waits and events after working time, under the pure machine; the calendar is London's of the tests of deadlines."""

from types import SimpleNamespace
from typing import Any

import pytest

from ledger.clock import Instant
from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.due_words import wait_explained
from orchestrator.instance import Activation, Timer
from tests.orchestrator.test_clocks import FRIDAY, Office, Shelf
from tests.orchestrator.toy import DAY, HERE, end, task
from tests.versioning.test_business_time import at, local
from versioning import blueprint as b


def waiting(office: Office) -> tuple[Activation, Timer]:
    """The activation that waits for a time, with its timer; of a step's events the first."""
    found = [(one, timer) for one in office.instance.live for timer in one.timers if timer.name == "delay"]
    return found[0]


def fire(office: Office) -> None:
    activation, timer = waiting(office)
    office.now = timer.due
    assert not isinstance(office.do(c.FireTimer(f"pi_toy.{activation.number}/delay", Instant(timer.due))), Refusal)


def wait(delay: str = "business P2D", **fields: Any) -> b.WaitStep:
    return b.WaitStep("w", HERE, delay=delay, next="done", **fields)


def test_a_wait_of_business_days_ends_by_the_calendar_which_stands_with_its_timer() -> None:
    office = Office(wait(), end())
    activation, timer = waiting(office)
    assert (activation.step, local(timer.due)) == ("w", "2026-12-08T15:00")
    assert (timer.calendar, timer.since) == ("digest-1", FRIDAY)
    fire(office)
    assert office.instance.status == "ended"


def test_holidays_lie_between() -> None:
    office = Office(wait("business PT10H"), end(), start=at("2026-12-24T16:00"))
    assert local(waiting(office)[1].due) == "2026-12-30T10:00"  # one hour, eight, and one; Christmas between


def test_it_keeps_the_calendar_it_began_with() -> None:
    office = Office(wait(), end())
    office.shelf.release("london", closed={"2026-12-07": "The office is closed"})
    assert local(waiting(office)[1].due) == "2026-12-08T15:00"
    assert local(waiting(Office(wait(), end(), shelf=office.shelf))[1].due) == "2026-12-09T15:00"


def shelf() -> Shelf:
    made = Shelf()
    made.release("london")
    made.release("paris", closed={"2026-12-07": "The office is closed"})
    return made


@pytest.mark.parametrize(
    "steps",
    [
        (wait(calendar="paris"), end()),
        (b.WaitStep("w", HERE, watches=(b.Watch("after", "business P2D", "done"),), calendar="paris"), end()),
        (b.WaitStep("w", HERE, watches=(b.Watch("after", "business P2D", "done", calendar="paris"),)), end()),
        (task("f", "done", watches=(b.Watch("after", "business P2D", "done", calendar="paris"),)), end()),
    ],
    ids=["the step's", "its events'", "an event's own", "of a step that is watched"],
)
def test_another_calendar_than_the_blueprints(steps: tuple[b.Step, ...]) -> None:
    office = Office(*steps, shelf=shelf())
    assert local(waiting(office)[1].due) == "2026-12-09T15:00"
    fire(office)
    assert office.instance.status == "ended"


def test_an_event_after_business_hours_begins_beside_its_step() -> None:
    reminder = b.Watch("after", "business PT4H", "x", meanwhile=True)
    office = Office(task("f", "done", watches=(reminder,)), task("x"), end())
    assert local(waiting(office)[1].due) == "2026-12-07T11:00"
    fire(office)
    assert office.names() == ["f", "x"]


@pytest.mark.parametrize(
    ("head", "start", "code"),
    [
        ({"calendar": None}, FRIDAY, "NO_SUCH_CALENDAR"),
        ({"calendar": "rome"}, FRIDAY, "NO_SUCH_CALENDAR"),
        ({}, at("2027-12-31T15:00"), "CALENDAR_ENDS"),
    ],
)
def test_what_cannot_be_counted_is_an_incident_and_never_a_wrong_time(head: Any, start: int, code: str) -> None:
    office = Office(wait(), end(), start=start, **head)
    assert office.incidents() == [code]
    assert not office.all(t.TimerSet)


def test_an_incident_tried_again_waits_from_then_on() -> None:
    office = Office(wait(), end(), calendar="rome")
    office.shelf.release("rome")
    (incident,) = office.all(t.IncidentRaised)
    office.now += 3 * DAY
    office.do(c.ResolveIncident(f"pi_toy.{incident.incident}", "retry"))
    assert local(waiting(office)[1].due) == "2026-12-09T15:00"
    assert waiting(office)[1].since == office.now


def test_its_end_is_explained_by_the_calendar_that_counted() -> None:
    office = Office(wait(), end(), start=at("2026-12-23T15:00"))
    calendars: Any = SimpleNamespace(released=lambda _, digest: office.shelf.released(digest))
    told = wait_explained(None, calendars, office.plan.version, waiting(office))  # type: ignore[arg-type]
    assert told is not None
    assert told["words"] == (
        "2 business days of 8 hours from Wednesday 23 December 2026, 15:00 (Europe/London): due Tuesday 29 December "
        "2026, 15:00; 25 December is a holiday (Christmas Day); 28 December is a holiday (Boxing Day (substitute day))"
    )
    activation, timer = waiting(office)
    moved = timer._replace(due=timer.due + 1)
    assert wait_explained(None, calendars, office.plan.version, (activation, moved)) is None  # type: ignore[arg-type]
    plain = Office(wait("P2D"), end())
    assert wait_explained(None, calendars, plain.plan.version, waiting(plain)) is None  # type: ignore[arg-type]
