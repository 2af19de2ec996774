"""A pack asked for twice under one command id is one pack: the same answer, and nothing is built again."""

import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.api.organisation import House
from tests.api.work import start

WHO = "compliance-officer"


@pytest.fixture(scope="module")
def instance(house: House) -> str:
    return start(house)


def ask(house: House, instance: str, key: str, **more: Any) -> Any:
    body = {"instances": [instance], "purpose": "sample", "recipient": "the regulator", **more}
    return house.post("/v1/evidence-packs", WHO, body, headers={"Idempotency-Key": key})


def fetched(house: House, answer: Any) -> bytes:
    got = house.get(answer.json()["href"], WHO)
    assert got.status_code == 200, got.text
    zipfile.ZipFile(io.BytesIO(got.content)).testzip()
    data: bytes = got.content
    return data


def test_the_same_request_is_given_the_same_pack_and_leaves_no_entry(house: House, instance: str) -> None:
    first = ask(house, instance, "pack-a")
    assert first.status_code == 200, first.text
    data, size = fetched(house, first), house.size
    again = ask(house, instance, "pack-a")
    assert (again.status_code, again.json()) == (200, first.json())
    assert house.size == size
    assert fetched(house, again) == data
    assert ask(house, instance, "pack-b").json()["pack"] != first.json()["pack"]


def test_what_is_no_repeat_is_refused(house: House, instance: str) -> None:
    assert ask(house, instance, "pack-c").status_code == 200
    size = house.size
    for more in ({"purpose": "another"}, {"recipient": "another"}, {"questions": ["Q01"]}):
        house.refused(ask(house, instance, "pack-c", **more), 422, "COMMAND_ID_REUSED")
    note = house.get("/log/acme/checkpoint", WHO).text
    house.refused(ask(house, instance, "pack-c", kept=[note]), 422, "COMMAND_ID_REUSED")
    assert house.size == size


def test_both_of_two_at_once_are_given_one_pack(house: House, instance: str) -> None:
    house.token(WHO)
    with ThreadPoolExecutor(2) as hands:
        one, other = hands.map(lambda _: ask(house, instance, "pack-d"), range(2))
    assert one.status_code == other.status_code == 200, one.text + other.text
    assert one.json() == other.json()
    fetched(house, one)
    assert [path.name for path in Path(house.service.packs).glob("*.part")] == []


def test_killed_before_the_file_was_in_its_place_the_repeat_puts_it_there(house: House, instance: str) -> None:
    first = ask(house, instance, "pack-e")
    data, folder = fetched(house, first), Path(house.service.packs)
    pack = first.json()["pack"]
    os.replace(folder / f"{pack}.zip", folder / f"{pack}.part")  # as a kill between entry and move leaves it
    house.refused(house.get(first.json()["href"], WHO), 404, "NOT_FOUND")
    assert ask(house, instance, "pack-e").json() == first.json()
    assert fetched(house, first) == data


def test_a_file_that_is_not_the_pack_on_record_is_not_put_in_its_place(house: House, instance: str) -> None:
    first = ask(house, instance, "pack-f")
    folder, pack = Path(house.service.packs), first.json()["pack"]
    os.replace(folder / f"{pack}.zip", folder / f"{pack}.part")
    (folder / f"{pack}.part").write_bytes(b"something else")
    assert ask(house, instance, "pack-f").json() == first.json()
    house.refused(house.get(first.json()["href"], WHO), 404, "NOT_FOUND")


def test_a_refused_request_leaves_no_file(house: House, instance: str) -> None:
    before = sorted(Path(house.service.packs).iterdir())
    body = {"instances": [instance], "purpose": "sample", "recipient": "me"}
    answer = house.post("/v1/evidence-packs", "budget-owner-1", body, headers={"Idempotency-Key": "pack-g"})
    assert answer.status_code == 403, answer.text
    assert sorted(Path(house.service.packs).iterdir()) == before
