"""Instances that went on under another version, from the service to who examines them: their packs, and the log."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pytest

from api.rederivers import rederivers
from api.settings import Settings
from governance.questions.verdicts import verify_pack
from ledger.canonical import encode
from ledger.note import parse_vkey
from ledger.rederiving import Rederiving, Seen
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Status
from tests.api.organisation import House, copied, running
from tests.api.test_migrating import CLERK, DIRECTOR, begun, complete, preview, put_in_force
from tests.api.test_steering import at, posted

AUDITOR = "auditor"


@pytest.fixture(scope="module")
def house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(copied(founded, tmp_path_factory.mktemp("migrated") / "data")) as house:
        put_in_force(house)
        yield house


def migrated(house: House, instance: str, number: int, to: str = "", who: str = DIRECTOR) -> dict[str, Any]:
    """It is asked to go on under a version, with what is open moved to a step where one is named."""
    moves = [{"activation": one["activation"], "to": to} for one in preview(house, instance, number)["places"] if to]
    body = {"number": number, "moves": moves, "reason": "a new law"}
    said: dict[str, Any] = posted(house, at(instance, "migration"), who, body)
    return said


def ended(house: House, instance: str) -> str:
    """Whatever is open is done, to the end."""
    complete(house, instance)
    complete(house, instance)
    return instance


def kept(house: House) -> str:
    instance = begun(house)
    migrated(house, instance, 2)
    return ended(house, instance)


def moved(house: House) -> str:
    instance = begun(house)
    migrated(house, instance, 3, "read")
    return ended(house, instance)


def confirmed(house: House) -> str:
    """Proposed by the clerk and confirmed by the director, back to the first version."""
    instance = begun(house, 4)
    said = migrated(house, instance, 1, "look", CLERK)
    posted(house, at(instance, f"proposals/{said['proposal']}/confirmation"), DIRECTOR, {"digest": said["digest"]})
    return ended(house, instance)


def twice(house: House) -> str:
    instance = begun(house)
    migrated(house, instance, 3, "read")
    complete(house, instance)
    migrated(house, instance, 2)
    complete(house, instance)
    return instance


STORIES = {"kept": (kept, 1), "moved": (moved, 1), "confirmed": (confirmed, 1), "twice": (twice, 2)}


@pytest.mark.parametrize(("story", "times"), STORIES.values(), ids=STORIES)
def test_its_pack_holds_on_the_desk_of_who_examines_it(house: House, story: Any, times: int) -> None:
    body = {"instances": [story(house)], "purpose": "review", "recipient": "regulator"}
    built = house.post("/v1/evidence-packs", AUDITOR, body)
    assert built.status_code == 200, built.text
    trust = Trust(verify_ed25519, parse_vkey(house.service.log.secrets.signer.vkey))
    verdicts = verify_pack(house.get(built.json()["href"], AUDITOR).content, trust).verdicts
    assert [one.status for one in verdicts] == [Status.PASSED] * 5, verdicts[4].text
    (said,) = [part.text for part in verdicts[4].parts if part.name.endswith(" versions")]
    assert said.startswith(f"{times} times it went on under another version")


class _Source(NamedTuple):
    seen: list[Seen]

    def entries(self, begin: int, end: int) -> list[tuple[int, int | None, bytes, bytes]]:
        return [(one.index, one.previous, b"", encode(one.value)) for one in self.seen[begin:end]]


def test_the_whole_log_is_derived_again_with_the_permits_of_those_who_did_it(house: House) -> None:
    for story, _ in STORIES.values():
        story(house)
    with house.service.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    source: Any = _Source([Seen(row.idx, row.previous, orjson.loads(row.bytes)) for row in rows if row is not None])
    again = Rederiving(source, rederivers())
    assert again.run(len(source.seen)) is None
    times = sum(one.value["kind"] == "instance.migrated" for one in source.seen)
    assert times >= len(STORIES)
    assert f"{times} instances that went on under another version" in again.note
    place = next(one.index for one in source.seen if one.value["kind"] == "instance.migrated")
    told = orjson.loads(encode(source.seen[place].value))
    told["basis"]["permit"]["assignments"] = [9_999]
    source.seen[place] = source.seen[place]._replace(value=told)
    finding = Rederiving(source, rederivers()).run(len(source.seen))
    assert finding is not None
    assert finding.index == place
    assert "to instance migrate" in finding.expected


def test_the_record_says_who_changed_the_version(house: House) -> None:
    instance = confirmed(house)
    text = house.get(f"/v1/process-instances/{instance}/compliance-record", DIRECTOR).text
    assert "let it go on under this version, as " in text
    assert "version 4, then 1" in text
