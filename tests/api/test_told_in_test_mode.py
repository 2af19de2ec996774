"""A deadline in test mode tells nobody outside the test: no office holder, and nobody who stands in for another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from ledger.actor import SYSTEM
from ledger.clock import Instant
from orchestrator.commands import FireTimer
from tests.api.organisation import House, copied
from tests.api.releasing import release
from tests.api.test_notification_causes import standing_in
from tests.api.test_notifications import OTHER, OWNER, notifier_of, rounds, told
from tests.api.work import FINANCE, intake
from tests.processes.passing import HOUR, pass_time, passing

SECOND_OWNER = "budget-owner-2"
SLOW = """blueprint: slow
title: Slow
purpose: Do what comes late.
owner: finance-operations
data:
  item: {type: string, class: internal, required: true}
  shelf: {type: string, class: internal}
start: {by: api, requires: role invoice-intake, key: item}
first: sort
steps:
  sort: {task: Sort it, role: role budget-owner, shows: [item], expects: [shelf], next: lay}
  lay:
    task: Lay it down
    role: role budget-owner
    expects: [shelf]
    deadline: {within: 6 minutes, late: [{after: 0 hours, tell: [step sort, office finance-director]}]}
    next: done
  done: {end: sorted}
"""


@pytest.fixture
def house(founded: Settings, tmp_path: Path) -> Iterator[House]:
    with passing(copied(founded, tmp_path / "data")) as house:
        release(house, "blueprint", SLOW)
        yield house


@pytest.mark.parametrize("test", [True, False])
def test_late_is_told_to_who_takes_part_and_to_others_in_earnest_alone(house: House, test: bool) -> None:
    rounds(notifier_of(house))
    body = {"blueprint": "slow", "business_key": "T-1", "data": {"item": "T-1"}, "domain": FINANCE, "test": test}
    instance = str(house.post("/v1/process-instances", intake(house), body).json()["instance"])
    (task,) = house.get(f"/v1/process-instances/{instance}", OWNER).json()["tasks"]
    house.post(f"/v1/tasks/{task['id']}/claim", OWNER, {})
    assert house.post(f"/v1/tasks/{task['id']}/completion", OWNER, {"data": {"shelf": "A 7"}}).status_code == 200
    standing_in(house, OWNER, SECOND_OWNER)
    rounds(notifier_of(house))
    due = int(house.get(f"/v1/process-instances/{instance}", OWNER).json()["tasks"][0]["due_at"])
    pass_time(house, HOUR // 10)
    house.run(FireTimer(f"{instance}.2/deadline", Instant(due)), SYSTEM)
    rounds(notifier_of(house))
    assert kinds(house, OWNER, instance) == ["late"]
    assert kinds(house, OTHER, instance) == ([] if test else ["late"])
    assert kinds(house, SECOND_OWNER, instance) == ([] if test else ["late"])


def kinds(house: House, who: str, instance: str) -> list[str]:
    return [one["kind"] for one in told(house, who) if one["instance"] == instance]
