"""What is past due: a task whose clock stands still for a customer is not, whatever due time it is told meanwhile."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from tests.api.organisation import House, copied
from tests.api.releasing import SPENDING, release, spend
from tests.api.work import intake
from tests.console.test_clocks import ASKING, fire
from tests.processes.passing import HOUR, pass_time, passing

WHO, READER = "budget-owner-1", "auditor"
PLAIN = SPENDING.replace("blueprint: spending", "blueprint: plain").replace(
    "    reason: {required: true, codes: spending}\n",
    "    reason: {required: true}\n    deadline: {within: 10 hours}\n",
)


@pytest.fixture
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with passing(copied(founded, tmp_path_factory.mktemp("past-due") / "data")) as house:
        release(house, "blueprint", ASKING)
        release(house, "blueprint", PLAIN)
        yield house


def ids(house: House, query: str, who: str = WHO) -> set[str]:
    answer = house.get(f"/v1/tasks?{query}&limit=100", who)
    assert answer.status_code == 200, answer.text
    return {one["id"] for one in answer.json()["items"]}


def counted(house: House) -> dict[str, Any]:
    told: dict[str, Any] = house.get("/v1/tasks?list=candidate&counts=1", WHO).json()["counts"]
    return told


def test_it_is_in_no_list_of_what_is_past_due_and_in_no_count(house: House) -> None:
    paused, late = spend(house, intake(house), "asking"), spend(house, intake(house), "plain")
    pass_time(house, 11 * HOUR)
    assert {paused, late} <= ids(house, "list=team")
    for query in ("overdue=1", "overdue=1&list=team", "overdue=1&list=candidate", "overdue=1&list=any&sort=due"):
        assert ids(house, query) == {late}, query
    assert ids(house, "overdue=1&list=open", READER) == {late}
    assert (counted(house)["team"], counted(house)["overdue"]) == (2, 1)
    for task in (paused, late):
        assert house.post(f"/v1/tasks/{task}/claim", WHO, {}).status_code == 200
    assert ids(house, "overdue=1&list=mine") == {late}
    assert (counted(house)["mine"], counted(house)["mine_overdue"]) == (2, 1)


def test_what_was_late_before_its_clock_stood_still_stays_late(house: House) -> None:
    task = spend(house, intake(house), "plain")
    instance = task.partition(".")[0]
    pass_time(house, 11 * HOUR)
    answer = house.post(f"/v1/process-instances/{instance}/suspension", "finance-director", {"reason": "an audit"})
    assert answer.status_code == 200, answer.text
    assert ids(house, "overdue=1") == {task}


def test_overview_heat_and_lists_go_by_the_same_rule(house: House) -> None:
    paused, late = spend(house, intake(house), "asking"), spend(house, intake(house), "plain")
    pass_time(house, 11 * HOUR)
    told = house.get("/v1/overview", READER).json()
    assert (told["tasks_with_deadline"], told["tasks_late"]) == (2, 1)
    assert ids(house, told["links"]["tasks_late"].partition("?")[2], READER) == {late}
    heat = {}
    for task, blueprint in ((paused, "asking"), (late, "plain")):
        steps = house.get(f"/v1/overview?blueprint={blueprint}", READER).json()["waiting"]["steps"]
        heat[task] = max(one["overdue"] for one in steps)
    assert heat == {paused: 0, late: 1}
    listed = house.get("/v1/process-instances?overdue=1", READER).json()["items"]
    assert [one["id"] for one in listed] == [late.partition(".")[0]]
    later = {one["id"]: one["is_due_later"] for one in house.get("/v1/process-instances", READER).json()["items"]}
    assert later == {paused.partition(".")[0]: True, late.partition(".")[0]: False}
    drawn = house.get(f"/v1/process-instances/{paused.partition('.')[0]}/diagram", READER).json()["steps"]
    assert {one["step"] for one in drawn if one["is_due_later"]} == {"together", "decision"}


def test_however_many_clocks_stand_still_none_of_them_is_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.task_lists.READ_AT_ONCE", 2)
    paused = {spend(house, intake(house), "asking") for _ in range(5)}
    late = spend(house, intake(house), "plain")
    pass_time(house, 11 * HOUR)
    assert ids(house, "overdue=1") == ids(house, "overdue=1&list=open", READER) == {late}
    assert (counted(house)["team"], counted(house)["overdue"]) == (6, 1)
    assert house.get("/v1/overview", READER).json()["tasks_late"] == 1
    steps = house.get("/v1/overview?blueprint=asking", READER).json()["waiting"]["steps"]
    assert {one["overdue"] for one in steps} == {0}
    listed = house.get("/v1/process-instances?overdue=1", READER).json()["items"]
    assert [one["id"] for one in listed] == [late.partition(".")[0]]
    assert len(paused) == 5


def test_what_is_late_when_the_customer_has_answered_counts_from_then(house: House) -> None:
    task = spend(house, intake(house), "asking")
    pass_time(house, 11 * HOUR)
    assert house.get("/v1/overview", READER).json()["tasks_late"] == 0
    instance = task.partition(".")[0]
    fire(house, task, "delay")
    pass_time(house, 11 * HOUR)
    assert house.get("/v1/overview", READER).json()["tasks_late"] == 1
    assert [one["id"] for one in house.get("/v1/process-instances?overdue=1", READER).json()["items"]] == [instance]
