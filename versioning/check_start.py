"""Whether what is said of how instances start makes sense.

Pure. `example` computes the next occurrence of a schedule against the calendars in force.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from governance.rules.zones import zone_named
from ledger.errors import BrokenInput
from versioning.blueprint import Blueprint
from versioning.business_time import Calendar
from versioning.data_paths import find
from versioning.finding import quoted
from versioning.schedule import Occurrence, asks_business_days, calendar_of, clockwork, following
from versioning.starts import Schedule

if TYPE_CHECKING:
    from versioning.check_structure import Notes


def start(notes: "Notes", blueprint: Blueprint) -> None:
    """Everything wrong with the start by itself."""
    said = blueprint.start
    place = notes.at("start")
    if said.by == "message" and not said.message:
        notes.error("start.message", place, "a start by a message without its name", "`message`")
    elif said.message and said.by != "message":
        message = "a message, though instances do not start by one"
        notes.error("start.message", notes.at("start.message"), message, "`by: message`")
    asks = said.by in ("api", "message")
    if asks and not said.requires:
        notes.error("missing-key", place, "how instances begin without `requires`", "`requires`: a role as `role NAME`")
    elif said.requires and not asks:
        message = f"a role that may start an instance, though nobody is asked where they start by {said.by}"
        notes.error("start.requires", notes.at("start.requires"), message, "no `requires`", quoted(said.requires))
    if said.by == "schedule":
        _schedule(notes, blueprint, said.schedule)
    elif said.schedule is not None:
        notes.error("start.schedule", place, "a schedule, though instances do not start by one", "`by: schedule`")


def _schedule(notes: "Notes", blueprint: Blueprint, schedule: Schedule | None) -> None:
    said = {
        "every": schedule is not None and schedule.every,
        "at": schedule is not None and schedule.at,
        "catch up": schedule is not None and schedule.catch_up,
    }
    for key, value in said.items():
        if not value:
            message = f"a start by schedule without {quoted(key)}"
            notes.error("start.schedule", notes.at("start"), message, f"`{key}`")
    if schedule is None:
        return
    if (schedule.every == ("month",)) != bool(schedule.on):
        expected = "`on: day 15`, `last day`, `business day 3` or `last business day`" if schedule.every else "`every`"
        message = "the day of the month and `every: month` belong together"
        notes.error("start.schedule", notes.at("start.on"), message, expected)
    _clock(notes, blueprint, schedule)
    _key(notes, blueprint, schedule)


def _clock(notes: "Notes", blueprint: Blueprint, schedule: Schedule) -> None:
    calendar = calendar_of(schedule, blueprint.calendar)
    if schedule.zone is not None:
        if schedule.calendar is not None:
            message = "a zone beside a calendar, which has one"
            notes.error("start.zone", notes.at("start.zone"), message, "one of `zone` and `calendar`")
        try:
            zone_named(schedule.zone)
        except BrokenInput:
            place = notes.at("start.zone")
            notes.error(
                "start.zone",
                place,
                "a time zone that does not exist",
                "one such as Europe/Paris",
                quoted(schedule.zone),
            )
    if calendar is None and asks_business_days(schedule):
        message = "business days by no calendar"
        notes.error("start.calendar", notes.at("start.every"), message, "`calendar` of the start or of the blueprint")
    elif calendar is None and schedule.zone is None:
        message = "a time of day by no clock"
        notes.error("start.zone", notes.at("start.at"), message, "`zone`, or `calendar` of the start or the blueprint")


def _key(notes: "Notes", blueprint: Blueprint, schedule: Schedule) -> None:
    """A schedule brings the day of its occurrence as the key, and nothing else."""
    key = find(blueprint.data, blueprint.start.key)
    if key is not None and not key.below and (key.field.type == "date" and len(schedule.at) > 1):
        message = "a date tells the occurrences of one day not apart"
        notes.error("start.key", notes.at("start.key"), message, "string, or one time of day", key.field.type)
    root = blueprint.start.key.partition(".")[0]
    for field in blueprint.data:
        if field.required and field.name != root:
            message = f"{quoted(field.name)} is required, and a schedule brings the key alone"
            notes.error("start.data", notes.at(f"data.{field.name}"), message, "a datum that is not required")


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
        found = "" if calendar is None else f"a calendar of {calendar.first.year} to {calendar.last.year}"
        message = "the schedule never occurs from now on"
        notes.error("start.never", notes.at("start.every"), message, "a day that comes", found)
