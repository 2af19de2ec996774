"""A log is verified a stretch at a time: where the stretches meet, nothing is missed and nothing told otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import ledger.verify.log
from ledger.canonical import encode
from ledger.verify.canonical import decode
from ledger.verify.report import Fault, Report
from tests.conftest import SetClock
from tests.ledger.tampering import Copy, Listed, chained, listed, write_log
from tests.ledger.test_verify_flips import replace_end, with_entry
from tests.migrated import migrated_sqlite


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Listed, str]:
    folder = tmp_path_factory.mktemp("stretches")
    database = migrated_sqlite(folder / "ledger.sqlite")
    copy = Copy(database, write_log(database, folder / "keys", SetClock()))
    return listed(copy), copy.signer.vkey


@pytest.fixture(params=[1, 2, 4, 8, 16])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Entries in a stretch; the tests' own log has two dozen."""
    monkeypatch.setattr(ledger.verify.log, "STRETCH", request.param)
    return request.param


def whole(source: Listed, vkey: str) -> Report:
    """The same log as one stretch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger.verify.log, "STRETCH", 4_096)
        return source.verify(vkey)


def test_a_sound_log_is_sound_in_stretches_of_any_length(log: tuple[Listed, str], length: int) -> None:
    source, vkey = log
    report = source.verify(vkey)
    assert report.is_sound
    assert report == whole(source, vkey)


def attacks(source: Listed) -> Iterator[Listed]:
    """Every entry dropped, doubled, put into another's place, and with each member changed that ties it to others."""
    for row in source.rows:
        kept = [one for one in source.rows if one.idx != row.idx]
        yield replace(source if row.idx < len(kept) else replace_end(source, len(kept)), rows=kept)
        yield replace(source, rows=[*source.rows[: row.idx], row, *source.rows[row.idx :]])
        yield with_entry(source, source.rows[(row.idx + 5) % len(source.rows)]._replace(idx=row.idx))
        yield with_entry(source, row._replace(previous=None if row.previous is not None else 0))
        value = decode(row.data)
        for member, other in (
            ("prev", "B" + "A" * 42),
            ("recorded_at", "2020-01-01T00:00:00.000000Z"),
            ("subject_index", value["subject_index"] + 1),
            ("part", [2, 3]),
        ):
            yield with_entry(source, row._replace(data=encode({**value, member: other})))


def test_every_attack_is_told_alike_wherever_stretches_meet(log: tuple[Listed, str], length: int) -> None:
    source, vkey = log
    for attacked in attacks(source):
        finding, expected = attacked.verify(vkey).finding, whole(attacked, vkey).finding
        assert finding is not None
        assert expected is not None
        assert (finding.fault, finding.index, finding.place) == (expected.fault, expected.index, expected.place)


def test_a_subject_that_begins_again_is_told_where(log: tuple[Listed, str], length: int) -> None:
    """With one entry or with several, in the stretch where it began or in another."""
    source, vkey = log
    subjects = [decode(row.data)["subject"] for row in source.rows]
    told = 0
    for index, subject in enumerate(subjects[:-1]):  # the head stands for the last one as it was
        if subject not in subjects[:index]:
            continue
        values = [decode(row.data) for row in source.rows]
        before = values[index]["subject_index"]
        for value in values[index:]:
            if value["subject"] == subject:
                value["subject_index"] -= before
        rows, _ = chained(values)
        rows[index] = rows[index]._replace(previous=None)
        attacked = replace(source, rows=rows)
        finding = attacked.verify(vkey).finding
        assert finding is not None
        assert (finding.check, finding.fault, finding.index) == (2, Fault.INSERTED, index)
        assert (finding.expected, finding.found) == (f"subject index {before}", "subject index 0")
        assert finding == whole(attacked, vkey).finding
        told += 1
    assert told > 5


@pytest.mark.parametrize("end", ["00000aZ", "000000", "0000000Z", "000000ZZ", "000000+00:00", "00000\u0663Z", "", "Z"])
def test_a_time_in_the_second_of_the_one_before_is_read_to_its_end(log: tuple[Listed, str], end: str) -> None:
    source, vkey = log
    values = [decode(row.data) for row in source.rows]
    values[9]["recorded_at"] = values[8]["recorded_at"][: -len("000000Z")] + end
    rows, _ = chained(values)
    finding = replace(source, rows=rows).verify(vkey).finding
    assert finding is not None
    assert (finding.check, finding.fault, finding.index) == (1, Fault.ALTERED, 9)
