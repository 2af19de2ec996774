"""Starts by the clock at the door: released, told with what comes next, started by the runner, and withdrawn."""

from datetime import UTC, datetime, timedelta
from typing import Any

from api.running import Planning
from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator import store
from orchestrator.commands import PlanStarts, StartByClock
from tests.api.described import differences
from tests.api.organisation import House
from tests.api.releasing import CALENDAR, release, retire

REPORT = """\
blueprint: daily-report
title: Daily report
purpose: Report what was spent.
owner: finance-operations
data:
  day: {type: string, class: internal, required: true}
start: {by: schedule, every: day, at: TIMES, zone: Etc/UTC, catch up: latest, key: day}
first: report
steps:
  report: {job: report, with: {day: = day}, next: done}
  done: {end: reported}
"""
READER = "process-owner"


def read(house: House, name: str = "daily-report") -> dict[str, Any]:
    path = f"/v1/blueprints/{name}"
    answer = house.get(path, READER)
    assert answer.status_code == 200, answer.text
    assert differences("GET", path, answer.json()) == []
    found: dict[str, Any] = answer.json()
    return found


def listed(house: House) -> list[dict[str, Any]]:
    answer = house.get("/v1/schedules", READER)
    assert answer.status_code == 200, answer.text
    assert differences("GET", "/v1/schedules", answer.json()) == []
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def shown(instant: int) -> datetime:
    return datetime.fromtimestamp(instant / 1_000_000, UTC)


def test_the_clock_starts_an_instance_and_the_page_tells_the_next(house: House) -> None:
    now = shown(house.clock.wall())  # with each of the next minutes an occurrence, one is less than a minute away
    minutes = [(now + timedelta(minutes=number)).strftime('"%H:%M"') for number in range(1, 11)]
    release(house, "blueprint", REPORT.replace("TIMES", f"[{', '.join(minutes)}]"))
    planning = Planning(house.service.reader, house.service.rooms.versions)
    assert planning.due() == [PlanStarts("daily-report")]
    assert read(house)["schedule"]["state"] == "new"
    assert house.run(PlanStarts("daily-report"), SYSTEM).outcome.outcome == "planned"
    assert planning.due() == []

    told = read(house)["schedule"]
    assert (told["state"], told["zone"], told["calendar"]) == ("set", "Etc/UTC", "")
    (one,) = listed(house)
    assert {name: one[name] for name in told} == told
    assert (one["blueprint"], one["every"], one["catch_up"], one["decided_to"]) == (
        "daily-report",
        ["day"],
        "latest",
        None,
    )
    first, second = told["next_occurrences"][:2]
    local = first["local"]
    assert second["at"] - first["at"] == 60_000_000
    assert shown(first["at"]).strftime("%Y-%m-%dT%H:%M") == local
    assert first["words"].endswith(f", {local[11:]} (Etc/UTC)")

    house.clock.ahead += max(0, first["at"] - house.clock.wall())  # less than a minute, which is no jump of the clock
    with house.service.reader.view() as view:
        (due,) = store.due_starts(view.query, house.clock.wall(), 9)
    answer = house.run(StartByClock(due.blueprint, Instant(due.due), due.local), SYSTEM)
    assert answer.outcome.outcome == "started", answer
    instance = answer.outcome.result["instance"]
    assert read(house)["schedule"]["next_occurrences"][0] == second
    assert [one["decided_to"] for one in listed(house)] == [first["at"]]
    history = house.get(f"/v1/process-instances/{instance}/history", READER).json()["items"]
    assert any(f"due by schedule at {local}" in line for line in history[-1]["words"]), history[-1]

    changed = (
        REPORT.replace("TIMES", '"09:00"').replace("every: day", "every: business day").replace("zone: Etc/UTC, ", "")
    )
    release(house, "calendar", CALENDAR)
    release(house, "blueprint", changed.replace("catch up", "calendar: always, catch up"), 1)
    assert planning.due() == [PlanStarts("daily-report")]
    house.run(PlanStarts("daily-report"), SYSTEM)
    assert read(house)["schedule"]["calendar"] == "always"

    retire(house, "blueprint", "daily-report", 2)
    assert planning.due() == [PlanStarts("daily-report")]
    assert house.run(PlanStarts("daily-report"), SYSTEM).outcome.outcome == "ended"
    assert planning.due() == []


def test_others_have_no_schedule(house: House) -> None:
    path = "/v1/blueprints?limit=200"
    names = [one["name"] for one in house.get(path, READER).json()["items"] if not one["retired"]]
    assert [read(house, name)["schedule"] for name in names if name != "daily-report"] == [None] * (
        len(names) - ("daily-report" in names)
    )
