"""An instance goes on under another version of its blueprint, over HTTP: told before, done, proposed and refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from examples.organisation.files import artefact_files
from tests.api.described import differences
from tests.api.organisation import SERVICES, House, running
from tests.api.releasing import release, retire
from tests.api.test_steering import acts, at, posted, read
from tests.api.work import intake, task_of

DIRECTOR, CLERK, READER = "finance-director", "accounts-payable-clerk", "auditor"
NO_SECRETS = "process-owner"  # reads what is public or internal
FIRST = """\
blueprint: outlay
title: Outlay
purpose: Settle what is spent.
owner: finance-operations
data:
  number: {type: string, class: internal, required: true}
  note: {type: string, class: internal}
start: {by: api, requires: role invoice-intake, key: number}
first: look
steps:
  look:
    task: Look at it
    role: role accounts-payable
    expects: [note]
    next: say
  say: {send: {tell: role accounts-payable, text: '= "Noted: " + note'}, next: settle}
  settle:
    task: Settle it
    role: role accounts-payable
    expects: [note]
    next: done
  done: {end: done}
"""
KEPT = FIRST.replace("task: Settle it", "task: Settle it within the day")
GONE = KEPT.replace("look", "read").replace("Look at", "Read through")
GONE = GONE.replace("say:", "answer:").replace("next: say", "next: answer")
"""The steps `look` and `say` are not in it, and others stand in their place."""
SECOND = GONE.replace("first: read", "acts: {migrate: {second: role finance-operations}}\nfirst: read")
CLASSED = SECOND.replace("note: {type: string, class: internal}", "note: {type: string, class: public}")
CLERKS = "incident: [read, resolve], instance: [modify, correct]"
MORE_MAY = artefact_files(SERVICES)["access-policy.yaml"].replace(CLERKS, f"{CLERKS[:-1]}, migrate]")
"""Somebody other than the director may propose what they confirm."""


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        put_in_force(house)
        yield house


def put_in_force(house: House) -> None:
    """All five versions of it."""
    release(house, "access-policy", MORE_MAY)
    for base, source in enumerate((FIRST, KEPT, GONE, SECOND, CLASSED)):
        release(house, "blueprint", source, base or None)


def begun(house: House, number: int = 1, blueprint: str = "outlay") -> str:
    """An instance under the version of this number; its id."""
    house.count += 1
    key = f"O-{house.count}"
    found = house.get(f"/v1/blueprints/{blueprint}/versions", READER).json()["items"]
    (version,) = [one["digest"] for one in found if one["version"] == number]
    body = {"blueprint": blueprint, "business_key": key, "data": {"number": key}, "domain": "finance"}
    answer = house.post("/v1/process-instances", intake(house), {**body, "version": version})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["instance"])


def preview(house: House, instance: str, number: int, who: str = READER) -> dict[str, Any]:
    path = at(instance, f"migration?number={number}")
    answer = house.get(path, who)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert differences("GET", path, told) == []
    return told


def test_what_is_the_same_is_kept_and_goes_on(house: House) -> None:
    instance = begun(house)
    (task,) = read(house, instance)["tasks"]
    told = preview(house, instance, 2)
    assert (told["number"], told["barred"]) == (2, None)
    (place,) = told["places"]
    assert (place["step"], place["kept"], place["why"], place["wording"]) == ("look", True, None, None)
    titles = {one["step"]: one["title"] for one in place["to"]}
    assert titles["settle"] == "Settle it within the day"
    house.refused(house.post(at(instance, "migration"), DIRECTOR, {"number": 2}), 422, "REASON_MISSING")
    said = posted(house, at(instance, "migration"), DIRECTOR, {"number": 2, "reason": "a day is enough"})
    assert (said["outcome"], said["status"]) == ("migrated", "active")
    now = read(house, instance)
    assert (now["number"], [one["id"] for one in now["tasks"]]) == (2, [task["id"]])
    (entry,) = [one for one in history(house, instance) if one["kind"] == "instance.migrated"]
    assert entry["reason"] == "a day is enough"
    assert any("under version 2 of its blueprint" in line for line in entry["words"])


def history(house: House, instance: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get(at(instance, "history"), DIRECTOR).json()["items"]
    return found


def test_what_is_not_the_same_bars_until_it_is_moved(house: House) -> None:
    instance = begun(house)
    (place,) = preview(house, instance, 3)["places"]
    assert (place["step"], place["title"], place["kept"]) == ("look", "Look at it", False)
    assert (place["why"], place["wording"]["code"]) == ("step `look` is not in the new version", "refused.step-gone")
    assert {one["step"]: one["title"] for one in place["to"]}["read"] == "Read through it"
    body = {"number": 3, "reason": "r"}
    problem = house.refused(house.post(at(instance, "migration"), DIRECTOR, body), 422, "CANNOT_MIGRATE")
    assert problem["details"] == {"activations": str(place["activation"])}
    nowhere = {**body, "moves": [{"activation": place["activation"], "to": "look"}]}
    house.refused(house.post(at(instance, "migration"), DIRECTOR, nowhere), 422, "INVALID_DATA")
    seen = house.get(f"/v1/process-instances/{instance}", DIRECTOR).headers["etag"]
    moved = {**body, "moves": [{"activation": place["activation"], "to": "read"}]}
    assert posted(house, at(instance, "migration"), DIRECTOR, moved)["outcome"] == "migrated"
    now = read(house, instance)
    assert (now["number"], [one["step"] for one in now["steps"]]) == (3, ["read"])
    stale = house.post(at(instance, "migration"), DIRECTOR, {"number": 2, "reason": "r"}, headers={"If-Match": seen})
    house.refused(stale, 409, "STALE_REVISION")


def test_what_bars_all_of_it_is_told_before_it_is_asked(house: House) -> None:
    instance = begun(house)
    assert preview(house, instance, 1)["barred"]["wording"]["code"] == "refused.version-same"
    complete(house, instance)
    barred = preview(house, instance, 5)["barred"]
    assert (barred["reason"], barred["wording"]["arguments"]) == ("CANNOT_MIGRATE", {"path": "note"})
    for number, status, reason in ((9, 404, "NOT_FOUND"), ("x", 400, "MALFORMED")):
        house.refused(house.get(at(instance, f"migration?number={number}"), READER), status, reason)
    house.refused(house.get(at("pi_none", "migration?number=2"), READER), 404, "NOT_FOUND")
    house.refused(house.get(at(instance, "migration?number=2"), "relationship-manager-1"), 403, "NO_RULE")
    house.refused(house.post(at(instance, "migration"), READER, {"number": 2, "reason": "r"}), 403, "NO_RULE")


def complete(house: House, instance: str) -> str:
    """The open task of an instance, done by the clerk; its id."""
    task = task_of(house, instance, CLERK)
    answer = house.post(f"/v1/tasks/{task['id']}/completion", CLERK, {"data": {"note": "seen"}})
    assert answer.status_code == 200, answer.text
    return str(task["id"])


def test_it_is_proposed_under_the_rules_of_the_version_it_is_under(house: House) -> None:
    instance = begun(house, 4)
    (act,) = [one for one in acts(house, instance, CLERK)["acts"] if one["act"] == "migrate"]
    assert (act["needs_reason"], act["second"], act["barred"]) == (True, "finance-operations", None)
    (place,) = preview(house, instance, 1)["places"]
    body = {"number": 1, "moves": [{"activation": place["activation"], "to": "look"}], "reason": "as it was"}
    said = posted(house, at(instance, "migration"), CLERK, body)
    assert said["outcome"] == "proposed"
    (proposal,) = acts(house, instance, DIRECTOR)["proposals"]
    assert (proposal["act"], proposal["version"], proposal["number"]) == ("migrate", 4, 1)
    (move,) = proposal["moves"]
    assert (move["title"], move["to"], move["to_title"]) == ("Read through it", "look", "Look at it")
    confirm = at(instance, f"proposals/{said['proposal']}/confirmation")
    house.refused(house.post(confirm, CLERK, {"digest": said["digest"]}), 403, "OWN_PROPOSAL")
    assert posted(house, confirm, DIRECTOR, {"digest": said["digest"]})["outcome"] == "migrated"
    assert read(house, instance)["number"] == 1
    (proposal,) = acts(house, instance, DIRECTOR)["proposals"]
    assert (proposal["state"], proposal["moves"][0]["to_title"]) == ("confirmed", "Look at it")


def test_what_an_instance_is_past_is_read_as_it_was(house: House) -> None:
    """A task that is done, and a move that was proposed, of steps that the version it is under now has not."""
    instance = begun(house)
    task = complete(house, instance)
    (place,) = acts(house, instance, CLERK)["places"]
    back = {"moves": [{"activation": place["activation"], "to": "look"}], "reason": "once more"}
    posted(house, at(instance, "modification"), CLERK, back)
    task_again = complete(house, instance)
    assert posted(house, at(instance, "migration"), DIRECTOR, {"number": 3, "reason": "r"})["outcome"] == "migrated"
    for done in (task, task_again):
        told = house.get(f"/v1/tasks/{done}", CLERK)
        assert (told.status_code, told.json()["title"]) == (200, "Look at it"), told.text
    listed = house.get("/v1/tasks?list=done&limit=200", CLERK)
    assert listed.status_code == 200, listed.text
    titles = {one["id"]: one["title"] for one in listed.json()["items"]}
    assert titles[task] == "Look at it"
    for path in ("", "/history", "/acts", "/diagram", "/compliance-record"):
        answer = house.get(f"/v1/process-instances/{instance}{path}", DIRECTOR)
        assert answer.status_code == 200, (path, answer.text)


def test_an_act_that_cannot_be_is_not_offered(house: House) -> None:
    single = FIRST.replace("blueprint: outlay", "blueprint: outlay-once")
    release(house, "blueprint", single)
    instance = begun(house, 1, "outlay-once")
    assert migrating(house, instance)["wording"]["code"] == "refused.no-other-version"
    release(house, "blueprint", single.replace("Settle it", "Settle it soon"), 1)
    assert migrating(house, instance) is None
    retire(house, "blueprint", "outlay-once", 2)
    assert migrating(house, instance)["wording"]["code"] == "refused.blueprint-retired"
    house.refused(house.get(at(instance, "migration?number=2"), READER), 409, "WRONG_STATE")


def migrating(house: House, instance: str) -> Any:
    """What stands against it that the director moves an instance to another version."""
    (act,) = [one for one in acts(house, instance, DIRECTOR)["acts"] if one["act"] == "migrate"]
    return act["barred"]


def test_what_was_closed_stays_closed_whatever_the_class_is_now(house: House) -> None:
    """Of a value that is gone, what its entries hold is not opened by a version that classes it otherwise or not."""
    note = "note: {type: string, class: confidential}"
    closed = FIRST.replace("blueprint: outlay", "blueprint: outlay-closed")
    closed = closed.replace("note: {type: string, class: internal}", note)
    release(house, "blueprint", closed)
    instance = begun(house, 1, "outlay-closed")
    complete(house, instance)
    posted(house, at(instance, "correction"), DIRECTOR, {"values": {"note": None}, "reason": "nothing of it was true"})
    release(house, "blueprint", closed.replace(note, note.replace("confidential", "internal")), 1)
    asked: dict[str, Any] = {"number": 2, "reason": "r"}
    house.refused(house.post(at(instance, "migration"), DIRECTOR, asked), 422, "CANNOT_MIGRATE")
    without = (
        closed.replace(note, "remark: {type: string, class: internal}")
        .replace("[note]", "[remark]")
        .replace("+ note", "+ remark")
    )
    release(house, "blueprint", without.replace("look", "read"), 2)
    (place,) = preview(house, instance, 3)["places"]
    asked = {"number": 3, "moves": [{"activation": place["activation"], "to": "settle"}], "reason": "r"}
    assert posted(house, at(instance, "migration"), DIRECTOR, asked)["outcome"] == "migrated"
    told = house.get(at(instance, "history"), NO_SECRETS).text
    assert ("$commitment" in told, "seen" in told) == (True, False)
    told = house.get(at(instance, "history"), DIRECTOR).text  # the text as it was told, and no value of no class
    assert ("Noted: seen" in told, '"value":"seen"' in told) == (True, False)
