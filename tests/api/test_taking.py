"""Many tasks taken by one request: each as if it had been asked for alone, once, and told by itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from ledger.entry import Entry, parse_entry
from ledger.refusal import Reason
from tests.api.organisation import House, running
from tests.api.releasing import LIST, SPENDING, release
from tests.api.work import claimed, start

WHO, OTHER, CLERK, READER = "budget-owner-1", "budget-owner-2", "accounts-payable-clerk", "auditor"
PATH = "/v1/tasks/claims"


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        release(house, "reason-code-list", LIST)
        release(house, "blueprint", SPENDING)
        yield house


def offered(house: House) -> dict[str, Any]:
    """A task that waits to be taken: {task, expected_revision}."""
    [task] = house.get(f"/v1/process-instances/{start(house)}", WHO).json()["tasks"]
    return {"task": task["id"], "expected_revision": task["revision"]}


def take(house: House, who: str, *items: dict[str, Any], key: str = "") -> dict[str, Any]:
    answer = house.post(PATH, who, {"items": items}, headers={"Idempotency-Key": key} if key else {})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert told["total"] == len(told["items"])
    assert told["taken"] == sum(1 for one in told["items"] if one["refused"] is None)
    return told


def entry(house: House, index: int) -> Entry:
    with house.service.reader.view() as view:
        return parse_entry(view.stored(index).bytes)


def test_each_has_an_entry_and_a_receipt_of_its_own_and_what_is_refused_keeps_no_other(house: House) -> None:
    free, more, stale = offered(house), offered(house), offered(house)
    taken = claimed(house, start(house), OTHER).json()
    stale["expected_revision"] += 7
    told = take(house, WHO, free, {"task": taken["task"]}, stale, {"task": "pi_none.3"}, more)
    assert [one["task"] for one in told["items"]] == [
        free["task"], taken["task"], stale["task"], "pi_none.3", more["task"],
    ]  # fmt: skip
    reasons = [one["refused"] and one["refused"]["reason"] for one in told["items"]]
    assert reasons == [None, "CLAIMED_BY_OTHER", "STALE_REVISION", "NOT_FOUND", None]
    assert told["taken"] == 2
    indexes = [one["receipt"]["index"] for one in told["items"] if one["receipt"] is not None]
    assert [entry(house, index).kind for index in indexes] == [
        "task.claimed", "command.refused", "command.refused", "task.claimed",
    ]  # fmt: skip
    assert len(set(indexes)) == 4
    assert told["items"][3]["receipt"] is None  # of what is not there nothing is recorded, as of one
    for one in (told["items"][0], told["items"][4]):
        read = house.get(f"/v1/tasks/{one['task']}", WHO).json()
        assert (read["is_mine"], read["revision"]) == (True, one["revision"])


def test_it_says_of_each_what_asking_for_it_alone_says(house: House) -> None:
    for who in (CLERK, READER):
        first, second = offered(house), offered(house)
        [told] = take(house, who, first)["items"]
        path = f"/v1/tasks/{second['task']}/claim"
        alone = house.post(path, who, {"expected_revision": second["expected_revision"]}).json()
        assert Reason(told["refused"]["reason"])
        assert told["refused"] == {name: alone.get(name, {}) for name in ("reason", "detail", "wording", "details")}
        recorded = [entry(house, one["receipt"]["index"]) for one in (told, alone)]
        assert {one.kind for one in recorded} == {"command.refused"}
        assert recorded[0].payload["reason"] == recorded[1].payload["reason"]
        assert recorded[0].actor == recorded[1].actor


def test_sent_again_nothing_is_taken_twice_and_the_answer_is_the_same(house: House) -> None:
    free = offered(house)
    taken = claimed(house, start(house), OTHER).json()
    items = (free, {"task": taken["task"]})
    first = take(house, WHO, *items, key="take-1")
    after = house.size
    again = house.post(PATH, WHO, {"items": items}, headers={"Idempotency-Key": "take-1"})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [(one["task"], one["receipt"]["index"]) for one in again.json()["items"]] == [
        (one["task"], one["receipt"]["index"]) for one in first["items"]
    ]
    assert again.json()["items"][1]["refused"] == first["items"][1]["refused"]
    assert house.size == after
    more, after = offered(house), house.size
    assert take(house, WHO, free, more, key="take-1")["taken"] == 2
    assert house.size == after + 1
    changed = take(house, WHO, {"task": free["task"], "expected_revision": 90}, key="take-1")
    assert changed["items"][0]["refused"]["reason"] == "COMMAND_ID_REUSED"


def test_one_that_is_named_twice_is_taken_once(house: House) -> None:
    free = offered(house)
    told = take(house, WHO, free, {"task": free["task"], "expected_revision": 90})
    assert (told["total"], told["taken"]) == (1, 1)


def test_how_many_is_bounded_and_what_is_no_id_is_refused_whole(house: House) -> None:
    free, before = offered(house), house.size
    house.refused(house.post(PATH, WHO, {"items": []}), 400, "MALFORMED")
    house.refused(house.post(PATH, WHO, {"items": [free] * 201}), 400, "MALFORMED")
    house.refused(house.post(PATH, WHO, {"items": [free, {"task": "nothing"}]}), 404, "NOT_FOUND")
    assert house.size == before
