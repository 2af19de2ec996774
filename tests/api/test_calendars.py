"""Business calendars at the door: released, read, checked against, and told of in tasks and instances."""

from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator.commands import FireTimer
from tests.api.described import differences
from tests.api.organisation import House
from tests.api.releasing import CALENDAR, SPENDING, release, spend
from tests.api.work import intake

SLOW = (
    SPENDING.replace("blueprint: spending", "blueprint: slow-spending")
    .replace("currency: GBP\n", "currency: GBP\ncalendar: always\ndeadline: {within: 3 business days}\n")
    .replace(
        "    reason: {required: true, codes: spending}\n",
        "    deadline: {goal: {within: 5 seconds, urgency: 40}, within: 2 business days}\n",
    )
)
DECIDER = "budget-owner-1"


@pytest.fixture(scope="module")
def slow(house: House) -> House:
    release(house, "calendar", CALENDAR)
    release(house, "blueprint", SLOW)
    return house


def held(house: House, path: str, who: str) -> Any:
    """An answer that is the described one."""
    answer = house.get(path, who)
    assert answer.status_code == 200, answer.text
    assert differences("GET", path, answer.json()) == []
    return answer.json()


def test_calendars_are_listed_and_read(slow: House) -> None:
    (listed,) = held(slow, "/v1/calendars", DECIDER)["items"]
    assert (listed["name"], listed["version"], listed["title"]) == ("always", 1, "Round the clock")
    read = held(slow, "/v1/calendars/always", DECIDER)
    assert read["value"]["holidays"]["years"] == [2020, 2045]
    assert read["source"] == CALENDAR
    assert [one["ref"] for one in read["people"]] == ["change-reviewer", "process-owner"]
    slow.refused(slow.get("/v1/calendars/never", DECIDER), 404, "NOT_FOUND")
    assert slow.get("/v1/calendars").status_code == 401


def test_a_task_and_its_instance_tell_why_they_are_due_when_they_are(slow: House) -> None:
    task = spend(slow, intake(slow), blueprint="slow-spending")
    read = held(slow, f"/v1/tasks/{task}", DECIDER)
    told = read["due_explained"]
    assert told["due_at"] == read["due_at"]
    assert (told["duration"], told["calendar"], told["zone"]) == ("business P2D", "always", "Europe/London")
    assert told["words"].startswith("2 business days of 8 hours from ")
    instance = held(slow, f"/v1/process-instances/{task.partition('.')[0]}", DECIDER)
    assert instance["due_explained"]["due_at"] == instance["late_at"]
    assert instance["due_explained"]["words"].startswith("3 business days of 8 hours from ")
    assert (instance["stopped_since"], instance["urgency"]) == (None, 0)


def test_what_was_missed_makes_a_task_more_urgent_and_sorts_it(slow: House) -> None:
    first, second = [spend(slow, intake(slow), blueprint="slow-spending") for _ in range(2)]
    instance, number = second.split(".")
    slow.clock.ahead += 6_000_000
    with slow.service.reader.view() as view:
        asked = "SELECT due_at FROM timer WHERE log_id = {log} AND instance = ? AND number = ? AND state = 'set'"
        ((due,),) = view.query(asked, (instance, int(number)))
    fired = slow.run(FireTimer(f"{second}/deadline", Instant(due)), SYSTEM)
    assert fired.outcome.outcome == "fired", fired
    assert held(slow, f"/v1/tasks/{second}", DECIDER)["urgency"] == 40
    path = "/v1/tasks?sort=urgency&blueprint=slow-spending"
    found = held(slow, f"{path}&limit=200", DECIDER)["items"]
    assert [one["urgency"] for one in found] == sorted((one["urgency"] for one in found), reverse=True)
    assert (found[0]["id"], found[0]["urgency"]) == (second, 40)
    assert first in [one["id"] for one in found]
    seen, cursor = [], ""
    while True:
        page = held(slow, f"{path}&limit=1{cursor}", DECIDER)
        seen += [one["id"] for one in page["items"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert seen == [one["id"] for one in found]
    history = slow.get(f"/v1/process-instances/{instance}/history", DECIDER).json()["items"][0]
    (escalated,) = [one for one in history["followed"] if one["type"] == "deadline.escalated"]
    assert escalated["detail"]["act"] == "goal missed"


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("calendar: always", "calendar: nowhere", "reference"),
        ("within: 3 business days", "within: 36000 business days", "deadline.beyond"),
        ("calendar: always\n", "", "deadline.calendar"),
    ],
)
def test_a_blueprint_whose_calendar_does_not_do_is_not_proposed(
    slow: House, before: str, after: str, rule: str
) -> None:
    body = {"kind": "blueprint", "source": SLOW.replace(before, after)}
    found = slow.post("/v1/source-checks", "process-owner", body).json()["findings"]
    assert rule in [one["rule"] for one in found if one["severity"] == "error"]


def test_a_calendar_that_ends_soon_is_told_of_when_it_is_proposed(slow: House) -> None:
    body = {"kind": "calendar", "source": CALENDAR.replace("2020-2045", "2020-2026")}
    found = slow.post("/v1/source-checks", "process-owner", body).json()["findings"]
    assert [(one["rule"], one["severity"]) for one in found] == [("calendar.ends", "warning")]
