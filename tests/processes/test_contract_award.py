"""Public contracts: no award before its clearances, none beyond a warrant, and who clears may refuse for all."""

from typing import Any

import pytest

from examples.demo.deciding import attempt, task_of
from examples.demo.door import Refused, until
from examples.processes.acting import Acting
from examples.processes.contract_award import drive
from examples.processes.contract_award.drive import OFFICERS, prepared, preparing
from examples.services.effects import Fault
from ledger.clock import Instant, instant_text
from tests.api.organisation import House
from tests.api.releasing import carry, release
from tests.processes.conftest import World
from tests.processes.passing import DAY, SECOND, pass_time

WARRANT = """\
authority-grant: warrant-4-2026
instrument: sf1402-contracting-officer-2
grantee: person contracting-officer-4
domain: contracts
powers:
  - {decision: award-contract, outcomes: [award, do not award]}
limits: none
valid: {from: 2026-01-01T00:00:00Z, to: UNTIL}
"""


def refusal(act: Any) -> str:
    with pytest.raises(Refused) as turned_down:
        act()
    return turned_down.value.reason


def award(world: World, instance: str, who: str, outcome: str = "award") -> str:
    """Why the award by this officer is refused."""
    task = task_of(world.staff.person(who), instance, "award")["id"]
    return refusal(lambda: attempt(world.staff, who, task, outcome, drive.REASON))


def at(acting: Acting, instance: str) -> set[str]:
    """The steps that wait for somebody."""
    tasks = acting.door.get(f"/v1/process-instances/{instance}")["tasks"]
    return {one["step"] for one in tasks if one["state"] in ("offered", "claimed")}


def test_every_way_out(world: World) -> None:
    driven = drive.run(world.staff, world.services.address)
    assert driven.outcomes == {"ended:awarded": 2, "ended:returned": 1}
    assert [one.reason for one in driven.refusals] == ["WRONG_POWER", "LIMIT_CASE", "CONDITION_FAILED"]
    counts = {name: world.effects(name) for name in ("file_document", "record_award", "report_action")}
    assert counts == {"file_document": 5, "record_award": 2, "report_action": 2}


@pytest.mark.parametrize(
    ("amount", "sole_source", "set_aside", "needed"),
    [
        ("15000.00", True, False, set()),  # micro-purchase
        ("15000.01", False, False, {"small-business"}),
        ("350000.00", False, False, {"small-business"}),
        ("350000.00", False, True, set()),  # reserved for small businesses
        ("350000.01", False, True, {"legal"}),
        ("350000.01", False, False, {"legal", "small-business"}),
        ("900000.00", True, False, {"legal", "small-business"}),  # the officer's own certification
        ("900000.01", True, False, {"legal", "small-business", "competition"}),
    ],
)
def test_the_value_says_which_clearances_begin(
    world: World, amount: str, sole_source: bool, set_aside: bool, needed: set[str]
) -> None:
    acting = preparing(world.staff)
    number = f"C-{amount}-{sole_source}-{set_aside}"
    instance = prepared(acting, number, amount, sole_source=sole_source, set_aside=set_aside)
    if needed:
        assert at(acting, instance) == needed
    else:
        task_of(world.staff.person(OFFICERS[1]), instance, "award")


def test_the_award_is_offered_to_nobody_before_the_last_clearance_is_in_the_file(world: World) -> None:
    acting = preparing(world.staff)
    instance = prepared(acting, "C-ORDER", "1000000.00", sole_source=True)
    for number, step in enumerate(("competition", "legal", "small-business")):
        assert at(acting, instance) == {"competition", "legal", "small-business"} - set(
            ("competition", "legal", "small-business")[:number]
        )
        drive.clear(acting, instance, step)
    acting.decide(OFFICERS[1], instance, "award", "award", drive.REASON)
    assert acting.ends(instance) == "ended:awarded"
    said = [(one["type"], one["detail"].get("step")) for entry in world.history(instance) for one in entry["followed"]]
    offered = said.index(("step.entered", "award"))
    filed = [place for place, one in enumerate(said) if one[0] == "step.entered" and str(one[1]).endswith("-filed")]
    assert len(filed) == 3
    assert max(filed) < offered


def offered(acting: Acting, instance: str) -> tuple[list[str], list[str], list[str]]:
    """What the specialist may begin, begin again and pass over now."""
    [file] = [
        one for one in acting.door.get(f"/v1/process-instances/{instance}")["steps"] if one["step"] == "preparation"
    ]
    return file["to_begin"], file["to_repeat"], file["to_pass_over"]


def test_the_file_is_prepared_in_any_order_and_no_price_goes_unexamined(world: World) -> None:
    acting = preparing(world.staff)
    instance = drive.started(acting, "C-FILE", "9000.00")
    three, either = ["market-research", "clarification", "price-analysis"], ["market-research", "clarification"]
    assert offered(acting, instance) == (three, [], either)
    acting.choose(acting.starter, (instance, "clarification"))
    drive.answered(acting, instance, "Maintenance every month, parts at cost")
    assert offered(acting, instance) == (["market-research", "price-analysis"], ["clarification"], ["market-research"])
    body = {"activation": 1, "branch": "price-analysis", "reason": "no time"}
    at_door = f"/v1/process-instances/{instance}/branches/passing-over"
    assert refusal(lambda: acting.door.post(at_door, body)) == "WRONG_STATE"
    drive.analysed(acting, instance)
    assert at(acting, instance) == set()  # the file is not ready before somebody says that the market is known
    acting.choose(acting.starter, (instance, "market-research"), "pass over", "the report still holds")
    acting.decide(OFFICERS[0], instance, "award", "award", drive.REASON)
    assert acting.ends(instance) == "ended:awarded"


def test_what_was_asked_again_and_left_out_is_on_record_with_its_reason(world: World) -> None:
    acting = preparing(world.staff)
    instance = drive.started(acting, "C-ASKED", "9000.00")
    drive.clarified_twice(acting, instance)
    task_of(world.staff.person(OFFICERS[0]), instance, "award")
    told = [(one["kind"], one["reason"]) for one in world.history(instance) if one["kind"].startswith("branch.")]
    assert told == [
        ("branch.begun", None),
        ("branch.begun_again", "are filters parts, or maintenance?"),
        ("branch.passed_over", drive.NOT_NEEDED["market-research"]),
        ("branch.begun", None),
    ]


@pytest.mark.parametrize("step", list(drive.CLEARANCES))
def test_one_refused_clearance_ends_the_others_and_returns_the_contract(world: World, step: str) -> None:
    acting = preparing(world.staff)
    before = world.effects("record_award")
    instance = prepared(acting, f"C-NO-{step}", "1000000.00", sole_source=True)
    acting.decide(drive.CLEARANCES[step], instance, step, "refuse", "not as it is")
    assert acting.ends(instance) == "ended:returned"
    assert at(acting, instance) == set()
    assert world.effects("record_award") == before


@pytest.mark.parametrize("step", list(drive.CLEARANCES))
def test_a_clearance_refused_last_returns_the_contract_as_well(world: World, step: str) -> None:
    acting = preparing(world.staff)
    before = world.effects("record_award")
    instance = prepared(acting, f"C-LAST-{step}", "1000000.00", sole_source=True)
    drive.clear(acting, instance, *[one for one in drive.CLEARANCES if one != step])
    read = f"/v1/process-instances/{instance}"
    until(
        "the end of the other branches",
        lambda: {one["step"] for one in acting.door.get(read)["steps"]} == {"clearances", step},
    )
    acting.decide(drive.CLEARANCES[step], instance, step, "refuse", "not as it is")
    assert acting.ends(instance) == "ended:returned"
    assert world.effects("record_award") == before


def test_a_sole_source_above_the_advocates_limit_is_for_the_head_of_contracting(world: World) -> None:
    acting = preparing(world.staff)
    instance = prepared(acting, "C-20M", "20000000.01", sole_source=True)
    task = task_of(world.staff.person(drive.COMPETITION), instance, "competition")["id"]
    over = refusal(lambda: attempt(world.staff, drive.COMPETITION, task, "clear", drive.REASON))
    assert over == "LIMIT_CASE"
    acting.decide(drive.HEAD, instance, "competition", "clear", drive.REASON)


def test_an_officer_who_prepared_a_contract_does_not_award_it(world: World) -> None:
    acting = preparing(world.staff, OFFICERS[1])
    instance = prepared(acting, "C-OWN", "5000.00")
    assert award(world, instance, OFFICERS[1]) == "SOD"
    acting.decide(OFFICERS[0], instance, "award", "do not award", "the price is not fair")
    assert acting.ends(instance) == "ended:not awarded"


def test_a_requirement_that_is_split_meets_the_limit_of_thirty_days(world: World) -> None:
    acting = preparing(world.staff)
    split = [prepared(acting, f"C-SPLIT-{number}", "300000.00", set_aside=True) for number in range(3)]
    for instance in split[:2]:
        acting.decide(OFFICERS[0], instance, "award", "award", drive.REASON)
    assert award(world, split[2], OFFICERS[0]) == "LIMIT_PERIOD"


def proposed(house: House, kind: str, source: str) -> None:
    """Put an authority in force as its register keeper proposes it."""
    body = {"kind": kind, "source": source, "title": "A warrant", "reason": "as decided"}
    made = house.post("/v1/change-requests", "register-keeper", body)
    assert made.status_code == 200, made.text
    carry(house, made.json())


def test_a_warrant_that_ends_while_the_contract_is_prepared_awards_nothing(days: World) -> None:
    who, ends = "contracting-officer-4", instant_text(Instant(days.house.clock.wall() + DAY))
    release(days.house, "person", f"person: {who}\nname: Contracting Officer 4\n")
    role = f"role assignment: {who}-awards\nto: {who}\nrole: contracting-officer\ndomain: contracts\n"
    release(days.house, "role-assignment", role)
    proposed(days.house, "authority-grant", WARRANT.replace("UNTIL", ends))
    acting = preparing(days.staff)
    first, second = prepared(acting, "C-BEFORE", "10000.00"), prepared(acting, "C-AFTER", "10000.00")
    task_of(days.staff.person(who), second, "award")
    pass_time(days.house, DAY - 60 * SECOND)
    acting.decide(who, first, "award", "award", drive.REASON)  # a minute before its end it holds
    pass_time(days.house, 61 * SECOND)
    assert award(days, second, who) == "EXPIRED"


@pytest.mark.parametrize(("action", "code"), [("suspend", "SUSPENDED"), ("revoke", "REVOKED")])
def test_a_warrant_that_is_taken_away_awards_nothing_from_then_on(days: World, action: str, code: str) -> None:
    acting = preparing(days.staff)
    instance = prepared(acting, f"C-{action}", "10000.00")
    ends = f"to: {instant_text(Instant(days.house.clock.wall() + 10 * DAY))}\n" if action == "suspend" else ""
    about = f"authority-revocation: officer-2-{action}\ngrant: warrant-2-2026\naction: {action}\n"
    proposed(days.house, "authority-revocation", f"{about}{ends}reason: under review\n")
    assert award(days, instance, OFFICERS[1]) == code
    acting.decide(OFFICERS[0], instance, "award", "award", drive.REASON)
    assert acting.ends(instance) == "ended:awarded"


def escalated(world: World, instance: str) -> list[str]:
    """What was recorded because something was late or nearly so."""
    found = [one for entry in world.history(instance) for one in entry["followed"]]
    return [one["detail"]["act"] for one in found if one["type"] == "deadline.escalated"]


def test_a_report_that_is_not_made_in_three_business_days_is_told_of(days: World) -> None:
    before = days.services.counts().get("report_action", {}).get("faults", 0)
    days.services.effects.plan("report_action", 100, Fault(503))
    acting = preparing(days.staff)
    instance = prepared(acting, "C-REPORT", "9000.00")
    acting.decide(OFFICERS[0], instance, "award", "award", drive.REASON)
    until("the report", lambda: days.services.counts()["report_action"]["faults"] > before)
    pass_time(days.house, 9 * DAY)  # three business days lie within nine, whatever day it is
    until("the breach", lambda: "told" in escalated(days, instance))
    days.services.effects.plan("report_action", 0, Fault())
