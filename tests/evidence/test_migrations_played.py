"""Random plays in which instances go on under another version, read as a verifier reads them: nothing that the engine
does is found wrong, and what it must not do is.
"""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from governance.questions.facts import Record, Records
from governance.questions.migrated import CHANGE_RELEASED, faults
from governance.questions.registers import blueprint, started
from governance.questions.sequence import walked
from ledger.canonical import encode
from orchestrator import entry_parts, migrating
from tests.orchestrator.nested_migrating import MigratingPlay
from tests.orchestrator.nested_playing import Seed
from versioning.blueprint import BlueprintVersion
from versioning.kinds.blueprint import blueprint_value

QUICK = 15
LONG = 315


def released(version: BlueprintVersion) -> dict[str, Any]:
    about = {"kind": "blueprint", "name": version.blueprint.id, "version": version.number, "digest": version.digest}
    payload = {**about, "value": orjson.loads(encode(blueprint_value(version.blueprint)))}
    return {"kind": CHANGE_RELEASED, "subject": f"cr_{version.digest}", "payload": payload}


def recorded(play: MigratingPlay) -> Records:
    """The releases of both versions of each blueprint, and every entry of the play."""
    values = [released(version) for version in play.house.by_digests.values()]
    for entry in play.log.entries:
        said = {"actor": dict(entry.actor), "basis": dict(entry.basis), "recorded_at": entry.recorded_at}
        payload = orjson.loads(encode(dict(entry.payload)))
        values.append({"kind": entry.kind, "subject": entry.subject, "payload": payload, **said})
    return Records(Record(index, "", value) for index, value in enumerate(values))


def judged(numbers: range) -> Iterator[tuple[int, list[str]]]:
    """(how often it was migrated, what is wrong) of each instance of these plays."""
    for number in numbers:
        play = MigratingPlay(Seed(number))
        play.play()
        records = recorded(play)
        for subject in records.subjects:
            begun = started(records, subject)
            if begun is None:
                continue
            version = blueprint(records, str(begun[1]["version"]))
            assert version is not None
            told = faults(records, subject)
            found = (*told.found, *walked(records, subject, version))
            yield told.times, [f"play {number}, {subject}, entry {one.record.index}: {one.text}" for one in found]


def migrated(numbers: range) -> int:
    """How many migrations there were in these plays, none of which is found wrong."""
    told = list(judged(numbers))
    assert [text for _, texts in told for text in texts] == []
    return sum(times for times, _ in told)


def test_what_the_engine_lets_go_on_is_right_by_its_entries() -> None:
    assert migrated(range(QUICK)) > QUICK


@pytest.mark.long
def test_of_hundreds_of_plays_none_is_found_wrong() -> None:
    assert migrated(range(QUICK, LONG)) > LONG


def test_what_one_entry_cannot_hold_goes_on_under_the_other_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_parts, "FEW", 1)
    monkeypatch.setattr(entry_parts, "WHOLE_BYTES_MAX", 200)
    monkeypatch.setattr(entry_parts, "PART_BYTES_MAX", 150)
    assert migrated(range(QUICK)) > QUICK


def test_a_step_that_is_another_and_was_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "_goes_on", lambda *_: True)
    found = [text for _, texts in judged(range(QUICK)) for text in texts]
    assert found
    assert all("is another step in the version that the instance goes on under" in text for text in found)
