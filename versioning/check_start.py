"""Whether what is said of how instances start makes sense.

Pure. `example` computes the next occurrence of a schedule against the calendars in force.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from governance.rules.zones import zone_named
from ledger.errors import BrokenInput
from ledger.wording import NOTHING, as_it_is
from versioning.blueprint import Blueprint
from versioning.business_time import Calendar
from versioning.data_paths import find
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.schedule import Occurrence, asks_business_days, calendar_of, clockwork, following
from versioning.starts import Schedule

if TYPE_CHECKING:
    from versioning.check_structure import Notes


def start(notes: "Notes", blueprint: Blueprint) -> None:
    """Everything wrong with the start by itself."""
    said = blueprint.start
    place = notes.at("start")
    if said.by == "message" and not said.message:
        notes.error("start.message", place, say("start-message-missing"), as_it_is("`message`"))
    elif said.message and said.by != "message":
        message = say("start-message-idle")
        notes.error("start.message", notes.at("start.message"), message, as_it_is("`by: message`"))
    asks = said.by in ("api", "message")
    if asks and not said.requires:
        notes.error("missing-key", place, say("start-requires-missing"), say("requires-role"))
    elif said.requires and not asks:
        message = say("start-role-idle", by=as_it_is(said.by))
        notes.error("start.requires", notes.at("start.requires"), message, say("no-requires"), quoted(said.requires))
    if said.by == "schedule":
        _schedule(notes, blueprint, said.schedule)
    elif said.schedule is not None:
        notes.error("start.schedule", place, say("start-schedule-idle"), as_it_is("`by: schedule`"))


def _schedule(notes: "Notes", blueprint: Blueprint, schedule: Schedule | None) -> None:
    said = {
        "every": schedule is not None and schedule.every,
        "at": schedule is not None and schedule.at,
        "catch up": schedule is not None and schedule.catch_up,
    }
    for key, value in said.items():
        if not value:
            message = say("start-schedule-missing", key=quoted(key))
            notes.error("start.schedule", notes.at("start"), message, as_it_is(f"`{key}`"))
    if schedule is None:
        return
    if (schedule.every == ("month",)) != bool(schedule.on):
        expected = say("day-of-month-forms") if schedule.every else as_it_is("`every`")
        message = say("day-of-month")
        notes.error("start.schedule", notes.at("start.on"), message, expected)
    _clock(notes, blueprint, schedule)
    _key(notes, blueprint, schedule)


def _clock(notes: "Notes", blueprint: Blueprint, schedule: Schedule) -> None:
    calendar = calendar_of(schedule, blueprint.calendar)
    if schedule.zone is not None:
        if schedule.calendar is not None:
            message = say("zone-beside-calendar")
            notes.error("start.zone", notes.at("start.zone"), message, say("zone-or-calendar"))
        try:
            zone_named(schedule.zone)
        except BrokenInput:
            place = notes.at("start.zone")
            notes.error("start.zone", place, say("no-such-zone"), say("such-as-paris"), quoted(schedule.zone))
    if calendar is None and asks_business_days(schedule):
        message = say("schedule-by-no-calendar")
        notes.error("start.calendar", notes.at("start.every"), message, say("start-calendar"))
    elif calendar is None and schedule.zone is None:
        message = say("time-by-no-clock")
        notes.error("start.zone", notes.at("start.at"), message, say("zone-or-start-calendar"))


def _key(notes: "Notes", blueprint: Blueprint, schedule: Schedule) -> None:
    """A schedule brings the day of its occurrence as the key, and nothing else."""
    key = find(blueprint.data, blueprint.start.key)
    if key is not None and not key.below and (key.field.type == "date" and len(schedule.at) > 1):
        message = say("date-key-of-many-times")
        notes.error("start.key", notes.at("start.key"), message, say("string-or-one-time"), as_it_is(key.field.type))
    root = blueprint.start.key.partition(".")[0]
    for field in blueprint.data:
        if field.required and field.name != root:
            message = say("schedule-brings-key-alone", name=quoted(field.name))
            notes.error("start.data", notes.at(f"data.{field.name}"), message, say("optional-datum"))


def named(blueprint: Blueprint) -> tuple[tuple[str, str], ...]:
    """The calendar that the start names itself, with the path at which it stands."""
    schedule = blueprint.start.schedule
    return () if schedule is None or schedule.calendar is None else ((schedule.calendar, "start.calendar"),)


def example(notes: "Notes", blueprint: Blueprint, calendars: Mapping[str, Calendar], now: int) -> None:
    """The next occurrence from now: a schedule that has none starts nothing."""
    schedule = blueprint.start.schedule
    if schedule is None or any(found.rule.startswith("start.") for found in notes.found):
        return
    name = calendar_of(schedule, blueprint.calendar)
    calendar = calendars.get(name or "")
    if name is not None and calendar is None:
        return  # said where it is named
    if following(clockwork(schedule, calendar), Occurrence(now, "")) is None:
        found = (
            NOTHING
            if calendar is None
            else say("calendar-of-years", first=as_it_is(calendar.first.year), last=as_it_is(calendar.last.year))
        )
        message = say("schedule-never")
        notes.error("start.never", notes.at("start.every"), message, say("day-that-comes"), found)
