"""Work offered to a skill or unit, or given to who holds the fewest tasks: whom it reaches; it permits nothing."""

from dataclasses import replace
from typing import Any

from governance.substitution import Standing
from ledger.actor import SYSTEM
from ledger.clock import Instant
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.handing import NOBODY, ReassignTask
from orchestrator.people_tables import GIVEN
from tests.orchestrator.house import ANN, BOB, EVE, person
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, decide, end, task
from versioning import blueprint as b

CID, DAN, ZOE = person("cid"), person("dan"), person("zoe")
MORTGAGES = b.Offer(skill="mortgages", unit="north")
LEAST = b.Offer(least_loaded=True)
ABLE = ("person:cid", "person:dan")


def form(offer: b.Offer | None, **more: Any) -> b.TaskStep:
    return replace(task("f", "done", expects=("amount",), **more), offer=offer)


def office_of(*steps: b.Step) -> Office:
    """Bob, Cid and Dan are clerks; Cid has the skill and is of the unit, Dan has the skill alone."""
    office = Office(*steps)
    for one in ABLE:
        office.house.roles[one] = {"clerks", "owners"}
        office.house.limits[one] = 100
    del office.house.roles["person:ann"]
    office.house.roles["person:ann"] = {"starters", "owners"}
    office.house.attributes.known = {
        "person:cid": {("skill", "mortgages"), ("unit", "north")},
        "person:dan": {("skill", "mortgages"), ("unit", "south")},
    }
    return office


def offered(office: Office) -> dict[str, Any]:
    (found,) = recorded(office, "task.offered")
    return found


def recorded(office: Office, kind: str) -> list[dict[str, Any]]:
    return [one for entry in office.log.entries for one in entry.payload["transitions"] if one["t"] == kind]


def held_by(office: Office) -> list[str]:
    return sorted(row.holder for row in office.log.view.rows["task"].values() if row.state == "claimed")


def test_a_task_offered_to_a_skill_and_a_unit_is_taken_by_who_has_both() -> None:
    office = office_of(form(MORTGAGES), end())
    office.start(amount=3)
    task_id = office.task_id("f")
    assert (offered(office)["skill"], offered(office)["unit"]) == ("mortgages", "north")
    for other in (BOB, DAN):
        assert office.refused(c.ClaimTask(task_id), other) is Reason.NOT_OFFERED
    office.done(c.ClaimTask(task_id), CID)
    office.done(c.CompleteTask(task_id, data={"amount": 4}), CID)
    office.check()


def test_an_offer_that_is_not_made_leaves_the_entry_as_it_was() -> None:
    office = office_of(form(None), end())
    office.start(amount=3)
    assert set(offered(office)) == {"t", "activation", "role"}


def test_it_is_not_given_to_somebody_it_is_not_offered_to() -> None:
    office = office_of(form(MORTGAGES), end())
    office.start(amount=3)
    assert office.refused(ReassignTask(office.task_id("f"), "person:dan", "he has time"), ANN) is Reason.NOT_OFFERED
    office.done(ReassignTask(office.task_id("f"), "person:cid", "he knows these"), ANN)


def test_an_offer_lends_no_role() -> None:
    office = office_of(form(MORTGAGES), end())
    office.house.attributes.known["person:eve"] = {("skill", "mortgages"), ("unit", "north")}
    office.start(amount=3)
    assert office.refused(c.ClaimTask(office.task_id("f")), EVE) is Reason.NO_RULE


def test_an_offer_lends_no_authority() -> None:
    office = office_of(replace(decide("d", (("approve", "done"),)), offer=MORTGAGES), end())
    office.house.limits = {"person:cid": 2, "person:dan": 100}
    office.start(amount=1)
    task_id = office.task_id("d")
    office.done(c.ClaimTask(task_id), CID)
    office.house.limits = {"person:dan": 100}
    digest = office.shown(task_id).shown_digest
    said = office.refused(c.CompleteTask(task_id, "approve", shown_digest=digest, reason="fine"), CID)
    assert said in (Reason.NO_GRANT, Reason.WRONG_POWER)


def test_where_nobody_has_it_the_step_is_held_and_offered_again_when_tried() -> None:
    office = office_of(form(b.Offer(skill="islamic-finance")), end())
    instance = office.start(amount=3)
    incident = office.only(tables.INCIDENT)
    assert (incident.code, incident.state, incident.step) == (NOBODY, "open", "f")
    office.house.attributes.known["person:bob"] = {("skill", "islamic-finance")}
    office.done(c.ResolveIncident(f"{instance}.{incident.number}", "retry"), BOB)
    office.done(c.ClaimTask(office.task_id("f")), BOB)
    office.check()


def test_duties_leave_nobody_to_offer_it_to() -> None:
    barred = form(MORTGAGES, duties=(b.Duty("not initiator"),))
    office = office_of(barred, end())
    office.house.roles["person:cid"].add("starters")
    office.start(actor=CID, amount=3)
    assert office.only(tables.INCIDENT).code == NOBODY


def test_the_one_who_holds_the_fewest_is_given_it() -> None:
    office = office_of(form(LEAST), end())
    for number in range(6):
        office.start(key=f"A-{number}", amount=3)
    assert held_by(office) == sorted(["person:bob", "person:cid", "person:dan"] * 2)
    given = recorded(office, "task.assigned")
    assert [one["why"] for one in given] == ["least loaded"] * 6
    assert [one.get("holding", 0) for one in given] == [0, 0, 0, 1, 1, 1]
    assert {one["among"] for one in given} == {3}
    assert office.row(GIVEN, "person:bob").times == 2
    office.check()


def test_among_equals_it_goes_to_who_was_given_one_longest_ago() -> None:
    office = office_of(form(LEAST), end())
    office.start(key="A-1", amount=3)
    first = office.only(tables.TASK, state="claimed")
    assert first.holder == "person:bob"
    office.done(c.CompleteTask(f"{first.instance}.{first.number}", data={"amount": 1}), BOB)
    office.start(key="A-2", amount=3)
    assert held_by(office) == ["person:cid"]


def test_two_tasks_of_one_command_go_to_two_persons() -> None:
    one, other = (replace(task(name, "", expects=("amount",)), offer=LEAST) for name in ("x", "y"))
    office = office_of(b.AllStep("p", HERE, branches=("x", "y"), next="done"), one, other, end())
    office.start(amount=3)
    assert held_by(office) == ["person:bob", "person:cid"]
    office.check()


def test_what_a_command_gives_counts_for_what_it_gives_next() -> None:
    barred = (b.Duty("not step", "f"),)
    one, other = (replace(task(name, "", expects=("amount",), duties=barred), offer=LEAST) for name in ("x", "y"))
    fork = b.AllStep("p", HERE, branches=("x", "y"), next="done")
    office = office_of(replace(form(None), next="p"), fork, one, other, end())
    for number, actor in enumerate((CID, DAN)):
        office.start(key=f"B-{number}", amount=3)
        office.done(c.ClaimTask(newest(office)), actor)
    office.start(key="B-9", amount=3)
    task_id = newest(office)
    office.house.roles["person:zoe"] = {"clerks"}
    office.done(c.ClaimTask(task_id), ZOE)
    office.done(c.CompleteTask(task_id, data={"amount": 4}), ZOE)
    assert held_by(office) == ["person:bob", "person:cid", "person:cid", "person:dan"]


def test_what_a_command_has_completed_counts_no_more() -> None:
    office = office_of(
        replace(form(None), next="g"), replace(task("g", "done", expects=("amount",)), offer=LEAST), end()
    )
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), BOB)
    office.done(c.CompleteTask(task_id, data={"amount": 4}), BOB)
    assert held_by(office) == ["person:bob"]


def newest(office: Office) -> str:
    row = max(office.log.view.rows["task"].values(), key=lambda row: (row.instance, row.number))
    return f"{row.instance}.{row.number}"


def test_who_is_stood_in_for_comes_last() -> None:
    office = office_of(form(LEAST), end())
    office.house.stand_ins.known.append(Standing("person:bob", "person:dan", 0, 2**53))
    for number in range(3):
        office.start(key=f"A-{number}", amount=3)
    assert held_by(office) == ["person:cid", "person:cid", "person:dan"]
    office.house.roles = {"person:ann": {"starters"}, "person:bob": {"clerks"}}
    office.start(key="A-9", amount=3)
    assert "person:bob" in held_by(office)


def test_a_duty_over_what_the_same_command_did_keeps_its_actor_out() -> None:
    second = replace(
        task("g", "done", expects=("amount",), duties=(b.Duty("not step", "f"),)), offer=b.Offer(least_loaded=True)
    )
    office = office_of(replace(task("f", "g", expects=("amount",))), second, end())
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ClaimTask(task_id), BOB)
    office.done(c.CompleteTask(task_id, data={"amount": 4}), BOB)
    assert held_by(office) == ["person:cid"]


def test_who_gives_it_back_leaves_it_to_the_others() -> None:
    office = office_of(form(LEAST), end())
    office.start(amount=3)
    task_id = office.task_id("f")
    office.done(c.ReleaseTask(task_id), BOB)
    office.done(c.ClaimTask(task_id), DAN)
    office.check()


def test_a_late_task_reassigned_to_another_role_is_offered_to_all_of_it() -> None:
    late = b.Deadline("PT1H", late=(b.Late("PT0S", reassign="role ops"),))
    office = office_of(replace(form(MORTGAGES), deadline=late), end())
    office.start(amount=3)
    timer = office.only(tables.TIMER, state="set")
    office.log.now = timer.due_at
    office.done(c.FireTimer(f"{timer.instance}.{timer.number}/deadline", Instant(timer.due_at)), SYSTEM)
    row = office.only(tables.TASK, state="offered")
    assert (row.role, row.skill, row.unit) == ("ops", "", "")
    office.done(c.ClaimTask(office.task_id("f")), BOB)
