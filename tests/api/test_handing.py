"""Tasks change hands over HTTP: whom one may be given to, what the delegate proposes, who completes it."""

from tests.api.organisation import House
from tests.api.work import decide, start, stated, task_of, waiting_task

OWNER, OTHER = "budget-owner-1", "finance-director"


def test_those_it_can_be_given_to_are_those_who_could_do_it(house: House) -> None:
    task = waiting_task(house)
    found = house.get(f"/v1/tasks/{task['id']}/candidates", OWNER).json()["items"]
    assert {house.person(OWNER), house.person(OTHER)} <= {one["id"] for one in found}
    assert house.person("accounts-payable-clerk") not in {one["id"] for one in found}
    said = {"to": house.person("accounts-payable-clerk"), "reason": "help"}
    answer = house.post(f"/v1/tasks/{task['id']}/delegate", OWNER, said)
    assert (answer.status_code, answer.json()["reason"]) == (403, "NO_GRANT")


def test_delegate_proposes_and_the_holder_decides(house: House) -> None:
    task = waiting_task(house)
    at = f"/v1/tasks/{task['id']}"
    said = {"to": house.person(OTHER), "reason": "please look at it", "expected_revision": task["revision"]}
    handed = house.post(f"{at}/delegate", OWNER, said)
    assert handed.json()["outcome"] == "delegated", handed.text
    mine = house.get("/v1/tasks?list=delegated&explained=1", OTHER).json()["items"]
    (seen,) = [one for one in mine if one["id"] == task["id"]]
    assert (seen["is_delegated_to_me"], seen["is_mine"]) == (True, False)
    statement = {"outcome": "approve", "reason": "x", "shown_digest": task["shown_digest"]}
    house.refused(house.post(f"{at}/statement", OWNER, statement), 409, "DELEGATED")
    returned = house.post(f"{at}/return", OTHER, {"outcome": "approve", "reason": "all lines match"})
    assert returned.json()["outcome"] == "proposed", returned.text
    read = house.get(at, OWNER).json()
    proposal = read["returned"]
    assert (proposal["by"], proposal["outcome"], proposal["reason"]) == (
        house.person(OTHER),
        "approve",
        "all lines match",
    )
    done = house.post(f"{at}/completion", OWNER, stated(house, read))
    assert done.status_code == 200, done.text
    history = house.get(f"/v1/process-instances/{task['instance']}/history", OWNER).json()["items"]
    kinds = [one["kind"] for one in history]
    assert {"task.delegated", "task.returned", "task.completed"} <= set(kinds)


def test_reassigned_task_moves_between_inboxes(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    at = f"/v1/tasks/{task['id']}"
    said = {"to": house.person(OTHER), "reason": "on leave"}
    house.refused(house.post(f"{at}/reassign", OWNER, said), 403, "NO_RULE")
    house.refused(house.post(f"{at}/reassign", OTHER, {**said, "reason": ""}), 422, "REASON_MISSING")
    assert house.post(f"{at}/reassign", OTHER, said).json()["holder"] == house.person(OTHER)
    assert task["id"] not in {one["id"] for one in house.get("/v1/tasks?list=mine", OWNER).json()["items"]}
    read = house.get(at, OTHER).json()
    assert read["is_mine"]
    assert decide(house, read, OTHER).status_code == 200


def test_broken_ids_and_bodies_are_told_where(house: House) -> None:
    task = waiting_task(house)
    at = f"/v1/tasks/{task['id']}"
    house.refused(house.get("/v1/tasks/pi_nothing.1/candidates", OWNER), 404, "NOT_FOUND")
    house.refused(house.post(f"{at}/delegate", OWNER, {"reason": "x"}), 400, "MALFORMED")
    house.refused(house.post(f"{at}/delegate", OWNER, {"to": "nobody", "reason": "x"}), 403, "NO_RULE")
    house.refused(house.post("/v1/tasks/nothing/return", OWNER, {}), 404, "NOT_FOUND")
