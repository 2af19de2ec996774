"""Test mode at the door: an instance that says so reaches nobody, is told as such in every list and counted apart."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.running import Connectors, make_runner
from api.settings import Settings
from tests.api.described import differences
from tests.api.organisation import House, copied, running
from tests.api.test_leases import make_calls
from tests.api.test_notification_causes import group_work
from tests.api.test_notifications import notifier_of, rounds, told
from tests.api.work import decide, start, task_of

READER, CLERK = "auditor", "accounts-payable-clerk"


class Outside:
    """Reaches somebody, which is what must not be."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def call(self, connector: Any, operation: str, arguments: Any, key: str) -> Any:
        self.keys.append(key)
        raise AssertionError("somebody was called")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(copied(founded, tmp_path_factory.mktemp("tested") / "data")) as house:
        yield house


def listed(house: House, path: str, who: str = READER) -> list[dict[str, Any]]:
    answer = house.get(path, who)
    assert answer.status_code == 200, answer.text
    assert differences("GET", path.partition("?")[0], answer.json()) == []
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_it_is_told_counted_apart_and_reaches_nobody(house: House) -> None:
    tested, real = start(house, test=True), start(house)
    for query, expected in (("", [real]), ("?test=only", [tested]), ("?test=with", [real, tested])):
        found = listed(house, f"/v1/process-instances{query}")
        assert [one["id"] for one in found] == expected, query
        assert [one["test"] for one in found] == [one["id"] == tested for one in found]
    assert house.get(f"/v1/process-instances/{tested}", READER).json()["test"] is True
    tasks = {one["instance"]: one["test"] for one in listed(house, "/v1/tasks")}
    assert tasks == {tested: True, real: False}
    assert [one["instance"] for one in listed(house, "/v1/tasks?test=without")] == [real]
    house.refused(house.get("/v1/tasks?test=perhaps", READER), 400, "MALFORMED")

    figures = house.get("/v1/overview", READER).json()
    assert differences("GET", "/v1/overview", figures) == []
    assert (figures["active"], figures["test"]["active"], figures["test"]["started"]) == (1, 1, 1)
    assert [one["id"] for one in listed(house, figures["test"]["href"])] == [tested]
    for one in figures["waiting"]["tasks"]:
        assert [task["instance"] for task in listed(house, one["href"])] == [real]

    decide(house, task_of(house, tested))
    outside = Outside()
    connectors = Connectors(house.service.reader, house.service.rooms.versions, outside, house.clock)
    runner = make_runner(house.service.writer._writer.submit, house.service.reader, connectors, house.clock)
    assert runner.make_calls() == 1
    assert outside.keys == []
    kinds = [one["kind"] for one in house.get(f"/v1/process-instances/{tested}/history", READER).json()["items"]]
    assert "call.started" in kinds
    assert house.get("/v1/decisions", READER).json()["items"] == []


def test_its_incidents_are_in_no_list_unless_they_are_asked_for(house: House) -> None:
    held = {}
    for mode in (True, False):
        held[mode] = start(house, test=mode)
        decide(house, task_of(house, held[mode]))
        make_calls(house, fails="finance.post_invoice")

    def instances(query: str) -> set[str]:
        found = listed(house, f"/v1/incidents{query}", CLERK)
        assert [one["test"] for one in found] == [one["instance"] == held[True] for one in found]
        return {str(one["instance"]) for one in found}

    assert instances("") == instances("?test=without") == {held[False]}
    assert instances("?test=only") == instances(f"?instance={held[True]}") == {held[True]}
    assert instances("?test=with") == {held[True], held[False]}
    for query, count in (("", 1), ("?test=only", 1), ("?test=with", 2)):
        causes = listed(house, f"/v1/incidents/causes{query}", CLERK)
        assert sum(one["count"] for one in causes) == count, query
    figures = house.get("/v1/overview", READER).json()
    assert sum(one["count"] for one in figures["incidents"]) == 1
    house.refused(house.get("/v1/incidents?test=perhaps", CLERK), 400, "MALFORMED")
    # An act on all that a filter finds does not reach what is tried either.
    body = {"act": "resolve", "blueprint": "invoice-approval", "how": "retry"}
    started = house.post("/v1/process-instances/bulk", CLERK, body)
    assert (started.status_code, started.json()["total"]) == (200, 1)


def test_nobody_is_told_of_it_by_their_role_but_who_takes_part_or_follows_it(house: House) -> None:
    rounds(notifier_of(house))
    group_work(house, CLERK, "budget-owner-2")
    tested = start(house, test=True)
    followed = house.call("PUT", f"/v1/process-instances/{tested}/watch", "finance-director")
    assert followed.status_code == 200, followed.text
    decide(house, task_of(house, tested))
    make_calls(house, fails="finance.post_invoice")
    rounds(notifier_of(house))
    about = {who: kinds_about(house, who, tested) for who in (CLERK, "budget-owner-2", "finance-director")}
    assert about[CLERK] == about["budget-owner-2"] == set()
    assert about["finance-director"] == {"watched"}
    real = start(house)
    rounds(notifier_of(house))
    assert kinds_about(house, "budget-owner-2", real) == {"offered"}


def kinds_about(house: House, who: str, instance: str) -> set[str]:
    return {one["kind"] for one in told(house, who) if one["instance"] == instance}
