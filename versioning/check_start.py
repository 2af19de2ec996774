"""Whether what is said of how instances start makes sense, way by way.

Pure. `example` computes the next occurrence of a schedule against the calendars in force.
"""

from collections.abc import Iterator, Mapping

from governance.rules.zones import zone_named
from ledger.errors import BrokenInput
from ledger.wording import NOTHING, as_it_is
from versioning.blueprint import Blueprint
from versioning.business_time import Calendar
from versioning.data_paths import find
from versioning.finding import quoted
from versioning.finding_texts import say
from versioning.notes import Notes
from versioning.schedule import Occurrence, asks_business_days, calendar_of, clockwork, following
from versioning.starts import Schedule, Start, start_path


def start(notes: Notes, blueprint: Blueprint) -> None:
    """Everything wrong with the ways to begin, each by itself; and no two of them are one."""
    seen: set[str] = set()
    for number, said in enumerate(blueprint.starts):
        path = start_path(blueprint.starts, number)
        _start(notes, blueprint, said, path)
        if said.name in seen:
            message = say("start-twice", name=as_it_is(said.name))
            notes.error("start.twice", notes.at(f"{path}.by"), message, say("other-start"))
        seen.add(said.name)


def _start(notes: Notes, blueprint: Blueprint, said: Start, path: str) -> None:
    place = notes.at(path)
    if said.by == "message" and not said.message:
        notes.error("start.message", place, say("start-message-missing"), as_it_is("`message`"))
    elif said.message and said.by != "message":
        message = say("start-message-idle")
        notes.error("start.message", notes.at(f"{path}.message"), message, as_it_is("`by: message`"))
    asks = said.by in ("api", "message")
    if asks and not said.requires:
        notes.error("missing-key", place, say("start-requires-missing"), say("requires-role"))
    elif said.requires and not asks:
        message = say("start-role-idle", by=as_it_is(said.by))
        notes.error("start.requires", notes.at(f"{path}.requires"), message, say("no-requires"), quoted(said.requires))
    if said.by == "schedule":
        _schedule(notes, blueprint, said, path)
    elif said.schedule is not None:
        notes.error("start.schedule", place, say("start-schedule-idle"), as_it_is("`by: schedule`"))


def _schedule(notes: Notes, blueprint: Blueprint, start: Start, path: str) -> None:
    schedule = start.schedule
    said = {
        "every": schedule is not None and schedule.every,
        "at": schedule is not None and schedule.at,
        "catch up": schedule is not None and schedule.catch_up,
    }
    for key, value in said.items():
        if not value:
            message = say("start-schedule-missing", key=quoted(key))
            notes.error("start.schedule", notes.at(path), message, as_it_is(f"`{key}`"))
    if schedule is None:
        return
    if (schedule.every == ("month",)) != bool(schedule.on):
        expected = say("day-of-month-forms") if schedule.every else as_it_is("`every`")
        message = say("day-of-month")
        notes.error("start.schedule", notes.at(f"{path}.on"), message, expected)
    _clock(notes, blueprint, schedule, path)
    _key(notes, blueprint, start, path)


def _clock(notes: Notes, blueprint: Blueprint, schedule: Schedule, path: str) -> None:
    calendar = calendar_of(schedule, blueprint.calendar)
    if schedule.zone is not None:
        if schedule.calendar is not None:
            message = say("zone-beside-calendar")
            notes.error("start.zone", notes.at(f"{path}.zone"), message, say("zone-or-calendar"))
        try:
            zone_named(schedule.zone)
        except BrokenInput:
            place = notes.at(f"{path}.zone")
            notes.error("start.zone", place, say("no-such-zone"), say("such-as-paris"), quoted(schedule.zone))
    if calendar is None and asks_business_days(schedule):
        message = say("schedule-by-no-calendar")
        notes.error("start.calendar", notes.at(f"{path}.every"), message, say("start-calendar"))
    elif calendar is None and schedule.zone is None:
        message = say("time-by-no-clock")
        notes.error("start.zone", notes.at(f"{path}.at"), message, say("zone-or-start-calendar"))


def _key(notes: Notes, blueprint: Blueprint, start: Start, path: str) -> None:
    """A schedule brings the day of its occurrence as the key, and nothing else."""
    key = find(blueprint.data, start.key)
    many = start.schedule is not None and len(start.schedule.at) > 1
    if key is not None and not key.below and key.field.type == "date" and many:
        message = say("date-key-of-many-times")
        notes.error("start.key", notes.at(f"{path}.key"), message, say("string-or-one-time"), as_it_is(key.field.type))
    root = start.key.partition(".")[0]
    for field in blueprint.data:
        if field.required and field.name != root:
            message = say("schedule-brings-key-alone", name=quoted(field.name))
            notes.error("start.data", notes.at(f"data.{field.name}"), message, say("optional-datum"))


def _scheduled(blueprint: Blueprint) -> Iterator[tuple[Schedule, str]]:
    """Every schedule, with the path of its start."""
    for number, start in enumerate(blueprint.starts):
        if start.schedule is not None:
            yield start.schedule, start_path(blueprint.starts, number)


def named(blueprint: Blueprint) -> tuple[tuple[str, str], ...]:
    """The calendars that the starts name themselves, with the paths at which they stand."""
    found = [(schedule.calendar, f"{path}.calendar") for schedule, path in _scheduled(blueprint)]
    return tuple([(calendar, path) for calendar, path in found if calendar is not None])


def example(notes: Notes, blueprint: Blueprint, calendars: Mapping[str, Calendar], now: int) -> None:
    """The next occurrence from now: a schedule that has none starts nothing."""
    if any(found.rule.startswith("start.") for found in notes.found):
        return
    for schedule, path in _scheduled(blueprint):
        name = calendar_of(schedule, blueprint.calendar)
        calendar = calendars.get(name or "")
        if name is not None and calendar is None:
            continue  # said where it is named
        if following(clockwork(schedule, calendar), Occurrence(now, "")) is None:
            found = (
                NOTHING
                if calendar is None
                else say("calendar-of-years", first=as_it_is(calendar.first.year), last=as_it_is(calendar.last.year))
            )
            message = say("schedule-never")
            notes.error("start.never", notes.at(f"{path}.every"), message, say("day-that-comes"), found)


def keys(notes: Notes, blueprint: Blueprint) -> None:
    """The business key of each way to begin is declared, stands in clear, and is there when it begins so."""
    shared = len({start.key for start in blueprint.starts}) == 1
    for number, start in enumerate(blueprint.starts):
        place = notes.at(f"{start_path(blueprint.starts, number)}.key")
        key = find(blueprint.data, start.key)
        if key is None or key.below:
            message = say("key-undeclared")
            notes.error("data.unknown", place, message, say("path-in-data"), quoted(start.key))
            continue
        root = next(field for field in blueprint.data if field.name == key.path.partition(".")[0])
        if shared and not root.required:  # else what begins an instance otherwise need not bring it
            notes.error("start.key", place, say("key-may-be-missing"), as_it_is("`required: true`"))
        wanted = ("string", "date") if start.by == "schedule" else ("string", "integer")
        if key.field.type not in wanted:
            types = say("one-or-other", one=as_it_is(wanted[0]), other=as_it_is(wanted[1]))
            notes.error("start.key", place, say("key-of-wrong-type"), types, as_it_is(key.field.type))
        if key.field.data_class not in ("public", "internal"):
            message = say("key-in-clear")
            notes.error("start.key", place, message, say("class-public-or-internal"), as_it_is(key.field.data_class))
