"""The weekly review of the risk data: started by the clock, Monday at nine in London, and the latest caught up."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from examples.demo.deciding import task_of
from examples.demo.door import Refused, until
from tests.processes.conftest import World
from tests.processes.passing import DAY, HOUR, pass_time

REVIEW = "risk-data-review"
LONDON = ZoneInfo("Europe/London")


def _schedule(world: World) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        items = world.house.get("/v1/schedules", "auditor").json()["items"]
        return next((dict(one) for one in items if one["blueprint"] == REVIEW and one["state"] == "set"), None)

    found: dict[str, Any] = until("the plan of the reviews", look)
    return found


def _keys(world: World) -> list[str]:
    listed = world.house.get(f"/v1/process-instances?blueprint={REVIEW}&limit=50", "auditor").json()["items"]
    return sorted(one["business_key"] for one in listed)


def _started(world: World, count: int) -> list[str]:
    def look() -> list[str] | None:
        keys = _keys(world)
        return keys if len(keys) >= count else None

    found: list[str] = until(f"review {count}", look)
    return found


def _local(told: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(told["at"] / 1_000_000, UTC).astimezone(LONDON)


def _to_next(world: World) -> str:
    """Let the time pass to the next occurrence; its day."""
    told = _schedule(world)["next_occurrences"][0]
    pass_time(world.house, told["at"] - world.house.clock.wall() + HOUR // 60)
    return str(told["local"][:10])


def test_the_next_occurrences_are_mondays_at_nine_in_london(days: World) -> None:
    told = _schedule(days)
    assert (told["every"], told["times"], told["catch_up"]) == (["monday"], ["09:00"], "latest")
    found = [_local(one) for one in told["next_occurrences"]]
    assert len(found) == 5
    assert {(one.strftime("%A"), one.hour, one.minute) for one in found} == {("Monday", 9, 0)}
    assert [later.date() - sooner.date() for sooner, later in pairwise(found)] == [timedelta(days=7)] * 4


def test_each_week_one_begins_and_what_was_found_is_mended_by_another(days: World) -> None:
    day = _to_next(days)
    assert _started(days, 1) == [day]
    [instance] = [
        one["id"] for one in days.house.get(f"/v1/process-instances?blueprint={REVIEW}", "auditor").json()["items"]
    ]
    owner, head = days.staff.person("data-owner"), days.staff.person("head-of-risk-data")
    found = {"data": {"review": {"is_in_order": False, "note": "one desk came late"}}}
    _fill_in(owner, instance, "look-back", found)
    mended = {"data": {"review": {"mending": "it closes earlier"}}}
    with pytest.raises(Refused) as refused:
        _fill_in(owner, instance, "mend", mended)
    assert refused.value.reason == "SOD"
    _fill_in(head, instance, "mend", mended)
    ended = days.house.get(f"/v1/process-instances/{instance}", "auditor").json()
    assert (ended["status"], ended["outcome"]) == ("ended", "mended")


def test_of_weeks_that_were_missed_the_latest_is_caught_up(days: World) -> None:
    first = _schedule(days)["next_occurrences"][0]
    pass_time(days.house, first["at"] - days.house.clock.wall() + 15 * DAY)
    third = (_local(first) + timedelta(days=14)).date().isoformat()
    assert _started(days, 1) == [third]
    assert _local(_schedule(days)["next_occurrences"][0]).date().isoformat() > third


def _fill_in(door: Any, instance: str, step: str, data: dict[str, Any]) -> None:
    task = task_of(door, instance, step)["id"]
    door.post(f"/v1/tasks/{task}/claim")
    shown = door.get(f"/v1/tasks/{task}")["shown_digest"]
    door.post(f"/v1/tasks/{task}/completion", {**data, "shown_digest": shown})
