"""A search over what the caller may read, on both databases: bounded, and it says what it left out."""

import pytest

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
