"""The tour: six real tasks for each role, found where they are today, and done when the ledger says so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from api.wiring import entry_kinds
from examples.demo.parts import PARTS
from examples.tour.finding import FINDERS
from examples.tour.stops import EACH, title_key, tour_of, tours, words_key
from examples.tour.touring import Touring
from tests.api import conftest as beside
from tests.api.described import differences
from tests.api.organisation import House, copied, running
from tests.conftest import ROOT
from tests.demo_organisation import Demo, copied_demo

founded = beside.founded
ROLES = {"case-worker", "approver", "process-owner", "compliance-officer", "operator", "auditor"}
WHO = {
    "accounts-payable-clerk": "case-worker",
    "credit-officer-1": "approver",
    "budget-owner-1": "approver",
    "process-owner": "process-owner",
    "compliance-officer": "compliance-officer",
    "incident-handler": "operator",
    "auditor": "auditor",
}


@pytest.fixture
def house(demo: Demo, tmp_path: Path) -> Iterator[House]:
    with running(copied_demo(demo, tmp_path / "data").settings) as house:
        yield house


def words_in(language: str) -> dict[str, str]:
    told: dict[str, str] = json.loads((ROOT / "console" / "src" / "i18n" / language / "tour.json").read_text())
    return told


def stops(house: House, who: str) -> dict[str, dict[str, Any]]:
    answer = house.get("/v1/tour", who)
    assert answer.status_code == 200, answer.text
    assert differences("GET", "/v1/tour", answer.json()) == []
    return {stop["id"]: stop for stop in answer.json()["stops"]}


def test_there_are_six_stops_for_each_role_and_all_can_be_recognised() -> None:
    assert {tour.role for tour in tours()} == ROLES
    for tour in tours():
        assert len(tour.stops) == len({stop.id for stop in tour.stops}) == EACH
        assert sum(bool(stop.done.kind) for stop in tour.stops) >= 1
        for stop in tour.stops:
            assert stop.find in FINDERS
            assert stop.done.kind in entry_kinds() | {""}
            assert stop.done.having in {"", *Touring.MEMBERS}
            assert ("{" in stop.route) <= bool(stop.find)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_stop_has_its_words_and_no_words_are_left_over(language: str) -> None:
    told = words_in(language)
    keys = {key(tour, stop) for tour in tours() for stop in tour.stops for key in (title_key, words_key)}
    assert set(told) == keys
    assert all(text.strip() for text in told.values())


def test_languages_do_not_repeat_each_other() -> None:
    one, other = words_in("en"), words_in("de")
    assert [key for key in one if one[key] == other[key]] == []


def test_roles_without_a_tour_have_none() -> None:
    assert tour_of(["staff", "loan-intake"]) is None
    assert tour_of([]) is None


@pytest.mark.parametrize(("who", "role"), WHO.items())
def test_each_part_has_its_tour_and_every_stop_is_somewhere(house: House, who: str, role: str) -> None:
    assert who in dict(PARTS)
    answer = house.get("/v1/tour", who).json()
    assert answer["role"] == role
    assert len(answer["stops"]) == EACH
    for stop in answer["stops"]:
        assert stop["route"].startswith("/")
        assert "{" not in stop["route"]
        assert stop["done"] is (False if stop["recognised_by"] == "ledger" else None)
        _, _, found = stop["route"].rpartition("/")
        if found.startswith("pi_") and stop["route"].startswith("/tasks/") and stop["id"] != "not-yours":
            mine = house.get("/v1/tasks?mine=1&limit=200", who).json()["items"]
            assert found in {task["id"] for task in mine}


def test_a_stop_is_done_when_its_person_did_it_and_nobody_else(house: House) -> None:
    before = stops(house, "credit-officer-1")
    task = before["claim"]["route"].rpartition("/")[2]
    assert house.post(f"/v1/tasks/{task}/claim", "credit-officer-3", json={}).status_code == 200
    assert stops(house, "credit-officer-1")["claim"]["done"] is False
    assert house.post(f"/v1/tasks/{task}/release", "credit-officer-3", json={}).status_code == 200
    assert house.post(f"/v1/tasks/{task}/claim", "credit-officer-1", json={}).status_code == 200
    after = stops(house, "credit-officer-1")
    assert (after["claim"]["done"], after["give-back"]["done"], after["sign"]["done"]) == (True, False, False)


def test_trying_what_is_not_yours_is_refused_and_seen(house: House) -> None:
    foreign = stops(house, "credit-officer-1")["not-yours"]["route"].rpartition("/")[2]
    assert house.post(f"/v1/tasks/{foreign}/claim", "credit-officer-1", json={}).status_code == 403
    assert stops(house, "credit-officer-1")["not-yours"]["done"] is True


def test_a_stop_of_several_is_done_after_the_last(house: House) -> None:
    told = []
    for one in house.get("/v1/incidents?state=open", "incident-handler").json()["items"][:3]:
        body = {"how": "retry", "reason": "letters are sent again"}
        assert house.post(f"/v1/incidents/{one['id']}/resolution", "incident-handler", json=body).status_code == 200
        found = stops(house, "incident-handler")
        told.append((found["retry"]["done"], found["all"]["done"]))
    assert told == [(True, False), (True, False), (True, True)]


def test_who_has_no_tour_is_told_so(house: House) -> None:
    assert house.get("/v1/tour", "change-reviewer").json() == {"role": None, "stops": []}
    key = house.key("svc:document-archive", "archive-worker", domain="finance")
    assert house.get("/v1/tour", key).json() == {"role": None, "stops": []}


def test_without_a_credential_there_is_no_tour(house: House) -> None:
    house.refused(house.get("/v1/tour"), 401, "NO_CREDENTIAL")


def test_an_organisation_that_is_no_demo_has_none(founded: Settings, tmp_path: Path) -> None:
    with running(copied(founded, tmp_path / "data")) as house:
        answer = house.get("/v1/tour", "process-owner")
        house.refused(answer, 404, "NOT_FOUND")
