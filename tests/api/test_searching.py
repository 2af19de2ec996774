"""A search over what the caller may read, on both databases: bounded, and it says what it left out."""

from typing import Any

import pytest

from api.routes import searching as of_routes
from orchestrator import searching
from tests.api import test_console_reads as beside
from tests.api.organisation import House
from tests.api.test_console_reads import READER, everything

house = beside.house  # instances in every state


def test_a_search_finds_what_may_be_read_and_says_what_may_not(house: House) -> None:
    def asked(text: str, who: str = READER) -> dict[str, list[str]]:
        groups = house.get("/v1/search", who, params={"q": text}).json()["groups"]
        return {group["kind"]: [one["id"] for one in group["items"]] for group in groups}

    one = everything(house, "/v1/process-instances?status=active&step=approval")[0]
    task = house.get(f"/v1/process-instances/{one['id']}", READER).json()["tasks"][0]["id"]
    assert asked(one["business_key"])["instances"][0] == one["id"]
    assert asked(one["id"])["instances"] == [one["id"]]
    assert asked(task)["tasks"] == [task]
    assert task in asked(one["business_key"])["tasks"]
    assert asked("spend")["blueprints"] == ["spending"]
    assert asked("#7")["entries"] == asked("7")["entries"] == ["7"]
    leaf = house.get("/v1/ledger/entries/9", READER).json()["leaf_hash"]
    assert asked(leaf)["entries"] == ["9"]
    assert asked("%_'\"\\")["instances"] == []
    groups = house.get("/v1/search?q=budget", READER).json()["groups"]
    [persons] = [group for group in groups if group["kind"] == "persons"]
    assert (persons["items"], persons["refused"]["reason"]) == ([], "NO_RULE")
    worker = house.key("svc:document-archive", "archive-worker", domain="finance")
    barred = {g["kind"]: g["refused"] for g in house.get("/v1/search?q=D-", worker).json()["groups"]}
    assert barred["entries"]["reason"] == "NO_RULE"
    house.refused(house.get("/v1/search?q=", READER), 400, "MALFORMED")
    house.refused(house.get("/v1/search?q=%00", READER), 400, "MALFORMED")


def test_a_whole_key_is_found_however_old_and_a_beginning_among_the_newest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest = everything(house, "/v1/process-instances?blueprint=invoice-approval")[-1]
    monkeypatch.setattr(searching, "LOOKED_AT_MAX", 1)
    for text, found in ((oldest["business_key"], [oldest["id"]]), (oldest["business_key"][:-1], [])):
        [group] = house.get(f"/v1/search?q={text}", READER).json()["groups"][:1]
        assert [one["id"] for one in group["items"]] == found, text
        assert group["is_partial"]


OWNER, ELSEWHERE = "process-owner", "credit-officer-1"  # who reads persons, and who reads instances in lending alone


def groups(house: House, text: str, who: str = READER) -> dict[str, dict[str, Any]]:
    """The groups of an answer by their kind."""
    answer = house.get("/v1/search", who, params={"q": text})
    assert answer.status_code == 200, answer.text
    return {group["kind"]: group for group in answer.json()["groups"]}


def test_who_works_in_another_domain_finds_nothing_by_whatever_name(house: House) -> None:
    one = everything(house, "/v1/process-instances?status=active&step=approval")[0]
    task = house.get(f"/v1/process-instances/{one['id']}", READER).json()["tasks"][0]["id"]
    for text in (one["id"], one["business_key"], one["business_key"][:-1], task):
        for kind in ("instances", "tasks"):
            group = groups(house, text, ELSEWHERE)[kind]
            assert (group["items"], group["refused"]) == ([], None), (text, kind)  # they may look, and it is not theirs
    assert groups(house, "invoice", ELSEWHERE)["blueprints"]["items"]  # which lies in no domain


def test_what_belongs_to_no_domain_is_asked_of_the_whole(house: House) -> None:
    """A reader of the ledger in one domain is none of the ledger."""
    key = house.key("svc:document-archive", "archive-worker", domain="finance")
    assert groups(house, "7", key)["entries"]["refused"]["reason"] == "NO_RULE"
    assert groups(house, "approval", key)["change-requests"]["refused"]["reason"] == "NO_RULE"


def test_an_instance_is_told_by_its_key_and_by_its_id_where_the_key_is_not_readable(house: House) -> None:
    one = everything(house, "/v1/process-instances?status=active&step=approval")[0]
    (found,) = groups(house, one["id"])["instances"]["items"]
    assert (found["id"], found["title"]) == (one["id"], one["business_key"])
    assert found["href"] == f"/v1/process-instances/{one['id']}"
    assert (found["about"], found["status"]) == ("Supplier invoice approval", "active")


def test_persons_are_found_by_their_whole_handle_and_by_its_beginning(house: House) -> None:
    whole = groups(house, "budget-owner-1", OWNER)["persons"]["items"]
    assert [one["title"] for one in whole] == ["budget-owner-1"]
    begun = [one["title"] for one in groups(house, "budget-owner", OWNER)["persons"]["items"]]
    assert {"budget-owner-1", "budget-owner-2"} <= set(begun)
    assert all(one.startswith("budget-owner") for one in begun)
    assert groups(house, "wner-1", OWNER)["persons"]["items"] == []


def test_changes_are_found_by_id_by_name_and_by_title(house: House) -> None:
    change = house.get("/v1/change-requests?limit=200", OWNER).json()["items"][0]
    for text in (change["id"], change["name"], change["name"].upper(), change["title"][:12]):
        found = [one["id"] for one in groups(house, text, OWNER)["change-requests"]["items"]]
        several = groups(house, text, OWNER)["change-requests"]["is_partial"]
        assert change["id"] in found or several, text
    assert [one["id"] for one in groups(house, change["id"], OWNER)["change-requests"]["items"]] == [change["id"]]
    assert groups(house, change["id"][:-1], OWNER)["change-requests"]["items"] == []


def test_a_blueprint_is_found_by_its_title_alone(house: House) -> None:
    assert [one["id"] for one in groups(house, "SUPPLIER INVOICE")["blueprints"]["items"]] == ["invoice-approval"]


def test_a_hash_that_is_older_than_what_is_looked_through_is_said_to_be_left_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = house.get("/v1/ledger/entries/9", READER).json()["leaf_hash"]
    assert not groups(house, "A" * 43)["entries"]["is_partial"]  # all were looked through, and it is none of them
    monkeypatch.setattr(of_routes, "HASHES_MAX", 2)
    entries = groups(house, leaf)["entries"]
    assert (entries["items"], entries["is_partial"]) == ([], True)
    size = house.get("/v1/ledger/entries?limit=1", READER).json()["size"]
    newest = house.get(f"/v1/ledger/entries/{size - 1}", READER).json()["leaf_hash"]
    assert [one["id"] for one in groups(house, newest)["entries"]["items"]] == [str(size - 1)]
    assert not groups(house, "4711" * 5)["entries"]["items"]  # neither a number of an entry nor a hash
    assert groups(house, str(size))["entries"]["items"] == []
