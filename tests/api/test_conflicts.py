"""A conflict says who or what was first, as far as the caller may read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import conflicts
from api.settings import Settings
from tests.api.organisation import House, copied, running
from tests.api.releasing import release
from tests.api.work import decide, intake, start, stated, task_of

WHO, OTHER = "budget-owner-1", "budget-owner-2"
MONEY = {"amount": "500.00", "currency": "GBP"}
BOTH = """\
blueprint: both-at-once
title: Decide while it is corrected
purpose: What is shown may change while somebody looks at it.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  note: {type: string, class: confidential, required: true}
start: {by: api, requires: role invoice-intake, key: number}
first: together
steps:
  together:
    all: [decision, correct]
    join: {wait: all, next: done}
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    role: role budget-owner
    shows: [number, amount, note]
    reason: {required: true}
    duties: [not initiator, not author of blueprint]
  correct:
    task: Correct the amount and the note
    role: role accounts-payable
    shows: [amount]
    expects: [amount, note]
  done: {end: done}
"""


@pytest.fixture(scope="module")
def changing(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("changing") / "data"
    with running(copied(founded, folder)) as house:
        release(house, "blueprint", BOTH)
        yield house


def conflict(house: House, answer: Any, reason: str) -> dict[str, Any]:
    value: dict[str, Any] = house.refused(answer, 409, reason)["conflict"]
    return value


def test_a_claim_that_was_second_names_the_first(house: House) -> None:
    task = task_of(house, start(house), OTHER)
    answer = house.post(f"/v1/tasks/{task['id']}/claim", WHO, {})
    said = conflict(house, answer, "CLAIMED_BY_OTHER")
    first = house.person(OTHER)
    assert (said["state"], said["holder"], said["revision"]) == ("claimed", first, task["revision"])
    assert (said["last"]["kind"], said["last"]["by"]) == ("task.claimed", first)
    assert (said["holder_name"], said["last"]["by_name"]) == (OTHER, OTHER)  # a budget owner may not read names
    assert "changed" not in said


def test_a_stale_revision_says_which_one_and_who_did_it(house: House) -> None:
    task = task_of(house, start(house))
    house.post(f"/v1/tasks/{task['id']}/release", WHO, {"expected_revision": task["revision"]})
    stale = {"expected_revision": task["revision"]}
    said = conflict(house, house.post(f"/v1/tasks/{task['id']}/claim", WHO, stale), "STALE_REVISION")
    assert (said["state"], said["holder"]) == ("offered", None)
    assert said["revision"] == task["revision"] + 1
    assert said["last"]["kind"] == "task.released"


def test_a_task_that_is_done_says_who_decided_what_and_when(house: House) -> None:
    task = task_of(house, start(house))
    body = stated(house, task)
    assert decide(house, task).status_code == 200
    said = conflict(house, house.post(f"/v1/tasks/{task['id']}/completion", WHO, body), "WRONG_STATE")
    assert (said["state"], said["outcome"], said["holder"]) == ("completed", "approve", house.person(WHO))
    assert said["closed_at"]
    assert said["last"]["kind"] == "task.completed"


def test_who_may_not_read_the_task_is_told_no_more_than_the_refusal(house: House) -> None:
    task = task_of(house, start(house))
    assert decide(house, task).status_code == 200
    answer = house.post(f"/v1/tasks/{task['id']}/claim", "intake-clerk", {})
    assert answer.status_code == 409
    assert "conflict" not in answer.json()


def test_what_was_shown_and_changed_is_told_as_far_as_it_may_be_read(
    changing: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = changing
    data = {"amount": MONEY, "note": "first note"}
    body = {"blueprint": "both-at-once", "business_key": "B-1", "data": data, "domain": "finance"}
    started = house.post("/v1/process-instances", intake(house), body)
    assert started.status_code == 200, started.text
    tasks = house.get(f"/v1/process-instances/{started.json()['instance']}", WHO).json()["tasks"]
    ids = {task["step"]: task["id"] for task in tasks}
    house.post(f"/v1/tasks/{ids['decision']}/claim", WHO, {})
    seen = house.get(f"/v1/tasks/{ids['decision']}", WHO).json()
    clerk = "accounts-payable-clerk"
    assert house.post(f"/v1/tasks/{ids['correct']}/claim", clerk, {}).status_code == 200
    corrected = {"amount": {**MONEY, "amount": "700.00"}, "note": "second note"}
    done = house.post(f"/v1/tasks/{ids['correct']}/completion", clerk, {"data": corrected})
    assert done.status_code == 200, done.text
    decision = {"outcome": "approve", "reason": "r", "shown_digest": seen["shown_digest"]}
    answer = house.post(f"/v1/tasks/{ids['decision']}/completion", WHO, decision)
    said = conflict(house, answer, "SHOWN_CHANGED")
    changed = {one["field"]: (one["before"], one["after"]) for one in said["changed"]}
    assert set(changed) == {"amount", "note"}
    assert [side["amount"] for side in changed["amount"]] == ["500.00", "700.00"]
    assert changed["note"] == ("first note", "second note")
    assert said["shown_digest"] == house.get(f"/v1/tasks/{ids['decision']}", WHO).json()["shown_digest"]
    made_up = house.post(f"/v1/tasks/{ids['decision']}/completion", WHO, {**decision, "shown_digest": "A" * 43})
    assert conflict(house, made_up, "SHOWN_CHANGED")["changed"] is None  # no such view was there
    monkeypatch.setattr(conflicts, "readable", lambda *_: frozenset(("public", "internal")))
    answer = house.post(f"/v1/tasks/{ids['decision']}/completion", WHO, decision)
    (note,) = [one for one in conflict(house, answer, "SHOWN_CHANGED")["changed"] if one["field"] == "note"]
    assert [note[side]["reason"] for side in ("before", "after")] == ["CLASS_NOT_READABLE"] * 2
    assert "first note" not in answer.text


LIST = "reason-code-list: moved\ntitle: {title}\ncodes:\n  - code: A1\n    words: {words}\n"


def test_a_review_of_an_edit_that_moved_says_what_changed(house: House) -> None:
    proposal = {"kind": "reason-code-list", "source": LIST.format(title="One", words="First"), "title": "t"}
    made = house.post("/v1/change-requests", "process-owner", {**proposal, "reason": "r"}).json()
    at = f"/v1/change-requests/{made['change_request']}"
    edit = {"source": LIST.format(title="One", words="Second"), "expected_revision": made["revision"]}
    assert house.call("PUT", f"{at}/source", "process-owner", json=edit).status_code == 200
    review = {"verdict": "approve", "digest": made["digest"], "expected_revision": made["revision"]}
    said = conflict(house, house.post(f"{at}/reviews", "change-reviewer", review), "APPROVAL_STALE")
    assert said["changed"] == [{"field": "codes[0].words", "before": "First", "after": "Second"}]
    assert (said["edit"], said["edited_by"], said["status"]) == (2, house.person("process-owner"), "in review")
    made_up = house.post(f"{at}/reviews", "change-reviewer", {**review, "digest": "A" * 43})
    assert conflict(house, made_up, "APPROVAL_STALE")["changed"] is None
