"""Approval of vendors: the country decides the checks, and two countries have a process of their own."""

from typing import Any

import pytest

from api.settings import Settings
from examples.demo.deciding import attempt, decide, status_of, task_of
from examples.demo.door import Refused
from examples.processes.vendor_approval import drive
from examples.services import payments
from tests.api.organisation import copied
from tests.processes.conftest import World, serving

CHECKS = ("screen", "find_company", "check_tax_number", "create_vendor")
LATE_DAYS = 45  # past twenty business days, whatever holidays lie between


def _counts(world: World) -> dict[str, int]:
    return {name: world.effects(name) for name in CHECKS}


def _since(world: World, before: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in _counts(world).items() if count != before[name]}


def _begin(world: World, starter: str = drive.PORTAL, **vendor: str) -> tuple[Any, str, str]:
    vendors = drive.acting(world.staff, starter)
    world.house.count += 1
    key = f"VE-T{world.house.count}"
    return vendors, key, vendors.start(key, drive.vendor(**vendor))


def _refuses(world: World, who: str, instance: str, step: str, reason: str) -> None:
    task = task_of(world.staff.person(who), instance, step)["id"]
    with pytest.raises(Refused) as refused:
        attempt(world.staff, who, task, "approve", drive.REASON)
    assert refused.value.reason == reason


def test_the_driver_takes_each_country(world: World) -> None:
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:approved": 2, "ended:refused": 2}
    assert [one.reason for one in driven.refusals] == ["LIMIT_CASE"]


@pytest.mark.parametrize(
    ("vendor", "checks"),
    [
        ({"country": "GB"}, {"find_company": 1, "check_tax_number": 1}),
        ({"country": "GB", "spend": "999.99"}, {}),
        ({"country": "GB", "spend": "1000.00"}, {"find_company": 1, "check_tax_number": 1}),
    ],
)
def test_the_table_decides_which_checks_are_made(world: World, vendor: dict[str, str], checks: dict[str, int]) -> None:
    before = _counts(world)
    vendors, _, instance = _begin(world, **vendor)
    vendors.decide("category-manager", instance, "approval", "approve", drive.REASON)
    assert vendors.ends(instance) == "ended:approved"
    assert _since(world, before) == {"screen": 1, "create_vendor": 1, **checks}


def test_no_business_with_a_country_asks_nobody(world: World) -> None:
    before = _counts(world)
    vendors, _, instance = _begin(world, country="FR")
    assert vendors.ends(instance) == "ended:refused"
    assert _since(world, before) == {}


def test_a_company_in_no_register_is_an_exception_for_somebody_higher_up(world: World) -> None:
    vendors, _, instance = _begin(world, country="GB", name="Unknown Supplies")
    _refuses(world, "category-manager", instance, "approval-of-exception", "WRONG_POWER")
    shown = world.house.get(f"/v1/process-instances/{instance}", "head-of-purchasing").json()["data"]
    assert shown["finding"] == "in no register"
    vendors.decide("head-of-purchasing", instance, "approval-of-exception", "approve", drive.REASON)
    assert vendors.ends(instance) == "ended:approved"


@pytest.mark.parametrize(("outcome", "ends"), [("clear", "ended:approved"), ("stop", "ended:refused")])
def test_a_sanctions_hit_is_cleared_or_stops_it(world: World, outcome: str, ends: str) -> None:
    vendors, _, instance = _begin(world, country="GB", name="Listed Supplies")
    vendors.decide("compliance-officer", instance, "compliance", outcome, "compared with the list")
    if outcome == "clear":
        vendors.decide("category-manager", instance, "approval", "approve", drive.REASON)
    assert vendors.ends(instance) == ends


def test_a_form_that_is_not_certified_is_asked_for_again(world: World) -> None:
    asked = world.effects("notify")
    vendors, key, instance = _begin(world, country="US")
    form = vendors.child("vendor-form-us", instance)
    vendors.comes_to(form, "form")
    vendors.tell("form-w9-received", key, {**drive.FORM, "is_certified": False})
    vendors.comes_to(form, "form")
    assert world.effects("notify") == asked + 2
    vendors.tell("form-w9-received", key, drive.FORM)
    vendors.decide("category-manager", instance, "approval", "approve", drive.REASON)
    assert status_of(vendors.door, form) == "ended:complete"
    assert vendors.ends(instance) == "ended:approved"


def test_a_supply_chain_is_judged_by_who_answers_for_it(world: World) -> None:
    before = _counts(world)
    vendors, key, instance = _begin(world, country="DE")
    judged = vendors.child("vendor-diligence-de", instance)
    for outcome in ("ask again", "acceptable"):
        vendors.tell("supply-chain-declared", key, drive.DECLARED)
        task = task_of(world.staff.person("category-manager"), judged, "judgement")["id"]
        with pytest.raises(Refused) as refused:
            attempt(world.staff, "category-manager", task, outcome, drive.REASON)
        assert refused.value.reason == "WRONG_POWER"
        decide(world.staff, "supply-chain-officer", task, outcome, drive.REASON)
    vendors.decide("category-manager", instance, "approval", "approve", drive.REASON)
    assert vendors.ends(instance) == "ended:approved"
    assert status_of(vendors.door, judged) == "ended:acceptable"
    assert _since(world, before) == dict.fromkeys(CHECKS, 1)


def test_who_withdraws_takes_the_process_of_the_country_along(world: World) -> None:
    vendors, key, instance = _begin(world, country="DE")
    judged = vendors.child("vendor-diligence-de", instance)
    vendors.tell("vendor-withdrawn", key)
    assert vendors.ends(instance) == "ended:withdrawn"
    assert vendors.ends(judged) == "cancelled"
    with pytest.raises(Refused) as refused:
        vendors.tell("supply-chain-declared", key, drive.DECLARED)
    assert refused.value.reason == "NOT_FOUND"


def test_who_asks_for_a_vendor_does_not_approve_it(world: World) -> None:
    vendors, _, instance = _begin(world, "category-manager", country="GB")
    _refuses(world, "category-manager", instance, "approval", "SOD")
    vendors.decide("head-of-purchasing", instance, "approval", "refuse", "another vendor delivers the same")
    assert vendors.ends(instance) == "ended:refused"


def test_a_reason_must_be_one_of_the_list(world: World) -> None:
    _, _, instance = _begin(world, country="GB")
    person = world.staff.person("category-manager")
    task = task_of(person, instance, "approval")["id"]
    person.post(f"/v1/tasks/{task}/claim")
    shown = person.get(f"/v1/tasks/{task}")["shown_digest"]
    said = {"outcome": "approve", "reason": "a friend", "reason_code": "friendship", "shown_digest": shown}
    with pytest.raises(Refused) as refused:
        person.post(f"/v1/tasks/{task}/statement", said)
    assert refused.value.reason == "UNKNOWN_REASON_CODE"


def test_what_never_comes_is_missing_after_twenty_business_days(
    overlaid: Settings, outside: payments.Running, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(overlaid, tmp_path_factory.mktemp("late") / "data")
    with serving(settings, outside) as world:
        vendors, _, american = _begin(world, country="US")
        vendors.comes_to(vendors.child("vendor-form-us", american), "form")
        _, _, german = _begin(world, country="DE")
        vendors.child("vendor-diligence-de", german)
    with serving(settings, outside, LATE_DAYS) as world:
        vendors = drive.acting(world.staff, "buyer")
        for instance, blueprint, outcome, finding in (
            (american, "vendor-form-us", "ended:missing", "no taxpayer form"),
            (german, "vendor-diligence-de", "ended:not declared", "supply chain"),
        ):
            assert vendors.ends(vendors.child(blueprint, instance)) == outcome
            task_of(world.staff.person("head-of-purchasing"), instance, "approval-of-exception")
            assert world.house.get(f"/v1/process-instances/{instance}", "buyer").json()["data"]["finding"] == finding
