"""Tasks found by what their list shows in clear, by their process and their urgency, on both databases, in pages."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.settings import Settings
from tests.api.organisation import House, running
from tests.api.releasing import LIST, SPENDING, release
from tests.api.work import intake

WHO, CLERK = "budget-owner-1", "accounts-payable-clerk"
TRIPS = SPENDING.replace("spending\ntitle: Spending", "trips\ntitle: Dienstreisen über Land", 1).replace(
    "    decide: [approve", "    title: Änderung 100% prüfen\n    decide: [approve", 1
)
KEYS = ("LN-2026_1", "ln-2026-2", 'Q"1', "100% sure", "Ölmühle", "back\\slash")


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        release(house, "reason-code-list", LIST)
        for source in (SPENDING, TRIPS):
            release(house, "blueprint", source)
        for key in KEYS:
            begin(house, "spending", key)
        begin(house, "trips", "T-1")
        yield house


def begin(house: House, blueprint: str, key: str) -> None:
    data = {"number": key, "amount": {"amount": "500.00", "currency": "GBP"}}
    body = {"blueprint": blueprint, "business_key": key, "data": data, "domain": "finance"}
    started = house.post("/v1/process-instances", intake(house), body)
    assert started.status_code == 200, started.text


def listed(house: House, who: str = WHO, limit: int = 200, **asked: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        asking = {"list": "team", **asked, "limit": limit, **cursor}
        answer = house.get("/v1/tasks", who, params=asking)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["cursor"] is None:
            return found
        cursor = {"cursor": answer.json()["cursor"]}


def keys(found: list[dict[str, Any]]) -> list[str]:
    return [one["business_key"] for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LN-2026", ["LN-2026_1", "ln-2026-2"]),
        ("2026_", ["LN-2026_1"]),  # no wildcard
        ("0%", ["100% sure", "T-1"]),  # a key, and the title of a task
        ('q"', ['Q"1']),
        ('"', ['Q"1']),  # never what stands around a key in its row
        ("Ölm", ["Ölmühle"]),
        ("k\\s", ["back\\slash"]),
        ("ÄNDERUNG", ["T-1"]),
        ("dienstREISEN ÜBER", ["T-1"]),
        ("  lanD ", ["T-1"]),
        ("trips", []),  # the name of a blueprint is not shown
        ("!", []),
    ],
)
def test_it_is_found_by_what_the_list_shows_in_clear(house: House, text: str, expected: list[str]) -> None:
    assert keys(listed(house, text=text)) == expected


def test_filters_narrow_each_other_in_pages_and_never_widen_whose_tasks_they_are(house: House) -> None:
    everything = listed(house)
    assert len(everything) == len(KEYS) + 1
    for sort in ("due", "id", "urgency"):
        assert listed(house, limit=1, text="spending", sort=sort) == listed(house, text="spending", sort=sort)
    assert len(listed(house, text="spending")) == len(KEYS)
    assert keys(listed(house, blueprint="trips")) == ["T-1"]
    assert listed(house, blueprint="trips", text="LN-") == []
    assert listed(house, list="mine", text="LN-") == []
    assert listed(house, who=CLERK, text="LN-") == []
    assert listed(house, text="approve") == []  # to whom it is offered is no title


def test_what_is_counted_is_all_that_waits(house: House) -> None:
    told = house.get("/v1/tasks?list=team&counts=1&text=T-1", WHO).json()
    assert (len(told["items"]), told["counts"]["team"]) == (1, len(KEYS) + 1)


def test_only_what_is_as_urgent_is_asked_for(house: House) -> None:
    assert len(listed(house, urgency_from="0")) == len(KEYS) + 1
    assert listed(house, urgency_from="1") == []
    house.refused(house.get("/v1/tasks?urgency_from=much", WHO), 400, "MALFORMED")
    house.refused(house.get(f"/v1/tasks?text={'x' * 201}", WHO), 400, "MALFORMED")


def test_what_somebody_holds_and_has_done_is_found_by_its_title_too(house: House) -> None:
    (task,) = listed(house, text="dienstreisen")
    assert house.post(f"/v1/tasks/{task['id']}/claim", WHO, {}).status_code == 200
    for text, found in (("dienstreisen", ["T-1"]), ("t-1", ["T-1"]), ("spending", [])):
        assert keys(listed(house, list="mine", text=text)) == found
    shown = house.get(f"/v1/tasks/{task['id']}", WHO).json()["shown_digest"]
    said = {"outcome": "approve", "shown_digest": shown, "reason": "as agreed", "reason_code": "needed"}
    decided = house.post(f"/v1/tasks/{task['id']}/completion", WHO, said)
    assert decided.status_code == 200, decided.text
    for text, found in (("dienstreisen", ["T-1"]), ("t-1", ["T-1"]), ("spending", [])):
        assert keys(listed(house, list="done", text=text)) == found
