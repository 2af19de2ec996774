"""Prior authorization on a served organisation: both clocks, more information, and denials by who knows the field."""

import json
from typing import Any

import pytest

from examples.authorizations.generate import NEEDS, document
from examples.demo.deciding import attempt, task_of
from examples.demo.door import Refused, until
from examples.processes.acting import Acting
from examples.processes.prior_authorization import drive
from examples.services.effects import Fault
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput
from tests.api.releasing import release
from tests.examples.cases import case_file
from tests.processes.conftest import World
from tests.processes.passing import DAY, HOUR, SECOND, pass_time

NURSE, PHYSICIAN = drive.NURSE, drive.RESPIRATORY


@pytest.fixture
def acting(days: World) -> Acting:
    return Acting(days.staff, drive.BLUEPRINT, drive.DOMAIN, drive.GATEWAY)


COUNT = iter(range(1000, 2000))


def begun(acting: Acting, priority: Any = "normal", need: int = 0) -> tuple[str, str]:
    """A new instance, and the number of its request."""
    number = next(COUNT)
    return drive.start(acting, document(number, NEEDS[need], priority)), f"PA-{number:06d}"


def clock_of(acting: Acting, instance: str) -> dict[str, Any]:
    """The timer of the deadline around the review. It is set for the next thing that happens: the warning, at 75 %."""
    read = acting.door.get(f"/v1/process-instances/{instance}")
    (step,) = [one for one in read["steps"] if one["step"] in ("standard", "expedited")]
    (timer,) = [one for one in step["timers"] if one["name"] == "deadline"]
    return {**timer, "warns_after": timer["due_at"] - read["started_at"]}


def escalated(days: World, instance: str) -> list[str]:
    """What was recorded because the answer was late or nearly so."""
    found = [one for entry in days.history(instance) for one in entry["followed"]]
    return [one["detail"]["act"] for one in found if one["type"] == "deadline.escalated"]


def refused(code: str, acting: Acting, who: str, task: str, outcome: str) -> None:
    with pytest.raises(Refused) as turned_down:
        attempt(acting.organisation, who, task, outcome, "not needed")
    assert turned_down.value.reason == code


def test_every_way_out(world: World) -> None:
    before = world.services.counts()
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:approved": 2, "ended:denied": 1}
    assert [one.reason for one in driven.refusals] == ["WRONG_POWER", "CONDITION_FAILED", "REASON_MISSING"]
    for operation, effects in {
        "acknowledge": 3,
        "approve": 2,
        "pend": 1,
        "extension": 1,
        "deny": 1,
        "denial": 1,
    }.items():
        assert world.effects(operation) - before.get(operation, {}).get("effects", 0) == effects, operation


def test_a_denial_is_on_record_with_its_reason_and_the_credential_it_rests_on(world: World) -> None:
    acting = Acting(world.staff, drive.BLUEPRINT, drive.DOMAIN, drive.GATEWAY)
    instance, _ = begun(acting, need=1)
    acting.decide(drive.REHABILITATION, instance, "standard-review", "deny", "the walking test was passed")
    acting.fill_in(drive.REHABILITATION, instance, "standard-denial", {"denial": drive.DENIAL})
    assert acting.ends(instance) == "ended:denied"
    task = next(one for one in world.history(instance) if one.get("decision"))
    assert task["decision"]["outcome"] == "deny"
    assert task["reason_code"]["code"] == "not-medically-necessary"


def test_the_same_request_twice_is_one(world: World) -> None:
    acting = Acting(world.staff, drive.BLUEPRINT, drive.DOMAIN, drive.GATEWAY)
    drive.start(acting, document(900))
    with pytest.raises(Refused) as turned_down:
        drive.start(acting, document(900))
    assert turned_down.value.reason == "BUSINESS_KEY_TAKEN"


def test_an_incomplete_bundle_starts_nothing(world: World) -> None:
    acting = Acting(world.staff, drive.BLUEPRINT, drive.DOMAIN, drive.GATEWAY)
    value = json.loads(document(901))
    del value["entry"][3]["resource"]["name"]
    before = world.house.size
    with pytest.raises(BrokenInput) as broken:
        drive.start(acting, json.dumps(value).encode())
    assert broken.value.location == "Bundle.entry[3].resource.name"
    assert world.house.size == before


def test_who_has_no_part_in_it_does_not_know_of_it(world: World) -> None:
    acting = Acting(world.staff, drive.BLUEPRINT, drive.DOMAIN, drive.GATEWAY)
    instance, _ = begun(acting)
    world.house.refused(world.house.get(f"/v1/process-instances/{instance}", "credit-officer-1"), 403, "NO_RULE")
    read = world.house.get(f"/v1/process-instances/{instance}", "utilization-manager").json()
    assert "Patient" not in json.dumps(read)  # who keeps the clocks need not read about patients


@pytest.mark.parametrize(("priority", "within"), [("normal", 7 * DAY), ("deferred", 7 * DAY), ("stat", 72 * HOUR)])
def test_the_clock_is_that_of_the_priority(acting: Acting, priority: str, within: int) -> None:
    instance, _ = begun(acting, priority)
    assert clock_of(acting, instance)["warns_after"] == within * 3 // 4


@pytest.mark.cases
@pytest.mark.parametrize(("priority", "within"), [("normal", 7 * DAY), ("stat", 72 * HOUR)])
def test_a_published_bundle_starts_with_the_clock_of_its_priority(acting: Acting, priority: str, within: int) -> None:
    value = json.loads(case_file("prior-authorization/bundle-prior-auth.json").read_bytes())
    claim = value["entry"][0]["resource"]
    claim["id"] = f"published-{priority}"
    claim["priority"]["coding"][0]["code"] = priority
    instance = drive.start(acting, json.dumps(value).encode())
    assert clock_of(acting, instance)["warns_after"] == within * 3 // 4
    read = acting.door.get(f"/v1/process-instances/{instance}")["data"]
    assert read["specialty"] == "respiratory medicine"  # E0424, stationary oxygen


def test_an_expedited_answer_is_late_after_72_hours_and_not_before(days: World, acting: Acting) -> None:
    instance, _ = begun(acting, "stat")
    task_of(days.staff.person(PHYSICIAN), instance, "expedited-review")
    pass_time(days.house, 72 * HOUR - 60 * SECOND)
    until("the warning", lambda: escalated(days, instance))
    assert escalated(days, instance) == ["warned"]
    pass_time(days.house, 61 * SECOND)
    until("the breach", lambda: len(escalated(days, instance)) > 1)
    assert escalated(days, instance) == ["warned", "late", "told"]
    acting.decide(PHYSICIAN, instance, "expedited-review", "approve", "the criterion is met")
    assert acting.ends(instance) == "ended:approved"  # late, on record as late, and answered all the same


def pended(days: World, acting: Acting) -> tuple[str, str]:
    """A standard request for which more was asked two days after it came in."""
    instance, number = begun(acting)
    pass_time(days.house, 2 * DAY)
    acting.decide(NURSE, instance, "standard-review", "ask for more", "the blood gas analysis is missing")
    drive.wait_for_step(acting, instance, "-information")
    return instance, number


def test_the_clock_stands_still_while_information_is_awaited_and_goes_on_with_the_rest(
    days: World, acting: Acting
) -> None:
    instance, number = pended(days, acting)
    before = clock_of(acting, instance)
    assert before["paused_at"] is not None
    pass_time(days.house, 10 * DAY)
    assert escalated(days, instance) == []
    drive.inform(acting, instance, number)
    after = clock_of(acting, instance)
    assert after["paused_at"] is None
    moved = after["due_at"] - before["due_at"]
    assert 10 * DAY <= moved < 10 * DAY + 60 * SECOND  # later by what was waited, and by no more
    read = days.staff.person(PHYSICIAN).get(f"/v1/process-instances/{instance}")["data"]["record"]
    assert read["documents"] == ["QuestionnaireResponse/answers", "Observation/blood-gas"]
    pass_time(days.house, 5 * DAY - HOUR)  # two before the question, not quite five after the answer
    until("the warning", lambda: escalated(days, instance))
    assert escalated(days, instance) == ["warned"]
    pass_time(days.house, 2 * HOUR)
    until("the breach", lambda: len(escalated(days, instance)) > 1)
    assert escalated(days, instance) == ["warned", "late", "told"]
    acting.decide(PHYSICIAN, instance, "standard-second-review", "approve", "the analysis shows it")
    assert acting.ends(instance) == "ended:approved"


def test_what_never_comes_is_waited_for_14_days_and_no_longer(days: World, acting: Acting) -> None:
    instance, number = pended(days, acting)
    pass_time(days.house, 14 * DAY - HOUR)
    drive.wait_for_step(acting, instance, "-information")
    pass_time(days.house, 2 * HOUR)
    drive.wait_for_step(acting, instance, "-second-review")
    assert clock_of(acting, instance)["paused_at"] is None
    with pytest.raises(Refused) as turned_down:
        acting.tell("information-received", number, {"documents": [], "note": "too late"})
    assert turned_down.value.reason == "NOT_FOUND"
    task = task_of(days.staff.person(NURSE), instance, "standard-second-review")["id"]
    refused("WRONG_POWER", acting, NURSE, task, "deny")
    with pytest.raises(Refused) as unknown:  # more is asked once: the extension is one of 14 days in all
        acting.decide(PHYSICIAN, instance, "standard-second-review", "ask for more", "still missing")
    assert unknown.value.reason == "UNKNOWN_OUTCOME"


LICENSED = """\
authority-grant: physician-reviewer-4-2026
instrument: credentialing-2026
grantee: person physician-reviewer-4
domain: health
powers:
  - {decision: judge-authorization, outcomes: [approve, deny, ask for more]}
limits: none
conditions:
  - 'specialty = "respiratory medicine"'
valid: {from: 2026-01-01T00:00:00Z, to: UNTIL}
"""


def test_a_denial_under_a_licence_that_has_ended_is_refused(days: World, acting: Acting) -> None:
    who = "physician-reviewer-4"
    ends = instant_text(Instant(days.house.clock.wall() + DAY))
    assignment = f"role assignment: {who}-reviews\nto: {who}\nrole: authorization-reviewer\ndomain: health\n"
    release(days.house, "person", f"person: {who}\nname: Physician Reviewer 4\n")
    release(days.house, "role-assignment", assignment)
    release(days.house, "authority-grant", LICENSED.replace("UNTIL", ends))
    instance, _ = begun(acting)
    task = task_of(days.staff.person(who), instance, "standard-review")["id"]
    pass_time(days.house, DAY + SECOND)
    refused("EXPIRED", acting, who, task, "deny")
    read = days.staff.person(PHYSICIAN).get(f"/v1/tasks/{task}")
    assert read["state"] == "offered"


def test_an_answer_that_is_lost_on_its_way_is_given_once(days: World, acting: Acting) -> None:
    days.services.effects.plan("approve", 1, Fault(drop=True, after=True))
    before = days.effects("approve")
    instance, _ = begun(acting)
    acting.decide(NURSE, instance, "standard-review", "approve", "the criterion is met")
    until("the first try", lambda: days.services.counts()["approve"]["faults"] == 1)
    pass_time(days.house, 10 * SECOND)
    assert acting.ends(instance) == "ended:approved"
    counts = days.services.counts()["approve"]
    assert (days.effects("approve") - before, counts["repeats"]) == (1, 1)
