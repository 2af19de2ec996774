"""Access of new employees: what is given is taken back on a refusal, when a start is called off, and on cancelling."""

import json
import urllib.request
from datetime import datetime
from typing import Any

import pytest

from examples.demo.deciding import attempt, status_of, task_of
from examples.demo.door import Refused, until
from examples.processes.new_employee_access import drive
from ledger.clock import SECOND
from tests.processes.conftest import World

FAR = 30 * 86_400.0  # seconds to a first day that does not come in a test
GIVEN = ("create_entry", "grant_system", "activate_entry")
TAKEN = ("remove_entry", "revoke_system", "close_start")


def _counts(world: World) -> dict[str, int]:
    return {name: world.effects(name) for name in (*GIVEN, *TAKEN)}


def _since(world: World, before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in _counts(world).items() if count != before[name]}


def _begin(world: World, job: str, first_day: datetime) -> tuple[Any, str, str]:
    starts = drive.acting(world.staff)
    world.house.count += 1
    key = f"NE-T{world.house.count}"
    return starts, key, starts.start(key, drive.start_data(job, first_day))


def _agreed(world: World, job: str = "accountant") -> tuple[Any, str, str]:
    """A start that both owners have agreed to, and that waits for its first day."""
    starts, key, instance = _begin(world, job, drive.ahead(FAR))
    starts.decide("head-of-service", instance, "manager", "agree", drive.REASON)
    for owner in ("crm-owner", "ledger-owner"):
        starts.decide(owner, instance, owner, "agree", drive.REASON)
    starts.comes_to(instance, "first-day")
    return starts, key, instance


def _taken_back(world: World, instance: str) -> list[str]:
    """The steps that were undone, in order."""
    followed = [one for entry in world.history(instance) for one in entry["followed"]]
    return [one["detail"]["step"] for one in followed if one["type"] == "undo.begun"]


def test_the_driver_takes_every_way_out(world: World) -> None:
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:working": 1, "ended:refused": 1, "ended:called off": 1}
    assert [one.reason for one in driven.refusals] == ["LIMIT_CASE", "SOD"]


def test_an_account_is_used_on_the_first_day_and_not_before(world: World) -> None:
    before = _counts(world)
    starts, _, instance = _begin(world, "service clerk", drive.ahead(40))
    starts.decide("service-manager", instance, "manager", "agree", drive.REASON)
    starts.decide("crm-owner", instance, "crm-owner", "agree", drive.REASON)
    starts.comes_to(instance, "first-day")
    assert _since(world, before) == {"create_entry": 1, "grant_system": 1}
    world.house.clock.ahead += 45 * SECOND
    assert starts.ends(instance) == "ended:working"
    assert _since(world, before) == {"create_entry": 1, "grant_system": 1, "activate_entry": 1}


def test_an_owner_who_refuses_last_has_everything_taken_back(world: World) -> None:
    before = _counts(world)
    starts, _, instance = _begin(world, "accountant", drive.ahead(FAR))
    starts.decide("head-of-service", instance, "manager", "agree", drive.REASON)
    starts.decide("crm-owner", instance, "crm-owner", "agree", drive.REASON)
    until("the grant", lambda: _since(world, before).get("grant_system") == 1)
    at = f"/v1/process-instances/{instance}"
    until("its end", lambda: "crm" not in {one["step"] for one in starts.door.get(at)["steps"]})
    starts.decide("ledger-owner", instance, "ledger-owner", "refuse", "two duties would meet")
    assert starts.ends(instance) == "ended:refused"
    undone = {"revoke_system": 1, "remove_entry": 1, "close_start": 1}
    assert _since(world, before) == {"create_entry": 1, "grant_system": 1, **undone}
    assert _taken_back(world, instance) == ["crm", "account"]


def test_an_owner_who_refuses_first_leaves_nothing_to_the_others(world: World) -> None:
    before = _counts(world)
    starts, _, instance = _begin(world, "accountant", drive.ahead(FAR))
    starts.decide("head-of-service", instance, "manager", "agree", drive.REASON)
    other = task_of(world.staff.person("crm-owner"), instance, "crm-owner")["id"]
    starts.decide("ledger-owner", instance, "ledger-owner", "refuse", "two duties would meet")
    assert starts.ends(instance) == "ended:refused"
    with pytest.raises(Refused):
        attempt(world.staff, "crm-owner", other, "agree", drive.REASON)
    assert _since(world, before) == {"create_entry": 1, "remove_entry": 1, "close_start": 1}


def test_what_was_still_being_asked_is_taken_back_in_its_turn_by_nobodys_act(world: World) -> None:
    """The directory has given the access and is slow to say so: the refusal waits for its answer, and takes it back."""
    _plan(world, "grant_system", {"times": 1, "delay_ms": 6000})
    before = _counts(world)
    starts, _, instance = _begin(world, "accountant", drive.ahead(FAR))
    starts.decide("head-of-service", instance, "manager", "agree", drive.REASON)
    starts.decide("crm-owner", instance, "crm-owner", "agree", drive.REASON)
    until("the effect", lambda: _since(world, before).get("grant_system") == 1)
    starts.decide("ledger-owner", instance, "ledger-owner", "refuse", "two duties would meet")
    assert starts.ends(instance) == "ended:refused"
    undone = {"revoke_system": 1, "remove_entry": 1, "close_start": 1}
    assert _since(world, before) == {"create_entry": 1, "grant_system": 1, **undone}
    assert _taken_back(world, instance)[-1] == "account"  # which was there before the access
    assert _held(world, instance) is None


def _held(world: World, instance: str) -> Any:
    """The open incident of an instance; None while there is none."""
    found = world.house.get(f"/v1/incidents?instance={instance}", "people-officer").json()["items"]
    return next((one for one in found if one["state"] == "open"), None)


def test_a_start_that_is_called_off_while_it_waits_is_undone_the_last_first(world: World) -> None:
    before = _counts(world)
    starts, key, instance = _agreed(world)
    drive.call_off(starts, key)
    assert starts.ends(instance) == "ended:called off"
    assert _since(world, before) == {
        "create_entry": 1, "grant_system": 2, "revoke_system": 2, "remove_entry": 1, "close_start": 1,
    }  # fmt: skip
    assert _taken_back(world, instance)[-1] == "account"
    assert sorted(_taken_back(world, instance)) == ["account", "crm", "ledger"]


def test_a_start_that_is_called_off_before_anybody_agreed_gives_nothing(world: World) -> None:
    before = _counts(world)
    starts, key, instance = _begin(world, "treasurer", drive.ahead(FAR))
    drive.call_off(starts, key)
    assert starts.ends(instance) == "ended:called off"
    assert _since(world, before) == {"close_start": 1}


def test_an_undoing_that_fails_is_held_and_goes_on_when_it_is_tried_again(world: World) -> None:
    before = _counts(world)
    starts, key, instance = _agreed(world)
    _plan(world, "revoke_system", {"times": 1, "status": 404})
    drive.call_off(starts, key)
    incident = until("an incident", lambda: _held(world, instance))
    assert _since(world, before).get("remove_entry") is None  # what was done before is not undone meanwhile
    assert status_of(starts.door, instance) == "active"
    answer = {"how": "retry", "reason": "the directory is mended"}
    world.staff.person("people-officer").post(f"/v1/incidents/{incident['id']}/resolution", answer)
    assert starts.ends(instance) == "ended:called off"
    assert _since(world, before)["revoke_system"] == 2


def test_cancelling_undoes_what_was_given(world: World) -> None:
    before = _counts(world)
    starts, _, instance = _agreed(world)
    at = f"/v1/process-instances/{instance}/cancellation"
    with pytest.raises(Refused) as refused:
        world.staff.person("crm-owner").post(at, {"reason": "not mine to say"})
    assert refused.value.status == 403
    world.staff.person("people-officer").post(at, {"reason": "announced twice"})
    assert starts.ends(instance) == "cancelled"
    assert _since(world, before) == {"create_entry": 1, "grant_system": 2, "revoke_system": 2, "remove_entry": 1}


def test_a_job_nobody_has_described_is_decided_higher_up(world: World) -> None:
    starts, _, instance = _begin(world, "astronaut", drive.ahead(FAR))
    task = task_of(world.staff.person("service-manager"), instance, "manager")["id"]
    with pytest.raises(Refused) as refused:
        attempt(world.staff, "service-manager", task, "agree", drive.REASON)
    assert refused.value.reason == "LIMIT_CASE"
    starts.decide("head-of-service", instance, "manager", "refuse", "nobody knows what it needs")
    assert starts.ends(instance) == "ended:refused"


def _plan(world: World, operation: str, fault: dict[str, int]) -> None:
    body = json.dumps({"operation": operation, **fault}).encode()
    request = urllib.request.Request(f"{world.services.address}/faults", body)
    with urllib.request.urlopen(request, timeout=5):
        pass
