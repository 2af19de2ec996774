"""What is planned of starts by the clock, and what would have to be: released schedules against rows. No effects."""

from collections.abc import Iterable
from itertools import takewhile
from typing import Any, NamedTuple, Protocol

from ledger.errors import BrokenState
from ledger.work import UnitOfWork
from orchestrator.calendars import Artefact
from orchestrator.commands import PlanStarts
from orchestrator.deadlines import CALENDAR_ENDS, NO_SUCH_CALENDAR
from orchestrator.ports import Deps
from orchestrator.store import Query
from orchestrator.tables import ScheduleRow
from versioning.blueprint import Blueprint, BlueprintVersion
from versioning.schedule import Clockwork, Occurrence, calendar_of, clockwork, following, occurrences
from versioning.starts import Schedule, start_by, starts_in

ENDED = "ended"  # the state of a row that nothing is planned by any more


def subject_of(blueprint: str) -> str:
    """The subject of the entries about the schedule of a blueprint."""
    return f"schedule:{blueprint}"


def schedule_of(blueprint: Blueprint) -> Schedule | None:
    """By which schedule instances of a blueprint begin; None where none do."""
    start = start_by(blueprint.starts, "schedule")
    return None if start is None else start.schedule


class Plan(NamedTuple):
    """A schedule made ready, by the calendar with this digest; `of` is None where that calendar is missing."""

    version: BlueprintVersion
    schedule: Schedule
    of: Clockwork | None
    calendar: str


def plan_in_force(deps: Deps, uow: UnitOfWork, blueprint: str) -> Plan | None:
    """The plan of the version in force; None where it does not start by schedule, or none is in force."""
    version = deps.versions.current(uow, blueprint)
    schedule = None if version is None else schedule_of(version.blueprint)
    if version is None or schedule is None:
        return None
    name = calendar_of(schedule, version.blueprint.calendar)
    if name is None:
        return Plan(version, schedule, clockwork(schedule, None), "")
    dated = deps.calendars.in_force(uow, name)
    if dated is None:
        return Plan(version, schedule, None, "")
    return Plan(version, schedule, clockwork(schedule, dated.calendar), dated.digest)


def plan_of_row(deps: Deps, uow: UnitOfWork, row: ScheduleRow) -> Plan:
    """The plan an occurrence was planned by, whatever is in force now."""
    version = deps.versions.version(uow, row.blueprint, row.number)
    schedule = None if version is None else schedule_of(version.blueprint)
    dated = deps.calendars.released(uow, row.calendar) if row.calendar else None
    if version is None or schedule is None or (row.calendar and dated is None):
        raise BrokenState(f"expected what the starts of {row.blueprint} are planned by, found it gone")
    return Plan(version, schedule, clockwork(schedule, None if dated is None else dated.calendar), row.calendar)


def is_planned(row: ScheduleRow | None, plan: Plan) -> bool:
    """Whether a row is planned by this plan."""
    if row is None or row.state == ENDED:
        return False
    return (row.number, row.calendar) == (plan.version.number, plan.calendar)


def counted_from(row: ScheduleRow | None, plan: Plan, now: int) -> Occurrence:
    """After what the occurrences of a new plan count: what is decided is not decided again, a new version counts from
    its release, and another calendar from now unless there was no next one by the old."""
    known = Occurrence(0, "") if row is None else Occurrence(row.after_at, row.after_local)
    if row is None or row.number != plan.version.number or row.state == ENDED:
        return max(known, Occurrence(plan.version.released_at + 1, ""))
    return known if row.due_at is None else max(known, Occurrence(now + 1, ""))


class Next(NamedTuple):
    """The next occurrence; else why there is none."""

    occurrence: Occurrence | None
    reason: str = ""

    def value(self) -> dict[str, Any]:
        """As it stands in an entry."""
        if self.occurrence is None:
            return {"reason": self.reason}
        return {"next": self.occurrence._asdict()}


def next_of(plan: Plan, after: Occurrence) -> Next:
    """The next occurrence of a plan."""
    if plan.of is None:
        return Next(None, NO_SUCH_CALENDAR)
    found = following(plan.of, after)
    return Next(found, "" if found is not None else CALENDAR_ENDS)


def due_of(plan: Plan, first: Occurrence, until: int) -> tuple[Occurrence, ...]:
    """An occurrence and those after it up to an instant."""
    assert plan.of is not None  # a row that is set has been planned by something
    return (first, *takewhile(lambda one: one.at <= until, occurrences(plan.of, first)))


# What the runner asks


class Planned(NamedTuple):
    """By what the starts of a blueprint are planned: the number of its version, and the calendar (digest)."""

    blueprint: str
    number: int
    calendar: str


def planned(query: Query) -> list[Planned]:
    """The schedules that have not ended."""
    rows = query("SELECT blueprint, number, calendar FROM schedule WHERE log_id = {log} AND state <> 'ended'", ())
    return [Planned(*row) for row in rows]


class Artefacts(Protocol):
    """Released versions of governed artefacts (`versioning.service.Versions`)."""

    def current(self, uow: Any, kind: str, name: str) -> Artefact | None: ...
    def names(self, uow: Any, kind: str) -> tuple[str, ...]: ...


def in_force(rows: Any, artefacts: Artefacts) -> tuple[Planned, ...]:
    """By what the starts of each blueprint in force would be planned."""
    found = []
    for name in artefacts.names(rows, "blueprint"):
        version = artefacts.current(rows, "blueprint", name)
        starts = [] if version is None else starts_in(version.value)
        said = next((start["schedule"] for start in starts if start["by"] == "schedule"), None)
        if version is None or said is None:
            continue
        calendar = said.get("calendar") or (None if "zone" in said else version.value.get("calendar"))
        dated = artefacts.current(rows, "calendar", calendar) if calendar else None
        found.append(Planned(name, version.number, "" if dated is None else dated.digest))
    return tuple(found)


def to_plan(known: Iterable[Planned], wanted: Iterable[Planned]) -> list[PlanStarts]:
    """The blueprints whose plan is not what would be planned, in order of their names."""
    names = {one.blueprint for one in set(known) ^ set(wanted)}
    return [PlanStarts(name) for name in sorted(names)]
