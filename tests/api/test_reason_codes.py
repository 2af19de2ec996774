"""Lists of reason codes at the door: offered, enforced, bound, and told in words."""

from typing import Any

import pytest

from api.browser import CSRF_HEADER
from tests.api.organisation import House
from tests.api.page.browser import signed_in
from tests.api.releasing import LIST, SPENDING, release, retire, spend
from tests.api.work import intake

WHO = "budget-owner-1"


@pytest.fixture(scope="module")
def digest(house: House) -> str:
    """The list and a blueprint that names it, in force; the digest of the list."""
    unknown = house.post(
        "/v1/change-requests",
        "process-owner",
        {"kind": "blueprint", "source": SPENDING, "title": "t", "reason": "r"},
    )
    found = house.refused(unknown, 422, "CHECKS_FAILED")["details"]
    assert found["reference"].startswith("18:37: a list of reason codes that does not exist"), found
    found_digest = str(release(house, "reason-code-list", LIST)["digest"])
    release(house, "blueprint", SPENDING)
    return found_digest


def claimed(house: House) -> dict[str, Any]:
    task = spend(house, intake(house))
    assert house.post(f"/v1/tasks/{task}/claim", WHO, {}).status_code == 200
    read: dict[str, Any] = house.get(f"/v1/tasks/{task}", WHO).json()
    return read


def completion(house: House, task: dict[str, Any], code: str) -> Any:
    said = {"outcome": "refuse", "reason": "as agreed", "reason_code": code, "shown_digest": task["shown_digest"]}
    return house.post(f"/v1/tasks/{task['id']}/completion", WHO, said)


def test_the_codes_are_told_with_their_words_and_the_version_they_are_of(house: House, digest: str) -> None:
    task = claimed(house)
    assert task["reason_codes"] == {
        "list": "spending",
        "version": 1,
        "digest": digest,
        "codes": [
            {"code": "needed", "words": "It is needed and within the budget"},
            {"code": "not-needed", "words": "Nobody asked for <it>"},
        ],
    }
    listed = house.get("/v1/reason-code-lists", "auditor").json()["items"]
    assert [one["name"] for one in listed] == ["ecoa-adverse-action", "spending"]


def test_a_code_outside_the_list_is_refused_with_a_receipt_and_no_effect(house: House, digest: str) -> None:
    task = claimed(house)
    problem = house.refused(completion(house, task, "whatever I like"), 422, "UNKNOWN_REASON_CODE")
    assert "version 1 of list `spending`" in problem["detail"]
    assert "whatever" not in str(problem)
    entry = house.get(f"/v1/ledger/entries/{problem['receipt']['index']}", "auditor").json()["entry"]
    assert "whatever" not in str(entry)
    assert house.get(f"/v1/tasks/{task['id']}", WHO).json()["state"] == "claimed"


def test_the_entry_binds_the_list_and_the_record_tells_the_words(house: House, digest: str) -> None:
    task = claimed(house)
    done = completion(house, task, "not-needed")
    assert done.status_code == 200, done.text
    entry = house.get(f"/v1/ledger/entries/{done.json()['receipt']['index']}", "auditor").json()["entry"]
    assert entry["payload"]["reason_code"] == "not-needed"
    assert entry["payload"]["reason_words"] == "Nobody asked for <it>"
    assert entry["payload"]["reason_list"] == {"name": "spending", "version": 1, "digest": digest}
    told = f'giving reason code `not-needed`: "Nobody asked for <it>" (list spending version 1, {digest})'
    instance = task["id"].rpartition(".")[0]
    for at in (f"/v1/decisions/{task['id']}/compliance-record", f"/v1/process-instances/{instance}/compliance-record"):
        assert told in str(house.get(at, "auditor").json()["sections"])
    [told_item] = [
        one
        for one in house.get(f"/v1/process-instances/{instance}/history", WHO).json()["items"]
        if one["kind"] == "task.completed"
    ]
    assert told_item["reason_code"] == {"code": "not-needed", "words": "Nobody asked for <it>"}
    claimed_item = house.get(f"/v1/process-instances/{instance}/history", WHO).json()["items"][1]
    assert (claimed_item["kind"], claimed_item["reason_code"]) == ("task.claimed", None)


def test_a_browser_is_offered_the_codes_in_words_and_sends_no_other(house: House, digest: str) -> None:
    browser = signed_in(house, WHO)
    own = {CSRF_HEADER: browser.get("/v1/me").json()["csrf"]}
    path = f"/v1/tasks/{spend(house, intake(house))}"
    assert browser.send(f"{path}/claim", **own).status_code == 200
    task = browser.get(path).json()
    assert task["reason_required"] is True
    assert [(one["code"], one["words"]) for one in task["reason_codes"]["codes"]] == [
        ("needed", "It is needed and within the budget"),
        ("not-needed", "Nobody asked for <it>"),
    ]
    said = {"outcome": "approve", "reason": "as agreed", "shown_digest": task["shown_digest"]}
    house.refused(
        browser.send(f"{path}/completion", {**said, "reason_code": "other"}, **own), 422, "UNKNOWN_REASON_CODE"
    )
    house.refused(browser.send(f"{path}/completion", said, **own), 422, "REASON_MISSING")
    done = browser.send(f"{path}/completion", {**said, "reason_code": "needed"}, **own)
    assert done.status_code == 200, done.text


def test_the_list_in_force_counts_and_a_list_that_was_ended_lets_nobody_decide(house: House, digest: str) -> None:
    task = claimed(house)
    release(house, "reason-code-list", LIST.replace("code: needed", "code: wanted"), 1)
    house.refused(completion(house, task, "needed"), 422, "UNKNOWN_REASON_CODE")
    retire(house, "reason-code-list", "spending", 2)
    assert house.get(f"/v1/tasks/{task['id']}", WHO).json()["reason_codes"]["codes"] == []
    problem = house.refused(completion(house, task, "wanted"), 422, "UNKNOWN_REASON_CODE")
    assert "not in force" in problem["detail"]
    release(house, "reason-code-list", LIST, 3)
    assert completion(house, task, "needed").status_code == 200
