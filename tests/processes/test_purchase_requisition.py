"""Requisitions: the budget, limits per case and per period, purchases cut into parts, and what is given back."""

import json
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from api.settings import Settings
from examples.demo.deciding import attempt, task_of
from examples.demo.door import Refused, until
from examples.processes.purchase_requisition import drive
from examples.services import payments
from tests.api.organisation import copied
from tests.processes.conftest import World, serving

MADE = ("register_requisition", "reserve", "withdraw_requisition", "release_reservation", "place_order")


@pytest.fixture
def world(overlaid: Settings, outside: payments.Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Each test has a month of its own: what one approved counts in no other."""
    with serving(copied(overlaid, tmp_path_factory.mktemp("requisitions") / "data"), outside) as world:
        yield world


def _counts(world: World) -> dict[str, int]:
    return {name: world.effects(name) for name in MADE}


def _since(world: World, before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in _counts(world).items() if count != before[name]}


def _begin(world: World, amount: str, supplier: str, starter: str = drive.CART, **changes: Any) -> tuple[Any, str, str]:
    asks = drive.acting(world.staff, starter)
    world.house.count += 1
    key = f"PR-{supplier}-{world.house.count}"
    return asks, key, asks.start(key, drive.wanted(amount, supplier, **changes))


def _refuses(world: World, who: str, instance: str, step: str) -> str:
    task = task_of(world.staff.person(who), instance, step)["id"]
    with pytest.raises(Refused) as refused:
        attempt(world.staff, who, task, "approve", drive.REASON)
    return refused.value.reason


def _data(world: World, instance: str) -> Any:
    return world.house.get(f"/v1/process-instances/{instance}", "head-of-workshop").json()["data"]


def _available(world: World, supplier: str) -> Decimal:
    """What the budget of the workshop has, by a requisition that it cannot pay."""
    asks, _, instance = _begin(world, "900000.00", supplier)
    assert asks.ends(instance) == "ended:no budget"
    told = _data(world, instance)["budget"]["available"]
    return Decimal(told["amount"])


def test_the_driver_takes_its_ways(world: World) -> None:
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:ordered": 2, "ended:no budget": 1, "ended:refused": 1}
    assert [one.reason for one in driven.refusals] == ["LIMIT_CASE"]


def test_a_purchase_above_the_limit_of_a_case_goes_to_who_has_a_higher_one(world: World) -> None:
    asks, _, instance = _begin(world, "5000.01", "Limits")
    assert _refuses(world, "line-manager", instance, "approval") == "LIMIT_CASE"
    asks.decide("head-of-workshop", instance, "approval", "approve", drive.REASON)
    assert asks.ends(instance) == "ended:ordered"


def test_a_month_has_a_limit_too_and_a_refusal_does_not_count(world: World) -> None:
    for number, outcome in enumerate(["approve", "approve", "refuse", "approve"]):
        asks, _, instance = _begin(world, "4000.00", f"Month {number}")
        asks.decide("line-manager", instance, "approval", outcome, drive.REASON)
        asks.ends(instance)
    asks, _, instance = _begin(world, "0.01", "Month 5")  # 12,000.00 are used up, to the penny
    assert _refuses(world, "line-manager", instance, "approval") == "LIMIT_PERIOD"
    asks.decide("head-of-workshop", instance, "approval", "approve", drive.REASON)
    assert asks.ends(instance) == "ended:ordered"


def test_parts_of_one_purchase_are_told_and_decided_as_a_whole(world: World) -> None:
    told = world.effects("notify")
    asks, _, first = _begin(world, "4000.00", "Parts")
    asks.decide("line-manager", first, "approval", "approve", drive.REASON)
    asks, _, second = _begin(world, "1500.00", "Parts")
    task_of(world.staff.person("purchasing-controller"), second, "explain")
    assert world.effects("notify") == told + 1
    assert _data(world, second)["register"]["total"] == {"amount": "5500.00", "currency": "GBP"}
    asks.fill_in("purchasing-controller", second, "explain", drive.WHY)
    assert _refuses(world, "line-manager", second, "approval-of-the-whole") == "LIMIT_CASE"
    asks.decide("head-of-workshop", second, "approval-of-the-whole", "approve", drive.REASON)
    assert asks.ends(second) == "ended:ordered"


def test_what_stays_below_the_limit_together_and_what_others_ask_is_no_splitting(world: World) -> None:
    for amount, changes in (("2000.00", {}), ("3000.00", {}), ("4999.99", {"requester": "Requester 2"})):
        asks, _, instance = _begin(world, amount, "Together", **changes)
        asks.decide("head-of-workshop", instance, "approval", "approve", drive.REASON)
        assert asks.ends(instance) == "ended:ordered"


def test_what_is_refused_is_taken_back_and_no_part_of_a_later_purchase(world: World) -> None:
    available, before = _available(world, "Refused 1"), _counts(world)
    asks, _, instance = _begin(world, "4000.00", "Refused")
    asks.decide("line-manager", instance, "approval", "refuse", "nobody needs it now")
    assert asks.ends(instance) == "ended:refused"
    undone = {"withdraw_requisition": 1, "release_reservation": 1}
    assert _since(world, before) == {"register_requisition": 1, "reserve": 1, **undone}
    assert _available(world, "Refused 2") == available
    asks, _, again = _begin(world, "4000.00", "Refused")
    asks.decide("line-manager", again, "approval", "approve", drive.REASON)  # no part of anything
    assert asks.ends(again) == "ended:ordered"
    assert _available(world, "Refused 3") == available - 4000


@pytest.mark.parametrize("how", ["withdrawn", "cancelled"])
def test_who_withdraws_gives_the_budget_back(world: World, how: str) -> None:
    available = _available(world, f"Before {how}")
    asks, key, instance = _begin(world, "4000.00", f"Gone {how}")
    task_of(world.staff.person("line-manager"), instance, "approval")
    assert _available(world, f"Meanwhile {how}") == available - 4000
    if how == "withdrawn":
        asks.tell("requisition-withdrawn", key)
    else:
        clerk = world.staff.person("purchasing-clerk")
        clerk.post(f"/v1/process-instances/{instance}/cancellation", {"reason": "asked twice"})
    assert asks.ends(instance) == {"withdrawn": "ended:withdrawn", "cancelled": "cancelled"}[how]
    assert _available(world, f"After {how}") == available


@pytest.mark.parametrize(("cost_centre", "currency"), [("canteen", "GBP"), ("workshop", "EUR")])
def test_no_budget_no_order(world: World, cost_centre: str, currency: str) -> None:
    before = _counts(world)
    asks = drive.acting(world.staff)
    amount = {"amount": "5.00", "currency": currency}
    data = {**drive.wanted("5.00", f"In {currency}"), "cost_centre": cost_centre, "amount": amount}
    instance = asks.start(f"PR-in-{currency}", data)
    assert asks.ends(instance) == "ended:no budget"
    assert _since(world, before) == {
        "register_requisition": 1, "reserve": 1, "release_reservation": 1, "withdraw_requisition": 1,
    }  # fmt: skip


def test_who_asks_does_not_approve(world: World) -> None:
    asks, _, instance = _begin(world, "10.00", "Own", starter="line-manager")
    assert _refuses(world, "line-manager", instance, "approval") == "SOD"
    asks.decide("head-of-workshop", instance, "approval", "approve", drive.REASON)
    assert asks.ends(instance) == "ended:ordered"


def test_an_answer_that_is_lost_reserves_nothing_twice(world: World) -> None:
    available = _available(world, "Lost 1")
    plan = {"operation": "reserve", "times": 1, "drop": True, "after": True}
    with urllib.request.urlopen(f"{world.services.address}/faults", json.dumps(plan).encode(), timeout=5):
        pass
    before = _counts(world)
    asks, _, instance = _begin(world, "700.00", "Lost")
    asks.decide("line-manager", instance, "approval", "approve", drive.REASON)
    assert asks.ends(instance) == "ended:ordered"
    assert _since(world, before) == {"register_requisition": 1, "reserve": 1, "place_order": 1}
    assert _available(world, "Lost 2") == available - 700


def test_a_purchasing_system_that_is_down_is_held_and_orders_once(world: World) -> None:
    plan = {"operation": "place_order", "times": 1, "status": 404}
    with urllib.request.urlopen(f"{world.services.address}/faults", json.dumps(plan).encode(), timeout=5):
        pass
    before = world.effects("place_order")
    asks, _, instance = _begin(world, "300.00", "Down")
    asks.decide("line-manager", instance, "approval", "approve", drive.REASON)

    def held() -> Any:
        found = world.house.get(f"/v1/incidents?instance={instance}", "purchasing-clerk").json()["items"]
        return next((one for one in found if one["state"] == "open"), None)

    incident = until("an incident", held)
    answer = {"how": "retry", "reason": "the system is there again"}
    world.staff.person("purchasing-clerk").post(f"/v1/incidents/{incident['id']}/resolution", answer)
    assert asks.ends(instance) == "ended:ordered"
    assert world.effects("place_order") == before + 1
