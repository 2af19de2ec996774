"""What the screens of assurance ask: who holds which role then, what ids are called, packs on record, who has seen the
log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from tests.api.organisation import House, copied, running
from tests.api.test_console_reads import everything
from tests.api.witnessed import Scene, witnessed
from tests.api.work import intake, start

AUDITOR, AUTHOR = "auditor", "process-owner"


@pytest.fixture(scope="module")
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(copied(founded, tmp_path_factory.mktemp("assurance") / "data")) as house:
        intake(house)
        yield house


@pytest.fixture(scope="module")
def scene(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("seen")
    with witnessed(copied(founded, folder / "data"), folder, "hard") as scene:
        yield scene


def test_everybody_is_listed_with_the_roles_of_an_instant(house: House) -> None:
    found = everything(house, "/v1/access/holders?")
    assert [one["called"] for one in found] == sorted(one["called"] for one in found)
    auditor = next(one for one in found if one["called"] == AUDITOR)
    assert [role["role"] for role in auditor["roles"]] == ["auditor"]
    assert any(one["kind"] == "service" and one["roles"] for one in found)
    before = everything(house, "/v1/access/holders?at=1577836800000000&", limit=200)
    assert len(before) == len(found)
    assert all(one["roles"] == [] for one in before)
    house.refused(house.get("/v1/access/holders", AUTHOR), 403, "NO_RULE")


def test_ids_are_told_apart_by_what_they_are_called(house: House) -> None:
    person = house.person(AUDITOR)
    found = house.get(f"/v1/names?ids={person},svc:loan-portal,person:nobody", AUDITOR).json()["items"]
    assert {one["id"]: one["called"] for one in found}[person] == AUDITOR
    assert {one["id"] for one in found} == {person, "svc:loan-portal"}
    assert house.get("/v1/names", AUDITOR).json()["items"] == []
    many = ",".join(f"person:p{number}" for number in range(101))
    house.refused(house.get(f"/v1/names?ids={many}", AUDITOR), 400, "MALFORMED")
    house.refused(house.get(f"/v1/names?ids={person}", "accounts-payable-clerk"), 403, "NO_RULE")


def test_packs_on_record_say_who_for_whom_and_where_they_are(house: House) -> None:
    built = []
    for number in range(3):
        body = {"instances": [start(house)], "purpose": f"inspection {number}", "recipient": "the supervisor"}
        built.append(house.post("/v1/evidence-packs", AUDITOR, body).json())
    found = everything(house, "/v1/evidence-packs?", limit=2)
    assert [one["pack"] for one in found] == [one["pack"] for one in reversed(built)]
    first = found[0]
    assert (first["purpose"], first["recipient"]) == ("inspection 2", "the supervisor")
    assert (first["built_by"], first["digest"]) == (house.person(AUDITOR), built[-1]["digest"])
    assert house.get(first["href"], AUDITOR).content[:2] == b"PK"
    (Path(house.service.packs) / f"{first['pack']}.zip").unlink()
    assert everything(house, "/v1/evidence-packs?")[0]["href"] is None
    house.refused(house.get("/v1/evidence-packs", AUTHOR), 403, "NO_RULE")


def test_keys_say_since_when_to_whoever_reads_the_ledger(house: House) -> None:
    keys = house.get("/v1/keys", AUDITOR).json()["items"]
    assert {key["state"] for key in keys} == {"in force"}
    first = house.get("/v1/ledger/entries/0", AUDITOR).json()["entry"]["recorded_at"]
    assert all(key["changed_at"] > 0 for key in keys)
    assert first.startswith("20")
    house.refused(house.get("/v1/keys", "accounts-payable-clerk"), 403, "NO_RULE")
    alone = house.get("/v1/witnesses", AUDITOR).json()
    assert (alone["mode"], alone["items"], alone["witnessed"]) == ("none", [], None)
    assert alone["checkpoint"].split("\n")[1] == str(alone["size"])


def test_a_witness_is_told_with_what_it_has_seen(scene: Scene) -> None:
    scene.house.token(AUDITOR)
    intake(scene.house)  # its receipt waits for the witness
    told = scene.house.get("/v1/witnesses", AUDITOR).json()
    [witness] = told["items"]
    assert (told["mode"], witness["contradicts"]) == ("hard", False)
    assert 0 < witness["size"] <= told["published"]["size"] <= told["size"]
    assert told["witnessed"]["size"] > 0
    assert witness["vkeys"]


def test_entries_of_a_subject_are_picked_like_all_others(house: House) -> None:
    log = f"log:{house.service.log.name}"
    every = everything(house, f"/v1/ledger/entries?subject={log}&", limit=200)
    kinds = {one["entry"]["kind"] for one in every}
    assert len(kinds) > 1
    for kind in kinds:
        expected = [one["index"] for one in every if one["entry"]["kind"] == kind]
        found = everything(house, f"/v1/ledger/entries?subject={log}&kind={kind}&", limit=1)
        assert [one["index"] for one in found] == expected
    cut = every[0]["entry"]["recorded_at"]
    earlier = everything(house, f"/v1/ledger/entries?subject={log}&to={cut}&", limit=200)
    later = everything(house, f"/v1/ledger/entries?subject={log}&from={cut}&", limit=200)
    assert [one["index"] for one in later + earlier] == [one["index"] for one in every]
    assert later
    assert everything(house, f"/v1/ledger/entries?subject={log}&actor=person:nobody&") == []
