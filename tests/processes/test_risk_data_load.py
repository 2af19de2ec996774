"""The load of risk data: outages of the source, desks that fail alone, and an approval beside the stages."""

from collections import Counter
from typing import Any

import pytest

from examples.demo.deciding import attempt, status_of, task_of
from examples.demo.door import Refused, until
from examples.processes.risk_data_load import drive
from tests.processes.conftest import World

STAGES_OVER = {"the-day", "approval"}


def _begin(world: World, *desks: str) -> tuple[Any, Any, str]:
    """Who starts loads, a worker, and a new load."""
    loads, works = drive.acting(world.staff), drive.worker(world.staff, world.services.address)
    world.house.count += 1
    return loads, works, loads.start(f"RL-{world.house.count}", drive.load_data(*desks))


def _mapped(works: Any) -> Counter[str]:
    return Counter(result["partition"] for kind, result in works.done if kind == "transform-partition")


def _incident(world: World, instance: str) -> dict[str, Any]:
    def look() -> Any:
        found = world.house.get(f"/v1/incidents?instance={instance}", "data-operator").json()["items"]
        return [one for one in found if one["state"] == "open"]

    [held] = until("an incident", look)
    return dict(held)


def test_the_driver_takes_both_ways_out(world: World) -> None:
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:published": 1, "ended:held back": 1}
    assert [one.reason for one in driven.refusals] == ["NO_GRANT"]


def test_after_an_outage_and_a_desk_that_does_not_map_only_what_failed_is_done_again(world: World) -> None:
    before = world.services.counts().get("extract", {"requests": 0, "effects": 0})
    published, loaded = world.effects("publish"), world.effects("load_partition")
    drive.plan_outage(world.services.address, 1)
    loads, works, instance = _begin(world, "fixed", "exotic-swaps", "repo")
    drive.until_task(works, world.staff, instance, "mend")
    assert [result for kind, result in works.done if type(result) is str] == ["SOURCE_503"]
    after = world.services.counts()["extract"]
    assert (after["requests"] - before["requests"], after["effects"] - before["effects"]) == (4, 3)
    shown = world.house.get(f"/v1/process-instances/{instance}", "data-steward").json()["data"]
    assert shown["failed_desks"] == ["exotic-swaps"]
    loads.decide("data-owner", instance, "approval", "publish", drive.REASON)  # it does not wait for the stages
    assert world.effects("publish") == published
    mended = {"mapping": {"version": 2, "note": "the new curve is mapped"}}
    loads.fill_in("data-steward", instance, "mend", mended)
    drive.until_ended(works, loads, instance)
    assert loads.ends(instance) == "ended:published"
    assert _mapped(works) == {"fixed": 1, "repo": 1, "exotic-swaps": 2}
    assert world.effects("load_partition") == loaded + 3
    assert world.effects("publish") == published + 1


def test_mending_that_mends_nothing_comes_back_to_the_steward(world: World) -> None:
    loads, works, instance = _begin(world, "exotic-rates", "money-market")
    for version in (1, 2):
        drive.until_task(works, world.staff, instance, "mend")
        loads.fill_in("data-steward", instance, "mend", {"mapping": {"version": version, "note": "tried"}})
    loads.decide("data-owner", instance, "approval", "publish", drive.REASON)
    drive.until_ended(works, loads, instance)
    assert _mapped(works) == {"money-market": 1, "exotic-rates": 3}


def test_a_desk_the_source_does_not_know_is_held_alone_and_tried_again_alone(world: World) -> None:
    drive.plan_outage(world.services.address, 1, 404)
    loads, works, instance = _begin(world, "govies", "futures")
    until(
        "both answered", lambda: works.round() and len([1 for kind, _ in works.done if kind == "extract-partition"]) > 1
    )
    held = _incident(world, instance)
    assert (held["step"], held["code"]) == ("extract", "SOURCE_404")
    with pytest.raises(Refused) as refused:
        world.staff.person("data-steward").post(f"/v1/incidents/{held['id']}/resolution", {"how": "retry"})
    assert refused.value.status == 403
    works.done.clear()
    answered = {"how": "retry", "reason": "the source has the day now"}
    world.staff.person("data-operator").post(f"/v1/incidents/{held['id']}/resolution", answered)
    loads.decide("data-owner", instance, "approval", "publish", drive.REASON)
    drive.until_ended(works, loads, instance)
    assert [result["partition"] for kind, result in works.done if kind == "extract-partition"] == ["govies"]
    assert loads.ends(instance) == "ended:published"


def test_figures_held_back_stop_the_stages_and_are_taken_out_of_the_warehouse(world: World) -> None:
    retracted, published = world.effects("retract"), world.effects("publish")
    loads, works, instance = _begin(world, "metals", "energy")
    [first, second] = works.take("extract-partition")
    works.answer("extract-partition", first)
    loads.decide("data-owner", instance, "approval", "hold back", "the source told of a fault")
    with pytest.raises(Refused) as refused:  # its work is closed: what a worker still brings has no effect
        works.answer("extract-partition", second)
    assert refused.value.reason in ("LEASE_LOST", "WRONG_STATE", "NOT_FOUND")
    assert loads.ends(instance) == "ended:held back"
    assert (world.effects("retract"), world.effects("publish")) == (retracted + 1, published)
    assert works.take("extract-partition") == []


def test_figures_held_back_when_the_stages_are_over_are_not_published_either(world: World) -> None:
    retracted, published = world.effects("retract"), world.effects("publish")
    loaded = world.effects("load_partition")
    loads, works, instance = _begin(world, "freight")
    until("the load", lambda: works.round() or world.effects("load_partition") > loaded)
    at = f"/v1/process-instances/{instance}"
    until("the end of the stages", lambda: {one["step"] for one in loads.door.get(at)["steps"]} == STAGES_OVER)
    loads.decide("data-owner", instance, "approval", "hold back", "the figures are implausible")
    assert loads.ends(instance) == "ended:held back"
    assert (world.effects("retract"), world.effects("publish")) == (retracted + 1, published)


def test_who_may_publish_and_how_many_desks(world: World) -> None:
    loads, works, instance = _begin(world, *(f"desk-{number}" for number in range(6)))
    task = task_of(world.staff.person("data-owner"), instance, "approval")["id"]
    with pytest.raises(Refused) as refused:
        attempt(world.staff, "data-owner", task, "publish", drive.REASON)
    assert refused.value.reason == "LIMIT_CASE"
    loads.decide("head-of-risk-data", instance, "approval", "publish", drive.REASON)
    assert status_of(loads.door, instance) == "active"  # an approval alone publishes nothing
    at = f"/v1/process-instances/{instance}/cancellation"
    world.staff.person("head-of-risk-data").post(at, {"reason": "the day is loaded anew"})
    assert loads.ends(instance) == "cancelled"
    assert works.take("extract-partition") == []
