"""Whoever works in one domain reads what lies in none, and of the register the grants of their own domain."""

import pytest

from tests.api.organisation import House
from tests.api.releasing import release
from tests.api.work import start

OFFICER, CLERK = "credit-officer-1", "accounts-payable-clerk"  # roles in lending and in finance alone
IN_LENDING = """\
role assignment: clerk-in-lending
to: accounts-payable-clerk
role: accounts-payable
domain: lending
"""
LOOK = """\
blueprint: look
title: Have a look
purpose: The same people look at it in another domain.
owner: lending-operations
data:
  number: {type: string, class: internal, required: true}
  note: {type: string, class: internal, required: true}
start: {by: api, requires: role loan-intake, key: number}
first: look
steps:
  look:
    task: Look at it
    role: role accounts-payable
    shows: [number]
    expects: [note]
    next: done
  done: {end: done}
"""


@pytest.mark.parametrize("who", [OFFICER, CLERK])
def test_blueprints_are_read_by_who_works_by_them(house: House, who: str) -> None:
    assert "blueprint:read" in house.get("/v1/me", who).json()["may"]
    for path in ("", "/invoice-approval", "/invoice-approval/versions", "/invoice-approval/versions/1/diagram"):
        assert house.get(f"/v1/blueprints{path}", who).status_code == 200, path


def test_grants_are_read_by_domain(house: House) -> None:
    every = house.get("/v1/authority-grants?limit=200", "auditor").json()["items"]
    domains = {one["domain"] for one in every}
    assert {"lending", "finance"} <= domains
    seen = house.get("/v1/authority-grants?limit=200", OFFICER).json()["items"]
    assert [one["id"] for one in seen] == [one["id"] for one in every if one["domain"] == "lending"]
    assert house.get("/v1/authorities", OFFICER).status_code == 200
    foreign = next(one["id"] for one in every if one["domain"] == "finance")
    house.refused(house.get(f"/v1/authority-grants/{foreign}", OFFICER), 404, "NOT_FOUND")
    assert house.get(f"/v1/authority-grants/{seen[0]['id']}", OFFICER).status_code == 200


def test_who_reads_in_no_domain_is_refused(house: House) -> None:
    for path in ("/v1/authorities", "/v1/authority-grants"):
        house.refused(house.get(path, CLERK), 403, "NO_RULE")


def test_the_domains_of_somebodys_tasks_are_told_and_narrow_their_lists(house: House) -> None:
    """Not those in which they read, which for whoever works in all of the organisation are all that there are."""
    for who, domains in ((CLERK, ["finance"]), ("auditor", [])):
        start(house, mismatches=["quantity"])
        assert house.get("/v1/tasks?list=team&counts=1", who).json()["domains"] == domains
    release(house, "role-assignment", IN_LENDING)
    release(house, "blueprint", LOOK)
    body = {"blueprint": "look", "business_key": "L-1", "data": {"number": "L-1", "note": "n"}, "domain": "lending"}
    assert house.post("/v1/process-instances", "intake-clerk", body).status_code == 200
    told = house.get("/v1/tasks?list=team&counts=1", CLERK).json()
    assert told["domains"] == ["finance", "lending"]
    assert {one["domain"] for one in told["items"]} == {"finance", "lending"}
    narrowed = house.get("/v1/tasks?list=team&counts=1&domain=lending&limit=1", CLERK).json()
    assert [one["business_key"] for one in narrowed["items"]] == ["L-1"]
    assert (narrowed["domains"], narrowed["counts"]) == (told["domains"], told["counts"])
    assert house.get("/v1/tasks?list=done&counts=1", CLERK).json()["domains"] == []
    assert house.get("/v1/tasks?list=team", CLERK).json().get("domains") is None
    [task] = narrowed["items"]
    assert house.post(f"/v1/tasks/{task['id']}/claim", CLERK, {}).status_code == 200
    assert house.get("/v1/tasks?list=mine&counts=1", CLERK).json()["domains"] == ["finance", "lending"]
    done = house.post(f"/v1/tasks/{task['id']}/completion", CLERK, {"data": {"note": "seen"}})
    assert done.status_code == 200, done.text
    assert house.get("/v1/tasks?list=done&counts=1", CLERK).json()["domains"] == ["lending"]
    assert house.get("/v1/tasks?list=team&counts=1", CLERK).json()["domains"] == ["finance"]
