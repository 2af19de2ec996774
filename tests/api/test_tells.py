"""Persons told by a step: in the console, by mail and hook, once, whenever a runner dies; with what it said."""

import email
import email.policy
from typing import Any

import pytest

from orchestrator.shown import shown_digest
from tests.api.organisation import House
from tests.api.outgoing.relays import relayed
from tests.api.releasing import release
from tests.api.test_notification_causes import _Killed, dying, standing_in
from tests.api.test_notifications import OTHER, OWNER, notifier_of, rounds, told
from tests.api.work import FINANCE, intake

SECOND_OWNER, CLERK = "budget-owner-2", "accounts-payable-clerk"
TELLING = """blueprint: telling
title: Telling
purpose: Say what was done.
owner: finance-operations
data:
  item: {type: string, class: internal, required: true}
  payee: {type: string, class: personal, data_subject: true}
  shelf: {type: string, class: internal}
start: {by: api, requires: role invoice-intake, key: item}
first: sort
steps:
  sort: {task: Sort it, role: role budget-owner, shows: [item], expects: [shelf], next: say}
  say:
    title: Say where it is
    send: {tell: [step sort, office finance-director], text: = "It is on " + shelf, shows: [item]}
    next: again
  again: {send: {tell: step sort, text: Thank you}, next: done}
  done: {end: sorted}
"""


@pytest.fixture(scope="module")
def telling(house: House) -> House:
    release(house, "blueprint", TELLING)
    return house


def sorted_by(house: House, who: str = OWNER, *, test: bool = False) -> str:
    """An instance that this person has worked at; its id."""
    house.count += 1
    data = {"item": f"T-{house.count}"}
    body = {"blueprint": "telling", "business_key": data["item"], "data": data, "domain": FINANCE, "test": test}
    answer = house.post("/v1/process-instances", intake(house), body)
    assert answer.status_code == 200, answer.text
    instance = str(answer.json()["instance"])
    (task,) = house.get(f"/v1/process-instances/{instance}", who).json()["tasks"]
    assert house.post(f"/v1/tasks/{task['id']}/claim", who, {}).status_code == 200
    done = house.post(f"/v1/tasks/{task['id']}/completion", who, {"data": {"shelf": "A 7"}})
    assert done.status_code == 200, done.text
    return instance


def of(house: House, who: str, instance: str) -> list[dict[str, Any]]:
    return [one for one in told(house, who) if one["instance"] == instance and one["kind"] == "told"]


@pytest.mark.parametrize("is_made", [False, True])
def test_those_it_names_are_told_once_with_what_it_said_whenever_the_notifier_dies(
    telling: House, is_made: bool
) -> None:
    rounds(notifier_of(telling))
    lift = standing_in(telling, OTHER, SECOND_OWNER)
    instance = sorted_by(telling)
    with pytest.raises(_Killed):
        rounds(dying(notifier_of(telling), is_made))
    rounds(notifier_of(telling))
    rounds(notifier_of(telling))
    (own,) = of(telling, OWNER, instance)  # who has acted is told too: the step names them
    assert (own["target"], own["about"], own["title"]) == ("instance", instance, "Say where it is")
    assert [(one["step"], one["text"]) for one in own["notices"]] == [("say", "It is on A 7"), ("again", "Thank you")]
    data = telling.get(f"/v1/process-instances/{instance}", OWNER).json()["data"]
    assert own["notices"][0]["shown"] == {"item": data["item"]}
    (director,) = of(telling, OTHER, instance)
    assert [one["step"] for one in director["notices"]] == ["say"]
    (substitute,) = of(telling, SECOND_OWNER, instance)
    assert [one["step"] for one in substitute["notices"]] == ["say"]
    assert of(telling, CLERK, instance) == []
    assert lift().status_code == 200


def test_a_test_tells_nobody(telling: House) -> None:
    rounds(notifier_of(telling))
    instance = sorted_by(telling, test=True)
    rounds(notifier_of(telling))
    assert [of(telling, who, instance) for who in (OWNER, OTHER)] == [[], []]


def test_mail_says_what_it_is_about_and_nothing_of_the_case(telling: House) -> None:
    wanted = {"mail": True, "hook": False, "language": "en", "address": "owner@example.com"}
    with relayed() as relay:
        rounds(notifier_of(telling))
        assert telling.call("PUT", "/v1/me/notification-preferences", OWNER, json=wanted).status_code == 200
        sorted_by(telling)
        rounds(notifier_of(telling, smtp_url=relay.url))
        messages = [email.message_from_bytes(taken[2], policy=email.policy.default) for taken in relay.taken]
    assert [one["Subject"] for one in messages] == ["You are told of: Say where it is - Again - Telling"]
    assert "A 7" not in messages[0].get_content()
    telling.call("PUT", "/v1/me/notification-preferences", OWNER, json={**wanted, "mail": False})


def test_what_the_history_says_of_it(telling: House) -> None:
    instance = sorted_by(telling)
    item = telling.get(f"/v1/process-instances/{instance}", OWNER).json()["data"]["item"]
    history = telling.get(f"/v1/process-instances/{instance}/history", OWNER)
    assert f"Step `say` told {telling.person(OWNER)} (step sort)" in history.text
    followed = [one for item in history.json()["items"] for one in item["followed"] if one["type"] == "people.told"]
    first, again = sorted((one["detail"] for one in followed), key=lambda detail: str(detail["step"]), reverse=True)
    assert (first["text"], first["shown"]) == ("It is on A 7", {"item": item})
    assert first["digest"] == shown_digest(first["shown"])
    assert (again["text"], again["shown"], again["digest"]) == ("Thank you", {}, "")


def test_the_history_tells_a_classed_text_to_who_may_open_its_class_and_no_others(telling: House) -> None:
    text = TELLING.replace("blueprint: telling", "blueprint: telling-of-payees").replace('"It is on " + shelf', "payee")
    text = text.replace("class: personal, data_subject: true}", "class: confidential, required: true}")
    release(telling, "blueprint", text)
    data = {"item": "T-payee", "payee": "Jo Doe"}
    body = {"blueprint": "telling-of-payees", "business_key": data["item"], "data": data, "domain": FINANCE}
    instance = str(telling.post("/v1/process-instances", intake(telling), body).json()["instance"])
    (task,) = telling.get(f"/v1/process-instances/{instance}", OWNER).json()["tasks"]
    telling.post(f"/v1/tasks/{task['id']}/claim", OWNER, {})
    telling.post(f"/v1/tasks/{task['id']}/completion", OWNER, {"data": {"shelf": "A 7"}})

    def texts(who: str) -> list[Any]:
        items = telling.get(f"/v1/process-instances/{instance}/history", who).json()["items"]
        followed = [one["detail"] for item in items for one in item["followed"] if one["type"] == "people.told"]
        return [one["text"] for one in followed if one["step"] == "say"]

    assert texts(OWNER) == ["Jo Doe"]
    (shut,) = texts("process-owner")
    assert shut["reason"] == "CLASS_NOT_READABLE"
