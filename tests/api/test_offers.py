"""Work offered to skills and units, and substitutions, over HTTP: who sees it, who is given it, what is refused."""

from typing import Any

from api.notifications.notifying import Notifier
from api.running import Vacancies, notifier_links
from ledger.actor import SYSTEM
from ledger.clock import SECOND
from tests.api.organisation import House
from tests.api.releasing import release
from tests.api.work import FINANCE, intake

ONE, TWO, DIRECTOR = "budget-owner-1", "budget-owner-2", "finance-director"
HOUR = 3_600 * SECOND

SORTING = """blueprint: {name}
title: Sorting
purpose: Put everything where it belongs.
owner: finance-operations
data:
  item: {{type: string, class: internal, required: true}}
  shelf: {{type: string, class: internal}}
start: {{by: api, requires: role invoice-intake, key: item}}
first: sort
steps:
  sort: {{task: Sort it, role: role budget-owner, offer to: {{{offer}}}, shows: [item], expects: [shelf], next: note}}
  note: {{job: note-shelf, with: {{shelf: = shelf}}, next: done}}
  done: {{end: sorted}}
"""


def give(house: House, name: str, of: str, attribute: str) -> None:
    release(house, "person-attribute", f"person attribute: {name}\nof: {of}\n{attribute}\n")


def begin(house: House, name: str) -> tuple[str, dict[str, Any]]:
    """A new instance of a blueprint: its id and its open task."""
    house.count += 1
    body = {"blueprint": name, "business_key": f"S-{house.count}", "data": {"item": f"S-{house.count}"}}
    answer = house.post("/v1/process-instances", intake(house), {**body, "domain": FINANCE})
    assert answer.status_code == 200, answer.text
    instance = answer.json()["instance"]
    found = house.get(f"/v1/process-instances/{instance}", ONE).json()["tasks"]
    return instance, found[0] if found else {}


def team(house: House, who: str) -> set[str]:
    return {one["id"] for one in house.get("/v1/tasks?list=team&limit=100", who).json()["items"]}


def away(house: House, absent: str, substitute: str, who: str, **more: Any) -> Any:
    body = {"substitute": house.person(substitute), "valid_until": house.clock.wall() + HOUR, "reason": "on leave"}
    if who != absent:
        body["absent"] = house.person(absent)
    return house.post("/v1/substitutions", who, {**body, **more})


def lift(house: House, answer: Any, who: str) -> Any:
    at = f"/v1/substitutions/{answer.json()['substitution']}/lifting"
    return house.post(at, who, {"reason": "back again"})


def test_a_skill_and_a_unit_that_nobody_has_keep_a_blueprint_from_being_proposed(house: House) -> None:
    source = SORTING.format(name="sorting-nowhere", offer="skill: knot-tying")
    change = {"kind": "blueprint", "source": source, "title": "t", "reason": "r"}
    answer = house.post("/v1/change-requests", "process-owner", change)
    assert answer.status_code == 422, answer.text
    assert "offer.nobody" in answer.text


def test_offered_to_the_skilled_of_a_unit_and_to_who_stands_in_for_them(house: House) -> None:
    give(house, "one-sorts", ONE, "skill: sorting")
    give(house, "one-north", ONE, "unit: north")
    give(house, "two-sorts", TWO, "skill: sorting")
    release(house, "blueprint", SORTING.format(name="sorting-north", offer="skill: sorting, unit: north"))
    instance, task = begin(house, "sorting-north")
    assert (task["skill"], task["unit"]) == ("sorting", "north")
    before = house.get("/v1/tasks?list=team&counts=1", TWO).json()["counts"]["team"]
    assert task["id"] in team(house, ONE)
    assert task["id"] not in team(house, TWO)
    house.refused(house.post(f"/v1/tasks/{task['id']}/claim", TWO, {}), 403, "NOT_OFFERED")
    recorded = away(house, ONE, TWO, ONE)
    assert recorded.json()["outcome"] == "recorded", recorded.text
    assert task["id"] in team(house, TWO)
    assert house.get("/v1/tasks?list=team&counts=1", TWO).json()["counts"]["team"] == before + 1
    assert house.post(f"/v1/tasks/{task['id']}/claim", TWO, {}).status_code == 200
    assert house.get(f"/v1/tasks/{task['id']}", TWO).json()["stands_in_for"] == house.person(ONE)
    assert lift(house, recorded, ONE).json()["outcome"] == "lifted"
    done = house.post(f"/v1/tasks/{task['id']}/completion", TWO, {"data": {"shelf": "A"}})
    assert done.status_code == 200, done.text
    record = house.get(f"/v1/process-instances/{instance}/compliance-record", ONE).text
    assert "took the task of activation 1 in the place of" in record
    assert "completed `sort`, in the place of" in record


def test_what_the_absent_person_holds_is_offered_and_told_once(house: House) -> None:
    release(house, "blueprint", SORTING.format(name="sorting-any", offer="unit: north"))
    notifier = Notifier(notifier_links(house.settings, house.service.rooms, house.service.reader, house.submit))
    while notifier.round():
        pass
    _, task = begin(house, "sorting-any")
    assert house.post(f"/v1/tasks/{task['id']}/claim", ONE, {}).status_code == 200
    recorded = away(house, ONE, DIRECTOR, ONE)
    assert task["id"] in team(house, DIRECTOR)
    assert house.post(f"/v1/tasks/{task['id']}/claim", DIRECTOR, {}).status_code == 200
    assert lift(house, recorded, ONE).status_code == 200
    house.refused(lift(house, recorded, ONE), 409, "WRONG_STATE")


def test_given_to_who_holds_the_fewest(house: House) -> None:
    release(house, "blueprint", SORTING.format(name="sorting-shared", offer="give to: least loaded"))
    _, first = begin(house, "sorting-shared")
    _, second = begin(house, "sorting-shared")
    assert (first["state"], second["state"]) == ("claimed", "claimed")
    assert first["holder"] != second["holder"]
    history = house.get(f"/v1/process-instances/{first['instance']}/history", ONE).json()["items"]
    assert "fewest" in str(history)
    record = house.get(f"/v1/process-instances/{first['instance']}/compliance-record", ONE).text
    assert "who held the fewest (" in record


def test_substitutions_go_in_no_circle_and_are_ones_own_to_record(house: House) -> None:
    first = away(house, ONE, TWO, ONE)
    second = away(house, TWO, DIRECTOR, "process-owner")
    assert second.status_code == 200, second.text
    turned = away(house, DIRECTOR, ONE, DIRECTOR)
    house.refused(turned, 409, "SUBSTITUTION_CIRCULAR")
    around = [house.person(one) for one in (DIRECTOR, ONE, TWO, DIRECTOR)]
    assert list(turned.json()["details"].values()) == around
    house.refused(away(house, DIRECTOR, DIRECTOR, DIRECTOR), 409, "SUBSTITUTION_CIRCULAR")
    house.refused(away(house, ONE, DIRECTOR, TWO), 403, "NO_RULE")
    house.refused(lift(house, first, TWO), 403, "NO_RULE")
    seen = house.get(f"/v1/substitutions?person={house.person(TWO)}", TWO).json()["items"]
    assert {one["state"] for one in seen[-2:]} == {"in force"}
    assert {one["absent_ref"] for one in seen[-2:]} == {ONE, TWO}
    assert house.get("/v1/substitutions", "process-owner").json()["items"]
    assert house.get("/v1/substitutions", TWO).status_code == 403
    assert house.get(f"/v1/substitutions?person={house.person(ONE)}", TWO).status_code == 403
    for answer, who in ((first, ONE), (second, "process-owner")):
        assert lift(house, answer, who).status_code == 200


def test_a_substitution_ends_and_is_for_persons(house: House) -> None:
    now = house.clock.wall()
    assert away(house, ONE, TWO, ONE, valid_until=now - HOUR).status_code == 400
    assert away(house, ONE, TWO, ONE, valid_until=now + 400 * 24 * HOUR).status_code == 400
    assert away(house, ONE, TWO, ONE, reason="two\nlines").status_code == 400
    odd = {"substitute": house.person(TWO), "absent": "a\nb", "valid_until": now + HOUR, "reason": "x"}
    assert house.post("/v1/substitutions", "process-owner", odd).status_code == 400
    nobody = {"substitute": "person:nobody", "valid_until": now + HOUR, "reason": "x"}
    house.refused(house.post("/v1/substitutions", ONE, nobody), 404, "NOT_FOUND")
    body = {"substitute": house.person(TWO), "valid_until": now + HOUR, "reason": "x", "absent": house.person(ONE)}
    house.refused(house.post("/v1/substitutions", intake(house), body), 403, "NOT_A_PERSON")


def test_a_task_is_taken_from_who_has_lost_the_role(house: House) -> None:
    release(house, "blueprint", SORTING.format(name="sorting-plain", offer="give to: least loaded"))
    _, task = begin(house, "sorting-plain")
    late, at = "budget-owner-late", f"/v1/tasks/{task['id']}"
    house.post(f"{at}/release", _ref(house, task["holder"]), {})
    assert house.post(f"{at}/claim", late, {}).status_code == 200
    vacancies = Vacancies(house.service.reader, house.service.rooms.engine, house.clock)
    assert vacancies.due() == []
    assigned = f"role assignment: {late}-budget-owner\nto: {late}\nrole: budget-owner\ndomain: finance\n"
    release(house, "role-assignment", f"{assigned}until: 2026-01-01T00:00:00.000000Z\n", 1)
    assert house.post(f"{at}/completion", late, {"data": {"shelf": "B"}}).status_code == 403
    found = vacancies.due()
    assert task["id"] in {one.task_id for one in found}
    assert {house.run(one, SYSTEM).outcome.outcome for one in found} == {"released"}
    assert vacancies.due() == []  # nothing has changed: it is not looked at again
    read = house.get(at, ONE).json()
    assert (read["state"], read["holder"]) == ("offered", "")
    record = house.get(f"/v1/process-instances/{read['instance']}/compliance-record", ONE).text
    assert "who could no longer do it" in record
    assert "may no longer do it" in str(house.get(f"/v1/process-instances/{read['instance']}/history", ONE).json())


def _ref(house: House, person: str) -> str:
    (one,) = [one for one in house.get("/v1/persons?limit=100", "process-owner").json()["items"] if one["id"] == person]
    return str(one["ref"])


def test_nobody_is_offered_in_the_place_of_who_is_offered_nothing_any_more(house: House) -> None:
    """Of who stands in for somebody: by list and by claim, once the role is over and once the person has left."""
    give(house, "two-folds", TWO, "skill: folding")
    give(house, "director-folds", DIRECTOR, "skill: folding")
    release(house, "blueprint", SORTING.format(name="sorting-folded", offer="skill: folding"))
    for absent in (TWO, DIRECTOR):
        assert away(house, absent, ONE, absent).status_code == 200
    _, task = begin(house, "sorting-folded")
    claim = f"/v1/tasks/{task['id']}/claim"
    assert task["id"] in team(house, ONE)
    over = f"role assignment: {DIRECTOR}-budget-owner\nto: {DIRECTOR}\nrole: budget-owner\ndomain: finance\n"
    release(house, "role-assignment", f"{over}until: 2026-01-01T00:00:00.000000Z\n", 1)
    assert task["id"] in team(house, ONE)  # there is another
    release(house, "person", f"person: {TWO}\nname: Budget Owner 2\nstatus: left\n", 1)
    before = house.get("/v1/tasks?list=team&counts=1", ONE).json()["counts"]["team"]
    assert task["id"] not in team(house, ONE)
    house.refused(house.post(claim, ONE, {}), 403, "NOT_OFFERED")
    give(house, "one-folds", ONE, "skill: folding")
    assert task["id"] in team(house, ONE)
    assert house.get("/v1/tasks?list=team&counts=1", ONE).json()["counts"]["team"] == before + 1
    assert house.post(claim, ONE, {}).status_code == 200
