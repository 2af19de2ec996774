"""The scratch rows of a replay behave as the batch's own, and what many subjects need fits in constant memory."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import completeness
from ledger.batch import Batch
from ledger.canonical import b64url
from ledger.commands import OpenLog
from ledger.completeness import CountSubjects
from ledger.errors import Misuse
from ledger.refold import Scratch
from ledger.rows import Table
from ledger.sqlite import SqliteConnection
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.places import Places
from ledger.verify.report import Fault
from ledger.work import Request
from tests.conftest import SetClock
from tests.ledger.tampering import Copy, write_log
from tests.ledger.toy import COUNTER, PERSON, Bump, open_workings
from tests.migrated import migrated_sqlite


class SingleRow(NamedTuple):
    id: str
    value: int | None


SINGLE = Table("single", SingleRow, key=1, register=True)

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("put", "get", "group", "flush", "single")), st.integers(0, 3), st.integers(0, 2), st.integers()
    ),
    max_size=30,
)


@given(STEPS)
def test_scratch_rows_are_a_dictionary_that_may_be_flushed_at_any_time(steps: list[tuple[str, int, int, int]]) -> None:
    connection = SqliteConnection(Path(":memory:"))
    scratch = Scratch(connection, (COUNTER, SINGLE))
    counters: dict[tuple[str, str], Any] = {}
    singles: dict[str, Any] = {}
    for act, one, two, number in steps:
        first, second = f"toy_{one}", f"n{two}"
        value = number % 2**53
        if act == "put":
            counters[first, second] = COUNTER.row(first, second, value)
            scratch.put(COUNTER, counters[first, second])
        elif act == "get":
            assert scratch.get(COUNTER, first, second) == counters.get((first, second))
            assert scratch.get(SINGLE, first) == singles.get(first)
        elif act == "group":
            expected = [row for key, row in sorted(counters.items()) if key[0] == first]
            assert list(scratch.group(COUNTER, first)) == expected
        elif act == "single":
            singles[first] = SingleRow(first, value)
            scratch.put(SINGLE, singles[first])
        else:
            scratch.flush()
    scratch.flush()
    rows = connection.query(1, "SELECT id, name, total FROM toy_counter ORDER BY id, name", ())
    assert rows == [tuple(row) for _, row in sorted(counters.items())]
    connection.close()


def test_a_fold_into_a_table_nobody_compares_is_a_bug() -> None:
    connection = SqliteConnection(Path(":memory:"))
    scratch = Scratch(connection, (COUNTER,))
    with pytest.raises(Misuse, match="single"):
        scratch.put(SINGLE, SingleRow("a", None))
    connection.close()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=60), st.integers(0, 4))
def test_places_are_a_dictionary_that_spills(steps: list[tuple[int, int]], in_memory_max: int) -> None:
    places, expected = Places(in_memory_max), dict[int, tuple[int, int]]()
    for subject, value in steps:
        assert places.get(f"s{subject}") == expected.get(subject)
        known = places.among({f"s{number}": (0, 0) for number in range(10)})
        assert {f"s{number}" for number in expected} <= known
        assert in_memory_max < len(expected) or len(known) == len(expected)
        expected[subject] = (value, value + 1)
        places.update({f"s{subject}": expected[subject]})
    assert {n: places.get(f"s{n}") for n in range(10)} == {n: expected.get(n) for n in range(10)}
    places.close()


def test_entries_written_while_folding_are_no_drift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger import refold
    from ledger.batch import Batch
    from ledger.work import Answer, Request
    from tests.ledger.toy import PERSON, Bump

    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    clock = SetClock()
    copy = Copy(database, write_log(database, tmp_path / "keys", clock))
    original = refold.Refold.fold
    written: list[Answer | Exception] = []

    def fold_then_write(self: refold.Refold, scratch: Scratch, start: int, end: int) -> None:
        original(self, scratch, start, end)
        if not written:
            connection = database.connect()
            written.extend(Batch(copy.workings, connection).run([Request(PERSON, Bump("toy_0"), "late")]))
            connection.close()

    monkeypatch.setattr(refold.Refold, "fold", fold_then_write)
    report = copy.verify()
    assert len(written) == 1
    assert (report.is_sound, report.size) == (True, 24)


def test_a_process_that_is_killed_while_folding_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scratch database has no name while it is used, so whatever ends the process ends it."""
    from ledger import refold

    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    copy = Copy(database, write_log(database, tmp_path / "keys", SetClock()))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    original = refold.Refold.fold
    seen = []

    def fold_and_look(self: refold.Refold, scratch: Scratch, start: int, end: int) -> None:
        original(self, scratch, start, end)
        scratch.flush()
        seen.append(sorted(temporary.rglob("*")))

    monkeypatch.setattr(refold.Refold, "fold", fold_and_look)
    assert copy.verify().is_sound
    assert seen
    assert not any(seen)


@pytest.mark.parametrize("stated", ["root", "size", "subjects"])
def test_a_count_of_subjects_that_lies_is_found(tmp_path: Path, stated: str) -> None:
    """The operator states another count and signs it: the subjects are counted again at each one, and it is named."""
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    workings = open_workings(database, tmp_path / "keys", SetClock())
    workings = replace(
        workings,
        commands={**workings.commands, **completeness.commands()},
        folds={**workings.folds, **completeness.folds()},
    )
    signer = workings.log.secrets.signer
    sent = [OpenLog("acme", ((signer.key_id, signer.vkey, "commit"),)), Bump("toy_1"), Bump("toy_2")]
    counting = [CountSubjects("acme"), Bump("toy_1"), CountSubjects("acme")]
    connection = database.connect()
    for n, command in enumerate((*sent, *counting)):
        Batch(workings, connection).run([Request(PERSON, command, f"c{n}")])
    connection.close()
    copy = Copy(database, workings)
    subject = Subject(database, "acme", workings.log.origin, (COUNTER,), workings.folds)
    report, _ = verify_database(subject, Manner((signer.vkey,)))
    assert report.is_sound, report.words()
    assert "2 counts of subjects worked out again" in report.words()
    values = [orjson.loads(entry.data) for entry in copy.entries()]
    assert values[5]["payload"] == {**values[5]["payload"], "size": 5, "subjects": 3}
    lie: dict[str, Any] = {"root": b64url(bytes(32)), "size": 4, "subjects": 2}
    values[5]["payload"][stated] = lie[stated]
    copy.rewrite(values, signer)
    finding = verify_database(subject, Manner((signer.vkey,)))[0].finding
    assert finding is not None
    assert (finding.check, finding.fault, finding.index) == (2, Fault.ALTERED, 5)
    assert str(lie[stated]) in finding.found
