"""Drafts: kept as typed, for their author alone, sealed, never written over silently, gone with the task."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from api.drafts import commands
from api.wiring import SWEPT
from ledger.clock import Instant
from ledger.sweeping import sweep
from tests.api.organisation import House
from tests.api.work import decide, intake, start, task_of

WHO, OTHER = "budget-owner-1", "budget-owner-both"
TYPED = {"outcome": "", "reason": "PLAINLY-TYPED \u2713", "data": {"amount": "not a number", "rate": 1}}


@pytest.fixture
def task(house: House) -> str:
    return another(house)


def another(house: House) -> str:
    return str(task_of(house, start(house))["id"])


def put(house: House, task: str, who: str = WHO, **body: Any) -> Any:
    return house.call("PUT", f"/v1/tasks/{task}/draft", who, json={"content": TYPED, **body})


def read(house: House, task: str, who: str = WHO) -> dict[str, Any]:
    answer = house.get(f"/v1/tasks/{task}/draft", who)
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    return value


def test_what_was_typed_is_kept_as_it_is_and_leaves_no_entry(house: House, task: str) -> None:
    assert read(house, task) == {"version": 0, "saved_at": None, "content": None}
    size = house.size
    saved = put(house, task).json()
    assert (saved["outcome"], saved["receipt"]) == ("saved", None)
    assert read(house, task) == {"version": saved["version"], "saved_at": saved["saved_at"], "content": TYPED}
    assert house.call("DELETE", f"/v1/tasks/{task}/draft", WHO).json()["outcome"] == "dropped"
    assert read(house, task)["content"] is None
    assert house.size == size


def test_nobody_else_reads_it_and_each_has_their_own(house: House, task: str) -> None:
    put(house, task)
    assert read(house, task, OTHER)["content"] is None
    assert put(house, task, OTHER, content={"reason": "mine"}).status_code == 200
    assert (read(house, task)["content"], read(house, task, OTHER)["content"]) == (TYPED, {"reason": "mine"})


def test_two_windows_do_not_write_over_each_other(house: House, task: str) -> None:
    first = put(house, task).json()["version"]
    second = put(house, task, content={"reason": "second window"}, expected_version=first).json()["version"]
    assert second > first
    for known in (0, first):
        problem = house.refused(put(house, task, expected_version=known), 409, "STALE_REVISION")
        assert (problem["draft"]["version"], problem["draft"]["content"]) == (second, {"reason": "second window"})
    house.call("DELETE", f"/v1/tasks/{task}/draft", WHO)
    third = put(house, task, content={"reason": "anew"}).json()["version"]
    assert third > second  # a version is never used again, so a forgotten window is told as well
    house.refused(put(house, task, expected_version=second), 409, "STALE_REVISION")


def test_who_may_not_read_the_task_keeps_nothing_and_no_machine_does(house: House, task: str) -> None:
    assert house.call("PUT", f"/v1/tasks/{task}/draft", json={"content": TYPED}).status_code == 401
    key = intake(house)
    house.refused(put(house, task, key), 403, "NOT_A_PERSON")
    for about in ("pi_none.1", "x", "cr_none", f"{task}9"):
        house.refused(put(house, about), 404, "NOT_FOUND")
        house.refused(house.get(f"/v1/tasks/{about}/draft", WHO), 404, "NOT_FOUND")


def test_a_draft_has_a_largest_size_and_a_person_a_largest_number(
    house: House, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(house, task, content={"reason": "x" * 65_000}).status_code == 200
    house.refused(put(house, task, content={"reason": "x" * 65_536}), 413, "TOO_LARGE")
    house.refused(put(house, task, content=["x"]), 400, "MALFORMED")
    monkeypatch.setattr(commands, "DRAFTS_OF_ONE_MAX", 1)
    house.refused(put(house, another(house)), 429, "RATE_LIMITED")


def rows(house: House) -> list[tuple[Any, ...]]:
    with house.service.reader.view() as view:
        return view.query("SELECT person, about, sealed, version FROM draft WHERE log_id = {log}")


def test_it_lies_sealed_and_opens_at_its_own_place_alone(house: House, task: str) -> None:
    put(house, task)
    put(house, task, OTHER, content={"reason": "mine"})
    assert not [row for row in rows(house) if "PLAINLY" in str(row)]
    path = house.settings.folder / "logs" / house.settings.log / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as direct, direct:
        (sealed,) = direct.execute(
            "SELECT sealed FROM draft WHERE person = ? AND about = ?", (house.person(WHO), task)
        ).fetchone()
        direct.execute(
            "UPDATE draft SET sealed = ? WHERE person = ? AND about = ?", (sealed, house.person(OTHER), task)
        )
    direct.close()
    assert house.get(f"/v1/tasks/{task}/draft", OTHER).status_code == 500  # altered behind our back: never handed out
    house.call("DELETE", f"/v1/tasks/{task}/draft", OTHER)


def test_it_goes_when_the_task_is_over_and_after_thirty_days(house: House, task: str) -> None:
    other = another(house)
    put(house, task)
    put(house, other)
    assert decide(house, house.get(f"/v1/tasks/{task}", WHO).json()).status_code == 200
    house.refused(house.get(f"/v1/tasks/{task}/draft", WHO), 404, "NOT_FOUND")
    house.refused(put(house, task, expected_version=1), 404, "NOT_FOUND")
    now = house.service.rooms.clock.wall()
    swept(house, now)
    left = {row[1] for row in rows(house)}
    assert (task in left, other in left) == (False, True)
    swept(house, now + commands.KEPT + 60_000_000)
    assert not rows(house)


def swept(house: House, now: int) -> None:
    connection = house.settings.database().connect()
    try:
        sweep(connection, house.service.log.log_id, SWEPT, Instant(now))
    finally:
        connection.close()


def test_a_review_has_its_draft_too(house: House) -> None:
    source = "reason-code-list: drafted\ntitle: Drafted\ncodes:\n  - code: A1\n    words: One\n"
    made = house.post(
        "/v1/change-requests",
        "process-owner",
        json={"kind": "reason-code-list", "source": source, "title": "t", "reason": "r"},
    )
    assert made.status_code == 200, made.text
    change = made.json()["change_request"]
    typed = {"verdict": "refuse", "reason": "because"}
    url = f"/v1/change-requests/{change}/draft"
    assert house.call("PUT", url, "change-reviewer", json={"content": typed}).status_code == 200
    assert house.get(url, "change-reviewer").json()["content"] == typed
    house.refused(house.get(f"/v1/tasks/{change}/draft", "change-reviewer"), 404, "NOT_FOUND")


WRITER = "process-owner"
WRITTEN = {"kind": "reason-code-list", "title": "t", "reason": "", "source": "reason-code-list: half"}


def test_a_change_that_is_written_has_its_draft_until_it_is_over(house: House) -> None:
    for about in ("new", "next.spending"):
        url = f"/v1/change-drafts/{about}"
        assert house.call("PUT", url, WRITER, json={"content": WRITTEN}).status_code == 200
        assert house.get(url, WRITER).json()["content"] == WRITTEN
        assert house.get(url, "change-reviewer").status_code == 403  # who may propose nothing writes nothing
        house.refused(house.call("PUT", url, "change-reviewer", json={"content": WRITTEN}), 403, "NO_RULE")
    assert house.call("DELETE", "/v1/change-drafts/new", WRITER).json()["outcome"] == "dropped"
    assert house.get("/v1/change-drafts/new", WRITER).json()["content"] is None
    assert house.get("/v1/change-drafts/next.spending", WRITER).json()["content"] == WRITTEN
    for about in ("x", "next.", "next." + "n" * 201, "cr_none", "new.x"):
        house.refused(house.get(f"/v1/change-drafts/{about}", WRITER), 404, "NOT_FOUND")
        house.refused(
            house.call("PUT", f"/v1/change-drafts/{about}", WRITER, json={"content": WRITTEN}), 404, "NOT_FOUND"
        )
    house.refused(house.get("/v1/tasks/writing.new/draft", WRITER), 404, "NOT_FOUND")


def test_another_text_of_a_change_has_a_draft_beside_the_review_and_goes_with_the_change(house: House) -> None:
    source = "reason-code-list: written\ntitle: Written\ncodes:\n  - code: A1\n    words: One\n"
    body = {"kind": "reason-code-list", "source": source, "title": "t", "reason": "r"}
    made = house.post("/v1/change-requests", WRITER, json=body).json()
    change = made["change_request"]
    assert house.call("PUT", f"/v1/change-drafts/{change}", WRITER, json={"content": WRITTEN}).status_code == 200
    assert house.get(f"/v1/change-requests/{change}/draft", WRITER).json()["content"] is None
    assert house.get(f"/v1/change-drafts/{change}", WRITER).json()["content"] == WRITTEN
    withdrawn = house.post(
        f"/v1/change-requests/{change}/withdrawal", WRITER, json={"expected_revision": made["revision"]}
    )
    assert withdrawn.status_code == 200, withdrawn.text
    house.refused(house.get(f"/v1/change-drafts/{change}", WRITER), 404, "NOT_FOUND")
    swept(house, house.service.rooms.clock.wall())
    assert f"writing.{change}" not in {row[1] for row in rows(house)}
