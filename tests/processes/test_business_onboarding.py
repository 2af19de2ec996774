"""Businesses from the CRM to an account: three approvals of three people, and nothing left behind when a step fails."""

import json
from functools import partial
from typing import Any

import pytest

from examples.demo.deciding import attempt, task_of
from examples.demo.door import Refused, until
from examples.processes.acting import Acting
from examples.processes.business_onboarding import drive
from examples.services.effects import Fault
from ledger import webhook
from tests.processes.conftest import World
from tests.processes.passing import DAY, SECOND, pass_time

KEY = b"a secret that the CRM shares wit"
OPERATOR = "business-operator"
DOWN = Fault(503)
MADE = ("open_business_account", "enrol_online", "mark_customer")
UNDONE = ("close_business_account", "remove_online", "unmark_customer")


def acting_in(world: World) -> Acting:
    return Acting(world.staff, drive.BLUEPRINT, drive.DOMAIN, drive.CRM)


def counted(world: World) -> dict[str, int]:
    return {operation: world.effects(operation) for operation in (*MADE, *UNDONE)}


def since(world: World, before: dict[str, int]) -> list[int]:
    """How often each was done since: account, enrolment, customer; then each undone."""
    return [world.effects(operation) - before[operation] for operation in (*MADE, *UNDONE)]


def agreed(world: World, deal: str) -> tuple[Acting, str]:
    """An instance to which all three agreed."""
    acting = acting_in(world)
    instance = drive.won(acting, deal)
    drive.agree(acting, instance)
    return acting, instance


def undoings(world: World, instance: str) -> list[str]:
    """The steps that were undone, in order."""
    found = [one for entry in world.history(instance) for one in entry["followed"]]
    return [one["detail"]["step"] for one in found if one["type"] == "undo.begun"]


def refusal(act: Any) -> str:
    with pytest.raises(Refused) as turned_down:
        act()
    return turned_down.value.reason


def test_every_way_out(world: World) -> None:
    before = counted(world)
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:opened": 2, "ended:turned down": 2, "ended:not opened": 1}
    assert [one.reason for one in driven.refusals] == ["SOD", "WRONG_POWER"]
    assert since(world, before) == [3, 3, 2, 1, 1, 1]  # of three accounts one was closed again
    assert undoings(world, driven.instances[-1]) == ["enrol", "open"]  # the last first


def test_the_first_step_that_fails_undoes_the_account_alone(world: World) -> None:
    before = counted(world)
    drive.plan(world.services.address, "enrol_online", 422)
    acting, instance = agreed(world, "DEAL-ENROL")
    assert acting.ends(instance) == "ended:not opened"
    assert since(world, before) == [1, 0, 0, 1, 0, 1]


def steps_of(acting: Acting, instance: str) -> set[str]:
    """The steps it is at."""
    return {one["step"] for one in acting.door.get(f"/v1/process-instances/{instance}")["steps"]}


def state_of(acting: Acting, instance: str, step: str) -> str:
    """What the step waits for; empty when the instance is not at it."""
    steps = acting.door.get(f"/v1/process-instances/{instance}")["steps"]
    return next((str(one["state"]) for one in steps if one["step"] == step), "")


def outage(days: World, times: int, fault: Fault = DOWN) -> None:
    """Let the call of step `mark` fail so often, and let the time until each next try pass."""
    before = days.services.counts().get("mark_customer", {}).get("faults", 0)
    days.services.effects.plan("mark_customer", times, fault)
    acting, instance = agreed(days, f"DEAL-OUT-{times}-{fault.drop}")

    def failed(number: int) -> bool:
        """So many tries failed, and the last of them is recorded: what comes next counts from then."""
        faults = days.services.counts().get("mark_customer", {}).get("faults", 0)
        return faults >= before + number and state_of(acting, instance, "mark") != "requested"

    for number in range(1, times + 1):
        until("the failure", partial(failed, number))
        pass_time(days.house, 20 * SECOND)


def test_a_system_that_stays_down_undoes_what_was_done_before_it(days: World) -> None:
    before = counted(days)
    outage(days, times=4)  # the first try and three more
    until("the undoing", lambda: since(days, before) == [1, 1, 0, 1, 1, 1])


def test_a_short_outage_undoes_nothing(days: World) -> None:
    before = counted(days)
    outage(days, times=2)
    until("the third try", lambda: since(days, before) == [1, 1, 1, 0, 0, 0])


def test_a_mark_whose_answers_are_lost_is_taken_off_all_the_same(days: World) -> None:
    before = counted(days)
    outage(days, 4, Fault(drop=True, after=True))
    until("the undoing", lambda: since(days, before) == [1, 1, 1, 1, 1, 1])


def test_an_undoing_that_fails_is_held_for_a_person_and_goes_on_when_tried_again(world: World) -> None:
    before = counted(world)
    drive.plan(world.services.address, "mark_customer", 422)
    drive.plan(world.services.address, "close_business_account", 422)
    acting, instance = agreed(world, "DEAL-STUCK")

    def held() -> list[Any]:
        found = world.house.get("/v1/incidents?state=open", OPERATOR).json()["items"]
        return [one for one in found if one["instance"] == instance]

    (incident,) = until("the incident", held)
    assert since(world, before) == [1, 1, 0, 0, 1, 0]  # enrolment removed, account still open, and somebody knows
    assert (incident["role"], incident["code"]) == ("business-operations", "HTTP_422")
    at = f"/v1/incidents/{incident['id']}/resolution"
    world.staff.person(OPERATOR).post(at, {"how": "retry", "reason": "the system takes closures again"})
    assert acting.ends(instance) == "ended:not opened"
    assert since(world, before) == [1, 1, 0, 1, 1, 1]


def test_an_instance_that_is_cancelled_leaves_no_account_behind(days: World) -> None:
    before = counted(days)
    drive.plan(days.services.address, "mark_customer", 503, times=1)
    acting, instance = agreed(days, "DEAL-CANCELLED")
    until("two steps", lambda: since(days, before)[:2] == [1, 1])
    reason = {"reason": "the customer withdrew"}
    days.staff.person(OPERATOR).post(f"/v1/process-instances/{instance}/cancellation", reason)
    assert acting.ends(instance) == "cancelled"
    assert since(days, before) == [1, 1, 0, 1, 1, 0]
    assert undoings(days, instance) == ["enrol", "open"]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_one_who_says_no_ends_the_approvals_of_the_others(world: World, part: int) -> None:
    acting = acting_in(world)
    instance = drive.won(acting, f"DEAL-NO-{part}")
    who, name, _ = drive.APPROVALS[part]
    other, others, outcome = drive.APPROVALS[(part + 1) % 3]
    task = task_of(world.staff.person(other), instance, f"{others}-approval")["id"]
    acting.decide(who, instance, f"{name}-approval", "turn down", "outside what is offered")
    assert acting.ends(instance) == "ended:turned down"
    assert refusal(lambda: attempt(world.staff, other, task, outcome, drive.REASON)) == "WRONG_STATE"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_one_who_says_no_last_is_heard_as_well(world: World, part: int) -> None:
    before = counted(world)
    acting = acting_in(world)
    instance = drive.won(acting, f"DEAL-LAST-{part}")
    who, name, _ = drive.APPROVALS[part]
    drive.agree(acting, instance, tuple([one for one in drive.APPROVALS if one[0] != who]))
    until("the end of the other branches", lambda: steps_of(acting, instance) == {"approvals", f"{name}-approval"})
    acting.decide(who, instance, f"{name}-approval", "turn down", "outside what is offered")
    assert acting.ends(instance) == "ended:turned down"
    assert since(world, before) == [0] * 6


def test_an_approval_over_the_limit_is_for_somebody_with_a_higher_one(world: World) -> None:
    acting = acting_in(world)
    instance = drive.won(acting, "DEAL-LARGE", "250000.01")
    task = task_of(world.staff.person(drive.RELATIONSHIP), instance, "relationship-approval")
    assert refusal(lambda: attempt(world.staff, drive.RELATIONSHIP, task["id"], "accept", drive.REASON)) == "LIMIT_CASE"
    acting.decide("relationship-manager-3", instance, "relationship-approval", "accept", drive.REASON)
    due = world.staff.person(drive.RELATIONSHIP).get(f"/v1/tasks/{task['id']}")["due_explained"]
    assert due["words"].startswith("2 business days of 8 hours from ")


def test_a_late_approval_is_passed_on_to_those_above(days: World) -> None:
    acting = acting_in(days)
    instance = drive.won(acting, "DEAL-LATE")
    task = task_of(days.staff.person(drive.RELATIONSHIP), instance, "relationship-approval")["id"]
    pass_time(days.house, 9 * DAY)  # two business days and four business hours lie within nine, whatever day it is
    until("passing on", lambda: days.staff.person(drive.RELATIONSHIP).get(f"/v1/tasks/{task}")["above"])
    claim = f"/v1/tasks/{task}/claim"
    assert refusal(lambda: days.staff.person(drive.RELATIONSHIP).post(claim)) == "NOT_OFFERED"
    acting.decide("head-of-business-banking", instance, "relationship-approval", "accept", drive.REASON)


def sent(world: World, deal: str, message: str, key: bytes = KEY) -> Any:
    """The signed event of the CRM, as its own system would send it."""
    secret = world.house.settings.secrets_folder / "crm-events"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text(webhook.secret_text(KEY))
    secret.chmod(0o600)
    body = json.dumps({"type": "deal.won", "data": drive.won_data(deal)}).encode()
    signed = webhook.sign([key], message, world.house.service.rooms.clock.wall() // SECOND, body)
    headers = {"webhook-id": message, "webhook-timestamp": signed.timestamp, "webhook-signature": signed.signature}
    return world.house.post("/v1/hooks/crm-events", content=body, headers=headers)


def test_a_signed_event_of_the_crm_starts_it_once(world: World) -> None:
    first = sent(world, "DEAL-HOOK", "m-1")
    assert first.status_code == 200, first.text
    assert sent(world, "DEAL-HOOK", "m-1").json() == first.json()
    world.house.refused(sent(world, "DEAL-FORGED", "m-2", b"x" * 32), 401, "BAD_CREDENTIALS")
    drive.agree(acting_in(world), first.json()["instance"])
    assert acting_in(world).ends(first.json()["instance"]) == "ended:opened"


def test_the_same_deal_again_starts_nothing(world: World) -> None:
    acting = acting_in(world)
    drive.won(acting, "DEAL-TWICE")
    assert refusal(lambda: drive.won(acting, "DEAL-TWICE")) == "BUSINESS_KEY_TAKEN"
