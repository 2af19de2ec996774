"""A late decision at the door: inbox, claim and task know whose limit is above."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator.commands import FireTimer
from tests.api.organisation import House
from tests.api.page.browser import signed_in
from tests.api.releasing import SPENDING, release, spend
from tests.api.work import intake

LATE = SPENDING.replace("blueprint: spending", "blueprint: late-spending").replace(
    "    reason: {required: true, codes: spending}\n",
    "    deadline: {within: 10 seconds, late: [{after: 0 hours, pass to: authority approve-invoice above}]}\n",
)
LOW, HIGH = "budget-owner-1", "finance-director"  # limits of 10,000.00 and 1,000,000.00


@pytest.fixture(scope="module")
def passed_on(house: House) -> Callable[[], str]:
    """Starts an instance whose decision is late and was passed on; its task."""
    release(house, "blueprint", LATE)

    def make() -> str:
        task = spend(house, intake(house), blueprint="late-spending")
        instance, number = task.split(".")
        with house.service.reader.view() as view:
            asked = "SELECT due_at FROM timer WHERE log_id = {log} AND instance = ? AND state = 'set'"
            ((due,),) = view.query(asked, (instance,))
        house.clock.ahead += 15_000_000
        fired = house.run(FireTimer(f"{instance}.{number}/deadline", Instant(due)), SYSTEM)
        assert fired.outcome.outcome == "fired", fired
        return task

    return make


def inbox(house: House, who: str) -> list[Any]:
    return [one["id"] for one in house.get("/v1/tasks?mine=1&limit=200", who).json()["items"]]


def test_the_inbox_shows_it_to_those_above_alone(house: House, passed_on: Callable[[], str]) -> None:
    before = spend(house, intake(house), blueprint="late-spending")
    task = passed_on()
    assert before in inbox(house, LOW)
    assert task not in inbox(house, LOW)
    assert task in inbox(house, HIGH)
    assert house.get(f"/v1/tasks/{task}", LOW).json()["above"] is True
    for asked in ("list=team", "list=candidate&explained=1&sort=due"):
        low, high = (signed_in(house, who).get(f"/v1/tasks?{asked}&limit=200").text for who in (LOW, HIGH))
        assert (task in low, task in high) == (False, True), asked


def test_the_claim_of_another_is_refused_and_recorded(house: House, passed_on: Callable[[], str]) -> None:
    task = passed_on()
    problem = house.refused(house.post(f"/v1/tasks/{task}/claim", LOW, {}), 403, "NOT_OFFERED")
    entry = house.get(f"/v1/ledger/entries/{problem['receipt']['index']}", "auditor").json()["entry"]
    assert (entry["kind"], entry["payload"]["reason"]) == ("command.refused", "NOT_OFFERED")
    assert house.post(f"/v1/tasks/{task}/claim", HIGH, {}).status_code == 200
    shown = house.get(f"/v1/tasks/{task}", HIGH).json()["shown_digest"]
    said = {"outcome": "approve", "shown_digest": shown}
    assert house.post(f"/v1/tasks/{task}/completion", HIGH, said).status_code == 200


def test_the_task_says_beforehand_whom_it_was_passed_on_to(house: House, passed_on: Callable[[], str]) -> None:
    path = f"/v1/tasks/{passed_on()}"
    low, high = (signed_in(house, who).get(path).json() for who in (LOW, HIGH))
    assert low["above"] is True
    assert low["barred"]["reason"] == "NOT_OFFERED"
    assert {one["outcome"]: one["barred"]["reason"] for one in low["choices"]} == {
        "approve": "NOT_OFFERED",
        "refuse": "NOT_OFFERED",
    }
    assert high["barred"] is None
    assert [(one["outcome"], one["barred"]) for one in high["choices"]] == [("approve", None), ("refuse", None)]
