"""Whether working time that is waited for has a calendar, and one that reaches far enough.

Pure. `example` computes one due time of each against the calendars in force.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ledger.wording import as_it_is
from versioning.blueprint import Blueprint, Step, WaitStep, watch_key
from versioning.business_time import Calendar, after, amount, is_business
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.words_parts import duration_words


class Counted(NamedTuple):
    """A working time that is waited for, by which calendar (None: by none), and where in the step it stands."""

    step: Step
    duration: str
    calendar: str | None
    key: str


def calendar_of_wait(blueprint: Blueprint, step: Step, number: int | None = None) -> str | None:
    """The name of the calendar a step waits by, or the event with this number that it is watched for."""
    own = None if number is None else step.watches[number].calendar
    of_step = step.calendar if isinstance(step, WaitStep) else None
    return own or of_step or blueprint.calendar


def counted(blueprint: Blueprint) -> Iterator[Counted]:
    """Every working time that is waited for."""
    for step in blueprint.steps:
        if isinstance(step, WaitStep) and step.delay is not None and is_business(step.delay):
            yield Counted(step, step.delay, calendar_of_wait(blueprint, step), "wait")
        for number, watch in enumerate(step.watches):
            if watch.kind == "after" and is_business(watch.on):
                yield Counted(step, watch.on, calendar_of_wait(blueprint, step, number), watch_key(step, number))


def calendars_waited_by(blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    """Every calendar that a wait or an event names itself, with the path at which it stands."""
    for step in blueprint.steps:
        if isinstance(step, WaitStep) and step.calendar is not None:
            yield step.calendar, f"steps.{step.id}.calendar"
        for number, watch in enumerate(step.watches):
            if watch.calendar is not None:
                yield watch.calendar, f"steps.{step.id}.{watch_key(step, number)}.calendar"


def waits(notes: Notes, blueprint: Blueprint) -> None:
    """Everything wrong with the times that are waited for by themselves."""
    for one in counted(blueprint):
        if one.calendar is None:
            message = say("waits-by-no-calendar", step=quoted(one.step.id), duration=duration_words(one.duration))
            expected = say("step-calendar")
            notes.error("wait.calendar", notes.of_step(one.step, one.key), message, expected)


def example(notes: Notes, blueprint: Blueprint, calendars: Mapping[str, Calendar], now: int) -> None:
    """One due time of each from now: where the calendar does not reach so far, it is found out here."""
    for one in counted(blueprint):
        calendar = calendars.get(one.calendar or "")
        if calendar is not None and after(calendar, now, amount(one.duration, calendar.day)) is None:
            message = say("wait-beyond-calendar", step=quoted(one.step.id), name=quoted(calendar.name))
            years = (as_it_is(calendar.first.year), as_it_is(calendar.last.year))
            expected = say("longer-calendar", first=years[0], last=years[1])
            place = notes.of_step(one.step, one.key)
            notes.error("wait.beyond", place, message, expected, duration_words(one.duration))
