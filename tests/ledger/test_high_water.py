"""Nothing is appended to a log that is less than what is known of it: seen by this process, or marked elsewhere."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.canonical import b64url
from ledger.commands import OpenLog
from ledger.database import Database, PostgresqlDatabase
from ledger.errors import BrokenInput
from ledger.high_water import HighWater, format_mark, high_water, lost_by, parse_mark
from ledger.marks import first_key_of
from ledger.tree import CompactRange
from ledger.verification import read_kept
from ledger.verify.report import Fault
from ledger.work import Answer
from ledger.writer import Desk
from tests.ledger.marked import ORIGIN, Log, refused
from tests.ledger.toy import open_workings
from tests.migrated import migrated_sqlite


@pytest.fixture
def log(database: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Log]:
    server = request.getfixturevalue("postgresql") if isinstance(database, PostgresqlDatabase) else None
    made = Log(database, tmp_path, server)
    yield made
    made.disconnect()


def test_a_log_at_rest_is_marked_and_the_mark_goes_on(log: Log) -> None:
    log.written(3)
    mark = log.mark
    assert mark is not None
    assert (mark.size, mark.root, mark.chain) == (4, high_water(log.head).root, log.head.chain_hash)
    log.written(1)
    assert log.mark == high_water(log.head)


def test_an_older_copy_in_the_place_of_a_running_log_stops_appends(log: Log) -> None:
    desk = log.desk()
    log.bump(desk, 2)
    backup = log.backup()
    log.bump(desk, 3)
    log.put_in_place(backup)
    result = log.bump(desk)
    assert refused(result, "LOG_ROLLED_BACK")
    assert "saw 6 entries and finds 3" in str(result)
    assert "muniment restore" in str(result)
    assert log.head.size == 3


def test_an_older_copy_found_at_the_start_stops_appends_before_anything_is_written(log: Log) -> None:
    log.written(2)
    backup = log.backup()
    log.written(3)
    log.put_in_place(backup)
    desk = log.desk()
    result = log.bump(desk)
    assert refused(result, "LOG_ROLLED_BACK")
    assert "is of 6 entries, and it has 3 entries" in str(result)
    assert refused(log.bump(desk), "LOG_ROLLED_BACK"), "and again"
    desk.close()
    assert log.head.size == 3
    mark = log.mark
    assert mark is not None
    assert mark.size == 6, "and the mark stays"


def test_the_newer_copy_put_back_goes_on(log: Log) -> None:
    log.written(2)
    backup = log.backup()
    log.written(3)
    newer = log.backup()
    log.put_in_place(backup)
    desk = log.desk()
    assert refused(log.bump(desk), "LOG_ROLLED_BACK")
    log.put_in_place(newer)
    assert isinstance(log.bump(desk), Answer)
    assert log.head.size == 7


@pytest.mark.parametrize("more", [3, 5], ids=["as large", "larger"])
def test_a_second_history_stops_appends(log: Log, more: int) -> None:
    log.written(2)
    backup = log.backup()
    log.written(3)
    log.put_in_place(backup)
    other = log.elsewhere()
    log.bump(other, more)
    other.close()
    assert refused(log.bump(log.desk()), "LOG_FORKED")
    assert log.head.size == 3 + more
    report = log.verify()
    assert report.finding is not None
    assert (report.finding.fault, report.finding.check) == (Fault.FORKED, 6)


def test_a_second_history_as_large_under_a_running_process(log: Log) -> None:
    desk = log.desk()
    log.bump(desk, 2)
    backup = log.backup()
    log.bump(desk, 2)
    log.put_in_place(backup)
    log.bump(log.elsewhere(), 2)
    assert refused(log.bump(desk), "LOG_FORKED")


def test_another_process_may_be_ahead(log: Log) -> None:
    one, other = log.desk(), log.desk()
    for desk in (one, other, other, one):
        assert isinstance(log.bump(desk), Answer)
    assert log.head.size == 5


def test_an_empty_log_where_there_was_one(log: Log, tmp_path: Path) -> None:
    log.written(2)
    empty = migrated_sqlite(tmp_path / "empty.sqlite")
    workings = open_workings(empty, tmp_path / "other-keys", log.clock)
    desk = Desk(replace(workings, marks=log.marks), empty.connect)
    assert refused(log.bump(desk), "LOG_ROLLED_BACK")
    key = workings.log.secrets.signer
    assert isinstance(log.send(desk, OpenLog("acme", ((key.key_id, key.vkey, "commit"),))), Answer), "founded anew"
    assert isinstance(log.bump(desk), Answer)
    desk.close()
    mark = log.mark
    assert mark is not None
    assert mark.size == 3, "the other log's mark is its own"


def test_without_a_mark_writing_goes_on_and_says_so(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.written(2)
    backup = log.backup()
    log.written(1)
    log.marks.path(log.identity).unlink()
    log.put_in_place(backup)
    assert isinstance(log.bump(log.desk()), Answer)
    assert "no high-water mark of log acme" in caplog.text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda _: "",
        lambda _: "not a mark",
        lambda _: "[]",
        lambda _: '{"checkpoint": 7, "tree": [], "chain": ""}',
        lambda text: text.replace("ledger.example.com/acme", "ledger.example.com/globex"),
        lambda text: text.replace('"tree": [\n  "', '"tree": [\n  "A'),
        lambda text: json.dumps({**json.loads(text), "tree": json.loads(text)["tree"][:-1]}),
        lambda text: json.dumps({**json.loads(text), "tree": [b64url(bytes(31))] * 2}),
        lambda text: text + " " * 100_000,
        lambda _: "[" * 50_000,
        lambda _: "\x00\ud800",
    ],
)
def test_a_mark_that_is_none_stops_appends_and_no_verification(log: Log, spoil: Callable[[str], str]) -> None:
    log.written(2)
    path = log.marks.path(log.identity)
    path.write_bytes(spoil(path.read_text()).encode(errors="surrogatepass"))
    result = log.bump(log.desk())
    assert refused(result, "MARK_UNREADABLE")
    assert str(path) in str(result)
    assert log.head.size == 3
    report = log.verify()
    assert report.is_sound
    assert not report.anchors
    assert any("mark was not used" in note for note in report.notes)


def test_a_folder_that_takes_no_mark_is_said_aloud(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.written(1)
    (log.marks.folder / ".lock").unlink()
    (log.marks.folder / ".lock").mkdir()
    desk = log.desk()
    for _ in range(3):
        assert isinstance(log.bump(desk), Answer)
        desk.rest()
    assert caplog.text.count("the high-water mark cannot be kept") == 1


def test_a_mark_never_goes_down_by_itself(log: Log) -> None:
    log.written(1)
    early = high_water(log.head)
    log.written(2)
    log.marks.keep(log.identity, early)
    mark = log.mark
    assert mark is not None
    assert mark.size == 4


def test_verification_says_whether_rollback_is_detectable(log: Log) -> None:
    log.written(2)
    backup = log.backup()
    log.written(2)
    report = log.verify()
    assert report.is_sound
    assert report.anchors == ("the high-water mark",)
    assert report.checks[5].status.value == "passed"
    assert "strength: operator only; rollback is detectable against the high-water mark" in report.words()
    log.put_in_place(backup)
    found = log.verify().finding
    assert found is not None
    assert (found.fault, found.check, found.declared_by) == (Fault.ROLLED_BACK, 6, None)
    log.marks.path(log.identity).unlink()
    report = log.verify()
    assert report.is_sound
    assert "strength: operator only; rollback is not detectable" in report.words()
    assert report.as_json()["rollback_detectable"] is False


def test_a_mark_signed_by_nobody_is_not_used(log: Log) -> None:
    log.written(2)
    path = log.marks.path(log.identity)
    value = json.loads(path.read_text())
    text, line = value["checkpoint"].split("\n\n")
    value["checkpoint"] = f"{text}\n\n{line[:-9]}AAAAAAA=\n"
    path.write_text(json.dumps(value))
    report = log.verify()
    assert report.is_sound
    assert not report.anchors
    assert "was not used" in report.notes[-1]


@pytest.mark.parametrize("size", range(1, 20))
def test_a_mark_is_continued_by_its_own_log_alone(size: int) -> None:
    leaves = [bytes([n + 1]) * 32 for n in range(24)]
    others = [*leaves[: size - 1], bytes(32), *leaves[size:]]

    def at(of: list[bytes], upto: int) -> HighWater:
        from ledger.chain import GENESIS, chain_hash

        chain = GENESIS
        for leaf in of[:upto]:
            chain = chain_hash(chain, leaf)
        return HighWater("", CompactRange().extend(of[:upto]), chain)

    for end in range(1, 24):
        lost = lost_by(at(leaves, end), at(leaves, size), lambda a, b: leaves[a:b])
        assert (lost is None) == (end >= size)
        assert lost_by(at(others, end), at(leaves, size), lambda a, b: others[a:b]) is not None


def test_a_mark_reads_back(log: Log) -> None:
    log.written(2)
    mark = high_water(log.head)
    assert parse_mark(format_mark(mark), ORIGIN) == mark
    assert read_kept(format_mark(mark)).frontier == mark.tree, "verify --since reads it"
    with pytest.raises(BrokenInput, match=r"a mark of ledger\.example\.com/other"):
        parse_mark(format_mark(mark), "ledger.example.com/other")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"payload":{"keys":[{"key_id":"../../x"}]}}', b"\xff"])
def test_no_first_key(data: bytes) -> None:
    assert first_key_of(data) == "none"
