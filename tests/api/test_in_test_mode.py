"""Test mode at the door: an instance that says so reaches nobody, is told as such in every list and counted apart."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.running import Connectors, make_runner
from api.settings import Settings
from tests.api.described import differences
from tests.api.organisation import House, copied, running
from tests.api.work import decide, start, task_of

READER = "auditor"


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
