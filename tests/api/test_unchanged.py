"""Polling: what did not change is answered by 304 without a body, and what did is answered anew."""

from typing import Any

import pytest

from tests.api.organisation import House
from tests.api.releasing import LIST, release
from tests.api.work import start, task_of

WHO = "budget-owner-1"


def poll(house: House, path: str, tag: str = "", who: str = WHO) -> Any:
    return house.get(path, who, headers={"If-None-Match": tag} if tag else {})


def test_each_polled_resource_is_tagged_and_its_tag_holds(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    paths = ("/v1/tasks", "/v1/tasks?mine=1&limit=3", f"/v1/tasks/{task['id']}", f"/v1/process-instances/{instance}")
    for path in paths:
        tag = poll(house, path).headers["etag"]
        for given in (tag, f'"other", {tag}', f"W/{tag}" if not tag.startswith("W/") else tag.removeprefix("W/")):
            again = poll(house, path, given)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        for given in ('"other"', "*x", tag[:-3]):
            assert poll(house, path, given).status_code == 200
    figures = poll(house, "/v1/overview", who="finance-director")
    assert poll(house, "/v1/overview", figures.headers["etag"], "finance-director").status_code == 304


def test_what_changed_is_answered_anew(house: House) -> None:
    instance = start(house)
    task = task_of(house, instance)
    paths = ("/v1/tasks?mine=1&limit=200", f"/v1/tasks/{task['id']}", f"/v1/process-instances/{instance}")
    tags = {path: poll(house, path).headers["etag"] for path in paths}
    figures = poll(house, "/v1/overview", who="finance-director").headers["etag"]
    assert house.post(f"/v1/tasks/{task['id']}/release", WHO, {}).status_code == 200
    for path, tag in tags.items():
        assert poll(house, path, tag).status_code == 200, path
    start(house)
    assert poll(house, "/v1/overview", figures, "finance-director").status_code == 200


def test_a_tag_is_one_readers_and_falls_with_a_register(house: House) -> None:
    house.token("auditor")  # a password is a register entry too
    path = f"/v1/process-instances/{start(house)}"
    tag = poll(house, path).headers["etag"]
    assert poll(house, path, tag, "auditor").status_code == 200  # who may read other classes, reads another answer
    assert poll(house, path, tag).status_code == 304
    release(house, "reason-code-list", LIST)
    assert poll(house, path, tag).status_code == 200


def test_a_tag_does_not_open_what_may_not_be_read(house: House) -> None:
    path = f"/v1/process-instances/{start(house)}"
    tag = poll(house, path).headers["etag"]
    assert house.get(path, headers={"If-None-Match": tag}).status_code == 401
    assert poll(house, path, tag, "intake-clerk").status_code == 403


def test_a_tag_is_a_precondition_of_its_revision(house: House) -> None:
    task = task_of(house, start(house))
    path = f"/v1/tasks/{task['id']}"
    tag = poll(house, path).headers["etag"]
    stale = tag.replace(f'"{task["revision"]}-', f'"{task["revision"] - 1}-')
    answer = house.post(f"{path}/release", WHO, {}, headers={"If-Match": stale})
    house.refused(answer, 409, "STALE_REVISION")
    assert house.post(f"{path}/release", WHO, {}, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize("what", ["edit", "review"])
def test_a_change_request_is_tagged(house: House, what: str) -> None:
    source = f"reason-code-list: tagged-{what}\ntitle: T\ncodes:\n  - code: A1\n    words: One\n"
    body = {"kind": "reason-code-list", "source": source, "title": "t", "reason": "r"}
    made = house.post("/v1/change-requests", "process-owner", body).json()
    path = f"/v1/change-requests/{made['change_request']}"
    tag = poll(house, path, who="change-reviewer").headers["etag"]
    assert poll(house, path, tag, "change-reviewer").status_code == 304
    seen = {"expected_revision": made["revision"]}
    if what == "edit":
        house.call("PUT", f"{path}/source", "process-owner", json={**seen, "source": source.replace("One", "Two")})
    else:
        verdict = {"verdict": "approve", "digest": made["digest"], **seen}
        assert house.review(path, "change-reviewer", verdict).status_code == 200
    assert poll(house, path, tag, "change-reviewer").status_code == 200
