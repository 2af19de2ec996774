"""Starts by the clock: each occurrence once, by the rule for missed ones, under releases, calendars and restarts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import store, tables
from orchestrator.deadlines import Dated
from orchestrator.runner import Runner
from orchestrator.schedule_told import schedule_told
from orchestrator.schedules import Planned, planned, to_plan
from tests.orchestrator.house import ANN, BOB, House
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office as OneOffice
from tests.orchestrator.toy import DAY, HOUR, SECOND, end, task
from tests.versioning.test_business_time import calendar
from versioning import blueprint as b
from versioning.schedule import ALL_MAX, IN_TIME
from versioning.starts import Schedule, Start

MINUTE = 60 * SECOND
FIELDS = (b.DataField("day", "string", "internal", required=True), b.DataField("ok", "boolean", "internal"))
NINE = Schedule(("business day",), ("09:00",), "latest")


def utc(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


class Shelf:
    """Calendars by name; releasing one again keeps the older ones."""

    def __init__(self) -> None:
        self.named: dict[str, Dated] = {}
        self.known: dict[str, Dated] = {}
        self.release()

    def release(self, name: str = "london", **changes: Any) -> None:
        dated = Dated(f"calendar-{len(self.known) + 1}", calendar(name=name, **changes))
        self.named[name] = self.known[dated.digest] = dated

    def in_force(self, _uow: Any, name: str) -> Dated | None:
        return self.named.get(name)

    def released(self, _uow: Any, digest: str) -> Dated | None:
        return self.known.get(digest)


class NumberedHouse(House):
    """Keeps every version by its number."""

    def release(self, version: b.BlueprintVersion) -> None:
        super().release(version)
        self.numbered = {**getattr(self, "numbered", {}), (version.blueprint.id, version.number): version}

    def version(self, uow: Any, name: str, number: int) -> b.BlueprintVersion | None:
        return self.numbered.get((name, number))


def daily(schedule: Schedule | None = NINE, number: int = 1, released_at: int = 0, **head: Any) -> b.BlueprintVersion:
    by: Literal["api", "schedule"] = "api" if schedule is None else "schedule"
    start = Start(by, "role starters" if schedule is None else "", "day", schedule=schedule)
    head.setdefault("calendar", "london")
    head.setdefault("data", FIELDS)
    value = b.Blueprint(
        "daily", "Daily", "Try", "role owners", "GBP", start=start, first="f",
        steps=(task("f", "done", expects=("ok",)), end()), **head,
    )  # fmt: skip
    return b.BlueprintVersion(value, number, f"d-{number}", ("person:a",), ("person:b",), "", released_at)


class Office(OneOffice):
    """An office whose blueprint starts by the clock, from Friday 4 December 2026, 08:00 in London."""

    def __init__(self, schedule: Schedule = NINE, **head: Any) -> None:
        self.shelf = Shelf()
        self.house = NumberedHouse(calendars=self.shelf)
        self.log = self.house.log()
        self.log.now = utc("2026-12-04T08:00")
        self.release(schedule, **head)
        self.plan()

    def release(self, schedule: Schedule | None = NINE, **head: Any) -> None:
        number = 1 + len(getattr(self.house, "numbered", {}))
        self.house.release(daily(schedule, number, self.log.now, **head))

    def plan(self) -> Done | Refusal:
        return self.send(c.PlanStarts("daily"), SYSTEM)

    def at(self, text: str) -> "Office":
        self.log.now = utc(text)
        return self

    def due(self) -> list[store.DueStart]:
        return store.due_starts(self.log.query, self.log.now, 10)

    def tick(self) -> list[dict[str, Any]]:
        """What the runner does until nothing is due; the results of what had an effect."""
        done = []
        while due := self.due():
            said = self.send(c.StartByClock(due[0].blueprint, Instant(due[0].due), due[0].local), SYSTEM)
            if isinstance(said, Refusal):
                break
            done.append(dict(said.result))
        return done

    def schedule(self) -> tables.ScheduleRow:
        row = self.row(tables.SCHEDULE, "daily")
        assert isinstance(row, tables.ScheduleRow)
        return row

    def keys(self) -> list[str]:
        """The business keys of the instances, in order of their start."""
        return [row.business_key.strip('"') for row in self.log.view.rows.get("instance", {}).values()]


def test_an_occurrence_starts_an_instance_once_with_its_day_as_the_key() -> None:
    office = Office()
    assert (office.schedule().due_at, office.schedule().due_local) == (utc("2026-12-04T09:00"), "2026-12-04T09:00")
    assert office.due() == []
    assert office.at("2026-12-04T09:00").tick()[0]["occurrence"]["local"] == "2026-12-04T09:00"
    assert office.keys() == ["2026-12-04"]
    assert office.schedule().due_local == "2026-12-07T09:00"  # Monday
    started, occurred = office.log.entries[-2:]
    assert (started.kind, occurred.kind, occurred.subject) == (
        "instance.started",
        "schedule.occurred",
        "schedule:daily",
    )
    assert started.payload["occurrence"] == {"at": utc("2026-12-04T09:00"), "local": "2026-12-04T09:00", "schedule": 1}
    assert occurred.payload["instance"] == started.subject
    assert office.tick() == []
    office.check()


def test_two_runners_at_once_start_it_once() -> None:
    office = Office().at("2026-12-04T09:00")
    (due,) = office.due()
    command = c.StartByClock(due.blueprint, Instant(due.due), due.local)
    office.done(command, SYSTEM)
    assert office.refused(command, SYSTEM) is Reason.WRONG_STATE
    assert office.keys() == ["2026-12-04"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (c.StartByClock("daily", Instant(utc("2026-12-04T09:00")), "2026-12-04T09:00"), Reason.WRONG_STATE),  # not yet
        (c.StartByClock("daily", Instant(utc("2026-12-04T08:00")), "2026-12-04T09:00"), Reason.WRONG_STATE),
        (c.StartByClock("other", Instant(utc("2026-12-04T09:00")), "2026-12-04T09:00"), Reason.WRONG_STATE),
        (c.PlanStarts("daily"), Reason.WRONG_STATE),
        (c.PlanStarts("other"), Reason.NOT_FOUND),
    ],
)
def test_what_is_not_due_or_planned_already_is_refused(command: Any, reason: Reason) -> None:
    assert Office().refused(command, SYSTEM) is reason


def test_nobody_but_the_runner_starts_by_the_clock() -> None:
    office = Office().at("2026-12-04T09:00")
    (due,) = office.due()
    assert office.refused(c.StartByClock(due.blueprint, Instant(due.due), due.local), ANN) is Reason.DENIED
    assert office.refused(c.PlanStarts("daily"), ANN) is Reason.DENIED
    assert office.refused(c.StartInstance("daily", "2026-12-04", {}), ANN) is Reason.WRONG_STATE


def test_holidays_are_passed_over_without_a_word() -> None:
    office = Office().at("2026-12-24T09:00")
    office.tick()
    assert office.schedule().due_local == "2026-12-29T09:00"  # Christmas, a week-end, and a substitute day


# Missed occurrences


@pytest.mark.parametrize(
    ("rule", "keys", "missed"),
    [
        ("none", [], [3]),
        ("latest", ["2026-12-08"], [2]),
        ("all", ["2026-12-04", "2026-12-07", "2026-12-08"], []),
    ],
)
def test_what_is_caught_up_after_three_days_down(rule: Any, keys: list[str], missed: list[int]) -> None:
    office = Office(replace(NINE, catch_up=rule)).at("2026-12-08T15:00")
    results = office.tick()
    assert office.keys() == keys
    assert [one["missed"]["count"] for one in results if "missed" in one] == missed
    assert office.schedule().due_local == "2026-12-09T09:00"
    office.check()


def test_a_start_within_ten_minutes_is_in_time() -> None:
    office = Office(replace(NINE, catch_up="none"))
    office.log.now = utc("2026-12-04T09:00") + IN_TIME
    assert "instance" in office.tick()[0]
    late = Office(replace(NINE, catch_up="none"))
    late.log.now = utc("2026-12-04T09:00") + IN_TIME + 1
    assert late.tick()[0]["missed"] == {"count": 1, "first": "2026-12-04T09:00", "last": "2026-12-04T09:00"}
    assert late.keys() == []


def test_catching_up_all_is_bounded_and_says_what_it_left_out() -> None:
    office = Office(Schedule(("day",), ("09:00", "17:00"), "all", zone="Europe/London"))
    office.log.now += 60 * DAY
    results = office.tick()
    assert len(office.keys()) == ALL_MAX
    assert [one["missed"]["count"] for one in results if "missed" in one] == [120 - ALL_MAX]
    assert office.keys()[-1] == "2027-02-01T17:00"


# Releases, calendars, ends


def test_a_new_version_counts_from_its_release_and_runs_from_then_on() -> None:
    office = Office()
    office.at("2026-12-04T08:30").release(replace(NINE, at=("10:00",)))
    assert office.at("2026-12-04T09:00").due()
    assert office.tick() == []  # the old schedule starts nothing any more
    office.plan()
    assert office.schedule().due_local == "2026-12-04T10:00"
    office.at("2026-12-04T10:01").tick()
    assert office.only(tables.INSTANCE).number == 2
    office.check()


def test_what_was_due_before_a_release_is_decided_by_the_old_schedule_first() -> None:
    office = Office()
    office.at("2026-12-04T09:05").release(replace(NINE, at=("10:00",)))
    office.at("2026-12-04T10:30")
    assert office.refused(c.PlanStarts("daily"), SYSTEM) is Reason.WRONG_STATE
    office.tick()
    office.plan()
    office.tick()
    assert office.keys() == ["2026-12-04"]  # the same day at ten is the same key
    (refused,) = [one.payload for one in office.log.entries if "refused" in one.payload]
    assert refused["refused"]["reason"] == "BUSINESS_KEY_TAKEN"
    assert {row.number for row in office.log.view.rows["instance"].values()} == {2}  # the version in force
    office.check()


def test_the_same_schedule_released_again_starts_nothing_twice() -> None:
    office = Office().at("2026-12-04T09:00")
    office.release()
    office.tick()
    office.plan()
    office.at("2026-12-04T18:00").tick()
    assert office.keys() == ["2026-12-04"]
    assert (office.schedule().number, office.schedule().due_local) == (2, "2026-12-07T09:00")


@pytest.mark.parametrize("how", ["withdrawn", "started otherwise"])
def test_a_blueprint_that_is_withdrawn_starts_nothing(how: str) -> None:
    office = Office().at("2026-12-04T09:30")
    if how == "withdrawn":
        del office.house.released["daily"]
    else:
        office.release(None)
    assert office.tick() == []
    assert isinstance(office.plan(), Done)
    assert (office.schedule().state, office.due(), office.keys()) == ("ended", [], [])
    office.check()
    office.at("2026-12-05T00:00").release()
    office.plan()
    assert office.schedule().due_local == "2026-12-07T09:00"  # from the release on


def test_another_calendar_counts_from_now() -> None:
    office = Office().at("2026-12-04T09:00")
    office.tick()
    office.shelf.release(closed={"2026-12-07": "The office moves"})
    office.plan()
    assert (office.schedule().due_local, office.schedule().calendar) == ("2026-12-08T09:00", "calendar-2")
    office.shelf.release()
    office.at("2026-12-07T12:00").plan()
    assert office.schedule().due_local == "2026-12-08T09:00"  # Monday at nine is over, and was no business day then
    office.check()


def test_a_calendar_that_ends_holds_the_schedule_and_a_longer_one_catches_up() -> None:
    office = Office().at("2027-12-31T09:00")
    office.tick()
    row = office.schedule()
    assert (row.state, row.reason, row.due_at) == ("held", "CALENDAR_ENDS", None)
    assert office.at("2028-01-05T12:00").due() == []
    holidays = {"source": "own", "country": "GB", "subdivision": "ENG", "years": [2025, 2028], "days": {}}
    office.shelf.release(holidays=holidays)
    office.plan()
    assert office.schedule().due_local == "2028-01-03T09:00"
    assert office.tick()[0]["missed"]["count"] == 2
    office.check()


def told(office: Office) -> tuple[str, str]:
    """What readers of the blueprint are told of its schedule: state and reason."""
    view = MemoryUow(office.log, BOB)
    version = office.house.current(view, "daily")
    said = schedule_told(view, office.shelf, version) if version is not None else None
    assert said is not None
    return said["state"], said["reason"]


def test_a_missing_calendar_holds_it_until_there_is_one() -> None:
    office = Office(replace(NINE, calendar="rome"))
    assert (office.schedule().state, office.schedule().reason) == ("held", "NO_SUCH_CALENDAR")
    assert told(office) == ("held", "NO_SUCH_CALENDAR")
    office.shelf.release("rome")
    assert told(office) == ("new", "")
    office.plan()
    assert told(office) == ("set", "")
    assert office.schedule().due_local == "2026-12-04T09:00"


def test_an_occurrence_whose_instance_cannot_start_is_recorded_and_the_next_one_comes() -> None:
    needs = (*FIELDS, b.DataField("more", "string", "internal", required=True))
    office = Office(data=needs).at("2026-12-04T09:00")
    (result,) = office.tick()
    assert result["refused"]["reason"] == "INVALID_DATA"
    assert office.keys() == []
    assert office.schedule().due_local == "2026-12-07T09:00"
    office.check()


def test_a_clock_set_back_starts_nothing_again() -> None:
    office = Office().at("2026-12-04T09:00")
    office.tick()
    office.log.now -= HOUR
    assert office.due() == []
    office.log.now += HOUR
    assert office.tick() == []
    assert office.keys() == ["2026-12-04"]


def test_the_runner_plans_and_starts() -> None:
    office = Office()
    office.release(replace(NINE, at=("08:30",)))

    class Clock:
        def wall(self) -> int:
            return office.log.now

    def plans() -> list[c.PlanStarts]:
        version = office.house.released["daily"]
        return to_plan(planned(office.log.query), [Planned("daily", version.number, "calendar-1")])

    runner = Runner("one", office.log.submit, office.log.query, None, Clock(), plans=plans)  # type: ignore[arg-type]
    assert runner.round() == 0
    assert office.schedule().due_local == "2026-12-04T08:30"
    assert plans() == []
    office.at("2026-12-04T08:30")
    assert runner.round() == 1
    assert office.keys() == ["2026-12-04"]
    plan = office.log.plan(
        "SELECT blueprint FROM schedule WHERE log_id = {log} AND state = 'set' AND due_at <= ? ORDER BY due_at", (1,)
    )
    assert "schedule_due" in plan


@settings(deadline=None)
@given(
    some.lists(some.sampled_from(("hour", "day", "tick", "release", "plan", "calendar")), max_size=25), some.randoms()
)
def test_no_occurrence_starts_twice_and_none_is_lost_whatever_happens_when(acts: list[str], random: Any) -> None:
    """With a rule that catches up all, what was started is every business day since the first plan, in order."""
    office = Office(replace(NINE, catch_up="all"))
    for act in acts:
        if act == "hour":
            office.log.now += random.randrange(3 * HOUR)
        elif act == "day":
            office.log.now += DAY
        elif act == "tick":
            office.tick()
        elif act == "release":
            office.release(replace(NINE, catch_up="all"))
        elif act == "plan":
            office.plan()
        else:
            office.shelf.release()
    for _ in range(2):
        office.tick()
        office.plan()
    days = [f"2026-12-{day:02}" for day in range(4, 32) if calendar().hours(datetime(2026, 12, day).date())]  # noqa: DTZ001
    until = [day for day in days if utc(f"{day}T09:00") <= office.log.now]
    assert office.keys() == until
    office.check()
