"""Who gains and loses what by a change of the access policy, told to those who are to approve it."""

from typing import Any

from examples.organisation.files import artefact_files
from tests.api import releasing
from tests.api.organisation import SERVICES, House

AT = "/v1/change-requests"
AUTHOR, REVIEWER = "process-owner", "change-reviewer"
POLICY = artefact_files(SERVICES)["access-policy.yaml"]
HANDLES = "allow: {incident: [read, resolve, assign], instance: [modify, correct]}"
SUSPENDS = POLICY.replace(HANDLES, "allow: {incident: [read, resolve], instance: [modify, correct, suspend]}", 1)


def proposed(house: House, source: str) -> str:
    """A change of the policy in force, in review."""
    number = house.get("/v1/access/policies", REVIEWER).json()["items"][0]["number"]
    base = number - 1 or None  # the first one came with the foundation, by no change request
    body = {"kind": "access-policy", "source": source, "title": "t", "reason": "r", "base_version": base}
    answer = house.post(AT, AUTHOR, body)
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["change_request"]
    return found


def effect(house: House, change: str) -> dict[str, Any]:
    answer = house.get(f"{AT}/{change}/effect", REVIEWER)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def id_of(house: House, ref: str) -> str:
    found: str = house.get("/v1/me", ref).json()["actor"]["id"]
    return found


def test_those_who_gain_and_lose_the_same_stand_together_with_the_domains(house: House) -> None:
    told = effect(house, proposed(house, SUSPENDS))
    assert (told["left_out"], told["shut"]) == (0, None)
    [group] = told["groups"]
    where = ["organisation", "finance", "lending", "retail"]
    assert group["actors"] == [id_of(house, "incident-handler")]
    assert [(one["object"], one["action"]) for one in group["gained"]] == [("instance", "suspend")]
    assert [(one["object"], one["action"]) for one in group["lost"]] == [("incident", "assign")]
    assert sorted(group["gained"][0]["domains"]) == sorted(where)


def test_what_only_reads_otherwise_changes_nothing_for_anybody(house: House) -> None:
    other = POLICY.replace("title: Resolves what is held", "title: Resolves whatever is held", 1)
    assert effect(house, proposed(house, other))["groups"] == []


def test_who_has_left_gains_nothing(house: House) -> None:
    wider = POLICY.replace("allow: {task: [claim, complete, delegate]}", "allow: {task: [claim, complete, decide]}", 1)
    change, clerk = proposed(house, wider), id_of(house, "onboarding-clerk")
    assert [group["actors"] for group in effect(house, change)["groups"]] == [[clerk]]
    releasing.release(house, "person", "person: onboarding-clerk\nname: Onboarding Clerk\nstatus: left\n", 1)
    assert effect(house, change)["groups"] == []


def test_a_change_that_is_over_tells_what_it_meant_when_it_closed(house: House) -> None:
    change = proposed(house, SUSPENDS)
    before = effect(house, change)["groups"]
    revision = house.get(f"{AT}/{change}", REVIEWER).json()
    releasing.carry(house, {"change_request": change, "digest": revision["digest"], "revision": revision["revision"]})
    assert effect(house, change)["groups"] == before != []
    again = proposed(house, SUSPENDS.replace("title: Keeps feeds going", "title: Keeps the feeds going", 1))
    assert effect(house, again)["groups"] == []  # it is in force by now
    back = proposed(house, POLICY)
    [group] = effect(house, back)["groups"]
    assert [one["action"] for one in group["lost"]] == ["suspend"]


def test_who_may_not_read_access_is_told_nothing_of_it(house: House) -> None:
    answer = house.get(f"{AT}/{proposed(house, SUSPENDS)}/effect", AUTHOR)
    assert (answer.status_code, answer.json()["reason"]) == (403, "NO_RULE")


def test_a_change_of_another_kind_has_no_effect_to_compare(house: House) -> None:
    body = {"kind": "reason-code-list", "source": releasing.LIST, "title": "t", "reason": "r"}
    made = house.post(AT, AUTHOR, body)
    assert made.status_code == 200, made.text
    assert effect(house, made.json()["change_request"])["groups"] is None
