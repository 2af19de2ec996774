"""Whoever works in one domain reads what lies in none, and of the register the grants of their own domain."""

import pytest

from tests.api.organisation import House

OFFICER, CLERK = "credit-officer-1", "accounts-payable-clerk"  # roles in lending and in finance alone


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
